"""Where a learner stands, read from the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from tlteach.lessons._exercise import CORRECT, NOTHING
from tlteach.lessons._journal import Journal
from tlteach.lessons.course import EXERCISES, QUESTIONS, TITLES, number_of


@dataclass(frozen=True)
class Standing:
    """States of exercises and questions.

    Attributes
    ----------
    table : DataFrame
        notebook, id, what ("exercise" or "question"), state, hints, solution.
    """

    table: pd.DataFrame

    @property
    def notebooks(self) -> list[str]:
        """The notebooks it is about."""
        return sorted(self.table["notebook"].unique())

    @property
    def next(self) -> str:
        """The first exercise or question that is open; empty where none is."""
        waiting = self.table[self.table["state"].isin([NOTHING, "not yet"])]
        return "" if waiting.empty else str(waiting["id"].iloc[0])

    @property
    def lines(self) -> list[str]:
        """How many parts of each notebook are in which state."""
        lines = []
        for notebook, rows in self.table.groupby("notebook"):
            states = rows["state"].tolist()
            told = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
            lines.append(f"{notebook} {TITLES[str(notebook)]}: {told}")
        return lines

    def __repr__(self) -> str:
        place = self.next
        last = f"go on with {place} in {file_of(place)}" if place else "nothing is open"
        return "\n".join([*self.lines, last])

    def _repr_markdown_(self) -> str:
        place = self.next
        last = f"[go on with {place}]({file_of(place)})" if place else "nothing is open"
        return "\n\n".join([*self.lines, last])


def file_of(id: str) -> str:
    """Return the notebook of an exercise or question.

    Examples
    --------
    >>> file_of("01.2")
    '01_three_ways.ipynb'
    """
    return f"{id[:2]}_{TITLES[id[:2]]}.ipynb"


def standing(journal: Journal, notebook: str = "") -> Standing:
    """Return the best state that each exercise and question has reached."""
    chosen = [number_of(notebook)] if notebook else list(TITLES)
    rows: dict[str, dict[str, Any]] = {
        id: {
            "notebook": id[:2],
            "id": id,
            "what": "exercise" if id in EXERCISES else "question",
            "state": NOTHING,
            "hints": 0,
            "solution": False,
        }
        for id in [*EXERCISES, *QUESTIONS]
        if id[:2] in chosen
    }
    for event in journal.events():
        row = rows.get(str(event.get("id")))
        if row is None:
            continue
        kind = event["event"]
        if kind == "check" and row["state"] != CORRECT:
            row["state"] = str(event.get("state", "not yet"))
        elif kind == "quiz" and row["state"] != CORRECT:
            right = event.get("right")
            row["state"] = "predicted" if right is None else CORRECT if right else "not yet"
        elif kind == "hint":
            rung = event.get("rung", 1)
            row["hints"] = max(row["hints"], rung if isinstance(rung, int) else 1)
        elif kind == "solution":
            row["solution"] = True
    return Standing(pd.DataFrame([rows[id] for id in sorted(rows)]))
