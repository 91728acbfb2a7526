"""The one sentence of the chart of domain mismatch: what a dial costs, what adapting wins back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlteach.atlas import since_clean, won_by
from tlteach.measures import intervals
from tlteach.widgets._spec import Fact
from tlteach.widgets._words import FORMS, fixed

Axes = Mapping[str, Sequence[Any]]  # the values of pair, regime, dial and severity, in this order
STATISTICS = "BatchNorm statistics of the target"


def sentences(accuracy: pd.DataFrame, axes: Axes) -> Fact:
    """Return for every setting what the dial costs, and what statistics of the target win.

    A difference counts as one only where its interval lies on one side of zero.

    Parameters
    ----------
    accuracy : DataFrame
        Rows of accuracy of the part "mismatch", with their pair.
    axes : mapping of str to sequence
        Pairs, regimes, dials and severities.
    """
    by = list(axes)
    bare = accuracy[accuracy["adaptation"] == "none"]
    right = bare.groupby(by)["value"].mean().rename("right")
    lost, won = (
        intervals(rows, by).set_index(by)
        for rows in (since_clean(bare), won_by(accuracy, "statistics"))
    )
    codes = np.full([len(values) for values in axes.values()], np.nan, np.float32)
    told: list[str] = []
    for place in lost.index.intersection(won.index):
        where = [*zip(axes.values(), place, strict=True)]
        if not all(value in values for values, value in where):
            continue
        at = tuple([*values].index(value) for values, value in where)
        codes[at] = len(told)
        moved = f"{place[-2]} {place[-1]:g}" if place[-1] else ""
        told.append(_sentence(moved, right[place], lost.loc[place], won.loc[place]))
    return Fact("found", "in one sentence", tuple(by), codes, "word", tuple(told))


def _sentence(moved: str, right: float, lost: pd.Series[Any], won: pd.Series[Any]) -> str:
    """Return the sentence on one setting; `moved` is the dial with its severity, "" at zero."""
    share = FORMS["percent"](right)
    if not moved:
        return f"nothing is moved yet: {share} right"
    side, points = _side(lost)
    cost = {
        -1: f"{moved} costs {points} points, {share} stay right",
        0: f"cannot tell whether {moved} costs anything: {share} right",
        1: f"{moved} adds {points} points: {share} right",
    }[side]
    less = side < 0  # then there is something to win back
    side, points = _side(won)
    gain = {
        -1: f"{STATISTICS} cost {points} points{' more' if less else ''}",
        0: f"cannot tell whether {STATISTICS} help",
        1: f"{STATISTICS} win {points} {'back' if less else 'points'}",
    }[side]
    return f"{cost}; {gain}"


def _side(change: pd.Series[Any]) -> tuple[int, str]:
    """Return on which side of zero an interval lies, 0 for both, and how far its mean is."""
    side = int(change["ci_low"] > 0) - int(change["ci_high"] < 0)
    return side, fixed(100 * abs(change["mean"]), 1)
