"""Assignments: a notebook's exercises as questions of otter-grader, and grades for a class.

What is right is judged by the same definitions as in `tlteach.lessons.check`: an assignment
holds the ids of exercises and no answers. docs/grading.md says how to go about it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from tlteach.base import bar, checked, course_folder, in_range, one_of, sha256, visible
from tlteach.classroom.autograder import Autograder
from tlteach.classroom.entries import Entry, entries
from tlteach.classroom.gradebook import FORMATS, people_of, write_grades
from tlteach.classroom.noted import note, note_aside, noted
from tlteach.classroom.otter import Mark, mark, require_otter, run_otter
from tlteach.classroom.questions import demand
from tlteach.classroom.roster import placed
from tlteach.lessons.course import TITLES, number_of

__all__ = ["demand", "grade", "write_assignment", "write_grades"]

TIERS = ("smoke", "class", "full")


@checked
def write_assignment(
    source: str | Path,
    out: str | Path,
    *,
    points: tuple[float, float] = (1, 3),
    run: bool = True,
    timeout: float = 1800,
) -> Path:
    """Turn a notebook source into an assignment: a learners' copy and an autograder.

    Each exercise that the notebook checks becomes a question with two tests. The visible one
    wants an answer of the right kind, the hidden one the right answer.

    Parameters
    ----------
    source : str or Path
        A file such as notebooks/src/00_start.py (jupytext percent), or the name of a notebook of
        the course, such as "00_start".
    out : str or Path
        ``out/00_start/student`` and ``out/00_start/autograder`` are written, or replaced.
    points : pair of float
        For the visible and the hidden test of each exercise.
    run : bool, default True
        Whether the solutions are run, in the smoke tier, and must get all points.
    timeout : float
        Seconds for running them.

    Returns
    -------
    Path
        The folder of this assignment.

    Raises
    ------
    FileNotFoundError
        Where there is no such source.
    ValueError
        Where it checks no exercise, one twice, one after its stand-in, or one in a solution.
    RuntimeError
        Where the solutions do not get all points, or otter fails.
    ModuleNotFoundError
        Without otter-grader.

    Examples
    --------
    >>> write_assignment("notebooks/src/no_such.py", "assignments")
    Traceback (most recent call last):
        ...
    FileNotFoundError: source must be a notebook source or a notebook's name, such as 00_start;
    there is no notebooks/src/no_such.py
    """
    from tlteach.classroom.master import clean_copy, master_notebook

    source, out = _source(source), Path(out)
    for value in points:
        in_range("points", value, 0)
    require_otter()
    notebook, ids = master_notebook(source, points)
    name = f"{source.stem}.ipynb"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".", ignore_cleanup_errors=True) as temporary:
        work = Path(temporary).resolve()
        (work / name).write_text(json.dumps(notebook), encoding="utf-8")
        run_otter(["assign", name, "made", "--no-run-tests", "--no-pdfs"], work, timeout=timeout)
        made = work / "made" / "autograder"
        clean_copy(work / "made" / "student" / name)
        archive = next(made.glob("*.zip")).replace(made / "autograder.zip")
        autograder = Autograder(archive, source.stem, dict.fromkeys(ids, sum(points)))
        autograder.write_card()
        if run:
            _demand_all_points(made / name, autograder, timeout)
        for part in ("student", "autograder"):
            _replace(work / "made" / part, out / source.stem / part)
    return out / source.stem


def _source(source: str | Path) -> Path:
    """Return the source that was meant: a file, or that of a notebook of the course."""
    path = Path(source)
    if path.is_file():
        return path
    with contextlib.suppress(ValueError, FileNotFoundError):
        number = number_of(str(source))
        return course_folder() / "src" / f"{number}_{TITLES[number]}.py"
    msg = (
        "source must be a notebook source or a notebook's name, such as 00_start; "
        f"there is no {path}"
    )
    raise FileNotFoundError(msg)


def _demand_all_points(solved: Path, autograder: Autograder, timeout: float) -> None:
    got = mark(solved, autograder, timeout=timeout, tier="smoke")
    wrong = [id for id, full in autograder.possible.items() if got.scores.get(id, 0) < full]
    if wrong:
        told = got.note or "; ".join(got.says[id].strip() for id in wrong)
        msg = f"the solutions of {autograder.name} must get all points: {told}"
        raise RuntimeError(msg)


def _replace(new: Path, old: Path) -> None:
    """Put a folder into the place of another, which is kept until it is there."""
    old.parent.mkdir(exist_ok=True)
    if old.exists():
        old.replace(new.with_name(f"{new.name}-old"))  # goes with the temporary folder
    new.replace(old)


@checked
def grade(
    submissions: str | Path,
    autograder: str | Path,
    out: str | Path,
    *,
    format: str = "plain",
    roster: str | Path | None = None,
    column: str = "",
    out_of: float | None = None,
    tier: str | None = None,
    timeout: float = 900,
    jobs: int = 1,
) -> pd.DataFrame:
    """Grade a folder of notebooks, each in a process of its own, and write a CSV file.

    A notebook that hangs, crashes, is none, or changed what judges it gets no grade and a note that
    says so; the others go on. Links are not followed. What is graded is noted beside the CSV file,
    in a folder that ends in "-details", so grading can be killed and started again: a file that has
    not changed is not run twice.

    Parameters
    ----------
    submissions : str or Path
        A folder with one notebook per learner, as it comes from Moodle or Canvas or with files
        named by learner. Each file in it counts as handed in.
    autograder : str or Path
        The autograder.zip of `write_assignment`.
    out : str or Path
        The CSV file.
    format : {"plain", "moodle", "canvas"}
        See `write_grades`.
    roster : str or Path, optional
        See `write_grades`.
    column : str, optional
        See `write_grades`; it is called like the notebook by default.
    out_of : float, optional
        See `write_grades`.
    tier : {"smoke", "class", "full"}, optional
        How much the notebooks compute. Default "class", as for learners, if what is right
        depends on what was measured, else "smoke".
    timeout : float
        Seconds for each notebook.
    jobs : int
        Notebooks at the same time.

    Returns
    -------
    DataFrame
        One row per learner: learner, a column per exercise, points, possible, note, seconds. What
        lies in the folder and is no learner's is in ``.attrs["aside"]``, by its name, with why;
        also in ``aside.csv`` among the details.

    Raises
    ------
    NotADirectoryError
        Where submissions is no folder.
    ValueError
        For a folder without files, a zip that is no autograder, an unknown format or tier, or a
        roster that does not fit: before anything is run.
    ModuleNotFoundError
        Without otter-grader.

    Examples
    --------
    >>> grade("submitted", "autograder.zip", "grades.csv", format="excel")
    Traceback (most recent call last):
        ...
    ValueError: format must be one of 'plain', 'moodle', 'canvas'; got 'excel'
    """
    one_of("format", format, FORMATS)
    for name, value in (("jobs", jobs), ("timeout", timeout), ("out_of", out_of)):
        if value is not None:
            in_range(name, value, 1)
    found = _handed_in(Path(submissions))
    files, aside = placed(found, roster)
    people_of([one.name for one in files], format, roster)  # said before anything is run
    known = Autograder.read(autograder)
    tier = one_of("tier", tier or ("class" if known.measured else "smoke"), TIERS)
    require_otter()
    details = Path(out).with_name(f"{Path(out).stem}-details")
    details.mkdir(parents=True, exist_ok=True)
    marks = _marks(files, known, details, timeout=timeout, tier=tier, jobs=jobs)
    rows = [_row(one.name, got, known) for one, got in zip(files, marks, strict=True)]
    table = pd.DataFrame(rows)
    table.attrs["aside"] = note_aside(details, aside)
    write_grades(
        table, out, format=format, roster=roster, column=column or known.name, out_of=out_of
    )
    return table


def _handed_in(folder: Path) -> list[Entry]:
    """Return all that lies in the folder."""
    if not folder.is_dir():
        msg = f"submissions must be a folder; got {folder}"
        raise NotADirectoryError(msg)
    found = [one._replace(name=one.name.removesuffix(".ipynb")) for one in entries(folder)]
    if all(one.hidden for one in found):
        msg = f"submissions must be a folder with notebooks; {folder} has no files"
        raise ValueError(msg)
    return found


def _marks(
    files: list[Entry],
    autograder: Autograder,
    details: Path,
    *,
    timeout: float,
    tier: str,
    jobs: int,
) -> Iterator[Mark]:
    """Yield a mark per entry, in order; those noted before are not worked out again."""
    version = f"{sha256(autograder.path)} {tier}"

    def graded(file: Entry, features: Path) -> Mark:
        if file.fault:
            return Mark(note=f"it {file.fault}")
        key = hashlib.sha256(f"{version} {sha256(file.path)}".encode()).hexdigest()[:24]
        place = details / f"{key}.json"
        if known := noted(place, autograder.possible):
            return known
        got = mark(file.path, autograder, timeout=timeout, tier=tier, features=features)
        if got.scores:  # what failed is tried again the next time
            note(place, file.name, got)
        return got

    def one(file: Entry, features: Path) -> Mark:
        try:
            return graded(file, features)
        except Exception as error:  # one file must not end the others' grading
            return Mark(note=f"it could not be graded: {type(error).__name__}: {error}")

    with tempfile.TemporaryDirectory() as features, ThreadPoolExecutor(jobs) as pool:
        pending = [pool.submit(one, file, Path(features)) for file in files]
        for future in bar(pending, desc=autograder.name, unit="notebook"):
            yield future.result()


def _row(learner: str, got: Mark, autograder: Autograder) -> dict[str, object]:
    nothing = float("nan")
    scores = {id: got.scores.get(id, nothing) for id in autograder.possible}
    return {
        "learner": learner,
        **scores,
        "points": sum(scores.values()),
        "possible": sum(autograder.possible.values()),
        "note": visible(got.note),
        "seconds": round(got.seconds, 1),
    }
