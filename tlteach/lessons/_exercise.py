"""Exercises: what is asked, what is right, and what typical wrong answers give away.

An answer is a word, a number, a function or a run. What is right may depend on what the learner
measured (`given`), so that no exact number is ever asked for.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, Protocol

from tlteach.lessons._untrusted import short

STATES = ("not attempted", "not yet", "correct")
NOTHING, NOT_YET, CORRECT = STATES


class Kind(Protocol):
    """What sort of answer an exercise wants."""

    def attempted(self, answer: Any) -> bool:
        """Return whether the learner has written anything."""

    def fault(self, answer: Any) -> str:
        """Return why an answer cannot be judged, or nothing."""

    def agrees(self, answer: Any, wanted: Any) -> bool:
        """Return whether two answers are the same."""


@dataclass(frozen=True)
class Word:
    """One word out of a few.

    Examples
    --------
    >>> Word(("helps", "hurts")).agrees(" Helps ", "helps")
    True
    """

    options: tuple[str, ...]

    def attempted(self, answer: Any) -> bool:
        """Return whether there is a word."""
        return not any(answer is nothing for nothing in (None, ..., ""))

    def fault(self, answer: Any) -> str:
        """Return whether the word is none of the options."""
        if isinstance(answer, str) and answer.strip().lower() in self.options:
            return ""
        return f"the answer is one of {', '.join(map(repr, self.options))}; got {answer!r}"

    def agrees(self, answer: Any, wanted: Any) -> bool:
        """Compare without case and outer spaces."""
        return bool(str(answer).strip().lower() == wanted)


@dataclass(frozen=True)
class Number:
    """A number, or a place in a band.

    Attributes
    ----------
    tolerance : float
        How far from a single number an answer may lie. A band is a pair (low, high).
    """

    tolerance: float = 0.0

    def attempted(self, answer: Any) -> bool:
        """Return whether there is a number."""
        return answer is not None and answer is not ...

    def fault(self, answer: Any) -> str:
        """Return whether it is no finite number."""
        if _is_number(answer) and math.isfinite(answer):
            return ""
        return f"the answer is a number; got {answer!r}"

    def agrees(self, answer: Any, wanted: Any) -> bool:
        """Compare with a number, or with a band."""
        low, high = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        return bool(low - self.tolerance <= answer <= high + self.tolerance)


@dataclass(frozen=True)
class Function:
    """A function, tried on cases beside the reference.

    Attributes
    ----------
    cases : callable
        Returns the arguments of each call; drawn from a fixed seed, many enough that no wrong
        function passes by luck.
    tolerance : float
        For numbers that it returns.
    """

    cases: Callable[[], list[tuple[Any, ...]]]
    tolerance: float = 1e-6

    def attempted(self, answer: Any) -> bool:
        """Return whether the function does anything."""
        if not callable(answer):
            return answer is not None and answer is not ...
        try:
            return any(answer(*copy.deepcopy(case)) is not None for case in self.cases()[:3])
        except NotImplementedError:
            return False
        except Exception:  # it does something, if not the right thing
            return True

    def fault(self, answer: Any) -> str:
        """Return whether it is no function, or which call failed."""
        if not callable(answer):
            return f"the answer is a function, without calling it; got {answer!r}"
        for case in self.cases():
            try:
                answer(*copy.deepcopy(case))
            except Exception as error:
                told = ", ".join(short(part) for part in case)
                return f"called with ({told}) it raised {type(error).__name__}: {error}"
        return ""

    def agrees(self, answer: Any, wanted: Any) -> bool:
        """Compare what both return in every case."""
        return all(
            _same(answer(*copy.deepcopy(case)), wanted(*copy.deepcopy(case)), self.tolerance)
            for case in self.cases()
        )


@dataclass(frozen=True)
class Measured:
    """A run, or a table of runs, of which one fact is compared.

    Attributes
    ----------
    what : type
        The class wanted.
    fact : callable
        Takes the answer, returns what is compared.
    """

    what: type
    fact: Callable[[Any], Any]

    def attempted(self, answer: Any) -> bool:
        """Return whether there is anything."""
        return answer is not None and answer is not ...

    def fault(self, answer: Any) -> str:
        """Return whether it is of another class."""
        if isinstance(answer, self.what):
            return ""
        return f"the answer is a {self.what.__name__}; got {type(answer).__name__}"

    def agrees(self, answer: Any, wanted: Any) -> bool:
        """Compare the fact."""
        return bool(self.fact(answer) == wanted)


@dataclass(frozen=True)
class Trap:
    """A typical wrong answer, and what to say to the one who gives it."""

    wrong: Any
    says: str


@dataclass(frozen=True)
class Outcome:
    """What `check` found.

    Attributes
    ----------
    id : str
    state : {"not attempted", "not yet", "correct"}
    says : str
        What to think about, or why it is right.
    trap : int or None
        Which typical wrong answer it was.
    """

    id: str
    state: str
    says: str
    trap: int | None = None

    def __repr__(self) -> str:
        return f"{self.id} {self.state}. {self.says}".strip()


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    id : str
        Notebook and number, such as "01.2".
    ask : str
        What is asked, in a sentence.
    kind : Word, Number, Function or Measured
    right : object
        The answer; with `given`, a function of what is given.
    traps : tuple of Trap
        Three at least, each with its own words.
    hints : tuple of str
        A ladder of three, the last one nearly tells.
    solution : str
        Code that answers it.
    why : str
        Said to who is right.
    otherwise : str
        Said of a wrong answer that is in no trap.
    given : tuple of str
        Names of what a check needs beside the answer.
    stand_in : object, optional
        What a notebook goes on with where the answer is not right; default `right`.
    example : callable, optional
        Returns a `given` to try the exercise with.
    """

    id: str
    ask: str
    kind: Kind
    right: Any
    traps: tuple[Trap, ...]
    hints: tuple[str, str, str]
    solution: str
    why: str
    otherwise: str
    given: tuple[str, ...] = ()
    stand_in: Any = None
    example: Callable[[], Mapping[str, Any]] = field(default=dict)

    def wanted(self, answer: Any, given: Mapping[str, Any]) -> Any:
        """Return an answer of this exercise, worked out from what is given."""
        return answer(**given) if self.given and callable(answer) else answer

    def judge(self, answer: Any, **given: Any) -> Outcome:
        """Judge an answer; nothing is recorded.

        Raises
        ------
        TypeError
            Where something that the check needs is missing or not asked for.
        """
        if set(given) != set(self.given):
            needs = ", ".join(f"{name}=..." for name in self.given) or "the answer alone"
            msg = f"the check of {self.id} needs {needs}; got {', '.join(given) or 'nothing else'}"
            raise TypeError(msg)
        if not self.kind.attempted(answer):
            return Outcome(self.id, NOTHING, self.ask)
        if fault := self.kind.fault(answer):
            return Outcome(self.id, NOT_YET, fault)
        if self.kind.agrees(answer, self.wanted(self.right, given)):
            return Outcome(self.id, CORRECT, self.why)
        for number, trap in enumerate(self.traps):
            if self.kind.agrees(answer, self.wanted(trap.wrong, given)):
                return Outcome(self.id, NOT_YET, trap.says, number)
        return Outcome(self.id, NOT_YET, self.otherwise)


def _same(ours: Any, theirs: Any, tolerance: float) -> bool:
    if _is_number(theirs):
        if not _is_number(ours):
            return False
        return math.isclose(ours, theirs, rel_tol=tolerance, abs_tol=tolerance)
    return type(ours) is type(theirs) and bool(ours == theirs)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and value is not True and value is not False
