"""What a chart is made of: controls, panels of lines, facts and images, all looked up by controls.

Numbers stand in arrays whose first axes are controls, so that a front end needs no arithmetic to
find them. `_pack` turns all of it into JSON and one buffer of 32-bit floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlteach.plots.style import Look

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Control:
    """Something to turn: a slider ("range"), a list ("choice") or cards ("cards").

    Attributes
    ----------
    id, label : str
        For programs and for people.
    values : tuple
        What can be chosen; written into a state text.
    labels : tuple of str
        The same for people; default the values as text.
    kind : {"range", "choice", "cards", "none"}
        A slider, a list, cards that show what they stand for, or nothing: a place along x.
    start : int
        The place chosen at first.
    pictures : tuple of str
        Data URIs, one for each card; "" for none.
    """

    id: str
    label: str
    values: tuple[Any, ...]
    labels: tuple[str, ...] = ()
    kind: str = "range"
    start: int = 0
    pictures: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.labels:
            object.__setattr__(self, "labels", tuple(map(str, self.values)))


@dataclass(frozen=True)
class Series:
    """One line of a panel, and how it looks."""

    id: str
    label: str
    look: Look


@dataclass(frozen=True)
class Panel:
    """Lines over x, or points over names.

    Attributes
    ----------
    id, title, x_label, y_label : str
    x : tuple
        Numbers, or names if `named`.
    series : tuple of Series
    by : tuple of str
        Controls that choose what is shown.
    cube : float32 array of shape (by..., series, x, 4)
        Mean, low, high and number of seeds; NaN where nothing was run.
    cursor : str
        The control that walks along x; it has as many values.
    y : tuple of float
        Ticks; the first and the last are the fixed ends of the axis.
    form : str
        How values are written: "percent", "points", "number", "whole" or "seconds".
    log, named : bool
        A logarithmic x; names instead of numbers.
    words : tuple of str, codes : float32 array of shape (by..., series, x)
        A word for each value, such as its verdict, or none.
    order_by : tuple of str, order : float32 array of shape (order_by..., x)
        Controls that put names in another order, and the places of x in it.
    drawn : {"", "dumbbell"}
        How names stand: points over them, or lines from zero beside them, in areas by word.
    when : (str, value), optional
        A control and the value at which this panel is shown; default always.
    fold : str
        The words that unfold it; "" for a panel that is open.
    """

    id: str
    title: str
    x_label: str
    y_label: str
    x: tuple[Any, ...]
    series: tuple[Series, ...]
    by: tuple[str, ...]
    cube: Array
    cursor: str
    y: tuple[float, ...]
    form: str = "percent"
    log: bool = False
    named: bool = False
    words: tuple[str, ...] = ()
    codes: Array | None = None
    order_by: tuple[str, ...] = ()
    order: Array | None = None
    drawn: str = ""
    when: tuple[str, Any] | None = None
    fold: str = ""

    def places(self, at: Mapping[str, int]) -> list[int]:
        """Return the places of x in the order shown."""
        if self.order is None:
            return list(range(len(self.x)))
        return [int(i) for i in self.order[tuple(at[name] for name in self.order_by)]]


@dataclass(frozen=True)
class Fact:
    """One number with its interval, or one word, beside the panels.

    Attributes
    ----------
    id, label : str
    by : tuple of str
    cube : float32 array of shape (by..., 4), or (by...,) for a word
    form : str
        As for panels, or "word".
    words : tuple of str
    fold : str
        The words that unfold it, with panels of the same; "" for a fact that is open.
    """

    id: str
    label: str
    by: tuple[str, ...]
    cube: Array
    form: str = "percent"
    words: tuple[str, ...] = ()
    fold: str = ""


@dataclass(frozen=True)
class Strip:
    """A row of images, cut from one picture.

    Attributes
    ----------
    id, title : str
    by : tuple of str
    picture : str
        A data URI; tiles stand in `columns` columns and `lines` lines.
    tiles : float32 array of shape (by..., count)
        Which tiles are shown; NaN for none.
    names : tuple of str
        What each tile shows, for those who do not see it.
    says, form : str
        What stands under a tile: a word, then its value; no form for nothing.
    values : float32 array of shape (by..., count), optional
    words : tuple of str
        Of answers.
    truth : float32 array of shape (by..., count), optional
        What each image is: places in `words`. Without it, nothing is called right or wrong.
    answers : mapping of str to float32 array of shape (by..., count)
        What was said of each image, by who said it: places in `words`; NaN for nothing.
    """

    id: str
    title: str
    by: tuple[str, ...]
    picture: str
    columns: int
    lines: int
    tiles: Array
    names: tuple[str, ...]
    says: str = ""
    form: str = ""
    values: Array | None = None
    words: tuple[str, ...] = ()
    truth: Array | None = None
    answers: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Cloud:
    """Points on a map, each where it was and where it is now.

    Attributes
    ----------
    id, title : str
    was, now : str
        What the two places are.
    by : tuple of str
        Controls that move the points.
    cube : float32 array of shape (by..., count, 4)
        x and y before, x and y now; NaN for no point.
    """

    id: str
    title: str
    was: str
    now: str
    by: tuple[str, ...]
    cube: Array


@dataclass(frozen=True)
class Spec:
    """A whole chart.

    Attributes
    ----------
    title, lead : str
        Its name, and a sentence on what to look for.
    controls, panels, facts, strips : tuple
    presets : mapping of str to str
        Names and states, on buttons and number keys.
    footer : tuple of str
        Seeds, machine and date: always visible.
    predict : tuple of (str, tuple of str, str), optional
        A question, its options and the fact that answers it: results wait for a guess.
    play : str
        The control that a button moves through its values; "" for no button.
    once : int
        The place to which `play` goes by itself when the chart is first seen; 0 for nowhere.
    clouds : tuple of Cloud
    headline : str
        The fact whose words stand beside the panels as the one sentence; "" for the numbers at
        the cursor of the first panel.
    """

    title: str
    lead: str
    controls: tuple[Control, ...]
    panels: tuple[Panel, ...]
    facts: tuple[Fact, ...] = ()
    strips: tuple[Strip, ...] = ()
    presets: Mapping[str, str] = field(default_factory=dict)
    footer: tuple[str, ...] = ()
    predict: tuple[str, tuple[str, ...], str] | None = None
    play: str = ""
    headline: str = ""
    once: int = 0
    clouds: tuple[Cloud, ...] = ()

    def shown(self, at: Mapping[str, int]) -> list[Panel]:
        """Return the panels that are shown where controls stand so."""
        values = {control.id: control.values[at[control.id]] for control in self.controls}
        return [p for p in self.panels if p.when is None or values[p.when[0]] == p.when[1]]

    def idle(self, at: Mapping[str, int]) -> set[str]:
        """Return the controls that nothing asks which is shown now."""
        panels, shown = self.panels, self.shown(at)
        parts: list[Panel | Fact | Strip | Cloud] = [*shown, *self.facts]
        parts += [*self.strips, *self.clouds]
        asked = {name for part in parts for name in part.by}
        asked |= {panel.cursor for panel in shown} | {p.when[0] for p in panels if p.when}
        asked |= {name for panel in shown for name in panel.order_by}
        return {control.id for control in self.controls} - asked
