"""Exam questions with answers, for the lecturer only; their numbers are looked up, not typed."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tlteach.base import one_of
from tlteach.classroom.kit_numbers import expect
from tlteach.data import load_task

QUESTIONS = 3  # of each notebook
COLUMNS = ("name", "where it is looked up", "word")
NAMED = re.compile(r"\{([^{}]+)\}")
PART = re.compile(r"^(.+?)\n\nAnswer: (.+?)\n\nReason: (.+)$", re.DOTALL)
SIGNS: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True)
class Asked:
    """A question of an exam.

    Attributes
    ----------
    question, answer, reason : str
        Markdown, with the numbers filled in.
    """

    question: str
    answer: str
    reason: str


def read_exam(path: str | Path) -> tuple[Asked, ...]:
    """Read the exam questions on one notebook, and look their numbers up.

    The file has a heading for each question, below it the question, then paragraphs that begin
    with "Answer:" and "Reason:". A last heading, "Facts", may hold a table: a name, where its
    number is looked up, and the word of the verdict on which an answer rests. Numbers come from
    rows of the atlas (see `expect`), from a task (``task emoji classes``, ``task emoji test``),
    or from arithmetic (``= 0.9 * 10 + 99``). ``{name}`` stands for the number, in text and in
    facts further down.

    Parameters
    ----------
    path : str or Path
        Such as ``notebooks/exam/00_start.md``.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        With the file's name, for a question without an answer or a reason, a name that is not
        known or not used, or a word that the numbers do not bear out.
    """
    file = Path(path)
    if not file.exists():
        msg = f"the kit needs exam questions on {file.stem}: write {file}"
        raise FileNotFoundError(msg)
    try:
        return _parse(file.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"{file.name}: {error}"
        raise ValueError(msg) from error


def look_up(where: str, word: str = "") -> str:
    """Return a number as text.

    Parameters
    ----------
    where : str
        See `read_exam`.
    word : str, optional
        The verdict that the atlas must give.

    Raises
    ------
    ValueError
        If the atlas gives another verdict, or the number is not to be found.

    Examples
    --------
    >>> look_up("= 0.9 * 10 / (0.9 * 10 + 0.1 * 990)")
    '0.0833'
    >>> look_up("task emoji classes")
    '12'
    """
    if where.startswith("="):
        return f"{_computed(ast.parse(where[1:].strip(), mode='eval').body):,.3g}"
    if where.startswith("task "):
        _, name, what = where.split()
        task = load_task(name)
        counts = {"classes": task.n_classes, "test": len(task.test)}
        return f"{counts[one_of('what of a task', what, counts)]:,}"
    found = expect("", where)
    if word != found.verdict:
        msg = f"the word of {where!r} must be {found.verdict!r}, as the atlas has it; got {word!r}"
        raise ValueError(msg)
    return f"{found.centre} ({found.interval}){found.verdict and ', ' + found.verdict}"


def _parse(text: str) -> tuple[Asked, ...]:
    _, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    bodies = {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in parts}
    facts = _facts(bodies.pop("Facts", ""))
    if len(bodies) != QUESTIONS:
        msg = f"there must be {QUESTIONS} questions; got {', '.join(bodies) or 'none'}"
        raise ValueError(msg)
    if unused := [name for name in facts if f"{{{name}}}" not in text]:
        msg = f"every fact must be used; got {', '.join(unused)} for nothing"
        raise ValueError(msg)
    return tuple(_asked(heading, body, facts) for heading, body in bodies.items())


def _asked(heading: str, body: str, facts: Mapping[str, str]) -> Asked:
    found = PART.match(body)
    if found is None:
        msg = f"under {heading!r} must stand the question, 'Answer: ...' and 'Reason: ...'"
        raise ValueError(msg)
    return Asked(*(_filled(part.strip(), facts) for part in found.groups()))


def _filled(text: str, facts: Mapping[str, str]) -> str:
    return NAMED.sub(lambda name: facts[one_of("a fact", name[1], facts)], text)


def _facts(table: str) -> dict[str, str]:
    lines = [tuple(c.strip() for c in line.strip("|").split("|")) for line in table.splitlines()]
    if table and (lines[0] != COLUMNS or any(len(line) != len(COLUMNS) for line in lines)):
        msg = f"Facts must be a table of {', '.join(COLUMNS)}; got {table[:200]!r}"
        raise ValueError(msg)
    facts: dict[str, str] = {}
    for name, where, word in lines[2:]:
        facts[name] = look_up(_filled(where, facts).replace(",", ""), word)
    return facts


def _computed(node: ast.expr) -> float:
    """Return what plain arithmetic gives; nothing else is run."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        return SIGNS[type(node.op)](_computed(node.left), _computed(node.right))
    msg = f"numbers are joined by + - * / ** and brackets; got {ast.unparse(node)!r}"
    raise ValueError(msg)
