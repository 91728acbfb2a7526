"""Images in rows and columns (public through `tlteach.plots`)."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from tlteach.base import checked, counted, in_range, same_length
from tlteach.plots.style import INK, TICK, new_axes, place_image
from tlteach.plots.words import plain, tell

if TYPE_CHECKING:
    from tlteach.data import Split


@checked
def image_grid(
    split_or_images: Split | Tensor,
    classes: Sequence[str] | None = None,
    rows: int = 3,
    columns: int = 8,
    titles: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Show images in rows and columns; of too many, evenly spaced ones.

    Parameters
    ----------
    split_or_images : Split or uint8 tensor of shape (n, channels, height, width)
        One or three channels.
    classes : sequence of str, optional
        Class names: each image of a Split is titled with its class. Titles that repeat all down
        their columns, a class a column, stand once, on top.
    rows, columns : int
        Places for images.
    titles : sequence of str, optional
        One title for each image given; what is too long for two lines is cut.
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes
        With the picture; `describe` tells it in words.

    Raises
    ------
    ValueError
        For another shape, no image, or titles of another length.

    Examples
    --------
    >>> import torch
    >>> ax = image_grid(torch.zeros(30, 3, 8, 8, dtype=torch.uint8), rows=2, columns=4)
    >>> len(ax.images)
    8
    >>> from tlteach.plots import describe
    >>> six = torch.zeros(6, 3, 8, 8, dtype=torch.uint8)
    >>> describe(image_grid(six, rows=2, columns=3, titles=2 * ["bird", "meal", "bug"]))
    'Grid of 6 images, 8 by 8 pixels, 2 of each of 3: bird, meal, bug.'
    """
    in_range("rows", rows, 1)
    in_range("columns", columns, 1)
    images = split_or_images if isinstance(split_or_images, Tensor) else split_or_images.images
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not len(images):
        msg = (
            "images must have the shape (n, 1 or 3, height, width) with n at least 1; "
            f"got {tuple(images.shape)}"
        )
        raise ValueError(msg)
    titles = _titles(split_or_images, images, classes, titles)
    shown = np.linspace(0, len(images) - 1, min(rows * columns, len(images))).round().astype(int)
    columns = min(columns, len(shown))
    names = [titles[i] for i in shown] if titles else []
    heads = names[:columns] if _one_each(names, columns) else []
    tops, bottom = _rows(images, -(-len(shown) // columns), heads, names)
    side = min(1.6, 14 / columns) if heads else 1.6  # a page shrinks wider ones, and their words
    ax = new_axes(ax, side * columns, side * bottom)
    for place, i in enumerate(shown):
        place_image(ax, images[i], 1.07 * (place % columns), tops[place // columns])
    for place, name in enumerate(heads or names):
        left, top = 1.07 * (place % columns), tops[place // columns] - 0.04
        size, letters = (TICK, 11) if heads else (TICK - 2, 13)
        ax.text(
            left, top, _wrapped(name, letters), va="bottom", fontsize=size, color=INK,
            parse_math=False,  # a file may be called $x.jpg
        )  # fmt: skip
    ax.set_xlim(0, 1.07 * columns - 0.07)
    ax.set_ylim(bottom, 0)
    ax.set_axis_off()
    return tell(ax, _told(images, len(shown), heads, names))


def _one_each(names: Sequence[str], columns: int) -> bool:
    """Return whether every column of several repeats one title of its own."""
    heads = names[:columns]
    whole = len(heads) > 1 and list(names) == [*heads] * (len(names) // columns)
    return whole and len(names) > columns and len(set(heads)) == columns


def _rows(
    images: Tensor, rows: int, heads: Sequence[str], names: Sequence[str]
) -> tuple[list[float], float]:
    """Return where each row of images begins, and where the last one ends, in widths of one."""
    tall = images.shape[-2] / images.shape[-1]
    first, other = (0.5, 0.07) if heads else (0.38, 0.38) if names else (0.05, 0.05)
    tops = [first + row * (tall + other) for row in range(rows)]
    return tops, tops[-1] + tall


def _told(images: Tensor, n: int, heads: Sequence[str], names: Sequence[str]) -> str:
    height, width = images.shape[-2:]
    text = f"Grid of {counted(n, 'image')}, {height} by {width} pixels"
    if heads:
        each = f"{n // len(heads)} of each of {len(heads)}"
        return f"{text}, {each}: {', '.join(heads)}."
    told = "; ".join(name.replace("\n", " ") for name in names)
    return f"{text}: {told}." if told else f"{text}."


def _titles(
    source: Split | Tensor,
    images: Tensor,
    classes: Sequence[str] | None,
    titles: Sequence[str] | None,
) -> list[str]:
    if titles is not None:
        same_length(images=images, titles=titles)
        return list(titles)
    if classes is None:
        return []
    if isinstance(source, Tensor):
        msg = "classes need a Split, which holds labels; got a tensor: give titles instead"
        raise ValueError(msg)
    return [plain(classes[label]) for label in source.labels.tolist()]


def _wrapped(title: str, letters: int) -> str:
    """Return a title in at most two lines, broken where it says so."""
    lines = plain(title).split("\n")
    width, most = (letters, 2) if len(lines) == 1 else (15, 1)
    cut = (textwrap.fill(line, width, max_lines=most, placeholder="…") for line in lines[:2])
    return "\n".join(cut)
