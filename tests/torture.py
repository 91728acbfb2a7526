"""Everything that must not be lost or silently wrong, tried in one go: `make torture`.

Runs the tests below (they are part of `make test`, too), counts what was tried and what survived,
and writes the table of docs/reliability.md. Ends red if anything did not survive.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from table import written  # noqa: E402

PAGE = ROOT / "docs" / "reliability.md"
START, END = "<!-- torture -->", "<!-- /torture -->"


class Item(NamedTuple):
    """What is tried, by which tests, and what well-kept libraries do on the like."""

    what: str
    tests: tuple[str, ...]
    others: str


ITEMS = (
    Item(
        "a seed twice, two configurations in one table",
        ("tests/measures/test_once.py",),
        "pandas: counts both",
    ),
    Item(
        "logits, losses, weights that are no numbers",
        ("tests/training/test_diverged.py",),
        "scikit-learn: refuses NaN on entry; safetensors: loads NaN",
    ),
    Item(
        "a sweep killed by -9, and several writers on one file",
        ("tests/experiment/test_compare_resume.py", "tests/experiment/test_results.py"),
        "joblib: a killed sweep begins anew",
    ),
    Item(
        "a worker that the system ends",
        ("tests/base/test_workers.py",),
        "joblib: TerminatedWorkerError, the call ends",
    ),
    Item(
        "damaged files of our own: features, cards, hashes, journals",
        ("tests/base/test_damaged.py", "tests/models/test_feature_cache.py"),
        "pooch: hash of a download at each use; safetensors: header and lengths, no flipped bit",
    ),
    Item(
        "a cache or home that is full, read-only or a file",
        ("tests/base/test_unwritable.py",),
        "pooch: an OSError",
    ),
    Item(
        "a class's hostile files",
        ("tests/classroom/test_entries.py", "tests/classroom/test_submission_read.py"),
        "otter-grader (its source): a container for each file, by Docker",
    ),
    Item(
        "checkers changed by the notebook they judge, processes left behind",
        ("tests/classroom/test_tampering.py",),
        "otter-grader (its source): containers end processes; checkers are not compared",
    ),
    Item(
        "aliases that look alike, invisible letters, dates to come",
        ("tests/classroom/test_aliases.py",),
        "",
    ),
    Item(
        "names with $, letters without a glyph, two hundred classes",
        ("tests/plots/test_letters.py",),
        "matplotlib: $ begins a formula; a warning for each glyph",
    ),
    Item(
        "bad arguments",
        ("tests/test_bad_calls.py", "tests/test_checked.py", "tests/base/test_edge.py"),
        "scikit-learn: names parameter, value and what is allowed",
    ),
)


class Counts:
    """Counts by item how many tests ran, passed and were skipped."""

    def __init__(self) -> None:
        self.found: dict[str, Counter[str]] = {item.what: Counter() for item in ITEMS}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of one phase of one test."""
        path = report.nodeid.partition("::")[0]
        (item,) = [item for item in ITEMS if path in item.tests]
        if report.when == "call" or report.outcome != "passed":
            self.found[item.what][report.outcome] += 1


def table(found: dict[str, Counter[str]]) -> str:
    """Return the table as Markdown."""
    lines = ["| what | tried | survived | others |", "|---|---|---|---|"]
    for item in ITEMS:
        counts = found[item.what]
        tried = counts["passed"] + counts["failed"]
        lines.append(f"| {item.what} | {tried} | {counts['passed']} | {item.others} |")
    return "\n".join(lines)


def main() -> int:
    """Run, write, and return the status of pytest."""
    counts = Counts()
    files = [str(ROOT / test) for item in ITEMS for test in item.tests]
    status = pytest.main(["-q", "--rootdir", str(ROOT), *files], plugins=[counts])
    page = written(PAGE.read_text("utf-8"), table(counts.found), START, END)
    PAGE.write_text(page, "utf-8")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
