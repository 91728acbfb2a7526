"""Pages beside plan and slides: a learner's minutes, the exam, figures for afterwards."""

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

from tests.helpers.html_page import Page, plain
from tlteach.classroom import kit
from tlteach.classroom.kit import STORED
from tlteach.classroom.kit_deck import Slide
from tlteach.classroom.kit_exam import read_exam
from tlteach.classroom.kit_minutes import CELL, READING, sections
from tlteach.classroom.kit_page import figures_page
from tlteach.classroom.kit_pictures import Picture
from tlteach.lessons import glossary

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = {path.stem[:2]: path.stem for path in sorted((NOTEBOOKS / "notes").glob("*.md"))}
HOSTILE = '<script>alert(1)</script> & "quoted"'


@pytest.fixture(params=NAMES, ids=NAMES.values())
def number(request):
    return request.param


@pytest.fixture(scope="module")
def lesson():
    return kit._lesson(NOTEBOOKS, "01", glossary.entries())


def test_a_learners_minutes_stand_on_both_pages(kit_folder, number):
    cells = nbformat.read(NOTEBOOKS / f"{NAMES[number]}.ipynb", as_version=4).cells
    parts = sections(cells)
    instructor = Page((kit_folder / f"{NAMES[number]}.html").read_text(encoding="utf-8"))
    thursday = Page((kit_folder / "thursday.html").read_text(encoding="utf-8"))
    assert f"all {sum(part.minutes for part in parts)} " in instructor.text
    for part in parts:
        name = plain(part.name)
        assert f"{name} {part.minutes} {', '.join(part.exercises)}".strip() in instructor.text
        assert f"{name} {part.minutes} {part.words} {part.cells} " in thursday.text


def test_thursday_says_how_minutes_come_about(kit_folder):
    text = Page((kit_folder / "thursday.html").read_text(encoding="utf-8")).text
    for said in (
        f"{READING} words a minute",
        f"{CELL} seconds to run",
        "Carver 1992",
        "assumption",
    ):
        assert said in text


def test_exam_questions_stand_on_the_lecturers_page_alone(kit_folder):
    exam = Page((kit_folder / "exam.html").read_text(encoding="utf-8")).text
    paths = [path for end in ("handout", "figures") for path in kit_folder.glob(f"*_{end}.html")]
    others = [Page(path.read_text(encoding="utf-8")).text for path in paths]
    assert len(others) == 2 * len(NAMES)
    for path in sorted((NOTEBOOKS / "exam").glob("*.md")):
        for one in read_exam(path):
            assert all(plain(text) in exam for text in (one.question, one.answer, one.reason))
            assert not any(plain(one.reason) in text for text in others)


def test_figures_stand_on_the_page_for_afterwards_and_on_slides(lesson):
    slide = Slide(
        "It *helps*", pictures=[Picture("data:image/png;base64,AA", HOSTILE)], said=["a", "b"]
    )
    page = figures_page(replace(lesson, slides=[Slide("Text alone"), slide]))
    assert page.count("<img") == 1
    assert "<h2>It <em>helps</em></h2>" in page
    assert "<script" not in page
    assert "Text alone" not in page
    assert STORED in Page(page).text
    none = Page(figures_page(replace(lesson, slides=[Slide("Text alone")]))).text
    assert "holds no figure yet: make notebooks draws them" in none


def test_figures_of_a_run_go_into_the_kit_and_say_so(copied, tmp_path, monkeypatch):
    ran = []

    def run(path):
        ran.append(path.name)
        notebook = nbformat.read(path, as_version=4)
        code = next(cell for cell in notebook.cells if cell.cell_type == "code")
        data = {"image/png": "iVBORw==", "text/plain": "dots"}
        code.outputs = [new_output("display_data", data=data)]
        return notebook

    monkeypatch.setattr(kit, "run", run)
    kit.write_kit(tmp_path / "out", ["00"], folder=copied, figures=True)
    assert ran == ["00_start.ipynb"]
    for end in ("slides", "figures"):
        page = (tmp_path / "out" / f"00_start_{end}.html").read_text(encoding="utf-8")
        assert 'src="data:image/png;base64,iVBORw=="' in page
        assert kit.RUN in page
        assert STORED not in page
    assert "iVBORw==" in (tmp_path / "out" / "solutions" / "00_start.ipynb").read_text()
