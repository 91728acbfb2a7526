"""What a comparison says in words: helps, hurts, cannot tell, or why there is no word."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tlteach.base import checked, one_of
from tlteach.measures.estimate import OVER_BOTH, OVER_SPLITS
from tlteach.measures.pairs import paired
from tlteach.measures.shown import bar_of, verdict_html
from tlteach.measures.words import NO_WORD, effect

COLUMNS = (
    "a", "b", "metric", "verdict", "difference", "ci_low", "ci_high", "won", "n_seeds",
    "seeds_low", "seeds_high", "over", "reason", "note",
)  # fmt: skip
OF_SPLITS = "over seeds, each with its own split"
POINTS = {
    "accuracy": (100, " points"),
    "balanced_accuracy": (100, " points of balanced accuracy"),
}


@dataclass(frozen=True)
class Verdict:
    """What a paired comparison says.

    Attributes
    ----------
    a, b : str
        The regimes; the difference is a - b, turned so that positive is better.
    metric : str
        What was compared.
    word : str
        "helps", "hurts" or "cannot tell"; "" if there is no word: `reason` says why.
    difference, low, high : float
        Mean of the paired differences and the ends of its interval; NaN ends if there is none.
    won, n : int
        Seeds in which a was better than b, and all seeds.
    seeds_low, seeds_high : float
        Ends of the interval over seeds alone.
    over : {"seeds and images", "seeds", "seeds and splits"}
        What low and high are over.
    reason : str
        Why there is no word, or why it is withheld.
    note : str
        What else is to be known, such as runs that were stopped by their cap.

    Examples
    --------
    >>> ends = (0.37, 0.3, 0.4, 5, 5, 0.31, 0.39, "seeds and images", "", "")
    >>> print(Verdict("frozen", "scratch", "accuracy", "helps", *ends))
    frozen against scratch: helps, +37.0 points (30.0 to 40.0 over seeds and test images;
    31.0 to 39.0 over seeds alone), 5 of 5 seeds
    """

    a: str
    b: str
    metric: str
    word: str
    difference: float
    low: float
    high: float
    won: int
    n: int
    seeds_low: float
    seeds_high: float
    over: str
    reason: str
    note: str

    def __str__(self) -> str:
        scale, unit = POINTS.get(self.metric, (1, f" {self.metric}"))
        mean = f"{scale * self.difference:+.{1 if scale == 100 else 3}f}{unit}"
        told = f"{self.a} against {self.b}: {self.word or NO_WORD}, {mean}"
        seeds = f"{self.won} of {self.n} seeds"
        remarks = filter(None, [self.reason, self.note])
        return "; ".join([f"{told} ({self._interval(scale)}), {seeds}", *remarks])

    def _repr_html_(self) -> str:
        scale, unit = POINTS.get(self.metric, (1, f" {self.metric}"))
        both, seeds = (
            (scale * low, scale * high)
            for low, high in ((self.low, self.high), (self.seeds_low, self.seeds_high))
        )
        title = f"Difference, {self.a} minus {self.b}"
        digits = 1 if scale == 100 else 3
        bar = bar_of(title, scale * self.difference, both, seeds, digits=digits, unit=unit.strip())
        return verdict_html(str(self), self.word or NO_WORD, bar)

    def _interval(self, scale: int) -> str:
        """Return the interval that the word follows, then that over seeds alone."""
        if math.isnan(self.low):
            return "no interval from one seed" if self.n == 1 else "no interval"

        def ends(low: float, high: float) -> str:
            return " to ".join(f"{scale * x:.{1 if scale == 100 else 3}f}" for x in (low, high))

        alone = f"{ends(self.seeds_low, self.seeds_high)} over seeds alone"
        words = {OVER_BOTH: "over seeds and test images", OVER_SPLITS: OF_SPLITS}
        if self.over not in words:
            return alone
        both = f"{ends(self.low, self.high)} {words[self.over]}"
        return both if math.isnan(self.seeds_low) else f"{both}; {alone}"

    def finding(self, task: str) -> str:
        """Return the verdict as short as a figure's title.

        Examples
        --------
        >>> ends = (0.37, 0.3, 0.4, 5, 5, 0.31, 0.39, "seeds and images", "", "")
        >>> found = Verdict("frozen", "scratch", "accuracy", "helps", *ends)
        >>> print(found.finding("photos"))
        frozen against scratch on photos: helps, +37 points (30 to 40)
        """
        scale, unit = POINTS.get(self.metric, (1, f" {self.metric}"))
        ends = (scale * x for x in (self.difference, self.low, self.high))
        told = effect(self.word, *ends, unit=unit, digits=0 if scale == 100 else 2)
        return f"{self.a} against {self.b} on {task}: {told}"

    @classmethod
    def from_row(cls, row: pd.Series[Any]) -> Verdict:
        """Return the verdict that stands in one row of a table from `paired`."""
        return cls(*(row[name] for name in COLUMNS))


@checked
def verdict(
    results: pd.DataFrame,
    a: str,
    b: str,
    *,
    metric: str | None = None,
    level: float = 0.95,
    **where: Any,
) -> Verdict:
    """Say in words whether regime `a` is better than regime `b`.

    The word follows the interval over seeds and test images, so it is about new images of the same
    kind, too: "helps" if all of it is above zero, "hurts" if all of it is below, else "cannot
    tell". The interval over seeds alone, on these very images, stands beside it. Where `results`
    do not tell which images were right (other metrics, older versions) there is that one only.
    Where each seed drew its own split (`tlteach.resplit`) the interval is over seeds, made wider
    for the images that they share.

    There is no word for fewer than five seeds, nor where nothing differs. It is withheld where
    most runs of a regime chose the end of all settings tried: it might be better with others.

    Parameters
    ----------
    results : DataFrame
        From `compare`.
    a, b : str
        Values of the column "regime".
    metric : str, optional
        What counts; default accuracy, or balanced accuracy where one class has over ten times the
        test images of another (`default_metric`).
    level : float, default 0.95
        Of the interval.
    **where
        Picks rows by column, such as ``shots=20, task="emoji"``; needed where results hold several.

    Returns
    -------
    Verdict
        Print it, or read its ``word``: "helps", "hurts", "cannot tell" or "".

    Raises
    ------
    ValueError
        If several tasks or shots are left, naming them. As `paired` does.

    Examples
    --------
    >>> results = pd.DataFrame({"task": "emoji", "shots": 5, "split": "test",
    ...     "regime": ["frozen"] * 5 + ["scratch"] * 5, "seed": [0, 1, 2, 3, 4] * 2,
    ...     "metric": "accuracy",
    ...     "value": [0.5, 0.6, 0.7, 0.6, 0.6, 0.4, 0.52, 0.6, 0.5, 0.51]})
    >>> print(verdict(results, "frozen", "scratch"))
    frozen against scratch: helps, +9.4 points (8.3 to 10.5 over seeds alone), 5 of 5 seeds
    >>> print(verdict(results[results["seed"] < 2], "frozen", "scratch"))
    frozen against scratch: no word, +9.0 points (-3.7 to 21.7 over seeds alone), 2 of 2 seeds;
    too few seeds for a word (2, at least 5)
    """
    for column, value in where.items():
        one_of("column", column, results.columns)
        one_of(column, value, results[column].unique().tolist())
        results = results[results[column] == value]
    table = paired(results, a, b, metric=metric, level=level)
    if len(table) != 1:
        places = ", ".join(f"task={r.task!r} shots={r.shots}" for r in table.itertuples())
        msg = f"verdict must be asked for one task and number of shots; got {places or 'none'}"
        raise ValueError(msg)
    return Verdict.from_row(table.iloc[0])
