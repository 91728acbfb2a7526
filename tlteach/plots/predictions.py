"""Figures of what a model says about images (public through `tlteach.plots`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from tlteach.base import checked, counted, in_range
from tlteach.plots.grids import image_grid
from tlteach.plots.style import GREY, REGIMES, TICK, finish, new_axes
from tlteach.plots.words import check_columns, in_words, plain, tell

if TYPE_CHECKING:
    from tlteach.data import Split

MOST_CLASSES = 40  # names, and numbers in cells, that a figure can hold


@checked
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
        With the picture; `describe` tells it in words.

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
    >>> print(describe(mistakes(table, split)))
    The 1 surest of 1 wrong answer. Grid of 1 image, 8 by 8 pixels: dog 90% is cat.
    """
    check_columns("table", table, ["row", "true", "answer", "confidence"])
    in_range("worst", worst, 1)
    in_range("largest row", int(table["row"].max()), 0, len(split) - 1)
    shown = table.sort_values("confidence", ascending=False, kind="stable").head(worst)
    rows = shown.itertuples()
    titles = [f"{plain(r.answer)} {r.confidence:.0%}\nis {plain(r.true)}" for r in rows]
    images = split.images[shown["row"].tolist()]
    down = -(-len(shown) // columns)
    ax = image_grid(images, rows=down, columns=columns, titles=titles, ax=ax)
    surest = f"The {len(shown)} surest of {counted(len(table), 'wrong answer')}"
    return tell(ax, f"{surest}. {in_words(ax)}")


@checked
def confusion(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a confusion table: true classes in rows, predicted ones in columns.

    Parameters
    ----------
    table : DataFrame
        Square, the same classes as index and columns, as `confusion_table` returns it. Whole
        numbers are shown as counts, fractions in percent; zeros stay blank. Of more than 40 classes
        the shades alone are drawn, and every second, third, ... class is named.
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes
        With the picture; `describe` tells it in words.

    Raises
    ------
    ValueError
        If index and columns differ.

    Examples
    --------
    >>> from tlteach.plots import describe
    >>> table = pd.DataFrame([[9, 1], [3, 7]], index=["bird", "meal"], columns=["bird", "meal"])
    >>> print(describe(confusion(table)))
    Confusion table of 2 classes. Right: bird 9; meal 7. Wrong most often: meal taken for bird 3;
    bird taken for meal 1.
    """
    classes = [str(name) for name in table.index]
    if not classes or classes != [str(name) for name in table.columns]:
        msg = (
            "table must have the same classes as index and columns; "
            f"got index {list(table.index)} and columns {list(table.columns)}"
        )
        raise ValueError(msg)
    classes = list(map(plain, classes))
    values = table.to_numpy()
    form = "{:d}" if np.issubdtype(values.dtype, np.integer) else "{:.0%}"
    texts = np.array([[form.format(v) if v else "" for v in row] for row in values])
    many = len(classes) > MOST_CLASSES
    step = -(-len(classes) // MOST_CLASSES)  # every so many are named
    side = 3.2 + 0.62 * min(len(classes), MOST_CLASSES)
    ax = new_axes(ax, side + 1, side)
    sns.heatmap(
        values,
        annot=None if many else texts,
        fmt="",
        cmap="Blues",
        vmin=0,
        square=True,
        cbar=False,
        linewidths=0 if many else 1,
        linecolor="#dddddd",
        xticklabels=False,  # it would draw them at once, with formulas
        yticklabels=False,
        annot_kws={"fontsize": TICK},
        ax=ax,
    )
    named = np.arange(0, len(classes), step)
    ax.set_xticks(named + 0.5, classes[::step])
    ax.set_yticks(named + 0.5, classes[::step])
    ax.tick_params(axis="y", rotation=0)
    for label in ax.get_xticklabels():
        label.set(rotation=40, ha="right", rotation_mode="anchor")
    right = "; ".join(f"{name} {form.format(values[i, i])}" for i, name in enumerate(classes))
    wrong = [(i, j) for i, j in np.argwhere(values) if i != j]
    wrong.sort(key=lambda place: -values[place])
    pairs = [f"{classes[i]} taken for {classes[j]} {texts[i, j]}" for i, j in wrong[:3]]
    text = f"Wrong most often: {'; '.join(pairs)}." if pairs else "Nothing wrong."
    says = f"Confusion table of {counted(len(classes), 'class', 'classes')}. Right: {right}. {text}"
    return finish(ax, "Confusion table", "predicted class", "true class", says, grid="")


@checked
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
        With the picture; `describe` tells it in words.

    Raises
    ------
    ValueError
        For missing columns or no image at all.

    Examples
    --------
    >>> from tlteach.plots import describe
    >>> table = pd.DataFrame({"n": [40, 60], "confidence": [0.6, 0.9], "accuracy": [0.5, 0.7]})
    >>> print(describe(calibration(table)))
    Reliability diagram. Confidence 60.0%: accuracy 50.0% of 40 images; confidence 90.0%:
    accuracy 70.0% of 60 images.
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
    of = [counted(int(n), "image") for n in bins["n"]]
    parts = [
        f"confidence {row.confidence:.1%}: accuracy {row.accuracy:.1%} of {images}"
        for row, images in zip(bins.itertuples(), of, strict=True)
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
