"""A whole chart as drawn in a browser, against what Python says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from tests.helpers.clouds import cloud_faults
from tests.helpers.dumbbells import dumbbell_faults
from tests.helpers.plotted import Drawn, Ticks, near, plot_faults, points
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
    return [chart.at[c.id] for c in chart._spec.controls if c.kind != "none"]


def states(chart: Any) -> Iterator[str]:
    """Yield state texts: presets, then each control at its ends and middle, from the start."""
    start = chart.state
    yield start
    yield from chart._spec.presets.values()
    for control in [c for c in chart._spec.controls if c.kind != "none"]:
        values = control.values
        for place in sorted({0, len(values) // 2, len(values) - 1}):
            yield f"{start};{control.id}={values[place]}"


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
        ("facts", drawn["facts"], open_facts(chart)),
        ("controls", drawn["controls"], [control(chart, c) for c in turned_now(chart)]),
    ):
        if ours != theirs:
            yield f"{name}: {ours}, not {theirs}"
    if drawn["table"]:
        yield from table_faults(drawn["table"], chart)
    for plot, panel in zip(drawn["plots"], spec.panels, strict=True):
        if not panel.fold and plot["seen"] != (panel in spec.shown(chart.at)):
            yield f"{panel.title}: it is there, or is not"
        elif plot["seen"]:
            for fault in panel_faults(plot, panel, chart, drawn["type"]):
                yield f"{panel.title}: {fault}"
    for shown, cloud in zip(drawn["clouds"], spec.clouds, strict=True):
        yield from cloud_faults(shown, cloud, chart)
    yield from look_faults(drawn["looks"], chart.looks)
    for shown, strip in zip(drawn["strips"], spec.strips, strict=True):
        yield from strip_faults(shown, strip, chart)


def open_facts(chart: Any) -> list[list[str]]:
    """Return the facts that stand beside the chart, not folded and not in its one sentence."""
    spec = chart._spec
    facts = [fact for fact in spec.facts if not fact.fold and fact.id != spec.headline]
    return [[fact.label, chart._fact_text(fact)] for fact in facts]


def turned_now(chart: Any) -> list[Any]:
    idle = chart._spec.idle(chart.at)
    return [c for c in chart._spec.controls if c.kind != "none" and c.id not in idle]


def panel_faults(plot: Drawn, panel: Any, chart: Any, type_size: float) -> Iterator[str]:
    if panel.drawn == "dumbbell":
        yield from dumbbell_faults(plot, panel, chart)
        return
    yield from plot_faults(plot, panel, chart, type_size)
    yield from live_faults(plot, panel, chart, Ticks(plot, panel, type_size))


def preset_names(spec: Any) -> list[str]:
    return [f"{i} {name}" for i, name in enumerate(spec.presets, start=1)]


def sentence(chart: Any) -> str:
    """Return the one sentence: its fact's, or the first panel at the cursor, without intervals."""
    spec = chart._spec
    live = [item["say"] for item in chart.live if "say" in item]
    if live:
        return f"{live[0]}."
    for fact in spec.facts:
        if fact.id == spec.headline:
            said = chart._fact_text(fact)
            grey = "This was not run: choose what is not grey."
            return grey if said == "not run" else f"{said[0].upper()}{said[1:]}."
    [panel, *_] = spec.shown(chart.at)
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
    """Return whether a panel has any number with a control at a place, or else the headline."""
    at, spec = chart.at | {name: place}, chart._spec
    asks = [p for p in spec.shown(at) if name in p.by or p.cursor == name]
    told = asks + [p for p in spec.shown(at) if p.when and p.when[0] == name and p not in asks]
    for fact in spec.facts if not told else ():
        if fact.id == spec.headline and name in fact.by:
            return not np.isnan(fact.cube[tuple(at[by] for by in fact.by)])
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


def live_faults(plot: Drawn, panel: Any, chart: Any, ticks: Ticks) -> Iterator[str]:
    """Yield faults of what a kernel added: curves, the gap between them, marks on the axis."""
    mine = [line for line in chart.live if line.get("panel") == panel.id]
    drawn = [one for one in plot["shapes"] if one["kind"] == "live"]
    x = ticks.x()
    for one, line in zip(drawn, sorted(mine, key=lambda line: "series" in line), strict=True):
        wanted = [(x(a), ticks.y(b)) for a, b in zip(line["x"], line["y"], strict=True)]
        if not near(points(one["d"]), wanted) or not one["seen"]:
            yield f"the live line {line.get('series', 'of an earlier training')}"
    sides = {line["series"]: line for line in mine if "series" in line}
    texts = [one["text"] for one in plot["texts"] if one["where"] == "live" and one["seen"]]
    marks = [item for item in chart.live if "mark" in item]
    wanted_texts = [mark["label"] for mark in marks]
    if len(sides) == 2:
        far = abs(sides["train"]["y"][-1] - sides["val"]["y"][-1])
        form = "points" if panel.form == "percent" else panel.form
        wanted_texts.insert(0, f"gap {FORMS[form](far).lstrip('+')}")
        [area] = (one for one in plot["shapes"] if one["kind"] == "between")
        ends = [points(one["d"]) for one in drawn[-2:]]
        if not area["seen"] or not near(points(area["d"]), ends[0] + ends[1][::-1]):
            yield "the gap between the lines"
    if texts != wanted_texts:
        yield f"the words of live marks: {texts}, not {wanted_texts}"
    turns = [one["d"] for one in plot["shapes"] if one["kind"] == "turn"]
    places = [points(d)[0][0] for d in turns]
    first = panel.x[0]
    if not np.allclose(places, [x(max(m["mark"], first)) for m in marks], atol=0.75):
        yield "the place of a live mark"


def look_faults(drawn: list[Any], groups: list[Any]) -> Iterator[str]:
    """Yield faults of images that a kernel looks at: what was said of them, and their losses."""
    if [one["title"] for one in drawn] != [group["title"] for group in groups]:
        yield "the titles of the images looked at"
        return
    for one, group in zip(drawn, groups, strict=True):
        for cell, tile in zip(one["tiles"], group["tiles"], strict=True):
            right = tile["said"] == tile["is"]
            wanted = {
                "src": tile["src"],
                "alt": f"{tile['is']}, called {tile['said']}, loss {tile['loss']:.3f}",
                "said": f"{'✓' if right else '✗'} {tile['said']}",
                "red": not right,
                "under": f"{tile['is']}: {tile['loss']:.2f}",
            }
            if wanted != {name: cell[name] for name in wanted}:
                yield f"an image looked at: {cell['alt']}"
            if abs(cell["bar"] - min(1, tile["loss"] / 3)) > 0.02:
                yield f"the bar of {cell['alt']}: {cell['bar']:.2f}"


def strip_faults(drawn: Drawn, strip: Any, chart: Any) -> Iterator[str]:
    """Yield faults of a row of images: which are shown, what stands under them."""
    tiles = chart._pick(strip, strip.tiles)
    if np.isnan(tiles).all():
        if drawn["title"]:
            yield f"{strip.title}: its name without an image"
        return
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
        word = strip.words[int(said)]
        if strip.truth is None:
            lines.append((word, True))
            heard.append(f"{who}: {word}")
            continue
        right = said == chart._pick(strip, strip.truth)[i]
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
