"""Break the front ends one line at a time, and see whether the tests see it: `make mutants`.

Every mutation of `mutations.txt` is put into a copy of its file. Then the fast tests look, and stop
at the first fault: every chart turned through its states and read back from the page, questions
with their buttons, then charts without a browser and the gestures of `tests/widgets`. What nobody
notices is a survivor; a score below 95 % ends red.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import inspect
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

import pytest  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

import tlteach  # noqa: E402
from tests.helpers.browser import ARGUMENTS, CHROMIUM  # noqa: E402

TABLE = Path(__file__).parent / "mutations.txt"
GOAL = 0.95
FRONT = "widgets/static"  # read anew for every page: nothing has to be loaded again
WINGS = ("widgets", "lessons")
OURS = ("tlteach.widgets", "tlteach.lessons", "tests.helpers", "tests.widgets")
RICH = ("negative_transfer", "domain_mismatch")  # have most to see: looked at first
TABLES = tuple(f"tests.widgets.test_{name}" for name in ("chart_numbers", "charts", "live"))
HANDS = tuple(f"tests.widgets.test_{name}" for name in ("page", "drawn", "sketch"))
GESTURES = ("page", "tmp_path")  # what tests of single gestures ask for


@dataclass(frozen=True)
class Mutation:
    """A file below `tlteach`, a text that stands in it once, and what takes its place."""

    file: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.file}\n    - {self.old}\n    + {self.new}"

    def source(self) -> str:
        """Return what stands in the file now."""
        return (REPOSITORY / "tlteach" / self.file).read_text("utf-8")

    def apply(self, folder: Path) -> None:
        """Change the copy of the file in a folder."""
        path = folder / self.file
        text = path.read_text("utf-8")
        if text.count(self.old) != 1:
            msg = f"the old text must stand once in {self.file}; it stands there "
            raise ValueError(f"{msg}{text.count(self.old)} times: {self.old}")
        path.write_text(text.replace(self.old, self.new), "utf-8")


WHOLE = Mutation("widgets/_chart.py", *2 * ["class Chart(anywidget.AnyWidget):"])  # changes nothing


def mutations() -> list[Mutation]:
    """Return the table's mutations, in order."""
    found, file, old, new = [], "", [], []
    for line in [*TABLE.read_text("utf-8").splitlines(), ""]:
        if line.startswith("@ "):
            file = line[2:]
        elif line.startswith("-"):
            old.append(line[2:])
        elif line.startswith("+"):
            new.append(line[2:])
        elif old:
            found.append(Mutation(file, "\n".join(old), "\n".join(new)))
            old, new = [], []
    return found


def some(count: int, seed: str) -> list[Mutation]:
    """Draw a few mutations: the same seed, the same ones."""
    return random.Random(seed).sample(mutations(), count)


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    """Let `tlteach` be one with a mutation in it; what was loaded before comes back afterwards."""
    if mutation.file.startswith(FRONT):
        bundle = importlib.import_module("tlteach.widgets._bundle")
        with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
            shutil.copytree(bundle.STATIC, Path(name) / FRONT)
            mutation.apply(Path(name))
            patch.setattr(bundle, "STATIC", Path(name) / FRONT)
            yield
        return
    known = {name: module for name, module in sys.modules.items() if name.startswith(OURS)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for wing in WINGS:
            shutil.copytree(REPOSITORY / "tlteach" / wing, folder / wing)
        mutation.apply(folder)
        tlteach.__path__.insert(0, name)
        attributes = {wing: vars(tlteach).pop(wing, None) for wing in WINGS}
        for loaded in known:
            del sys.modules[loaded]
        try:
            yield
        finally:
            tlteach.__path__.remove(name)
            for loaded in [name for name in sys.modules if name.startswith(OURS)]:
                del sys.modules[loaded]
            sys.modules.update(known)
            vars(tlteach).update({k: v for k, v in attributes.items() if v is not None})


class Court:
    """Looks at a mutated `tlteach` until it finds a fault."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.complaints: list[str] = []
        self.widgets = importlib.import_module("tlteach.widgets")
        self.kept: dict[str, Any] = {}

    def verdict(self, mutation: Mutation) -> str:
        """Return the first fault that is found, or nothing."""
        with mutated(mutation):
            for look in self._order(mutation):
                self.complaints.clear()
                try:
                    fault = next(look(), "") or next(iter(self.complaints), "")
                except Exception as error:  # a mutation may break anything
                    fault = f"{type(error).__name__}: {error}"
                if fault:
                    return fault
        return ""

    def _order(self, mutation: Mutation) -> list[Callable[[], Iterator[str]]]:
        if mutation.file.startswith("lessons"):
            return [self._questions]
        python = mutation.file.endswith(".py")
        return [self._charts, *([self._tables] if python else []), self._live, self._gestures]

    @contextmanager
    def _page(self, width: int = 800) -> Iterator[Page]:
        size = {"width": width, "height": 1000}
        page = self.browser.new_page(viewport=size, reduced_motion="reduce")
        page.set_default_timeout(5000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        yield page
        page.close()

    def _drawn(self, charts: Sequence[Any]) -> Iterator[str]:
        drawn = importlib.import_module("tests.helpers.drawn")
        pages = importlib.import_module("tlteach.widgets.pages")
        with self._page() as page:
            page.goto(pages.write_page(charts, self.folder / "page.html").as_uri())
            page.wait_for_selector(".tlt >> nth=0")
            page.locator("details").evaluate_all(
                "all => all.forEach((one) => { one.open = true; })"
            )
            yield from drawn.page_faults(page, charts)

    def _made(self, name: str) -> Any:
        """Return a chart, or one with a run that was trained here; built anew where Python is."""
        widgets = importlib.import_module("tlteach.widgets")
        kept = self.kept if widgets is self.widgets else {}
        if name in kept:
            return kept[name]
        if name != "live":
            kept[name] = widgets.CHARTS[name]()
        else:
            live = importlib.import_module("tests.helpers.lively").spoilt()
            kept[name] = live.chart
        return kept[name]

    def _charts(self) -> Iterator[str]:
        for name in sorted(self.widgets.CHARTS, key=lambda name: name not in RICH):
            yield from self._drawn([self._made(name)])

    def _live(self) -> Iterator[str]:
        yield from self._drawn([self._made("live")])

    def _questions(self) -> Iterator[str]:
        asked = importlib.import_module("tests.helpers.asked")
        with self._page() as page:
            yield from asked.quiz_faults(page, importlib.import_module("tlteach.lessons"))

    def _tables(self) -> Iterator[str]:
        """Run the tests that compare numbers with the atlas, which need no browser."""
        for room in TABLES:
            for test in functions(importlib.import_module(room), ()):
                test()
        yield ""

    def _gestures(self) -> Iterator[str]:
        """Run the tests of single gestures: keys, the mouse, buttons."""
        for room in HANDS:
            for test in functions(importlib.import_module(room), GESTURES):
                with self._page() as page:
                    test(page, self.folder)
        yield ""


def functions(module: ModuleType, wants: tuple[str, ...]) -> list[Callable[..., None]]:
    """Return the tests of a module that ask for these fixtures and no others."""
    tests = [test for name, test in vars(module).items() if name.startswith("test_")]
    return [test for test in tests if tuple(inspect.signature(test).parameters) == wants]


def survivors(chosen: Sequence[Mutation]) -> list[Mutation]:
    """Return those mutations that no test notices."""
    found = []
    with (
        tempfile.TemporaryDirectory() as name,
        pytest.MonkeyPatch.context() as patch,
        sync_playwright() as playwright,
    ):
        patch.setenv("TLTEACH_HOME", name)
        patch.setenv("TLTEACH_PROGRESS", name)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        court = Court(browser, Path(name))
        for number, mutation in enumerate(chosen, start=1):
            begin = time.monotonic()
            fault = court.verdict(mutation)
            took = f"{time.monotonic() - begin:.0f} s"
            told = f"seen: {' '.join(fault.split())[:110]}" if fault else "SURVIVES"
            print(f"{number:3} {took:>5}  {mutation}\n    {told}", flush=True)  # noqa: T201
            if not fault:
                found.append(mutation)
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--few", type=int, help="draw so many; default all")
    parser.add_argument("--seed", default=str(datetime.date.today()), help="default today")
    parser.add_argument("--only", default="", help="those whose file or text has this in it")
    options = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("no Chromium here: mutants need one")
    if not options.only and survivors([WHOLE]) != [WHOLE]:
        sys.exit("the tests see a fault where there is none: their score would mean nothing")
    chosen = some(options.few, options.seed) if options.few else mutations()
    chosen = [one for one in chosen if options.only in str(one)]
    left = survivors(chosen)
    score = 1 - len(left) / len(chosen)
    print(f"score: {score:.1%}, {len(chosen) - len(left)} of {len(chosen)} seen")  # noqa: T201
    for mutation in left:
        print(f"SURVIVES {mutation}")  # noqa: T201
    sys.exit(score < GOAL)


if __name__ == "__main__":
    main()
