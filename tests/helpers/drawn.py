"""A whole chart as drawn in a browser, against what Python says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from tests.helpers.plotted import Drawn, Ticks, near, pieces, plot_faults, points
from tlteach.widgets._words import BARE, FORMS

READ = (Path(__file__).parent / "drawn.js").read_text()
HEAD = ["panel", "line", "at", "mean", "low", "high", "seeds", "verdict"]
RED = ("rgb(179, 38, 30)", "rgb(255, 180, 171)")  # of a wrong answer, on light and on dark paper


def read(page: Page, jobs: Sequence[tuple[int, list[int] | None]]) -> list[Drawn]:
    """Return what is drawn of charts of a page, each moved to places or left as it stands."""
    found: list[Drawn] = page.evaluate(READ, [list(job) for job in jobs])
    return found


def places(chart: Any) -> list[int]:
    """Return where each control stands."""
    return [chart.at[control.id] for control in chart._spec.controls]


def states(chart: Any) -> Iterator[str]:
    """Yield state texts: the presets, then each control at both ends and in the middle."""
    yield chart.state
    yield from chart._spec.presets.values()
    for control in chart._spec.controls:
        values = control.values
        for place in sorted({0, len(values) // 2, len(values) - 1}):
            yield f"{control.id}={values[place]}"


def page_faults(page: Page, charts: Sequence[Any]) -> Iterator[str]:
    """Turn every chart of a page through its states; yield where browser and Python differ."""
    for number, chart in enumerate(charts):
        start = chart.state
        try:
            for drawn, state in zip(*turned(page, number, chart), strict=True):
                chart.state = state
                for fault in faults(drawn, chart):
                    yield f"{chart._spec.title}, {state}: {fault}"
        finally:
            chart.state = start


def turned(page: Page, number: int, chart: Any) -> tuple[list[Drawn], list[str]]:
    """Return what is drawn of a chart in each of its states, and the states."""
    jobs, told = [], []
    for state in states(chart):
        chart.state = state
        jobs.append((number, places(chart)))
        told.append(chart.state)
    return read(page, jobs), told


def faults(drawn: Drawn, chart: Any) -> Iterator[str]:
    """Yield where what is drawn of a chart is not what Python says of it."""
    spec = chart._spec
    for name, ours, theirs in (
        ("title", drawn["title"], spec.title),
        ("lead", drawn["lead"], spec.lead),
        ("what is said", drawn["say"], chart.describe()),
        ("the sentence", drawn["now"], sentence(chart)),
        ("footer", drawn["foot"], list(spec.footer)),
        ("presets", drawn["buttons"][: len(spec.presets)], preset_names(spec)),
        ("facts", drawn["facts"], [[f.label, chart._fact_text(f)] for f in spec.facts]),
        ("controls", drawn["controls"], [control(chart, c) for c in spec.controls]),
    ):
        if ours != theirs:
            yield f"{name}: {ours}, not {theirs}"
    if drawn["table"]:
        yield from table_faults(drawn["table"], chart)
    for plot, panel in zip(drawn["plots"], spec.panels, strict=True):
        for fault in plot_faults(plot, panel, chart, drawn["type"]):
            yield f"{panel.title}: {fault}"
        mine = [line for line in chart.live if line["panel"] == panel.id]
        yield from live_faults(plot, mine, Ticks(plot, panel, drawn["type"]))
    for shown, strip in zip(drawn["strips"], spec.strips, strict=True):
        yield from strip_faults(shown, strip, chart)


def preset_names(spec: Any) -> list[str]:
    return [f"{i} {name}" for i, name in enumerate(spec.presets, start=1)]


def sentence(chart: Any) -> str:
    """Return the sentence beside the chart: the first panel at the cursor, without intervals."""
    panel = chart._spec.panels[0]
    x = panel.x[chart.at[panel.cursor]]
    table = chart.table()
    rows = table[(table["panel"] == panel.title) & (table["at"] == x)]
    said = [
        f"{row.line} {FORMS[panel.form](row.mean)}{row.verdict and f', {row.verdict}'}"
        for row in rows.itertuples()
    ]
    return f"{panel.x_label} {x}: {'; '.join(said) or 'not run'}."


def control(chart: Any, control: Any) -> Drawn:
    """Return how an input has to look."""
    place = chart.at[control.id]
    names = [
        (f"{text}{'' if was_run(chart, control.id, i) else ' (not run)'}")
        for i, text in enumerate(control.labels)
    ]
    known = {"label": control.label, "place": place, "last": len(names) - 1}
    if control.kind == "range":
        return known | {"text": names[place], "said": names[place], "options": []}
    options = [[name, name.endswith(" (not run)")] for name in names]
    return known | {"text": "", "said": None, "options": options}


def was_run(chart: Any, name: str, place: int) -> bool:
    """Return whether a panel has any number with a control at a place."""
    at = chart.at | {name: place}
    told = [p for p in chart._spec.panels if name in p.by or p.cursor == name]
    blocks = [p.cube[tuple(at[by] for by in p.by)][..., 0] for p in told]
    parts = [
        block[:, place] if panel.cursor == name else block
        for panel, block in zip(told, blocks, strict=True)
    ]
    return not told or any(not np.isnan(part).all() for part in parts)


def table_faults(rows: list[list[str]], chart: Any) -> Iterator[str]:
    """Yield where the table below a chart is not that of Python."""
    forms = {panel.title: panel.form for panel in chart._spec.panels}
    wanted = [HEAD]
    for row in chart.table().itertuples():
        bare = BARE[forms[row.panel]]
        numbers = [bare(n) if np.isfinite(n) else "" for n in (row.mean, row.ci_low, row.ci_high)]
        wanted.append([row.panel, row.line, str(row.at), *numbers, str(row.n_seeds), row.verdict])
    if rows != wanted:
        yield "the table"


def live_faults(plot: Drawn, lines: list[Any], ticks: Ticks) -> Iterator[str]:
    """Yield faults of lines that a kernel added: their points, their names at their ends."""
    drawn = [one for one in plot["shapes"] if one["kind"] == "live"]
    names = [one for one in plot["texts"] if one["where"] == "live" and one["seen"]]
    if len(drawn) != len(lines) or [one["text"] for one in names] != [n["label"] for n in lines]:
        yield "the live lines and their names"
        return
    if len({one["dash"] for one in drawn[:3]}) < min(3, len(drawn)):
        yield "two live lines look the same"
    for one, name, line in zip(drawn, names, lines, strict=True):
        x = ticks.x()
        wanted = [(x(a), ticks.y(b)) for a, b in zip(line["x"], line["y"], strict=True)]
        if not near(points(one["d"]), wanted) or len(pieces(one["d"])) != 1 or not one["seen"]:
            yield f"the live line {line['label']}"
        end = wanted[-1]
        if not (-1 <= end[0] - name["x"] < 8 and abs(name["y"] - end[1]) < 1.5 * ticks.type):
            yield f"the name of the live line {line['label']}"


def strip_faults(drawn: Drawn, strip: Any, chart: Any) -> Iterator[str]:
    """Yield faults of a row of images: which are shown, what stands under them."""
    tiles = chart._pick(strip, strip.tiles)
    if drawn["title"] != strip.title or drawn["who"] != list(strip.answers):
        yield f"{strip.title}: who answers"
    for i, (tile, number) in enumerate(zip(drawn["tiles"], tiles, strict=True)):
        if tile["seen"] == bool(np.isnan(number)):
            yield f"{strip.title}: image {i} is there, or is not"
        elif tile["seen"]:
            for fault in tile_faults(tile, strip, chart, i, int(number)):
                yield f"{strip.title}: image {i}: {fault}"


def tile_faults(tile: Drawn, strip: Any, chart: Any, i: int, number: int) -> Iterator[str]:
    if tile["picture"] != strip.picture or drawn_number(tile, strip) != number:
        yield f"the picture, {drawn_number(tile, strip)} of {number}"
    under = ""
    if strip.form:
        under = f"{strip.says} {FORMS[strip.form](float(chart._pick(strip, strip.values)[i]))}"
    if tile["under"] != under:
        yield f"{tile['under']!r} under it, not {under!r}"
    lines, heard = [], []
    for who, codes in strip.answers.items():
        said = chart._pick(strip, codes)[i]
        if np.isnan(said):
            continue
        right = said == chart._pick(strip, strip.truth)[i]
        word = strip.words[int(said)]
        lines.append((f"{'✓' if right else '✗'} {word}", right))
        heard.append(f"{who}: {word}, {'right' if right else 'wrong'}")
    ours = [(line["text"], line["colour"] not in RED) for line in tile["said"]]
    if ours != lines:
        yield f"answers {ours}, not {lines}"
    name = strip.names[number] if strip.names else strip.title
    if tile["label"] != ", ".join(filter(None, [name, under, *heard])):
        yield f"its words: {tile['label']}"


def drawn_number(tile: Drawn, strip: Any) -> int:
    """Return which tile of the picture is in sight, by its size and place in per cent."""
    wide, tall = numbers(tile["size"])
    across, down = numbers(tile["place"])
    if (round(wide / 100), round(tall / 100)) != (strip.columns, strip.lines):
        return -1
    column = round(across / 100 * (strip.columns - 1))
    return column + strip.columns * round(down / 100 * (strip.lines - 1))


def numbers(text: str) -> Iterable[float]:
    return map(float, re.findall(r"-?[\d.]+", text))
