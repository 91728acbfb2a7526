"""One kit for all tests that look at it, notebooks to be spoilt, and a page that guards itself."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.helpers.browser import ARGUMENTS, CHROMIUM
from tlteach.classroom import kit

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def kit_folder(tmp_path_factory):
    """The whole kit; nobody writes into it."""
    return kit.write_kit(tmp_path_factory.mktemp("kit")).parent


@pytest.fixture
def copied(tmp_path):
    """The notebooks, to be spoilt."""
    return shutil.copytree(NOTEBOOKS, tmp_path / "notebooks", ignore=shutil.ignore_patterns("src"))


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def page(browser):
    """A page that may ask for files alone, and must not complain."""
    complaints, asked = [], []
    found = browser.new_page(viewport={"width": 1280, "height": 800})
    found.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
    found.on("pageerror", lambda error: complaints.append(str(error)))

    def guard(route):
        asked.append(route.request.url)
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            route.abort()

    found.route("**/*", guard)
    yield found
    found.close()
    assert not complaints
    assert asked
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
