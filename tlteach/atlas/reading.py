"""Tables of verdicts as they are read."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tlteach.base import checked
from tlteach.measures import NO_WORD, effect


@checked
def grid(table: pd.DataFrame, index: Sequence[str], columns: str) -> pd.DataFrame:
    """Return verdicts as a grid to read: word, points and interval in each cell.

    "(edge)" stands beside a word that was withheld because an arm chose the end of its range.

    Parameters
    ----------
    table : DataFrame
        From `judged`, `paired` and their like.
    index : sequence of str
        Its columns that become rows of the grid.
    columns : str
        Its column that becomes columns of the grid.

    Returns
    -------
    DataFrame
        Of str; "not run" where there is no verdict.

    Examples
    --------
    >>> rows = pd.DataFrame({"source": ["glyphs"], "shots": [5], "verdict": ["helps"],
    ...     "difference": [0.051], "ci_low": [0.02], "ci_high": [0.082]})
    >>> grid(rows, ["source"], "shots").loc["glyphs", 5]
    'helps, +5.1 (2.0 to 8.2)'
    """
    cells = []
    for row in table.to_dict("records"):
        ends = (100 * row[end] for end in ("difference", "ci_low", "ci_high"))
        edge = " (edge)" * ("edge" in row.get("reason", ""))
        cells.append(effect((row["verdict"] or NO_WORD) + edge, *ends))
    told = table.assign(told=cells).pivot(index=[*index], columns=columns, values="told")
    return told.fillna("not run")
