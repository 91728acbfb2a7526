"""Charts in JupyterLab: drawn, heard by the kernel, moved by it, alive after it."""

import time

import pytest
from browser import ARGUMENTS, CHROMIUM, jupyterlab, write_notebook
from playwright.sync_api import Page, expect, sync_playwright

from tlteach import widgets

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: widgets NOT tested")
WAIT = 120_000  # milliseconds; the machine may be busy
CELLS = [
    "from tlteach import widgets\nchart = widgets.overfitting()\nchart",
    "print('heard', chart.state)",
    "chart.state = 'shots=2;step=30'\nprint('moved')",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    root = tmp_path_factory.mktemp("lab")
    write_notebook(root / "charts.ipynb", CELLS)
    with jupyterlab(root) as url:
        yield url


@pytest.fixture
def page(lab):
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        found = browser.new_page(viewport={"width": 1200, "height": 1400})
        found.on("console", lambda m: m.type == "error" and complaints.append(m.text))
        found.on("pageerror", lambda error: complaints.append(str(error)))
        found.goto(f"{lab}/lab/tree/charts.ipynb?reset")
        found.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=WAIT)
        yield found
        browser.close()
    assert not complaints


def run_cell(page: Page, number: int, wanted: str) -> None:
    page.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".jp-CodeCell").nth(number)).to_contain_text(wanted, timeout=WAIT)


def said(page: Page) -> str:
    return page.locator(".tlt").get_attribute("data-say")


def test_a_chart_lives_in_jupyterlab(page, lab):
    chart = widgets.overfitting()
    expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute(
        "data-status", "idle", timeout=WAIT
    )
    run_cell(page, 0, "Overfitting")
    page.wait_for_selector(".tlt-plot", timeout=WAIT)
    assert said(page) == chart.describe()
    assert not page.locator("[class^=tlt-still]").is_visible()

    page.locator("[id$=-shots]").focus()
    page.keyboard.press("ArrowRight")  # JupyterLab's own shortcuts must not take it
    chart.state = "shots=20"
    assert said(page) == chart.describe()
    time.sleep(1)  # the kernel hears of it when the hand rests
    run_cell(page, 1, f"heard {chart.state}")

    run_cell(page, 2, "moved")
    chart.state = "shots=2;step=30"
    expect(page.locator(".tlt")).to_have_attribute("data-say", chart.describe(), timeout=WAIT)

    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0, timeout=WAIT)
    for kernel in page.request.get(f"{lab}/api/sessions").json():
        page.request.delete(f"{lab}/api/sessions/{kernel['id']}")
    page.goto(f"{lab}/lab/tree/charts.ipynb?reset")
    page.wait_for_selector(".tlt-plot", timeout=WAIT)
    assert said(page) == chart.describe()
    page.locator("[id$=-shots]").focus()
    page.keyboard.press("ArrowRight")
    chart.state = "shots=5"
    assert said(page) == chart.describe()
