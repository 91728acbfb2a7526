"""`audit`: what is wrong or odd in someone's images, by file, before anything is learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from tlteach.analysis.bursts import bursts, told_bursts
from tlteach.analysis.shown import Findings
from tlteach.analysis.suspects import outliers, shortcuts, wrong_labels
from tlteach.base import checked, device as machine, in_range
from tlteach.data import Task
from tlteach.data.album import Album
from tlteach.data.copies import same_pairs, tied
from tlteach.data.findings import (
    Finding,
    alike,
    balance,
    copies,
    odd_files,
    summary,
    table_of,
    unreadable,
)
from tlteach.models import Backbone, extract_features, load_backbone


@checked
def audit(
    what: Task | str | Path,
    *,
    backbone: str | Backbone = "lite0",
    size: int = 96,
    seed: int = 0,
    device: str | torch.device | None = None,
) -> pd.DataFrame:
    """Look through the images of a task or a folder, and name what should be looked at by eye.

    Files that cannot be read or are odd, images that are tiny, huge or long, classes that are
    rare; copies and near copies, across splits and with different labels above all; what may be
    one moment, since a network sees nearly the same; labels that may be wrong; outliers; classes
    that trivial numbers give away; overlap with what the backbone was trained on. docs/audit.md has
    the rules, and how often they are right.

    It changes nothing. It looks at the test split too, since faults there spoil the verdict; mend
    what you can see to be wrong, never what a model merely got wrong.

    Parameters
    ----------
    what : Task of images, or path of a folder or archive
        A folder tells more: files have types and sizes, and those that cannot be read.
    backbone : str or Backbone, default "lite0"
        Whose features labels and outliers are judged by.
    size : int, default 96
        Side of the squares that files of a folder become.
    seed : int, default 0
        Deals the folds. Same seed, same table.
    device : str or torch.device, optional
        Default: the best one here.

    Returns
    -------
    DataFrame
        A row each, severest first: severity ("error": mend it before anything else, "warning":
        look at it, "note": know it), kind, file, label, split, other (the other file of a pair),
        suggests (another class), score, found, do. Of a task without files, file is split and
        row. ``attrs["summary"]`` is one line. A notebook shows it by
        severity; what is picked from it shows as any table.

    Raises
    ------
    TypeError
        For anything else, or a task of texts.
    ValueError, NotADirectoryError
        For a folder without classes or without a readable image.

    Examples
    --------
    >>> import tlteach as tlt
    >>> found = audit(tlt.load_task("digits"), backbone="small_cnn")
    >>> found.attrs["summary"].split(",")[0]
    'digits: 1797 images'
    """
    in_range("size", size, 16)
    album = _album(what, size)
    net = load_backbone(backbone) if isinstance(backbone, str) else backbone
    features = extract_features(net.to(machine.pick(device)), album.images).numpy()
    same, near = alike(album)
    known = same + near + same_pairs(album.groups.tolist())
    moments = bursts(album, features, tied(len(album.names), known))
    groups = tied(len(album.names), known + moments)
    found = Findings(
        table_of(
            [
                *unreadable(album),
                *odd_files(album, size),
                *balance(album),
                *copies(album, same, near),
                *told_bursts(album, moments),
                *(_learnt(album, features, groups, seed)),
                *outliers(album, features),
                *_overlap(album, net),
            ]
        )
    )
    found.attrs["images"] = len(album.names)
    found.attrs["summary"] = summary(album.name, len(album.names), found)
    return found


def _album(what: Any, size: int) -> Album:
    if isinstance(what, Task):
        return Album.of(what)
    if isinstance(what, str | Path):
        return Album.read(what, size=size)
    msg = f"what must be a task or the path of a folder; got {type(what).__name__}"
    raise TypeError(msg)


def _learnt(album: Album, features: np.ndarray, groups: np.ndarray, seed: int) -> list[Finding]:
    """Return what takes a model that learns the classes; an empty class cannot be learnt."""
    counts = np.bincount(album.labels[album.labels >= 0], minlength=len(album.classes))
    if not counts.all():
        return []
    found = shortcuts(album, groups, seed)
    return [*found, *wrong_labels(album, features, groups, seed)]


def _overlap(album: Album, net: Backbone) -> list[Finding]:
    """Tell which classes the backbone was trained to name: there it knows more than it will."""
    shared = [name for name in album.classes if name in net.card.classes]
    do = "say so where you report: for these the source had labels of its own"
    told = net.card.overlap(album.classes)
    return [Finding("note", "overlap with the source", told, do)] if shared else []
