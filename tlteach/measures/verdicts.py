"""What a comparison says in words: helps, hurts or cannot tell, and how many labels it saves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tlteach.base import in_range, one_of
from tlteach.measures.stats import LOWER_IS_BETTER, paired, pick


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
        "helps", "hurts" or "cannot tell".
    difference, low, high : float
        Mean of the paired differences and the ends of its t interval.
    won, n : int
        Seeds in which a was better than b, and all seeds.
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

    def __str__(self) -> str:
        scale, unit = (100, " points") if self.metric == "accuracy" else (1, f" {self.metric}")
        digits = 1 if scale == 100 else 3
        low, high = (f"{scale * x:.{digits}f}" for x in (self.low, self.high))
        interval = f"({low} to {high})" if self.n > 1 else "(no interval from one seed)"
        told = f"{self.a} {self.word} against {self.b}"
        if self.word == "cannot tell":
            told = f"cannot tell {self.a} from {self.b}"
        return (
            f"{told}: {scale * self.difference:+.{digits}f}{unit} {interval}, "
            f"{self.won} of {self.n} seeds"
        )

    def finding(self, task: str) -> str:
        """Return the verdict as short as a figure's title.

        Examples
        --------
        >>> found = Verdict("frozen", "scratch", "accuracy", "helps", 0.37, 0.3, 0.4, 5, 5)
        >>> print(found.finding("photos"))
        frozen helps on photos: +37 points against scratch
        """
        scale, digits, unit = (
            (100, 0, "points") if self.metric == "accuracy" else (1, 2, self.metric)
        )
        size = f"{scale * self.difference:+.{digits}f} {unit}"
        if self.word == "cannot tell":
            return f"cannot tell {self.a} from {self.b} on {task}: {size}"
        return f"{self.a} {self.word} on {task}: {size} against {self.b}"

    @classmethod
    def from_row(cls, row: pd.Series[Any]) -> Verdict:
        """Return the verdict that stands in one row of a table from `paired`."""
        names = ("a", "b", "metric", "verdict", "difference", "ci_low", "ci_high", "won", "n_seeds")
        return cls(*(row[name] for name in names))


def verdict(
    results: pd.DataFrame,
    a: str,
    b: str,
    *,
    metric: str = "accuracy",
    level: float = 0.95,
    **where: Any,
) -> Verdict:
    """Say in words whether regime `a` is better than regime `b`, on these test images.

    The interval is over seeds. It does not say what other test images would give: `two_way` does,
    where the answers of every run are at hand.

    Parameters
    ----------
    results : DataFrame
        From `compare`.
    a, b : str
        Values of the column "regime".
    metric : str, default "accuracy"
        What counts.
    level : float, default 0.95
        Of the interval.
    **where
        Picks rows by column, such as ``shots=20, task="emoji"``; needed where results hold several.

    Returns
    -------
    Verdict
        Print it, or read its ``word``.

    Raises
    ------
    ValueError
        If several tasks or shots are left, naming them.

    Examples
    --------
    >>> results = pd.DataFrame({"task": "emoji", "shots": 5, "split": "test",
    ...     "regime": ["frozen"] * 3 + ["scratch"] * 3, "seed": [0, 1, 2] * 2,
    ...     "metric": "accuracy", "value": [0.5, 0.6, 0.7, 0.4, 0.52, 0.6]})
    >>> print(verdict(results, "frozen", "scratch"))
    frozen helps against scratch: +9.3 points (6.5 to 12.2), 3 of 3 seeds
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


@dataclass(frozen=True)
class LabelsSaved:
    """How many labels per class one regime needs to match another.

    Attributes
    ----------
    a, b : str
        `b` is asked to reach the mean of `a`.
    shots : int
        Labels per class that `a` had.
    target : float
        The mean of `a` there.
    needed : float
        Labels per class that `b` needs; infinite if it never got there.
    fewest, tried : int
        The fewest and the most that `b` was given.
    """

    a: str
    b: str
    shots: int
    target: float
    needed: float
    fewest: int
    tried: int

    def __str__(self) -> str:
        if not math.isfinite(self.needed):
            reached = f"more than {self.tried}"
        elif self.needed <= self.fewest:
            reached = f"at most {self.fewest}"
        else:
            reached = f"about {self.needed:.0f}"
        return f"{self.b} needs {reached} labels per class to match {self.a} with {self.shots}"


def labels_saved(
    results: pd.DataFrame, a: str, b: str, *, shots: int, metric: str = "accuracy", **where: Any
) -> LabelsSaved:
    """Find how many labels per class `b` needs to reach the mean of `a` at `shots`.

    Between the shots tried the mean of `b` is taken as a straight line over log shots; nothing
    is said beyond them.

    Raises
    ------
    ValueError
        For an unknown regime, several tasks, or shots that `a` was not given.

    Examples
    --------
    >>> results = pd.DataFrame({"task": "emoji", "split": "test", "metric": "accuracy", "seed": 0,
    ...     "regime": ["a", "b", "b"], "shots": [10, 10, 40], "value": [0.6, 0.5, 0.7]})
    >>> print(labels_saved(results, "a", "b", shots=10))
    b needs about 20 labels per class to match a with 10
    """
    rows = pick(results, metric)
    rows = rows[rows["split"] == "test"]
    for column, value in where.items():
        rows = rows[rows[column] == one_of(column, value, rows[column].unique().tolist())]
    in_range("number of tasks", rows["task"].nunique(), 1, 1, because="pick one with task=")
    for regime in (a, b):
        one_of("regime", regime, rows["regime"].unique())
    sign = -1 if metric in LOWER_IS_BETTER else 1
    means = sign * rows.groupby(["regime", "shots"])["value"].mean()
    one_of(f"shots of {a}", shots, means[a].index.tolist())
    target, curve = means[a][shots], means[b].sort_index()
    tried = [int(k) for k in curve.index]
    reached = next((i for i, mean in enumerate(curve) if mean >= target), None)
    if reached is None:
        needed = math.inf
    elif reached == 0:
        needed = float(tried[0])
    else:
        low, high = curve.iloc[reached - 1], curve.iloc[reached]
        share = (target - low) / (high - low)
        needed = tried[reached - 1] * (tried[reached] / tried[reached - 1]) ** share
    return LabelsSaved(a, b, shots, float(sign * target), float(needed), tried[0], tried[-1])
