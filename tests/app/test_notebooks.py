"""Copies of the notebooks: what a learner changed stays, and what is newer is told."""

import shutil
import subprocess
import sys

import pytest

from tlteach.app.cli import main
from tlteach.app.notebooks import NOTE, copy_notebooks
from tlteach.base import course_folder

NAMES = ("00_start.ipynb", "01_three_ways.ipynb", "02_small_data.ipynb", "glossary.md")


@pytest.fixture
def course(tmp_path):
    """Three notebooks, a solved one and a glossary, to be made newer."""
    folder = tmp_path / "course"
    (folder / "solutions").mkdir(parents=True)
    for name in (*NAMES, "solutions/00_start.ipynb"):
        shutil.copy(course_folder() / name, folder / name)
    return folder


def test_the_first_copy_has_everything_and_the_second_finds_it_the_same(course, tmp_path):
    here = tmp_path / "deep" / "mine"
    first = copy_notebooks(here, course=course)
    assert first.copied == list(NAMES)
    assert {path.name for path in here.iterdir()} == {*NAMES, NOTE}
    again = copy_notebooks(here, course=course)
    assert (again.same, again.copied) == (list(NAMES), [])
    solved = copy_notebooks(here, course=course, solved=True)
    assert solved.copied == ["solutions/00_start.ipynb"]


def test_each_case_is_told_from_the_others_and_nothing_is_overwritten(course, tmp_path):
    here = tmp_path / "mine"
    here.mkdir()
    (here / "glossary.md").write_text("somebody's own file")
    copy_notebooks(here, course=course)
    (here / "01_three_ways.ipynb").write_text("mine")  # changed by the learner, newer there
    (here / "02_small_data.ipynb").write_text("mine, too")  # changed by the learner alone
    for name in ("00_start.ipynb", "01_three_ways.ipynb"):
        (course / name).write_text("newer")
    before = {path: path.read_bytes() for path in here.glob("*[!n]")}
    told = copy_notebooks(here, course=course)
    assert (told.newer, told.changed) == (["00_start.ipynb"], ["01_three_ways.ipynb"])
    assert (told.own, told.other) == (["02_small_data.ipynb"], ["glossary.md"])
    assert {path: path.read_bytes() for path in here.glob("*[!n]")} == before
    said = str(told)
    assert "newer here, unchanged by you: left as they are, --update takes" in said
    assert "newer here, changed by you: left as they are" in said


def test_update_takes_what_is_newer_and_only_where_nothing_is_lost(course, tmp_path):
    here = tmp_path / "mine"
    copy_notebooks(here, course=course)
    (here / "01_three_ways.ipynb").write_text("mine")
    for name in ("00_start.ipynb", "01_three_ways.ipynb"):
        (course / name).write_text("newer")
    told = copy_notebooks(here, course=course, update=True)
    assert (told.updated, told.changed) == (["00_start.ipynb"], ["01_three_ways.ipynb"])
    assert (here / "00_start.ipynb").read_text() == "newer"
    assert (here / "01_three_ways.ipynb").read_text() == "mine"
    assert copy_notebooks(here, course=course).changed == ["01_three_ways.ipynb"]


@pytest.mark.parametrize("note", ["", "[]", "{"])
def test_without_a_readable_note_what_differs_is_left(course, tmp_path, note):
    copy_notebooks(tmp_path / "mine", course=course)
    (tmp_path / "mine" / NOTE).write_text(note)
    (course / "00_start.ipynb").write_text("newer")
    told = copy_notebooks(tmp_path / "mine", course=course, update=True)
    assert (told.other, told.updated) == (["00_start.ipynb"], [])


def test_what_was_deleted_comes_back(course, tmp_path):
    copy_notebooks(tmp_path / "mine", course=course)
    (tmp_path / "mine" / "00_start.ipynb").unlink()
    assert copy_notebooks(tmp_path / "mine", course=course).copied == ["00_start.ipynb"]


def test_a_file_is_no_folder(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert main(["notebooks", str(tmp_path / "file")]) == 2
    assert "notebooks must go into a folder; got the file" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def lab(*command, cwd):
    typed = [sys.executable, "-m", "tlteach.app.cli", "lab", *command]
    return subprocess.run(typed, cwd=cwd, capture_output=True, text=True)


def test_lab_passes_on_what_follows_two_dashes(tmp_path):
    done = lab("--", "--version", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(".")[0].isdigit()  # JupyterLab's version
    assert list(tmp_path.iterdir()) == []  # a clone's notebooks are opened where they lie
    done = lab("--", "--no-such-option", cwd=tmp_path)
    assert done.returncode != 0


def test_lab_opens_what_is_here_and_names_what_is_not(tmp_path):
    copy_notebooks(tmp_path / "tlteach-notebooks")
    assert lab("00_start", "--", "--version", cwd=tmp_path).returncode == 0
    (tmp_path / "tlteach-notebooks" / "01_three_ways.ipynb").unlink()
    done = lab("01", cwd=tmp_path)
    assert done.returncode == 2
    assert "01_three_ways.ipynb must be in" in done.stderr
    assert "notebook must be one of '00', " in lab("77", cwd=tmp_path).stderr
