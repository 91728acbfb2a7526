"""Grades as a CSV file: with everything, or as Moodle or Canvas import it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from tlteach.base import atomic_write, checked, in_range, one_of, unformula
from tlteach.classroom.roster import CANVAS, MOODLE, match, read_roster

FORMATS = ("plain", "moodle", "canvas")
EXERCISE = re.compile(r"\d\d\.\w+")
WHO = (*MOODLE, *CANVAS)
OWN = "own name"
NO_GRADE = "-"


@checked
def write_grades(
    table: pd.DataFrame,
    out: str | Path,
    *,
    format: str = "plain",
    roster: str | Path | None = None,
    column: str = "",
    out_of: float | None = None,
) -> Path:
    """Write grades, one row per learner.

    Parameters
    ----------
    table : DataFrame
        From `grade`, or its plain CSV file read again.
    out : str or Path
        The CSV file.
    format : {"plain", "moodle", "canvas"}
        plain: all there is, with a note on who could not be graded. moodle: who it is, the grade
        ("-" for none) and a feedback. canvas: the columns of Canvas's gradebook.
    roster : str or Path, optional
        A list of learners. Without it, files have to be named by username or login.
    column : str
        The grade's name; default the file's. In Canvas, "Name (4711)" is the assignment 4711.
    out_of : float, optional
        The best grade; default 100 for Moodle, where new grade items end at 100, else the points.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        For an unknown format, or files and rows of the roster that do not fit.

    Examples
    --------
    >>> import tempfile
    >>> table = pd.DataFrame({"learner": ["ada"], "00.1": [4.0], "points": [4.0],
    ...                       "possible": [4.0], "note": [""], "seconds": [6.1]})
    >>> path = write_grades(table, Path(tempfile.mkdtemp()) / "start.csv", format="moodle")
    >>> print(path.read_text())
    Username,start,start feedback
    ada,100.00,4 of 4 points (00.1: 4)
    """
    people = people_of([str(learner) for learner in table["learner"]], format, roster)
    if format == "plain":
        written = pd.concat([people.filter(WHO), table.reset_index(drop=True)], axis=1)
    else:
        name = column or Path(out).stem
        best = 100.0 if format == "moodle" and out_of is None else out_of
        possible = table["possible"].astype(float)
        share = table["points"].astype(float) / possible
        top = possible if best is None else possible * 0 + in_range("out_of", best, 1)
        grades = [_number(value) for value in share * top]
        if format == "moodle":
            written = _moodle(table, people, name, grades)
        else:
            written = _canvas(people, name, grades, f"{top.max():g}")
    texts = written.select_dtypes(include=["object", "string"]).columns
    written[texts] = written[texts].map(_cell)
    with atomic_write(out) as temporary:
        written.to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")
    return Path(out)


def people_of(learners: list[str], format: str, roster: str | Path | None) -> pd.DataFrame:
    """Return who is in each row, as the roster has it; without one, by the file's name.

    Raises
    ------
    ValueError
        For an unknown format, or a roster that does not fit the files or the format.
    """
    wanted = {"moodle": MOODLE, "canvas": CANVAS[:4]}.get(one_of("format", format, FORMATS), ())
    if roster is None:
        names = [PurePosixPath(learner).name for learner in learners]
        twice = sorted(name for name, times in Counter(names).items() if times > 1)
        if wanted and twice:
            msg = (
                f"names of files must differ for {format}, or come with a roster; "
                f"got several of {', '.join(map(repr, twice[:10]))}"
            )
            raise ValueError(msg)
        return pd.DataFrame({OWN: names})
    known = read_roster(roster)
    if wanted and not set(wanted) & set(known.columns):
        allowed, got = (", ".join(map(repr, names)) for names in (wanted, known.columns))
        msg = f"roster must have one of the columns {allowed} for {format}; got {got}"
        raise ValueError(msg)
    return known.iloc[match(learners, known)].reset_index(drop=True)


def _moodle(
    table: pd.DataFrame, people: pd.DataFrame, name: str, grades: list[str]
) -> pd.DataFrame:
    known = people.rename(columns={OWN: "Username"}).filter(MOODLE)
    feedback = [_feedback(row) for row in table.to_dict("records")]
    return known.assign(
        **{name: [grade or NO_GRADE for grade in grades], f"{name} feedback": feedback}
    )


def _canvas(people: pd.DataFrame, name: str, grades: list[str], top: str) -> pd.DataFrame:
    if OWN in people:
        people = people.assign(**{"Student": people[OWN], "SIS Login ID": people[OWN]})
    known = people.reindex(columns=list(CANVAS), fill_value="").assign(**{name: grades})
    about = dict.fromkeys(CANVAS, "") | {"Student": "Points Possible", name: top}
    return pd.concat([pd.DataFrame([about]), known])


def _feedback(row: Mapping[Any, Any]) -> str:
    note = "" if pd.isna(row["note"]) else str(row["note"])
    if pd.isna(row["points"]):
        return f"not graded: {note}"
    each = ", ".join(f"{id}: {row[id]:g}" for id in row if EXERCISE.fullmatch(str(id)))
    told = f"{row['points']:g} of {row['possible']:g} points ({each})"
    return f"{told}; {note}" if note else told


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.2f}"


def _cell(value: Any) -> Any:
    """Return text that no spreadsheet takes for a formula; "-" is Moodle's word for no grade."""
    if not isinstance(value, str) or value == NO_GRADE:
        return value
    return unformula(value)
