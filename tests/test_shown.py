"""What a notebook shows of objects, in a real browser: in light and dark, for screen readers."""

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

import tlteach as tlt
from tests.helpers.browser import ARGUMENTS, CHROMIUM
from tests.helpers.shown import HOSTILE, sound
from tlteach.measures import Verdict

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: views NOT tested")
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="color-scheme" content="light dark"><title>Views</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"></head>
<body><main><h1>Views</h1>{}</main></body></html>"""


@pytest.fixture(scope="module")
def views(digits, few):
    small = tlt.load_backbone("small_cnn", seed=0)
    names = [f"{HOSTILE} {i}" for i in range(10)]
    config = tlt.TrainConfig(updates=4, batch_size=8, measure_every=2)
    run = tlt.train(small, few, "fine_tune", config, seed=0, device="cpu")
    run.test(few)
    ends = (0.1, 0.02, 0.2, 5, 5, 0.05, 0.15, "seeds and images", "", "")
    verdict = Verdict("frozen", "scratch", "accuracy", "helps", *ends)
    found = tlt.audit(digits, backbone="small_cnn")
    hostile = replace(digits, classes=tuple(names))
    regimes = [tlt.REGIMES[name] for name in ("scratch", "lp_ft")]
    objects = [hostile, tlt.load_task("reviews"), small, *regimes, run, verdict, found]
    return "".join(sound(one).html for one in objects)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1000])
def test_views_are_read_by_everyone_and_ask_nothing_of_a_network(views, scheme, width):
    complaints, asked = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        page.on("console", lambda told: complaints.append(told.text))
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.set_content(PAGE.format(views))
        broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).length")
        serious = [
            (found["id"], found["nodes"][0]["html"])
            for found in Axe().run(page).response["violations"]
            if found["impact"] in ("serious", "critical")
        ]
        browser.close()
    assert (complaints, broken, serious) == ([], 0, [])
    assert [url for url in asked if not url.startswith(("data:", "about:"))] == []
