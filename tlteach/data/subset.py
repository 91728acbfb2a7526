"""Rows into splits, and few-shot subsets: nested, stratified, validation out of the labels."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from tlteach.base import checked, in_range, rng
from tlteach.data.card import Card
from tlteach.data.task import Split, Task


@checked
def few_shot(task: Task, shots: int, *, seed: int) -> Task:
    """Keep the labels of a few images per class, validation among them.

    The seed orders the groups, and within a group its images; each class takes the first image
    of every group, then the second of every group, and so on, up to `shots`. About one group in
    five is for validation, the second one first, so no group stands in both train and val.
    Larger subsets of one seed contain the smaller ones.

    Parameters
    ----------
    task : Task
        With labels to choose from.
    shots : int
        Labelled images per class, train and val together. With 1, val is empty.
    seed : int
        0 or larger; other seeds give other subsets.

    Returns
    -------
    Task
        With the same test split, unless the task is to `resplit`; the images not taken are added
        to `pool`.

    Raises
    ------
    TypeError
        If `shots` is not a whole number.
    ValueError
        If the smallest class has fewer images than `shots`.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> few = few_shot(load_task("digits"), 5, seed=0)
    >>> len(few.train), len(few.val), len(few.test)
    (40, 10, 1000)
    """
    task = at_seed(task, seed)
    rows = task.labelled
    shots = _checked_shots(shots, rows.labels, task.classes)
    random = rng(seed, "subset")
    shuffled = random.permutation(len(rows))
    labels, groups = rows.labels.numpy()[shuffled], rows.groups.numpy()[shuffled]
    frame = pd.DataFrame({"row": shuffled, "label": labels, "place": places(groups, random)})
    frame["round"] = frame.groupby(["label", "place"]).cumcount()
    frame = frame.sort_values(["round", "place"], kind="stable")
    frame["held"] = one_in_five(frame["label"].tolist(), frame["place"].tolist())
    taken = (frame.groupby("label").cumcount() < shots).to_numpy()

    def split(mask: np.ndarray) -> Split:
        return rows.select(torch.from_numpy(frame["row"].to_numpy()[mask]).sort().values)

    held = frame["held"].to_numpy()
    return replace(
        task,
        train=split(taken & ~held),
        val=split(taken & held),
        pool=task.pool.joined(split(~taken)),
        shots=shots,
        seed=seed,
    )


def _checked_shots(shots: int, labels: torch.Tensor, classes: Sequence[str]) -> int:
    try:
        shots = operator.index(shots)
    except TypeError:
        msg = f"shots must be a whole number; got {shots!r} of type {type(shots).__name__}"
        raise TypeError(msg) from None
    counts = torch.bincount(labels, minlength=len(classes))
    n, smallest = int(counts.min()), classes[int(counts.argmin())]
    in_range("shots", shots, 1, n, because=f"class {smallest!r} has {n} training images")
    return shots


@checked
def all_labels(few: Task) -> Task:
    """Return the task with its validation images moved to the training split.

    Parameters
    ----------
    few : Task
        Such as from `few_shot`.

    Returns
    -------
    Task
        Its `val` is empty.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> every = all_labels(few_shot(load_task("digits"), 5, seed=0))
    >>> len(every.train), len(every.val)
    (50, 0)
    """
    return replace(few, train=few.labelled, val=few.val.select(torch.arange(0)))


def places(groups: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return each row's group as its position in a random order of all groups."""
    distinct, number = np.unique(groups, return_inverse=True)
    return random.permutation(len(distinct))[number]


@checked
def one_in_five(labels: Sequence[int], places: Sequence[int]) -> np.ndarray:
    """Mark whole groups so that every class gives its 2nd, 7th, 12th, ... group.

    A group that several classes share is marked when most of them are due to give one.

    Parameters
    ----------
    labels : (n,) int
        Class of each row.
    places : (n,) int
        The position of each row's group in the order to go through.

    Returns
    -------
    (n,) bool
        True for the rows of the groups that are marked.

    Examples
    --------
    >>> one_in_five([0] * 7, [0, 1, 2, 3, 4, 5, 6]).nonzero()[0].tolist()
    [1, 6]
    """
    members: dict[int, set[int]] = {}
    for place, label in zip(places, labels, strict=True):
        members.setdefault(place, set()).add(label)
    passed, given = dict.fromkeys(labels, 0), dict.fromkeys(labels, 0)
    marked = set()
    for place in sorted(members):
        due = sum((passed[c] + 4) // 5 - given[c] for c in members[place])
        chosen = 2 * due > len(members[place])
        if chosen:
            marked.add(place)
        for c in members[place]:
            passed[c] += 1
            given[c] += chosen
    return np.isin(np.asarray(places), sorted(marked))


def divided(
    name: str,
    classes: tuple[str, ...],
    domains: tuple[str, ...],
    rows: Split,
    *,
    test: np.ndarray,
    card: Card,
    val: np.ndarray | None = None,
    seed: int = 0,
) -> Task:
    """Make a task: `test` and `val` are masks; without `val`, one group in five of the rest."""
    if val is None:
        rest = np.flatnonzero(~test)
        val = np.zeros(len(rows), bool)
        order = places(rows.groups.numpy()[rest], rng(seed, "split"))
        val[rest] = one_in_five(rows.labels.numpy()[rest].tolist(), order.tolist())
    masks = (~test & ~val, val, test, np.zeros(len(rows), bool))
    train, held, tested, pool = (rows.select(torch.from_numpy(mask)) for mask in masks)
    return Task(name, classes, domains, train, held, tested, pool, card)


@checked
def at_seed(task: Task, seed: int) -> Task:
    """Return a task with the splits that a seed draws; as it is if it does not draw them.

    Parameters
    ----------
    task : Task
        One that `resplit` made, or any other.
    seed : int
        0 or larger; draws the splits.

    Returns
    -------
    Task
        It does not draw again.

    Raises
    ------
    ValueError
        If a class is left without images to learn from or to be tested on.

    Examples
    --------
    >>> from tlteach.data import load_task, resplit
    >>> photos = load_task("photos")
    >>> at_seed(photos, 0) is photos, len(at_seed(resplit(photos), 0).test)
    (True, 55)
    """
    if not task.resplit:
        return task
    rows = task.labelled.joined(task.test)
    rows = rows.select(rows.index.argsort())
    order = places(rows.groups.numpy(), rng(seed, "test"))
    test = one_in_five(rows.labels.tolist(), order.tolist())
    drawn = divided(
        task.name, task.classes, task.domains, rows, test=test, card=task.card, seed=seed
    )
    for word, split in (("test", drawn.test), ("other", drawn.labelled)):
        counts = torch.bincount(split.labels, minlength=task.n_classes)
        if not counts.all():
            msg = (
                f"every class needs {word} images in the split of seed {seed}; none is left of "
                f"{task.classes[int(counts.argmin())]}, which needs more groups"
            )
            raise ValueError(msg)
    return replace(
        task,
        train=drawn.train,
        val=drawn.val,
        test=drawn.test,
        resplit=False,
        test_share=len(drawn.test) / len(drawn.labelled),
    )
