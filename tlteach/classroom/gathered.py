"""What a journal holds that may be handed in, and nothing more."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from typing import Any

import tlteach
from tlteach.classroom.handed_in import FORMAT, MOST_ANSWER, MOST_STATES, digest, parse_runs
from tlteach.lessons import EXERCISES, QUESTIONS, Journal
from tlteach.lessons._exercise import CORRECT, NOT_YET
from tlteach.lessons._journal import COURSE

RUNS = ("task", "fingerprint", "rows", "versions", "machine")
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
PATH = re.compile(r"(?<![\w/\\])(?:[A-Za-z]:|~)?(?:[/\\]+[^\s/\\'\"()]+){2,}[/\\]*")


def gathered(alias: str, journal: Journal) -> dict[str, Any]:
    """Return what a journal says, as plain data with its digest.

    Events of exercises that the course no longer has, and damaged ones, are left out.
    """
    exercises: dict[str, dict[str, Any]] = {}
    quiz: dict[str, str] = {}
    runs: dict[str, dict[str, Any]] = {}
    for event in journal.events():
        id, kind, choice = str(event.get("id")), event.get("event"), str(event.get("choice"))
        if kind in ("check", "hint", "solution") and id in EXERCISES:
            _note(exercises.setdefault(id, _nothing()), event)
        elif kind == "quiz" and id in QUESTIONS and choice in QUESTIONS[id].options:
            quiz[id] = choice
        elif kind == "runs":
            _keep(runs, event)
    known = {
        "format": FORMAT,
        "course": COURSE,
        "alias": alias,
        "version": tlteach.__version__,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "exercises": dict(sorted(exercises.items())),
        "quiz": dict(sorted(quiz.items())),
        "runs": list(runs.values()),
    }
    return known | {"digest": digest(known)}


def impersonal(text: str) -> str:
    """Return an answer without paths, addresses and control characters.

    Examples
    --------
    >>> impersonal("<function majority at 0x7f2a>"), impersonal("PosixPath('/data/ana/a.csv')")
    ('<function majority>', "PosixPath('(path)')")
    """
    home = os.path.expanduser("~")
    if len(home) > 1:
        text = text.replace(home, "(home)").replace(repr(home)[1:-1], "(home)")
    text = PATH.sub("(path)", ADDRESS.sub("", text))
    return "".join(c if c.isprintable() else " " for c in text)[:MOST_ANSWER]


def _nothing() -> dict[str, Any]:
    return {"answer": "", "states": [], "hints": 0, "solution": False}


def _note(attempt: dict[str, Any], event: dict[str, Any]) -> None:
    """Add an event to what is known of its exercise."""
    if event["event"] == "solution":
        attempt["solution"] = True
    elif event["event"] == "hint":
        rung = _at_most(event.get("rung"), len(EXERCISES[event["id"]].hints))
        attempt["hints"] = max(attempt["hints"], rung or 1)
    elif event.get("state") in (NOT_YET, CORRECT):
        trap = _at_most(event.get("trap"), len(EXERCISES[event["id"]].traps) - 1)
        attempt["states"] = [*attempt["states"], [event["state"], trap]][-MOST_STATES:]
        attempt["answer"] = impersonal(str(event.get("answer", "")))


def _at_most(number: Any, most: int) -> int | None:
    return number if type(number) is int and 0 <= number <= most else None


def _keep(runs: dict[str, dict[str, Any]], event: dict[str, Any]) -> None:
    """Add runs, unless the same ones are there: who runs a cell again measures the same again."""
    known = {name: event.get(name) for name in RUNS}
    try:
        parsed = parse_runs(known)
    except (TypeError, ValueError):
        return
    rows = [{**row, "seconds": 0} for row in parsed.rows]
    runs[json.dumps([{**known, "rows": rows}], sort_keys=True)] = known
