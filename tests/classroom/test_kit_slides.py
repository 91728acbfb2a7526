"""Slides: everything inside one file, figures shown, code and solutions folded."""

import hashlib
import html
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tlteach.classroom.kit_deck import deck
from tlteach.classroom.kit_slides import write_slides
from tlteach.lessons import QUESTIONS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = [
    path.stem
    for path in sorted(NOTEBOOKS.glob("solutions/*.ipynb"))
    if (NOTEBOOKS / "notes" / f"{path.stem}.md").exists()
]
HOSTILE = "</title><script>alert(1)</script>"


def slides_of(solved, learner, title="A title"):
    slides = deck(solved.cells, learner.cells)
    return write_slides(slides, title=title, reveal=NOTEBOOKS / "reveal", note="Few seeds.")


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


def test_the_exercise_comes_before_its_solution_and_code_is_folded():
    stub, solved = "answer = ...", "answer = ...\nanswer = 7"
    text = "# A title\n\nSee [head](../glossary.md#head).\n\n## Part\n\nMore."
    output = new_output("stream", text="seven\neight\n")
    shown = new_code_cell("print(answer)", outputs=[output])
    page = slides_of(
        new_notebook(cells=[new_markdown_cell(text), new_code_cell(solved), shown]),
        new_notebook(cells=[new_markdown_cell(text), new_code_cell(stub)]),
    )
    seen = text_of(page)
    assert seen == (
        "A title See head. Few seeds. Part More. answer = ... One solutionanswer = ... answer = 7 "
        "Part: seven seven eight Codeprint(answer)"
    )
    body = body_of(page)
    assert 'href="glossary.html#head"' in body
    assert len(re.findall(r"<section>(?=\s*<section>)", body)) == 2
    assert body.count("<section>") == 2 + 3  # what was printed is a slide of its own
    assert body.count("<details>") == 2
    assert "<details open" not in body


def test_figures_and_tables_of_the_solved_run_stand_on_slides():
    picture = {"image/png": "iVBORw==", "text/plain": 'dots & "lines"'}
    table = {"text/html": '<style scoped>x</style><table class="dataframe"><th></th></table>'}
    outputs = [new_output("display_data", data=data) for data in (picture, table)]
    heading = new_markdown_cell("# A\n\n## 1. A *part*")
    cells = [heading, new_code_cell("draw()", outputs=outputs)]
    body = body_of(slides_of(new_notebook(cells=cells), new_notebook()))
    assert '<img src="data:image/png;base64,iVBORw==" alt="dots &amp; &#34;lines&#34;">' in body
    assert '<table class="dataframe"><td></td></table>' in body
    assert "<style" not in body
    assert "<h2>1. A <em>part</em></h2>" in body  # a number in front makes no list


def test_a_prediction_shows_options_and_a_quiz_folds_its_key():
    cells = [new_markdown_cell("# A"), new_code_cell('lessons.quiz("00.a")\nlessons.quiz("00.e")')]
    body = body_of(slides_of(new_notebook(cells=cells), new_notebook()))
    prediction, quiz = body.split("<section>")[3:5]
    assert prediction.count("<li>") == len(QUESTIONS["00.a"].options)
    assert "(right)" not in prediction
    before, folded = quiz.split("<details>")[:2]
    assert "(right)" not in before
    assert "<strong>the head (right)</strong>" in folded


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
    lines = [line for text in printed for line in text.splitlines()]
    assert all(" ".join(line.split()) in seen for line in lines)


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
