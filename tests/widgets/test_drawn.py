"""What is drawn, read back from the page in a real browser, is what Python's tables say."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.helpers.asked import quiz_faults
from tests.helpers.browser import CHROMIUM
from tests.helpers.drawn import faults, page_faults, read
from tests.helpers.wire import Wire
from tlteach import lessons, widgets
from tlteach.widgets import pages

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: widgets NOT tested")


@pytest.fixture(scope="module")
def charts():
    return [make() for make in widgets.CHARTS.values()]


@pytest.fixture(scope="module")
def trained():
    live = widgets.train_live("digits")
    live.go.click()
    live.training.result()
    return live


def show(page: Page, charts, folder) -> None:
    page.goto(pages.write_page(charts, folder / "page.html").as_uri())
    page.wait_for_selector(f".tlt >> nth={len(charts) - 1}", timeout=20_000)


def test_every_state_is_drawn_as_python_tells_it(page, charts, trained, tmp_path):
    show(page, [*charts, trained.chart], tmp_path)
    for details in page.locator(".tlt details").all()[:2]:
        details.locator("summary").click()
    assert [*page_faults(page, [*charts, trained.chart])] == []


def test_a_wide_page_shows_the_same_and_a_sentence(page, charts, tmp_path):
    page.set_viewport_size({"width": 1280, "height": 720})
    show(page, charts, tmp_path)
    assert [*page_faults(page, charts)] == []
    assert [one["wide"] for one in read(page, [(i, None) for i in range(len(charts))])] == [
        True for _ in charts
    ]
    assert page.locator(".tlt-now").first.is_visible()


def test_a_wide_page_waits_for_a_guess_too(page, tmp_path):
    page.set_viewport_size({"width": 1280, "height": 720})
    show(page, [widgets.negative_transfer(predict=True)], tmp_path)
    assert not page.locator(".tlt-results").is_visible()
    page.get_by_role("button", name="helps", exact=True).click()
    assert page.locator(".tlt-plot").first.is_visible()


def test_the_tiles_in_sight_are_those_of_the_picture(page, charts, tmp_path):
    with_images = [chart for chart in charts if chart._spec.strips]
    assert len(with_images) >= 2
    show(page, with_images, tmp_path)
    for number, chart in enumerate(with_images):
        strip = chart._spec.strips[0]
        wanted = [int(tile) for tile in chart._pick(strip, strip.tiles)]
        row = sheet_tiles(strip)[wanted]
        first = page.locator(".tlt").nth(number).locator(".tlt-strip").first
        tiles = first.locator(".tlt-cell:not(.tlt-who) .tlt-tile")
        for place, tile in enumerate(tiles.all()):
            seen = small(Image.open(io.BytesIO(tile.screenshot())))
            far = np.abs(row - seen).mean(axis=(1, 2, 3))
            assert far[place] == far.min() < 30, place


def sheet_tiles(strip) -> np.ndarray:
    """Return every tile of a picture, small."""
    data = base64.b64decode(strip.picture.partition(",")[2])
    sheet = Image.open(io.BytesIO(data)).convert("RGB")
    wide, tall = sheet.width // strip.columns, sheet.height // strip.lines
    boxes = [
        (wide * i, tall * k, wide * (i + 1), tall * (k + 1))
        for k in range(strip.lines)
        for i in range(strip.columns)
    ]
    return np.stack([small(sheet.crop(box)) for box in boxes])


def small(image: Image.Image) -> np.ndarray:
    image = image.convert("RGB")
    edge = image.width / 20  # a border is drawn around a tile
    inner = image.crop((edge, edge, image.width - edge, image.height - edge))
    return np.asarray(inner.resize((12, 12), Image.Resampling.BOX), float)


def test_what_a_page_shows_reaches_the_kernel_and_back(page):
    chart = widgets.layers()
    wire = Wire(page)
    wire.show(chart)
    page.locator("[id$=-shots]").focus()
    page.keyboard.press("End")
    page.wait_for_timeout(400)  # the kernel hears of it when the hand rests
    [last] = [c.values[-1] for c in chart._spec.controls if c.id == "shots"]
    assert f"shots={last}" in chart.state
    chart.state = "target=digits;shots=5"
    wire.push(chart)
    assert [*faults(*read(page, [(0, None)]), chart)] == []


def test_a_panel_that_the_kernel_asks_for_is_shown(page):
    chart = widgets.three_ways()
    wire = Wire(page)
    wire.show(chart)
    chart.state = "against=seconds"
    wire.push(chart)
    assert [*faults(*read(page, [(0, None)]), chart)] == []


def test_a_quiz_shows_what_is_said_and_keeps_what_was_chosen(page, tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path))
    assert [*quiz_faults(page, lessons)] == []


GLIDES = """() => document.getAnimations().map((one) => [
  one.transitionProperty, one.effect.getTiming().duration, one.effect.target.classList[0]])"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_shapes_glide_for_those_who_do_not_mind(motion, page, tmp_path):
    page.emulate_media(reduced_motion=motion)
    chart = widgets.overfitting()
    show(page, [chart], tmp_path)
    page.locator("[id$=-shots]").focus()
    page.keyboard.press("End")
    glides = page.evaluate(GLIDES)
    chart.state = f"shots={chart._spec.controls[0].values[-1]}"
    if motion == "reduce":
        assert glides == []
    else:
        assert {name for name, _, _ in glides} == {"d"}
        assert {time for _, time, _ in glides} == {200}
        assert {kind for _, _, kind in glides} >= {"tlt-mark", "tlt-line", "tlt-band", "tlt-ring"}
        page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    assert [*faults(*read(page, [(0, None)]), chart)] == []
    first = "match(/-?[\\d.]+/g).slice(0, 2).map(Number)"
    now = f"all => all.map((one) => getComputedStyle(one).d.{first})"
    there = page.locator(".tlt-mark[d^=M]").evaluate_all(now)
    ends = f"all => all.map((one) => one.getAttribute('d').{first})"
    assert np.allclose(there, page.locator(".tlt-mark[d^=M]").evaluate_all(ends), atol=0.1)
