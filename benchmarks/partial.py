"""Tuning only the last three stages of Lite0 (J5), against the same without cached maps.

J4's images, batches and settings (fine_tune.py), 20 epochs, no augmentation, so that what the
frozen stages give never changes. The rival is the leaner P1 of peers.py on the same model: the same
stages frozen, every BatchNorm still, and the whole network run forward in each step. A row is void
where ours is less accurate by more than two standard errors.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from common import (
    agree,
    arguments,
    ceilings,
    machine,
    ratio,
    roofline,
    save,
    seed_by_seed,
    spread,
    tell,
    warn_if_busy,
)

# isort: split
import torch
from fine_tune import SHOTS, SIZE, TESTS, Work, config, drawings, flops_of, score
from peers import plain

import tlteach as tlt
from tlteach.training import partial

STAGES, EPOCHS, GOAL = 3, 20, 15.0  # seconds, for all of these epochs
REGIME = partial(STAGES)


def rivals(tasks: Sequence[tlt.Task], epochs: int) -> dict[str, Work]:
    """Return ours and the plain loop; each trains on the task of a seed."""
    net = tlt.load_backbone("lite0", size=SIZE)

    def ours(seed: int) -> Callable[[], float]:
        task = tasks[seed]
        run = tlt.train(net, task, REGIME, config(task, epochs, "none"), seed=seed, device="cpu")
        return lambda: score(run.model, task)

    def uncached(seed: int) -> Callable[[], float]:
        task = tasks[seed]
        model = tlt.Classifier(copy.deepcopy(net), task.n_classes, seed=seed)
        model.to(memory_format=torch.channels_last)
        model.backbone.freeze(list(net.stages)[:-STAGES]).freeze_statistics()
        plain(model, task.train.images, task.train.labels, epochs)
        return lambda: score(model.eval(), task)

    return {"ours": ours, "without cached maps": uncached}


def main() -> None:
    options = arguments("partial tuning against the same without a cache", epochs=EPOCHS, seeds=2)
    epochs, seeds, shots, tests = options.epochs, options.seeds, SHOTS, TESTS
    if options.quick:
        epochs, seeds, shots, tests = 2, 2, 3, 20
    here = machine()
    warn_if_busy(here)
    most = ceilings()
    for work in rivals(drawings(1, shots=3, tests=9), 1).values():  # warm up
        work(0)()
    tasks = drawings(seeds, shots=shots, tests=tests)
    seconds, accuracy = seed_by_seed(rivals(tasks, epochs), seeds)
    gate = agree(accuracy["ours"], accuracy["without cached maps"])
    times = ratio(seconds["without cached maps"], seconds["ours"])
    name = f"last {STAGES} stages tuned at 64 px"
    against = f"{name}, without cached maps"
    rows: dict[str, Any] = {
        name: tell(name, spread(seconds["ours"]), GOAL if epochs == EPOCHS else None, unit=" s"),
        against: tell(against, times, 1.0, valid=gate["no_worse"]) | {"accuracy": gate},
    }
    net = tlt.load_backbone("lite0", size=SIZE)
    work = flops_of(net, tasks[0], REGIME, config(tasks[0], epochs, "none"))
    found = {
        "ceilings": most,
        "images": len(tasks[0].train),
        "epochs": epochs,
        "rows": rows,
        "seconds": {name: spread(values) for name, values in seconds.items()},
        "accuracy": accuracy,
        "roofline": roofline("ours", work, rows[name]["median"], most),
    }
    save("partial", here, found, options.out)


if __name__ == "__main__":
    main()
