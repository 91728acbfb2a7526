"""Minutes of a learner follow from what stands in the notebook, part by part."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from tlteach.classroom.kit_minutes import (
    CELL,
    EXERCISE,
    LINE,
    OTHER,
    QUESTION,
    READING,
    Section,
    sections,
)
from tlteach.lessons import EXERCISES, QUESTIONS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))]


def test_the_formula_by_hand():
    assert Section("Read", words=READING, cells=0, lines=0).minutes == 1
    assert Section("Read", words=READING + 1, cells=0, lines=0).minutes == 2
    assert Section("Run", words=0, cells=3, lines=0).minutes == 3 * CELL // 60
    assert Section("Code", words=0, cells=0, lines=40).minutes == 40 * LINE // 60
    assert Section("Nothing", words=0, cells=0, lines=0).minutes == 0


def test_a_question_is_read_with_its_options_and_thought_about():
    question = QUESTIONS["00.a"]
    words = len(" ".join([question.ask, *question.options]).replace(",", "").split())
    alone = Section("Ask", words=0, cells=0, lines=0, questions=("00.a",)).minutes
    assert alone == -(-(words / READING + QUESTION) // 1)


@pytest.mark.parametrize(
    ("id", "kind"), [("00.1", "Number"), ("00.2", "Word"), ("00.3", "Function")]
)
def test_an_exercise_takes_what_its_kind_takes(id, kind):
    assert type(EXERCISES[id].kind).__name__ == kind
    section = Section("Try", words=0, cells=0, lines=0, exercises=(id,))
    assert section.minutes == EXERCISE[kind]


def test_another_kind_takes_what_others_take():
    assert type(EXERCISES["01.4"].kind).__name__ not in EXERCISE
    assert Section("Try", words=0, cells=0, lines=0, exercises=("01.4",)).minutes == OTHER


def test_parts_are_cut_at_headings_and_counted():
    cells = [
        new_markdown_cell(
            "# A title\n\nSee [the head](glossary.md#head).\n\n## One\n\nThree more words."
        ),
        new_code_cell('lessons.quiz("00.d")\n\nlessons.check("00.1", 3)'),
        new_code_cell('lessons.use("00.1", 3)'),
        new_code_cell(""),
        new_markdown_cell("## Two\n\nWord.\n\n**References.** A. Author, A title, 2020."),
        new_code_cell('lessons.use("00.1", 4)'),
    ]
    opening, one, two = sections(cells)
    assert (opening.name, opening.words, opening.cells) == ("Opening", 5, 0)
    assert (one.name, one.words, one.cells, one.lines) == ("One", 4, 2, 3)
    assert (one.questions, one.exercises) == (("00.d",), ("00.1",))
    assert (two.name, two.words, two.exercises) == ("Two", 2, ())  # an exercise counts once


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_and_question_of_a_notebook_is_counted_once(name):
    found = sections(nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells)
    exercises = [id for part in found for id in part.exercises]
    questions = [id for part in found for id in part.questions]
    assert sorted(exercises) == sorted(id for id in EXERCISES if id[:2] == name[:2])
    assert sorted(questions) == sorted(id for id in QUESTIONS if id[:2] == name[:2])
    assert len(found) >= 5
    assert 10 <= sum(part.minutes for part in found) <= 180
