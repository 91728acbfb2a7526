"""The pictures that an audit found something about (public through `tlteach.plots`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import torch
from matplotlib.axes import Axes

from tlteach.base import checked, counted, in_range
from tlteach.data.album import pictures
from tlteach.plots.grids import image_grid
from tlteach.plots.words import in_words, tell

if TYPE_CHECKING:
    from tlteach.data import Task

LONGEST = 15  # letters: what `image_grid` shows of a line
WORDS = ("severity", "kind", "file", "other", "suggests", "label")


@checked
def audit(
    what: Task | str | Path,
    found: pd.DataFrame,
    *,
    n: int = 12,
    columns: int = 6,
    ax: Axes | None = None,
) -> Axes:
    """Show the images that an audit found something about, the severest first, each with its name.

    A copy stands beside the image that it is a copy of. Findings about whole classes and about
    files that cannot be read have no picture.

    Parameters
    ----------
    what : Task or path
        What was audited.
    found : DataFrame
        From `audit`, or rows of it.
    n : int, default 12
        How many images, at most.
    columns : int, default 6
        Images side by side.
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes
        With the picture; `describe` tells it in words.

    Raises
    ------
    ValueError
        For missing columns, images that are not there, or no finding that has a picture.

    Examples
    --------
    >>> import tlteach as tlt
    >>> from tlteach.plots import describe
    >>> row = {"severity": "warning", "kind": "outlier", "file": "test 3", "label": "2"}
    >>> found = pd.DataFrame([row | {"other": "", "suggests": ""}])
    >>> describe(audit(tlt.load_task("digits"), found))
    '1 of 1 image with findings. Grid of 1 image, 8 by 8 pixels: outlier test 3.'
    """
    in_range("n", n, 1)
    in_range("columns", columns, 1)
    if missing := [column for column in WORDS if column not in found.columns]:
        msg = f"found must have the columns {', '.join(WORDS)}; missing: {', '.join(missing)}"
        raise ValueError(msg)
    rows = found[(found["file"] != "") & (found["kind"] != "corrupt file")]
    if rows.empty:
        msg = "found must hold a finding about an image; got none: there is nothing to draw"
        raise ValueError(msg)
    titles: dict[str, str] = {}
    for row in rows.to_dict("records"):
        says = f"{row['kind']}: {row['suggests']}?" if row["suggests"] else row["kind"]
        titles.setdefault(row["file"], f"{says}\n{_short(row['file'])}")
        if row["other"]:
            titles.setdefault(row["other"], f"its other\n{_short(row['other'])}")
    shown = [*titles][:n]
    images = torch.stack(pictures(what, shown))
    rows_of = -(-len(shown) // columns)
    names = [titles[name] for name in shown]
    ax = image_grid(images, rows=rows_of, columns=columns, titles=names, ax=ax)
    of = f"{len(shown)} of {counted(len(titles), 'image')} with findings"
    return tell(ax, f"{of}. {in_words(ax)}")


def _short(name: str) -> str:
    """Return the end of a path that fits above an image: it tells files apart."""
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"
