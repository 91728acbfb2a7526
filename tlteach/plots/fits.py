"""What is left of images that are no squares (public through `tlteach.plots`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from matplotlib.axes import Axes

from tlteach.base import checked, in_range
from tlteach.data.album import longest, pictures
from tlteach.data.images import FITS
from tlteach.plots.grids import image_grid
from tlteach.plots.words import tell


@checked
def fits(
    folder: str | Path,
    files: Sequence[str] | None = None,
    *,
    n: int = 4,
    size: int = 96,
    ax: Axes | None = None,
) -> Axes:
    """Show images as each `fit` of `from_folder` makes them squares, before one is chosen.

    Parameters
    ----------
    folder : path
        Of images, as for `from_folder`; an archive, too.
    files : sequence of str, optional
        Names in it; default those whose shape is farthest from a square, the farthest first.
    n : int, default 4
        How many images, at most.
    size : int, default 96
        Pixels a side of the squares.
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes
        An image a row, a fit a column; `describe` tells them in words.

    Raises
    ------
    ValueError
        For a name that is not there, or a folder without a readable image.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> from tlteach.plots import describe
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("cat", "dog"):
    ...         (Path(folder) / name).mkdir()
    ...         Image.new("RGB", (90, 20)).save(Path(folder) / name / "1.png")
    ...     describe(fits(folder))
    'What crop, pad, squish leave of cat/1.png, dog/1.png.'
    """
    in_range("n", n, 1)
    names = list(files[:n]) if files is not None else longest(folder, n)
    in_range("number of files", len(names), 1)
    squares = {fit: pictures(folder, names, size=size, fit=fit) for fit in FITS}
    images = torch.stack([squares[fit][i] for i in range(len(names)) for fit in FITS])
    titles = [*FITS] * len(names)
    ax = image_grid(images, rows=len(names), columns=len(FITS), titles=titles, ax=ax)
    return tell(ax, f"What {', '.join(FITS)} leave of {', '.join(names)}.")
