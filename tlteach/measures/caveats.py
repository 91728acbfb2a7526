"""What the runs say of their own training, where it stands in the way of a verdict."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tlteach.base import checked

Arms = Mapping[str, pd.DataFrame]
ENDS = {-1: "lower", 1: "upper"}


@checked
def at_the_edge(arms: Arms) -> str:
    """Tell which arms would be better still with settings that were not tried; "" if none.

    So it is where more than half of an arm's runs chose the same end of all that was tried:
    what the arm can do is not known then, and a word on it would be about the search.

    Parameters
    ----------
    arms : mapping of str to DataFrame
        All rows of each arm at one task and number of shots, by its name.

    Returns
    -------
    str
        Such as "fine_tune still rises at the upper edge of its range".

    Examples
    --------
    >>> runs = pd.DataFrame({"split": ["search"] * 3 + ["test"],
    ...     "metric": ["edge"] * 3 + ["accuracy"], "value": [1, 1, 0, 0.5],
    ...     "right": [None] * 3 + [b"its answers"]})
    >>> at_the_edge({"scratch": runs[:0], "fine_tune": runs})
    'fine_tune still rises at the upper edge of its range'
    """
    told = []
    for arm, rows in arms.items():
        # older versions, which kept no answers, marked an end even where only two were tried
        if "right" not in rows or rows["right"].isna().all():
            continue
        if end := crowded(_of(rows, "search", "edge")):
            told.append(f"{arm} still rises at the {ENDS[end]} edge of its range")
    return " and ".join(told)


@checked
def crowded(edges: pd.Series[float]) -> int:
    """Return the end, -1 or 1, that more than half of the runs chose; 0 if there is none.

    Parameters
    ----------
    edges : Series
        One a run: -1 or 1 where it chose the lower or upper end of all that was tried, else 0.

    Returns
    -------
    int
        The end: -1, 1 or 0.

    Examples
    --------
    >>> crowded(pd.Series([1.0, 1.0, 0.0])), crowded(pd.Series([1.0, -1.0]))
    (1, 0)
    """
    return next((end for end in ENDS if 2 * int((edges == end).sum()) > len(edges)), 0)


def stopped_by_cap(arms: Arms) -> str:
    """Tell of which arms most runs were stopped before their loss was flat; "" if of none.

    Parameters
    ----------
    arms : mapping of str to DataFrame
        All rows of each arm at one task and number of shots; one that has no such rows needs no
        updates.

    Examples
    --------
    >>> runs = pd.DataFrame({"split": "model", "metric": "converged", "value": [0, 1, 0]})
    >>> stopped_by_cap({"scratch": runs, "frozen": runs[:0]})
    'scratch was stopped by its cap in 2 of 3 runs'
    """
    told = []
    for arm, rows in arms.items():
        converged = _of(rows, "model", "converged")
        capped = int((converged == 0).sum())
        if 2 * capped > len(converged):
            told.append(f"{arm} was stopped by its cap in {capped} of {len(converged)} runs")
    return " and ".join(told)


def own_recipes(arms: Arms) -> str:
    """Tell which arms did not search the common range, as a paper prescribes; "" if none.

    Examples
    --------
    >>> runs = pd.DataFrame({"split": ["model"], "metric": "own_recipe", "value": 1.0})
    >>> own_recipes({"lp_ft": runs, "fine_tune": runs[:0]})
    'lp_ft has a recipe of its own'
    """
    told = [
        f"{arm} has a recipe of its own"
        for arm, rows in arms.items()
        if len(_of(rows, "model", "own_recipe"))
    ]
    return " and ".join(told)


def _of(rows: pd.DataFrame, split: str, metric: str) -> pd.Series[float]:
    return rows[(rows["split"] == split) & (rows["metric"] == metric)]["value"]
