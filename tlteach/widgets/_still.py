"""The picture of a chart by matplotlib, for places where nothing live is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from tlteach.plots.letters import literal
from tlteach.plots.style import LABEL, TICK, decorate
from tlteach.widgets._spec import Array, Panel, Spec

UNITS = {"percent": " (%)", "points": " (points)"}


def draw(spec: Spec, at: Mapping[str, int]) -> Figure:
    """Draw every panel of a chart that is shown, one below the other."""
    panels = spec.shown(at)
    figure = Figure(figsize=(10, 5.5 * len(panels)), layout="constrained")
    axes = figure.subplots(len(panels), squeeze=False)[:, 0]
    for ax, panel in zip(axes, panels, strict=True):
        _panel(ax, panel, panel.cube[tuple(at[name] for name in panel.by)], at)
    chosen = ", ".join(f"{c.label}: {c.labels[at[c.id]]}" for c in spec.controls)
    figure.text(0, -0.01, "\n".join([chosen, *spec.footer]), va="top", fontsize=TICK, wrap=True)
    literal(figure)
    return figure


def _panel(ax: Axes, panel: Panel, values: Array, at: Mapping[str, int]) -> None:
    cursor = at[panel.cursor]
    known = [i for i in panel.places(at) if not np.isnan(values[:, i, 0]).all()]
    shown = known if panel.named else list(range(len(panel.x)))
    places = np.arange(len(shown)) if panel.named else np.array(panel.x, dtype=float)
    decorate(ax, panel.title, panel.x_label, panel.y_label + UNITS.get(panel.form, ""))
    for s, series in enumerate(panel.series):
        mean, low, high, _ = values[s, shown].T
        look: dict[str, Any] = {"color": series.look.colour, "marker": series.look.marker}
        if panel.named:
            shift = 0.12 * (s - (len(panel.series) - 1) / 2)
            bars = np.stack([mean - low, high - mean])
            ax.errorbar(places + shift, mean, bars, ls="", lw=2, label=series.label, **look)
            continue
        dash = (0, series.look.dash) if series.look.dash else "-"
        ax.plot(places, mean, ls=dash, lw=2.5, label=series.label, **look)
        ax.fill_between(places, low, high, color=series.look.colour, alpha=0.18, lw=0)
    if panel.log:
        ax.set_xscale("log")
    ax.xaxis.set_minor_locator(NullLocator())
    _name_ticks(ax, panel, shown, places)
    ax.set_ylim(panel.y[0], panel.y[-1])
    ax.yaxis.set_major_locator(FixedLocator(panel.y))
    if panel.form in UNITS:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda part, _: f"{100 * part:.0f}"))
    if cursor in shown:
        ax.axvline(places[shown.index(cursor)], color="#6b6b6b", ls=":", lw=1.5)
    ax.legend(fontsize=TICK, frameon=False, loc="best")


def _name_ticks(ax: Axes, panel: Panel, shown: list[int], places: NDArray[Any]) -> None:
    if panel.named:
        names = [str(panel.x[i]) for i in shown]
        ax.set_xticks(places, names, rotation=30, ha="right", fontsize=LABEL - 3)
    else:
        every = max(1, len(shown) // 8)
        ax.set_xticks(places[::every], [str(panel.x[i]) for i in shown[::every]])
