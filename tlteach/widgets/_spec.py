"""What a chart is made of: controls, panels of lines, facts and images, all looked up by controls.

Numbers stand in arrays whose first axes are controls, so that a front end needs no arithmetic to
find them. `pack` turns all of it into JSON and one buffer of 32-bit floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlteach.plots.style import Look

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Control:
    """Something to turn: a slider ("range") or a list ("choice").

    Attributes
    ----------
    id, label : str
        For programs and for people.
    values : tuple
        What can be chosen; written into a state text.
    labels : tuple of str
        The same for people; default the values as text.
    kind : {"range", "choice"}
    start : int
        The place chosen at first.
    """

    id: str
    label: str
    values: tuple[Any, ...]
    labels: tuple[str, ...] = ()
    kind: str = "range"
    start: int = 0

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
    """

    id: str
    label: str
    by: tuple[str, ...]
    cube: Array
    form: str = "percent"
    words: tuple[str, ...] = ()


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
        What each image is: places in `words`.
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

    def pack(self) -> tuple[dict[str, Any], bytes]:
        """Return what the front end gets: JSON with places, and the numbers they point at."""
        numbers = _Numbers()
        panels = [
            _without(panel, "cube", "codes", "y", "order")
            | {
                "x_names": [str(x) for x in panel.x],
                "low": panel.y[0],
                "high": panel.y[-1],
                "y_ticks": list(panel.y),
                "series": [_series(series) for series in panel.series],
                "at": numbers.add(panel.cube),
                "words_at": numbers.add(panel.codes),
                "order_at": numbers.add(panel.order),
            }
            for panel in self.panels
        ]
        facts = [_without(fact, "cube") | {"at": numbers.add(fact.cube)} for fact in self.facts]
        strips = [
            _without(strip, "tiles", "values", "truth", "answers")
            | {
                "count": strip.tiles.shape[-1],
                "at": numbers.add(strip.tiles),
                "values_at": numbers.add(strip.values),
                "truth_at": numbers.add(strip.truth),
                "answers": [
                    {"label": label, "at": numbers.add(codes)}
                    for label, codes in strip.answers.items()
                ],
            }
            for strip in self.strips
        ]
        names = ("question", "options", "fact")
        spec = {
            "title": self.title,
            "lead": self.lead,
            # as text: JSON makes 1 of 1.0, and a state must read the same on both sides
            "controls": [
                _without(control) | {"values": [*map(str, control.values)]}
                for control in self.controls
            ],
            "panels": panels,
            "facts": facts,
            "strips": strips,
            "presets": [{"label": name, "state": state} for name, state in self.presets.items()],
            "footer": list(self.footer),
            "play": self.play,
            "predict": dict(zip(names, self.predict, strict=True)) if self.predict else None,
        }
        return spec, numbers.bytes()


class _Numbers:
    """Arrays one behind the other."""

    def __init__(self) -> None:
        self.parts: list[Array] = []
        self.size = 0

    def add(self, array: Array | None) -> int:
        """Append an array; return where it starts."""
        place = self.size
        if array is not None:
            self.parts.append(np.asarray(array, dtype="<f4").ravel())
            self.size += array.size
        return place

    def bytes(self) -> bytes:
        return np.concatenate(self.parts).tobytes() if self.parts else b""


def _without(part: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in asdict(part).items() if name not in names}


def _series(series: Series) -> dict[str, Any]:
    look = series.look
    known = {"id": series.id, "label": series.label}
    return known | {"colour": look.colour, "marker": look.marker, "dash": list(look.dash)}
