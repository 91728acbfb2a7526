"""A task from a learner's own images, wherever they came from: splits, groups and notes.

Everything that the owner has to know, but that stops nothing, is a note: all notes of a task are
one `FolderNote`, a warning, and stand in its card as well, so that they travel with the task.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import torch

from tlteach.base import rng, warn_caller
from tlteach.data.album import Album
from tlteach.data.card import Card
from tlteach.data.copies import MOST, Pairs, copy_pairs, same_pairs, sets, tied
from tlteach.data.findings import UNEQUAL, glance
from tlteach.data.names import count, natural, some, told_twins
from tlteach.data.subset import divided, one_in_five, places
from tlteach.data.task import UNKNOWN, Split, Task


class FolderNote(UserWarning):
    """What was passed over, taken for granted or looks odd in someone's own images.

    It stops nothing. ``warnings.simplefilter("ignore", tlteach.data.FolderNote)`` silences it; the
    same text stays in ``task.card.text``.
    """


@dataclass(frozen=True)
class Photos:
    """Images with what is known of each: label `UNKNOWN` and part "pool" for those without."""

    images: torch.Tensor
    labels: np.ndarray
    classes: tuple[str, ...]
    parts: np.ndarray  # "train", "val", "test", "pool", or "" where a draw decides
    files: tuple[str, ...] = ()
    groups: Sequence[Hashable | None] = ()  # what belongs together; None, and no groups: nothing
    notes: list[str] = field(default_factory=list)
    looks: torch.Tensor | None = None  # to compare by, where the images have margins
    fit: str = "crop"  # how they became squares
    domains: Sequence[str] = ()  # where each comes from, if there are several places
    facts: pd.DataFrame | None = None  # of files: see `Album`
    bad: dict[str, str] = field(default_factory=dict)  # why a file is no image

    def name(self, i: int) -> str:
        """Return what to call an image."""
        return self.files[i] if self.files else f"image {i}"


def make_task(name: str, photos: Photos, *, seed: int, source: str, near_copies: bool) -> Task:
    """Divide labelled images into splits, tell the notes, and write them into the card.

    It must be called by the function that the user called: the warnings name the user's line.
    """
    drawn = not np.isin(photos.parts, ("train", "val", "test")).any()
    kept = "each kept in one split" if drawn else "as far as the given folders keep them together"
    notes = photos.notes + told_twins(photos.classes)
    notes += _told_groups(photos.groups, kept) + _told_balance(photos)
    same, near = _copies(photos, notes, near_copies)
    groups = _grouped(photos, same, near, notes, kept)
    copies = tied(len(groups), same)
    labels = torch.from_numpy(photos.labels)
    known = photos.parts != "pool"
    known_sites = photos.domains or [name] * len(labels)
    sites = tuple(sorted(set(known_sites), key=natural))
    where = np.array([sites.index(site) for site in known_sites], dtype=int)
    everything = Split(
        photos.images,
        labels,
        torch.from_numpy(where),
        torch.from_numpy(groups),
        torch.arange(len(labels)),
    )
    rows, pool = (everything.select(torch.from_numpy(mask)) for mask in (known, ~known))
    test, val, leaks = _held_out(rows, photos.parts[known], copies[known], seed)
    if spoilt := np.isin(pool.groups, rows.groups[torch.from_numpy(test)]).sum():
        notes.append(f"{count(int(spoilt), 'pool image')} with a copy or its group among the tests")
    card = _card(name, source, notes)
    task = divided(name, photos.classes, sites, rows, test=test, card=card, val=val, seed=seed)
    _check_enough(task, rows)
    if leaks:
        warn_caller(leaks, UserWarning)
    if notes:
        told = _listed(f"{name} (tlt.audit looks closer):", notes)
        warn_caller(told, FolderNote)
    if photos.facts is not None:
        print(glance(_album(name, photos, photos.facts), same, near))  # noqa: T201  # an audit's one line
    return replace(task, pool=pool, files=photos.files, fit=photos.fit)


def _album(name: str, photos: Photos, facts: pd.DataFrame) -> Album:
    names = tuple(map(photos.name, range(len(photos.images))))
    return Album(
        name, photos.images, photos.labels, photos.parts, names, np.arange(len(names)),
        photos.classes, facts, photos.bad, photos.notes,
    )  # fmt: skip


def _held_out(
    rows: Split, parts: np.ndarray, copies: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray | None, str]:
    """Return masks of test and, where folders say, val; and a word on what they share."""
    if not (parts != "").any():
        order = places(rows.groups.numpy(), rng(seed, "test"))
        return one_in_five(rows.labels.tolist(), order.tolist()), None, ""
    held_out = "test" if "test" in parts else "val"
    test = parts == held_out
    val = parts == "val" if held_out == "test" and "val" in parts else None
    return test, val, _leaks(rows.groups.numpy(), copies, test)


def _told_groups(groups: Sequence[Hashable | None], kept: str) -> list[str]:
    names = list(dict.fromkeys(map(str, (group for group in groups if group is not None))))
    return [f"{count(len(names), 'group')}, {kept}: {some(names)}"] if names else []


def _told_balance(photos: Photos) -> list[str]:
    counts = np.bincount(photos.labels[photos.labels >= 0], minlength=len(photos.classes))
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] <= UNEQUAL * counts[least]:
        return []
    told = f"{photos.classes[most]} {counts[most]}, {photos.classes[least]} {counts[least]}"
    return [f"classes of unequal size, {told}: accuracy says little about the rare ones"]


def _copies(photos: Photos, notes: list[str], near_copies: bool) -> tuple[Pairs, Pairs]:
    """Return pairs of copies and of near copies, if there are not too many images for them."""
    n = len(photos.images)
    if near_copies and n > MOST:
        notes.append(f"near copies are looked for among at most {MOST:,} images; got {n:,}")
    return copy_pairs(photos.images, photos.looks, near=near_copies and n <= MOST)


def _grouped(photos: Photos, same: Pairs, near: Pairs, notes: list[str], kept: str) -> np.ndarray:
    """Return each image's group; tell what else than the owner's groups belongs together."""
    n = len(photos.images)
    alike = [", ".join(map(photos.name, members)) for members in sets(tied(n, near))]
    if alike:
        notes.append(f"near copies, {kept}: {some(alike, '; ')}")
    unsure = [
        ", ".join(map(photos.name, members))
        for members in sets(tied(n, same + near))
        if len(set(photos.labels[members]) - {UNKNOWN}) > 1
    ]
    if unsure:
        notes.append(f"copies with different labels, is one wrong? {some(unsure, '; ')}")
    try:
        together = same_pairs(photos.groups)
    except TypeError as error:
        msg = f"groups must be what a dict can hold, such as text or a number: {error}"
        raise TypeError(msg) from error
    return tied(n, same + near + together)


def _listed(head: str, notes: list[str]) -> str:
    return "\n- ".join([head, *notes])


def _card(name: str, source: str, notes: list[str]) -> Card:
    text = f"# {name}\n\nMade from the {source}: see its owner for source and licence.\n"
    if notes:
        text += _listed("\nWhat was noted when they were read:\n", notes) + "\n"
    return Card(name, source, "not stated", "not stated", text)


def _leaks(groups: np.ndarray, copies: np.ndarray, test: np.ndarray) -> str:
    """Say how many images given as test stand on the other side too, or have relatives there."""
    same = np.isin(copies, copies[~test]) & test
    related = np.isin(groups, groups[~test]) & test & ~same
    told = []
    if same.any():
        told.append(f"{same.sum()} of {test.sum()} test images also stand in train or val")
    if related.any():
        told.append(
            f"{related.sum()} of {test.sum()} test images have near copies or their group in "
            "train or val"
        )
    return "; ".join(told)


def _check_enough(task: Task, rows: Split) -> None:
    splits = {"train": task.train, "val": task.val, "test": task.test}
    for word, split in splits.items():
        counts = torch.bincount(split.labels, minlength=task.n_classes)
        short = [i for i, n in enumerate(counts.tolist()) if n == 0]
        if short:
            msg = (
                f"every class needs different images for train, val and test, at least 3; "
                f"no {word} image for {', '.join(task.classes[i] for i in short)}"
            )
            mine = rows.labels == short[0]
            if len(rows.groups[mine].unique()) < int(mine.sum()):
                groups = count(len(rows.groups[mine].unique()), "group")
                msg += f", whose {count(int(mine.sum()), 'image')} are {groups} kept in one split"
                msg += ": sub-folders, copies and near copies; see groups and near_copies"
            raise ValueError(msg)
