"""One look for all figures: colours, markers, type sizes, labels at the ends of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from sklearn.isotonic import isotonic_regression
from torch import Tensor

from tlteach.plots.letters import literal
from tlteach.plots.words import tell

TITLE, LABEL, TICK = 19, 16, 14  # points: readable from the last row of a lecture hall
ALONG = 38  # letters beside an axis; more are longer than it
INK, GREY = "#222222", "#6b6b6b"


@dataclass(frozen=True)
class Look:
    """How one line or group of dots is drawn: colour never stands alone."""

    colour: str
    marker: str
    dash: tuple[int, ...] = ()


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _legible(colour: str) -> str:
    """Darken a colour until it stands out from white by 3 to 1, as WCAG asks of lines."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    while luminance(colour) > 1.05 / 3 - 0.05:
        parts = [round(0.97 * part) for part in parts]
        colour = "#{:02x}{:02x}{:02x}".format(*parts)
    return colour


_HUES = [_legible(colour) for colour in sns.color_palette("colorblind").as_hex()]
REGIMES = {
    "scratch": Look(_HUES[3], "s"),
    "frozen": Look(_HUES[0], "o"),
    "fine_tune": Look(_HUES[2], "D"),
    "lp_ft": Look(_HUES[4], "^"),
    "partial": Look(_HUES[5], "v"),
    "bn_only": Look(_HUES[9], ">"),
    # relatives of a regime above share its colour; marker and dash tell them apart
    "bitfit": Look(_HUES[9], "8", (6, 2)),
    "lora": Look(_HUES[9], "p", (6, 2)),
    "l2_sp": Look(_HUES[2], "d", (6, 2)),
    "discriminative": Look(_HUES[2], "*", (6, 2)),
    "gradual": Look(_HUES[5], "d", (1, 1)),
    "one_stage": Look(_HUES[5], "*", (1, 1)),
    "fine_tune_still": Look(_HUES[2], "X", (1, 1)),
    "fine_tune_moving": Look(_HUES[2], "P", (1, 1)),
    "bn_stats": Look(_HUES[0], "8", (1, 1)),
    "coral": Look(_HUES[0], "P", (6, 2)),
}
BASELINES = {
    name: Look(GREY, marker, (4, 2))
    for name, marker in zip(
        ("majority", "raw_pixels", "frozen_random", "small_cnn", "bag_of_words", "small_text"),
        "X<ph*H",
        strict=True,
    )
}
SPLITS = {
    "train": Look(_HUES[0], "o"),
    "val": Look(_HUES[1], "s", (4, 2)),
    "test": Look(_HUES[2], "D", (1, 1)),
}
ADAPTATIONS = {
    "none": Look(GREY, "s"),
    "statistics": Look(_HUES[0], "o", (6, 2)),
    "coral": Look(_HUES[1], "P", (1, 1)),
    "labels": Look(_HUES[2], "D", (4, 2)),
}
_SPARE = [Look(_HUES[i], marker, (6, 2, 1, 2)) for i, marker in ((1, "8"), (7, "*"), (8, "d"))]


def looks(names: Iterable[str], fixed: Mapping[str, Look]) -> dict[str, Look]:
    """Return a look for each name: fixed ones in their fixed order, then spare ones.

    Examples
    --------
    >>> list(looks(["majority", "mine", "frozen", "scratch"], REGIMES | BASELINES))
    ['scratch', 'frozen', 'mine', 'majority']
    """
    names = list(dict.fromkeys(names))
    own = [name for name in names if name not in fixed]
    spare = {name: _SPARE[i % len(_SPARE)] for i, name in enumerate(own)}
    chosen = {name: look for name, look in fixed.items() if name in names} | spare
    return dict(sorted(chosen.items(), key=lambda item: item[0] in BASELINES))


def new_axes(ax: Axes | None, width: float = 9, height: float = 5.5) -> Axes:
    """Return the axes given, or those of a new figure of this size in inches."""
    return ax if ax is not None else plt.subplots(figsize=(width, height), layout="constrained")[1]


def place_image(ax: Axes, image: Tensor, left: float, top: float) -> float:
    """Draw a uint8 image (1 or 3 channels, height, width), one unit wide; return its bottom."""
    height, width = image.shape[-2:]
    bottom = top + height / width
    pixels = image.permute(1, 2, 0).expand(-1, -1, 3).cpu().numpy()
    ax.imshow(pixels, extent=(left, left + 1, bottom, top), interpolation="nearest")
    return bottom


def decorate(ax: Axes, title: str, x: str, y: str, *, percent: str = "", grid: str = "y") -> None:
    """Give the axes the one look.

    Parameters
    ----------
    percent : {"", "x", "y", "xy"}
        The axes whose fractions are written as percent.
    grid : {"", "y", "both"}
        Which grid lines to draw.
    """
    ax.set_title(title, fontsize=TITLE, loc="left", pad=14, color=INK)
    ax.set_xlabel(x, fontsize=LABEL, color=INK, labelpad=8)
    ax.set_ylabel(fill(y, ALONG), fontsize=LABEL, color=INK, labelpad=8)
    ax.tick_params(labelsize=TICK, color=GREY, labelcolor=INK)
    for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
        if name in percent:
            axis.set_major_formatter(FuncFormatter(lambda part, _: f"{100 * part:.4g}%"))
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis=grid, color="#dddddd", linewidth=1)  # type: ignore[arg-type]
    sns.despine(ax=ax)


def finish(
    ax: Axes,
    title: str,
    x: str,
    y: str,
    says: str,
    *,
    percent: str = "",
    grid: str = "y",
    ends: Mapping[str, tuple[float, float, str]] | None = None,
) -> Axes:
    """Give drawn axes the one look, texts at the ends of their lines, and their words.

    Parameters
    ----------
    ax : Axes
    title, x, y, percent, grid
        As for `decorate`.
    says : str
        What `describe` returns.
    ends : mapping, optional
        As for `label_ends`.
    """
    decorate(ax, title, x, y, percent=percent, grid=grid)
    if ends:
        label_ends(ax, ends)
    return tell(ax, says)


def shots_axis(ax: Axes, shots: Sequence[int]) -> None:
    """Give the axes a log scale that names exactly the numbers of shots tried."""
    ax.set_xscale("log")
    if len(shots) == 1:
        ax.set_xlim(shots[0] / 2, shots[0] * 1.1)  # close to the labels at the right
    ax.xaxis.set_major_locator(FixedLocator(sorted(shots)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda k, _: f"{k:.0f}"))


def label_ends(ax: Axes, ends: Mapping[str, tuple[float, float, str]]) -> None:
    """Write each text right of the end (x, y, colour) of its line, in one column, none overlapping.

    Heights closest to the lines' own with a least distance between neighbours: an isotonic
    regression of the heights less the distances.
    """
    texts = sorted((t for t in ends if np.isfinite(ends[t][1])), key=lambda text: ends[text][1])
    if not texts:  # every run diverged
        return
    literal(ax)
    ax.figure.canvas.figure.draw_without_rendering()  # settles the layout, so that heights hold
    own = np.array([ax.transData.transform(ends[text][:2])[1] for text in texts])
    own *= 72 / ax.figure.dpi
    steps = 1.3 * TICK * np.arange(len(texts))
    heights = isotonic_regression(own - steps) + steps
    for text, move in zip(texts, heights - own, strict=True):
        ax.annotate(
            text,
            ends[text][:2],
            xytext=(1.02, move),
            textcoords=("axes fraction", "offset points"),
            va="center",
            fontsize=TICK,
            color=INK,
            annotation_clip=False,
            parse_math=False,
            arrowprops={
                "arrowstyle": "-",
                "linestyle": ":",
                "linewidth": 1.5,
                "color": ends[text][2],
                "relpos": (0, 0.5),
                "shrinkA": 2,
                "shrinkB": 6,
            },
        )
