"""Questions inside a notebook, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlteach.base import one_of, wrapped
from tlteach.lessons._journal import Journal
from tlteach.lessons._quiz import Asked
from tlteach.lessons.course import QUESTIONS


def quiz(id: str) -> Asked:
    """Ask a question: radio buttons in a notebook, text elsewhere.

    Parameters
    ----------
    id : str
        The question, such as "01.a".

    Returns
    -------
    Asked
        Show it in a notebook, or call its `answer` with an option.

    Raises
    ------
    ValueError
        For an unknown id.

    Examples
    --------
    >>> asked = quiz("00.a")
    >>> asked.question.id
    '00.a'
    """
    return Asked(QUESTIONS[one_of("question", id, QUESTIONS)], Journal())


def chosen(id: str) -> str:
    """Return what was chosen for a question.

    Parameters
    ----------
    id : str
        The question, such as "01.a".

    Returns
    -------
    str
        The option; "" where nothing was chosen.

    Raises
    ------
    ValueError
        For an unknown id.

    Examples
    --------
    >>> chosen("00.b")
    ''
    """
    return quiz(id).chosen


def beside(id: str, measured: Any, *, about: str = "") -> str:
    """Return what was chosen for a question, beside what was measured.

    Parameters
    ----------
    id : str
        The question, such as "01.a".
    measured : object
        What the runs say: a text, a number or a verdict; of a mapping, each by its name.
    about : str, optional
        A word or two that the line begins with.

    Returns
    -------
    str
        Both in one sentence, broken into lines.

    Raises
    ------
    ValueError
        For an unknown id.

    Examples
    --------
    >>> print(beside("00.b", "helps, +32 points (20 to 44)", about="digits"))
    digits: you did not choose. Measured: helps, +32 points (20 to 44)
    >>> print(beside("07.a", {"stem": 0.99, "block1": 0.92}))
    07.a: you did not choose. Measured: stem 0.99, block1 0.92
    """
    if isinstance(measured, Mapping):
        measured = ", ".join(f"{name} {value}" for name, value in measured.items())
    choice = chosen(id)
    said = f"you said {choice!r}" if choice else "you did not choose"
    return wrapped(f"{about or id}: {said}. Measured: {measured}")
