"""Pages of the kit in a real browser: they open alone, print on A4, and slides move by keys."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.helpers.browser import CHROMIUM

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the kit NOT tested")
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = [
    path.stem
    for path in sorted(NOTEBOOKS.glob("solutions/*.ipynb"))
    if (NOTEBOOKS / "notes" / f"{path.stem}.md").exists()
]
ENDS = ("", "_handout", "_figures", "_slides")
PAGES = ["index", "glossary", "exam", "thursday", *(f"{n}{end}" for n in NAMES for end in ENDS)]
SHEET = (595, 842)  # A4 in points
# of the slide that is shown: how high it is in its own pixels, and where it lies on the screen
SHOWN = """() => { const slide = Reveal.getCurrentSlide(), box = slide.getBoundingClientRect();
  return { high: slide.scrollHeight, wide: slide.scrollWidth, top: box.top, right: box.right,
    bottom: box.bottom, text: slide.innerText.trim(), last: Reveal.isLastSlide() }; }"""


def sheets(pdf):
    """Return the sizes of a PDF's sheets, in points."""
    count = len(re.findall(rb"/Type\s*/Page\b", pdf))
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert len(boxes) == count
    return [(round(float(width)), round(float(height))) for width, height in boxes]


FRAGMENTS = "Reveal.getCurrentSlide().querySelectorAll('.fragment').length"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_alone_and_is_accessible(page, kit_folder, name):
    page.goto((kit_folder / f"{name}.html").as_uri())
    assert page.locator("h1").first.is_visible()
    faults = Axe().run(page).response["violations"]
    assert not [(fault["id"], fault["nodes"][0]["html"]) for fault in faults]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("own_size", [True, False])
def test_a_handout_is_one_sheet_of_a4(page, kit_folder, name, own_size):
    page.goto((kit_folder / f"{name}_handout.html").as_uri())
    margins = {} if own_size else dict.fromkeys(("top", "bottom", "left", "right"), "14mm")
    pdf = page.pdf(prefer_css_page_size=own_size, format="A4", margin=margins)
    [(width, height)] = sheets(pdf)
    assert (width, height) == pytest.approx(SHEET, abs=1)


@pytest.mark.parametrize("name", NAMES)
def test_the_instructors_page_prints_on_a4(page, kit_folder, name):
    page.goto((kit_folder / f"{name}.html").as_uri())
    found = sheets(page.pdf(prefer_css_page_size=True))
    assert 2 <= len(found) <= 8
    assert all(size == pytest.approx(SHEET, abs=1) for size in found)
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0


@pytest.mark.parametrize("name", NAMES)
def test_slides_move_by_keys_and_nothing_runs_over_the_edge(page, kit_folder, name):
    page.goto((kit_folder / f"{name}_slides.html").as_uri())
    page.wait_for_function("Reveal.isReady()")
    seen = []
    for _ in range(page.evaluate("Reveal.getTotalSlides()")):
        shown = page.evaluate(SHOWN)
        seen.append(shown["text"])
        assert shown["text"]
        assert shown["high"] <= 700, shown["text"]
        assert shown["wide"] <= 960, shown["text"]
        assert 0 <= shown["top"] < shown["bottom"] <= 800
        assert shown["right"] <= 1280
        assert page.evaluate(
            "[...document.querySelectorAll('.slides details')].every(d => !d.open)"
        )
        for _ in range(1 + page.evaluate(FRAGMENTS)):  # a chart's presets come first
            page.keyboard.press("Space")
    assert shown["last"]
    assert len(set(seen)) == len(seen) >= 10
    page.keyboard.press("Escape")
    assert page.evaluate("Reveal.isOverview()")


@pytest.mark.parametrize("name", NAMES)
def test_slides_print_one_to_a_sheet(page, kit_folder, name):
    page.goto((kit_folder / f"{name}_slides.html").as_uri())
    page.wait_for_function("Reveal.isReady()")
    total = page.evaluate("Reveal.getTotalSlides()")
    page.goto((kit_folder / f"{name}_slides.html").as_uri() + "?view=print")
    page.wait_for_selector(".pdf-page")
    assert len(sheets(page.pdf(prefer_css_page_size=True))) == total
