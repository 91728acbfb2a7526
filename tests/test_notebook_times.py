"""Headers and README tell the time that was measured; no notebook takes longer than it may."""

import importlib
import json
import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
NAMES = sorted(path.stem for path in (ROOT / "notebooks" / "src").glob("*.py"))
GIGABYTES = 8


@pytest.fixture
def times(monkeypatch):
    """Import the script that measures; forget it afterwards."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    before = set(sys.modules)
    yield importlib.import_module("notebooks")
    for name in {"notebooks", "common"} - before:
        sys.modules.pop(name, None)


@pytest.fixture
def record(times):
    return times.recorded()["cpu"]["notebooks"]


@pytest.mark.parametrize("name", NAMES)
def test_a_header_tells_what_was_measured(name, times, record):
    header = times.header(name)
    assert not times.is_off(header, record[name]["seconds"]), "run `make notebooks-time`"
    assert record[name]["seconds"] <= times.LONGEST
    assert record[name]["peak_gb"] < GIGABYTES


@pytest.mark.parametrize("name", NAMES)
def test_readme_tells_it_too(name, times, record):
    rows = re.findall(rf"^\| `{name}` \|.*\| ([^|]+) \|$", (ROOT / "README.md").read_text(), re.M)
    assert rows == [times.TIME.search(times.header(name))[0].removeprefix("about ")]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4, "about 5 seconds"),
        (12, "about 10 seconds"),
        (46, "about 50 seconds"),
        (94, "about 90 seconds"),
        (96, "about 1.5 minutes"),
        (170, "about 3 minutes"),
    ],
)
def test_times_are_told_in_round_numbers(times, seconds, words):
    assert times.told(seconds) == words
    if seconds > 10:
        assert times.said(words) == pytest.approx(seconds, rel=0.2)
        assert not times.is_off(words, seconds)
    assert times.is_off(words, 0.7 * times.said(words))
    assert times.is_off(words, 1.5 * times.said(words))
    with pytest.raises(ValueError, match="must tell its time as in 'about 50 seconds'; got 'soon'"):
        times.said("soon")


def test_a_notebook_is_measured_and_the_others_keep_their_records(times, monkeypatch, tmp_path):
    folder = tmp_path / "notebooks"
    (folder / "solutions").mkdir(parents=True)
    (folder / "src").mkdir()
    code = """import os, time
held = bytearray(2**28)
time.sleep(0.5)
assert os.environ["TLTEACH_TIER"] == "class"
assert os.listdir(os.environ["TLTEACH_HOME"]) == []
"""
    cell = nbformat.v4.new_code_cell(code)
    for name in ("00_one", "01_two"):
        notebook = nbformat.v4.new_notebook(cells=[cell])
        nbformat.write(notebook, folder / "solutions" / f"{name}.ipynb")
        (folder / "src" / f"{name}.py").write_text("# **Time** about 3 minutes of computing")
    monkeypatch.setattr(times, "NOTEBOOKS", folder)
    monkeypatch.setattr(times.header, "__defaults__", (folder,))
    out = tmp_path / "record.json"
    times.main(["--out", str(out)])
    first = json.loads(out.read_text())
    (kind,) = first
    run = first[kind]["notebooks"]["00_one"]
    assert 0.5 < run["seconds"] < 100
    assert 0.25 < run["peak_gb"] < 2
    times.main(["01_two", "--out", str(out)])
    again = json.loads(out.read_text())
    assert again[kind]["notebooks"]["00_one"] == run
    assert {"processor", "cores", "versions"} <= set(again[kind]["machine"])
