"""Frozen features (J1): images a second, against the same network run plainly by timm.

Both get the same uint8 images in memory and the same resizing and scaling, so they differ only in
the pass through the network: the plain one is float32 in PyTorch's usual layout, ours is
`extract_features` without its cache, free to choose bfloat16. ResNet-18 has random weights: good
for its time. A row is void where a linear classifier on the two sets of features, over five folds,
differs by more than two standard errors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from common import (
    agree,
    arguments,
    as_a_laptop,
    ceilings,
    flops,
    in_turns,
    machine,
    matrix_units,
    ratio,
    roofline,
    save,
    spread,
    tell,
    timed,
    warn_if_busy,
)

# isort: split
import timm
import torch
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

import tlteach as tlt

BATCH = 64
WITH_AMX, WITHOUT = 1.7, 1.1  # goals for Lite0


class Job(NamedTuple):
    """One network at one size."""

    backbone: str
    plain: str  # timm's name of it
    size: int
    images: int
    repeats: int


JOBS = (
    Job("lite0", "tf_efficientnet_lite0", 96, 500, 3),
    Job("lite0", "tf_efficientnet_lite0", 224, 150, 3),
    Job("resnet18-random", "resnet18", 96, 300, 3),
)


def plainly(net: tlt.Backbone, name: str) -> Callable[[Tensor], Tensor]:
    """Return timm's own network with the weights of `net`, as its manual runs it."""
    model = timm.create_model(name, pretrained=False, num_classes=0).eval()
    tensors = zip(model.state_dict(), net.net.state_dict().values(), strict=True)
    model.load_state_dict(dict(tensors))  # torchvision's ResNet-18 has timm's order

    def extract(images: Tensor) -> Tensor:
        with torch.inference_mode():
            return torch.cat([model(net.preprocessing(batch)) for batch in images.split(BATCH)])

    return extract


def accuracies(features: Tensor, labels: Tensor) -> list[float]:
    """Return one accuracy for each fold; the penalty suits about a thousand features."""
    model = make_pipeline(StandardScaler(), RidgeClassifier(1_000))
    return cross_val_score(model, features.numpy(), labels.numpy(), cv=KFold(5)).tolist()


def compared(job: Job, task: tlt.Task, most: dict[str, float]) -> tuple[str, dict[str, Any]]:
    """Return a row's name and the row."""
    name = f"features, {job.backbone} at {job.size} px, plain timm"
    net = tlt.load_backbone(job.backbone, size=job.size)
    plain, images = plainly(net, job.plain), task.train.images[: job.images]
    rivals = {
        "ours": lambda: tlt.extract_features(net, images, cached=False),
        "plain": lambda: plain(images),
    }
    found: dict[str, Tensor] = {}
    cold = {
        rival: round(timed(lambda rival=rival, run=run: found.update({rival: run()})), 3)
        for rival, run in rivals.items()
    }
    times = in_turns(rivals, dict.fromkeys(rivals, job.repeats), warm=False)
    labels = task.train.labels[: job.images]
    gate = agree(*(accuracies(found[rival], labels) for rival in rivals))
    goal = 1.0
    if job.backbone == "lite0":
        goal = WITH_AMX if "amx_bf16" in matrix_units() else WITHOUT
    row = tell(name, ratio(times["plain"], times["ours"]), goal, valid=gate["agree"])
    row |= {"images": len(images), "accuracy": gate, "first_call_seconds": cold}
    work = flops(lambda: plain(images[:1])) * len(images)
    for rival, seconds in times.items():
        took = spread(seconds)
        row[rival] = {"seconds": took, "images_a_second": round(len(images) / took["median"], 1)}
        row[rival]["roofline"] = roofline(f"  {rival}", work, took["median"], most)
    return name, row


def measured(*, quick: bool) -> dict[str, Any]:
    """Return machine, ceilings and rows."""
    here = machine()
    most = ceilings()
    task = tlt.load_task("emoji")
    jobs = [job._replace(size=64, images=60, repeats=1) for job in JOBS[::2]] if quick else JOBS
    return {
        "machine": here,
        "ceilings": most,
        "rows": dict(compared(job, task, most) for job in jobs),
    }


def main() -> None:
    options = arguments("frozen features against plain timm")
    warn_if_busy(machine())
    found = measured(quick=options.quick)
    found["laptop"] = as_a_laptop("extract", quick=options.quick)
    save("extract", found.pop("machine"), found, options.out)


if __name__ == "__main__":
    main()
