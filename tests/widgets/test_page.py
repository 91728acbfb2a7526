"""Charts in a real browser, as the page that opens offline: what is drawn is what Python tells."""

import os
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import tlteach as tlt
from tests.helpers import drawn
from tests.helpers.browser import CHROMIUM
from tlteach import atlas, widgets
from tlteach.plots.style import REGIMES
from tlteach.widgets import pages
from tlteach.widgets._chart import EVERY, Chart
from tlteach.widgets._spec import Control, Panel, Series, Spec

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: widgets NOT tested")
CHARTS = list(widgets.CHARTS)


def show(page: Page, chart: Chart, folder: Path) -> None:
    path = pages.write_page([chart], folder / "page.html")
    page.goto(path.as_uri())
    page.wait_for_selector(".tlt", timeout=20_000)


def said(page: Page) -> str:
    return page.locator(".tlt").get_attribute("data-say")


def turn(page: Page, chart: Chart, name: str, place: int) -> None:
    """Move one control in the browser, by keys or by its list, and in Python."""
    [control] = [c for c in chart.spec["controls"] if c["id"] == name]
    box = page.locator(f"[id$=-{name}]")
    if control["kind"] == "range" and not box.is_visible():
        return  # nothing that is shown asks for it
    if control["kind"] == "range":
        box.focus()
        page.keyboard.press("Home")
        for _ in range(place):
            page.keyboard.press("ArrowRight")
    elif control["kind"] == "cards":
        card = page.locator(f"[id$=-{name}-{place}]")
        if card.is_disabled():
            return
        card.check(force=True)  # the label over it takes the mouse
    elif not box.is_visible():
        return  # nothing that is shown asks for it
    elif box.locator("option").nth(place).is_disabled():
        return  # nothing was run there
    else:
        box.select_option(index=place)
    chart.state = f"{name}={control['values'][place]}"


def faults(page: Page, chart: Chart) -> list[str]:
    """Return where the browser and Python do not agree."""
    return [*drawn.faults(*drawn.read(page, [(0, None)]), chart)]


@pytest.mark.parametrize("name", CHARTS)
def test_every_control_moves_what_is_drawn(name, page, tmp_path):
    chart = getattr(widgets, name)()
    show(page, chart, tmp_path)
    assert faults(page, chart) == []
    for control in chart.spec["controls"]:
        for place in sorted({0, len(control["values"]) // 2, len(control["values"]) - 1}):
            turn(page, chart, control["id"], place)
            assert faults(page, chart) == [], chart.state


def test_the_mouse_drags_a_slider_and_the_curve(page, tmp_path):
    chart = widgets.overfitting()
    show(page, chart, tmp_path)
    slider = page.locator("[id$=-shots]").bounding_box()
    y = slider["y"] + slider["height"] / 2
    page.mouse.move(slider["x"] + slider["width"] / 3, y)
    page.mouse.down()
    page.mouse.move(slider["x"] + slider["width"] - 2, y, steps=5)
    page.mouse.up()
    chart.state = f"shots={chart.spec['controls'][0]['values'][-1]}"
    assert faults(page, chart) == []
    plot = page.locator(".tlt-plot").first.bounding_box()
    page.mouse.click(plot["x"] + 70, plot["y"] + 60)
    chart.state = "step=15"
    assert faults(page, chart) == []


def test_keys_load_presets_reset_and_present(page, tmp_path):
    chart = widgets.overfitting()
    show(page, chart, tmp_path)
    start = chart.state
    page.locator("[id$=-shots]").focus()
    page.keyboard.press("2")
    chart.state = chart.spec["presets"][1]["state"]
    assert faults(page, chart) == []
    page.keyboard.press("p")
    assert "tlt-present" in page.locator(".tlt").get_attribute("class")
    assert page.locator(".tlt-plot").first.bounding_box()["width"] > 720
    page.keyboard.press("p")
    page.keyboard.press("0")
    chart.state = start
    assert faults(page, chart) == []


def test_results_wait_for_a_guess(page, tmp_path):
    chart = widgets.negative_transfer(predict=True)
    show(page, chart, tmp_path)
    assert said(page) == chart.describe()
    assert not page.locator(".tlt-plot").first.is_visible()
    page.get_by_role("button", name="helps", exact=True).click()
    chart.guess = "helps"
    assert faults(page, chart) == []
    page.get_by_text("You said: helps. Measured: ").wait_for()
    turn(page, chart, "target", 2)  # nobody guessed about that one
    assert not page.locator(".tlt-plot").first.is_visible()
    assert said(page) == chart.describe()
    page.get_by_role("button", name="Show all, ask no more").click()
    chart.guesses |= {EVERY: ""}
    assert faults(page, chart) == []
    page.get_by_role("button", name="Reset").click()
    assert not page.locator(".tlt-plot").first.is_visible()


def test_what_was_not_run_cannot_be_chosen(page, tmp_path):
    chart = widgets.negative_transfer("target=photos;shots=10;regime=frozen")
    show(page, chart, tmp_path)
    options = page.locator("[id$=-source] option")
    open_ones = [o.inner_text() for o in options.all() if o.is_enabled()]
    shown = chart.table().query("panel.str.startswith('Accuracy')")["at"].tolist()
    assert open_ones == shown
    assert options.filter(has_text="(not run)").count() == options.count() - len(open_ones)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_fits_a_projector(name, browser, tmp_path):
    found = browser.new_page(viewport={"width": 1280, "height": 720})
    show(found, getattr(widgets, name)(), tmp_path)
    plot, side = (found.locator(at).first.bounding_box() for at in (".tlt-plot", ".tlt-side"))
    assert side["x"] + side["width"] <= plot["x"]  # controls stand beside what they move
    found.locator(".tlt-plot").first.hover()
    found.get_by_role("button", name="Present").click()
    for part in (".tlt-plot", ".tlt-tile", ".tlt-keys", ".tlt-now"):
        for box in [one.bounding_box() for one in found.locator(part).all() if one.is_visible()]:
            assert box["y"] + box["height"] <= 720
    if found.locator(".tlt-tile").count():
        tile = found.locator(".tlt-tile").first.bounding_box()
        assert tile["y"] < found.locator(".tlt-plot").first.bounding_box()["y"]
    found.keyboard.press("Escape")
    assert "tlt-present" not in found.locator(".tlt").get_attribute("class")
    found.close()


def test_a_clicker_steps_through_the_presets(page, tmp_path):
    chart = widgets.overfitting()
    show(page, chart, tmp_path)
    page.get_by_role("button", name="Present").click()
    states = [preset["state"] for preset in chart.spec["presets"]]
    for key, place in (("PageDown", 0), ("PageDown", 1), ("PageUp", 0), ("PageUp", 0)):
        page.keyboard.press(key)
        chart.state = states[place]
        assert said(page) == chart.describe()


def test_a_chart_plays_to_the_end_of_its_control(page, tmp_path):
    chart = widgets.domain_mismatch("dial=contrast;severity=3")
    show(page, chart, tmp_path)
    page.get_by_role("button", name="Play").click()
    chart.state = "severity=5"
    expect(page.locator(".tlt")).to_have_attribute("data-say", chart.describe(), timeout=20_000)
    page.get_by_role("button", name="Play").click()  # at the end: from the start
    chart.state = "severity=1"
    expect(page.locator(".tlt")).to_have_attribute("data-say", chart.describe(), timeout=20_000)
    page.keyboard.press("Shift")
    page.wait_for_timeout(2000)
    assert said(page) == chart.describe()


def test_answers_stand_under_the_images_as_in_the_atlas(page, tmp_path):
    chart = widgets.domain_mismatch("pair=clothes;regime=frozen;dial=contrast;severity=4")
    show(page, chart, tmp_path)
    rows = atlas.load("answers").query(
        "task == 'fashion_5_9' and regime == 'frozen' and dial == 'contrast' and severity == 4"
    )
    classes = tlt.load_task("fashion_5_9").classes
    for way, place in (("none", 0), ("statistics", 1)):
        here = rows[rows["adaptation"] == way].sort_values("image")
        wanted = [
            f"{'✓' if said == label else '✗'} {classes[said]}"
            for said, label in zip(here["said"], here["label"], strict=True)
        ]
        cells = page.locator(".tlt-cell:not(.tlt-who)")
        shown = [c.locator(".tlt-said").nth(place).text_content() for c in cells.all()]
        assert shown == wanted
        marked = [
            "tlt-wrong" in c.locator(".tlt-said").nth(place).get_attribute("class")
            for c in cells.all()
        ]
        assert marked == (here["said"] != here["label"]).tolist()


def test_two_charts_of_a_kind_have_names_of_their_own(page, tmp_path):
    charts = [widgets.layers(), widgets.layers(), widgets.three_ways()]
    page.goto(pages.write_page(charts, tmp_path / "page.html").as_uri())
    page.wait_for_selector(".tlt >> nth=2", timeout=20_000)
    ids = page.locator("[id]").evaluate_all("nodes => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids))
    for label in page.locator("label[for]").all():
        assert page.locator(f"[id='{label.get_attribute('for')}']").count() == 1


def test_keys_after_a_click_on_a_curve_stay_with_the_chart(page, tmp_path):
    chart = widgets.overfitting("shots=20;step=150")
    show(page, chart, tmp_path)
    page.locator(".tlt-plot").first.click(position={"x": 300, "y": 100})
    focused = page.evaluate("document.activeElement.id")
    assert focused.endswith("-step")
    assert page.evaluate("document.activeElement.dataset.lmSuppressShortcuts") == "true"
    page.keyboard.press("0")
    chart.state = widgets.overfitting().state
    assert said(page) == chart.describe()


def test_a_mean_beyond_the_axis_leaves_an_arrow(page, tmp_path):
    values = np.full((1, 3, 4), np.nan, np.float32)
    values[0, :, 0] = 0.5, 3.25, -0.5
    series = Series("a", "a", REGIMES["frozen"])
    panel = Panel("p", "P", "x", "y", (1, 2, 3), (series,), (), values, "x", (0, 1, 2), "number")
    control = Control("x", "x", (1, 2, 3))
    show(page, Chart(Spec("T", "L", (control,), (panel,))), tmp_path)
    assert page.locator(".tlt-leaves").all_text_contents() == ["↑3.250", "↓-0.500"]


def test_the_state_is_shown_for_copying(page, tmp_path):
    chart = widgets.domain_mismatch("dial=noise;severity=2")
    show(page, chart, tmp_path)
    page.get_by_text("Copy state").click()
    page.get_by_text(chart.state).wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", CHARTS)
def test_axe_finds_nothing_serious(name, scheme, page, tmp_path):
    page.emulate_media(color_scheme=scheme)
    show(page, getattr(widgets, name)(), tmp_path)
    page.get_by_text("Show as table").click()
    page.locator(".tlt-table tbody tr").first.wait_for()
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert serious == [], [(v["id"], [n["html"] for n in v["nodes"]]) for v in serious]


@pytest.mark.parametrize("name", CHARTS)
def test_it_fits_a_phone(name, page, tmp_path):
    page.set_viewport_size({"width": 360, "height": 740})
    show(page, getattr(widgets, name)(), tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_of_it_is_kept(name, page, tmp_path):
    show(page, getattr(widgets, name)(), tmp_path)
    folder = Path(os.environ.get("TLTEACH_ARTEFACTS", tmp_path))
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    assert path.stat().st_size > 10_000


def test_the_same_charts_give_the_same_bytes(tmp_path):
    texts = []
    for name in ("one", "two"):
        charts = [widgets.layers(), widgets.layers()]  # each view has an id of its own
        texts.append(pages.write_page(charts, tmp_path / f"{name}.html").read_bytes())
    assert texts[0] == texts[1]
