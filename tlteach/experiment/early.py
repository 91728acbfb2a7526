"""What a comparison that still runs can say: each verdict as soon as its seeds are in."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import pandas as pd

from tlteach.experiment.cells import Cell, Grid, Rows
from tlteach.experiment.results import COLUMNS
from tlteach.measures import verdict

AGAINST = "scratch"  # what the others are held against

Key = tuple[str, int, int]


class Early:
    """Verdicts on regimes against `AGAINST`, at each number of shots, one after the other.

    A verdict waits for every seed of both arms: one that was given after some of them would be
    taken for the end, and could be stopped at.

    Parameters
    ----------
    cells : iterable of Cell
        The arms. Without `AGAINST` among them there is no verdict.
    grid : list of (int, int)
        Shots and seeds of each.
    there : iterable of dict
        Rows that are there from before.

    Examples
    --------
    >>> Early([], [(5, 0)]).see([])
    []
    """

    def __init__(
        self, cells: Iterable[Cell], grid: Grid, there: Iterable[dict[Any, Any]] = ()
    ) -> None:
        configs = {cell.label: cell.config for cell in cells}
        seeds: dict[int, set[int]] = {}
        for shots, seed in grid:
            seeds.setdefault(shots, set()).add(seed)
        self._open: dict[tuple[str, int], set[Key]] = {
            (label, shots): {(configs[c], shots, seed) for c in (label, AGAINST) for seed in known}
            for shots, known in seeds.items()
            for label in configs
            if label != AGAINST and AGAINST in configs
        }
        self._wanted = set[Key]().union(*self._open.values())
        self._rows: dict[Key, Rows] = {}
        self._take(there)

    def _take(self, rows: Iterable[dict[Any, Any]]) -> None:
        for row in rows:
            key = row["config"], row["shots"], row["seed"]
            if key in self._wanted:  # a baseline's are not
                self._rows.setdefault(key, []).append(row)

    def see(self, rows: Rows) -> list[str]:
        """Take up rows of runs that are over; return the verdicts that they complete."""
        self._take(rows)
        now = {pair: keys for pair, keys in self._open.items() if keys <= self._rows.keys()}
        told = []
        for (label, shots), keys in now.items():
            del self._open[label, shots]
            with suppress(ValueError), warnings.catch_warnings():
                # what stands in the way of a verdict is told when the table is there
                warnings.simplefilter("ignore")
                table = pd.DataFrame([row for key in sorted(keys) for row in self._rows[key]])
                found = verdict(table.reindex(columns=COLUMNS), label, AGAINST)
                told.append(f"{shots} per class, {found}")
        return told


class Lines:
    """Lines below a bar, where somebody looks on: one place of a notebook, or a terminal.

    Parameters
    ----------
    over : tqdm.tqdm
        The bar; if it is not shown, neither are they.

    Examples
    --------
    >>> from tlteach.base import bar
    >>> Lines(bar(shown=False)).add(["not to be seen"])
    """

    def __init__(self, over: Any) -> None:
        self._bar, self._all = over, list[str]()
        self._place: Any = None

    def add(self, lines: list[str]) -> None:
        """Show further lines."""
        if self._bar.disable or not lines:
            return
        self._all += lines
        if "ipykernel" not in sys.modules:
            self._bar.write("\n".join(lines), file=sys.stderr)
            return
        from IPython.display import display

        shown = {"text/plain": "\n".join(self._all)}
        if self._place is None:
            self._place = display(shown, raw=True, display_id=True)
        else:
            self._place.update(shown, raw=True)
