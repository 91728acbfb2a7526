"""`grouped`: a task whose splits keep together what an audit found to belong together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from tlteach.base import checked, warn_caller
from tlteach.data import FolderNote, Split, Task, at_seed
from tlteach.data.album import PARTS, names_of
from tlteach.data.copies import same_pairs, sets, tied
from tlteach.data.names import some

TOLD_APART = PARTS[:3]  # train, val, test


@checked
def grouped(task: Task, found: pd.DataFrame, *, seed: int = 0) -> Task:
    """Keep images together that an audit named in pairs: copies, near copies, one moment.

    `from_folder` sees copies and what a hash sees. A photograph moved by a hand's breadth takes a
    network to see, so `audit` finds it, and this puts both into one group. Splits that
    `from_folder` drew are drawn anew, as if it had known these groups. Splits that the folder
    gives stay: of a group that stands in the test split, the images in train and val are left out.

    Parameters
    ----------
    task : Task
        Of images, before `few_shot`.
    found : DataFrame
        From `audit` of the task or of its folder: all of it, or the rows that you believe, such
        as ``found[found["kind"] != "one moment"]``. Rows without a second file are passed over.
    seed : int, default 0
        That of `from_folder`.

    Returns
    -------
    Task
        The same images, fewer groups; as it is if no pair stands apart. Its card says so.

    Raises
    ------
    ValueError
        For a task from `few_shot`, a file that is not in the task, or where a class then has no
        image left in a split.

    Warns
    -----
    FolderNote
        What was tied together, and what was left out.

    Examples
    --------
    >>> import tlteach as tlt
    >>> photos = tlt.load_task("photos")
    >>> pair = pd.DataFrame({"file": ["train 0"], "other": ["train 9"]})
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     task = grouped(photos, pair)
    >>> rows = task.train.groups
    >>> bool(rows[0] == rows[9]), len(task.train) == len(photos.train)
    (True, True)
    """
    if task.shots is not None:
        msg = f"task must be grouped before few_shot; got {task.name!r} with {task.shots} shots"
        raise ValueError(msg)
    names = [name for part in PARTS for name in names_of(task, part)]
    splits = [getattr(task, part) for part in PARTS]
    before = torch.cat([split.groups for split in splits]).numpy()
    pairs = _pairs(found, names)
    fresh = [(i, j) for i, j in pairs if before[i] != before[j]]
    if not fresh:
        return task
    members = [", ".join(names[i] for i in rows) for rows in sets(tied(len(names), fresh))]
    notes = [f"kept together after an audit: {some(members, '; ')}"]
    # numbered in the order of the files, by which the draw of splits goes
    order = torch.cat([split.index for split in splits]).argsort(stable=True).numpy()
    rank = np.argsort(order)
    known = same_pairs(before[order].tolist())
    groups = tied(len(names), known + [(rank[i], rank[j]) for i, j in fresh])[rank]
    made = _with_groups(task, groups)
    if _is_drawn(task, seed):
        made = _drawn(made, seed)
    else:
        made, left = _apart(made)
        notes += [f"left out of train and val, with test images: {some(left)}"] if left else []
    _check(made)
    warn_caller(f"{task.name}: {'; '.join(notes)}", FolderNote)
    text = task.card.text + "".join(f"\n- {note}" for note in notes) + "\n"
    return replace(made, card=replace(task.card, text=text))


def _pairs(found: pd.DataFrame, names: list[str]) -> list[tuple[int, int]]:
    """Return the places of the two files of every row that names two."""
    if missing := [column for column in ("file", "other") if column not in found]:
        msg = f"found must be a table from audit; it has no column {missing[0]!r}"
        raise ValueError(msg)
    place = {name: i for i, name in enumerate(names)}
    both = found.loc[(found["file"] != "") & (found["other"] != ""), ["file", "other"]]
    for name in both.to_numpy().ravel():
        if name not in place:
            msg = f"found must be of this task or its folder; {name!r} is not in it: audit it again"
            raise ValueError(msg)
    return [(place[one], place[other]) for one, other in both.itertuples(index=False)]


def _with_groups(task: Task, groups: np.ndarray) -> Task:
    """Return the task with these groups, image by image in the order of its splits."""
    splits: list[Split] = [getattr(task, part) for part in PARTS]
    parts = torch.from_numpy(groups).split([len(split) for split in splits])
    fresh = (replace(split, groups=own) for split, own in zip(splits, parts, strict=True))
    train, val, test, pool = fresh
    return replace(task, train=train, val=val, test=test, pool=pool)


def _drawn(task: Task, seed: int) -> Task:
    """Return the task with the splits that `from_folder` draws."""
    drawn = at_seed(replace(task, resplit=True), seed)
    return replace(drawn, resplit=task.resplit, test_share=task.test_share)


def _is_drawn(task: Task, seed: int) -> bool:
    """Return whether its splits are those that a draw gives; else somebody chose them."""
    try:
        drawn = _drawn(task, seed)
    except ValueError:  # a draw would leave a class without images
        return False
    pairs = ((getattr(task, part), getattr(drawn, part)) for part in TOLD_APART)
    return all(here.index.equal(there.index) for here, there in pairs)


def _apart(task: Task) -> tuple[Task, list[str]]:
    """Leave out of train and val what is tied to test images; return the names of these, too."""
    shared = {
        part: torch.isin(getattr(task, part).groups, task.test.groups) for part in ("train", "val")
    }
    left = [
        name
        for part, out in shared.items()
        for name, gone in zip(names_of(task, part), out.tolist(), strict=True)
        if gone
    ]
    train, val = (getattr(task, part).select(~out) for part, out in shared.items())
    return replace(task, train=train, val=val), left


def _check(task: Task) -> None:
    """Raise where a class has no image left to learn from, to choose by or to be tested on."""
    for part in TOLD_APART:
        counts = torch.bincount(getattr(task, part).labels, minlength=task.n_classes)
        if not counts.all():
            gone = task.classes[int(counts.argmin())]
            msg = (
                f"every class needs images in {part}; with these kept together none is left of "
                f"{gone}: take more photographs of it, or leave out rows of found"
            )
            raise ValueError(msg)
