"""The one writer of whole HTML pages: report, charts and kit are templates over one skeleton.

Whatever a template is given is escaped; what is HTML already comes as markupsafe's `Markup`. The
skeleton asks browsers to refuse scripts and anything from outside; a page that needs scripts says
so itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tlteach.base.whole import atomic_write

PAGES = Path(__file__).parent / "pages"


def render(
    template: str,
    folder: Path,
    *,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    **known: Any,
) -> str:
    """Return a page from its template; every text in it is escaped.

    Parameters
    ----------
    template : str
        The file's name without ``.html.j2``.
    folder : Path
        Where it lies; what it extends may lie beside it, or be the skeleton.
    filters : mapping of str to callable, optional
        What a template may send its texts through, beside the filters of Jinja2.
    **known
        Its names. One that is missing is an error, not an empty place.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> _ = (place / "a.html.j2").write_text(
    ...     '{% extends "skeleton.html.j2" %}{% block body %}<p>{{ name }}</p>{% endblock %}'
    ... )
    >>> page = render("a", place, name="<script>")
    >>> "<p>&lt;script&gt;</p>" in page, page.splitlines()[0]
    (True, '<!DOCTYPE html>')
    """
    environment = Environment(
        loader=FileSystemLoader([folder, PAGES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= filters or {}
    return environment.get_template(f"{template}.html.j2").render(**known)


def save(page: str, path: str | Path) -> Path:
    """Write a page; the old file stays whole until the new one is complete.

    Examples
    --------
    >>> import tempfile
    >>> save("<p>ä</p>", Path(tempfile.mkdtemp()) / "a.html").read_text(encoding="utf-8")
    '<p>ä</p>'
    """
    path = Path(path).expanduser()
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path
