"""The command line among other programs: JSON, pipes, completion, numbers, silence."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tlteach.app.cli import PIPE_CLOSED, main

BINARY = Path(sys.executable).parent / "tlteach"


def test_doctor_speaks_json(monkeypatch, capsys):
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {tuple(finding) for finding in told} == {("name", "found", "advice")}
    [advised] = [finding for finding in told if finding["advice"]]
    assert advised["name"] == "threads"


def test_progress_speaks_json(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path))
    assert main(["progress", "00_start", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["next"] == "00.1"
    first = told["parts"][0]
    assert first["id"] == "00.1"
    assert first["state"] == "not attempted"


@pytest.mark.parametrize("command", [["progress"], ["progress", "--json"]])
def test_a_reader_that_has_gone_is_no_error(command, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tlteach.app.cli", *command],
            stdout=writer, stderr=subprocess.PIPE,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, b"")


@pytest.mark.parametrize(
    ("typed", "option", "allowed"),
    [
        (["pretrain", "glyphs", "--seeds", "-1"], "--seeds", "a whole number of at least 1"),
        (["pretrain", "glyphs", "--seeds", "two"], "--seeds", "a whole number of at least 1"),
        (["atlas", "check", "--sample", "0"], "--sample", "a whole number of at least 1"),
        (["atlas", "check", "--seconds", "-1"], "--seconds", "a number above 0"),
        (["compare", "x", "--jobs", "0"], "--jobs", "a whole number of at least 1"),
        (["compare", "x", "--shots", "5", "-2"], "--shots", "a whole number of at least 1"),
        (["compare", "x", "--updates", "-3"], "--updates", "a whole number of at least 1"),
        (["train", "x", "--seeds", "0"], "--seeds", "a whole number of at least 1"),
        (["audit", "x", "--size", "-96"], "--size", "a whole number of at least 1"),
        (["audit", "x", "--seed", "-1"], "--seed", "a whole number of at least 0"),
        (["grade", "x", "y", "--jobs", "1.5"], "--jobs", "a whole number of at least 1"),
        (["grade", "x", "y", "--timeout", "-5"], "--timeout", "a number above 0"),
        (["grade", "x", "y", "--timeout", "nan"], "--timeout", "a number above 0"),
        (["grade", "x", "y", "--timeout", "inf"], "--timeout", "a number above 0"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(typed, option, allowed, capsys):
    with pytest.raises(SystemExit) as end:
        main(typed)
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert f"argument {option}: must be {allowed}; got {typed[-1]!r}" in told


def test_completion_is_given_where_argcomplete_is_installed(tmp_path):
    pytest.importorskip("argcomplete", reason="comes with the extra course")
    line = "tlteach not"
    asked = {
        "_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "COMP_LINE": line,
        "COMP_POINT": str(len(line)), "COMP_TYPE": "9",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(tmp_path / "told"),
    }  # fmt: skip
    done = subprocess.run([BINARY], env=os.environ | asked, capture_output=True, text=True)
    assert done.stderr == ""
    assert (tmp_path / "told").read_text().split() == ["notebooks"]


def test_the_file_says_that_it_can_be_completed():
    entry = next(e for e in metadata.entry_points(group="console_scripts") if e.name == "tlteach")
    module = sys.modules[entry.value.split(":")[0]]
    assert "PYTHON_ARGCOMPLETE_OK" in Path(module.__file__).read_text()[:1024]


def test_what_is_told_in_passing_is_silent_until_somebody_listens(tmp_path):
    code = (
        "import sys, logging, tlteach\n"
        "from tlteach.app.notebooks import copy_notebooks\n"
        "if sys.argv[2:]: logging.basicConfig(level=logging.INFO)\n"
        "copy_notebooks(sys.argv[1])\n"
    )
    for listens, words in (([], []), (["yes"], ["INFO:tlteach.app.notebooks:copied"])):
        command = [sys.executable, "-c", code, str(tmp_path / f"{len(listens)}"), *listens]
        told = subprocess.run(command, capture_output=True, text=True).stderr
        assert all(word in told for word in words)
        assert bool(told) == bool(listens)


LOADED = """
import json, sys
from tlteach.app.cli import main
try:
    main(sys.argv[2:])
finally:
    packages = {name.partition(".")[0] for name in sys.modules}
    open(sys.argv[1], "w").write(json.dumps(sorted(packages)))
"""
LEARNT = {"torch", "torchvision", "timm", "sklearn", "scipy", "joblib"}
DRAWN = {"matplotlib", "seaborn", "IPython", "ipywidgets", "transformers", "jinja2"}


@pytest.mark.parametrize(
    ("typed", "never"),
    [
        (["--help"], LEARNT | DRAWN | {"numpy", "pandas"}),
        (["notebooks", "copied"], LEARNT | DRAWN | {"pandas"}),
        (["progress"], LEARNT | DRAWN),
        (["progress", "--json"], LEARNT | DRAWN),
        (["progress", "05"], LEARNT | DRAWN),
        (["doctor", "--json"], DRAWN),  # it looks at weights and data, so torch has to be there
    ],
    ids=lambda told: " ".join(sorted(told)),  # in every process the same
)
def test_a_command_waits_for_no_package_that_it_does_not_need(typed, never, tmp_path):
    told = tmp_path / "loaded"
    command = [sys.executable, "-c", LOADED, str(told), *typed]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode in (0, 1), done.stderr
    loaded = set(json.loads(told.read_text()))
    assert "tlteach" in loaded
    assert never & loaded == set()
