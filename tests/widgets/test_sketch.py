"""A guess is drawn before the curves are seen: by hand, or by keys with a name for every point."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.helpers.browser import CHROMIUM
from tests.helpers.drawn import faults, read
from tests.helpers.plotted import Ticks, points
from tlteach import widgets
from tlteach.widgets import pages

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: widgets NOT tested")
HIDDEN = "Draw your guess first."


def shown(page, folder):
    """Return a chart that stands on a page."""
    chart = widgets.layers()
    page.goto(pages.write_page([chart], folder / "page.html").as_uri())
    page.wait_for_selector(".tlt", timeout=20_000)
    return chart


def said(page):
    return page.locator(".tlt").get_attribute("data-say")


def sketched(page, chart):
    """Return the drawn points as places of x and values, read off the drawn axes."""
    [drawn] = read(page, [(0, None)])
    panel = chart._spec.panels[0]
    ticks = Ticks(drawn["plots"][0], panel, drawn["type"])
    assert [*ticks.faults()] == []
    [line] = (one for one in drawn["plots"][0]["shapes"] if one["kind"] == "sketch")
    far = [(abs(ticks.x()(x) - px), x) for px, _ in points(line["d"]) for x in panel.x]
    places = [min(far[i : i + len(panel.x)])[1] for i in range(0, len(far), len(panel.x))]
    low, high = panel.y[0], panel.y[-1]
    tall = ticks.y(low) - ticks.y(high)
    values = [low + (ticks.y(low) - py) / tall * (high - low) for _, py in points(line["d"])]
    return dict(zip(places, values, strict=True))


def test_a_curve_is_drawn_first_and_the_real_one_over_it(page, tmp_path):
    chart = shown(page, tmp_path)
    page.get_by_role("button", name="Draw first").click()
    plot = page.locator(".tlt-plot").first
    assert not plot.locator(".tlt-mark").first.is_visible()
    assert not page.locator(".tlt-readout").first.is_visible()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.2 * box["height"], steps=12)
    page.mouse.up()
    drawn = page.locator(".tlt-sketch").get_attribute("d")
    places = [float(part.split(",")[1]) for part in drawn.replace("M", "L").split("L")[1:]]
    assert len(places) >= 3
    assert np.all(np.diff(places) <= 0)  # the hand went up
    assert places[-1] == pytest.approx(0.2 * box["height"], abs=1)
    assert said(page) == HIDDEN
    page.get_by_role("button", name="Show the curves").click()
    assert plot.locator(".tlt-mark").first.is_visible()
    assert page.locator(".tlt-sketch").get_attribute("d") == drawn
    assert said(page) == chart.describe()  # no control was moved by it
    assert [*faults(*read(page, [(0, None)]), chart)] == []


def test_keys_alone_draw_a_curve_and_show_the_real_one(page, tmp_path):
    chart = shown(page, tmp_path)
    page.get_by_role("button", name="Draw first").focus()
    page.keyboard.press("Enter")
    panel = chart._spec.panels[0]
    fine = (panel.y[1] - panel.y[0]) / 10
    middle = (panel.y[0] + panel.y[-1]) / 2
    assert sketched(page, chart) == {}
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    for key in ("ArrowDown", "End", "PageUp", "PageUp", "ArrowLeft", "ArrowUp", "Delete"):
        page.keyboard.press(key)
    first = round((middle - panel.y[0]) / fine) * fine + panel.y[0] + 2 * fine
    wanted = {panel.x[0]: first, panel.x[2]: first - fine}
    wanted[panel.x[-1]] = min(panel.y[-1], first - fine + 10 * fine)
    assert sketched(page, chart) == pytest.approx(wanted, abs=0.003)
    assert said(page) == HIDDEN
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Draw first")).to_be_focused()
    assert sketched(page, chart) == pytest.approx(wanted, abs=0.003)
    assert page.locator(".tlt-plot .tlt-mark").first.is_visible()
    assert [*faults(*read(page, [(0, None)]), chart)] == []  # and no control was moved


def test_every_point_has_a_name_and_says_what_was_guessed(page, tmp_path):
    chart = shown(page, tmp_path)
    button = page.get_by_role("button", name="Draw first")
    button.focus()
    page.keyboard.press("Enter")
    panel = chart._spec.panels[0]
    for x in panel.x:
        point = page.get_by_role("slider", name=f"your guess, {panel.x_label} {x}", exact=True)
        expect(point).to_be_focused()
        expect(point).to_have_attribute("aria-valuetext", "no guess yet")
        page.keyboard.press("ArrowUp")
        value = sketched(page, chart)[x]
        expect(point).to_have_attribute("aria-valuetext", f"{100 * value:.1f}%")
        assert float(point.get_attribute("aria-valuenow")) == pytest.approx(value, abs=0.003)
        page.keyboard.press("ArrowRight")
    group = page.locator(".tlt-plot").first
    many = f"{len(panel.x)} of {len(panel.x)} points"
    expect(group).to_have_attribute("aria-label", f"{panel.title}: your guess, {many}")
    serious = [
        (fault["id"], [node["html"] for node in fault["nodes"]])
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Show the curves")).to_be_focused()


def test_keys_stay_between_the_lowest_and_the_highest(page, tmp_path):
    chart = shown(page, tmp_path)
    page.get_by_role("button", name="Draw first").click()
    panel = chart._spec.panels[0]
    for key, end in (("PageUp", panel.y[-1]), ("PageDown", panel.y[0])):
        for _ in range(10):
            page.keyboard.press(key)
        assert sketched(page, chart) == pytest.approx({panel.x[0]: end}, abs=0.003)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")  # there is nothing further left
    page.keyboard.press("Backspace")
    assert sketched(page, chart) == {}
