"""Notebooks as learners run them: JupyterLab, Chromium, Shift-Enter on every cell.

python -m tests.helpers.by_hand 00_start [more names] [--solved] [--out FOLDER]

Prints what a learner would stumble over. Errors, widgets that do not show and complaints of the
browser end red; what was written to stderr is only told. FOLDER gets a picture of each screenful
that shows a picture, a widget or a table: look through them.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from playwright.sync_api import Error, Page, expect

from tests.helpers.browser import WAIT, browsed, end_kernels, jupyterlab, save

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
LONGEST = 20 * 60_000  # milliseconds of a cell
BROKEN = re.compile("Loading widget|Error displaying widget|Error creating widget|Javascript Error")
LOOK = Path(__file__).with_name("by_hand.js").read_text("utf-8")


@dataclass
class Report:
    """What happened in a notebook: how much ran, what is wrong, what is only told."""

    name: str
    cells: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        head = f"{self.name}: {self.cells} code cells in {self.seconds:.0f} s"
        return "\n    ".join([head, *(self.faults + self.told or ["nothing to tell"])])


def first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def unnumbered(path: Path) -> list[NotebookNode]:
    """Take the numbers off a notebook's cells, so that a number says that a cell ran here."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
    nbformat.write(notebook, path)
    return notebook.cells


def press(page: Page, place: int, number: int | None) -> None:
    """Press Shift-Enter on a cell; one of code has to get its number."""
    cell = page.locator(f'.jp-Cell[data-windowed-list-index="{place}"]')
    expect(cell).to_have_class(re.compile("jp-mod-active"), timeout=WAIT)
    page.keyboard.press("Shift+Enter")
    if number:
        expect(cell.locator(".jp-InputPrompt")).to_have_text(f"[{number}]:", timeout=LONGEST)
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=WAIT)


def run_all(page: Page, cells: list[NotebookNode], report: Report) -> None:
    """Press Shift-Enter from the first cell to the last; stop where a cell does not end."""
    page.locator(".jp-Cell .jp-InputPrompt").first.click()  # selects it, follows no link
    start = time.monotonic()
    for place, cell in enumerate(cells):
        code = cell.cell_type == "code"
        try:
            press(page, place, report.cells + 1 if code else None)
        except (AssertionError, Error) as error:
            report.faults.append(f"stuck: {first_line(str(error))} | {first_line(cell.source)}")
            break
        report.cells += code
    report.seconds = time.monotonic() - start


def read(path: Path, report: Report) -> None:
    """Note errors and stderr of a notebook that was saved."""
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            where = f"[{cell.execution_count}] {first_line(cell.source)} |"
            if output.output_type == "error":
                report.faults.append(f"{where} {output.ename}: {output.evalue}")
            elif output.get("name") == "stderr":
                report.told.append(f"{where} stderr: {output.text[:200]!r}")


def screenfuls(page: Page) -> Iterator[dict]:
    before, place = -1.0, 0.0
    while (seen := page.evaluate(LOOK, place))["top"] > before:
        yield seen
        before, place = seen["top"], seen["top"] + 0.9 * seen["height"]


def look(page: Page, report: Report, out: Path | None) -> None:
    """Note widgets that do not show; keep a picture of each screenful worth looking at."""
    broken = {}  # a cell may be seen twice
    for number, seen in enumerate(screenfuls(page), 1):
        broken |= {f"{cell[:60]} | {w}": 0 for cell in seen["cells"] for w in BROKEN.findall(cell)}
        if out and seen["drawn"]:
            page.screenshot(path=out / f"{report.name.replace('/', '_')}_{number:02}.png")
    report.faults += broken


def by_hand(url: str, root: Path, name: str, out: Path | None) -> Report:
    """Run a notebook of the folder that JupyterLab serves, and look at it."""
    report, complaints, path = Report(name), [], root / f"{name}.ipynb"
    cells = unnumbered(path)
    with browsed(url, f"{name}.ipynb", 900, complaints) as page:
        run_all(page, cells, report)
        save(page)
        read(path, report)
        look(page, report, out)
        end_kernels(page, url)
    report.faults += [f"browser: {text}" for text in complaints]
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="+", choices=NAMES, metavar="NAME")
    parser.add_argument("--solved", action="store_true", help="the copies with solutions")
    parser.add_argument("--out", type=Path, help="folder for pictures of the pages")
    options, wrong = parser.parse_args(), 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(NOTEBOOKS, Path(folder) / "notebooks"))
        home = f"{folder}/home"  # nobody's progress is touched
        os.environ |= {"TLTEACH_HOME": home, "TLTEACH_PROGRESS": f"{folder}/progress"}
        os.environ |= {"TLTEACH_OFFLINE": "1", "TLTEACH_TIER": "class"}
        with jupyterlab(root, saved=False) as url:
            for name in options.names:
                report = by_hand(url, root, "solutions/" * options.solved + name, options.out)
                print(report, flush=True)  # noqa: T201
                wrong += len(report.faults)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
