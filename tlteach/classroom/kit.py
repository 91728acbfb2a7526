"""The instructor kit: plans, answers, exam, handouts, slides, numbers to expect, in one folder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
import pandas as pd

from tlteach.atlas import measured_on
from tlteach.base import atomic_write, course_folder
from tlteach.classroom.kit_deck import deck
from tlteach.classroom.kit_exam import Asked, read_exam
from tlteach.classroom.kit_minutes import sections
from tlteach.classroom.kit_notes import read_notes
from tlteach.classroom.kit_numbers import expect
from tlteach.classroom.kit_page import (
    Lesson,
    exam_page,
    figures_page,
    glossary_page,
    handout_page,
    index_page,
    instructor_page,
    thursday_page,
)
from tlteach.classroom.kit_run import run
from tlteach.classroom.kit_slides import write_slides
from tlteach.lessons import EXERCISES, QUESTIONS
from tlteach.lessons.course import TITLES, number_of
from tlteach.lessons.glossary import Entry, entries
from tlteach.widgets import CHARTS
from tlteach.widgets.pages import write_page

HEADER = ("You will", "You need", "Time")
# what stands beside figures; a solved copy is written in the smoke tier (notebooks/build.py)
STORED = "Figures are those of the stored solved notebook: its smallest tier, few seeds."
RUN = "Figures are those of a run on this machine, in the tier that learners use."


def write_kit(
    out: str | Path,
    notebooks: Sequence[str] | None = None,
    *,
    folder: str | Path | None = None,
    figures: bool = False,
) -> Path:
    """Write everything an instructor needs; every page opens without a network.

    For each notebook: a page with the plan, the numbers to expect, all answers and what to ask
    back; a handout of one sheet without answers, and one of figures for afterwards; slides; the
    solved notebook. Beside them an index, exam questions, a page on the day before and on what to
    do when things break, the charts, the glossary, and ``expected.csv``.

    Parameters
    ----------
    out : str or Path
        Folder; made where it is missing. Files of other names in it stay.
    notebooks : sequence of str, optional
        Numbers or names, such as "01" or "01_three_ways"; default all that have notes and a
        solved copy. The index names those that have not.
    folder : str or Path, optional
        Where the notebooks are; default the course that this package brings.
    figures : bool, default False
        Run every solved notebook for its figures, in the tier that learners use. That takes up to
        three minutes for each on two cores. Else those that the solved copy holds are shown.

    Returns
    -------
    Path
        The index.

    Raises
    ------
    FileNotFoundError
        Where a notebook that was asked for, or its notes, are missing.
    ValueError
        For an unknown notebook, notes that do not fit theirs, or a notebook that does not run.
        Nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> write_kit(tempfile.mkdtemp(), ["00"]).name
    'index.html'
    """
    place = Path(out)
    if place.exists() and not place.is_dir():
        msg = f"out must be a folder; got the file {place}"
        raise ValueError(msg)
    if isinstance(notebooks, str) or (notebooks is not None and not notebooks):
        msg = f"notebooks must be a list of one or more, such as ['00', '01']; got {notebooks!r}"
        raise ValueError(msg)
    where = Path(folder) if folder is not None else course_folder()
    ready = [
        number for number in TITLES if all(path.exists() for path in _made_from(where, number))
    ]
    chosen = [number_of(name) for name in notebooks or ready]
    words = entries(where / "glossary.md")
    lessons = [_lesson(where, number, words, figures=figures) for number in chosen]
    exams = _exams(where, None if notebooks is None else lessons)
    files: dict[str, bytes] = {}  # all of it before the first is written
    for lesson in lessons:
        files |= _files(where, lesson)
    files["exam.html"] = exam_page(exams).encode()
    files["thursday.html"] = thursday_page(lessons).encode()
    files["glossary.md"] = (where / "glossary.md").read_bytes()  # solved notebooks link to it
    files["glossary.html"] = glossary_page(words).encode()
    files["expected.csv"] = expected(lessons).to_csv(index=False, float_format="%.6g").encode()
    files["index.html"] = index_page(lessons, [_name(n) for n in TITLES if n not in ready]).encode()
    for name, content in files.items():
        with atomic_write(place / name) as temporary:
            temporary.write_bytes(content)
    write_page([chart() for chart in CHARTS.values()], place / "charts.html", title="Charts")
    return place / "index.html"


def expected(lessons: Sequence[Lesson]) -> pd.DataFrame:
    """Return the numbers to expect, fractions and not percent, one row each."""
    return pd.DataFrame(
        {
            "notebook": lesson.name,
            "what": one.what,
            "mean": one.mean,
            "ci_low": one.low,
            "ci_high": one.high,
            "lowest_seed": one.lowest,
            "highest_seed": one.highest,
            "n_seeds": one.n_seeds,
            "verdict": one.verdict,
            "answers": " ".join(wanted.answers),
            "rows": one.rows,
        }
        for lesson in lessons
        for one, wanted in lesson.expected
    )


def _name(number: str) -> str:
    return f"{number}_{TITLES[number]}"


def _made_from(where: Path, number: str) -> tuple[Path, Path]:
    """Return where a notebook's notes and its solved copy are."""
    name = _name(number)
    return where / "notes" / f"{name}.md", where / "solutions" / f"{name}.ipynb"


def _exams(where: Path, lessons: Sequence[Lesson] | None) -> dict[str, tuple[Asked, ...]]:
    """Return the exam questions on some notebooks, by title; default all that there are."""
    paths = sorted((where / "exam").glob("*.md"))
    if lessons is not None:
        paths = [where / "exam" / f"{lesson.name}.md" for lesson in lessons]
    return {path.stem.replace("_", " "): read_exam(path) for path in paths}


def _lesson(
    where: Path, number: str, words: Mapping[str, Entry], *, figures: bool = False
) -> Lesson:
    noted, path = _made_from(where, number)
    header = _header(path)
    solved = run(path) if figures else nbformat.read(path, as_version=4)
    learner = nbformat.read(where / path.name, as_version=4)
    exercises = [e for e in EXERCISES.values() if e.id[:2] == number]
    questions = [q for q in QUESTIONS.values() if q.id[:2] == number]
    notes = read_notes(noted, exercises, questions, words)
    numbers = [(expect(wanted.what, wanted.rows), wanted) for wanted in notes.expected]
    parts = dict.fromkeys(one.part for one, _ in numbers)
    first = {word: re.split(r"(?<=[.!?]) ", words[word].definition)[0] for word in notes.words}
    return Lesson(
        name=path.stem,
        header=header,
        notes=notes,
        exercises=exercises,
        questions=questions,
        expected=numbers,
        measured=" ".join(dict.fromkeys(measured_on(part) for part in parts)),
        words=first,
        solved=solved,
        slides=deck(solved.cells, learner.cells),
        sections=sections(learner.cells),
        note=RUN if figures else STORED,
    )


def _header(path: Path) -> dict[str, str]:
    """Return what the first cell says under its three bold words."""
    if not path.exists():
        msg = f"the kit needs {path}: `make notebooks` writes it"
        raise FileNotFoundError(msg)
    text = nbformat.read(path, as_version=4).cells[0].source
    found = {}
    for name in HEADER:
        said = re.search(rf"\*\*{name}\*\* (.+?)(?=\n\n|\Z)", text, re.DOTALL)
        if said is None:
            msg = f"the first cell of {path.name} must say **{name}**; got {text[:200]!r}"
            raise ValueError(msg)
        found[name] = said[1]
    return found


def _files(where: Path, lesson: Lesson) -> dict[str, bytes]:
    """Return what is written for one notebook, by file name."""
    name = lesson.name
    path = where / "solutions" / f"{name}.ipynb"
    solved = path.read_bytes() if lesson.note == STORED else nbformat.writes(lesson.solved).encode()
    slides = write_slides(
        lesson.slides, title=lesson.notes.title, reveal=where / "reveal", note=lesson.note
    )
    return {
        f"{name}.html": instructor_page(lesson).encode(),
        f"{name}_handout.html": handout_page(lesson).encode(),
        f"{name}_figures.html": figures_page(lesson).encode(),
        f"{name}_slides.html": slides.encode(),
        f"solutions/{name}.ipynb": solved,
    }
