"""Quizzes: questions whose every option says why, and predictions made before a figure appears."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlteach.base import one_of
from tlteach.lessons._journal import Journal

if TYPE_CHECKING:
    from tlteach.lessons._quiz_widget import QuizWidget


@dataclass(frozen=True)
class Question:
    """A question with options to choose from.

    Attributes
    ----------
    id : str
        Notebook and letter, such as "01.a".
    ask : str
    options : mapping of str to str
        What can be chosen, and what is said to who chose it.
    seal : str
        The hash of the right option, from `sealed`; empty for a prediction, which the run answers.

    Examples
    --------
    >>> seal = sealed("99.a", "yes")
    >>> question = Question("99.a", "Is it?", {"yes": "It is.", "no": "Look again."}, seal)
    >>> question.is_right("yes"), question.is_right("no")
    (True, False)
    """

    id: str
    ask: str
    options: Mapping[str, str]
    seal: str = ""

    def is_right(self, option: str) -> bool:
        """Return whether an option is the right one."""
        return sealed(self.id, option) == self.seal


def sealed(id: str, option: str) -> str:
    """Return a salted hash, so that no source shows which option is right.

    Examples
    --------
    >>> sealed("00.a", "yes") == sealed("00.a", "no"), len(sealed("00.a", "yes"))
    (False, 16)
    """
    text = f"tlteach quiz {id}: {option}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Asked:
    """A question on the page: radio buttons in a notebook, text elsewhere.

    Attributes
    ----------
    question : Question
    """

    def __init__(self, question: Question, journal: Journal) -> None:
        self.question, self._journal = question, journal

    @property
    def chosen(self) -> str:
        """What was chosen last, in this kernel or before; empty for nothing yet."""
        mine = [e for e in self._journal.events("quiz") if e.get("id") == self.question.id]
        return str(mine[-1].get("choice", "")) if mine else ""

    def answer(self, choice: str) -> str:
        """Choose an option, by its letter or its text; return what there is to say of it.

        Raises
        ------
        ValueError
            For something that is no option.
        """
        options = dict(zip(string.ascii_lowercase, self.question.options, strict=False))
        option = options.get(choice, choice)
        one_of("choice", option, self.question.options)
        known: dict[str, Any] = {"id": self.question.id, "choice": option}
        if self.question.seal:
            known["right"] = self.question.is_right(option)
        self._journal.add("quiz", **known)
        return self._said(option)

    def _said(self, option: str) -> str:
        said = self.question.options[option]
        if not self.question.seal:
            return f"Noted: {option}. {said}".strip()
        return f"{'Right' if self.question.is_right(option) else 'Not yet'}: {option}. {said}"

    def __repr__(self) -> str:
        letters = zip(string.ascii_lowercase, self.question.options, strict=False)
        lines = [f"{self.question.id} {self.question.ask}"]
        lines += [f"  {letter}) {option}" for letter, option in letters]
        if self.chosen:
            return "\n".join([*lines, self._said(self.chosen)])
        return "\n".join([*lines, f'answer: lessons.quiz("{self.question.id}").answer("a")'])

    def _ipython_display_(self) -> None:
        from IPython.display import display

        try:
            widget = self.widget()
        except ImportError:
            print(self)  # noqa: T201  # a place without widgets
            return
        live = widget._repr_mimebundle_()
        data, metadata = live if isinstance(live, tuple) else (live or {}, {})
        display(data | {"text/plain": repr(self)}, metadata=metadata, raw=True)
        display({"text/html": widget.below(), "text/plain": ""}, raw=True)

    def widget(self) -> QuizWidget:
        """Return the question as radio buttons; what is said stands below them."""
        from tlteach.lessons._quiz_widget import QuizWidget

        chosen = self.chosen
        said = self._said(chosen) if chosen else ""
        question = self.question
        return QuizWidget(
            question.ask, list(question.options), self.answer, choice=chosen, said=said
        )
