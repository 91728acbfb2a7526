"""The commands of learners and lecturers, as typed, one after the other."""

import pytest

import tlteach as tlt
from tlteach import lessons
from tlteach.app.cli import main


@pytest.fixture(scope="module")
def measured(digits):
    return [
        tlt.compare(
            digits, backbone="small:glyphs", regimes=["frozen"], shots=[2], seeds=[seed], search=2,
            baselines=["majority"], progress=False,
        )
        for seed in (5, 6, 7)
    ]  # fmt: skip


def test_a_class_from_the_first_check_to_the_pool(measured, tmp_path, monkeypatch, capsys):
    class_folder = tmp_path / "class"
    class_folder.mkdir()
    for name, runs, answer in zip(("Ada", "Bo", "Cy"), measured, (60, 5, 60), strict=True):
        monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / name))
        monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path / name))
        assert main(["progress"]) == 0
        assert "8 not attempted" in capsys.readouterr().out
        lessons.check("00.1", answer)
        lessons.keep(runs)
        assert main(["progress", "00"]) == 0
        told = capsys.readouterr().out
        assert ("1 correct" in told) == (answer == 60)
        assert "open it: tlteach lab 00" in told
        assert main(["submit", "--name", name, "--out", str(class_folder)]) == 0
        assert f"hand in {class_folder}" in capsys.readouterr().out
    (class_folder / "empty.json").write_text("")

    assert main(["overview", str(class_folder), "--csv", str(tmp_path / "states.csv")]) == 0
    told = capsys.readouterr().out
    assert "3 learners" in told
    assert "empty.json" in told
    assert "Shots are counted per class" in told
    assert (tmp_path / "states.csv").read_text().count("00.1") == 3

    assert main(["pool", str(class_folder), "--regimes", "frozen", "majority"]) == 0
    told = capsys.readouterr().out
    assert "frozen against majority: no word, +" in told
    assert "too few seeds for a word (3, at least 5)" in told
    assert "3 of 3 seeds" in told


def test_what_is_wrong_is_said_in_a_line(tmp_path, capsys):
    assert main(["overview", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.startswith("tlteach: ")
    assert main(["progress", "77"]) == 2
    assert "notebook must be one of" in capsys.readouterr().err
