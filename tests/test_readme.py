"""What the README promises is there: files, notebooks, commands and the code it shows."""

import json
import re
import warnings
from pathlib import Path

import pytest

import tlteach as tlt
from tlteach import cli
from tlteach.experiment import RangeEdgeWarning

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", TEXT, re.DOTALL)


def test_every_module_has_a_line():
    modules = {path.name for path in (ROOT / "tlteach").glob("*.py")} - {"__init__.py"}
    assert modules <= set(re.findall(r"\w+\.py", TEXT))


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


@pytest.mark.parametrize("command", ["demo", "doctor", "lab"])
def test_commands_named_exist(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main([command, "--help"])
    assert f"tlteach {command}" in capsys.readouterr().out


@pytest.mark.slow
def test_the_code_shown_runs(capsys):
    space: dict[str, object] = {}
    warnings.simplefilter("ignore", RangeEdgeWarning)  # pytest restores the filters
    for language, code in BLOCKS:
        if language == "python":
            exec(code, space)
    assert "frozen hurts against scratch" in capsys.readouterr().out
    assert isinstance(space["model"][0], tlt.FrozenFeatures)


def measured():
    results = ROOT / "benchmarks" / "results"
    probe = json.loads((results / "probe.json").read_text())
    peers = ("lbfgs", "fastest solver", "fastest way")
    rows = {f"270 probes, {peer}": probe[peer] for peer in peers}
    rows |= json.loads((results / "three_regimes.json").read_text())["rows"]
    for name, row in rows.items():
        state = "void" if not row["valid"] else "reached" if row["reached"] else "missed"
        times = f"{row['median']:.3g} ({row['q25']:.3g} to {row['q75']:.3g})"
        yield f"| {name} | {times} | {row['goal']:g} | {state} |"


def test_the_speeds_told_are_the_ones_measured():
    for line in measured():
        assert line in TEXT, line
