"""A search that drops the worse half early beside full trainings: what it chooses, what it costs.

Both searches draw the same settings on the same seeds; one thing differs, when a setting is
dropped: after 32 updates and at each doubling, or never. Held against one another are the words of
the verdicts, the mean test accuracy, and what a run took, its final training included. Runs are
kept beside the result, so a sweep that is killed goes on where it was.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from common import arguments, machine, ratio, save, spread, tell, warn_if_busy

# isort: split
import numpy as np
import pandas as pd

import tlteach as tlt
from tlteach.experiment import SEARCH
from tlteach.measures import on_test

HALVED = SEARCH["quick"]
SEARCHES = {"halving": HALVED, "full": replace(HALVED, first=0)}
PLACES = {  # task: network, labels per class
    "digits": ("small:glyphs", 5),
    "emoji": ("small:glyphs", 10),
    "fashion_5_9": ("small:fashion_0_4", 10),
    "spoken": ("speech_cnn", 5),
    "photos": ("lite0", 5),
}
REGIMES = ("scratch", "fine_tune")
UPDATES = 1000  # the most of any training, as in the demo
TOOK = ("seconds", "updates")
POINTS, CHEAPER = 0.5, 2.0  # goals: points of mean accuracy apart, times as cheap


def sweep(task: str, search: str, seeds: int, updates: int, folder: Path) -> pd.DataFrame:
    net, shots = PLACES[task]
    return tlt.compare(
        tlt.load_task(task),
        backbone=tlt.load_backbone(net, size=48 if net == "lite0" else None),
        regimes=REGIMES,
        shots=[shots],
        seeds=range(seeds),
        search=SEARCHES[search],
        config=tlt.TrainConfig(updates=updates),
        baselines=False,
        device="cpu",
        out=folder / f"{task}-{search}.parquet",
    )


def held(task: str, found: dict[str, pd.DataFrame]) -> tuple[dict[str, Any], np.ndarray]:
    """Return what both searches gave on a task, and the points that halving is better by."""
    told: dict[str, Any] = {}
    runs = {}
    for search, rows in found.items():
        verdict = tlt.verdict(rows, *REGIMES[::-1])
        tested = on_test(rows).set_index(["regime", "seed"]).sort_index()
        runs[search] = tested
        told[search] = {
            "word": verdict.word,
            "points": round(100 * verdict.difference, 1),
            "accuracy": tested["value"].groupby("regime").mean().round(4).to_dict(),
        }
        print(f"{task}, {search}: {verdict}")
    apart = 100 * (runs["halving"]["value"] - runs["full"]["value"])
    for what in TOOK:  # of each seed, all regimes together
        told[what] = [runs[search][what].groupby("seed").sum().tolist() for search in SEARCHES]
    return told, apart.to_numpy()


def main() -> None:
    options = arguments(__doc__, seeds=5)
    plan = (["digits"], 1, 20) if options.quick else ([*PLACES], options.seeds, UPDATES)
    tasks, seeds, updates = plan
    here = machine()
    warn_if_busy(here)
    with tempfile.TemporaryDirectory() as aside:
        folder = options.out / "halving" if options.out else Path(aside)
        found = {
            task: held(task, {one: sweep(task, one, seeds, updates, folder) for one in SEARCHES})
            for task in tasks
        }
    told = {task: one for task, (one, _) in found.items()}
    apart = np.array([points.mean() for _, points in found.values()])
    words = {task: [one[search]["word"] for search in SEARCHES] for task, one in told.items()}
    same = sum(a == b for a, b in words.values())
    print(f"the same word on {same} of {len(words)} tasks: {words}")
    rows = {}
    for what in TOOK:
        halving, full = (sum(np.array(one[what][i]) for one in told.values()) for i in (0, 1))
        name = f"search by halving, {what} of full trainings"
        rows[name] = tell(name, ratio(full, halving), CHEAPER, valid=same == len(words))
    name = "search by halving, points from full trainings"
    off = spread([abs(apart.mean())])
    rows[name] = tell(name, off | {"n": len(apart)}, POINTS, unit=" points")
    result = {"rows": rows, "seeds": seeds, "apart": apart.round(2).tolist(), "tasks": told}
    save("halving", here, result, options.out)


if __name__ == "__main__":
    main()
