"""What the chart of three ways tells of two regimes: labels saved, and who was right alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from tlteach.data import Task
from tlteach.measures import intervals, labels_saved, unpack, unpack_groups
from tlteach.widgets._cube import placed
from tlteach.widgets._pictures import sheet
from tlteach.widgets._spec import Fact, Strip

MANY, SIDE = 6, 40  # images each way, and their pixels
BY = ("target", "arm", "shots")
Axes = Mapping[str, Sequence[Any]]  # the values of target, arm and shots, in this order
Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class Choice:
    """A target, an arm and shots that were run, beside the base on the same seeds.

    Attributes
    ----------
    place : tuple of int
        Of its values in the axes.
    target, arm, shots
        The values.
    rows : DataFrame
        Of both regimes on this target, all shots.
    right : dict of int to (bool array, bool array)
        By seed, which test images the arm got right, and which the base.
    """

    place: tuple[int, ...]
    target: str
    arm: str
    shots: int
    rows: pd.DataFrame
    right: dict[int, tuple[Bits, Bits]]


def choices(rows: pd.DataFrame, axes: Axes, base: str) -> list[Choice]:
    """Return what was run of an arm and of the base, in one list.

    Parameters
    ----------
    rows : DataFrame
        Test results, one network a regime and task.
    axes : mapping of str to sequence
        Targets, arms and shots.
    base : str
        The regime that arms are held against.
    """
    found = []
    for place in product(*(range(len(values)) for values in axes.values())):
        target, arm, shots = (v[i] for v, i in zip(axes.values(), place, strict=True))
        here = rows[rows["task"] == target]
        ours = here[here["regime"] == arm]
        theirs = here[(here["regime"] == base) & here["seed"].isin(ours["seed"])]
        if len(theirs) and (ours["shots"] == shots).any():
            both = pd.concat([ours[ours["seed"].isin(theirs["seed"])], theirs])
            right = dict(_right(both[both["shots"] == shots], arm, base))
            found.append(Choice(place, target, arm, shots, both, right))
    return found


def _right(here: pd.DataFrame, arm: str, base: str) -> Iterator[tuple[int, tuple[Bits, Bits]]]:
    """Yield seed by seed which test images either regime got right, where that is known."""
    if "right" not in here or here[["right", "groups"]].isna().any(axis=None):
        return
    ours, theirs = (here[here["regime"] == name].set_index("seed") for name in (arm, base))
    for seed in sorted({*ours.index} & {*theirs.index}):
        pair = [_unpacked(rows.loc[seed]) for rows in (ours, theirs)]
        if len(pair[0]) == len(pair[1]):
            yield int(seed), (pair[0], pair[1])


def _unpacked(row: pd.Series[Any]) -> Bits:
    return unpack(row["right"], len(unpack_groups(row["groups"])))


def sentences(known: Sequence[Choice], axes: Axes, base: str) -> Fact:
    """Return for every choice the sentence about labels: saved, paid, or cannot tell."""
    told: dict[str, int] = {}
    codes = np.full(_shape(axes), np.nan, np.float32)
    for choice in known:
        saved = labels_saved(choice.rows, choice.arm, base, shots=choice.shots, metric="accuracy")
        codes[choice.place] = told.setdefault(saved.tell(), len(told))
    return Fact("saved", "labels", BY, codes, "word", tuple(told))


def alone(known: Sequence[Choice], axes: Axes, base: str) -> list[Fact]:
    """Return which share of the test images only one of two regimes gets right."""
    ways = {"ours": f"images right with the source, wrong from {base}", "theirs": "the other way"}
    rows = [
        (choice.target, choice.arm, choice.shots, seed, way, float(share))
        for choice in known
        for seed, (ours, theirs) in choice.right.items()
        for way, share in zip(ways, ((ours & ~theirs).mean(), (theirs & ~ours).mean()), strict=True)
    ]
    if not rows:
        return []
    table = intervals(pd.DataFrame(rows, columns=[*BY, "seed", "way", "value"]), [*BY, "way"])
    facts = []
    for way, label in ways.items():
        mine = table[table["way"] == way].set_index([*BY])
        cube = placed(mine[["mean", "ci_low", "ci_high", "n_seeds"]], axes)
        facts.append(Fact(f"alone_{way}", label, BY, cube))
    return facts


def strips(
    known: Sequence[Choice], axes: Axes, base: str, tasks: Mapping[str, Task]
) -> tuple[Strip, ...]:
    """Return images on which two regimes differ in the most seeds, either way.

    Parameters
    ----------
    tasks : mapping of str to Task
        By target; those that are left out show no images.
    """
    shape = (*_shape(axes), MANY)
    tiles: dict[tuple[str, int], int] = {}
    found = {way: [np.full(shape, np.nan, np.float32) for _ in range(3)] for way in (1, -1)}
    pictured = [choice for choice in known if choice.right and choice.target in tasks]
    for choice in pictured:
        ours, theirs = (np.sum(bits, axis=0) for bits in zip(*choice.right.values(), strict=True))
        for way, (shown, us, them) in found.items():
            gap = way * (ours - theirs)
            best = [i for i in np.argsort(-gap, kind="stable")[:MANY].tolist() if gap[i] > 0]
            for rank, image in enumerate(best):
                at = (*choice.place, rank)
                shown[at] = tiles.setdefault((choice.target, image), len(tiles))
                us[at], them[at] = ours[image], theirs[image]
    if not tiles:
        return ()
    picture, columns, lines = sheet([tasks[t].test.images[i] for t, i in tiles], SIDE, quality=60)
    names = tuple(tasks[t].classes[int(tasks[t].test.labels[i])] for t, i in tiles)
    counts = tuple(map(str, range(max(len(choice.right) for choice in pictured) + 1)))
    titles = (f"Right with the source, not from {base}", f"Right from {base}, not with the source")
    titled = zip((f"{title} (in so many seeds)" for title in titles), found.items(), strict=True)
    return tuple(
        Strip(
            f"alone{way}", title, BY, picture, columns, lines,
            shown, names, words=counts, answers={"source": us, base: them},
        )
        for title, (way, (shown, us, them)) in titled
    )  # fmt: skip


def card(task: Task) -> str:
    """Return a picture of up to three images of a task, each of another class."""
    split = task.pool if len(task.pool) else task.test
    wanted = torch.linspace(0, task.n_classes - 1, min(3, task.n_classes)).long().tolist()
    places = [(split.labels == c).nonzero().flatten()[:1] for c in wanted]
    return sheet([split.images[place[0]] for place in places if len(place)], SIDE, quality=60)[0]


def _shape(axes: Axes) -> tuple[int, ...]:
    return tuple(len(values) for values in axes.values())
