"""Slides: everything inside one file, exercises before solutions, nothing over the edge."""

import hashlib
import html
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tlteach.classroom.kit_slides import write_slides

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = [
    path.stem
    for path in sorted(NOTEBOOKS.glob("solutions/*.ipynb"))
    if (NOTEBOOKS / "notes" / f"{path.stem}.md").exists()
]
HOSTILE = "</title><script>alert(1)</script>"


def slides_of(solved, learner, title="A title"):
    return write_slides(solved, learner, title=title, reveal=NOTEBOOKS / "reveal")


def body_of(page):
    return re.sub(r"(?s)<head>.*?</head>|<script>.*?</script>", "", page)


def text_of(page):
    """Return what is seen, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", body_of(page))).split())


@pytest.fixture(params=NAMES)
def notebooks(request):
    name = f"{request.param}.ipynb"
    paths = (NOTEBOOKS / "solutions" / name, NOTEBOOKS / name)
    return [nbformat.read(path, as_version=4) for path in paths]


def test_the_exercise_comes_before_its_solution():
    stub, solved = "answer = ...", "answer = ...\nanswer = 7"
    text = "# A title\n\nSee [head](../glossary.md#head).\n\n## Part\n\nMore."
    output = new_output("stream", text="seven\n")
    page = slides_of(
        new_notebook(cells=[new_markdown_cell(text), new_code_cell(solved, outputs=[output])]),
        new_notebook(cells=[new_markdown_cell(text), new_code_cell(stub)]),
    )
    seen = text_of(page)
    assert seen == "A title See head. Part More. answer = ... answer = ... answer = 7 seven"
    body = body_of(page)
    assert 'href="glossary.html#head"' in body
    assert len(re.findall(r"<section>(?=\s*<section>)", body)) == 2
    assert body.count("<section>") == 2 + 3  # the solution is a step of its own


def test_a_full_slide_goes_on_below():
    cells = [new_markdown_cell("# Title"), *(new_code_cell(f"x = {i}\n" * 8) for i in range(5))]
    page = slides_of(new_notebook(cells=cells), new_notebook())
    assert body_of(page).count("<section>") == 1 + 3


def test_a_hostile_title_stays_text():
    page = slides_of(new_notebook(cells=[new_markdown_cell("# A")]), new_notebook(), HOSTILE)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<script") == 2


def test_every_cell_of_the_solution_is_there(notebooks):
    seen = text_of(slides_of(*notebooks))
    code = [cell for cell in notebooks[0].cells if cell.cell_type == "code"]
    assert len(code) >= 5
    for cell in code:
        assert " ".join(cell.source.split()) in seen
    printed = [o.text for cell in code for o in cell.outputs if o.output_type == "stream"]
    assert printed
    assert all(" ".join(text.split()) in seen for text in printed)


def test_the_same_notebook_gives_the_same_bytes(notebooks):
    assert slides_of(*notebooks) == slides_of(*notebooks)


def test_notebooks_are_left_as_they_were(notebooks):
    before = [nbformat.writes(one) for one in notebooks]
    slides_of(*notebooks)
    assert [nbformat.writes(one) for one in notebooks] == before


def test_reveal_is_the_file_that_its_card_names():
    card = (NOTEBOOKS / "reveal" / "README.md").read_text()
    hashes = dict(re.findall(r"`(reveal\.\w+)` ([0-9a-f]{64})", card))
    assert set(hashes) == {"reveal.js", "reveal.css"}
    for name, digest in hashes.items():
        content = (NOTEBOOKS / "reveal" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
    assert "MIT" in card
    assert "Permission is hereby granted" in (NOTEBOOKS / "reveal" / "LICENSE").read_text()
