"""What a task is: labelled images in splits, and few-shot subsets of them."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import torch

from tlteach._validate import in_range, same_length
from tlteach.seeding import rng


@dataclass(frozen=True, eq=False)
class Split:
    """Images with what is known about each; row i of every tensor is one image.

    Parameters
    ----------
    images : (n, c, h, w) uint8 tensor
    labels : (n,) int64 tensor
        Class of each image.
    domains : (n,) int64 tensor
        Where it comes from, for example its drawing style.
    groups : (n,) int64 tensor
        Its origin: images of one origin never stand in two splits of a task.
    index : (n,) int64 tensor
        Its row in the data file.

    Raises
    ------
    TypeError
        If the images are not uint8.
    ValueError
        If the tensors differ in length or the images are not (n, c, h, w).

    Examples
    --------
    >>> n = torch.arange(4)
    >>> split = Split(torch.zeros(4, 1, 8, 8, dtype=torch.uint8), n % 2, 0 * n, n, n)
    >>> len(split), split.select(split.labels == 1).index.tolist()
    (4, [1, 3])
    """

    images: torch.Tensor
    labels: torch.Tensor
    domains: torch.Tensor
    groups: torch.Tensor
    index: torch.Tensor

    def __post_init__(self) -> None:
        same_length(**vars(self))
        if self.images.dtype != torch.uint8:
            msg = f"images must be uint8, 0 to 255; got {self.images.dtype}"
            raise TypeError(msg)
        if self.images.ndim != 4:
            msg = f"images must have the shape (n, c, h, w); got {tuple(self.images.shape)}"
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, rows: torch.Tensor) -> Split:
        """Return the split of these rows: an int64 tensor of positions or a bool mask."""
        return Split(*(tensor[rows] for tensor in self._tensors))

    def joined(self, other: Split) -> Split:
        """Return this split with the rows of another behind it."""
        pairs = zip(self._tensors, other._tensors, strict=True)
        return Split(*(torch.cat(pair) for pair in pairs))

    @property
    def _tensors(self) -> tuple[torch.Tensor, ...]:
        return self.images, self.labels, self.domains, self.groups, self.index

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes of images and labels, 64 hexadecimal digits."""
        digest = hashlib.sha256(str(tuple(self.images.shape)).encode())
        for tensor in (self.images, self.labels):
            digest.update(tensor.cpu().numpy().tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Card:
    """Where data come from and on what terms; `text` is the whole data card."""

    title: str
    source: str
    licence: str
    attribution: str
    text: str


@dataclass(frozen=True, eq=False)
class Task:
    """Data to learn from and to be tested on.

    Parameters
    ----------
    name : str
    classes, domains : tuple of str
        Names; labels and domain numbers point into them.
    train, val, test : Split
        To learn from, to choose settings on, and to look at once.
    pool : Split
        Further training images whose labels are not used.
    card : Card
    shots, seed : int or None
        Labelled images per class and the subset's seed, where `few_shot` made the task.
    """

    name: str
    classes: tuple[str, ...]
    domains: tuple[str, ...]
    train: Split
    val: Split
    test: Split
    pool: Split
    card: Card
    shots: int | None = None
    seed: int | None = None

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    @cached_property
    def labelled(self) -> Split:
        """Train and val as one split, in the order of the data file."""
        both = self.train.joined(self.val)
        return both.select(both.index.argsort())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the class names and all splits, 64 hexadecimal digits."""
        splits = (self.train, self.val, self.test, self.pool)
        parts = [*self.classes, *(split.fingerprint for split in splits)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def __repr__(self) -> str:
        shots = "" if self.shots is None else f", {self.shots} shots, seed {self.seed}"
        splits = {"train": self.train, "val": self.val, "test": self.test, "pool": self.pool}
        counts = ", ".join(f"{name} {len(split)}" for name, split in splits.items())
        shape = tuple(self.test.images.shape[1:])
        return (
            f"Task {self.name!r}{shots}\n"
            f"  {self.n_classes} classes: {', '.join(self.classes)}\n"
            f"  domains: {', '.join(self.domains)}\n"
            f"  images: {counts}; each {shape} {self.test.images.dtype}"
        )


def few_shot(task: Task, shots: int, *, seed: int) -> Task:
    """Keep the labels of a few images per class, validation among them.

    The seed orders the groups, and within a group its images; each class takes the first image
    of every group, then the second of every group, and so on, up to `shots`. About one group in
    five is for validation, the second one first, so no group stands in both train and val.
    Larger subsets of one seed contain the smaller ones.

    Parameters
    ----------
    task : Task
    shots : int
        Labelled images per class, train and val together. With 1, val is empty.
    seed : int
        0 or larger; other seeds give other subsets.

    Returns
    -------
    Task
        With the same test split; the images not taken are added to `pool`.

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


def places(groups: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return each row's group as its position in a random order of all groups."""
    distinct, number = np.unique(groups, return_inverse=True)
    return random.permutation(len(distinct))[number]


def one_in_five(labels: Sequence[int], places: Sequence[int]) -> np.ndarray:
    """Mark whole groups so that every class gives its 2nd, 7th, 12th, ... group.

    A group that several classes share is marked when most of them are due to give one.

    Parameters
    ----------
    labels : (n,) int
    places : (n,) int
        The position of each row's group in the order to go through.

    Returns
    -------
    (n,) bool

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
