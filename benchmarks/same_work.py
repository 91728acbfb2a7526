"""The same fine-tuning by every loop, to see whether ours takes time for nothing.

Lite0 on drawings at 64 px, as in fine_tune.py, but with equal work for all: equal epochs of 15 full
batches of 32 (ours would fill up a shorter one), everything learns, BatchNorm statistics move, SGD
with momentum, float32, no augmentation, no validation, and ours without a limit on its gradients
(it still takes their length) and without measuring its training images at the end. P1 is the leaner
one of peers.py; fastai trains everything from the first epoch. Only how the learning rate moves
differs, which costs nothing. A row is void where ours is less accurate by more than two standard
errors.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from common import agree, arguments, machine, ratio, save, seed_by_seed, spread, tell, warn_if_busy

# isort: split
from fine_tune import SIZE, TESTS, Work, config, drawings, peer, score
from peers import Loop, fastai_whole, plain, present

import tlteach as tlt
from tlteach.training import Begun, fit, get_regime

SHOTS, GOAL = 40, 1.0
NO_CLIP = sys.float_info.max


def loops() -> tuple[dict[str, Loop], dict[str, str]]:
    """Return the loops that do this work here, and why others do not."""
    here, missing = present()
    if "fastai" in here:
        here["fastai"] = fastai_whole
    missing["keras"] = "on torch, and with an optimizer of its own; see fine_tune.py"
    here.pop("keras", None)
    return {"P1": plain} | here, missing


def rivals(tasks: Sequence[tlt.Task], epochs: int, known: dict[str, Loop]) -> dict[str, Work]:
    """Return ours and the others; each trains on the task of a seed."""
    net = tlt.load_backbone("lite0", size=SIZE)

    def ours(seed: int) -> Callable[[], float]:
        task = tasks[seed]
        settings = replace(
            config(task, epochs, "none"), clip=NO_CLIP, statistics="move", precision="fp32"
        )
        begun = Begun(net, task, get_regime("fine_tune"), settings, seed=seed, device="cpu")
        fit(begun.model, task, begun.regime, begun.config, seed=seed)
        return lambda: score(begun.model.eval(), task)

    return {"ours": ours} | {name: peer(loop, net, tasks, epochs) for name, loop in known.items()}


def main() -> None:
    options = arguments("the same fine-tuning by every loop", epochs=2, seeds=5)
    warnings.simplefilter("ignore")  # other people's advice about workers and deprecated parts
    epochs, seeds, shots, tests = options.epochs, options.seeds, SHOTS, TESTS
    if options.quick:
        epochs, seeds, shots, tests = 1, 2, 8, 20
    here = machine()
    warn_if_busy(here)
    known, missing = loops()
    for work in rivals(drawings(1, shots=3, tests=9), 1, known).values():  # warm up
        work(0)()
    tasks = drawings(seeds, shots=shots, tests=tests)
    seconds, accuracy = seed_by_seed(rivals(tasks, epochs, known), seeds)
    rows: dict[str, Any] = {}
    for name in known:
        gate = agree(accuracy["ours"], accuracy[name])
        found = ratio(seconds[name], seconds["ours"])
        job = f"the same work at 64 px, {name}"
        rows[job] = tell(job, found, GOAL, valid=gate["no_worse"]) | {"accuracy": gate}
    told = {name: spread(values) for name, values in seconds.items()}
    found = {"images": len(tasks[0].train), "epochs": epochs, "missing": missing, "rows": rows}
    save("same_work", here, found | {"seconds": told, "accuracy": accuracy}, options.out)


if __name__ == "__main__":
    main()
