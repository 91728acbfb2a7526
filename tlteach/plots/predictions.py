"""Figures of images and of what a model says about them (public through `tlteach.plots`)."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from torch import Tensor

from tlteach.base import in_range, same_length
from tlteach.plots.style import GREY, INK, REGIMES, TICK, finish, new_axes, place_image
from tlteach.plots.words import check_columns, describe, tell

if TYPE_CHECKING:
    from tlteach.data import Split


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
        Class names: each image of a Split is titled with its class.
    rows, columns : int
        Places for images.
    titles : sequence of str, optional
        One title for each image given; what is too long for two lines is cut.
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes

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
    rows = -(-len(shown) // columns)
    _, _, height, width = images.shape
    texts = [_wrapped(titles[i]) if titles else "" for i in shown]
    tall, head = height / width, 0.38 if titles else 0.05  # in widths of an image
    ax = new_axes(ax, 1.6 * columns, 1.6 * rows * (tall + head))
    for place, i in enumerate(shown):
        top, left = (place // columns) * (tall + head) + head, 1.07 * (place % columns)
        place_image(ax, images[i], left, top)
        if titles:
            ax.text(
                left, top - 0.04, texts[place], va="bottom", fontsize=TICK - 2, color=INK,
                parse_math=False,  # a file may be called $x.jpg
            )  # fmt: skip
    ax.set_xlim(0, 1.07 * columns - 0.07)
    ax.set_ylim(rows * (tall + head), 0)
    ax.set_axis_off()
    names = ": " + "; ".join(titles[i].replace("\n", " ") for i in shown) if titles else ""
    return tell(ax, f"Grid of {len(shown)} images, {height} by {width} pixels{names}.")


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
    return [classes[label] for label in source.labels.tolist()]


def _wrapped(title: str) -> str:
    """Return a title in at most two lines, broken where it says so."""
    lines = title.replace("_", " ").split("\n")
    width, most = (13, 2) if len(lines) == 1 else (15, 1)
    cut = (textwrap.fill(line, width, max_lines=most, placeholder="…") for line in lines[:2])
    return "\n".join(cut)


def mistakes(
    table: pd.DataFrame, split: Split, worst: int = 12, columns: int = 6, ax: Axes | None = None
) -> Axes:
    """Show the wrong answers that a model was surest of, each with its words.

    Parameters
    ----------
    table : DataFrame
        Columns row, true, answer, confidence, as `TrainedModel.mistakes` returns it.
    split : Split
        Of images, the one that the rows point into: ``task.test``.
    worst : int, default 12
        How many, at most.
    columns : int, default 6
        Images side by side.
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        For missing columns, no mistake, or rows that the split does not have.

    Examples
    --------
    >>> import torch
    >>> from tlteach.data import Split
    >>> from tlteach.plots import describe
    >>> n = torch.arange(4)
    >>> split = Split(torch.zeros(4, 3, 8, 8, dtype=torch.uint8), n, n, n, n)
    >>> table = pd.DataFrame({"row": [2], "true": ["cat"], "answer": ["dog"], "confidence": [0.9]})
    >>> describe(mistakes(table, split))
    'The 1 surest of 1 wrong answers. Grid of 1 images, 8 by 8 pixels: dog 90% is cat.'
    """
    check_columns("table", table, ["row", "true", "answer", "confidence"])
    in_range("worst", worst, 1)
    in_range("largest row", int(table["row"].max()), 0, len(split) - 1)
    shown = table.sort_values("confidence", ascending=False, kind="stable").head(worst)
    titles = [f"{r.answer} {r.confidence:.0%}\nis {r.true}" for r in shown.itertuples()]
    images = split.images[shown["row"].tolist()]
    rows = -(-len(shown) // columns)
    ax = image_grid(images, rows=rows, columns=columns, titles=titles, ax=ax)
    return tell(ax, f"The {len(shown)} surest of {len(table)} wrong answers. {describe(ax)}")


def confusion(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a confusion table: true classes in rows, predicted ones in columns.

    Parameters
    ----------
    table : DataFrame
        Square, the same classes as index and columns, as `confusion_table` returns it. Whole
        numbers are shown as counts, fractions in percent; zeros stay blank.
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If index and columns differ.

    Examples
    --------
    >>> from tlteach.plots import describe
    >>> table = pd.DataFrame([[9, 1], [3, 7]], index=["bird", "meal"], columns=["bird", "meal"])
    >>> describe(confusion(table))
    'Confusion table of 2 classes. Right: bird 9; meal 7. Wrong most often: meal taken for bird 3;
    bird taken for meal 1.'
    """
    classes = [str(name) for name in table.index]
    if not classes or classes != [str(name) for name in table.columns]:
        msg = (
            "table must have the same classes as index and columns; "
            f"got index {list(table.index)} and columns {list(table.columns)}"
        )
        raise ValueError(msg)
    values = table.to_numpy()
    form = "{:d}" if np.issubdtype(values.dtype, np.integer) else "{:.0%}"
    texts = np.array([[form.format(v) if v else "" for v in row] for row in values])
    side = 3.2 + 0.62 * len(classes)
    ax = new_axes(ax, side + 1, side)
    sns.heatmap(
        values,
        annot=texts,
        fmt="",
        cmap="Blues",
        vmin=0,
        square=True,
        cbar=False,
        linewidths=1,
        linecolor="#dddddd",
        xticklabels=classes,
        yticklabels=classes,
        annot_kws={"fontsize": TICK},
        ax=ax,
    )
    ax.tick_params(axis="y", rotation=0)
    for label in ax.get_xticklabels():
        label.set(rotation=40, ha="right", rotation_mode="anchor")
    right = "; ".join(f"{name} {form.format(values[i, i])}" for i, name in enumerate(classes))
    wrong = [(i, j) for i, j in np.argwhere(values) if i != j]
    wrong.sort(key=lambda place: -values[place])
    pairs = [f"{classes[i]} taken for {classes[j]} {texts[i, j]}" for i, j in wrong[:3]]
    text = f"Wrong most often: {'; '.join(pairs)}." if pairs else "Nothing wrong."
    says = f"Confusion table of {len(classes)} classes. Right: {right}. {text}"
    return finish(ax, "Confusion table", "predicted class", "true class", says, grid="")


def calibration(reliability_table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw accuracy against confidence, bin by bin, beside the line of perfect calibration.

    Parameters
    ----------
    reliability_table : DataFrame
        Columns n, confidence, accuracy, as `reliability_table` returns it. A dot's area grows
        with its number of images; empty bins have no dot.
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        For missing columns or no image at all.

    Examples
    --------
    >>> from tlteach.plots import describe
    >>> table = pd.DataFrame({"n": [40, 60], "confidence": [0.6, 0.9], "accuracy": [0.5, 0.7]})
    >>> describe(calibration(table))
    'Reliability diagram. Confidence 60.0%: accuracy 50.0% of 40 images; confidence 90.0%:
    accuracy 70.0% of 60 images.'
    """
    name = "reliability_table"
    check_columns(name, reliability_table, ["n", "confidence", "accuracy"])
    bins = reliability_table[reliability_table["n"] > 0].sort_values("confidence")
    check_columns(name, bins, ["n"])  # not all empty
    ax = new_axes(ax, 7.5, 7)
    ax.plot([0, 1], [0, 1], linestyle=(0, (4, 2)), color=GREY, linewidth=2)
    colour = REGIMES["frozen"].colour
    sns.lineplot(
        data=bins, x="confidence", y="accuracy", estimator=None, color=colour, linewidth=2.5, ax=ax
    )
    area = dict(zip(bins["n"], 40 + 560 * bins["n"] / bins["n"].max(), strict=True))
    ax.scatter(
        bins["confidence"], bins["accuracy"], s=bins["n"].map(area), color=colour, ec="white"
    )
    ax.set(xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
    for x, y, text in ((0.05, 0.93, "too modest"), (0.98, 0.05, "too sure")):
        side = "left" if x < 0.5 else "right"
        ax.text(x, y, text, ha=side, fontsize=TICK, style="italic", color=GREY)
    parts = [
        f"confidence {row.confidence:.1%}: accuracy {row.accuracy:.1%} of {row.n:.0f} images"
        for row in bins.itertuples()
    ]
    return finish(
        ax,
        "Calibration: on the dashed line\nconfidence is right",
        "confidence (larger dot: more images)",
        "accuracy",
        f"Reliability diagram. {'; '.join(parts).capitalize()}.",
        percent="xy",
        grid="both",
    )
