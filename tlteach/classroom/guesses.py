"""What a hall guessed before it saw: predictions out of learners' files, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tlteach.base import checked
from tlteach.classroom.submission import collect
from tlteach.lessons import QUESTIONS

WIDEST = 30  # characters of a bar


@dataclass(frozen=True)
class Guesses:
    """What learners predicted.

    Attributes
    ----------
    table : DataFrame
        question, ask, option, learners, share: a row for every option of every prediction that
        somebody made.

    Examples
    --------
    >>> columns = ["question", "ask", "option", "learners", "share"]
    >>> print(Guesses(pd.DataFrame([("00.a", "Which?", "left", 3, 1.0)], columns=columns)))
    00.a  Which?
      left    3  ...
    """

    table: pd.DataFrame

    def __str__(self) -> str:
        if self.table.empty:
            return "No predictions in these files."
        lines = []
        for (id, ask), options in self.table.groupby(["question", "ask"], sort=False):
            lines.append(f"{id}  {ask}")
            width = options["option"].str.len().max()
            for row in options.itertuples():
                bar = "#" * round(WIDEST * float(row.share))  # type: ignore[arg-type]
                lines.append(f"  {row.option:{width}}  {row.learners:3}  {bar}")
        return "\n".join(lines)

    __repr__ = __str__


@checked
def guesses(folder: str | Path) -> Guesses:
    """Count what a class predicted, for a lecturer to show before the answer.

    Parameters
    ----------
    folder : str or Path
        Where files of `tlteach submit` lie, also in folders of its own for each learner.

    Returns
    -------
    Guesses
        Print it, or read its table.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> from tlteach.classroom import submit
    >>> from tlteach.lessons import Journal
    >>> folder = Path(tempfile.mkdtemp())
    >>> journal = Journal(folder / "journal.jsonl")
    >>> [id, *_] = [id for id, question in QUESTIONS.items() if not question.seal]
    >>> _ = journal.add("quiz", id=id, choice=[*QUESTIONS[id].options][0])
    >>> _ = submit("ana", folder / "in", journal=journal)
    >>> guesses(folder / "in").table["learners"].tolist()[:2]
    [1, 0]
    """
    submissions = collect(folder).submissions
    rows = []
    for id, question in QUESTIONS.items():
        chosen = Counter(one.quiz[id] for one in submissions if id in one.quiz)
        if question.seal or not chosen:
            continue
        for option in dict.fromkeys([*question.options, *sorted(chosen)]):  # wording may change
            known = (id, question.ask, option, chosen[option], chosen[option] / chosen.total())
            rows.append(known)
    return Guesses(pd.DataFrame(rows, columns=["question", "ask", "option", "learners", "share"]))
