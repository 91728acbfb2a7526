"""The built site in a real browser: live charts, questions, search; nothing asked of others."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import tlteach as tlt
from tests.helpers.browser import CHROMIUM
from tests.helpers.served import served

ROOT = Path(__file__).parents[2]
STEM = "05_negative_transfer"
PAGES = ("index.html", "charts.html", f"notebooks/{STEM}.html")
OTHERS = ("learn.html", "extend.html", "protocol.html", "api/measures.html")
NO_BROWSER = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the site NOT tested")

sys.path.insert(0, str(ROOT / "docs"))


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """Build the site with one notebook and two wings; Sphinx's warnings are errors."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, str(ROOT / "docs/build.py"), "--tier", "smoke", "--only", STEM]
    command += ["--wings", "measures", "training"]
    done = subprocess.run(
        [*command, "--out", str(out)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out / "html"


@pytest.fixture(scope="module")
def address(html):
    with served(html) as found:
        yield found


@pytest.fixture
def watched(page: Page):
    """A page that must ask nobody else; what it logs as wrong fails the test, too."""
    others: list[str] = []
    own = ("http://127.0.0.1:", "file:", "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(own) else others.append(r.url))
    page.set_viewport_size({"width": 1280, "height": 900})
    yield page
    assert not others


class Links(HTMLParser):
    """Collects ids and what a page points to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: list[str] = []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.ids |= {known[name] for name in ("id", "name") if known.get(name)}
        self.targets += [known[name] for name in ("href", "src") if known.get(name)]


def read(path: Path) -> Links:
    links = Links()
    links.feed(path.read_text("utf-8"))
    return links


def test_every_link_leads_somewhere(html):
    mine = (path for path in html.rglob("*.html") if "_static" not in path.parts)  # the theme's
    pages = {path: read(path) for path in mine}
    assert len(pages) > 80
    broken = []
    for path, links in pages.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or target.startswith("//"):
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            ids = pages[there].ids if there in pages else {parts.fragment}
            if not there.exists() or (parts.fragment and parts.fragment not in ids):
                broken.append(f"{path.name}: {target}")
    assert not broken


def test_no_page_names_another_server_for_what_it_loads(html):
    loads = re.compile(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(https?:)?//')
    assert not [p.name for p in html.rglob("*.html") if loads.search(p.read_text("utf-8"))]


@NO_BROWSER
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("way", ["served", "from disk"])
def test_a_chart_moves(watched, address, html, name, way):
    watched.goto(f"{address}/{name}" if way == "served" else (html / name).as_uri())
    section = watched.locator("section[data-chart]").first
    section.scroll_into_view_if_needed()
    chart = section.locator(".tlt")
    expect(chart).to_be_visible(timeout=20_000)
    asks = section.get_by_text("Show all, ask no more")
    if asks.count():
        asks.click()
    before = chart.get_attribute("data-say")
    slider = section.locator("input[type=range]:visible").first
    slider.focus()
    watched.keyboard.press("Home")
    home = chart.get_attribute("data-say")
    watched.keyboard.press("End")
    assert len({before, home, chart.get_attribute("data-say")}) > 1
    assert section.locator(".tlt-picture").is_hidden()  # the chart stands in its place


@NO_BROWSER
def test_questions_are_answered_by_the_page(watched, address):
    watched.goto(f"{address}/notebooks/{STEM}.html")
    boxes = watched.locator("section[data-quiz]")
    assert boxes.count() == 6
    said = []
    for number in range(6):
        box = boxes.nth(number)
        box.locator("input").first.check()
        expect(box.locator("[role=status]")).not_to_be_empty()
        said.append(box.locator("[role=status]").inner_text())
    assert all(text.startswith("You said: ") and "Measured: " in text for text in said[:3])
    assert all(text.startswith(("Right: ", "Not yet: ")) for text in said[3:])
    assert len(set(said)) == 6


@NO_BROWSER
def test_solutions_and_hints_are_folded(watched, address):
    watched.goto(f"{address}/notebooks/{STEM}.html")
    hints = watched.locator("details.tlt-hints")
    assert hints.count() == 5
    assert watched.locator("details[open]").count() == 0
    first = hints.first.locator("li").first
    assert first.is_hidden()
    hints.first.locator("summary").click()
    assert first.is_visible()
    solution = watched.get_by_text("Show the solution").first
    assert solution.is_visible()


@NO_BROWSER
def test_search_finds_a_word(watched, address):
    watched.goto(f"{address}/search.html?q=pseudo")
    expect(watched.locator("#search-results li").first).to_be_visible(timeout=20_000)


@NO_BROWSER
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES + OTHERS)
def test_nothing_serious_for_readers_with_aids(watched, address, name, theme):
    watched.emulate_media(color_scheme=theme)
    watched.goto(f"{address}/{name}")
    if name in PAGES:
        watched.locator("section[data-chart]").first.scroll_into_view_if_needed()
        expect(watched.locator("section[data-chart] .tlt").first).to_be_visible(timeout=20_000)
    assert watched.evaluate("document.documentElement.dataset.theme") == theme
    found = Axe().run(watched, options={"preload": False}).response["violations"]
    serious = [
        (fault["id"], node["html"][:150])
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    assert not serious


@NO_BROWSER
@pytest.mark.parametrize("name", [*PAGES, "learn.html"])
def test_a_phone_need_not_scroll_sideways(watched, address, name):
    watched.set_viewport_size({"width": 390, "height": 800})
    watched.goto(f"{address}/{name}")
    watched.wait_for_timeout(1500)
    wide = watched.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


def test_links_of_the_repository_become_links_of_the_site():
    import doctest

    import site_pages

    assert doctest.testmod(site_pages).failed == 0
    with pytest.raises(FileNotFoundError, match=r"README\.md links to docs/no\.md, which"):
        site_pages.relinked("[x](docs/no.md)", "README.md", {})


def test_the_protocol_tells_the_range_that_is_searched():
    told = (ROOT / "docs" / "pages" / "protocol.md").read_text("utf-8")
    for name in ("scratch", "fine_tune"):
        low, high = tlt.REGIMES[name].low, tlt.REGIMES[name].high
        assert f"learning rate from {low:g} to {high:g}" in told


def test_minutes_are_those_of_the_kit(html):
    import site_notebooks as made

    told = (html / "teach.html").read_text("utf-8")
    assert f"<td><p>{made.minutes('00') + made.minutes('01')}</p></td>" in told
    assert "minutes:" not in told


def test_sentences_are_broken_by_the_page_and_tables_stay():
    import site_notebooks as made

    from tlteach.base import wrapped

    said = f"Grid of 55 images, 5 of each of 11: {', '.join(['hoofed mammal'] * 6)}."
    printed = f"{wrapped(said)}\ndone\n"
    assert printed.count("\n") == 3
    assert made._unbroken(printed) == f"{said}\ndone\n"
    columns = "\n".join(f"{name:<80}0.5" for name in ("photographs", "drawings"))
    assert made._unbroken(columns) == columns


def test_each_output_lives_or_says_that_it_needs_a_kernel():
    import nbformat
    import site_notebooks as made

    def output(**data):
        return nbformat.v4.new_output("display_data", data=data)

    chart = '<section data-chart><script type="application/json">{}</script></section>'
    picture = '<img alt="a" src="data:image/png;base64,eA==">'
    live = {made.VIEW: {"model_id": "1"}}
    outputs = [
        output(**live, **{"text/plain": "<Three ways: shots=5>"}),
        output(
            **{"text/html": f'<div>{chart}<img alt="a" src="data:image/png;base64,eA=="></div>'}
        ),
        output(**live, **{"text/plain": "<collect into desk: cup 3>"}),
        output(**live, **{"text/plain": "00.d Which?"}),
        output(**{"text/html": '<div id="tlt-quiz-1"></div>', "text/plain": ""}),
        nbformat.v4.new_output("stream", text="letters: you did not choose. Measured: helps\n"),
        output(**{"text/html": "<table></table>"}),
    ]
    assert not [*made._alive([], "15_your_own", {})]
    shown = [*made._alive(outputs, "15_your_own", {})]
    texts = [one.get("text", one.get("data", {}).get("text/html")) for one in shown]
    assert texts[0] == made.with_picture(chart, picture)
    assert "tlteach lab 15" in texts[1]  # not a chart, whatever its text looks like
    assert texts[2].startswith("<section data-quiz>")
    assert texts[3:] == ["letters. Measured: helps\n", "<table></table>"]
