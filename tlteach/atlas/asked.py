"""Curves of one setting, what a change adds to them, and a learner's rules put to every run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from tlteach.base import checked
from tlteach.measures import by_seed, only

# the network of the curves without any brake
BARE = {"regime": "scratch", "width": 1.0, "augment": "none", "weight_decay": 0.0}
GOALS = ("of its own end", "of the end of scratch")


@checked
def bare(curves: pd.DataFrame, **changed: Any) -> pd.DataFrame:
    """Return the curves of the network without brakes, but for what is changed.

    Parameters
    ----------
    curves : DataFrame
        From the part "overfitting" of the atlas.
    **changed
        A value for a column, such as ``width=2.0`` or ``shots=5``.

    Returns
    -------
    DataFrame
        All columns.

    Raises
    ------
    ValueError
        For an unknown column or value.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> bare(load("overfitting"), width=2.0)["augment"].unique().tolist()
    ['none']
    """
    return only(curves, **BARE | changed)


@checked
def brake(
    curves: pd.DataFrame,
    shots: int,
    changed: Mapping[str, Any],
    against: Mapping[str, Any] | None = None,
) -> pd.Series[float]:
    """Return what a change adds on other images at the end of training, seed by seed.

    Parameters
    ----------
    curves : DataFrame
        From the part "overfitting" of the atlas, one value of "watched".
    shots : int
        Labels per class.
    changed, against : mapping
        Columns and values of either side; where nothing is said, the network without brakes.

    Returns
    -------
    Series
        Differences of accuracies, indexed by seed.

    Raises
    ------
    ValueError
        For an unknown column or value.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> curves = load("overfitting").query("watched == 'pool'")
    >>> len(brake(curves, 5, {"augment": "shift"}))
    10
    """
    end = {"split": "val", "metric": "accuracy", "shots": shots, "step": curves["step"].max()}
    ours, theirs = (bare(curves, **end, **change) for change in (changed, against or {}))
    return by_seed(ours) - by_seed(theirs)


@checked
def stopped(
    curves: pd.DataFrame, stop: Callable[[list[float], int], int], patience: int
) -> pd.DataFrame:
    """Return when a rule would have stopped each run without brakes, and what that won.

    Parameters
    ----------
    curves : DataFrame
        From the part "overfitting" of the atlas, one value of "watched".
    stop : callable
        Of the losses on other images and the patience; returns the place that it goes back to.
    patience : int
        Measurements to wait for.

    Returns
    -------
    DataFrame
        shots, seed, updates (the wait included), won (accuracy, against going on to the end).

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> curves = load("overfitting").query("watched == 'pool'")
    >>> never = stopped(curves, lambda losses, patience: len(losses) - 1, 1)
    >>> never["updates"].unique().tolist(), float(never["won"].abs().max())
    ([300], 0.0)
    """
    seen = bare(curves, split="val")
    seen = seen.pivot(index=["shots", "seed"], columns=["metric", "step"], values="value")
    rows = []
    for (shots, seed), one in seen.groupby(["shots", "seed"]):
        run = one.iloc[0]
        losses, right = run["log_loss"], run["accuracy"].tolist()
        best = stop(losses.tolist(), patience)
        last = min(best + patience, len(losses) - 1)
        rows.append((shots, seed, losses.index[last], right[best] - right[-1]))
    return pd.DataFrame(rows, columns=["shots", "seed", "updates", "won"])


@checked
def time_needed(
    progress: pd.DataFrame, time_to: Callable[[list[float], list[float], float], float]
) -> pd.DataFrame:
    """Return how soon each run came near two goals: its own end, and the end of scratch.

    Parameters
    ----------
    progress : DataFrame
        The part "progress" of the atlas.
    time_to : callable
        Of steps, accuracies and a goal; returns a step.

    Returns
    -------
    DataFrame
        task, shots, regime, seed and a column for each goal.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> times = time_needed(load("progress"), lambda steps, values, goal: steps[-1])
    >>> list(times.columns[4:])
    ['of its own end', 'of the end of scratch']
    """
    rows = []
    for (task, shots, seed), runs in progress.groupby(["task", "shots", "seed"]):
        lines = {regime: line.sort_values("step") for regime, line in runs.groupby("regime")}
        common = lines["scratch"]["value"].iloc[-1]
        for regime, line in lines.items():
            steps, values = line["step"].tolist(), line["value"].tolist()
            times = (time_to(steps, values, goal) for goal in (values[-1], common))
            rows.append((task, shots, regime, seed, *times))
    return pd.DataFrame(rows, columns=["task", "shots", "regime", "seed", *GOALS])
