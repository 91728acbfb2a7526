"""What an audit finds without any network: files, copies, balance; and the table of it all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from tlteach.data.album import Album
from tlteach.data.copies import MOST, Pairs, copy_pairs
from tlteach.data.names import count
from tlteach.data.task import UNKNOWN

SEVERITIES = ("error", "warning", "note")
SMALLEST_SIDE = 32  # pixels: below, the hash of near copies compares cells that hold no pixel
HUGE = 50e6  # pixels
UNEQUAL = 10  # times the images of another class: more is told
LONG = 3.0  # times the other side
FEW = 10  # images of a class


@dataclass(frozen=True)
class Finding:
    """One row of the table; `other` is the other file of a pair, `suggests` another class."""

    severity: str
    kind: str
    found: str
    do: str
    file: str = ""
    label: str = ""
    split: str = ""
    other: str = ""
    suggests: str = ""
    score: float = float("nan")


COLUMNS = [
    "severity", "kind", "file", "label", "split", "other", "suggests", "score", "found", "do",
]  # fmt: skip
assert sorted(COLUMNS) == sorted(f.name for f in fields(Finding))


def table_of(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table, the severest first, otherwise in their order."""
    rows = pd.DataFrame([asdict(finding) for finding in findings], columns=COLUMNS)
    rank = rows["severity"].map(SEVERITIES.index).astype(int)
    return rows.loc[rank.sort_values(kind="stable").index].reset_index(drop=True)


def summary(name: str, images: int, found: pd.DataFrame) -> str:
    """Return one line: how many images, and how many findings of each severity."""
    counts = found["severity"].value_counts()
    told = ", ".join(count(int(counts.get(word, 0)), word) for word in SEVERITIES)
    return f"{name}: {count(images, 'image')}, {told}"


def glance(album: Album, same: Pairs, near: Pairs) -> str:
    """Return an audit's one line as far as it needs no network, and who says more.

    Parameters
    ----------
    album : Album
    same, near : list of (int, int)
        Pairs of copies, see `copies.copy_pairs`.
    """
    found = [*unreadable(album), *odd_files(album, album.images.shape[-1])]
    table = table_of([*found, *balance(album), *copies(album, same, near)])
    return f"{summary(album.name, len(album.names), table)}; tlt.audit looks closer"


def about(album: Album, i: int) -> dict[str, Any]:
    """Return the columns that name an image."""
    label = album.classes[album.labels[i]] if album.labels[i] != UNKNOWN else ""
    return {"file": album.names[i], "label": label, "split": str(album.parts[i])}


def unreadable(album: Album) -> list[Finding]:
    """Name files that are no readable images, and what the folder's reader noted."""
    do = "repair it or take it out: from_folder stops at it, unless skip_bad=True"
    bad = [Finding("error", "corrupt file", why, do, name) for name, why in album.bad.items()]
    return bad + [
        Finding("note", "folder", note, "see whether that is meant") for note in album.notes
    ]


def odd_files(album: Album, size: int) -> list[Finding]:
    """Name files whose type is not what their name says, and images of odd sizes and shapes."""
    found = []
    endings = Image.registered_extensions()
    columns = ("width", "height", "format")
    facts = zip(*(album.facts[column].tolist() for column in columns), strict=True)
    for i, (width, height, kind) in enumerate(facts):
        here, sides = about(album, i), f"{width} x {height} pixels"
        ending = PurePosixPath(album.names[i]).suffix.lower()
        told = endings.get(ending)
        if told != kind and {told, kind} != {"JPEG", "MPO"}:  # a phone's JPEG is one
            what = f"a {kind} file whose name ends in {ending or 'nothing'}"
            found.append(Finding("note", "odd file", what, "rename it, or save it again", **here))
        short, long = sorted((width, height))
        if 2 * short < size:
            what = f"{sides}: less than half of the {size} that are read"
            do = "take a larger version, or leave it out: blown up it shows little"
            found.append(Finding("warning", "tiny image", what, do, **here))
        if short * long > HUGE:
            do = "shrink it once: reading it is slow each time"
            found.append(Finding("note", "huge image", sides, do, **here))
        if long > LONG * short:
            do = "crop it to the thing, or read with fit='pad'"
            found.append(Finding("warning", "odd shape", sides, do, **here))
    return found


def balance(album: Album) -> list[Finding]:
    """Tell classes that are rare, missing from a split, or far smaller than another."""
    known = album.labels != UNKNOWN
    counts = np.bincount(album.labels[known], minlength=len(album.classes))
    found = []
    for j, (name, n) in enumerate(zip(album.classes, counts.tolist(), strict=True)):
        given = set(album.parts[known]) - {""}
        for part in sorted(given - set(album.parts[known & (album.labels == j)])):
            do = "move some of its images there, or draw the splits anew"
            found.append(
                Finding("error", "missing class", f"no image in {part}", do, "", name, part)
            )
        if n * UNEQUAL < counts.max():
            most = album.classes[counts.argmax()]
            what = f"{count(n, 'image')}, {most} has {counts.max()}"
            do = "take more of it, and judge by more than accuracy, which is the large class's"
            found.append(Finding("warning", "imbalance", what, do, "", name))
        elif n < FEW:
            what = f"{count(n, 'image')}: too few to learn from and to test on"
            found.append(Finding("warning", "few images", what, "take more of it", "", name))
    return found


def alike(album: Album) -> tuple[Pairs, Pairs]:
    """Return pairs of the same pixels and, where they can be told, of near copies."""
    side = min(album.images.shape[2:])
    return copy_pairs(album.images, near=side >= SMALLEST_SIDE and len(album.images) <= MOST)


def copies(album: Album, same: Pairs, near: Pairs) -> list[Finding]:
    """Name copies in pairs, each image at least once, in its most serious pair.

    A burst of 20 has 190 pairs; told are 19 that hold it together, the most serious first: of a
    graph of pairs its minimum spanning forest.
    """
    if not (pairs := [*same, *near]):
        return []
    places, exact = np.array(pairs), np.arange(len(pairs)) < len(same)
    n = len(album.names)
    graph = coo_array((_ranks(album, places, exact) + 1, tuple(places.T)), (n, n))
    held = minimum_spanning_tree(graph.tocsr()).tocoo()
    of_same, found = set(same), []
    for _, i, j in sorted(
        zip(held.data.tolist(), *map(np.ndarray.tolist, held.coords), strict=True)
    ):
        severity, kind, what, do = _severity(album, i, j, exact=(i, j) in of_same)
        mine, yours = about(album, i), about(album, j)
        where = f"{yours['label']} {yours['split']}".strip()
        told = f"{what} {yours['file']}" + (f" ({where})" if where else "")
        found.append(Finding(severity, kind, told, do, **mine, other=yours["file"]))
    return found


def _ranks(album: Album, pairs: NDArray[np.int64], exact: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return a number for each pair, lower for what `_severity` calls more severe."""
    labels, parts = album.labels[pairs], album.parts[pairs]
    conflict = (labels[:, 0] != labels[:, 1]) & (labels != UNKNOWN).all(1)
    apart = parts[:, 0] != parts[:, 1]
    mild = (parts == "pool").any(1) | np.isin(parts, ("train", "val")).all(1)
    severity = np.select([conflict | (apart & ~mild), apart], [0, 1], 2)
    return 2 * severity + ~exact


def _severity(album: Album, i: int, j: int, *, exact: bool) -> tuple[str, str, str, str]:
    word, what = ("copy", "same pixels as") if exact else ("near copy", "shows nearly the same as")
    labels, parts = album.labels[[i, j]], album.parts[[i, j]]
    if labels[0] != labels[1] and UNKNOWN not in labels:
        return "error", "label conflict", what, "one of the two labels is wrong: mend it"
    if parts[0] != parts[1] and "pool" not in parts and set(parts) != {"train", "val"}:
        do = "keep both on one side, or take one out: the test would ask what was taught"
        return "error", f"{word} across splits", what, do
    if parts[0] != parts[1]:
        do = "take one out, if it should count once"
        return "warning", f"{word} across splits", what, do
    return "note", word, what, "from_folder keeps them in one split; take one out to count it once"
