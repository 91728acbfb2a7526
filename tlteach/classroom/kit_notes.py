"""Notes of the one who teaches: what no code can know, in a small fixed shape, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tlteach.base import one_of
from tlteach.lessons import Exercise, Question

LENGTHS = (50, 90)  # minutes of a lesson
PLANS = tuple(f"Plan for {minutes} minutes" for minutes in LENGTHS)
HEADINGS = (*PLANS, "Words", "Expected", "Predictions", "Ask back", "Discuss")
TABLE = ("what", "rows of the atlas", "answers")


@dataclass(frozen=True)
class Step:
    """Some minutes of a lesson."""

    start: int
    minutes: int
    what: str


@dataclass(frozen=True)
class Wanted:
    """A number that the atlas shall give, and the exercises and questions it bears on."""

    what: str
    rows: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Notes:
    """What the notes on one notebook say.

    Attributes
    ----------
    title : str
    plans : mapping of int to sequence of Step
        By the minutes of the lesson.
    words : tuple of str
        Terms of the glossary.
    expected : tuple of Wanted
    remark : str
        What to know about the expected numbers; may be empty.
    predictions : mapping of str to str
        What becomes of a prediction for which the atlas has no number.
    ask_back : mapping of str to str
        By exercise: what to ask who is stuck.
    discuss : tuple of str
    """

    title: str
    plans: Mapping[int, Sequence[Step]]
    words: tuple[str, ...]
    expected: tuple[Wanted, ...]
    remark: str
    predictions: Mapping[str, str]
    ask_back: Mapping[str, str]
    discuss: tuple[str, ...]


def read_notes(
    path: str | Path,
    exercises: Iterable[Exercise],
    questions: Iterable[Question],
    terms: Iterable[str],
) -> Notes:
    """Read the notes on one notebook, and refuse what does not fit it.

    Parameters
    ----------
    path : str or Path
        Such as ``notebooks/notes/00_start.md``.
    exercises, questions : iterable
        Those of the notebook. Each exercise needs a line under "Ask back"; each prediction, a
        question without a right option, needs a number of the atlas or a line of its own.
    terms : iterable of str
        Words that the glossary explains.

    Raises
    ------
    FileNotFoundError
        Where there are no notes.
    ValueError
        With the file's name, and what is missing, unknown, twice or does not add up.
    """
    file = Path(path)
    if not file.exists():
        msg = f"the kit needs notes on {file.stem}: write {file}"
        raise FileNotFoundError(msg)
    try:
        return _parse(file.read_text(encoding="utf-8"), [*exercises], [*questions], [*terms])
    except ValueError as error:
        msg = f"{file.name}: {error}"
        raise ValueError(msg) from error


def _parse(
    text: str, exercises: list[Exercise], questions: list[Question], terms: list[str]
) -> Notes:
    head, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    bodies = [part.partition("\n") for part in parts]
    if [heading for heading, _, _ in bodies] != list(HEADINGS):
        msg = f"headings must be {', '.join(HEADINGS)}, in this order; got "
        raise ValueError(msg + ", ".join(heading for heading, _, _ in bodies))
    part = {heading: body.strip() for heading, _, body in bodies}
    ids = [e.id for e in exercises] + [q.id for q in questions]
    expected, remark = _expected(part["Expected"], ids)
    answered = {id for wanted in expected for id in wanted.answers}
    open_ids = [q.id for q in questions if not q.seal and q.id not in answered]
    words = tuple(word.strip() for word in part["Words"].split(","))
    return Notes(
        title=head.strip().removeprefix("# "),
        plans={
            minutes: _plan(plan, part[plan], minutes)
            for plan, minutes in zip(PLANS, LENGTHS, strict=True)
        },
        words=tuple(one_of("a word", word, terms) for word in words),
        expected=expected,
        remark=remark,
        predictions=_by_id("Predictions", part["Predictions"], open_ids),
        ask_back=_by_id("Ask back", part["Ask back"], [e.id for e in exercises]),
        discuss=tuple(_bullets("Discuss", part["Discuss"])),
    )


def _bullets(heading: str, text: str) -> list[str]:
    """Return the points of a list; a point goes on in lines that are set in."""
    found = re.findall(r"^- (.+(?:\n  .+)*)", text, re.MULTILINE)
    if "\n".join(f"- {one}" for one in found) != text:
        msg = f"{heading} must be a list of lines that start with '- '; got {text[:200]!r}"
        raise ValueError(msg)
    return [re.sub(r"\n +", " ", one) for one in found]


def _pairs(heading: str, text: str) -> list[tuple[str, str]]:
    """Return points of the shape ``key: text``."""
    pairs = []
    for one in _bullets(heading, text):
        key, colon, said = one.partition(": ")
        if not colon or not said.strip():
            msg = f"a line under {heading} must be '- NAME: text'; got {one!r}"
            raise ValueError(msg)
        pairs.append((key, said.strip()))
    return pairs


def _plan(heading: str, text: str, length: int) -> list[Step]:
    steps: list[Step] = []
    start = 0
    for minutes, what in _pairs(heading, text):
        if not minutes.isdigit() or int(minutes) < 1:
            msg = f"a line under {heading} must start with whole minutes; got {minutes!r}"
            raise ValueError(msg)
        steps.append(Step(start, int(minutes), what))
        start += int(minutes)
    if start != length:
        msg = f"{heading} must add up to {length} minutes; got {start}"
        raise ValueError(msg)
    return steps


def _by_id(heading: str, text: str, ids: Sequence[str]) -> dict[str, str]:
    """Return one text for each id, no more and no fewer."""
    pairs = _pairs(heading, text)
    got = [id for id, _ in pairs]
    faults = {
        "missing": [id for id in ids if id not in got],
        "unknown or not needed": [id for id in got if id not in ids],
        "twice": sorted({id for id in got if got.count(id) > 1}),
    }
    told = [f"{fault}: {', '.join(found)}" for fault, found in faults.items() if found]
    if told:
        msg = f"{heading} must have one line for each of {', '.join(ids) or 'none'}; "
        raise ValueError(msg + "; ".join(told))
    return dict(pairs)


def _expected(text: str, ids: Sequence[str]) -> tuple[tuple[Wanted, ...], str]:
    table, _, remark = text.partition("\n\n")
    lines = [
        tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table.splitlines()
    ]
    if lines[:1] != [TABLE] or any(len(line) != len(TABLE) for line in lines):
        msg = f"Expected must be a table of {', '.join(TABLE)}; got {table[:200]!r}"
        raise ValueError(msg)
    wanted = []
    for what, rows, answers in lines[2:]:
        named = tuple(id.strip() for id in answers.split(",") if id.strip())
        wanted.append(Wanted(what, rows, tuple(one_of("an answered id", id, ids) for id in named)))
    return tuple(wanted), remark.strip()
