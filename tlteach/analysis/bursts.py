"""What an audit suspects to be one moment: photographs that a network sees as nearly the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tlteach.data import UNKNOWN
from tlteach.data.album import Album
from tlteach.data.copies import MOST
from tlteach.data.findings import Finding, about

NEAR = 0.1  # one minus the cosine: `lite0` puts no two different things of `photos` so close
SHARE = 0.15  # of the usual distance within a class: where all is alike, "close" is closer
BATCH = 512


def bursts(
    album: Album, features: NDArray[np.float32], groups: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Return pairs of images from different groups that may show one thing at one moment.

    Two images are such a pair if one minus the cosine of their features is at most 0.1, and at
    most 0.15 of the median within the classes.

    Parameters
    ----------
    album : Album
    features : (n, width) array
    groups : (n,) array of int
        What is known to belong together already.
    """
    if len(features) > MOST:
        return []
    length = np.linalg.norm(features, axis=1, keepdims=True)
    unit = (features / np.where(length > 0, length, 1)).astype(np.float32)
    most = min(NEAR, SHARE * _usual(album, unit, groups))
    return [
        (i, j) for i, j, far in _apart(unit) if far <= most and groups[i] != groups[j] and i < j
    ]


def _apart(unit: NDArray[np.float32]) -> Iterator[tuple[int, int, float]]:
    """Yield the pairs that are at most `NEAR` apart; all at once would not fit for many rows."""
    for start in range(0, len(unit), BATCH):
        far = 1 - unit[start : start + BATCH] @ unit.T
        for i, j in zip(*np.nonzero(far <= NEAR), strict=True):
            yield start + int(i), int(j), float(far[i, j])


def _usual(album: Album, unit: NDArray[np.float32], groups: NDArray[np.int64]) -> float:
    """Return the median distance of two images of one class and different groups."""
    found = []
    for label in set(album.labels.tolist()) - {UNKNOWN}:
        rows = np.flatnonzero(album.labels == label)[:BATCH]
        other = groups[rows][:, None] != groups[rows]
        found += (1 - unit[rows] @ unit[rows].T)[other].tolist()
    return float(np.median(found)) if found else 0.0


def told_bursts(album: Album, pairs: list[tuple[int, int]]) -> list[Finding]:
    """Name each image of a burst once, with one that is like it."""
    found, joined = [], [*range(len(album.names))]
    for i, j in pairs:
        one, other = joined[i], joined[j]
        if one == other:
            continue
        joined = [one if owner == other else owner for owner in joined]
        labels, parts = album.labels[[i, j]], set(album.parts[[i, j]])
        apart = len(parts - {"train", "val", "pool"}) == 1 and len(parts) == 2
        differ = labels[0] != labels[1] and UNKNOWN not in labels
        what = f"a network sees nearly the same as in {album.names[j]}"
        do = "tlt.grouped(task, found) keeps both in one split; or put them into one sub-folder"
        severity = "warning" if apart or differ else "note"
        here, there = about(album, i), album.names[j]
        found.append(Finding(severity, "one moment", what, do, **here, other=there))
    return found
