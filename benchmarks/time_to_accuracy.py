"""Seconds until ours is as right as each peer in the end, by its own recipe.

    python benchmarks/time_to_accuracy.py [--seeds 5] [--tasks photos,emoji,ants_bees] [--work DIR]

A seed draws images, head, order and augmentation; in it all sides learn from the same labels, with
the same backbone (Lite0, the same weights and pixels), in turns on one machine, and are tested on
the same images while the clock stands (watched.py). A peer takes as many epochs as `TASKS` says,
P0 too, which means 25, each by its own recipe (peers.py); ours takes its defaults: as many updates
as its loss needs to be flat, and features in bfloat16 where the processor has it.

The aim of a row is the mean of the peer's last accuracies over seeds. Either side is there at the
first look at or above the aim that the next look confirms. Ours may never get there, which counts
as a ratio of 0; a peer's seed that never does counts with its whole time. A row is void where the
peer is not certainly better than always naming the most frequent class: that accuracy is no aim.

Whether ours takes longer for the same work is another question: same_work.py.

Each finished curve is appended to a file in the work folder; a run that was killed goes on from
there, on the same machine with the same versions and settings. The file goes once all is written.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from common import FOLDER, arguments, machine, ratio, save, spread, tell, warn_if_busy

# isort: split
import numpy as np
from fine_tune import all_labelled
from three_regimes import DATA, files, task_of
from watched import OURS, Curve, Job, Side, curve, sides

import tlteach as tlt
from tlteach.measures import t_interval

WORK = FOLDER.parent / "build" / "time_to_accuracy"
GOALS = {"fine_tune": 2.0, "frozen": 8.0}
WORDS = {"fine_tune": "fine-tuned", "frozen": "frozen"}


class Setting(NamedTuple):
    """Images of one task, and how often a peer sees them."""

    shots: int
    size: int
    tests: int  # at most
    epochs: int
    updates: int | None = None  # ours; None until the loss is flat


TASKS = {
    "photos": Setting(shots=10, size=64, tests=300, epochs=8),
    "emoji": Setting(shots=42, size=64, tests=300, epochs=3),
    "ants_bees": Setting(shots=100, size=64, tests=300, epochs=4),
}
QUICK = {"emoji": Setting(shots=3, size=64, tests=20, epochs=1, updates=2)}
WARM = QUICK["emoji"]._replace(epochs=2)


def loaded(name: str, setting: Setting, seed: int) -> tlt.Task:
    """Return a task with all its labels in the training split."""
    if name == "ants_bees":
        return task_of(files("train", setting.shots, seed), files("val"), setting.size)
    return all_labelled(tlt.load_task(name), setting.shots, setting.tests, seed)


class Kept:
    """The curves that are done, one a line of a file."""

    def __init__(self, folder: Path, machine: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "curves.jsonl"
        self.where = {name: machine[name] for name in ("processor", "capability", "versions")}

    def key(self, name: str, side: str, seed: int, setting: Setting) -> str:
        """Return what must be the same for a curve to count."""
        told = json.dumps([name, side, seed, setting, self.where], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def read(self) -> dict[str, Curve]:
        """Return them by key; a line that was cut short is no curve."""
        found: dict[str, Curve] = {}
        for line in self.path.read_text().splitlines() if self.path.exists() else []:
            with suppress(json.JSONDecodeError):
                found |= json.loads(line)
        return found

    def add(self, key: str, done: Curve) -> None:
        """Append one."""
        with self.path.open("a") as file:  # the new line first: the last one may be cut short
            file.write("\n" + json.dumps({key: done}))

    def clear(self) -> None:
        """Forget them all, once the result file has them: the next run measures again."""
        self.path.unlink(missing_ok=True)


def reached(found: Curve, aim: float) -> float:
    """Return when a curve is first there and the next look confirms it; infinity for never."""
    there = [accuracy >= aim for accuracy in found["accuracy"]]
    confirmed = [*there[1:], True]  # the last look is at what one is left with
    for seconds, now, then in zip(found["seconds"], there, confirmed, strict=True):
        if now and then:
            return seconds
    return math.inf


def row(
    job: str, peer: str, theirs: Sequence[Curve], ours: Sequence[Curve], goal: float, most: float
) -> dict[str, Any]:
    """Return one row; `most` is the share of the most frequent class among the test images."""
    ends = [one["accuracy"][-1] for one in theirs]
    aim, low, high = t_interval(ends)
    whole = [one["seconds"][-1] for one in theirs]
    until = [min(reached(one, aim), one["seconds"][-1]) for one in theirs]
    mine = [reached(one, aim) for one in ours]
    why = None
    if math.isnan(low):
        why = "one seed, or all alike: no interval tells whether the peer learnt anything"
    elif low <= most:
        why = f"the peer is not certainly better than the most frequent class, {most:.2f}"
    if why is not None:
        print(f"void: {why}")
    name = f"{job}, to the accuracy of {peer}"
    told = tell(name, ratio(until, mine), goal, valid=why is None) | {"void": why}
    told["aim"] = {"accuracy": round(aim, 4), "interval": [_number(low), _number(high)]}
    told["peer"] = {"name": peer, "seconds": spread(until), "whole": spread(whole)}
    quartiles = np.quantile(mine, [0.25, 0.5, 0.75], method="higher")  # no mean with infinity
    told["ours"] = {
        "seconds": dict(zip(("q25", "median", "q75"), map(_number, quartiles), strict=True)),
        "by_seed": [_number(value) for value in mine],
        "never": sum(map(math.isinf, mine)),
    }
    return {name: told}


def _number(value: float) -> float | None:
    """Return what JSON can hold: none for what is not finite."""
    return round(float(value), 4) if math.isfinite(value) else None


def measured(
    settings: Mapping[str, Setting], seeds: int, known: Mapping[str, Side], kept: Kept
) -> dict[str, dict[str, list[Curve]]]:
    """Return the curves by task and side, one for each seed; run those that are not kept."""
    done, warm = kept.read(), set()
    found = {name: {side: [] for side in known} for name in settings}
    for seed, (name, setting) in product(range(seeds), settings.items()):
        job = job_of(name, setting, seed)
        for side in list(known)[:: 1 if seed % 2 == 0 else -1]:
            key = kept.key(name, side, seed, setting)
            if key not in done:
                if (side, setting.size) not in warm:
                    curve(known[side], job_of("emoji", WARM._replace(size=setting.size), 0))
                    warm.add((side, setting.size))
                done[key] = curve(known[side], job)
                kept.add(key, done[key])
                told = f"{done[key]['seconds'][-1]:.1f} s, {done[key]['accuracy'][-1]:.3f} right"
                print(f"{name}, seed {seed}, {side}: {told}", flush=True)
            found[name][side].append(done[key])
    return found


def job_of(name: str, setting: Setting, seed: int) -> Job:
    """Return what all sides are given."""
    net = tlt.load_backbone("lite0", size=setting.size)
    config = None if setting.updates is None else tlt.TrainConfig(updates=setting.updates)
    return Job(loaded(name, setting, seed), net, seed, setting.epochs, config)


def rows_of(
    found: Mapping[str, Mapping[str, Sequence[Curve]]], settings: Mapping[str, Setting]
) -> dict[str, dict[str, Any]]:
    """Return one row for each task, peer and regime of ours."""
    rows: dict[str, dict[str, Any]] = {}
    for name, curves in found.items():
        labels = loaded(name, settings[name], 0).test.labels
        most = float(labels.bincount().max() / len(labels))
        for regime, goal in GOALS.items():
            for peer in [side for side in curves if side not in OURS]:
                job = f"{name}, {WORDS[regime]}"
                rows |= row(job, peer, curves[peer], curves[regime], goal, most)
    return rows


def asked(tasks: str, *, quick: bool) -> tuple[dict[str, Setting], dict[str, str]]:
    """Return the settings of the tasks that are here, and why others take no part."""
    if quick:
        return QUICK, {}
    names = tasks.split(",")
    if unknown := sorted({*names} - {*TASKS}):
        sys.exit(f"no task {unknown[0]!r}: there are {', '.join(TASKS)}")
    missing = {}
    if "ants_bees" in names and not DATA.is_dir():
        missing["ants_bees"] = f"no photographs in {'/'.join(DATA.parts[-3:])}"
    return {name: TASKS[name] for name in names if name not in missing}, missing


def main() -> None:
    options = arguments(
        "seconds until as right as each peer", seeds=5, tasks=",".join(TASKS), work=""
    )
    warnings.simplefilter("ignore")  # other people's advice about workers and deprecated parts
    settings, missing = asked(options.tasks, quick=options.quick)
    seeds = 1 if options.quick else options.seeds
    here = machine()
    warn_if_busy(here)
    known, absent = sides()
    for name, why in (missing := missing | absent).items():
        print(f"{name} takes no part: {why}")
    with tempfile.TemporaryDirectory() as passing:
        kept = Kept(Path(options.work or (passing if options.quick else WORK)), here)
        found = measured(settings, seeds, known, kept)
        told = {
            "settings": {name: setting._asdict() for name, setting in settings.items()},
            "seeds": seeds,
            "missing": missing,
            "rows": rows_of(found, settings),
            "curves": found,
        }
        save("time_to_accuracy", here, told, options.out)
        kept.clear()


if __name__ == "__main__":
    main()
