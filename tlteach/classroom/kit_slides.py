"""Slides out of a solved notebook: figures and findings on reveal.js, everything in one file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tlteach.classroom.kit_charts import Live, live, script
from tlteach.classroom.kit_deck import Slide
from tlteach.classroom.kit_page import render
from tlteach.widgets._bundle import style

LOOK = HtmlFormatter(style="xcode", cssclass="code")
OWN_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)


def write_slides(slides: Sequence[Slide], *, title: str, reveal: Path, note: str = "") -> str:
    """Return a page of slides that opens without a network.

    One message a slide, its finding as title, with the figure of the solved run, or the chart
    itself, alive; code and long output are folded. An exercise stands as learners find it, its
    solution folded below.

    Parameters
    ----------
    slides : sequence of Slide
        From `deck`.
    title : str
    reveal : Path
        The folder with reveal.js and reveal.css.
    note : str, optional
        Where the figures come from, for the first slide.

    Returns
    -------
    str
        HTML.
    """
    folder = Path(__file__).parent / "pages"
    places = count()

    def alive(slide: Slide) -> Live | None:
        return live(slide.chart, next(places)) if slide.chart else None

    return render(
        "slides",
        title=title,
        note=note,
        parts=parts(slides),
        reveal_js=Markup((reveal / "reveal.js").read_text(encoding="utf-8")),
        reveal_css=Markup((reveal / "reveal.css").read_text(encoding="utf-8")),
        code_css=Markup(LOOK.get_style_defs(".code")),
        own_css=Markup((folder / "slides.css").read_text("utf-8")),
        chart_css=Markup(style()) if any(slide.chart for slide in slides) else "",
        chart_js=script() + Markup((folder / "slides.js").read_text("utf-8")),
        alive=alive,
        colour=_colour,
        table=table,
    )


def parts(slides: Sequence[Slide]) -> list[list[Slide]]:
    """Return slides by the part of the notebook that they belong to.

    Examples
    --------
    >>> first = [Slide("A title", first=True), Slide("It helps")]
    >>> [len(part) for part in parts([*first, Slide("Another part", first=True)])]
    [2, 1]
    """
    found: list[list[Slide]] = []
    for slide in slides:
        if slide.first or not found:
            found.append([])
        found[-1].append(slide)
    return found


def table(source: str) -> Markup:
    """Return a table of pandas without a style of its own and without empty headings.

    Examples
    --------
    >>> table("<style scoped>th {}</style><table><th></th><th>mean</th></table>")
    Markup('<table><td></td><th>mean</th></table>')
    """
    return Markup(OWN_STYLE.sub("", source).replace("<th></th>", "<td></td>").strip())


def _colour(source: str) -> Markup:
    return Markup(highlight(source, PythonLexer(), LOOK))
