"""One panel as drawn, against the rows of Python's table: positions are read by the drawn ticks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from PIL import ImageColor

from tlteach.widgets._words import BARE, FORMS, told

NEAR = 0.75  # pixels: coordinates are written with one decimal
SHAPES = {"s": "mhvhz", "D": "mlllz", "^": "mlhz", "v": "mlhz", "P": "mhmv"}  # else a circle
Points = list[tuple[float, float]]
Drawn = dict[str, Any]


def points(d: str) -> Points:
    """Return where the absolute commands of a path lead."""
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.e-]+),(-?[\d.e-]+)", d)]


def outline(d: str) -> str:
    """Return which commands draw a mark, with the way a triangle points."""
    first = re.split("M", d)[1] if "M" in d else ""
    letters = "".join(re.findall("[a-z]", first))
    up = re.search(r"m0,(-?)", first)
    return letters + ("" if letters != "mlhz" or up is None else up[1] or "+")


def wanted_outline(marker: str) -> str:
    return SHAPES.get(marker, "maa") + {"^": "-", "v": "+"}.get(marker, "")


def colour(text: str) -> tuple[int, ...]:
    return tuple(int(float(part)) for part in re.findall(r"[\d.]+", text)[:3])


def near(ours: Points, theirs: Points) -> bool:
    if len(ours) != len(theirs):
        return False
    return not ours or bool(np.abs(np.subtract(ours, theirs)).max() < NEAR)


class Ticks:
    """The frame of a panel: the drawn numbers and names, and which pixel they stand at."""

    def __init__(self, plot: Drawn, panel: Any, type_size: float) -> None:
        frame = [one for one in plot["texts"] if one["where"] == "frame" and one["seen"]]
        ticks = [one for one in frame if "tick" in one["kinds"]]
        lines = [one for one in plot["shapes"] if one["kind"] in ("grid", "zero") and one["seen"]]
        self.heights = [float(re.findall(r",(-?[\d.]+)H", one["d"])[0]) for one in lines]
        left, right = (float(x) for x in re.findall(r"M([\d.]+),.*H([\d.]+)", lines[0]["d"])[0])
        self.left, self.right = left, right
        self.numbers = [one for one in ticks if one["x"] < left - 1]
        self.names = {one["text"]: one["x"] for one in ticks if one["x"] >= left - 1}
        self.zeros = [
            h for h, one in zip(self.heights, lines, strict=True) if one["kind"] == "zero"
        ]
        self.type, self.panel = type_size, panel
        axes = [one for one in frame if "axis" in one["kinds"]]
        self.titles = [one["text"] for one in axes]
        wide, high = plot["size"]
        self.outside = [
            one["text"] for one in axes if not (0 < one["x"] < wide and 0 < one["y"] < high)
        ]
        self.parts = 100 if panel.form in ("percent", "points") else 1

    def faults(self) -> Iterator[str]:
        unit = {"percent": " (%)", "points": " (points)"}.get(self.panel.form, "")
        if self.panel.y_label + unit not in self.titles:
            yield f"the name of the y axis: {self.titles}"
        if self.outside:
            yield f"names of axes outside: {self.outside}"
        if len(self.numbers) != len(self.heights) or len(self.numbers) < 2:
            yield "a line without its number"
            return
        if self.y(self.panel.y[-1]) > self.y(self.panel.y[0]):
            yield "more is lower"
        for one, height in zip(self.numbers, self.heights, strict=True):
            if abs(one["y"] - 0.35 * self.type - height) > NEAR:
                yield f"the number {one['text']} does not stand at its line"
            value = float(one["text"]) / self.parts
            if abs(self.y(value) - height) > NEAR + 0.5 * abs(self.y(0.5 / self.parts) - self.y(0)):
                yield f"the axis is not even at {one['text']}"
            if (value == 0) != (height in self.zeros):
                yield f"the line of zero at {one['text']}"

    def y(self, value: float) -> float:
        """Return the pixel of a value, by the first and the last drawn number."""
        values = [float(self.numbers[i]["text"]) / self.parts for i in (0, -1)]
        share = (value - values[0]) / (values[1] - values[0])
        return self.heights[0] + share * (self.heights[-1] - self.heights[0])

    def x(self) -> Callable[[Any], float]:
        """Return the pixel of a place on x: a name's own, or by the first and last drawn number."""
        if self.panel.named:
            return lambda name: self.names[str(name)]
        known = sorted((float(text), x) for text, x in self.names.items())
        (v0, x0), (v1, x1) = known[0], known[-1]
        at: Callable[[float], float] = np.log if self.panel.log else float
        return lambda value: x0 + (at(value) - at(v0)) / (at(v1) - at(v0)) * (x1 - x0)


def plot_faults(plot: Drawn, panel: Any, chart: Any, type_size: float) -> Iterator[str]:
    """Yield where a drawn panel and Python's table do not agree."""
    table = chart.table()
    rows = table[table["panel"] == panel.title]
    cursor = panel.x[chart.at[panel.cursor]]
    if plot["title"] != panel.title:
        yield "its title"
    if plot["label"] != chart._panel_text(panel, chart.at[panel.cursor]):
        yield "its words for those who do not see it"
    ticks = Ticks(plot, panel, type_size)
    yield from ticks.faults()
    named = list(dict.fromkeys(rows["at"]))
    if panel.named and [*ticks.names] != [str(name) for name in named]:
        yield f"the names {[*ticks.names]}, not {named}"
        return
    if not panel.named and not {*ticks.names} <= {str(x) for x in panel.x}:
        yield f"the numbers along x: {[*ticks.names]}"
    if not panel.named and (len(ticks.names) < 2 or panel.x_label not in ticks.titles):
        yield "the x axis"
        return
    shapes = [
        one
        for one in plot["shapes"]
        if one["kind"]
        not in ("grid", "zero", "live", "cursor", "between", "turn", "sketch", "handle")
    ]
    if len(shapes) != 4 * len(panel.series):
        yield f"{len(shapes)} shapes for {len(panel.series)} lines"
        return
    places: list[Points] = []
    for s, series in enumerate(panel.series):
        parts = {one["kind"]: one for one in shapes[4 * s : 4 * s + 4]}
        mine = rows[rows["line"] == series.label]
        for fault in line_faults(parts, series, mine, ticks, panel):
            yield f"{series.label}: {fault}"
        places.append(points(parts["mark"]["d"]))
        values = chart._pick(panel, panel.cube)[s, panel.x.index(cursor)]
        ends = [
            FORMS[panel.form](line["y"][-1])
            for line in chart.live
            if line.get("panel") == panel.id and line.get("series") == series.id
        ]
        readout = ends[0] if ends else told(values, panel.form)
        for fault in key_faults(plot["keys"], s, series, readout):
            yield f"{series.label}: {fault}"
        yield from ring_faults(parts, mine[mine["at"] == cursor], mine)
    yield from cursor_faults(plot, ticks, cursor, rows)
    yield from arrow_faults(plot, rows, panel)
    yield from clip_faults(plot, ticks, panel)
    xs = sorted(x for line in places for x, _ in line)
    if panel.named and np.diff(xs).min(initial=np.inf) < 0.5 * type_size:
        yield "marks of two lines over each other"


def line_faults(
    parts: Drawn, series: Any, rows: pd.DataFrame, ticks: Ticks, panel: Any
) -> Iterator[str]:
    """Yield faults of one line: marks, band or whiskers, the line between the marks, its look."""
    x = ticks.x()
    marks = points(parts["mark"]["d"])
    if len(marks) != len(rows):
        yield f"{len(marks)} marks, not {len(rows)}"
        return
    wide = 1.3 * ticks.type if panel.named else NEAR
    for (px, py), at, mean in zip(marks, rows["at"], rows["mean"], strict=True):
        if abs(px - x(at)) > wide or abs(py - ticks.y(mean)) > NEAR:
            yield f"the mark at {at}"
    bounded = rows["ci_low"].notna().to_numpy()
    inner = [place for place, keep in zip(marks, bounded, strict=True) if keep]
    low = [(px, ticks.y(v)) for (px, _), v in zip(inner, rows["ci_low"][bounded], strict=True)]
    high = [(px, ticks.y(v)) for (px, _), v in zip(inner, rows["ci_high"][bounded], strict=True)]
    if panel.named:
        drawn = re.findall(r"M(-?[\d.e-]+),(-?[\d.e-]+)V(-?[\d.e-]+)", parts["whisker"]["d"])
        ends = [(float(a), float(b), float(c)) for a, b, c in drawn]
        ours = [(a, b) for a, b, _ in ends] + [(a, c) for a, _, c in ends]
        if not near(ours, low + high):
            yield "the whiskers"
    elif not near(points(parts["band"]["d"]), high + low[::-1]):
        yield "the band"
    if not panel.named and pieces(parts["line"]["d"]) != runs(rows["at"], panel.x):
        yield "the line's gaps"
    if not panel.named and not near(points(parts["line"]["d"]), marks):
        yield "the line"
    yield from look_faults(parts, series, len(rows), bool(bounded.any()))


def look_faults(parts: Drawn, series: Any, marks: int, bounded: bool) -> Iterator[str]:
    look, ink = series.look, ImageColor.getrgb(series.look.colour)
    mark, line = parts["mark"], parts["line"]
    if marks and not (mark["seen"] and colour(mark["fill"]) == ink):
        yield "the colour of marks"
    if marks and outline(mark["d"]) != wanted_outline(look.marker):
        yield f"the shape of marks, {outline(mark['d'])}"
    if line["d"] and not (line["seen"] and colour(line["stroke"]) == ink and line["width"] >= 1):
        yield "the look of the line"
    if dashes(line["dash"]) != list(look.dash):
        yield "the dashes of the line"
    for name, side in (("band", "fill"), ("whisker", "stroke")):
        here = parts.get(name)
        if bounded and here and not (here["seen"] and colour(here[side]) == ink):
            yield f"the look of the {name}"


def dashes(text: str) -> list[int]:
    return [int(float(part)) for part in re.findall(r"[\d.]+", text)]


def pieces(d: str) -> list[int]:
    """Return how many points each piece of a line has."""
    return [1 + part.count("L") for part in d.split("M")[1:]]


def runs(at: pd.Series, x: tuple[Any, ...]) -> list[int]:
    """Return the lengths of pieces between what was not run."""
    text = "".join("x" if place in set(at) else " " for place in x)
    return [len(part) for part in text.split()]


def key_faults(keys: list[Drawn], s: int, series: Any, readout: str) -> Iterator[str]:
    """Yield faults of one entry of the legend."""
    if len(keys) <= s or keys[s]["name"].strip() != series.label:
        yield "its name in the legend"
        return
    key, ink = keys[s], ImageColor.getrgb(series.look.colour)
    if key["readout"] != readout:
        yield f"its number in the legend: {key['readout']}, not {readout}"
    line, mark = key["shapes"]
    if colour(line["stroke"]) != ink or dashes(line["dash"]) != list(series.look.dash):
        yield "its line in the legend"
    if colour(mark["fill"]) != ink or outline(mark["d"]) != wanted_outline(series.look.marker):
        yield "its mark in the legend"


def ring_faults(parts: Drawn, here: pd.DataFrame, rows: pd.DataFrame) -> Iterator[str]:
    """Yield faults of the ring around the mark under the cursor."""
    drawn = points(parts["ring"]["d"])
    marks = points(parts["mark"]["d"])
    want = [m for m, at in zip(marks, rows["at"], strict=False) if at in set(here["at"])]
    if not near(drawn, want) or (want and not parts["ring"]["seen"]):
        yield "the ring at the cursor"


def cursor_faults(plot: Drawn, ticks: Ticks, cursor: Any, rows: pd.DataFrame) -> Iterator[str]:
    [line] = (one for one in plot["shapes"] if one["kind"] == "cursor")
    wanted = not ticks.panel.named or cursor in set(rows["at"])
    found = re.findall(r"M(-?[\d.]+),(-?[\d.]+)V(-?[\d.]+)", line["d"])
    if bool(found) != wanted:
        yield "the cursor is there, or is not"
    elif found:
        px, top, bottom = map(float, found[0])
        ends = [min(ticks.heights), max(ticks.heights)]
        if abs(px - ticks.x()(cursor)) > NEAR or not near([(top, bottom)], [(ends[0], ends[1])]):
            yield "the place of the cursor"
        if not line["seen"]:
            yield "the cursor is not seen"


def arrow_faults(plot: Drawn, rows: pd.DataFrame, panel: Any) -> Iterator[str]:
    """Yield faults of the arrows where a mean leaves the axis, and of anything else over it."""
    over = [one for one in plot["texts"] if one["where"] == "over" and one["seen"]]
    drawn = sorted((one["text"], round(one["x"])) for one in over)
    far = 0.02 * (panel.y[-1] - panel.y[0])
    bare = BARE[panel.form]
    shapes = [one for one in plot["shapes"] if one["kind"] == "mark"]
    gone = []
    for series, shape in zip(panel.series, shapes, strict=True):
        mine = rows[rows["line"] == series.label]
        for (px, _), row in zip(points(shape["d"]), mine.itertuples(), strict=False):
            if row.mean > panel.y[-1] + far or row.mean < panel.y[0] - far:
                sign = "↑" if row.mean > panel.y[-1] else "↓"
                gone.append((f"{sign}{bare(row.mean)}", round(px)))
    if drawn != sorted(gone):
        yield f"arrows {drawn}, not {sorted(gone)}"


def clip_faults(plot: Drawn, ticks: Ticks, panel: Any) -> Iterator[str]:
    """Yield a fault where the clip, which hides what leaves the axes, is not the frame's own."""
    if plot["clip"] is None:
        yield "another chart's clip"
        return
    x, y, width, height = plot["clip"]
    frame = [ticks.left, min(ticks.heights), ticks.right, max(ticks.heights)]
    beyond = [frame[0] - x, frame[1] - y, x + width - frame[2], y + height - frame[3]]
    if not all(0 < side < 1.5 * ticks.type for side in beyond):
        yield "the clip is not the frame"
