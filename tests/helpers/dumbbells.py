"""A panel of dumbbells as drawn, against the rows of Python's table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PIL import ImageColor

NEAR = 0.75  # pixels: coordinates are written with one decimal
AREAS = {"helps": "▲ helped", "": "? cannot tell", "hurts": "▼ hurt"}
CLASSES = {"helps": "tlt-word-helps", "": "tlt-word-none", "hurts": "tlt-word-hurts"}
COLOURS = {"helps": "#0173b2", "": "#6b6b6b", "hurts": "#c44e00"}


def dumbbell_faults(plot: Any, panel: Any, chart: Any) -> Iterator[str]:
    """Yield where drawn dumbbells and Python's table do not agree."""
    table = chart.table()
    rows = [*table[table["panel"] == panel.title].itertuples()]
    cursor = panel.x[chart.at[panel.cursor]]
    if plot["title"] != panel.title:
        yield "its title"
    if plot["label"] != chart._panel_text(panel, chart.at[panel.cursor]):
        yield "its words for those who do not see it"
    x = scale(plot["ticks"])
    if abs(float(re.findall(r"M(-?[\d.]+)", plot["zero"])[0]) - x(0)) > NEAR:
        yield "the line of zero"
    by_name = {one["name"]: one for one in plot["rows"]}
    drawn = [one["name"] for one in sorted(plot["rows"], key=lambda one: one["y"])]
    if drawn != [row.at for row in rows]:
        yield f"the rows {drawn}, not {[row.at for row in rows]}"
        return
    for row in rows:
        for fault in row_faults(by_name[row.at], row, x, row.at == cursor):
            yield f"{row.at}: {fault}"
    yield from area_faults(plot, rows, by_name)


def scale(ticks: list[list[float]]) -> Callable[[float], float]:
    """Return the pixel of a gain, by the first and the last drawn number."""
    (v0, x0), (v1, x1) = ticks[0], ticks[-1]
    return lambda value: x0 + (100 * value - v0) / (v1 - v0) * (x1 - x0)


def row_faults(one: Any, row: Any, x: Callable[[float], float], chosen: bool) -> Iterator[str]:
    word = row.verdict if row.verdict in ("helps", "hurts") else ""
    if one["gain"] != f"{100 * row.mean:+.1f}":
        yield f"its number {one['gain']}"
    if one["word"] != CLASSES[word] or rgb(one["fill"]) != ImageColor.getrgb(COLOURS[word]):
        yield "its colour"
    if abs(one["to"] - x(row.mean)) > NEAR or abs(one["from"] - x(0)) > NEAR:
        yield "its dots"
    if not near(one["bar"], sorted((x(0), x(row.mean)))):
        yield "its line"
    if not near(one["reach"], (x(row.ci_low), x(row.ci_high))):
        yield "its interval"
    if one["ring"] != chosen:
        yield "the ring of the chosen source"


def near(drawn: Sequence[float], told: Sequence[float]) -> bool:
    return all(abs(one - other) <= NEAR for one, other in zip(drawn, told, strict=True))


def rgb(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def area_faults(plot: Any, rows: list[Any], by_name: Any) -> Iterator[str]:
    """Yield faults of the areas: their names, how many stand in each, whether those lie in it."""
    mine: dict[str, list[Any]] = {word: [] for word in AREAS}
    for row in rows:
        mine[row.verdict if row.verdict in ("helps", "hurts") else ""].append(row)
    words = [word for word in AREAS if word or mine[word]]
    titles = [f"{AREAS[word]}: {len(mine[word]) or 'none'}" for word in words]
    if [title for title, *_ in plot["titles"]] != titles:
        yield f"the areas {plot['titles']}, not {titles}"
        return
    first = plot["ticks"][0][1]  # the axis begins there: titles stand left of it
    for word, (_, x, y), (top, height, kind) in zip(
        words, plot["titles"], plot["areas"], strict=True
    ):
        places = [y, *(by_name[row.at]["y"] for row in mine[word])]
        inside = all(top < place < top + height for place in places) and 0 < x < first
        if kind != CLASSES[word] or not inside:
            yield f"the area {AREAS[word]}"
