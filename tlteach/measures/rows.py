"""Rows of a table, picked by what their columns hold, and the numbers of every seed in them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tlteach.base import checked, one_of
from tlteach.measures.once import each_once


@checked
def only(table: pd.DataFrame, **where: Any) -> pd.DataFrame:
    """Return the rows whose columns hold these values.

    Parameters
    ----------
    table : DataFrame
        Any table, such as the results of `compare` or a part of the atlas.
    **where
        A value for each column, or a list of values of which any will do.

    Returns
    -------
    DataFrame
        As many rows as fit; none is an error only where a column never holds the value.

    Raises
    ------
    ValueError
        For a column that is not there, or a value that stands nowhere in it.

    Examples
    --------
    >>> runs = pd.DataFrame({"shots": [5, 5, 20], "value": [0.4, 0.5, 0.7]})
    >>> only(runs, shots=5)["value"].tolist()
    [0.4, 0.5]
    >>> only(runs, shots=[5, 20])["value"].tolist()
    [0.4, 0.5, 0.7]
    """
    kept = pd.Series(True, index=table.index)
    for column, value in where.items():
        one_of("column", column, table.columns)
        known = table[column].unique().tolist()
        wanted = [*value] if isinstance(value, (list, tuple, set, range)) else [value]
        for one in wanted:
            one_of(column, one, known)
        kept &= table[column].isin(wanted)
    return table[kept]


@checked
def by_seed(table: pd.DataFrame, *, value: str = "value", **where: Any) -> pd.Series[float]:
    """Return a number for each seed: what is left of a table when all other columns are said.

    The difference of two such series is paired: pandas subtracts seed from seed.

    Parameters
    ----------
    table : DataFrame
        One row per run and metric, with a column "seed".
    value : str, default "value"
        The column with numbers.
    **where
        As for `only`.

    Returns
    -------
    Series
        Indexed by seed, ascending.

    Raises
    ------
    ValueError
        As `only` does; or if a seed is left twice: then a column is missing.

    Examples
    --------
    >>> runs = pd.DataFrame({"regime": ["frozen"] * 2 + ["scratch"] * 2, "seed": [0, 1, 1, 0],
    ...                      "value": [0.6, 0.7, 0.4, 0.5]})
    >>> lead = by_seed(runs, regime="frozen") - by_seed(runs, regime="scratch")
    >>> lead.round(2).tolist()
    [0.1, 0.3]
    """
    rows = only(table, **where)
    each_once(rows, value=value)
    return rows.set_index("seed")[value].sort_index()


@checked
def on_test(results: pd.DataFrame, metric: str = "accuracy") -> pd.DataFrame:
    """Return the rows of one metric on the test split; none is fine.

    Parameters
    ----------
    results : DataFrame
        With the columns "split" and "metric", such as from `compare`.
    metric : str, default "accuracy"
        One of those in the column "metric".

    Returns
    -------
    DataFrame
        All columns, and the index as it was.

    Examples
    --------
    >>> rows = pd.DataFrame({"split": ["val", "test"], "metric": "accuracy", "value": [0.5, 0.6]})
    >>> on_test(rows)["value"].tolist()
    [0.6]
    """
    return results[(results["split"] == "test") & (results["metric"] == metric)]


def pick(results: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the rows of one metric."""
    one_of("metric", metric, results["metric"].unique())
    return results[results["metric"] == metric]
