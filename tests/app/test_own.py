"""The whole path on one's own photographs by command line: audit, compare, train, predict."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

import tlteach as tlt
from tests.helpers.photographs import photograph, write_photographs
from tlteach.app.cli import main

COMMANDS = ("audit", "compare", "train", "predict")
BRIEF = [
    "--backbone",
    "small:glyphs",
    "--regimes",
    "scratch",
    "frozen",
    "--seeds",
    "1",
    "--search",
    "smoke",
    "--updates",
    "3",
    "--shots",
    "4",
    "--size",
    "48",
    "--jobs",
    "1",
]


def typed(*command, cwd):
    """Run a command in a process of its own."""
    line = [sys.executable, "-m", "tlteach.app.cli", *map(str, command)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=cwd, env={**os.environ})
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_it_takes_and_how_it_ends(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"usage: tlteach {command}" in told
    assert "--out OUT" in told
    assert "--format {table,csv,json}" in told
    assert "Exit status: 0" in told


@pytest.mark.slow
def test_the_whole_path_from_a_folder_to_predictions(tmp_path):
    root = write_photographs(tmp_path / "own")
    found = typed("audit", root, "--backbone", "small:glyphs", "--format", "json", cwd=tmp_path)
    assert found.returncode == 0
    assert "own: 60 images, 0 errors" in found.stderr
    assert all(row["severity"] in ("warning", "note") for row in json.loads(found.stdout))

    compared = typed("compare", root, *BRIEF, "--out", "means.csv", cwd=tmp_path)
    assert compared.returncode == 0, compared.stderr
    means = pd.read_csv(tmp_path / "means.csv")
    assert {"scratch", "frozen", "majority", "raw_pixels"} <= set(means["regime"])
    assert set(means["shots"]) == {4}
    assert "4 labels per class: " in compared.stderr
    assert (tmp_path / "tlteach-runs/own.parquet").is_file()

    kept = typed(
        "train", root, *BRIEF, "--model", "kept", "--regime", "frozen", "--report", "report.html",
        "--format", "csv", cwd=tmp_path,
    )  # fmt: skip
    assert kept.returncode == 0, kept.stderr
    assert kept.stdout.startswith("what,split,metric,value,")
    assert "test accuracy" in kept.stderr
    assert "<h2>Audit</h2>" in (tmp_path / "report.html").read_text(encoding="utf-8")

    photograph("stripes", 99).save(tmp_path / "new.jpg")
    said = typed("predict", "kept", "new.jpg", "own/rings", "--format", "json", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    rows = json.loads(said.stdout)
    assert [row["file"] for row in rows[:2]] == ["new.jpg", "own/rings/rings0.jpg"]
    expected = tlt.load_model(tmp_path / "kept").predict(tmp_path / "new.jpg")
    assert rows[0]["class"] == expected.loc[0, "class"]
    assert rows[0]["confidence"] == pytest.approx(expected.loc[0, "confidence"], abs=1e-5)


def test_an_error_among_the_findings_ends_with_1(tmp_path, capsys):
    root = write_photographs(tmp_path / "own", 10)
    (root / "rings/broken.jpg").write_bytes(b"no image")
    out = tmp_path / "found.csv"
    assert main(["audit", str(root), "--backbone", "small_cnn", "--out", str(out)]) == 1
    rows = pd.read_csv(out)
    assert rows.loc[0, ["severity", "kind", "file"]].tolist() == [
        "error", "corrupt file", "rings/broken.jpg",
    ]  # fmt: skip
    told = capsys.readouterr()
    assert told.out == ""
    assert f"written to {out}" in told.err


@pytest.mark.parametrize("command", ["audit", "compare", "train"])
def test_no_folder_ends_with_2_and_one_sentence(command, tmp_path, capsys):
    assert main([command, str(tmp_path / "gone")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("tlteach: ")
    assert "gone is not a folder" in told.err
    assert len(told.err.splitlines()) == 1


def test_no_model_ends_with_2(tmp_path, capsys):
    assert main(["predict", str(tmp_path), str(tmp_path / "x.jpg")]) == 2
    assert capsys.readouterr().err.startswith("tlteach: ")


@pytest.mark.parametrize(
    "typed_wrong", [["audit"], ["predict", "model"], ["train", "a", "--fit", "x"]]
)
def test_wrong_usage_ends_with_2(typed_wrong, capsys):
    with pytest.raises(SystemExit) as end:
        main(typed_wrong)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: tlteach")


def test_a_model_that_must_stay_is_told_before_anything_is_compared(tmp_path, monkeypatch, capsys):
    root = write_photographs(tmp_path / "own", 10)
    (tmp_path / "own-model").mkdir()
    (tmp_path / "own-model" / "mine.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tlt, "compare", lambda *_, **__: pytest.fail("it was compared"))
    assert main(["train", str(root), "--backbone", "small_cnn"]) == 2
    assert "own-model exists and holds something else than a model" in capsys.readouterr().err


@pytest.mark.parametrize("said", ["12 images need 9 GB of memory: pass size=105 or less", ""])
def test_too_little_memory_ends_with_2(tmp_path, monkeypatch, capsys, said):
    def full(*_, **__):
        raise MemoryError(*[said] * bool(said))

    monkeypatch.setattr(tlt, "audit", full)
    assert main(["audit", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"tlteach: {said or 'MemoryError'}\n"
