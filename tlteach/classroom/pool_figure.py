"""A class's figure: one dot per learner, and the interval that narrows as they arrive."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tlteach.base import counted
from tlteach.classroom.pool_rows import learners
from tlteach.measures import Verdict
from tlteach.plots.style import BASELINES, GREY, INK, REGIMES, TICK, finish, looks, new_axes

POINTS = 100  # per unit of accuracy
FOURTH = 2  # its row; the first is of two learners


def draw_growth(
    pairs: pd.DataFrame,
    growth: pd.DataFrame,
    said: Verdict,
    since: int | None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what each learner measured, and what the class could say with so many of them.

    The intervals of the first few learners may leave the picture: they are wide.

    Parameters
    ----------
    pairs : DataFrame
        From `Pool.differences`: one task, one number of shots.
    growth : DataFrame
        From `Pool.growth`.
    said : Verdict
        With all learners.
    since : int or None
        From how many learners on it held.
    ax : Axes, optional
        Where to draw; default a new figure.
    """
    ax = new_axes(ax, 10, 6)
    look = looks([said.a], REGIMES | BASELINES)[said.a]
    dots = POINTS * pairs["difference"]
    mean, low, high = (POINTS * growth[name] for name in ("mean", "ci_low", "ci_high"))
    ax.axhline(0, color=INK, linewidth=1.5)
    ax.scatter(
        range(1, len(dots) + 1),
        dots,
        s=min(90, max(12, 3000 / len(dots))),
        marker=look.marker,
        color=look.colour,
        alpha=0.7,
        edgecolor="white",
        linewidth=0.5,
    )
    ax.fill_between(growth["n"], low, high, color=INK, alpha=0.12, linewidth=0, zorder=3)
    ax.plot(growth["n"], mean, color=INK, linewidth=2.5)
    for end in (low, high):
        ax.plot(growth["n"], end, color=INK, linewidth=1.2, linestyle="--")
    bottom, top = _heights(dots, low, high)
    ax.set_ylim(bottom, top)
    if since is not None:
        ax.axvline(since, color=GREY, linewidth=1.5, linestyle=":")
        late = since > len(dots) / 2  # then the words stand left of the line
        ax.annotate(
            f"{said.word} from\n{since} learners on",
            (since, 1),
            xytext=(-6 if late else 6, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top",
            fontsize=TICK,
            color=INK,
        )
    place = f"{pairs['task'][0]}, {counted(pairs['shots'][0], 'shot')}"
    ax.set_xlim(0.5, len(pairs) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    open_word = "cannot tell so far" if said.word else "no word so far"
    held = f"{said.word} from {since} learners on" if since else open_word
    says = (
        f"Class result on {place}: {said.a} minus {said.b}, one dot per learner, "
        f"{learners(len(pairs))}. Differences {dots.min():+.1f} to {dots.max():+.1f} points. "
        f"The interval of the mean by number of learners: {held}. {said}."
    )
    below, quantity = f"learners, in order of arrival\n{said}", f"{said.a} minus {said.b} (points)"
    return finish(ax, f"{place}: one dot per learner", below, quantity, says)


def _heights(
    dots: pd.Series[float], low: pd.Series[float], high: pd.Series[float]
) -> tuple[float, float]:
    """Return heights that show all dots, zero and the interval from the fourth learner on."""
    settled = slice(FOURTH, None)
    shown = [0.0, *dots, *low[settled].dropna(), *high[settled].dropna()]
    room = 0.15 * (max(shown) - min(shown)) or 1.0
    return min(shown) - room, max(shown) + 2 * room  # the words stand at the top
