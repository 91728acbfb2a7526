"""Right and wrong answers as an instructor reads them: a word, a number, code."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from tlteach.lessons import Exercise, Question


@dataclass(frozen=True)
class Shown:
    """An answer as text.

    Attributes
    ----------
    text : str
    is_code : bool
        Whether it is a function's source.
    """

    text: str
    is_code: bool = False


def show_right(exercise: Exercise) -> Shown:
    """Return what is right; where it hangs on a learner's results, for a made-up example.

    Examples
    --------
    >>> from tlteach.lessons import EXERCISES
    >>> show_right(EXERCISES["00.1"]).text
    '60'
    """
    return _show(exercise, exercise.right)


def show_wrong(exercise: Exercise) -> list[tuple[Shown, str]]:
    """Return every typical wrong answer with what its learner is told.

    Examples
    --------
    >>> from tlteach.lessons import EXERCISES
    >>> show_wrong(EXERCISES["00.1"])[0]
    (Shown(text='5', is_code=False), 'Shots are counted per class, and there are 12 of them.')
    """
    return [(_show(exercise, trap.wrong), trap.says) for trap in exercise.traps]


def right_option(question: Question) -> str:
    """Return the right option of a question, found by its seal; nothing for a prediction.

    Examples
    --------
    >>> from tlteach.lessons import QUESTIONS
    >>> right_option(QUESTIONS["00.e"]), right_option(QUESTIONS["00.a"])
    ('the head', '')
    """
    return next((option for option in question.options if question.is_right(option)), "")


def _show(exercise: Exercise, answer: Any) -> Shown:
    if exercise.given and callable(answer):
        made_up = exercise.wanted(answer, exercise.example())
        return Shown(f"{_text(made_up)} (of made-up results)")
    return Shown(_source(answer), is_code=True) if callable(answer) else Shown(_text(answer))


def _text(answer: Any) -> str:
    if isinstance(answer, tuple):
        return " to ".join(map(_text, answer))
    return f"{answer:.4g}" if isinstance(answer, Real) else repr(answer)


def _source(function: Callable[..., Any]) -> str:
    """Return the source of a function, of a lambda without what stands around it."""
    if function.__name__ != "<lambda>":
        return textwrap.dedent(inspect.getsource(function)).strip()
    module = inspect.getmodule(function)
    if module is None:
        return repr(function)
    first = function.__code__.co_firstlineno
    found = (node for node in ast.walk(ast.parse(inspect.getsource(module)))
             if isinstance(node, ast.Lambda) and node.lineno == first)  # fmt: skip
    return ast.unparse(next(found))
