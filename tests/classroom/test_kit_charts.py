"""Charts on slides in a real browser: alive, moved by keys, their presets stepped by a clicker."""

from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.helpers.browser import CHROMIUM
from tests.helpers.drawn import faults, read
from tlteach import widgets
from tlteach.classroom.kit_charts import Shown, chart_of
from tlteach.classroom.kit_deck import deck
from tlteach.classroom.kit_slides import write_slides

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
HIDDEN = ("title:", "lead:", "footer:")  # a slide has a title, and no room for the rest
WHERE = "(() => { const { h, v } = Reveal.getIndices(); return [h, v]; })()"
CHARTS = {  # by notebook, what its cells show
    "01_three_ways": [Shown("three_ways")],
    "02_small_data": [
        Shown("overfitting", ("shots=5;augment=none",)),
        Shown("three_ways", (), (("state", "target=digits;shots=5;against=updates"),)),
    ],
    "03_which_layers": [Shown("layers", ("target=digits;shots=5;stages=1",))],
    "04_domain_mismatch": [Shown("domain_mismatch")],
    "05_negative_transfer": [Shown("negative_transfer", (), (("predict", True),))],
}
browsed = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: slides NOT tested")


def slides_of(name):
    solved, learner = (
        nbformat.read(NOTEBOOKS / part / f"{name}.ipynb", as_version=4)
        for part in ("solutions", "")
    )
    return deck(solved.cells, learner.cells)


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """The slides of every notebook with a chart, as files."""
    folder = tmp_path_factory.mktemp("decks")
    for name in CHARTS:
        text = write_slides(slides_of(name), title=name, reveal=NOTEBOOKS / "reveal")
        (folder / f"{name}.html").write_text(text)
    return folder


def chart(shown):
    return widgets.CHARTS[shown.name](*shown.args, **dict(shown.options))


def open_at_chart(page, path, number=0):
    """Open slides at one with a chart; return where that is."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(path.as_uri())
    page.wait_for_function("Reveal.isReady()")
    page.evaluate(
        "n => Reveal.slide(...Object.values(Reveal.getIndices("
        "document.querySelectorAll('.alive')[n].closest('section'))))",
        number,
    )
    page.wait_for_selector(".present.present .tlt", timeout=20_000)
    return page.evaluate(WHERE)


def differ(page, one, number=0):
    """Return where a chart on a slide and Python do not agree."""
    [drawn] = read(page, [(number, None)])
    return [fault for fault in faults(drawn, one) if not fault.startswith(HIDDEN)]


@pytest.mark.parametrize("name", CHARTS)
def test_the_charts_that_cells_show_stand_on_slides(name):
    assert [slide.chart for slide in slides_of(name) if slide.chart] == CHARTS[name]


@pytest.mark.parametrize(
    "source",
    [
        "print(widgets.layers().describe())",
        "widgets.three_ways(results)",
        "widgets.train_live()",
        "chart = widgets.layers()",
        "%time widgets.layers()",
        "layers()",
        "",
    ],
)
def test_what_shows_no_chart_of_the_atlas_is_left_alone(source):
    assert chart_of(source) is None


@browsed
def test_a_key_moves_the_chart_and_not_the_slides(page, decks):
    place = open_at_chart(page, decks / "03_which_layers.html")
    [shown] = CHARTS["03_which_layers"]
    one = chart(shown)
    assert differ(page, one) == []
    page.locator("[id$=-stages]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    one.state = "stages=3"
    assert differ(page, one) == []
    page.locator("[id$=-target]").focus()
    page.keyboard.press("ArrowUp")
    one.state = "target=fashion_5_9"
    assert differ(page, one) == []
    page.locator("[id$=-stages]").focus()  # in a list, digits choose
    page.keyboard.press("0")
    one.state = widgets.layers().state
    assert differ(page, one) == []
    assert page.evaluate(WHERE) == place


@browsed
@pytest.mark.parametrize("inside", [True, False])
def test_a_clicker_steps_through_the_presets_and_then_on(page, decks, inside):
    place = open_at_chart(page, decks / "02_small_data.html")
    one = chart(CHARTS["02_small_data"][0])
    start = one.state
    if inside:
        page.locator("[id$=-shots]").first.focus()
    states = list(one._spec.presets.values())
    for state in states:
        page.keyboard.press("PageDown")
        one.state = state
        assert differ(page, one) == []
    page.keyboard.press("PageUp")
    one.state = states[-2]
    assert differ(page, one) == []
    for _ in states[1:]:
        page.keyboard.press("PageUp")
    one.state = start
    assert differ(page, one) == []
    assert page.evaluate(WHERE) == place
    for _ in [*states, "the next slide"]:
        page.keyboard.press("PageDown")
    assert page.evaluate(WHERE) != place


@browsed
def test_a_preset_with_another_panel_shows_it(page, decks):
    open_at_chart(page, decks / "01_three_ways.html")
    one = chart(CHARTS["01_three_ways"][0])
    for state in one._spec.presets.values():
        page.keyboard.press("PageDown")
        one.state = state
        assert differ(page, one) == []
    assert "against=seconds" in one.state


@browsed
def test_escape_gives_the_keys_back_to_the_slides(page, decks):
    place = open_at_chart(page, decks / "03_which_layers.html")
    page.locator("[id$=-stages]").focus()
    page.keyboard.press("Escape")
    assert not page.evaluate("Reveal.isOverview()")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(WHERE) != place


@browsed
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_fits_its_slide_and_readers_can_read_it(page, decks, name):
    for number, shown in enumerate(CHARTS[name]):
        open_at_chart(page, decks / f"{name}.html", number)
        one = chart(shown)
        if one._waiting:
            assert not page.locator(".tlt-plot").first.is_visible()
            page.get_by_role("button", name="helps", exact=True).click()
            one.guess = "helps"
        assert differ(page, one) == []
        assert page.evaluate("Reveal.getCurrentSlide().scrollHeight") <= 700
        assert page.evaluate("Reveal.getCurrentSlide().scrollWidth") <= 960
        [plot, *_] = [one for one in page.locator(".tlt-plot").all() if one.is_visible()]
        assert plot.bounding_box()["height"] > 150
        found = Axe().run(page).response["violations"]
        assert not [(fault["id"], fault["nodes"][0]["html"]) for fault in found]


@browsed
def test_on_paper_the_still_picture_stays(page, decks):
    page.goto((decks / "03_which_layers.html").as_uri() + "?view=print")
    page.wait_for_selector(".pdf-page")
    assert page.locator(".alive .tlt").count() == 0
    expect(page.locator(".alive img")).to_have_attribute(
        "alt", chart(CHARTS["03_which_layers"][0]).describe()
    )
