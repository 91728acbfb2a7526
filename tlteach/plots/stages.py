"""A number at each stage of a network, one line for each thing that is compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from tlteach.base import checked, one_of
from tlteach.plots.style import BASELINES, REGIMES, finish, looks, new_axes
from tlteach.plots.words import check_columns, one_row_each, over_text, seeds_text, spoken

__all__ = ["stage_curve"]


@checked
def stage_curve(
    summary: pd.DataFrame,
    line: str,
    stages: Sequence[Any],
    quantity: str,
    ax: Axes | None = None,
    *,
    along: str = "stage",
    percent: bool = False,
) -> Axes:
    """Draw a number against the stages of a network, or other steps, with intervals.

    Parameters
    ----------
    summary : DataFrame
        Columns stage, mean, ci_low, ci_high, n_seeds and the one that tells lines apart, as
        `tlteach.measures.intervals` returns it; "over", if there, tells what intervals are over.
    line : str
        That column, such as "task".
    stages : sequence
        Their names, in the order in which images pass.
    quantity : str
        What is measured, for the axis.
    ax : Axes, optional
        Where to draw; default a new figure.
    along : str, default "stage"
        The column of the steps, and the name of the axis.
    percent : bool, default False
        Whether the numbers are fractions to be shown in percent.

    Returns
    -------
    Axes
        With the picture; `describe` tells it in words.

    Raises
    ------
    ValueError
        For missing columns, an unknown stage, or two rows for one stage of a line.

    Examples
    --------
    >>> from tlteach.plots import describe
    >>> summary = pd.DataFrame({"task": "digits", "stage": ["stem", "end"], "mean": [0.5, 0.75],
    ...     "ci_low": [0.4, 0.7], "ci_high": [0.6, 0.8], "n_seeds": 5})
    >>> ax = stage_curve(summary, "task", ["stem", "end"], "accuracy", percent=True)
    >>> describe(ax)
    'Accuracy by stage, means over 5 seeds. digits: stem 50.0%, end 75.0%.'
    """
    check_columns("summary", summary, [line, along, "mean", "ci_low", "ci_high", "n_seeds"])
    one_row_each("summary", summary, [line, along])
    for stage in summary[along].unique():
        one_of(along, stage, stages)
    ax = new_axes(ax, max(8, 1.1 * len(stages)))
    told, ends = [], {}
    for name, look in looks(summary[line], REGIMES | BASELINES).items():
        mine = summary[summary[line] == name].set_index(along).reindex([*stages]).reset_index()
        rows = mine.dropna(subset=["mean"])
        ax.plot(rows["mean"], color=look.colour, marker=look.marker, markersize=8, linewidth=2)
        band = rows.dropna(subset=["ci_low", "ci_high"])  # values that are all equal have no ends
        low, high = band["ci_low"], band["ci_high"]
        ax.vlines(band.index, low, high, color=look.colour, linewidth=3, alpha=0.5)
        ends[spoken(name)] = (rows.index[-1], rows["mean"].iloc[-1], look.colour)
        means = [
            f"{spoken(stage)} {mean:.1%}" if percent else f"{spoken(stage)} {mean:.2f}"
            for stage, mean in zip(rows[along], rows["mean"], strict=True)
        ]
        told.append(f"{spoken(name)}: {', '.join(means)}")
    ax.set_xticks(range(len(stages)), [spoken(stage) for stage in stages], rotation=20)
    seeds = seeds_text(summary)
    says = f"{quantity[0].upper()}{quantity[1:]} by {along}, means over {seeds}. {'; '.join(told)}."
    title = f"mean over {seeds}, interval {over_text(summary)}"
    return finish(ax, title, along, quantity, says, percent="y" if percent else "", ends=ends)
