"""What a handed-in file holds, checked part by part, for it comes from anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import tlteach
from tlteach.base import in_range, one_of
from tlteach.lessons import EXERCISES, QUESTIONS
from tlteach.lessons._exercise import CORRECT, NOT_YET, NOTHING
from tlteach.lessons._journal import COURSE
from tlteach.lessons._runs import ROWS
from tlteach.lessons._untrusted import (
    Refused,
    check_alias,
    check_count,
    check_list,
    check_object,
    check_text,
    short,
    shortened,
)

FORMAT, OLDEST = 2, 1  # format 1 did not count hints
KEYS = ["format", "course", "alias", "version", "date", "exercises", "quiz", "runs", "digest"]
MOST_ANSWER = 200  # characters
MOST_STATES, MOST_RUNS, MOST_ROWS = 1_000, 1_000, 20_000
WHOLE = {"shots": 1, "seed": 0, "updates": 0}  # columns of runs, and the least there can be


@dataclass(frozen=True)
class Attempt:
    """What a learner did about one exercise.

    Attributes
    ----------
    answer : str
        The last one, as text.
    states : tuple of (str, int or None)
        In order: "not yet" or "correct", and which typical wrong answer it was.
    hints : int or None
        Hints asked for; None in files of format 1, which did not tell.
    solution : bool
        Whether the solution was looked at.
    """

    answer: str
    states: tuple[tuple[str, int | None], ...]
    hints: int | None
    solution: bool

    @property
    def state(self) -> str:
        """The best state reached."""
        if not self.states:
            return NOTHING
        return CORRECT if any(state == CORRECT for state, _ in self.states) else NOT_YET


@dataclass(frozen=True)
class Runs:
    """Accuracies that a learner measured on one task.

    Attributes
    ----------
    task, fingerprint : str
        Its name, and the hash of its images and splits.
    rows : tuple of mapping
        One per run.
    versions, machine : mapping
        Of what made them.
    """

    task: str
    fingerprint: str
    rows: tuple[Mapping[str, Any], ...]
    versions: Mapping[str, str]
    machine: Mapping[str, Any]


@dataclass(frozen=True)
class Submission:
    """One learner's file, checked. What it says is self-reported.

    Attributes
    ----------
    alias : str
        The name that the learner typed.
    date : datetime
        When it was written.
    version : str
        Of tlteach.
    exercises : mapping of str to Attempt
        By id; those that were begun.
    quiz : mapping of str to str
        The option chosen last, by question.
    runs : tuple of Runs
    file : str
        Where it lay in the folder.

    Examples
    --------
    >>> Submission("ana", datetime(2026, 1, 2), "0.1.0", {}, {"00.a": "yes"}, ()).quiz
    {'00.a': 'yes'}
    """

    alias: str
    date: datetime
    version: str
    exercises: Mapping[str, Attempt]
    quiz: Mapping[str, str]
    runs: tuple[Runs, ...]
    file: str = ""


def digest(known: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON of everything but the digest.

    Examples
    --------
    >>> digest({"b": 1, "a": 2, "digest": "old"}) == digest({"a": 2, "b": 1})
    True
    """
    rest = {key: value for key, value in known.items() if key != "digest"}
    plain = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def parse(known: Any) -> Submission:
    """Check what a file held.

    Raises
    ------
    Refused
        With the first reason found.
    """
    try:
        return _submission(known)
    except RecursionError:
        reason = "is nested too deeply"
    except (TypeError, ValueError) as error:
        reason = str(error)
    raise Refused(shortened(reason, 300))


def parse_runs(known: Any) -> Runs:
    """Check the runs of one task.

    Raises
    ------
    TypeError, ValueError
        For the first fault found.
    """
    check_object("runs", known, ["task", "fingerprint", "rows", "versions", "machine"])
    versions = check_object("versions", known["versions"])
    machine = check_object("machine", known["machine"])
    for part, value in (versions | machine).items():
        check_text("part of versions or machine", part)
        check_count(part, value) if part == "cores" else check_text(part, value)
    return Runs(
        check_text("task", known["task"]),
        check_text("fingerprint", known["fingerprint"]),
        tuple(_row(row) for row in check_list("rows of runs", known["rows"], MOST_ROWS)),
        versions,
        machine,
    )


def _submission(known: Any) -> Submission:
    if not isinstance(known, dict) or "course" not in known:
        msg = "is no file of `tlteach submit`: it names no course"
        raise Refused(msg)
    if known["course"] != COURSE:
        msg = f"is of another course: {short(known['course'])}"
        raise Refused(msg)
    form = check_count("format", known.get("format"), OLDEST)
    if form > FORMAT:
        msg = f"was made by a newer tlteach: format {form}, and this one reads up to {FORMAT}"
        raise Refused(msg)
    check_object("the file", known, KEYS)
    if known["digest"] != digest(known):
        msg = "was edited after it was written: its digest does not fit"
        raise Refused(msg)
    version = check_text("version", known["version"])
    exercises, quiz = (check_object(name, known[name]) for name in ("exercises", "quiz"))
    _known_ids("exercise", exercises, EXERCISES, version)
    _known_ids("question", quiz, QUESTIONS, version)
    return Submission(
        check_alias(known["alias"]),
        _date(known["date"]),
        version,
        {id: _attempt(id, attempt, form) for id, attempt in exercises.items()},
        {id: check_text(f"choice of {id}", choice) for id, choice in quiz.items()},
        tuple(parse_runs(runs) for runs in check_list("runs", known["runs"], MOST_RUNS)),
    )


def _known_ids(what: str, got: Iterable[str], ids: Iterable[str], version: str) -> None:
    unknown = sorted(set(got) - set(ids))
    if unknown:
        msg = (
            f"{what} {short(unknown[0])} is unknown to tlteach {tlteach.__version__}; "
            f"the file says that it was made by {shortened(version)}"
        )
        raise Refused(msg)


def _attempt(id: str, known: Any, form: int) -> Attempt:
    hints = ["hints"] if form > 1 else []
    check_object(f"exercise {id}", known, ["answer", "states", "solution", *hints])
    if not isinstance(known["solution"], bool):
        msg = f"solution of {id} must be true or false; got {short(known['solution'])}"
        raise TypeError(msg)
    return Attempt(
        check_text(f"answer of {id}", known["answer"], MOST_ANSWER),
        tuple(_state(id, s) for s in check_list(f"states of {id}", known["states"], MOST_STATES)),
        check_count(f"hints of {id}", known["hints"], 0, len(EXERCISES[id].hints))
        if hints
        else None,
        known["solution"],
    )


def _state(id: str, known: Any) -> tuple[str, int | None]:
    if not isinstance(known, list) or len(known) != 2:
        msg = f"a state of {id} must be a pair of state and trap; got {short(known)}"
        raise TypeError(msg)
    state, trap = known
    one_of(f"state of {id}", state, (NOT_YET, CORRECT))
    if trap is not None:
        check_count(f"trap of {id}", trap, 0, len(EXERCISES[id].traps) - 1)
    return state, trap


def _row(known: Any) -> Mapping[str, Any]:
    check_object("a row of runs", known, ROWS)
    for name, value in known.items():
        if name in WHOLE:
            check_count(name, value, WHOLE[name])
        elif name in ("value", "seconds"):
            in_range(name, value, 0, 1 if name == "value" else 1e9)
        else:
            check_text(name, value)
    return dict(known)


def _date(known: Any) -> datetime:
    try:
        date = datetime.fromisoformat(check_text("date", known))
    except ValueError:
        date = datetime.min
    if date.tzinfo is None:
        msg = f"date must be like 2026-11-20T10:00:00+00:00; got {short(known)}"
        raise ValueError(msg)
    in_range("year of the date", date.year, 2020, 2200)
    return date
