"""Functions as answers: tried beside the right one, and told the first call that fails."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tlteach.lessons._untrusted import shortened
from tlteach.lessons._values import same, told

Call = tuple[Any, ...]


@dataclass(frozen=True)
class Function:
    """A function, tried beside the right one, call by call.

    Attributes
    ----------
    cases : callable
        Returns the arguments of each call: equal values, few values and drawn ones, of a fixed
        seed. What the exercise leaves open must not be among them.
    shown : tuple of tuple
        Arguments of the calls to try by hand. They are tried first, and every typical wrong
        answer fails in one of them.
    tolerance : float
        For numbers that it returns.
    changes : bool
        Whether it may change its arguments.
    """

    cases: Callable[[], list[Any]]
    shown: tuple[Call, ...] = ()
    tolerance: float = 1e-6
    changes: bool = False

    @cached_property
    def calls(self) -> list[Call]:
        """The arguments of all calls: those to try by hand, then the shortest first."""
        return [*self.shown, *sorted(self.cases(), key=lambda case: len(repr(case)))]

    def attempted(self, answer: Any) -> bool:
        """Return whether there is a function with something in it."""
        if not callable(answer):
            return answer is not None and answer is not ...
        first = _tried(answer, self.calls[0])
        if first.error is not None:
            return not isinstance(first.error, NotImplementedError)
        return not (_is_blank(answer) and first.value in (None, ...))

    def fault(self, answer: Any) -> str:
        """Return why it cannot be judged: no function, or one that never returns anything."""
        if not callable(answer):
            return f"the answer is a function, without calling it; got {answer!r}"
        plain = self.shown or tuple(self.calls[:1])
        found = [_tried(answer, case) for case in plain]
        if any(one.value is not None for one in found):
            return ""
        return f"{_written(_name(answer), plain[0])} {found[0].in_words()}"

    def agrees(self, answer: Any, wanted: Any) -> bool:
        """Return whether no call fails, and none changes what it is given."""
        return not (self.first_failure(answer, wanted) or self.first_change(answer))

    def first_failure(self, answer: Any, wanted: Any) -> str:
        """Return the first call that fails, in words; nothing where none does."""
        for case in self.calls:
            found, right = _tried(answer, case), wanted(*copy.deepcopy(case))
            if found.error is not None or not same(found.value, right, self.tolerance):
                must = f"{_written(wanted.__name__, case)} must return {told(right)}; yours"
                exact = told(right) == told(found.value)
                return f"{must} {found.in_words(exact)}"
        return ""

    def first_change(self, answer: Any) -> str:
        """Return the first call that changes an argument, in words; nothing where none does."""
        for case in () if self.changes else self.calls:
            if changed := _tried(answer, case).changed:
                return (
                    f"Every value is right, but {_written(_name(answer), case)} changes its "
                    f"argument `{_parameter(answer, changed[0])}`. Others may still need it as it "
                    "was: work on a copy."
                )
        return ""

    def resembles(self, answer: Any, wrong: Any, wanted: Any) -> bool:
        """Return whether it errs as a typical wrong answer does, wherever both return."""
        errs = False
        for case in self.calls:
            ours, theirs = _tried(answer, case), _tried(wrong, case)
            if ours.error is None and theirs.error is None:
                if not same(ours.value, theirs.value, self.tolerance):
                    return False
                right = wanted(*copy.deepcopy(case))
                errs = errs or not same(ours.value, right, self.tolerance)
        return errs

    def by_hand(self, right: Callable[..., Any]) -> str:
        """Return the calls to try by hand, with what they must return."""
        each = [
            f"{_written(right.__name__, case)} must return {told(right(*copy.deepcopy(case)))}"
            for case in self.shown
        ]
        return f"Try it by hand: {'; '.join(each)}." if each else ""


@dataclass(frozen=True)
class _Tried:
    """What became of one call."""

    value: Any = None
    error: Exception | None = None
    printed: str = ""
    changed: tuple[int, ...] = ()

    def in_words(self, exact: bool = False) -> str:
        if self.error is not None:
            said = shortened(f"{type(self.error).__name__}: {self.error}", 300)
            return f"raised {said.rstrip(':. ')}."
        if self.value is not None:
            return f"returned {repr(self.value) if exact else told(self.value)}."
        printed = f"printed {told(self.printed.strip())} and " if self.printed else ""
        return f"{printed}returned nothing (None). {MISSING}"


MISSING = "A function gives its answer back with `return`; is that line missing?"


def _tried(function: Callable[..., Any], case: Call) -> _Tried:
    mine = copy.deepcopy(case)
    with contextlib.redirect_stdout(io.StringIO()) as out, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning is no wrong answer
        try:
            value = function(*mine)
        except Exception as error:  # whatever a learner's function raises
            return _Tried(error=error)
    changed = tuple(i for i, (one, old) in enumerate(zip(mine, case, strict=True)) if one != old)
    return _Tried(value, None, out.getvalue(), changed)


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else "your function"


def _written(name: str, case: Call) -> str:
    """Return a call as it is typed."""
    return f"{name}({', '.join(map(told, case))})"


def _parameter(function: Callable[..., Any], place: int) -> str:
    names = [*inspect.signature(function).parameters]
    return names[min(place, len(names) - 1)]


def _blanks() -> Iterator[Callable[[], Any]]:
    def documented() -> None:
        """Say what it does."""

    def dots() -> Any:
        """Say what it does."""
        return ...

    yield from (documented, dots, lambda: None, lambda: ...)


BLANK = {blank.__code__.co_code for blank in _blanks()}


def _is_blank(function: Callable[..., Any]) -> bool:
    """Return whether a function holds no more than its docstring, `pass` or `...`."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_code in BLANK
