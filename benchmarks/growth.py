"""How the seconds of `compare` grow with seeds, shots and tasks.

Everything else stays as it is: a small network from scratch and frozen, one configuration, a
cache that is empty each time. More shots mean as many epochs, so more updates. The exponent is
the slope of log seconds against log size: 1 is in proportion, more would mean that large
comparisons cost more than their share.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from common import arguments, machine, save, spread, tell, timed, warn_if_busy

# isort: split
import numpy as np

import tlteach as tlt

MOST = 1.05  # goal
REPEATS, EPOCHS, BATCH = 3, 5, 16
SIZES = {"seeds": (2, 4, 8), "shots": (8, 16, 32, 64), "tasks": (1, 2, 4)}


def compared(task: tlt.Task, *, shots: int = 10, seeds: int = 2) -> None:
    updates = EPOCHS * shots * task.n_classes // BATCH
    tlt.compare(
        task,
        backbone="small_cnn",
        regimes=["scratch", "frozen"],
        shots=[shots],
        seeds=range(seeds),
        search=1,
        config=tlt.TrainConfig(updates=updates, until="end", batch_size=BATCH, precision="fp32"),
        baselines=False,
        device="cpu",
        progress=False,
    )


def turned(task: tlt.Task, quarters: int) -> tlt.Task:
    """Return another task of the same size: every image turned."""
    splits = {name: getattr(task, name) for name in ("train", "val", "test", "pool")}
    return replace(
        task,
        name=f"{task.name} turned {quarters}",
        **{
            name: replace(split, inputs=split.images.rot90(quarters, (2, 3)).contiguous())
            for name, split in splits.items()
        },
    )


def works(task: tlt.Task) -> dict[str, Callable[[int], None]]:
    """Return the work of a given size along each axis."""
    tasks = [turned(task, quarters) for quarters in range(max(SIZES["tasks"]))]

    def several(n: int) -> None:
        for one in tasks[:n]:
            compared(one)

    return {
        "seeds": lambda n: compared(task, seeds=n),
        "shots": lambda n: compared(task, shots=n),
        "tasks": several,
    }


@contextmanager
def empty_cache() -> Iterator[None]:
    before = os.environ.get("TLTEACH_HOME")
    with tempfile.TemporaryDirectory() as home:
        os.environ["TLTEACH_HOME"] = home
        try:
            yield
        finally:
            del os.environ["TLTEACH_HOME"]
            if before is not None:
                os.environ["TLTEACH_HOME"] = before


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the slope of log seconds against log size."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def grown(work: Callable[[int], None], sizes: Sequence[int], repeats: int) -> list[list[float]]:
    """Return the seconds for each size, once for each repeat, small and large in turns."""
    rounds = []
    for turn in range(repeats):
        seconds = {}
        for size in sizes[:: 1 if turn % 2 == 0 else -1]:
            with empty_cache():
                seconds[size] = timed(lambda n=size: work(n))
        rounds.append([seconds[size] for size in sizes])
    return rounds


def main() -> None:
    options = arguments("growth of seconds with seeds, shots and tasks")
    here = machine()
    warn_if_busy(here)
    repeats = 1 if options.quick else REPEATS
    rows: dict[str, dict[str, Any]] = {}
    task = tlt.load_task("digits")
    compared(task)  # warm up, and start the processes
    for axis, work in works(task).items():
        sizes = SIZES[axis][:2] if options.quick else SIZES[axis]
        rounds = grown(work, sizes, repeats)
        name = f"growth of seconds with {axis}, exponent"
        rows[name] = tell(name, spread([exponent(sizes, r) for r in rounds]), MOST, unit="")
        medians = [round(float(np.median(column)), 3) for column in zip(*rounds, strict=True)]
        rows[name]["seconds"] = dict(zip(map(str, sizes), medians, strict=True))
        print("  seconds:", rows[name]["seconds"])
    save("growth", here, {"rows": rows}, options.out)


if __name__ == "__main__":
    main()
