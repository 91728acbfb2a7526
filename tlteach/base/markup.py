"""Small HTML: what a notebook shows of an object in place of its text.

No script and nothing from outside. Ink and ground are those of the page around it, so that it reads
in a light and in a dark one. Headings are left out: they would enter a notebook's outline.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from numbers import Number

MARK = "#2a85c0"  # drawn things: seen on white (4:1) and on black (5:1) alike
VOID = ("img", "line", "circle", "polyline")
# MathJax would set what stands between two dollars as a formula; these words keep it away.
CLASSES = "tlt-shown tex2jax_ignore mathjax_ignore"
# Named twice, since JupyterLab's own rules for tables are as strong as one name and a tag.
STYLE = """<style>
.tlt-shown { max-width: 60rem; line-height: 1.4 }
.tlt-shown.tlt-shown table { border-collapse: collapse; table-layout: auto; margin: 0 0 .7em;
 font-size: inherit }
.tlt-shown.tlt-shown caption { caption-side: top; text-align: left; font-weight: bold;
 color: inherit; padding: .3em }
.tlt-shown.tlt-shown tbody th, .tlt-shown.tlt-shown td, .tlt-shown.tlt-shown thead th {
 text-align: left; vertical-align: top; padding: .2em 1em .2em .3em; color: inherit;
 border: 0 solid #8888; border-bottom-width: 1px; white-space: normal; overflow-wrap: break-word }
.tlt-shown.tlt-shown tbody th { font-weight: normal; min-width: 5em; max-width: 24em;
 overflow-wrap: anywhere }
.tlt-shown.tlt-shown td { max-width: 32em }
.tlt-shown.tlt-shown .tlt-number { text-align: right; font-variant-numeric: tabular-nums }
.tlt-shown.tlt-shown img, .tlt-shown.tlt-shown svg { display: block; margin: 0 0 .3em;
 max-width: 100% }
.tlt-shown.tlt-shown p { margin: 0 0 .5em }
</style>"""


class Html(str):
    """Text that is HTML already; all other text is escaped."""

    __slots__ = ()


def text(value: object) -> Html:
    """Return a value as HTML: escaped, whole numbers with commas, without what no page may hold.

    Examples
    --------
    >>> text("a < b"), text(12345), text(Html("<b>bold</b>"))
    ('a &lt; b', '12,345', '<b>bold</b>')
    """
    if isinstance(value, Html):
        return value
    told = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    # Control letters, and halves of letters that file names may hold, cannot be sent or saved.
    kept = (c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") else "�" for c in told)
    return Html(escape("".join(kept)))


def tag(name: str, *inside: object, **attributes: object) -> Html:
    """Return an element; everything in it is escaped unless it is `Html`.

    Parameters
    ----------
    name : str
        Such as "td".
    *inside
        Texts, numbers and elements.
    **attributes
        An underscore is a hyphen, one at the end is left out.

    Examples
    --------
    >>> tag("p", "1 < 2: ", tag("b", "yes"), class_="so", aria_label='"so"')
    '<p class="so" aria-label="&quot;so&quot;">1 &lt; 2: <b>yes</b></p>'
    """
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    # a size such as 1200 must not read "1,200"
    told = "".join(f' {key}="{text(str(value))}"' for key, value in named)
    if name in VOID:
        return Html(f"<{name}{told}/>")
    return Html(f"<{name}{told}>{''.join(map(text, inside))}</{name}>")


def shorter(value: object, most: int = 80) -> str:
    """Return a text of at most so many letters.

    Examples
    --------
    >>> shorter("a long name", 8)
    'a long …'
    """
    told = str(value)
    return told if len(told) <= most else f"{told[: most - 1]}…"


def facts(caption: object, known: Mapping[str, object]) -> Html:
    """Return a table of what is known by name; what is empty is left out.

    Examples
    --------
    >>> "seed" in facts("A run", {"regime": "frozen", "seed": ""})
    False
    """
    rows = [(name, text(value)) for name, value in known.items() if value not in ("", None)]
    return table(caption, (), rows)


def table(caption: object, heads: Sequence[object], *groups: Iterable[Sequence[object]]) -> Html:
    """Return a table whose first column heads its rows; numbers stand at the right.

    Parameters
    ----------
    caption : str or Html
        What it holds; it stands in for a heading.
    heads : sequence of str
        Names of the columns; none for two columns that need no name.
    *groups : iterable of sequence
        Rows. A row of one cell heads those that follow it in its group.

    Examples
    --------
    >>> table("Shares", ["of", "share"], [("train", 5)]).count('scope="col"')
    2
    """
    parts = [tag("caption", caption)]
    bodies = [[*rows] for rows in groups]
    first: Sequence[object] = next((r for rows in bodies for r in rows if len(r) > 1), ())
    wide = [isinstance(cell, Number) for cell in first]
    if heads:
        kinds = zip(heads, wide or [False] * len(heads), strict=True)
        cells = [tag("th", head, scope="col", **_kind(number)) for head, number in kinds]
        parts.append(tag("thead", tag("tr", *cells)))
    parts += [tag("tbody", *(_row(row, len(heads)) for row in rows)) for rows in bodies]
    return tag("table", *parts)


def _row(row: Sequence[object], columns: int) -> Html:
    if len(row) == 1:
        return tag("tr", tag("th", tag("b", row[0]), scope="rowgroup", colspan=columns))
    first, *others = row
    cells = [tag("td", cell, **_kind(isinstance(cell, Number))) for cell in others]
    return tag("tr", tag("th", first, scope="row"), *cells)


def _kind(number: bool) -> dict[str, str]:
    return {"class_": "tlt-number"} if number else {}


def picture(
    content: bytes, kind: str, words: str, width: int, height: int, *, enlarged: bool
) -> Html:
    """Return a picture that lies in the page itself.

    Parameters
    ----------
    content : bytes
        A file.
    kind : str
        Such as "png".
    words : str
        What it shows, for who does not see it.
    width, height : int
        Its size on the page.
    enlarged : bool
        Whether that is more than its own pixels: these stay sharp then.
    """
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    sharp = {"style": "image-rendering: pixelated"} if enlarged else {}
    return tag("img", src=source, alt=words, width=width, height=height, **sharp)


def drawing(title: str, words: str, width: int, height: int, *marks: Html) -> Html:
    """Return lines and letters as a picture, with a name and a description for screen readers.

    Parameters
    ----------
    title, words : str
        What it is, and what it shows.
    width, height : int
        In pixels; marks are placed in them.
    *marks : Html
        Elements of SVG.
    """
    return tag(
        "svg", tag("title", title), tag("desc", words), *marks,
        role="img", width=width, height=height, viewBox=f"0 0 {width} {height}",
        style="font: 12px system-ui, sans-serif; overflow: visible",
    )  # fmt: skip


def letters(told: object, x: float, y: float, anchor: str = "start") -> Html:
    """Return letters of a drawing, in the ink of the page; screen readers have its description."""
    return tag(
        "text", told, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, fill="currentColor",
        aria_hidden="true",
    )  # fmt: skip


def stroke(
    *points: tuple[float, float], colour: str = "currentColor", width: float = 1, dash: str = ""
) -> Html:
    """Return a line through points of a drawing; `dash` such as "4 3" breaks it."""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    broken = {"stroke_dasharray": dash} if dash else {}
    return tag("polyline", points=places, fill="none", stroke=colour, stroke_width=width, **broken)


def shown(*parts: Html) -> str:
    """Return parts as what a notebook shows, with the few rules of style they need.

    Examples
    --------
    >>> shown(tag("p", "$x$"))[:25]
    '<div class="tlt-shown tex'
    """
    return tag("div", Html(STYLE), *parts, class_=CLASSES)
