"""Whose file is whose: a list of learners from Moodle or Canvas, and what downloads are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from tlteach.classroom.entries import Entry

MOODLE = ("Username", "ID number", "Email address")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
FILE = "file"  # a column of one's own: which file is whose
NAMES = (*MOODLE, *CANVAS[:4], "Full name", "Identifier")
# what the platforms call the files when all are downloaded at once
MOODLE_DOWNLOAD = re.compile(r"(?P<name>[^/]+)_(?P<id>\d+)_assignsubmission_file")
CANVAS_DOWNLOAD = re.compile(r"[^_/]+_(?:LATE_)?(?P<id>\d+)_\d+_")


def read_roster(path: str | Path) -> pd.DataFrame:
    """Read a list of learners: exported from Moodle or Canvas, or with a column "file".

    Raises
    ------
    FileNotFoundError
        Where there is none.
    ValueError
        Where no column says who somebody is.
    """
    with Path(path).open(encoding="utf-8-sig") as file:
        header = file.readline()
    separator = ";" if header.count(";") > header.count(",") else ","
    roster = pd.read_csv(
        path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig"
    ).map(str.strip)
    roster.columns = roster.columns.str.strip()
    if not {FILE, *NAMES} & set(roster.columns):
        allowed, got = (", ".join(map(repr, names)) for names in ((FILE, *NAMES), roster.columns))
        msg = f"roster must have one of the columns {allowed}; got {got}"
        raise ValueError(msg)
    if "Student" in roster:  # Canvas puts rows about the assignments among the learners
        about = roster["Student"].isin(["", "Points Possible"])
        roster = roster[~about]
    return roster.reset_index(drop=True)


def match(learners: Sequence[str], roster: pd.DataFrame) -> list[int]:
    """Return for each learner which row of a roster it is.

    Parameters
    ----------
    learners : sequence of str
        Paths inside the folder of submissions, without ".ipynb".
    roster : DataFrame
        From `read_roster`.

    Raises
    ------
    ValueError
        Where a file fits no row or several, or a row several files.

    Examples
    --------
    >>> roster = pd.DataFrame({"Email address": ["ada@x.org", "bo@x.org"], "Identifier": ["", ""]})
    >>> match(["bo@x.org"], roster)
    [1]
    """
    known = [_names(row) for row in roster.to_dict("records")]
    found = [[i for i, names in enumerate(known) if names & _called(path)] for path in learners]
    times = Counter(rows[0] for rows in found if len(rows) == 1)
    wrong = []
    for path, rows in zip(learners, found, strict=True):
        if len(rows) != 1:
            wrong.append(f"{path!r} fits {len(rows) or 'no'} rows")
        elif times[rows[0]] > 1:
            wrong.append(f"{path!r} shares its row with another file")
    if wrong:
        more = f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""
        msg = (
            "each file must belong to one row of the roster, and each row to one file at most; "
            f"got {', '.join(wrong[:10])}{more}. A column {FILE!r} in the roster settles it"
        )
        raise ValueError(msg)
    return [rows[0] for rows in found]


def placed(found: Sequence[Entry], roster: str | Path | None) -> tuple[list[Entry], dict[str, str]]:
    """Return what gets a row of its own, and of the rest why it does not.

    Every notebook does. So does whatever else is not hidden, unless there is a roster in which it
    is nobody's or somebody's who handed in a notebook: a picture beside a notebook stops no class.
    """
    rows = [one for one in found if not one.hidden]
    aside = {one.name: one.fault for one in found if one.hidden}
    if roster is None:
        return rows, aside
    known = [_names(row) for row in read_roster(roster).to_dict("records")]
    fits = [{i for i, names in enumerate(known) if names & _called(one.name)} for one in rows]
    notebooks = [not one.fault and one.path.suffix.lower() == ".ipynb" for one in rows]
    taken = set().union(*(fit for fit, is_one in zip(fits, notebooks, strict=True) if is_one))
    kept = []
    for one, fit, is_one in zip(rows, fits, notebooks, strict=True):
        if is_one or (len(fit) == 1 and not fit & taken):
            kept.append(one)
            taken |= fit
        else:
            why = one.fault or "is no notebook"
            aside[one.name] = f"{why}; its learner is unknown or has another file"
    return kept, aside


def _called(path: str) -> set[str]:
    """Return what a learner may be called, going by a file's path."""
    parts = PurePosixPath(path).parts
    keys = {path, parts[0], parts[-1]}
    if moodle := MOODLE_DOWNLOAD.match(path):
        keys |= {moodle["name"], moodle["id"]}
    if canvas := CANVAS_DOWNLOAD.match(parts[-1]):
        keys |= {canvas["id"]}
    return {key.casefold() for key in keys}


def _names(row: Mapping[Any, str]) -> set[str]:
    if row.get(FILE):
        return {row[FILE].casefold().removesuffix(".ipynb")}
    names = {row.get(column, "").removeprefix("Participant ") for column in NAMES}
    names.add(f"{row.get('First name', '')} {row.get('Last name', '')}".strip())
    return {name.casefold() for name in names if name}
