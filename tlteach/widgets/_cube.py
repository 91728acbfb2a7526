"""From a table of runs to the array that a chart looks numbers up in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlteach.measures import intervals, summarize
from tlteach.widgets._spec import Array


def cube(table: pd.DataFrame, axes: Mapping[str, Sequence[Any]], value: str = "value") -> Array:
    """Arrange mean, interval and number of seeds along columns of a table.

    The interval is over seeds and test images where all rows tell which images were right.

    Parameters
    ----------
    table : DataFrame
        One row per seed and combination.
    axes : mapping of str to sequence
        Columns and their values, in order.
    value : str, default "value"
        The column with numbers.

    Returns
    -------
    float32 array of shape (lengths of axes..., 4)
        NaN where the table has no row.

    Examples
    --------
    >>> table = pd.DataFrame({"shots": [5, 5, 10, 10], "seed": [0, 1] * 2,
    ...                       "value": [0.4, 0.6, 0.7, 0.7]})
    >>> cube(table, {"shots": [5, 10, 20]})[:, 0].round(2).tolist()
    [0.5, 0.699999988079071, nan]
    """
    by = list(axes)
    if value == "value" and "right" in table and table["right"].notna().all():
        summary = summarize(table, by, "accuracy")
    else:
        summary = intervals(table, by, value=value)
    summary = summary.set_index(by)
    return placed(summary[["mean", "ci_low", "ci_high", "n_seeds"]], axes)


def placed(summary: pd.DataFrame, axes: Mapping[str, Sequence[Any]]) -> Array:
    """Arrange the columns of a table that has `axes` as its index."""
    if len(axes) > 1:
        wanted: pd.Index[Any] = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    else:
        [(name, values)] = axes.items()
        wanted = pd.Index(values, name=name)
    found = summary.reindex(wanted).to_numpy(np.float32)
    return found.reshape(*map(len, axes.values()), summary.shape[1])
