"""Charts as one HTML file that opens without a kernel, a server or a network."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from tlteach.base.page import render, save
from tlteach.widgets._alone import mount, section
from tlteach.widgets._bundle import script, style
from tlteach.widgets._chart import Chart

STATIC = Path(__file__).parent / "static"


def write_page(charts: Sequence[Chart], path: str | Path, *, title: str = "Charts") -> Path:
    """Write charts into one HTML file: the same front end, with its data inside.

    Parameters
    ----------
    charts : sequence of Chart
    path : str or Path
        Where to write.
    title : str, default "Charts"
        The page's heading.

    Returns
    -------
    Path
        The file.
    """
    sections = "\n".join(
        # the place for an id: the same charts give the same bytes
        section(chart.known() | {"page": True, "still": str(place)})
        for place, chart in enumerate(charts)
    )
    page = render(
        "charts",
        STATIC,
        title=title,
        css=Markup(style()),
        mount=Markup(mount()),
        charts=Markup(sections),
    )
    return save(page, path)


def write_parts(charts: Mapping[str, Chart], folder: str | Path) -> list[Path]:
    """Write what a course site embeds: the front end as one module, and each chart's data.

    MyST takes them by its directive: ``{anywidget} charts.mjs`` with ``:css: charts.css`` and
    the text of a chart's JSON file as its body.

    Parameters
    ----------
    charts : mapping of str to Chart
    folder : str or Path
        Where to write ``charts.mjs``, ``charts.css`` and a JSON file for each chart.

    Returns
    -------
    list of Path
        The files.
    """
    texts = {"charts.mjs": script(), "charts.css": style()}
    for name, chart in charts.items():
        known = chart.known() | {"still": name}
        cube = base64.b64encode(known["cube"]).decode()
        texts[f"{name}.json"] = json.dumps(known | {"cube": cube})
    return [save(text, Path(folder) / name) for name, text in texts.items()]


def frame_line(path: str | Path, title: str) -> str:
    """Return the line of HTML that shows a page inside another.

    Examples
    --------
    >>> frame_line("three_ways.html", "Three ways")
    '<iframe src="three_ways.html" title="Three ways" width="100%" height="760"></iframe>'
    """
    source, name = (html.escape(str(text), quote=True) for text in (path, title))
    return f'<iframe src="{source}" title="{name}" width="100%" height="760"></iframe>'
