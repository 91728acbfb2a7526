"""A chart as the front end gets it: JSON with places, and the numbers they point at."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlteach.widgets._spec import Array, Cloud, Panel, Series, Spec, Strip


def packed(spec: Spec) -> tuple[dict[str, Any], bytes]:
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
            "when": _place(spec, panel),
        }
        for panel in spec.panels
    ]
    facts = [_without(fact, "cube") | {"at": numbers.add(fact.cube)} for fact in spec.facts]
    strips = [_strip(strip, numbers) for strip in spec.strips]
    names = ("question", "options", "fact")
    known = {
        "title": spec.title,
        "lead": spec.lead,
        # as text: JSON makes 1 of 1.0, and a state must read the same on both sides
        "controls": [
            _without(control) | {"values": [*map(str, control.values)]} for control in spec.controls
        ],
        "panels": panels,
        "facts": facts,
        "strips": strips,
        "presets": [{"label": name, "state": state} for name, state in spec.presets.items()],
        "footer": list(spec.footer),
        "play": spec.play,
        "headline": spec.headline,
        "once": spec.once,
        "clouds": [_cloud(cloud, numbers) for cloud in spec.clouds],
        "predict": dict(zip(names, spec.predict, strict=True)) if spec.predict else None,
    }
    return known, numbers.bytes()


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

    def where(self, known: NDArray[np.bool_]) -> int:
        """Append for each place of controls which of the blocks that are there is its own."""
        blocks = np.where(known, np.cumsum(known).reshape(known.shape) - 1, np.nan)
        return self.add(blocks.astype(np.float32))

    def bytes(self) -> bytes:
        return np.concatenate(self.parts).tobytes() if self.parts else b""


def _strip(strip: Strip, numbers: _Numbers) -> dict[str, Any]:
    """Return a row of images without the places where none is shown: most of a wide grid."""
    known = np.asarray(~np.isnan(strip.tiles).all(-1))

    def kept(array: Array | None) -> int:
        return numbers.add(None if array is None else array[known])

    return _without(strip, "tiles", "values", "truth", "answers") | {
        "count": strip.tiles.shape[-1],
        "judged": strip.truth is not None,
        "where_at": numbers.where(known),
        "at": kept(strip.tiles),
        "values_at": kept(strip.values),
        "truth_at": kept(strip.truth),
        "answers": [{"label": label, "at": kept(codes)} for label, codes in strip.answers.items()],
    }


def _cloud(cloud: Cloud, numbers: _Numbers) -> dict[str, Any]:
    """Return a map without the places where it has no points."""
    known = np.asarray(~np.isnan(cloud.cube).all((-2, -1)))
    return _without(cloud, "cube") | {
        "count": cloud.cube.shape[-2],
        "where_at": numbers.where(known),
        "at": numbers.add(cloud.cube[known]),
    }


def _place(spec: Spec, panel: Panel) -> list[Any]:
    """Return the control and the place of its value that show a panel, or nothing."""
    if panel.when is None:
        return []
    name, value = panel.when
    [control] = (control for control in spec.controls if control.id == name)
    return [name, control.values.index(value)]


def _without(part: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in asdict(part).items() if name not in names}


def _series(series: Series) -> dict[str, Any]:
    look = series.look
    known = {"id": series.id, "label": series.label}
    return known | {"colour": look.colour, "marker": look.marker, "dash": list(look.dash)}
