"""How much of a comparison is done, counted in what runs cost and not in how many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import fsum
from statistics import fmean
from typing import Any

from tlteach.base import bar, counted
from tlteach.experiment.cells import Cell, Plan, Rows

SOLVED = 0.05  # of a run by gradient steps: what a solved run takes, until one has been seen
FORMAT = "{percentage:3.0f}%|{bar}| {postfix[0]} [{elapsed}<{remaining}]"


def in_order(runs: Sequence[tuple[Cell, tuple[int, int]]]) -> list[tuple[Cell, tuple[int, int]]]:
    """Return runs in a good order: one of each kind, whose seconds tell those of the others.

    Then what takes longest, the most parameters, so that no core idles at the end.

    Examples
    --------
    >>> in_order([])
    []
    """
    firsts: dict[tuple[str, int], tuple[int, int]] = {}
    for cell, g in runs:
        firsts.setdefault((cell.config, g[0]), g)

    def place(run: tuple[Cell, tuple[int, int]]) -> tuple[bool, int]:
        cell, g = run
        size = sum(p.numel() for p in cell.net.parameters()) if cell.net else 0
        return firsts[cell.config, g[0]] != g, -size

    return sorted(runs, key=place)


class Forecast:
    """What is done of a plan, in seconds of work, and what is left.

    A run will take as long as others of its arm with as many labels did; until one of these is
    over, as those of its arm with other labels, and then as those of other arms.

    Parameters
    ----------
    plan : dict
        Cells, and shots and seeds of each, none of them run yet.
    at_once : int
        Processes. At any time all of them but one are in the middle of a run.

    Examples
    --------
    >>> forecast = Forecast({}, 2)
    >>> forecast.done, forecast.left, forecast.share
    (0.0, 0.0, 1.0)
    """

    def __init__(self, plan: Plan, at_once: int) -> None:
        self._by_steps = {cell.config: cell.regime.solver == "sgd" for cell in plan}
        self._left = {(c.config, *run) for c, grid in plan.items() for run in grid}
        self._took: dict[tuple[str, int], list[float]] = defaultdict(list)
        self._others = at_once - 1
        self.done, self.runs = 0.0, len(self._left)

    def see(self, rows: Rows) -> None:
        """Count a run that is over, by its rows."""
        config, shots, seed, seconds = (
            rows[0][name] for name in ("config", "shots", "seed", "seconds")
        )
        self._left.discard((config, shots, seed))
        self._took[config, shots].append(seconds)
        self.done += seconds

    @property
    def left(self) -> float:
        """Seconds of work in the runs that are not over."""
        return fsum(self._guess(config, shots) for config, shots, _ in self._left)

    @property
    def share(self) -> float:
        """What is done, from 0 to 1; runs that are under way count half."""
        left = self.left
        half = 0.5 * self._others * left / len(self._left) if self._left else 0.0
        done, left = self.done + min(half, left), left - min(half, left)
        return done / (done + left) if done + left else 1.0

    def _guess(self, config: str, shots: int) -> float:
        if took := self._took.get((config, shots)):
            return fmean(took)
        own, alike, any_steps = [], [], []
        for (other, _), took in self._took.items():
            own += took if other == config else []
            alike += took if self._by_steps[other] == self._by_steps[config] else []
            any_steps += took if self._by_steps[other] else []
        unit = fmean(any_steps) if any_steps else 1.0
        known = own or alike or [unit if self._by_steps[config] else SOLVED * unit]
        return fmean(known)


class Progress:
    """A bar that shows a `Forecast`.

    Parameters
    ----------
    plan : dict
        As for `Forecast`.
    at_once : int
        Processes.
    shown : bool
        Whether it may be seen.

    Examples
    --------
    >>> with Progress({}, 1, shown=False) as progress:
    ...     progress.forecast.runs
    0
    """

    def __init__(self, plan: Plan, at_once: int, *, shown: bool) -> None:
        self.forecast, self._over = Forecast(plan, at_once), 0
        told = [self._told()]
        self._bar = bar(total=100, shown=shown, bar_format=FORMAT, postfix=told)

    def see(self, rows: Rows) -> None:
        """Count a run that is over."""
        self.forecast.see(rows)
        self._over += 1
        self._bar.n = 100 * self.forecast.share
        self._bar.postfix = [self._told()]
        self._bar.refresh()

    def _told(self) -> str:
        return f"{self._over} of {counted(self.forecast.runs, 'run')}"

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: Any) -> None:
        self._bar.close()
