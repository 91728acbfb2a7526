"""Pictures that a solved notebook keeps: small, and described in words."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode
from PIL import Image

LIMIT = 60_000  # bytes: the course has some fifty pictures, and all of them stay under 5 MB
KINDS = ("image/png", "image/jpeg")
WAYS = ((1200, 85), (1200, 70), (1200, 55), (1000, 55), (800, 55), (640, 55))  # width, quality
TABLE = 'class="dataframe"'
# what a chart shows where nothing live can be shown
STILL = re.compile(r'<img alt="([^"]*)"[^>]* src="data:image/png;base64,([^"]+)"')


@dataclass(frozen=True)
class Picture:
    """A picture with what it shows.

    Attributes
    ----------
    source : str
        A data address, for ``src``.
    words : str
        For who does not see it.
    """

    source: str
    words: str


def small(png: bytes, limit: int = LIMIT) -> tuple[str, bytes]:
    """Return a picture in at most `limit` bytes, if any way to write it is that small.

    Charts have few colours and stay PNG; photographs become JPEG, narrower if need be.

    Parameters
    ----------
    png : bytes
    limit : int, default 60,000

    Returns
    -------
    tuple of str and bytes
        The type, such as "image/png", and the file.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> file = io.BytesIO()
    >>> Image.new("RGB", (64, 48), "white").save(file, "png")
    >>> kind, content = small(file.getvalue())
    >>> kind, len(content) < 300
    ('image/png', True)
    """
    seen = Image.open(io.BytesIO(png)).convert("RGBA")
    whole = Image.new("RGB", seen.size, "white")  # a notebook may lie on black
    whole.paste(seen, mask=seen)
    few = whole.quantize(128, dither=Image.Dither.NONE)
    found = "image/png", _written(few, "png", optimize=True)
    ways = iter(WAYS)
    while len(found[1]) > limit and (way := next(ways, None)):
        width, quality = way
        whole.thumbnail((width, whole.height))
        found = "image/jpeg", _written(whole, "jpeg", quality=quality, optimize=True)
    return found


def drawn(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return pictures and tables of a cell and, beside a picture, what it printed.

    A chart leaves its still picture. All else goes: it may hold times, paths, live state.

    Examples
    --------
    >>> from nbformat.v4 import new_output
    >>> drawn([new_output("stream", text="took 3.1 s")])
    []
    """
    printed = "".join(o.get("text", "") for o in outputs if o.get("name") == "stdout")
    kept: list[NotebookNode] = []
    pictures, place = 0, -1
    for output in outputs:
        if place < 0 and output.get("name") == "stdout":
            place = len(kept)  # what is printed below a picture stays below it
        data = output.get("data", {})
        found = list(_pictures(data, printed))
        pictures += len(found)
        kept += found
        if TABLE in data.get("text/html", ""):
            kinds = ("text/html", "text/plain")
            table = {kind: data[kind] for kind in kinds if kind in data}
            kept.append(nbformat.v4.new_output("display_data", data=table))
    if pictures and printed:
        kept.insert(place, nbformat.v4.new_output("stream", text=printed))
    return kept


def pictures(cell: NotebookNode) -> list[Picture]:
    """Return the pictures among a cell's outputs."""
    found = []
    for output in cell.outputs:
        data = output.get("data", {})
        for kind in filter(data.__contains__, KINDS):
            source = f"data:{kind};base64,{''.join(data[kind].split())}"
            found.append(Picture(source, data.get("text/plain", "")))
    return found


def _pictures(data: dict[str, Any], printed: str) -> Iterator[NotebookNode]:
    """Yield an output for each picture in what was displayed."""
    if "image/png" in data:
        yield _output(data["image/png"], printed)
    for words, source in STILL.findall(data.get("text/html", "")):
        yield _output(source, html.unescape(words))


def _output(source: str, words: str) -> NotebookNode:
    kind, content = small(base64.b64decode(source))
    text = " ".join(words.split()) or "a picture"
    data = {kind: base64.b64encode(content).decode(), "text/plain": text}
    output: NotebookNode = nbformat.v4.new_output("display_data", data=data)
    return output


def _written(image: Image.Image, form: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **how)
    return file.getvalue()
