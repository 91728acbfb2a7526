"""The words of the course: read from ``notebooks/glossary.md``, and linked from the notebooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tlteach.base import checked, course_folder

ENTRY = re.compile(r"^## (.+)\n\n(.+)\n\n\*Source:\* (.+)\n\Z")
TERM = re.compile(r"[a-z0-9-]+( [a-z0-9-]+)*")
LINK = re.compile(r"\]\((?:\.\./)?glossary\.md#([^)\s]+)\)")


@dataclass(frozen=True)
class Entry:
    """What the glossary says of a term.

    Attributes
    ----------
    definition : str
        Two sentences.
    source : str
        Where to read more.
    """

    definition: str
    source: str


@checked
def entries(path: str | Path | None = None) -> dict[str, Entry]:
    """Return every term with its definition and its source, in the order of the file.

    Parameters
    ----------
    path : str or Path, optional
        Default the glossary of the `course_folder`.

    Returns
    -------
    dict
        Entries by term.

    Raises
    ------
    FileNotFoundError
        Where the package lies without its course.
    ValueError
        For a term that stands twice, has no source, or would not give the same anchor in
        JupyterLab and on GitHub: the one keeps capitals, the other makes them small.

    Examples
    --------
    >>> entries()["shots"].source.startswith("Vinyals")
    True
    """
    file = Path(path) if path is not None else course_folder() / "glossary.md"
    found: dict[str, Entry] = {}
    for block in re.split(r"^(?=## )", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading = block.split("\n", 1)[0].removeprefix("## ")
        parts = ENTRY.match(block.rstrip("\n") + "\n")
        if parts is None:
            msg = (
                f"term {heading!r} must be a heading, a line of definition and a line that "
                f"starts with *Source:*; got {block.strip()!r}"
            )
            raise ValueError(msg)
        if not TERM.fullmatch(heading):
            msg = (
                f"a term must be small letters, digits, hyphens and single spaces; got {heading!r}"
            )
            raise ValueError(msg)
        if heading in found:
            msg = f"every term must stand once; {heading!r} stands twice"
            raise ValueError(msg)
        found[heading] = Entry(parts[2], parts[3])
    return found


@checked
def terms(path: str | Path | None = None) -> dict[str, str]:
    """Return the definition of every term.

    Examples
    --------
    >>> terms()["logits"].endswith("The class with the largest logit is the answer.")
    True
    """
    return {term: entry.definition for term, entry in entries(path).items()}


@checked
def anchor(term: str) -> str:
    """Return what follows ``glossary.md#`` in a link to a term.

    Examples
    --------
    >>> anchor("frozen features")
    'frozen-features'
    """
    return term.replace(" ", "-")


@checked
def links(text: str) -> list[str]:
    """Return the anchors that a text links to, in order, each as often as it is linked.

    Parameters
    ----------
    text : str
        Markdown, or a file of source that holds it.

    Examples
    --------
    >>> links("a [head](glossary.md#head) on [frozen features](../glossary.md#frozen-features)")
    ['head', 'frozen-features']
    """
    return LINK.findall(text)
