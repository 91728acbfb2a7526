"""What an instructor sees of a folder of submissions: where learners get stuck, and on what.

All of it is self-reported: it shows what to explain again, and is no ground for a grade.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from textwrap import fill
from typing import Any

import pandas as pd

from tlteach.base import atomic_write, checked
from tlteach.classroom.submission import Attempt, Submission, collect
from tlteach.lessons import EXERCISES, QUESTIONS
from tlteach.lessons._exercise import CORRECT, NOT_YET

NO_GRADE = "self-reported by the learner, not a grade"
STATE = ["student", "exercise", "state", "hints", "solution", "date"]
LEARNER = ["student", "correct", "not_yet", "open", "hints", "solutions", "runs", "date", "file"]


@dataclass(frozen=True)
class Overview:
    """What a folder of submissions says.

    Attributes
    ----------
    exercises : DataFrame
        exercise, attempted, correct, not_yet, stuck (share of those who attempted it that is not
        correct), fell (learners in the commonest trap), trap (its message), hints (median of those
        who began), solutions (learners who looked at it); the most stuck first.
    questions : DataFrame
        question, option, learners, share, right (None for a prediction).
    learners : DataFrame
        student, correct, not_yet, open, hints, solutions, runs, date, file.
    files : DataFrame
        file, used, says: files that are not used, or odd, with the reason.
    states : DataFrame
        student, exercise, state, hints, solution, date: one row per learner and exercise.

    Examples
    --------
    >>> import tempfile
    >>> print(overview(tempfile.mkdtemp()))
    0 learners; files not used: 0. Every state is self-reported...
    """

    exercises: pd.DataFrame
    questions: pd.DataFrame
    learners: pd.DataFrame
    files: pd.DataFrame
    states: pd.DataFrame

    def __str__(self) -> str:
        unused = int((~self.files["used"]).sum())
        tried = self.exercises[self.exercises["attempted"] > 0]
        parts = {
            "Where learners get stuck": [_stuck(row) for row in tried.itertuples()],
            "What they chose": _choices(self.questions),
            "Files to look at": [f"  {row.file} {row.says}" for row in self.files.itertuples()],
        }
        n = len(self.learners)
        counts = f"{n} learner{'' if n == 1 else 's'}; files not used: {unused}."
        told = ["\n".join([title, *lines]) for title, lines in parts.items() if lines]
        return "\n\n".join([f"{counts} Every state is {NO_GRADE}.", *told])

    __repr__ = __str__

    def to_csv(self, path: str | Path) -> Path:
        """Write one row per learner and exercise, each marked as self-reported.

        Parameters
        ----------
        path : str or Path
            Its columns: student, exercise, self_reported_score (1 for correct, else 0),
            self_reported_state, hints, solution_seen, time (of handing in), note.

        Returns
        -------
        Path
            `path`.
        """
        table = pd.DataFrame(
            {
                "student": self.states["student"],
                # a spreadsheet would read 01.10 as a number
                "exercise": "exercise " + self.states["exercise"].astype(str),
                "self_reported_score": (self.states["state"] == CORRECT).astype(int),
                "self_reported_state": self.states["state"],
                "hints": self.states["hints"],
                "solution_seen": self.states["solution"],
                "time": [date.isoformat() for date in self.states["date"]],
                "note": NO_GRADE,
            }
        )
        with atomic_write(path) as temporary:
            table.to_csv(temporary, index=False, encoding="utf-8")
        return Path(path)


@checked
def overview(folder: str | Path) -> Overview:
    """Read a folder of submissions and count.

    Parameters
    ----------
    folder : str or Path
        Where files of `tlteach submit` lie, also in folders of its own for each learner.

    Returns
    -------
    Overview
        Print it, or read its tables.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> from tlteach.lessons import Journal
    >>> from tlteach.classroom import submit
    >>> folder = Path(tempfile.mkdtemp())
    >>> journal = Journal(folder / "journal.jsonl")
    >>> _ = journal.add("check", id="00.1", state="not yet", trap=1, answer="12")
    >>> _ = submit("ana", folder / "in", journal=journal)
    >>> table = overview(folder / "in").exercises
    >>> table.loc[0, "trap"]
    'That is one image for each class: 1 shot.'
    """
    found = collect(folder)
    submissions = found.submissions
    files = [
        (name, used, says) for used in (False, True) for name, says in found.remarks(used=used)
    ]
    states = [row for one in submissions for row in _states(one)]
    exercises = pd.DataFrame([_exercise(id, submissions) for id in EXERCISES])
    return Overview(
        exercises.sort_values("stuck", ascending=False, kind="stable", ignore_index=True),
        pd.DataFrame([row for id in QUESTIONS for row in _options(id, submissions)]),
        pd.DataFrame([_learner(one) for one in submissions], columns=LEARNER),
        pd.DataFrame(sorted(files), columns=["file", "used", "says"]).astype({"used": bool}),
        pd.DataFrame(states, columns=STATE).astype({"hints": "Int64"}),
    )


def _exercise(id: str, submissions: Sequence[Submission]) -> dict[str, Any]:
    attempts = [one.exercises[id] for one in submissions if id in one.exercises]
    states = Counter(attempt.state for attempt in attempts)
    tried = states[CORRECT] + states[NOT_YET]
    fell = Counter(trap for attempt in attempts for trap in _traps(attempt))
    commonest, times = fell.most_common(1)[0] if fell else (None, 0)
    hints = [attempt.hints for attempt in attempts if attempt.hints is not None]
    return {
        "exercise": id,
        "attempted": tried,
        "correct": states[CORRECT],
        "not_yet": states[NOT_YET],
        "stuck": states[NOT_YET] / tried if tried else float("nan"),
        "fell": times,
        "trap": "" if commonest is None else EXERCISES[id].traps[commonest].says,
        "hints": median(hints) if hints else float("nan"),
        "solutions": sum(attempt.solution for attempt in attempts),
    }


def _traps(attempt: Attempt) -> set[int]:
    """Return the traps that a learner fell into, each once."""
    return {trap for _, trap in attempt.states if trap is not None}


def _options(id: str, submissions: Sequence[Submission]) -> list[dict[str, Any]]:
    question = QUESTIONS[id]
    chosen = Counter(one.quiz[id] for one in submissions if id in one.quiz)
    total = chosen.total()
    return [
        {
            "question": id,
            "option": option,
            "learners": chosen[option],
            "share": chosen[option] / total if total else float("nan"),
            "right": question.is_right(option) if question.seal else None,
        }
        for option in dict.fromkeys([*question.options, *sorted(chosen)])  # wording may change
    ]


def _states(one: Submission) -> list[tuple[Any, ...]]:
    nothing = Attempt("", (), 0, False)
    attempts = {id: one.exercises.get(id, nothing) for id in EXERCISES}
    return [
        (one.alias, id, known.state, known.hints, known.solution, one.date)
        for id, known in attempts.items()
    ]


def _learner(one: Submission) -> tuple[Any, ...]:
    known = list(one.exercises.values())
    states = Counter(attempt.state for attempt in known)
    correct, not_yet = states[CORRECT], states[NOT_YET]
    hints = sum(attempt.hints or 0 for attempt in known)
    solutions = sum(attempt.solution for attempt in known)
    runs = sum(len(runs.rows) for runs in one.runs)
    still_open = len(EXERCISES) - correct - not_yet
    counts = (correct, not_yet, still_open, hints, solutions, runs)
    return (one.alias, *counts, one.date, one.file)


def _stuck(row: Any) -> str:
    line = f"  {row.exercise}  {row.stuck:4.0%} not yet ({row.not_yet} of {row.attempted})"
    if row.hints == row.hints:  # not NaN
        line += f", median of hints {row.hints:g}"
    if row.solutions:
        line += f", solution looked at by {row.solutions}"
    if row.fell:
        line += f"\n{_indented(f'      {row.fell} fell for: {row.trap}')}"
    return line


def _indented(text: str) -> str:
    return fill(text, 96, initial_indent="  ", subsequent_indent=" " * 8)


def _choices(questions: pd.DataFrame) -> list[str]:
    lines = []
    for id, options in questions[questions["share"].notna()].groupby("question"):
        told = (
            f"{row.share:.0%} {row.option}{' (right)' if row.right else ''}"
            for row in options.itertuples()
        )
        n = options["learners"].sum()
        lines.append(_indented(f"{id}  {n} learners: {'; '.join(told)}"))
    return lines
