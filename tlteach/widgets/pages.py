"""Charts as one HTML file that opens without a kernel, a server or a network."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from pathlib import Path

from tlteach.base import atomic_write
from tlteach.widgets._chart import STATIC, Chart

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0 auto; max-width: 760px; padding: 0 16px; font: 16px/1.4 system-ui, sans-serif;
  color: #1f2328; background: #ffffff; }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e6edf3; background: #111418;
  --jp-ui-font-color1: #e6edf3; --jp-ui-font-color2: #9ea7b3; --jp-layout-color0: #111418;
  --jp-border-color1: #3d444d; }} }}
{css}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{charts}
</main>
<script type="module">
const front = "data:text/javascript;base64,{esm}";
const {{ default: widget }} = await import(front);
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
for (const el of document.querySelectorAll("section[data-chart]")) {{
  const known = JSON.parse(el.querySelector("script").textContent);
  known.cube = new DataView(bytes(known.cube).buffer);
  const model = {{
    get: (name) => known[name],
    set: (name, value) => {{ known[name] = value; }},
    save_changes() {{}},
    on() {{}},
    off() {{}},
  }};
  widget.render({{ model, el }});
}}
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
    sections = "\n".join(_section(chart) for chart in charts)
    page = PAGE.format(
        title=html.escape(title),
        css=(STATIC / "chart.css").read_text(),
        esm=base64.b64encode((STATIC / "chart.js").read_bytes()).decode(),
        charts=sections,
    )
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def _section(chart: Chart) -> str:
    known = {name: getattr(chart, name) for name in ("spec", "state", "guess", "live", "still")}
    known["cube"] = base64.b64encode(chart.cube).decode()
    text = json.dumps(known).replace("<", "\\u003c")  # no text may end the script element
    return f'<section data-chart><script type="application/json">{text}</script></section>'
