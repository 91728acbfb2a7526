"""From a moved slider to changed pixels, in a real Chromium: idle, and beside a training.

Each chart is the page that `tlteach pages` writes. 200 moves: the clock starts before the input
event and stops when the browser has painted the frame that shows it. The frame rate is not
limited, so that the wait for a screen is not counted. "Training": a live training runs in
another thread of this process, on the same cores.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import arguments, machine, save, tell, warn_if_busy

# isort: split
import numpy as np
from playwright.sync_api import Page, sync_playwright

import tlteach as tlt
from tlteach import widgets
from tlteach.training import LiveTraining
from tlteach.widgets.pages import write_page

MOVES = 200
IDLE, TRAINING = 16.0, 50.0  # goals, milliseconds at the 95th percentile
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-frame-rate-limit", "--disable-gpu-vsync"]
WORK = """async (moves) => {
  const sliders = [...document.querySelectorAll('.tlt input[type=range]')];
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  const times = [];
  for (let i = 0; i < moves; i += 1) {
    const slider = sliders[i % sliders.length];
    const old = slider.value;
    slider.value = (Number(old) + 1) % (Number(slider.max) + 1);
    const start = performance.now();
    slider.dispatchEvent(new Event('input'));
    await painted();
    times.push(performance.now() - start);
  }
  return times;
}"""


def moved(page: Page, moves: int) -> list[float]:
    """Return milliseconds for each move; the first ones warm up and are left out."""
    return page.evaluate(WORK, moves + 20)[20:]


def told(name: str, times: list[float], goal: float) -> dict[str, Any]:
    p95 = float(np.quantile(times, 0.95))
    found = {"median": p95, "q25": p95, "q75": p95, "n": len(times)}
    row = tell(f"{name}, 95th percentile", found, goal, unit=" ms")
    return row | {"median_of_moves": round(float(np.median(times)), 3)}


def training() -> LiveTraining:
    few = tlt.few_shot(tlt.load_task("fashion"), 20, seed=0)
    config = tlt.TrainConfig(updates=100_000)
    return LiveTraining(tlt.load_backbone("small_cnn"), few, "scratch", config, seed=0)


def main() -> None:
    options = arguments("from a moved slider to changed pixels")
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no Chromium here: this benchmark needs one")
    moves = 10 if options.quick else MOVES
    here = machine()
    warn_if_busy(here)
    rows = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, chart in widgets.CHARTS.items():
            try:
                path = write_page([chart()], Path(folder) / f"{name}.html")
            except FileNotFoundError as error:
                print(f"{name} is left out: {error}")
                continue
            page = browser.new_page(viewport={"width": 800, "height": 1000})
            page.goto(path.as_uri())
            page.wait_for_selector(".tlt-plot")
            row = f"slider to pixels, {name}"
            rows[f"{row}, idle"] = told(f"{row}, idle", moved(page, moves), IDLE)
            live = training()
            live.start()
            beside = f"{row}, beside a training"
            rows[beside] = told(beside, moved(page, moves), TRAINING)
            live.stop()
            live.result()
            page.close()
        browser.close()
    save("widgets", here, {"rows": rows}, options.out)


if __name__ == "__main__":
    main()
