"""How much of a comparison is done, counted in what runs cost and not in how many they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import fsum
from typing import Any

from tlteach.base import bar, counted
from tlteach.experiment.cells import Cell, Plan, Rows
from tlteach.experiment.early import Early, Lines

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
    sizes: dict[str, int] = {}
    for cell, g in runs:
        firsts.setdefault((cell.config, g[0]), g)
        if cell.config not in sizes:
            sizes[cell.config] = sum(p.numel() for p in cell.net.parameters()) if cell.net else 0

    def place(run: tuple[Cell, tuple[int, int]]) -> tuple[bool, int]:
        cell, g = run
        return firsts[cell.config, g[0]] != g, -sizes[cell.config]

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
        # kinds of runs and not runs: a sweep may have ten thousand
        self._left = Counter((c.config, shots) for c, grid in plan.items() for shots, _ in grid)
        self._took: Counter[tuple[str, int]] = Counter()
        self._seconds: dict[tuple[str, int], float] = defaultdict(float)
        self._others = at_once - 1
        self.runs = self._left.total()

    def see(self, rows: Rows) -> None:
        """Count a run that is over, by its rows."""
        kind = rows[0]["config"], rows[0]["shots"]
        self._left[kind] -= 1
        self._took[kind] += 1
        self._seconds[kind] += rows[0]["seconds"]

    @property
    def done(self) -> float:
        """Seconds of work in the runs that are over."""
        return fsum(self._seconds.values())

    @property
    def left(self) -> float:
        """Seconds of work in the runs that are not over."""
        return fsum(n * self._guess(*kind) for kind, n in self._left.items())

    @property
    def share(self) -> float:
        """What is done, from 0 to 1; runs that are under way count half."""
        done, left = self.done, self.left
        half = 0.5 * self._others * left / max(self._left.total(), 1)
        done, left = done + min(half, left), left - min(half, left)
        return done / (done + left) if done + left else 1.0

    def _guess(self, config: str, shots: int) -> float:
        steps = self._by_steps[config]
        likes: tuple[Callable[[str, int], bool], ...] = (
            lambda other, k: (other, k) == (config, shots),
            lambda other, _: other == config,
            lambda other, _: self._by_steps[other] == steps,
        )
        for like in likes:
            if (found := self._mean(like)) is not None:
                return found
        unit = self._mean(lambda other, _: self._by_steps[other])
        return (1.0 if unit is None else unit) * (1.0 if steps else SOLVED)

    def _mean(self, like: Callable[[str, int], bool]) -> float | None:
        """Return the mean seconds of runs of such kinds that are over, if there are any."""
        kinds = [kind for kind in self._took if like(*kind)]
        if not kinds:
            return None
        return fsum(self._seconds[kind] for kind in kinds) / sum(self._took[kind] for kind in kinds)


class Progress:
    """A bar that shows a `Forecast`, and below it the verdicts that are in.

    Parameters
    ----------
    plan : dict
        As for `Forecast`.
    at_once : int
        Processes.
    shown : bool
        Whether it may be seen.
    early : Early, optional
        What can be said before all is done.

    Examples
    --------
    >>> with Progress({}, 1, shown=False) as progress:
    ...     progress.forecast.runs
    0
    """

    def __init__(
        self, plan: Plan, at_once: int, *, shown: bool, early: Early | None = None
    ) -> None:
        self.forecast, self._over, self._early = Forecast(plan, at_once), 0, early
        told = [self._told()]
        self._bar = bar(total=100, shown=shown, bar_format=FORMAT, postfix=told)
        self._lines = Lines(self._bar)
        self._tell([])

    def see(self, rows: Rows) -> None:
        """Count a run that is over."""
        self.forecast.see(rows)
        self._over += 1
        self._bar.n = 100 * self.forecast.share
        self._bar.postfix = [self._told()]
        self._bar.refresh()
        self._tell(rows)

    def _tell(self, rows: Rows) -> None:
        if self._early is not None and not self._bar.disable:
            self._lines.add(self._early.see(rows))

    def _told(self) -> str:
        return f"{self._over} of {counted(self.forecast.runs, 'run')}"

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: Any) -> None:
        self._bar.close()
