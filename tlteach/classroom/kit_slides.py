"""Slides out of a notebook: nbconvert's reveal.js slides, with everything inside one file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from traitlets.config import Config

from tlteach.classroom.kit_page import linked

HERE = Path(__file__).parent / "pages"
ROOM = 660  # pixels of a slide
HEADING = re.compile(r"^(?=#{1,3} )", re.MULTILINE)


def write_slides(solved: NotebookNode, learner: NotebookNode, *, title: str, reveal: Path) -> str:
    """Return a page of slides that opens without a network.

    Every heading starts a slide; what follows stands below it, one cell a step. Where a cell
    holds a solution, the learner's cell comes first and the solution one step later.

    Parameters
    ----------
    solved, learner : NotebookNode
        The two copies of one notebook.
    title : str
    reveal : Path
        The folder with reveal.js and reveal.css.

    Returns
    -------
    str
        HTML.
    """
    slides = nbformat.v4.new_notebook(cells=list(_cells(solved.cells, learner.cells)))
    for number, cell in enumerate(slides.cells):
        cell.id = f"step-{number}"  # not at random, so that the same notebook gives the same page
    exporter = SlidesExporter(
        raw_template=(HERE / "slides.html.j2").read_text(encoding="utf-8"),
        config=Config(CSSHTMLHeaderPreprocessor={"style": "xcode"}),
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    inside = {
        "reveal_js": (reveal / "reveal.js").read_text(encoding="utf-8"),
        "reveal_css": (reveal / "reveal.css").read_text(encoding="utf-8"),
        "own_css": (HERE / "slides.css").read_text(encoding="utf-8"),
    }
    known = {"metadata": {"name": title}, "kit": inside}
    page, _ = exporter.from_notebook_node(slides, resources=known)
    return str(page)


def _cells(
    solved: Sequence[NotebookNode], learner: Sequence[NotebookNode]
) -> Iterator[NotebookNode]:
    """Yield cells that say how they start: a slide, a step below it, or below the last cell."""
    filled = 0
    for cell, starts in _parts(solved, learner):
        height = _height(cell)
        if starts == "-" and filled + height > ROOM:
            starts = "subslide"
        filled = height + (filled if starts == "-" else 0)
        cell.metadata["slideshow"] = {"slide_type": starts}
        yield cell


def _parts(
    solved: Sequence[NotebookNode], learner: Sequence[NotebookNode]
) -> Iterator[tuple[NotebookNode, str]]:
    known = {cell.source for cell in solved}
    stubs = [cell for cell in learner if cell.cell_type == "code" and cell.source not in known]
    for cell in solved:
        if cell.cell_type == "markdown":
            for text in filter(str.strip, HEADING.split(cell.source)):
                starts = "slide" if text.startswith("#") else "-"
                yield nbformat.v4.new_markdown_cell(linked(text)), starts
        elif cell.source.strip():
            if stub := next((s for s in stubs if cell.source.startswith(s.source)), None):
                stubs.remove(stub)
                yield nbformat.v4.new_code_cell(stub.source), "-"
            solution = nbformat.v4.new_code_cell(cell.source, outputs=cell.outputs)
            tall = _height(solution) > ROOM
            if tall:
                solution.outputs = []
            yield solution, "subslide" if stub else "-"
            if tall:  # what it printed gets a slide of its own
                printed = "".join(output.get("text", "") for output in cell.outputs)
                yield nbformat.v4.new_markdown_cell(f"```text\n{printed}```"), "subslide"


def _height(cell: NotebookNode) -> int:
    """Return about how many of a slide's 700 pixels a cell takes."""
    if cell.cell_type == "markdown":
        lines = sum(1 + len(line) // 64 for line in cell.source.splitlines())
        return 38 * lines + 40
    printed = [output.get("text", "") for output in cell.outputs]
    return sum(
        26 * (1 + len(text) // 90 + text.count("\n")) + 30 for text in (cell.source, *printed)
    )
