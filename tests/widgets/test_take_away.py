"""What goes out of a chart, and what comes in before it: links, pictures, hands."""

import xml.etree.ElementTree as ElementTree

import pytest
from playwright.sync_api import expect

from tests.helpers.browser import CHROMIUM
from tests.helpers.drawn import faults, read
from tlteach import widgets
from tlteach.widgets import pages

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: widgets NOT tested")


@pytest.fixture(scope="module")
def chart():
    return widgets.layers()


@pytest.fixture(scope="module")
def mismatch():
    return widgets.domain_mismatch()


def show(page, chart, folder):
    path = pages.write_page([chart], folder / "page.html")
    page.goto(path.as_uri())
    page.wait_for_selector(".tlt", timeout=20_000)
    return path


def said(page):
    return page.locator(".tlt").get_attribute("data-say")


def test_a_link_opens_the_state_it_was_copied_in(page, chart, tmp_path):
    path = show(page, chart, tmp_path)
    state = chart._spec.presets[[*chart._spec.presets][1]]
    page.keyboard.press("Tab")
    page.locator(".tlt-bar button").nth(1).click()
    expect(page).to_have_url(f"{path.as_uri()}#which-layers-learn:{state}")
    page.get_by_role("button", name="Copy link").click()
    link = page.get_by_text("#which-layers-learn:").text_content()
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(".tlt", timeout=20_000)
    before = chart.state
    chart.state = state
    assert said(page) == chart.describe()
    chart.state = before


def test_an_address_of_another_chart_moves_nothing(page, chart, tmp_path):
    path = show(page, chart, tmp_path)
    page.goto("about:blank")
    page.goto(f"{path.as_uri()}#three-ways:shots=50")
    page.wait_for_selector(".tlt", timeout=20_000)
    assert said(page) == chart.describe()


def test_a_saved_picture_holds_what_is_seen(page, chart, tmp_path):
    show(page, chart, tmp_path)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save picture").click()
    assert download.value.suggested_filename == "which-layers-learn.svg"
    root = ElementTree.parse(download.value.path()).getroot()
    texts = ["".join(node.itertext()) for node in root.iter() if node.tag.endswith("text")]
    told = " ".join(texts)
    assert page.locator(".tlt-now").text_content() in told
    for panel in chart._spec.panels:
        assert panel.title in texts
        for series in panel.series:
            assert series.label in told
    drawn = page.locator(".tlt-plot .tlt-mark[d]").evaluate_all(
        "all => all.map((one) => one.getAttribute('d'))"
    )
    kept = [node.get("d") for node in root.iter() if node.get("d")]
    assert drawn
    assert set(filter(None, drawn)) <= set(kept)
    inks = [node.get("style") for node in root.iter() if node.get("d") in drawn and node.get("d")]
    assert all("fill:rgb(" in ink or "fill: rgb(" in ink for ink in inks)


def test_hands_are_counted_for_each_state(page, tmp_path):
    chart = widgets.negative_transfer(predict=True)
    show(page, chart, tmp_path)
    hands = page.locator(".tlt-hand")
    for _ in range(3):
        hands.first.click()
    hands.last.click()
    assert hands.all_text_contents() == ["✋ helps: 3", "✋ cannot tell: 0", "✋ hurts: 1"]
    page.locator("[id$=-source]").select_option("letters")
    assert hands.first.text_content() == "✋ helps: 0"
    page.locator("[id$=-source]").select_option("other clothes")
    assert hands.first.text_content() == "✋ helps: 3"
    page.get_by_role("button", name="clear").click()
    assert hands.first.text_content() == "✋ helps: 0"
    assert not page.locator(".tlt-plot").first.is_visible()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_mismatch_plays_once_for_those_who_do_not_mind(motion, page, mismatch, tmp_path):
    page.emulate_media(reduced_motion=motion)
    show(page, mismatch, tmp_path)
    if motion == "reduce":
        page.wait_for_timeout(1500)
        assert said(page) == mismatch.describe()
        return
    start = mismatch.state
    mismatch.state = "severity=4"
    expect(page.locator(".tlt")).to_have_attribute("data-say", mismatch.describe(), timeout=20_000)
    page.wait_for_timeout(1500)
    assert said(page) == mismatch.describe()
    mismatch.state = start


def test_the_map_moves_with_the_way_to_adapt(page, mismatch, tmp_path):
    show(page, mismatch, tmp_path)
    start = mismatch.state
    seen = set()
    for state in ("severity=4", "way=statistics", "way=coral"):
        mismatch.state = state
        [drawn] = read(page, [(0, [mismatch.at[c.id] for c in mismatch._spec.controls])])
        assert [*faults(drawn, mismatch)] == []
        seen.add(tuple(drawn["clouds"][0]["paths"]))
    assert len(seen) == 3
    mismatch.state = start
