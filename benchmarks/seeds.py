"""One small network from scratch under many seeds (J6), against one after the other.

200 images of clothes at 32 px, 20 epochs, batches of 32, no augmentation. Ours is `train` in one
process a core with one thread each, as `compare` runs it; the rival is the leaner P1 of peers.py
on the same network, seed after seed, with PyTorch's default threads. The clock runs until every
seed is trained; the processes are there before. A row is void where ours is less accurate by more
than two standard errors. On a GPU (on_gpu.py) both go seed after seed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from common import (
    agree,
    arguments,
    ceilings,
    in_turns,
    machine,
    ratio,
    roofline,
    save,
    spread,
    tell,
    warn_if_busy,
)

# isort: split
import joblib
import torch
from fine_tune import config, flops_of, score
from peers import plain
from torch import nn

import tlteach as tlt
from tlteach.base import generator

SHOTS, EPOCHS, TESTS = 20, 20, 300
GPU_GOAL = 8.0  # times an eager loop, at 50 seeds


class Job(NamedTuple):
    """One network, how many seeds, how often."""

    net: str
    seeds: int
    repeats: int
    device: str = "cpu"


JOBS = (
    Job("small_cnn", 1, 3),
    Job("small_cnn", 8, 2),
    Job("small_cnn", 50, 1),
    Job("resnet8", 1, 2),
    Job("resnet8", 8, 1),
)
ON_A_GPU = Job("resnet8", 50, 1, "cuda")
QUICK = (Job("small_cnn", 1, 1), Job("small_cnn", 2, 1))


def clothes(shots: int) -> tlt.Task:
    """Return the task with every labelled image in its training split, and a small test split."""
    few = tlt.few_shot(tlt.load_task("fashion"), shots, seed=0)
    some = torch.randperm(len(few.test), generator=generator(0, "test"))[:TESTS]
    none = few.val.select(torch.arange(0))
    return replace(few, train=few.labelled, val=none, test=few.test.select(some))


def ours(job: Job, task: tlt.Task, epochs: int, seed: int) -> nn.Module:
    """Train with one seed; the network comes back on the CPU."""
    net, settings = tlt.load_backbone(job.net), config(task, epochs, "none")
    return tlt.train(net, task, "scratch", settings, seed=seed, device=job.device).model


def theirs(job: Job, task: tlt.Task, epochs: int, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    net = tlt.load_backbone(job.net, seed=seed)
    model = tlt.Classifier(net, task.n_classes, seed=seed).to(job.device)
    images, labels = (part.to(job.device) for part in (task.train.images, task.train.labels))
    return plain(model.to(memory_format=torch.channels_last), images, labels, epochs).cpu()


def compared(
    job: Job, task: tlt.Task, epochs: int, most: dict[str, float]
) -> tuple[str, dict[str, Any]]:
    """Return a row's name and the row."""
    where = "" if job.device == "cpu" else " on a GPU"
    name = f"{job.seeds} x {job.net} from scratch{where}, seed after seed"
    models: dict[str, list[nn.Module]] = {}
    side = joblib.Parallel(min(job.seeds, joblib.cpu_count()) if job.device == "cpu" else 1)
    one = joblib.delayed(ours)

    def side_by_side() -> None:
        models["ours"] = side(one(job, task, epochs, seed) for seed in range(job.seeds))

    def in_a_row() -> None:
        models["theirs"] = [theirs(job, task, epochs, seed) for seed in range(job.seeds)]

    rivals = {"ours": side_by_side, "theirs": in_a_row}
    times = in_turns(rivals, dict.fromkeys(rivals, job.repeats), warm=False)
    scores = {who: [score(model.eval(), task) for model in some] for who, some in models.items()}
    gate: dict[str, Any] = {"no_worse": True}  # one seed tells nothing of the mean
    if job.seeds > 1:
        gate = agree(scores["ours"], scores["theirs"])
    goal = 1.0 if job.device == "cpu" else GPU_GOAL
    row = tell(name, ratio(times["theirs"], times["ours"]), goal, valid=gate["no_worse"])
    row |= {"accuracy": gate | {who: spread(values) for who, values in scores.items()}}
    row["seconds"] = {who: spread(values) for who, values in times.items()}
    if job.device == "cpu":
        net, settings = tlt.load_backbone(job.net), config(task, epochs, "none")
        work = job.seeds * flops_of(net, task, "scratch", settings)
        row["roofline"] = roofline("  ours", work, row["seconds"]["ours"]["median"], most)
    return name, row


def main() -> None:
    options = arguments("many seeds of a small network against one after the other")
    here = machine()
    warn_if_busy(here)
    most = ceilings()
    jobs, epochs, task = (QUICK, 1, clothes(2)) if options.quick else (JOBS, EPOCHS, clothes(SHOTS))
    one = joblib.delayed(ours)
    joblib.Parallel(joblib.cpu_count())(one(jobs[0], task, 1, s) for s in (0, 1))  # start them
    for job in {(job.net, job.device): job for job in jobs}.values():  # warm up
        ours(job, task, 1, 0)
        theirs(job, task, 1, 0)
    rows = dict(compared(job, task, epochs, most) for job in jobs)
    found = {"ceilings": most, "images": len(task.train), "epochs": epochs, "rows": rows}
    save("seeds", here, found, options.out)


if __name__ == "__main__":
    main()
