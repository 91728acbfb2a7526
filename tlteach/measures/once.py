"""Evidence that counts: each seed once, all of one configuration, and a finite number for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

# what a run gave: two rows that differ in this alone are the same run
MEASURED = ("value", "updates", "images", "seconds", "right", "groups", "classes")
RUN = ("task", "backbone", "regime", "config", "shots", "seed", "split", "metric")
BF16 = "-bf16"  # ends the config of runs whose answers were computed in this number format


def each_once(
    table: pd.DataFrame | pd.Series[Any], by: Sequence[str] = (), *, value: str = "value"
) -> None:
    """Raise if a seed stands twice, or if seeds of several configurations stand in one group.

    A seed that stands twice would count twice, as if it had been repeated; seeds of two
    configurations would be averaged into one number that is true of neither, and a learning curve
    through shots of two shows neither.

    Parameters
    ----------
    table : DataFrame or Series
        With a column or an index "seed"; one without is not looked at. Configurations are told
        apart by the column "config", if there is one; a number format behind it does not count.
    by : sequence of str
        Columns that tell groups apart, in each of which a seed may stand once. Groups that
        differ in "shots" alone must have one configuration together.
    value : str, default "value"
        The column with numbers.

    Raises
    ------
    ValueError
        With the seed, and what its rows differ in: what is to be chosen, or that they are one run;
        or with the configurations, and what else they differ in.

    Examples
    --------
    >>> each_once(pd.DataFrame({"config": ["a", "b"], "seed": 0, "value": 0.5}))
    Traceback (most recent call last):
        ...
    ValueError: each seed must stand once; seed 0 stands 2 times: choose one of config 'a', 'b'
    >>> each_once(pd.DataFrame({"config": ["a", "b"], "seed": [0, 1], "value": 0.5}))
    Traceback (most recent call last):
        ...
    ValueError: all seeds must have one configuration; got 2: choose one of config 'a', 'b', ...
    """
    if table.index.name == "seed":
        if not table.index.has_duplicates and "config" not in table:  # as nearly always
            return
        table = table.reset_index()
    keys = [*by, "seed"]
    if not isinstance(table, pd.DataFrame) or "seed" not in table:
        return
    twice = table.duplicated(keys)
    if not twice.any():
        _of_one_config(table, by, value)
        return
    first = {name: table[name][twice].tolist()[0] for name in keys}
    same = table
    for name, one in first.items():
        same = same[same[name] == one]
    differ = _differ(same, {*keys, *MEASURED, value})
    msg = (
        f"each seed must stand once{_at(first, by)}; seed {first['seed']} stands {len(same)} "
        f"times: {differ or _same(same)}"
    )
    raise ValueError(msg)


def _of_one_config(table: pd.DataFrame, by: Sequence[str], value: str) -> None:
    """Raise if seeds of a group differ in "config", which covers data, network and settings.

    A group holds all its shots: a learning curve is one of one configuration, too.
    """
    if "config" not in table or "config" in by or table["config"].nunique() < 2:
        return
    table = table.reset_index(drop=True)  # tables joined by hand have rows of one number
    what = "seeds"
    if "shots" in by and table["shots"].nunique() > 1:
        what, by = "seeds and shots", [name for name in by if name != "shots"]
    config = table["config"].astype("string").str.removesuffix(BF16)
    groups = [(None, config)] if not by else config.groupby([table[name] for name in by])
    for _, found in groups:
        if found.nunique() < 2:
            continue
        here = table.loc[found.index].assign(config=found)
        first = {name: here[name].tolist()[0] for name in by}
        differ = _differ(here[[name for name in RUN if name in here]], {*by, "seed"})
        msg = (
            f"all {what} must have one configuration{_at(first, by)}; got {found.nunique()}: "
            f"{differ}, or drop the column config if each is meant to have its own"
        )
        raise ValueError(msg)


def _at(first: Mapping[str, Any], by: Sequence[str]) -> str:
    """Return where a fault is, by the columns that tell groups apart."""
    at = " ".join(f"{name}={first[name]!r}" for name in by)
    return f" at {at}" if at else ""


def _differ(rows: pd.DataFrame, known: set[str]) -> str:
    """Tell what is to be chosen: the first column that differs, beside those known to; or ""."""
    for name in rows.columns:
        if name in known:
            continue
        values = dict.fromkeys(map(repr, rows[name]))
        if len(values) > 1:
            return f"choose one of {name} {', '.join(values)}"
    return ""


def _same(same: pd.DataFrame) -> str:
    """Tell that rows are one run, and how to keep one of each."""
    columns = [name for name in RUN if name in same.columns]
    keep = f"; drop_duplicates({columns}) keeps one of each" if len(columns) > 1 else ""
    return f"the same run, as where two files overlap or a cell ran twice{keep}"


def counts(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows have a finite value: a run that diverged has none, and is no evidence.

    Examples
    --------
    >>> counts(pd.DataFrame({"value": [0.5, float("nan")]})).tolist()
    [True, False]
    """
    return pd.Series(np.isfinite(rows["value"].to_numpy(dtype=float)), index=rows.index)


def left_out(arms: Mapping[str, pd.DataFrame]) -> str:
    """Tell how many runs of which arms diverged and are left out; "" if none.

    Parameters
    ----------
    arms : mapping of str to DataFrame
        The rows of one metric and split of each arm, by its name.

    Examples
    --------
    >>> left_out({"frozen": pd.DataFrame({"value": [0.5, float("nan")]})})
    'frozen diverged in 1 of 2 runs, left out'
    """
    lost = {arm: int((~counts(rows)).sum()) for arm, rows in arms.items()}
    return " and ".join(
        f"{arm} diverged in {n} of {len(arms[arm])} runs, left out" for arm, n in lost.items() if n
    )
