"""Charts as one HTML file that opens without a kernel, a server or a network."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from tlteach.base import atomic_write
from tlteach.widgets._alone import mount, section
from tlteach.widgets._bundle import style
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
    sections = "\n".join(section(chart.known()) for chart in charts)
    page = PAGE.format(
        title=html.escape(title),
        css=style(),
        mount=mount(),
        charts=sections,
    )
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)
