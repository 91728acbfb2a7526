"""Notes of the one who teaches: read whole, and refused with a reason where they do not fit."""

from pathlib import Path

import pytest

from tlteach.classroom.kit_notes import LENGTHS, Step, Wanted, read_notes
from tlteach.lessons import EXERCISES, QUESTIONS, glossary
from tlteach.lessons.course import TITLES

NOTES = Path(__file__).parents[2] / "notebooks" / "notes"
EXERCISE = [EXERCISES["00.1"], EXERCISES["00.2"]]
QUESTION = [QUESTIONS["00.a"], QUESTIONS["00.b"], QUESTIONS["00.d"]]  # two predictions, one quiz
TERMS = ["head", "frozen features"]
GOOD = """# A title

## Plan for 50 minutes

- 20: First: run `make lab`.
- 30: Then
  the rest.

## Plan for 90 minutes

- 90: All at once.

## Words

head, frozen features

## Expected

| what | rows of the atlas | answers |
|---|---|---|
| a number | transfer task=emoji | 00.a, 00.1 |
| another | layers task=digits minus shots=5 | |

Read them with care.

## Predictions

- 00.b: Nobody knows.

## Ask back

- 00.1: How many: one?
- 00.2: Which?

## Discuss

- What if?
- And then?
"""


def read(folder, text):
    path = folder / "00_start.md"
    path.write_text(text)
    return read_notes(path, EXERCISE, QUESTION, TERMS)


def test_everything_is_read(tmp_path):
    notes = read(tmp_path, GOOD)
    assert notes.title == "A title"
    assert notes.plans[50] == [
        Step(0, 20, "First: run `make lab`."),
        Step(20, 30, "Then the rest."),
    ]
    assert notes.plans[90] == [Step(0, 90, "All at once.")]
    assert notes.words == ("head", "frozen features")
    assert notes.expected == (
        Wanted("a number", "transfer task=emoji", ("00.a", "00.1")),
        Wanted("another", "layers task=digits minus shots=5", ()),
    )
    assert notes.remark == "Read them with care."
    assert notes.predictions == {"00.b": "Nobody knows."}
    assert notes.ask_back == {"00.1": "How many: one?", "00.2": "Which?"}
    assert notes.discuss == ("What if?", "And then?")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("- 00.2: Which?\n", "", "Ask back must have .* of 00.1, 00.2; missing: 00.2"),
        ("- 00.2: W", "- 00.7: W", "missing: 00.2; unknown or not needed: 00.7"),
        ("- 00.2: Which?", "- 00.2: Which?\n- 00.2: Why?", "Ask back .*twice: 00.2"),
        ("- 00.2: Which?", "- 00.2", "a line under Ask back must be '- NAME: text'; got '00.2'"),
        ("- 00.2: Which?", "00.2: Which?", "Ask back must be a list of lines"),
        ("- 20: F", "- 21: F", "Plan for 50 minutes must add up to 50 minutes; got 51"),
        ("- 90: A", "- 80: A", "Plan for 90 minutes must add up to 90 minutes; got 80"),
        ("- 20: F", "- ten: F", "must start with whole minutes; got 'ten'"),
        ("- 20: F", "- 0: F", "must start with whole minutes; got '0'"),
        ("- 20: F", "- -20: F", "must start with whole minutes; got '-20'"),
        ("head,", "haed,", "a word must be one of 'head', 'frozen features'; got 'haed'"),
        ("00.a, 00.1 |", "00.9 |", "an answered id must be one of '00.1', .*; got '00.9'"),
        ("00.a, 00.1 |", "|", "Predictions must have .* 00.a, 00.b; missing: 00.a"),
        ("- 00.b: Nobody knows.", "", "Predictions must have one line for each of 00.b; missing"),
        ("- 00.b: N", "- 00.d: N", "missing: 00.b; unknown or not needed: 00.d"),
        ("| what | rows", "| rows", "Expected must be a table of what, rows of the atlas, answers"),
        ("task=emoji |", "task=emoji", "Expected must be a table"),
        ("## Discuss", "## Talk", "headings must be .*, Discuss, in this order; got .*, Talk"),
        ("## Words\n\nhead, frozen features\n\n", "", "headings must be"),
    ],
)  # fmt: skip
def test_wrong_notes_are_refused_with_the_file_and_the_reason(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(ValueError, match=rf"(?s)^00_start\.md: .*{message}"):
        read(tmp_path, GOOD.replace(old, new))


def test_missing_notes_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"the kit needs notes on 09_x: write .*09_x\.md"):
        read_notes(tmp_path / "09_x.md", EXERCISE, QUESTION, TERMS)


def test_every_notebook_of_the_course_has_notes():
    notebooks = {f"{number}_{title}" for number, title in TITLES.items()}
    written = {path.stem for path in NOTES.parent.glob("solutions/*.ipynb")}
    assert {path.stem for path in NOTES.glob("*.md")} >= notebooks & written


@pytest.mark.parametrize("number", [path.name[:2] for path in sorted(NOTES.glob("*.md"))])
def test_the_notes_of_the_course_fit_their_notebooks(number):
    exercises = [e for e in EXERCISES.values() if e.id[:2] == number]
    questions = [q for q in QUESTIONS.values() if q.id[:2] == number]
    path = NOTES / f"{number}_{TITLES[number]}.md"
    notes = read_notes(path, exercises, questions, glossary.terms())
    assert set(notes.ask_back) == {e.id for e in exercises}
    assert all(said.endswith("?") for said in (*notes.ask_back.values(), *notes.discuss))
    assert {n: sum(step.minutes for step in notes.plans[n]) for n in LENGTHS} == {50: 50, 90: 90}
    for exercise in exercises:  # what to ask back gives no answer away
        assert exercise.solution not in notes.ask_back[exercise.id]
        assert exercise.hints[-1] not in notes.ask_back[exercise.id]
