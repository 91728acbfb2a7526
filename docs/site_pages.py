"""Pages out of Markdown that lies elsewhere in the repository: links lead to pages of the site."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from posixpath import normpath, relpath

ROOT = Path(__file__).resolve().parents[1]
PAGES = "docs/pages/"
LINK = re.compile(r"`[^`\n]+`|(!?)\[([^\]]*)\]\(([^)\s]+)\)")  # code is left as it is
OUTSIDE = ("http://", "https://", "mailto:", "#")
WINGS = (
    "data", "models", "training", "experiment", "measures", "analysis", "plots", "atlas",
    "widgets", "lessons", "classroom", "app", "base",
)  # fmt: skip


def sources() -> dict[str, str]:
    """Return the pages of the site that are files of the repository, by those files."""
    own = {PAGES + path.name: path.name for path in (ROOT / PAGES).glob("*.md")}
    told = {f"docs/{path.name}": path.name for path in (ROOT / "docs").glob("*.md")}
    cards = {
        f"datasets/{path.parent.name}/README.md": f"data/{path.parent.name}.md"
        for path in (ROOT / "datasets").glob("*/README.md")
    }
    others = {
        "notebooks/glossary.md": "glossary.md",
        "CHANGELOG.md": "changelog.md",
        "CONTRIBUTING.md": "contributing.md",
    }
    return own | told | cards | others


def relinked(text: str, place: str, pages: Mapping[str, str]) -> str:
    """Return Markdown whose links to files of the repository lead to pages of the site.

    Parameters
    ----------
    text : str
    place : str
        Where the text lies in the repository.
    pages : mapping of str to str
        As `sources` returns it. A link to a file that is no page keeps its words alone.

    Raises
    ------
    FileNotFoundError
        For a link to a file that does not exist.

    Examples
    --------
    >>> pages = {"docs/audit.md": "audit.md", "datasets/atlas/README.md": "data/atlas.md"}
    >>> relinked("[a](docs/audit.md#b), [c](Makefile)", "README.md", pages)
    '[a](audit.md#b), c'
    >>> relinked("[a](../../docs/audit.md)", "datasets/atlas/README.md", pages)
    '[a](../audit.md)'
    """
    here = str(Path(pages.get(place, place)).parent)

    def change(found: re.Match[str]) -> str:
        mark, words, target = found.groups()
        if target is None or mark or target.startswith(OUTSIDE):
            return found[0]
        path, _, anchor = target.partition("#")
        meant = normpath(str(Path(place).parent / path))
        if meant in pages:
            return f"[{words}]({relpath(pages[meant], here)}{'#' + anchor if anchor else ''})"
        if not (ROOT / meant).exists():
            msg = f"{place} links to {target}, which does not exist"
            raise FileNotFoundError(msg)
        return words

    return LINK.sub(change, text)


def public(wing: str) -> tuple[list[str], list[str]]:
    """Return the public names of a wing: those with a docstring of their own, and values."""
    module = importlib.import_module(f"tlteach.{wing}")
    held = {name: getattr(module, name) for name in sorted(module.__all__, key=str.lower)}
    names = [name for name, value in held.items() if not inspect.ismodule(value)]
    described = [name for name in names if callable(held[name])]
    return described, [name for name in names if name not in described]


def reference(wings: Sequence[str] = WINGS) -> Iterator[tuple[str, str]]:
    """Yield the file name and reStructuredText of each page of the API reference."""
    rows = []
    for wing in wings:
        title = f"tlteach.{wing}"
        about = inspect.getdoc(importlib.import_module(title)) or ""
        yield f"{wing}.rst", _wing(title, about, *public(wing))
        rows.append(f"   {wing}")
    listed = "\n".join(rows)
    yield "index.rst", API.format(toctree=listed)


API = """API reference
=============

``import tlteach as tlt`` loads names on first use. What you call first: `load_task`, `few_shot`,
`load_backbone`, `train`, `compare`, `verdict`, `audit`, `report`. The wings, in the order in which
a learner meets them:

.. toctree::
   :maxdepth: 1

{toctree}
"""


def _wing(title: str, about: str, described: list[str], constants: list[str]) -> str:
    lines = [title, "=" * len(title), "", about, "", f".. currentmodule:: {title}", ""]
    lines += [".. autosummary::", "   :toctree: generated", "   :nosignatures:", ""]
    lines += [f"   {name}" for name in described]
    if constants:
        lines += ["", "Values", "------", ""]
        lines += [f"``{name}``" + "\n" for name in constants]
    return "\n".join([*lines, ""])
