"""Evidence that counts: each seed once, and a finite number for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

# what a run gave: two rows that differ in this alone are the same run
MEASURED = ("value", "updates", "images", "seconds", "right", "groups", "classes")
RUN = ("task", "backbone", "regime", "config", "shots", "seed", "split", "metric")


def each_once(
    table: pd.DataFrame | pd.Series[Any], by: Sequence[str] = (), *, value: str = "value"
) -> None:
    """Raise if a seed stands twice: then it would count twice, as if it had been repeated.

    Parameters
    ----------
    table : DataFrame or Series
        With a column or an index "seed"; one without is not looked at.
    by : sequence of str
        Columns that tell groups apart, in each of which a seed may stand once.
    value : str, default "value"
        The column with numbers.

    Raises
    ------
    ValueError
        With the seed, and what its rows differ in: what is to be chosen, or that they are one run.

    Examples
    --------
    >>> each_once(pd.DataFrame({"config": ["a", "b"], "seed": 0, "value": 0.5}))
    Traceback (most recent call last):
        ...
    ValueError: each seed must stand once; seed 0 stands 2 times: choose one of config 'a', 'b'
    """
    if table.index.name == "seed":
        if not table.index.has_duplicates:  # as nearly always
            return
        table = table.reset_index()
    keys = [*by, "seed"]
    if not isinstance(table, pd.DataFrame) or "seed" not in table:
        return
    twice = table.duplicated(keys)
    if not twice.any():
        return
    first = {name: table[name][twice].tolist()[0] for name in keys}
    same = table
    for name, one in first.items():
        same = same[same[name] == one]
    at = " ".join(f"{name}={first[name]!r}" for name in by)
    msg = (
        f"each seed must stand once{at and ' at '}{at}; seed {first['seed']} stands {len(same)} "
        f"times: {_why(same, {*keys, *MEASURED, value})}"
    )
    raise ValueError(msg)


def _why(same: pd.DataFrame, known: set[str]) -> str:
    """Tell what the rows of one seed differ in, beside what is known to."""
    for name in same.columns:
        if name in known:
            continue
        values = dict.fromkeys(map(repr, same[name]))
        if len(values) > 1:
            return f"choose one of {name} {', '.join(values)}"
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
