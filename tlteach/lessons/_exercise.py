"""Exercises: what is asked, what is right, and what typical wrong answers give away.

An answer is a word, a number, a function or a run. What is right may depend on what the learner
measured (`given`), so that no exact number is ever asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tlteach.base import wrapped
from tlteach.lessons._function import Function
from tlteach.lessons._values import is_number, scalar

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
        word = scalar(answer)
        if isinstance(word, str) and word.strip().lower() in self.options:
            return ""
        return f"the answer is one of {', '.join(map(repr, self.options))}; got {answer!r}"

    def agrees(self, answer: Any, wanted: Any) -> bool:
        """Compare without case and outer spaces."""
        return bool(str(scalar(answer)).strip().lower() == wanted)


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
        number = scalar(answer)
        if is_number(number) and math.isfinite(number):
            return ""
        quoted = ", a text: leave out the quotation marks" if isinstance(number, str) else ""
        return f"the answer is a number; got {answer!r}{quoted}"

    def agrees(self, answer: Any, wanted: Any) -> bool:
        """Compare with a number, or with a band."""
        low, high = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        return bool(low - self.tolerance <= scalar(answer) <= high + self.tolerance)


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
    call : str
        Of a function, the first call that fails: what it must return, and what came. Before it is
        attempted, calls to try by hand.

    Examples
    --------
    >>> Outcome("00.1", "not yet", "Count again.", trap=0)
    00.1 not yet. Count again.
    """

    id: str
    state: str
    says: str
    trap: int | None = None
    call: str = ""

    def __repr__(self) -> str:
        return f"{self.id} {self.state}. {self.says}\n{self.call}".strip()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(wrapped(repr(self)))  # a notebook would break it in mid-word


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
        Said of a wrong answer that is in no trap; of a function, unless words are given, the
        calls to try by hand.
    given : tuple of str
        Names of what a check needs beside the answer.
    stand_in : object, optional
        What a notebook goes on with where the answer is not right; default `right`.
    example : callable, optional
        Returns a `given` to try the exercise with.

    Examples
    --------
    >>> from tlteach.lessons import EXERCISES
    >>> exercise = EXERCISES["00.1"]
    >>> len(exercise.hints), exercise.judge(60).state
    (3, 'correct')
    """

    id: str
    ask: str
    kind: Kind
    right: Any
    traps: tuple[Trap, ...]
    hints: tuple[str, str, str]
    solution: str
    why: str
    otherwise: str = ""
    given: tuple[str, ...] = ()
    stand_in: Any = None
    example: Callable[[], Mapping[str, Any]] = field(default=dict)

    def __post_init__(self) -> None:
        if not self.otherwise and isinstance(self.kind, Function):
            object.__setattr__(self, "otherwise", self.kind.by_hand(self.right))

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
            shown = self.kind.by_hand(self.right) if isinstance(self.kind, Function) else ""
            return Outcome(self.id, NOTHING, self.ask, None, shown)
        right = self.wanted(self.right, given)
        if isinstance(self.kind, Function) and callable(answer):
            return self._of_function(self.kind, answer, right)
        if fault := self.kind.fault(answer):
            return Outcome(self.id, NOT_YET, fault)
        if self.kind.agrees(answer, right):
            return Outcome(self.id, CORRECT, self.why)
        for number, trap in enumerate(self.traps):
            if self.kind.agrees(answer, self.wanted(trap.wrong, given)):
                return Outcome(self.id, NOT_YET, trap.says, number)
        return Outcome(self.id, NOT_YET, self.otherwise)

    def _of_function(self, kind: Function, answer: Any, right: Any) -> Outcome:
        call = kind.first_failure(answer, right)
        if not call and (changed := kind.first_change(answer)):
            return Outcome(self.id, NOT_YET, changed)
        if not call:
            return Outcome(self.id, CORRECT, self.why)
        for number, trap in enumerate(self.traps):
            if kind.resembles(answer, trap.wrong, right):
                return Outcome(self.id, NOT_YET, trap.says, number, call)
        own = self.otherwise if self.otherwise != kind.by_hand(right) else "Try this call by hand:"
        return Outcome(self.id, NOT_YET, own, None, call)
