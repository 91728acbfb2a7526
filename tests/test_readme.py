"""What the README promises is there: files, notebooks, commands and the code it shows."""

import importlib
import re
import warnings
from pathlib import Path

import pytest

import tlteach as tlt
from tlteach.app import cli
from tlteach.data import FolderNote
from tlteach.experiment import RangeEdgeWarning

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", TEXT, re.DOTALL)


def test_every_wing_has_a_line():
    wings = [face.parent.name for face in (ROOT / "tlteach").glob("*/__init__.py")]
    for text in (TEXT, (ROOT / "CONTRIBUTING.md").read_text()):
        told = re.findall(r"^(?:\| \d+ \| )?`?(\w+)(?:/|` \|) ", text, re.MULTILINE)
        assert len(told) == len(set(told))
        assert set(wings) <= set(told)


def test_every_file_named_is_there():
    tree = next(block for _, block in BLOCKS if block.startswith("Makefile"))
    for line in tree.splitlines():
        assert (ROOT / line.split()[0]).exists(), line


def test_every_link_and_picture_is_there():
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_every_notebook_is_listed():
    sources = {path.stem for path in (ROOT / "notebooks" / "src").glob("*.py")}
    assert set(re.findall(r"^\| `(\d\d_\w+)`", TEXT, re.MULTILINE)) == sources


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z]+)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("command", ["demo", "doctor", "lab", "notebooks"])
def test_commands_named_exist(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main([command, "--help"])
    assert f"tlteach {command}" in capsys.readouterr().out


@pytest.mark.slow
def test_the_code_shown_runs(capsys):
    space: dict[str, object] = {}
    warnings.simplefilter("ignore", RangeEdgeWarning)  # pytest restores the filters
    warnings.simplefilter("ignore", FolderNote)
    for language, code in BLOCKS:
        if language == "python":
            exec(code, space)
    assert "frozen against scratch: hurts" in capsys.readouterr().out
    assert isinstance(space["model"][0], tlt.FrozenFeatures)


def test_the_speeds_told_are_the_ones_measured(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    table = importlib.import_module("table")
    assert table.written(TEXT, table.short()) == TEXT
    page = table.PAGE.read_text("utf-8")
    assert table.written(page, table.table()) == page
    rows = [line for line in table.short().splitlines()[2:] if line.startswith("| ")]
    assert len(rows) == 10
    assert all(line.split("|")[2].strip() for line in rows)  # ours


def test_every_variable_that_is_read_has_a_line():
    places = [*(ROOT / "tlteach").rglob("*.py"), *(ROOT / "notebooks" / "src").glob("*.py")]
    read = {name for path in places for name in re.findall(r"\bTLTEACH_[A-Z]+", path.read_text())}
    rows = [line.split("|")[1] for line in TEXT.splitlines() if line.startswith("| `TLTEACH")]
    told = {name for row in rows for name in re.findall("TLTEACH_[A-Z]+", row)}
    assert told == read - {"TLTEACH_GRADING"}  # a mark that grading leaves on its own processes
