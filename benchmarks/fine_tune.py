"""Fine-tuning all of Lite0 (J4), against the tuned loop P1 and other people's trainers.

504 drawings of 12 kinds at 64 px, batches of 32, equal epochs, one processor. The clock runs from
uint8 images in memory to a trained model; its accuracy on 500 test images is taken after. A seed
draws images, head, order and augmentation. Ours has its defaults but the batch, its moving of
images by up to an eighth included; the peers (peers.py) have their own recipes without any
augmentation. A row is void where ours is less accurate by more than two standard errors: speed
must not be bought with accuracy. `--epochs 20` is the whole of J4.
"""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from common import (
    agree,
    arguments,
    as_a_laptop,
    ceilings,
    machine,
    ratio,
    roofline,
    save,
    seed_by_seed,
    spread,
    tell,
    training_flops,
    warn_if_busy,
)

# isort: split
import torch
import torch.nn.functional as F
from peers import Loop, present
from torch import Tensor, nn
from torchvision import transforms
from tutorial import STORED, tuned

import tlteach as tlt
from tlteach.base import generator
from tlteach.models import Preprocessing

SHOTS, TESTS, SIZE, BATCH = 42, 500, 64, 32
Work = Callable[[int], Callable[[], float]]


def drawings(seeds: int, *, shots: int = SHOTS, tests: int = TESTS) -> list[tlt.Task]:
    """Return one task for each seed: so many training images a class, none held back."""
    emoji = tlt.load_task("emoji")
    return [all_labelled(emoji, shots, tests, seed) for seed in range(seeds)]


def all_labelled(task: tlt.Task, shots: int, tests: int, seed: int) -> tlt.Task:
    """Return a task with so many labels a class, none held back, and the same test images."""
    some = torch.randperm(len(task.test), generator=generator(0, "test"))[:tests]
    few = tlt.few_shot(replace(task, test=task.test.select(some)), shots, seed=seed)
    return replace(few, train=few.labelled, val=few.val.select(torch.arange(0)))


def config(task: tlt.Task, epochs: int, augment: str = "shift") -> tlt.TrainConfig:
    """Return the defaults, for so many epochs in batches of 32."""
    updates = math.ceil(epochs * len(task.train) / BATCH)
    return tlt.TrainConfig(updates=updates, batch_size=BATCH, augment=augment)


def flops_of(
    net: tlt.Backbone, task: tlt.Task, regime: str | tlt.Regime, settings: tlt.TrainConfig
) -> int:
    """Return the FLOPs of one training."""

    def train(updates: int) -> tlt.Run:
        some = replace(settings, updates=updates)
        return tlt.train(net, task, regime, some, seed=0, device="cpu")

    assert settings.updates is not None
    return training_flops(train, settings.updates)


def score(logits: Callable[[Tensor], Tensor], task: tlt.Task) -> float:
    """Return the test accuracy of what maps uint8 images to logits."""
    with torch.inference_mode():
        answers = [logits(images) for images in task.test.images.split(2 * BATCH)]
    return tlt.accuracy(torch.cat(answers).float(), task.test.labels)


def plain_model(net: tlt.Backbone, task: tlt.Task) -> nn.Sequential:
    """Return what the peers train: a copy of the backbone's network, and a new head."""
    body = copy.deepcopy(net.net).to(memory_format=torch.channels_last)
    return nn.Sequential(body, nn.Linear(net.n_features, task.n_classes))


def tune(model: nn.Module, task: tlt.Task, scale: Preprocessing, epochs: int) -> None:
    """Train as P1 does, from uint8 images in memory."""
    larger = F.interpolate(task.train.images.float(), scale_factor=STORED, mode="bilinear")
    data = larger.to(torch.uint8), task.train.labels
    one = data[0][:1], data[1][:1]  # it validates after each epoch: here on next to nothing
    norm = transforms.Normalize(scale.mean, scale.std)
    tuned(model, data, one, norm, size=scale.size, epochs=epochs)


def peer(loop: Loop, net: tlt.Backbone, tasks: Sequence[tlt.Task], epochs: int) -> Work:
    """Return the work of another loop; it scales the images of a seed once, on the clock."""
    scale = net.preprocessing

    def work(seed: int) -> Callable[[], float]:
        task = tasks[seed]
        images = scale(task.train.images)
        model = loop(plain_model(net, task), images, task.train.labels, epochs)
        return lambda: score(lambda images: model.eval()(scale(images)), task)

    return work


def rivals(tasks: Sequence[tlt.Task], epochs: int, loops: dict[str, Loop]) -> dict[str, Work]:
    """Return ours, P1 and the peers; each trains on the task of a seed."""
    net = tlt.load_backbone("lite0", size=SIZE)
    scale = net.preprocessing

    def ours(seed: int) -> Callable[[], float]:
        task = tasks[seed]
        run = tlt.train(net, task, "fine_tune", config(task, epochs), seed=seed, device="cpu")
        return lambda: score(run.model, task)

    def p1(seed: int) -> Callable[[], float]:
        task, model = tasks[seed], plain_model(net, tasks[seed])
        tune(model, task, scale, epochs)
        return lambda: score(lambda images: model.eval()(scale(images)), task)

    others = {name: peer(loop, net, tasks, epochs) for name, loop in loops.items()}
    return {"ours": ours, "P1": p1} | others


def rows_of(
    seconds: dict[str, list[float]], accuracy: dict[str, list[float]]
) -> dict[str, dict[str, Any]]:
    """Return one row for each rival."""
    rows = {}
    for name in list(seconds)[1:]:
        found = ratio(seconds[name], seconds["ours"])
        gate = agree(accuracy["ours"], accuracy[name])
        if name == "keras":  # another network, from random weights
            gate = {"no_worse": True, "accuracy": "not compared"}
        goal = 1.0 if name == "P1" else None
        row = tell(f"fine-tuned at 64 px, {name}", found, goal, valid=gate["no_worse"])
        rows[f"fine-tuned at 64 px, {name}"] = row | {"accuracy": gate}
    return rows


def measured(*, epochs: int, seeds: int, shots: int, tests: int, peers: bool) -> dict[str, Any]:
    """Return machine, ceilings, rows, and seconds and accuracies of all."""
    here, most = machine(), ceilings()
    loops, missing = present() if peers else ({}, {})
    for name, why in missing.items():
        print(f"{name} takes no part: {why}")
    warnings.simplefilter("ignore")  # other people's advice about workers and deprecated parts
    for work in rivals(drawings(1, shots=3, tests=9), 2, loops).values():  # warm up
        work(0)()
    tasks = drawings(seeds, shots=shots, tests=tests)
    seconds, accuracy = seed_by_seed(rivals(tasks, epochs, loops), seeds)
    found = {name: spread(values) for name, values in seconds.items()}
    net = tlt.load_backbone("lite0", size=SIZE)
    work = flops_of(net, tasks[0], "fine_tune", config(tasks[0], epochs))
    return {
        "machine": here,
        "ceilings": most,
        "images": len(tasks[0].train),
        "epochs": epochs,
        "missing": missing,
        "rows": rows_of(seconds, accuracy),
        "seconds": found,
        "accuracy": {name: values for name, values in accuracy.items() if name != "keras"},
        "roofline": roofline("ours", work, found["ours"]["median"], most),
    }


def main() -> None:
    options = arguments("fine-tuning against the tuned loop and other trainers", epochs=3, seeds=2)
    warn_if_busy(machine())
    sizes = {"epochs": options.epochs, "seeds": options.seeds, "shots": SHOTS, "tests": TESTS}
    if options.quick:
        sizes = {"epochs": 2, "seeds": 2, "shots": 3, "tests": 20}
    found = measured(**sizes, peers=True)
    found["laptop"] = as_a_laptop("fine_tune", **sizes, peers=False)
    save("fine_tune", found.pop("machine"), found, options.out)


if __name__ == "__main__":
    main()
