"""A page in one HTML file that opens anywhere: on a phone, on paper, without a network."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlteach.base import atomic_write, checked
from tlteach.plots.words import in_words

# The policy makes the promise hold: the browser itself refuses scripts and outside resources.
_PAGE = Template("""<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { --ink: #1c1c1c; --paper: #ffffff; --line: #c9c9c9; --quiet: #595959; --mark: #0173b2 }
@media (prefers-color-scheme: dark) {
 :root { --ink: #ececec; --paper: #16181c; --line: #4a4d55; --quiet: #b0b3ba; --mark: #6cb8ea }
}
body { margin: 0 auto; padding: 1rem; max-width: 60rem; font: 1.05rem/1.55 system-ui, sans-serif;
 color: var(--ink); background: var(--paper); overflow-wrap: break-word }
h1, h2, h3 { line-height: 1.25 }
header h1 { font-size: 1.1rem; color: var(--quiet) }
.lead { margin: .6rem 0 1.5rem; font-size: clamp(1.4rem, 4.5vw, 2.1rem); font-weight: 650;
 line-height: 1.25 }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1.5rem }
.verdicts { list-style: none; padding: 0 }
.verdicts li { margin: .5rem 0; padding: .3rem .9rem; border-left: .35rem solid var(--mark);
 font-size: 1.15rem; font-weight: 600 }
.notes { color: var(--quiet); font-size: .95rem }
figure { margin: 1.5rem 0 }
img { display: block; max-width: 100%; height: auto; background: #fff; border-radius: .4rem }
.wide { overflow-x: auto; margin: 1.5rem 0 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
caption { text-align: left; color: var(--quiet); padding-bottom: .4rem }
caption span { display: inline-block; position: sticky; left: 0; max-width: calc(100vw - 2rem) }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: left;
 font-weight: normal; white-space: nowrap }
thead th { font-weight: 600 }
.number { text-align: right }
@media print {
 :root { --ink: #000; --paper: #fff; --line: #999; --quiet: #333; --mark: #000 }
 body { max-width: none; padding: 0; font-size: 10pt }
 figure, tr, li { break-inside: avoid }
 h2, h3, .lead, caption { break-after: avoid }
 .wide { overflow: visible }
 th, td { padding: .15rem .4rem; white-space: normal }
}
</style>
</head>
<body>
<main>
$body
</main>
</body>
</html>
""")


@dataclass(frozen=True)
class Table:
    """A table with its caption.

    Attributes
    ----------
    frame : DataFrame
        Shown without its index; the first column heads the rows.
    caption : str
        What the table holds.
    formats : mapping of str to str
        A format for a column's numbers, such as ``{"mean": ".1%"}``; default ".3f" for floats
        and "," for whole numbers.

    Examples
    --------
    >>> frame = pd.DataFrame({"regime": ["frozen"], "mean": [0.5]})
    >>> Table(frame, "Test accuracy", {"mean": ".0%"}).caption
    'Test accuracy'
    """

    frame: pd.DataFrame
    caption: str
    formats: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """One part of a report, shown in the order of the attributes.

    Attributes
    ----------
    title : str
        The heading.
    verdicts : sequence
        Sentences that stand out; a `Verdict` is one.
    paragraphs : sequence of str
        Plain text.
    figures : sequence of Axes
        From `tlteach.plots`; `describe` gives the text for those who cannot see them. Axes of
        one matplotlib figure make one picture.
    tables : sequence of Table
        Real tables, for readers and screen readers.
    notes : sequence of str
        Licences and what else few look up; those of all sections stand together at the end.

    Examples
    --------
    >>> part = Section("Results", verdicts=["frozen helps"], paragraphs=["Five seeds."])
    >>> part.title, len(part.tables)
    ('Results', 0)
    """

    title: str
    verdicts: Sequence[object] = ()
    paragraphs: Sequence[str] = ()
    figures: Sequence[Axes] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()


@checked
def write_report(
    path: str | Path,
    sections: Iterable[Section],
    *,
    title: str = "Transfer learning report",
    lead: str = "",
    picture: Axes | None = None,
    notes: Sequence[str] = (),
    language: str = "en",
) -> Path:
    """Write one HTML file that holds everything: text, figures, tables, style.

    The old file stays whole until the new one is complete.

    Parameters
    ----------
    path : str or Path
        Where; folders are made.
    sections : iterable of Section
        In order.
    title : str
        The page's title and first heading.
    lead : str, optional
        The one sentence to remember, in large type above everything else.
    picture : Axes, optional
        The one picture beside it, from `tlteach.plots`.
    notes : sequence of str
        About the whole report; they stand at the end, before those of the sections.
    language : str, default "en"
        The language of the text, for screen readers.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    ValueError
        For a figure that is not from `tlteach.plots`, or a format for a column that is not there.

    Examples
    --------
    >>> import tempfile
    >>> frame = pd.DataFrame({"regime": ["frozen"], "mean": [0.618]})
    >>> section = Section("Result", tables=[Table(frame, "Test accuracy", {"mean": ".1%"})])
    >>> path = write_report(Path(tempfile.mkdtemp()) / "report.html", [section])
    >>> '<td class="number">61.8%</td>' in path.read_text(encoding="utf-8")
    True
    """
    sections = list(sections)
    parts = [_opening(title, lead, picture), *map(_section, sections), _notes(notes, sections)]
    body = "\n".join(part for part in parts if part)
    page = _PAGE.substitute(title=escape(title), language=escape(language), body=body)
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return Path(path)


def _opening(title: str, lead: str, picture: Axes | None) -> str:
    heading = f"<h1>{escape(title)}</h1>"
    if not lead and picture is None:
        return heading
    parts = [heading]
    parts += [f'<p class="lead">{escape(lead)}</p>'] if lead else []
    parts += [_figure(picture.figure.canvas.figure, [picture])] if picture is not None else []
    return "\n".join(["<header>", *parts, "</header>"])


def _notes(notes: Sequence[str], sections: Sequence[Section]) -> str:
    """Return what few look up, under one heading; nothing if there is none."""
    parts = [f"<p>{escape(note)}</p>" for note in notes]
    for section in sections:
        parts += [f"<h3>{escape(section.title)}</h3>"] if section.notes else []
        parts += [f"<p>{escape(note)}</p>" for note in section.notes]
    heading = '<section class="notes">\n<h2>Licences and notes</h2>'
    return "\n".join([heading, *parts, "</section>"]) if parts else ""


def _section(section: Section) -> str:
    parts = [f"<section>\n<h2>{escape(section.title)}</h2>"]
    if section.verdicts:
        items = "\n".join(f"<li>{escape(str(verdict))}</li>" for verdict in section.verdicts)
        parts.append(f'<ul class="verdicts">\n{items}\n</ul>')
    parts += [f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs]
    drawn: dict[Figure, list[Axes]] = {}
    for ax in section.figures:  # axes side by side are one picture
        drawn.setdefault(ax.figure.canvas.figure, []).append(ax)
    parts += [_figure(figure, axes) for figure, axes in drawn.items()]
    parts += [_table(table) for table in section.tables]
    return "\n".join([*parts, "</section>"])


def _figure(figure: Figure, axes: Sequence[Axes]) -> str:
    alt = escape(" ".join(in_words(ax) for ax in axes))
    picture = io.BytesIO()
    # No software or date inside: the same figure gives the same bytes.
    figure.savefig(
        picture,
        format="png",
        dpi=144,
        bbox_inches="tight",
        facecolor="white",
        metadata={"Software": None},
    )
    png = picture.getvalue()
    # Its header holds the size; shown at two thirds, so that type is equally large in all.
    width, height = (int.from_bytes(png[i : i + 4]) * 2 // 3 for i in (16, 20))
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<figure><img alt="{alt}" width="{width}" height="{height}" '
        f'src="data:image/png;base64,{data}"></figure>'
    )


def _table(table: Table) -> str:
    frame, caption = table.frame, escape(table.caption)
    unknown = [name for name in table.formats if name not in frame.columns]
    if unknown:
        msg = (
            f"formats must name columns of the table, {', '.join(map(str, frame.columns))}; "
            f"got {', '.join(unknown)}"
        )
        raise ValueError(msg)
    kinds = [' class="number"' if pd.api.types.is_numeric_dtype(t) else "" for t in frame.dtypes]
    heads = "".join(
        f'<th scope="col"{kind}>{escape(str(name))}</th>'
        for name, kind in zip(frame.columns, kinds, strict=True)
    )
    rows = "\n".join(
        _row(row, kinds, [table.formats.get(str(name)) for name in frame.columns])
        for row in frame.itertuples(index=False, name=None)
    )
    # A wide table scrolls on a phone; to be scrolled by keyboard it must take the focus.
    return (
        f'<div class="wide" role="region" aria-label="{caption}" tabindex="0">\n'
        f"<table>\n<caption><span>{caption}</span></caption>\n<thead>\n<tr>{heads}</tr>\n</thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )


def _row(values: Sequence[Any], kinds: Sequence[str], formats: Sequence[str | None]) -> str:
    cells = [
        f'<th scope="row"{kind}>{_text(value, form)}</th>'
        if i == 0
        else f"<td{kind}>{_text(value, form)}</td>"
        for i, (value, kind, form) in enumerate(zip(values, kinds, formats, strict=True))
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _text(value: Any, form: str | None) -> str:
    """Return one cell, escaped; what is missing is a dash."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "&ndash;"
    if form is None and isinstance(value, float):
        form = ".3f"
    elif form is None and isinstance(value, int) and not isinstance(value, bool):
        form = ","
    return escape(format(value, form) if form else str(value))
