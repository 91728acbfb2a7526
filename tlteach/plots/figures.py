"""Figures: a tidy table in, matplotlib Axes out; they draw numbers and compute none.

Every function draws on `ax`, or on a new figure, and leaves a text for `describe`.
"""

from __future__ import annotations

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from tlteach.base import checked, counted, one_of
from tlteach.measures import default_metric
from tlteach.measures.once import counts, each_once, left_out
from tlteach.plots.style import (
    BASELINES,
    REGIMES,
    SPLITS,
    Look,
    finish,
    looks,
    new_axes,
    shots_axis,
)
from tlteach.plots.words import (
    FRACTIONS,
    QUANTITY,
    after,
    check_columns,
    describe,
    ends_text,
    having,
    mean_text,
    number,
    one_row_each,
    only,
    over_text,
    seeds_text,
    spoken,
    verdict_texts,
)

__all__ = ["describe", "learning_curve", "regime_comparison", "training_curve"]


@checked
def training_curve(history: pd.DataFrame, metric: str = "loss", ax: Axes | None = None) -> Axes:
    """Draw a metric against the step, one line per split.

    Parameters
    ----------
    history : DataFrame
        Columns step, split, metric, value, as in ``Run.history``.
    metric : str, default "loss"
        One of those in the column "metric".
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes
        With the picture; `describe` tells it in words.

    Raises
    ------
    ValueError
        For missing columns or a metric that is not there.

    Examples
    --------
    >>> history = pd.DataFrame({"step": [1, 2], "split": "train", "metric": "loss",
    ...                         "value": [2.0, 1.5]})
    >>> print(describe(training_curve(history)))
    Training curve of loss (nats per image). train: 2.00 at step 1, 1.50 at step 2.
    """
    check_columns("history", history, ["step", "split", "metric", "value"])
    one_of("metric", metric, history["metric"].unique().tolist())
    rows = having("history", history, metric=metric).sort_values("step")
    ax = new_axes(ax)
    told, ends = [], {}
    for split, look in looks(rows["split"], SPLITS).items():
        line = rows[rows["split"] == split]
        _line(ax, line, "step", "value", look)
        first, last = line.iloc[0], line.iloc[-1]
        before, after = number(first["value"], metric), number(last["value"], metric)
        for _, end in line[np.isfinite(line["value"])].tail(1).iterrows():  # none if all diverged
            ends[f"{split} {after}"] = (end["step"], end["value"], look.colour)
        told.append(f"{split}: {before} at step {first['step']}, {after} at step {last['step']}")
    quantity = QUANTITY.get(metric, metric)
    says = f"Training curve of {quantity}. {'; '.join(told)}."
    return finish(ax, "Training curve", "step", quantity, says, percent=_percent(metric), ends=ends)


@checked
def learning_curve(summary: pd.DataFrame, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw a metric against shots, one line per regime with its interval, baselines dashed.

    Parameters
    ----------
    summary : DataFrame
        Columns regime, shots, metric, mean, ci_low, ci_high, n_seeds, as `summarize` returns
        it; one task and one metric. Of several splits "test" is shown. Its column "over" tells
        what the intervals are over; without one that is seeds alone.
    ax : Axes, optional
        Where to draw; default a new figure.
    title : str, optional
        What was found; default what is shown, which then stands below.

    Returns
    -------
    Axes
        With the picture; `describe` tells it in words.

    Raises
    ------
    ValueError
        For missing columns, several tasks or metrics, or two rows for one regime and shots.

    Examples
    --------
    >>> summary = pd.DataFrame({"regime": "frozen", "shots": [5, 20], "metric": "accuracy",
    ...     "mean": [0.5, 0.6], "ci_low": [0.4, 0.55], "ci_high": [0.6, 0.65], "n_seeds": 5})
    >>> print(describe(learning_curve(summary)))
    Learning curve: test accuracy against shots, means over 5 seeds, intervals over seeds
    alone. frozen: 50.0% (40.0% to 60.0%) at 5 shots, 60.0% (55.0% to 65.0%) at 20 shots.
    """
    columns = ["regime", "shots", "metric", "mean", "ci_low", "ci_high", "n_seeds"]
    check_columns("summary", summary, columns)
    rows = having("summary", summary, split="test").sort_values("shots")
    metric, seeds = only("summary", rows, "metric"), seeds_text(rows)
    task = only("summary", rows, "task", default="")
    one_row_each("summary", rows, ["regime", "shots"])
    ax = new_axes(ax, 10)
    told, ends = [], {}
    for regime, look in looks(rows["regime"], REGIMES | BASELINES).items():
        line, baseline = rows[rows["regime"] == regime], regime in BASELINES
        _line(ax, line, "shots", "mean", look)
        if not baseline:
            _interval(ax, line, look)
        shots, mean = line.iloc[-1][["shots", "mean"]]
        early = f" at {shots:.0f}" if shots < rows["shots"].max() else ""
        ends[f"{spoken(regime)} {number(mean, metric)}{early}"] = (shots, mean, look.colour)
        told.append(f"{spoken(regime)}: {ends_text(line, metric, interval=not baseline)}")
    shots_axis(ax, rows["shots"].unique().tolist())
    quantity, over = f"test {QUANTITY.get(metric, metric)}", over_text(rows)
    shown = f"mean over {seeds}, interval {over}"
    shots_label = "shots: labelled training images per class (log scale)"
    shown = f"{spoken(task)}: {shown}" if task else shown
    below = f"{shots_label}\n{shown}" if title else shots_label
    where = f" on {task}" if task else ""
    says = f"Learning curve: {quantity} against shots{where}, means over {seeds}, "
    says = after(title, f"{says}intervals {over}. {'; '.join(told)}.")
    return finish(ax, title or shown, below, quantity, says, percent=_percent(metric), ends=ends)


@checked
def regime_comparison(
    results: pd.DataFrame,
    pairs: pd.DataFrame | None = None,
    metric: str | None = None,
    ax: Axes | None = None,
    *,
    summary: pd.DataFrame | None = None,
    title: str = "",
) -> Axes:
    """Draw one dot per seed and regime; thin lines join the dots of one seed.

    Parameters
    ----------
    results : DataFrame
        From `compare`; one task and one number of shots. Test rows are shown.
    pairs : DataFrame, optional
        From `paired`: its verdicts are written below.
    metric : str, optional
        One of those in the column "metric"; default that of `summarize` and `paired`.
    ax : Axes, optional
        Where to draw; default a new figure.
    summary : DataFrame, optional
        From `summarize`: its means and intervals are drawn beside the dots.
    title : str, optional
        What was found; default what is shown, which then stands below.

    Returns
    -------
    Axes
        With the picture; `describe` tells it in words.

    Raises
    ------
    ValueError
        For missing columns, several tasks or shots, a seed that stands twice for a regime, or a
        metric that is not there.

    Examples
    --------
    >>> results = pd.DataFrame({"regime": ["scratch", "scratch", "frozen", "frozen"],
    ...     "shots": 5, "seed": [0, 1, 0, 1], "split": "test", "metric": "accuracy",
    ...     "value": [0.2, 0.3, 0.4, 0.5]})
    >>> print(describe(regime_comparison(results)))
    Test accuracy at 5 shots, one dot per seed. scratch: 20.0% to 30.0%, 2 seeds; frozen:
    40.0% to 50.0%, 2 seeds.
    """
    check_columns("results", results, ["regime", "shots", "seed", "split", "metric", "value"])
    metric = metric or default_metric(results)
    rows = having("results", results, split="test", metric=metric)
    task = only("results", rows, "task", default="")
    shots = only("results", rows, "shots")
    each_once(rows, ["regime"])
    lost = left_out({spoken(name): runs for name, runs in rows.groupby("regime")})
    rows = rows[counts(rows)]
    check_columns("results", rows, ["regime"])  # there may be no run that did not diverge
    same = {"task": task or None, "shots": shots, "split": "test", "metric": metric}
    means = rows[:0] if summary is None else having("summary", summary, **same)
    if summary is not None:
        check_columns("summary", means, ["regime", "mean", "ci_low", "ci_high"])
        one_row_each("summary", means, ["regime"])
    verdicts = [] if pairs is None else verdict_texts(having("pairs", pairs, **same))
    order = looks(rows["regime"], REGIMES | BASELINES)
    ax = new_axes(ax, max(8, 1.5 * len(order)), 6)
    _paired_dots(ax, rows, order)
    told, names = [], [fill(spoken(name), 14) for name in order]
    for i, (regime, look) in enumerate(order.items()):
        dots = rows.loc[rows["regime"] == regime, "value"].sort_values()
        low, high = number(dots.iloc[0], metric), number(dots.iloc[-1], metric)
        told.append(f"{spoken(regime)}: {low} to {high}, {counted(len(dots), 'seed')}")
        for _, row in means[means["regime"] == regime].iterrows():
            _mean(ax, i, row, look)
            names[i] += f"\nmean {number(row['mean'], metric)}"  # beside it lines would cross it
            told[-1] += f", mean {mean_text(row, metric)}"
    ax.set_xticks(range(len(names)), names)
    quantity = QUANTITY.get(metric, metric)
    bars = [] if means.empty else [f"Means with intervals {over_text(means)}"]
    shown = f"{spoken(task)}, " * bool(task) + f"{counted(shots, 'shot')}: one dot per seed"
    notes = [*bars, *verdicts, *[lost] * bool(lost)]
    lines = [fill(line, 60) for line in notes]
    below = "\n".join([*[shown] * bool(title), *lines])
    where = f" on {task}" if task else ""
    text = f"Test {quantity}{where} at {counted(shots, 'shot')}, one dot per seed."
    whole = " ".join([text, f"{'; '.join(told)}.", *(f"{note}." for note in notes)])
    says, percent = after(title, whole), _percent(metric)
    return finish(ax, title or shown, below, f"test {quantity}", says, percent=percent)


def _percent(metric: str) -> str:
    return "y" if metric in FRACTIONS else ""


def _line(ax: Axes, rows: pd.DataFrame, x: str, y: str, look: Look) -> None:
    sns.lineplot(
        data=rows,
        x=x,
        y=y,
        estimator=None,
        color=look.colour,
        linestyle=(0, look.dash) if look.dash else "-",
        linewidth=2.5,
        marker=look.marker,
        markersize=9,
        markevery=max(1, len(rows) // 10),
        ax=ax,
    )


def _interval(ax: Axes, rows: pd.DataFrame, look: Look) -> None:
    band = rows.dropna(subset=["ci_low", "ci_high"])  # one seed has no interval
    ax.fill_between(
        band["shots"], band["ci_low"], band["ci_high"], color=look.colour, alpha=0.15, linewidth=0
    )
    ax.vlines(band["shots"], band["ci_low"], band["ci_high"], color=look.colour, linewidth=2)


def _paired_dots(ax: Axes, rows: pd.DataFrame, order: dict[str, Look]) -> None:
    names = list(order)
    placed = rows.assign(place=rows["regime"].map(names.index)).sort_values("place")
    for _, dots in placed[~placed["regime"].isin(BASELINES)].groupby("seed"):
        ax.plot(dots["place"], dots["value"], color="#b5b5b5", linewidth=1.2, zorder=1)
    for name, dots in placed.groupby("regime"):
        look = order[str(name)]
        ax.scatter(
            dots["place"],
            dots["value"],
            s=110,
            marker=look.marker,
            color=look.colour,
            edgecolor="white",
            zorder=2,
        )
    ax.set_xlim(-0.4, len(names) - 0.6)


def _mean(ax: Axes, place: int, row: pd.Series[Any], look: Look) -> None:
    """Draw a mean with its interval right of the dots."""
    ax.vlines(place + 0.14, row["ci_low"], row["ci_high"], color=look.colour, linewidth=3)
    ax.plot(place + 0.14, row["mean"], marker="_", color=look.colour, ms=18, mew=3)
