"""A learner goes through notebook 01 in a real browser: wrong, hint, right, quiz, restart."""

import os
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.helpers.browser import CHROMIUM, WAIT, jupyterlab, opened, ready

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: lessons NOT tested")
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_three_ways.ipynb"
WRONG = 'def word(low, high, n):\n    return "helps" if low + high > 0 else "hurts"'
RIGHT = """def word(low, high, n):
    if n < 5:
        return ""
    if low > 0:
        return "helps"
    return "hurts" if high < 0 else "cannot tell\""""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    root = tmp_path_factory.mktemp("lesson")
    fresh = nbformat.read(NOTEBOOK, as_version=4)
    for part in fresh.cells:
        if part.cell_type == "code":
            part.execution_count, part.outputs = None, []
    nbformat.write(fresh, root / NOTEBOOK.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLTEACH_HOME", str(root / "home"))
        patch.setenv("TLTEACH_PROGRESS", str(root / "home"))
        with jupyterlab(root) as url:
            yield url


@pytest.fixture
def page(lab):
    # tall, so that JupyterLab draws every cell
    with opened(lab, NOTEBOOK.name, 9000) as found:
        yield found


def cell(page: Page, text: str):
    """Return the code cell that holds a text."""
    return page.locator(".jp-CodeCell").filter(has=page.locator(".cm-content", has_text=text)).first


def run(page: Page, text: str, wanted: str) -> None:
    """Run a cell as it stands."""
    found = cell(page, text)
    found.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(found).to_contain_text(wanted, timeout=WAIT)


def write(page: Page, text: str, code: str) -> None:
    """Write a cell anew, as a learner types, and run it."""
    cell(page, text).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")


def test_a_learner_goes_through_a_lesson(page, lab):
    run(page, "import tlteach as tlt", "[1]:")
    run(page, "lessons.quiz(f", "by how much does a frozen ImageNet backbone beat")

    run(page, 'lessons.check("01.3", word)', "NameError")  # the exercise cell was not run
    run(page, "def word(low", "[4]:")
    run(page, 'lessons.check("01.3", word)', "01.3 not attempted")
    write(page, "def word(low", WRONG)
    run(page, 'lessons.check("01.3", word)', "looks at the mean alone")
    write(page, 'lessons.check("01.3", word)', 'lessons.hint("01.3")')
    expect(cell(page, 'lessons.hint("01.3")')).to_contain_text("hint 1 of 3", timeout=WAIT)
    write(page, "def word(low", RIGHT)
    write(page, 'lessons.hint("01.3")', 'lessons.check("01.3", word)')
    expect(cell(page, 'lessons.check("01.3"')).to_contain_text("01.3 correct.", timeout=WAIT)

    question = cell(page, "lessons.quiz(f").locator(".jp-OutputArea")
    expect(question.locator(".tlt-quiz")).to_have_count(4, timeout=WAIT)
    frames, asked = question.locator(".tlt-quiz"), question.locator(".tlt-quiz legend")
    for frame, ask in zip(frames.all(), asked.all(), strict=True):  # its edge runs through no word
        assert ask.bounding_box()["y"] > frame.bounding_box()["y"]
    found = Axe().run(page, context={"include": [[".tlt-quiz"]]}).response
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == [], [(v["id"], [n["html"] for n in v["nodes"]]) for v in serious]
    question.locator("input[type=radio]").first.focus()
    page.keyboard.press("Space")
    expect(question).to_contain_text("Noted: not at all.", timeout=WAIT)
    page.keyboard.press("ArrowDown")
    expect(question).to_contain_text("Noted: up to 20 points.", timeout=WAIT)
    if folder := os.environ.get("TLTEACH_ARTEFACTS"):
        cell(page, "lessons.quiz(f").screenshot(path=Path(folder) / "quiz.png")

    write(page, 'lessons.beside("01.a"', 'lessons.progress("01")')
    shown = cell(page, 'lessons.progress("01")')
    expect(shown).to_contain_text("1 predicted", timeout=WAIT)
    link = shown.get_by_role("link", name="go on with 01.1")
    assert NOTEBOOK.name in (link.get_attribute("href") or "")
    expect(shown).to_contain_text("1 correct")
    expect(shown).not_to_contain_text("nothing is open")

    [session] = page.request.get(f"{lab}/api/sessions").json()
    page.request.post(f"{lab}/api/kernels/{session['kernel']['id']}/restart")
    ready(page, lab)
    run(page, "import tlteach as tlt", "[1]:")
    write(page, 'lessons.progress("01")', 'print("again", lessons.progress("01"))')
    shown = cell(page, 'print("again"')
    expect(shown).to_contain_text("again 01 three_ways", timeout=WAIT)
    expect(shown).to_contain_text("1 correct")
