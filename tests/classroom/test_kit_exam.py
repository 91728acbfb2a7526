"""Exam questions of every notebook: answered, with a reason, their numbers looked up."""

import re
from pathlib import Path

import pytest

from tlteach.classroom.kit_exam import QUESTIONS, Asked, look_up, read_exam
from tlteach.classroom.kit_numbers import expect

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ROWS = (
    "transfer task=emoji shots=10 source=ImageNet-1k regime=frozen "
    "minus source=none backbone=resnet8 regime=scratch"
)
GOOD = f"""# A title

## One

What of {{lead}}?

Answer: {{sum}}.

Reason: It is so.
And so.

## Two

Why?

Answer: Because.

Reason: So.

## Three

Who?

Answer: She.

Reason: {{twice}}, of course.

## Facts

| name | where it is looked up | word |
|---|---|---|
| lead | {ROWS} | helps |
| sum | = 1000 + 2 * 3 | |
| twice | = {{sum}} * 2 | |
"""


def read(folder, text):
    path = folder / "00_start.md"
    path.write_text(text)
    return read_exam(path)


def test_everything_is_read_and_numbers_are_filled_in(tmp_path):
    one, two, three = read(tmp_path, GOOD)
    told = expect("", ROWS)
    assert one.question == f"What of {told.centre} ({told.interval}), helps?"
    assert (one.answer, one.reason) == ("1.01e+03.", "It is so.\nAnd so.")
    assert two == Asked("Why?", "Because.", "So.")
    assert three.reason.startswith("2.02e+03")


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("= 0.9 * 0.01 / (0.9 * 0.01 + 0.1 * 0.99)", "0.0833"),
        ("= (32 - 10) / 11", "2"),
        ("= 2 ** 3 - 0.5", "7.5"),
        ("task emoji classes", "12"),
        ("task photos classes", "11"),
    ],
)
def test_numbers_are_looked_up(where, told):
    assert look_up(where) == told


@pytest.mark.parametrize(
    ("where", "word", "message"),
    [
        (ROWS, "hurts", "the word of .* must be 'helps', as the atlas has it; got 'hurts'"),
        (ROWS, "", "must be 'helps', as the atlas has it; got ''"),
        ("= print(1)", "", r"numbers are joined by .*; got 'print\(1\)'"),
        ("= __import__('os')", "", "numbers are joined by"),
        (
            "task emoji colours",
            "",
            "what of a task must be one of 'classes', 'test'; got 'colours'",
        ),
        ("moved task=emoji", "", "part of the atlas must be one of"),
    ],
)
def test_what_does_not_hold_is_refused(where, word, message):
    with pytest.raises(ValueError, match=message):
        look_up(where, word)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Answer: She.\n\n", "", "under 'Three' must stand the question, 'Answer: ...'"),
        ("Reason: So.", "So.", "under 'Two' must stand the question"),
        ("Because", "{reason}", "a fact must be one of 'lead', 'sum', 'twice'; got 'reason'"),
        ("{lead}", "a lead", "every fact must be used; got lead for nothing"),
        ("## Three", "## Two", "there must be 3 questions; got One, Two"),
        ("| word |", "| verdict |", "Facts must be a table of name, where it is looked up, word"),
        ("| helps |", "| hurts |", "must be 'helps'"),
    ],
)
def test_wrong_exams_are_refused_with_the_file_and_the_reason(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(ValueError, match=rf"^00_start\.md: .*({message})"):
        read(tmp_path, GOOD.replace(old, new, 1))


def test_missing_questions_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"needs exam questions on 09_x: write .*09_x\.md"):
        read_exam(tmp_path / "09_x.md")


def test_every_notebook_has_questions():
    written = {path.stem for path in (NOTEBOOKS / "exam").glob("*.md")}
    assert written == {path.stem for path in (NOTEBOOKS / "src").glob("*.py")}


@pytest.mark.parametrize("path", sorted((NOTEBOOKS / "exam").glob("*.md")), ids=lambda p: p.stem)
def test_the_questions_of_the_course_are_whole_and_their_words_hold(path):
    asked = read_exam(path)
    assert len(asked) == QUESTIONS
    for one in asked:
        assert "?" in one.question or re.search(r"\b(Name|Give)\b", one.question)
        assert len(one.reason) > 60
        assert one.answer not in one.question


@pytest.mark.parametrize("path", sorted((NOTEBOOKS / "exam").glob("*.md")), ids=lambda p: p.stem)
def test_measured_numbers_are_never_typed(path):
    """In answers a percentage or points would be a measurement; arithmetic comes from facts."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(("Answer:", "Reason:")):
            assert not re.search(r"[+-]\d+(\.\d+)? points|\d+\.\d+ %", line), line
