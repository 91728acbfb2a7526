"""Charts as one HTML file that opens without a kernel, a server or a network."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tlteach.base import atomic_write
from tlteach.widgets._alone import mount, section
from tlteach.widgets._bundle import script, style
from tlteach.widgets._chart import Chart

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0 auto; max-width: 1240px; padding: 0 16px; font: 16px/1.4 system-ui, sans-serif;
  color: #1f2328; background: #ffffff; }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e6edf3; background: #111418;
  --jp-ui-font-color1: #e6edf3; --jp-ui-font-color2: #9ea7b3; --jp-layout-color0: #111418;
  --jp-border-color1: #3d444d; }} }}
h1 {{ font-size: 1.4em; margin: 0.3em 4px; }}
{css}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{charts}
</main>
<script type="module">{mount}
for (const el of document.querySelectorAll("section[data-chart]")) mount(el);
</script>
</body>
</html>
"""


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
    page = PAGE.format(
        title=html.escape(title),
        css=style(),
        mount=mount(),
        charts=sections,
    )
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


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
    paths = []
    for name, text in texts.items():
        paths.append(Path(folder) / name)
        with atomic_write(paths[-1]) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return paths


def frame_line(path: str | Path, title: str) -> str:
    """Return the line of HTML that shows a page inside another.

    Examples
    --------
    >>> frame_line("three_ways.html", "Three ways")
    '<iframe src="three_ways.html" title="Three ways" width="100%" height="760"></iframe>'
    """
    source, name = (html.escape(str(text), quote=True) for text in (path, title))
    return f'<iframe src="{source}" title="{name}" width="100%" height="760"></iframe>'
