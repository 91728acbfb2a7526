"""How many labels one regime saves against another, with an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tlteach.base import checked, counted, in_range, one_of
from tlteach.measures.balance import default_metric
from tlteach.measures.estimate import OVER_BOTH, OVER_SEEDS, OVER_SPLITS, contrast
from tlteach.measures.once import counts, each_once, left_out
from tlteach.measures.rows import pick
from tlteach.measures.stats import LOWER_IS_BETTER


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
    low, high : float
        Ends of the interval of `needed`, infinite where `b` never got there; NaN if there is none.
    over : {"seeds and images", "seeds", "seeds and splits"}
        What the interval is over.
    reason : str
        Why there is no interval; "" if there is one.
    note : str
        How many runs diverged and are left out.

    Examples
    --------
    >>> saved = LabelsSaved("frozen", "scratch", 10, 0.6, 44.0, 5, 100, 18.0, 80.0, "seeds", "")
    >>> print(saved)
    scratch needs about 44 labels per class to match frozen with 10 (between 18 and 80, over seeds
    alone)
    """

    a: str
    b: str
    shots: int
    target: float
    needed: float
    fewest: int
    tried: int
    low: float
    high: float
    over: str
    reason: str
    note: str = ""

    def __str__(self) -> str:
        needs = self._needs()
        one = needs.split()[-1] == "1"  # about 1 label, at most 1 label
        needs = f"{self.b} needs {needs} {'label' if one else 'labels'} per class"
        told = f"{needs} to match {self.a} with {self.shots} ({self._interval()})"
        return "; ".join(filter(None, [told, self.note]))

    def tell(self) -> str:
        """Say which of the two needs fewer labels, or that it cannot be told.

        Examples
        --------
        >>> saved = LabelsSaved("a", "b", 10, 0.6, 44.0, 5, 100, 18.0, 80.0, "seeds", "")
        >>> saved.tell()
        'a needs 10 labels per class where b needs about 44 (between 18 and 80, over seeds alone)'
        """
        needs = f"{self.b} needs {self._needs()} ({self._interval()})"
        if self.reason or self.low <= self.shots <= self.high:
            both = f"which of {self.a} and {self.b} needs fewer labels"
            return f"cannot tell {both}: with {self.shots} per class for {self.a}, {needs}"
        return f"{self.a} needs {counted(self.shots, 'label')} per class where {needs}"

    def _needs(self) -> str:
        about = "about " if self.fewest < self.needed < math.inf else ""
        return about + self._labels(self.needed)

    def _interval(self) -> str:
        if self.reason:
            return f"no interval: {self.reason}"
        words = {OVER_BOTH: "seeds and test images", OVER_SPLITS: "seeds, each with its own split"}
        over = words.get(self.over, "seeds alone")
        low, high = self._labels(self.low), self._labels(self.high)
        ends = f"between {low} and {high}" if low != high else f"both ends {low}"
        return f"{ends}, over {over}"

    def _labels(self, k: float) -> str:
        if math.isinf(k):
            return f"more than {self.tried}"
        return f"at most {self.fewest}" if k <= self.fewest else f"{k:.0f}"


@checked
def labels_saved(
    results: pd.DataFrame,
    a: str,
    b: str,
    *,
    shots: int,
    metric: str | None = None,
    level: float = 0.95,
    **where: Any,
) -> LabelsSaved:
    """Find how many labels per class `b` needs to reach the mean of `a` at `shots`.

    Between the shots tried the mean of `b` is taken as a straight line over log shots; nothing
    is said beyond them. The interval is read off in the same way: at each number of shots tried
    `b` minus `a` has an interval (over seeds and test images, as that of `paired`); `b` may need
    as few labels as where its upper end first reaches zero, and as many as where its lower end
    does.

    Parameters
    ----------
    results : DataFrame
        From `compare`.
    a, b : str
        Values of the column "regime".
    shots : int
        Labels per class that `a` had.
    metric : str, optional
        What counts; default accuracy, or balanced accuracy where one class has over ten times the
        test images of another (`default_metric`).
    level : float, default 0.95
        Of the interval.
    **where
        Picks rows by column, such as ``task="emoji"``.

    Returns
    -------
    LabelsSaved
        Print it, or ask it to `tell` which of the two needs fewer.

    Raises
    ------
    ValueError
        For an unknown regime, several tasks, a seed that stands twice, several configurations of
        one regime, or shots that `a` was not given.

    Examples
    --------
    >>> results = pd.DataFrame({"task": "emoji", "split": "test", "metric": "accuracy",
    ...     "seed": [0, 1] * 3, "regime": ["a"] * 2 + ["b"] * 4, "shots": [10] * 4 + [40] * 2,
    ...     "value": [0.6, 0.62, 0.5, 0.53, 0.7, 0.73]})
    >>> print(labels_saved(results, "a", "b", shots=10))
    b needs about 19 labels per class to match a with 10 (between 12 and 30, over seeds alone)
    """
    metric = metric or default_metric(results)
    rows = pick(results, metric)
    rows = rows[rows["split"] == "test"]
    for column, value in where.items():
        rows = rows[rows[column] == one_of(column, value, rows[column].unique().tolist())]
    in_range("number of tasks", rows["task"].nunique(), 1, 1, because="pick one with task=")
    for regime in (a, b):
        one_of("regime", regime, rows["regime"].unique())
    arms: dict[str, dict[int, pd.DataFrame]] = {a: {}, b: {}}
    each_once(rows[rows["regime"].isin([*arms])], ["regime", "shots"])
    for k in sorted(rows["shots"].unique().tolist()):
        for regime, curve in arms.items():
            arm = rows[(rows["regime"] == regime) & (rows["shots"] == k)]
            if len(arm):
                curve[int(k)] = arm.set_index("seed").sort_index()
    target = arms[a][one_of(f"shots of {a}", shots, [*arms[a]])]
    sign = -1 if metric in LOWER_IS_BETTER else 1
    goal = float(target["value"][counts(target)].mean())
    gaps = [sign * (arm["value"][counts(arm)].mean() - goal) for arm in arms[b].values()]
    note = left_out({a: target, b: pd.concat(arms[b])})
    tried, needed = [*arms[b]], _reached([*arms[b]], gaps)
    ends = _ends(target, arms[b], metric, level)
    return LabelsSaved(a, b, shots, goal, needed, tried[0], tried[-1], *ends, note)


def _ends(
    target: pd.DataFrame, curve: dict[int, pd.DataFrame], metric: str, level: float
) -> tuple[float, float, str, str]:
    """Return the ends of the labels needed, what they are over, and why there are none."""
    if any(not arm.index.equals(target.index) for arm in curve.values()):
        return math.nan, math.nan, OVER_SEEDS, "the two have different seeds"
    found = [contrast(arm, target, metric, level) for arm in curve.values()]
    kinds = {one.over for one in found}
    over = kinds.pop() if len(kinds) == 1 else OVER_SEEDS
    if len(target) == 1:
        return math.nan, math.nan, over, "one seed has none"
    for k, one in zip(curve, found, strict=True):
        if math.isnan(one.low):
            return math.nan, math.nan, over, f"with {k}, {one.reason}"
    low = _reached([*curve], [one.high for one in found])
    return low, _reached([*curve], [one.low for one in found]), over, ""


def _reached(tried: Sequence[int], gaps: Sequence[float]) -> float:
    """Return the shots at which a line over log shots first reaches zero, or infinity."""
    first = next((i for i, gap in enumerate(gaps) if gap >= 0), None)
    if first is None:
        return math.inf
    if first == 0:
        return float(tried[0])
    low, high = gaps[first - 1], gaps[first]
    return float(tried[first - 1] * (tried[first] / tried[first - 1]) ** (low / (low - high)))
