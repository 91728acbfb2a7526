"""Checks, hints, quizzes and progress: what a learner meets inside a notebook.

Exercises are known by their ids, in code, so copied, moved or deleted cells do no harm. It may
import `atlas` and everything below. Begin here; what each notebook asks stands in `course`.
"""

from __future__ import annotations

import secrets
from typing import Any

import pandas as pd

from tlteach.base import checked, one_of, wrapped
from tlteach.lessons import glossary
from tlteach.lessons._asking import beside, chosen, quiz
from tlteach.lessons._exercise import CORRECT, NOTHING, Exercise, Outcome
from tlteach.lessons._journal import Journal
from tlteach.lessons._progress import Standing, standing
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import EXERCISES, QUESTIONS

__all__ = [
    "EXERCISES",
    "QUESTIONS",
    "Exercise",
    "Journal",
    "Outcome",
    "Question",
    "beside",
    "check",
    "chosen",
    "glossary",
    "hint",
    "keep",
    "my_seed",
    "progress",
    "quiz",
    "solution",
    "use",
]


def check(id: str, answer: Any, **given: Any) -> Outcome:
    """Check an answer, and note the outcome.

    Parameters
    ----------
    id : str
        The exercise, such as "00.1".
    answer : object
        A word, a number, a function or a run, as the exercise asks.
    **given
        What the exercise works its answer out from, such as ``results=...``.

    Returns
    -------
    Outcome
        Its state is "not attempted", "not yet" (with what to think about, and for a function the
        first call that fails: what was expected, and what came) or "correct".

    Raises
    ------
    ValueError
        For an unknown id.
    TypeError
        Where something that the check needs is missing.

    Examples
    --------
    >>> check("00.1", ...).state, check("00.1", 60).state
    ('not attempted', 'correct')
    >>> check("00.1", 5)
    00.1 not yet. Shots are counted per class...
    >>> check("00.3", lambda labels: 1 / len(set(labels)))
    00.3 not yet. One over the number of classes is only right where all are equally common.
    majority([1, 0, 0, 3]) must return 0.5; yours returned 0.333333.
    """
    outcome = _exercise(id).judge(answer, **given)
    if outcome.state != NOTHING:
        told = repr(answer)[:200]
        Journal().add("check", id=id, state=outcome.state, trap=outcome.trap, answer=told)
    return outcome


def use(id: str, answer: Any, *, stand_in: Any = None, **given: Any) -> Any:
    """Return the answer if it is correct, else a stand-in, so that a notebook runs on.

    A stand-in is announced, and what is printed after it is not the learner's result.

    Parameters
    ----------
    id : str
        The exercise.
    answer : object
        What the learner wrote.
    stand_in : object, optional
        Used where the answer is not correct; default the exercise's own.
    **given
        As for `check`.

    Returns
    -------
    object
        `answer`, or the stand-in.

    Raises
    ------
    ValueError
        For an unknown id.
    TypeError
        Where something that the check needs is missing.

    Examples
    --------
    >>> use("00.1", ...)
    00.1 not attempted: a STAND-IN is used from here on, what follows is not from your answer.
    60
    """
    exercise = _exercise(id)
    outcome = exercise.judge(answer, **given)
    if outcome.state == CORRECT:
        return answer
    said = "a STAND-IN is used from here on, what follows is not from your answer."
    print(wrapped(f"{id} {outcome.state}: {said}"))  # noqa: T201  # whatever the cell shows
    if stand_in is not None:
        return stand_in
    own = exercise.right if exercise.stand_in is None else exercise.stand_in
    return exercise.wanted(own, given)


def hint(id: str) -> str:
    """Return the next hint of three, and note that it was asked for.

    Parameters
    ----------
    id : str
        The exercise, such as "00.1".

    Returns
    -------
    str
        Which of the three it is, and the hint; after the third the third again.

    Raises
    ------
    ValueError
        For an unknown id.

    Examples
    --------
    >>> hint("00.2").startswith("hint 1 of 3")
    True
    """
    exercise, journal = _exercise(id), Journal()
    asked = sum(event.get("id") == id for event in journal.events("hint"))
    rung = min(asked, len(exercise.hints) - 1)
    journal.add("hint", id=id, rung=rung + 1)
    last = rung == len(exercise.hints) - 1
    more = f' After this one: lessons.solution("{id}").' if last else ""
    return f"hint {rung + 1} of {len(exercise.hints)}: {exercise.hints[rung]}{more}"


def solution(id: str) -> str:
    """Return code that answers an exercise, and note that it was looked at.

    Parameters
    ----------
    id : str
        The exercise, such as "00.1".

    Returns
    -------
    str
        The code, and why it is right.

    Raises
    ------
    ValueError
        For an unknown id.

    Examples
    --------
    >>> print(solution("00.1"))
    answer = 5 * 12
    # 5 for each of the 12 classes, validation images included.
    """
    exercise = _exercise(id)
    Journal().add("solution", id=id)
    return f"{exercise.solution}\n# {exercise.why}"


@checked
def keep(results: pd.DataFrame) -> str:
    """Note runs that this learner measured, for `tlteach submit` and a class's pool.

    Parameters
    ----------
    results : DataFrame
        From `compare`, with its provenance in ``attrs``.

    Returns
    -------
    str
        What was noted.

    Raises
    ------
    ValueError
        For a table without provenance, or with another task's rows.

    Examples
    --------
    >>> keep(pd.DataFrame({"value": [0.5]}))
    Traceback (most recent call last):
        ...
    ValueError: results must be a table from compare; columns task, ... missing
    """
    from tlteach.lessons._runs import rows_to_keep  # it needs torch; who has runs has loaded it

    known = rows_to_keep(results)
    why = Journal().add("runs", **known)
    told = f"{len(known['rows'])} accuracies of {known['task']} for your class"
    return f"not noted: {told}: {why}" if why else f"noted {told}"


def my_seed() -> int:
    """Return this learner's own seed, drawn once and noted: in a class, each learner is one.

    Returns
    -------
    int
        From 1,000 up to 999,999.

    Examples
    --------
    >>> my_seed() == my_seed()
    True
    """
    journal = Journal()
    for event in journal.events("seed"):
        if isinstance(event.get("seed"), int):
            return int(event["seed"])
    journal.add("seed", seed=1000 + secrets.randbelow(999_000))
    return my_seed()


@checked
def progress(notebook: str = "") -> Standing:
    """Return where a learner stands, in one notebook ("01") or in the course.

    Parameters
    ----------
    notebook : str, optional
        Such as "01"; default all of them.

    Returns
    -------
    Standing
        Print it.

    Examples
    --------
    >>> progress("00").notebooks
    ['00']
    """
    return standing(Journal(), notebook)


def _exercise(id: str) -> Exercise:
    return EXERCISES[one_of("exercise", id, EXERCISES)]
