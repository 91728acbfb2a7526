"""From a key on a slider to changed pixels, in a real Chromium: idle, and beside a training.

Each chart is the page that `tlteach pages` writes, with its table closed and open. A key goes in
through the browser's debugging protocol, so it is a trusted event that takes the whole way. The
browser's own trace tells how long each took: `EventLatency`, from the event to the presentation of
the frame that holds what it changed. That the chart was drawn anew in that very frame is watched in
the page, and a move where it was not ends the benchmark. The frame rate is not limited, so that the
wait for a screen, up to 17 ms at 60 Hz, is not counted. (Casting the screen instead takes longer
than what it looks at: 15 ms for a page without a chart, each frame being read back and packed.)
"Training": a live training runs in another thread of this process, on the same cores. The first row
is a page with nothing but a slider and its number: what browser and machine take by themselves.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from common import QUIET, RESULTS, arguments, machine, save, tell, warn_if_busy

# isort: split
import numpy as np
from playwright.async_api import Browser, CDPSession, Page, async_playwright

import tlteach as tlt
from tlteach import widgets
from tlteach.training import LiveTraining
from tlteach.widgets.pages import write_page

MOVES = 100
WARM = 10  # moves that are left out, or half of all
IDLE, TRAINING = 16.0, 50.0  # goals, milliseconds at the 95th percentile
SETTLED = 0.3  # seconds: shapes glide for 0.2
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-frame-rate-limit", "--disable-gpu-vsync"]
SIZE = {"width": 800, "height": 1000}
TRACED = {
    "transferMode": "ReportEvents",
    "traceConfig": {"includedCategories": ["input"]},
}
# of each key that goes down: was the page written to before the frame after it had been painted?
WATCH = """
window.drawn = [];
let written = false;
addEventListener("DOMContentLoaded", () =>
  new MutationObserver(() => { written = true; }).observe(
    document.body, {subtree: true, childList: true, attributes: true, characterData: true}));
addEventListener("keydown", () => {
  written = false;
  requestAnimationFrame(() => {
    const painted = new MessageChannel();
    painted.port1.onmessage = () => drawn.push(written);
    painted.port2.postMessage("");
  });
}, true);
"""
BARE = (  # of the class that is looked for
    '<!doctype html><title>bare</title><div class="tlt"><p id="told">0</p><input type="range" '
    'aria-label="bare" max="50" value="0" oninput="told.textContent = this.value"></div>'
)
KEYS = {"ArrowRight": 39, "Home": 36}


class Trace:
    """The browser's trace, from `begin` to `end`."""

    def __init__(self, cdp: CDPSession) -> None:
        self.cdp, self.complete = cdp, asyncio.Event()
        self.events: list[dict[str, Any]] = []
        cdp.on("Tracing.dataCollected", lambda data: self.events.extend(data["value"]))
        cdp.on("Tracing.tracingComplete", lambda _: self.complete.set())

    async def begin(self) -> None:
        """Start tracing."""
        await self.cdp.send("Tracing.start", TRACED)

    async def end(self) -> list[float]:
        """Return the milliseconds from each key that went down to its frame on the screen."""
        await self.cdp.send("Tracing.end")
        await self.complete.wait()
        begun: dict[str, dict[str, Any]] = {}
        times = []
        for event in sorted(self.events, key=lambda event: event["ts"]):
            if event["name"] != "EventLatency":
                continue
            key = f"{event['pid']} {event['id2']['local']}"
            if event["ph"] == "b":
                begun[key] = event
            elif event["ph"] == "e" and (begin := begun.pop(key, None)):
                kind = begin["args"]["event_latency"]["event_type"]
                times += [(event["ts"] - begin["ts"]) / 1000] if kind == "KEY_PRESSED" else []
        return times


async def moved(page: Page, moves: int) -> list[float]:
    """Return milliseconds for each move of one slider after the other."""
    cdp = await page.context.new_cdp_session(page)
    trace = Trace(await page.context.browser.new_browser_cdp_session())
    there = await page.locator(".tlt input[type=range]:visible").element_handles()
    sliders = [one for one in there if await one.evaluate("one => one.min !== one.max")]
    await page.evaluate("drawn.length = 0")
    await trace.begin()
    warm = min(WARM, moves)
    for i in range(moves + warm):
        slider = sliders[i % len(sliders)]
        await slider.focus()
        await asyncio.sleep(0.1)  # the ring around what has the focus is painted too
        at_end = await slider.evaluate("one => one.value === one.max")
        key = "Home" if at_end else "ArrowRight"
        known = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        await cdp.send("Input.dispatchKeyEvent", known | {"type": "rawKeyDown"})
        await cdp.send("Input.dispatchKeyEvent", known | {"type": "keyUp"})
        await asyncio.sleep(SETTLED)
    times, drawn = await trace.end(), await page.evaluate("drawn")
    await cdp.detach()
    if not len(times) == len(drawn) == moves + warm or not all(drawn):
        sys.exit(f"{sum(drawn)} of {moves + warm} keys drew the next frame, {len(times)} traced")
    return times[warm:]


def told(name: str, times: list[float], goal: float | None) -> dict[str, Any]:
    p95 = float(np.quantile(times, 0.95))
    found = {"median": p95, "q25": p95, "q75": p95, "n": len(times)}
    row = tell(f"{name}, 95th percentile", found, goal, unit=" ms")
    return row | {"median_of_moves": round(float(np.median(times)), 3)}


def training() -> LiveTraining:
    few = tlt.few_shot(tlt.load_task("fashion"), 20, seed=0)
    config = tlt.TrainConfig(updates=100_000)
    return LiveTraining(tlt.load_backbone("small_cnn"), few, "scratch", config, seed=0)


async def bare(browser: Browser, path: Path, moves: int) -> dict[str, Any]:
    """Return the row of a page without a chart."""
    path.write_text(BARE)
    page = await browser.new_page(viewport=SIZE)
    await page.add_init_script(WATCH)
    await page.goto(path.as_uri())
    row = "slider to pixels, no chart at all"
    found = {row: told(row, await moved(page, moves), None)}
    await page.close()
    return found


async def measured(browser: Browser, path: Path, name: str, moves: int) -> dict[str, Any]:
    """Return the rows of one chart: idle with its table closed and open, and beside a training."""
    page = await browser.new_page(viewport=SIZE)
    await page.add_init_script(WATCH)
    await page.goto(path.as_uri())
    await page.wait_for_selector(".tlt-plot")
    rows, row = {}, f"slider to pixels, {name}"
    rows[f"{row}, idle"] = told(f"{row}, idle", await moved(page, moves), IDLE)
    live = training()
    live.start()
    beside = f"{row}, beside a training"
    rows[beside] = told(beside, await moved(page, moves), TRAINING)
    live.stop()
    live.result()
    await page.get_by_text("Show as table").click()
    await page.locator(".tlt-table tbody tr").first.wait_for()
    opened = f"{row}, idle, table open"
    rows[opened] = told(opened, await moved(page, moves), IDLE)
    await page.close()
    return rows


async def every(names: Iterable[str], moves: int, folder: Path) -> dict[str, Any]:
    """Return the rows of these charts."""
    rows: dict[str, Any] = {}
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        rows |= await bare(browser, folder / "bare.html", moves)
        for name in names:
            try:
                path = write_page([widgets.CHARTS[name]()], folder / f"{name}.html")
            except FileNotFoundError as error:
                print(f"{name} is left out: {error}")
                continue
            rows |= await measured(browser, path, name, moves)
        await browser.close()
    return rows


def main() -> None:
    options = arguments("from a key on a slider to changed pixels")
    if shutil.which("chromium") is None:
        sys.exit("no Chromium here: this benchmark needs one")
    here = machine()
    warn_if_busy(here)
    with tempfile.TemporaryDirectory() as folder:
        names, moves = (["overfitting"], 2) if options.quick else (widgets.CHARTS, MOVES)
        rows = asyncio.run(every(names, moves, Path(folder)))
    if here["load_before"] > QUIET and options.out == RESULTS:
        print("the machine was busy: nothing is written, the committed result stays")
        return
    save("widgets", here, {"rows": rows}, options.out)


if __name__ == "__main__":
    main()
