"""A page in one HTML file that opens anywhere: on a phone, on paper, without a network."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlteach.base import checked
from tlteach.base.page import render, save
from tlteach.plots.words import in_words

FOLDER = Path(__file__).parent / "pages"


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
    page = render(
        "report",
        FOLDER,
        title=title,
        language=language,
        lead=lead,
        picture=None if picture is None else _picture([picture]),
        sections=[_shown(section) for section in sections],
        notes=notes,
    )
    return save(page, path)


class _Cell(NamedTuple):
    text: str
    is_number: bool


def _shown(section: Section) -> dict[str, Any]:
    """Return what the template shows of a section: figures as pictures, tables as texts."""
    drawn: dict[Figure, list[Axes]] = {}
    for ax in section.figures:  # axes side by side are one picture
        drawn.setdefault(ax.figure.canvas.figure, []).append(ax)
    return {
        "title": section.title,
        "verdicts": [*map(str, section.verdicts)],
        "paragraphs": [*map(str, section.paragraphs)],
        "figures": [_picture(axes) for axes in drawn.values()],
        "tables": [_table(table) for table in section.tables],
        "notes": section.notes,
    }


def _picture(axes: Sequence[Axes]) -> dict[str, Any]:
    words = " ".join(in_words(ax) for ax in axes)
    picture = io.BytesIO()
    # No software or date inside: the same figure gives the same bytes.
    axes[0].figure.canvas.figure.savefig(
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
    source = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    return {"words": words, "width": width, "height": height, "source": source}


def _table(table: Table) -> dict[str, Any]:
    frame = table.frame
    unknown = [name for name in table.formats if name not in frame.columns]
    if unknown:
        msg = (
            f"formats must name columns of the table, {', '.join(map(str, frame.columns))}; "
            f"got {', '.join(unknown)}"
        )
        raise ValueError(msg)
    numbers = [bool(pd.api.types.is_numeric_dtype(kind)) for kind in frame.dtypes]
    formats = [table.formats.get(str(name)) for name in frame.columns]
    return {
        "caption": table.caption,
        "heads": [*map(_Cell, map(str, frame.columns), numbers)],
        "rows": [
            [*map(_Cell, map(_text, row, formats), numbers)]
            for row in frame.itertuples(index=False, name=None)
        ],
    }


def _text(value: Any, form: str | None) -> str:
    """Return one cell; what is missing is a dash."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "\N{EN DASH}"
    if form is None and isinstance(value, float):
        form = ".3f"
    elif form is None and isinstance(value, int) and not isinstance(value, bool):
        form = ","
    return format(value, form) if form else str(value)
