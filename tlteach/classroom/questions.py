"""Which exercises a notebook checks, and where: found in its code, not in its metadata."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tlteach.lessons import EXERCISES
from tlteach.lessons._exercise import CORRECT, NOTHING

MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Check:
    """A call such as ``lessons.check("01.2", points, results=on_emoji)``, as it is written."""

    id: str
    answer: str
    given: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Piece:
    """A run of statements; a check is its last one.

    Attributes
    ----------
    source : str
    check : Check or None
    used : tuple of str
        Exercises whose stand-in may be in place after this piece.
    """

    source: str
    check: Check | None = None
    used: tuple[str, ...] = ()


def pieces(source: str) -> list[Piece]:
    """Cut a code cell behind each statement that checks an exercise.

    An answer has to be judged where it is checked: a line further down, `use` may have put a
    stand-in, which is right, into its place.

    Examples
    --------
    >>> cell = 'print(lessons.check("00.1", n))' + chr(10) + 'n = lessons.use("00.1", n)'
    >>> [(piece.check and piece.check.id, piece.used) for piece in pieces(cell)]
    [('00.1', ()), (None, ('00.1',))]
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    try:
        statements = ast.parse(MAGIC.sub(r"\1pass", source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it will not run either
        return [Piece(source)]
    text = source.encode()  # as ast counts columns
    lines = [0, *(match.end() for match in re.finditer(b"\n", text))]
    found, used, start = [], [], 0
    for statement in statements:
        used += [call.id for call in _calls(statement, "use")]
        if checks := _calls(statement, "check"):
            end = lines[(statement.end_lineno or 1) - 1] + (statement.end_col_offset or 0)
            found.append(Piece(_code(text[start:end]), checks[-1], tuple(used)))
            start, used = end, []
    rest = _code(text[start:])
    return [*found, Piece(rest, None, tuple(used))] if rest or not found else found


def _code(text: bytes) -> str:
    return text.decode().lstrip("; ").strip("\n")


def _calls(statement: ast.stmt, name: str) -> list[Check]:
    return [
        Check(
            str(node.args[0].value),
            ast.unparse(node.args[1]),
            tuple((word.arg, ast.unparse(word.value)) for word in node.keywords if word.arg),
        )
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        and name == getattr(node.func, "attr", getattr(node.func, "id", ""))
        and len(node.args) == 2
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value in EXERCISES
    ]


def graded_once(found: Iterable[Piece]) -> list[Piece]:
    """Leave one check per exercise: the last one before a stand-in may be in place.

    Examples
    --------
    >>> one = Piece("lessons.check('00.1', n)", Check("00.1", "n", ()))
    >>> [piece.check is not None for piece in graded_once([one, one, Piece("", None, ("00.1",))])]
    [False, True, False]
    """
    kept = list(found)
    last: dict[str, int] = {}
    used: set[str] = set()
    for number, piece in enumerate(kept):
        used.update(piece.used)
        if piece.check is not None and piece.check.id not in used:
            last[piece.check.id] = number
    return [
        piece if number in last.values() else replace(piece, check=None)
        for number, piece in enumerate(kept)
    ]


def judging_code(check: Check, *, right: bool) -> str:
    """Return the function that otter runs: it knows the exercise's id, and no answer.

    Examples
    --------
    >>> print(judging_code(Check("01.2", "points", (("results", "on_emoji"),)), right=True))
    def hidden(env):
        from tlteach.classroom.assignments import demand
        demand('01.2', 'points', {'results': 'on_emoji'}, env, right=True)
    """
    call = f"demand({check.id!r}, {check.answer!r}, {dict(check.given)!r}, env, right={right})"
    return (
        f"def {'hidden' if right else 'visible'}(env):\n"
        "    from tlteach.classroom.assignments import demand\n"
        f"    {call}"
    )


def demand(
    id: str, answer: str, given: Mapping[str, str], env: dict[str, Any], *, right: bool
) -> None:
    """Raise, in the exercise's own words, unless an answer is of the right kind, or right.

    The tests of an assignment call this. They hold no answer: it is judged by the same
    definition as in `check`.

    Parameters
    ----------
    id : str
        The exercise.
    answer : str
        An expression, such as "points".
    given : mapping of str to str
        Expressions of what the exercise needs beside the answer.
    env : dict
        The notebook's variables.
    right : bool
        Whether the answer has to be right; else an attempt of the right kind will do.

    Raises
    ------
    AssertionError
        With what the exercise says about such an answer.

    Examples
    --------
    >>> demand("00.1", "n", {}, {"n": 5}, right=False)
    >>> demand("00.1", "n", {}, {"n": 5}, right=True)
    Traceback (most recent call last):
        ...
    AssertionError: Shots are counted per class, and there are 12 of them.
    """
    try:
        exercise = EXERCISES[id]
        wrote = eval(answer, env)  # the notebook's own code, in its own variables
        outcome = exercise.judge(wrote, **{name: eval(code, env) for name, code in given.items()})
        fault = exercise.kind.fault(wrote) if outcome.state != NOTHING else outcome.says
    except BaseException as error:  # a learner's function may even raise SystemExit
        msg = f"{id} could not be judged: {type(error).__name__}: {error}"
        raise AssertionError(msg) from None
    if fault or (right and outcome.state != CORRECT):
        raise AssertionError(fault or f"{outcome.says} {outcome.call}".strip())
