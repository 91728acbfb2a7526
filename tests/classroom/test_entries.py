"""Every entry of a folder gets a row or a note, and one bad entry stops no class."""

import json
import os
import zipfile

import numpy as np
import pandas as pd
import pytest

from tlteach.classroom import assignments, gradebook, noted
from tlteach.classroom.autograder import Autograder, read_pieces
from tlteach.classroom.entries import entries
from tlteach.classroom.otter import Mark, fitting

POSSIBLE = {"00.1": 4.0, "00.2": 4.0}


@pytest.fixture
def zipped(tmp_path):
    path = tmp_path / "autograder.zip"
    zipfile.ZipFile(path, "w").close()
    Autograder(path, "00_start", POSSIBLE).write_card()
    return path


@pytest.fixture
def folder(tmp_path):
    """Entries of every kind; none of them is a notebook that could be run."""
    inside = tmp_path / "in"
    for name in ("Ada_7_assignsubmission_file", "empty", ".git", "__MACOSX/x"):
        (inside / name).mkdir(parents=True)
    (tmp_path / "secret.ipynb").write_text("{}")
    (inside / "Ada_7_assignsubmission_file" / "00.ipynb").write_text("no JSON")
    (inside / "Ada_7_assignsubmission_file" / "me.png").write_bytes(b"PNG")
    (inside / "bo").write_text("no suffix")
    (inside / "bo.ipynb").write_text("")
    (inside / ".DS_Store").touch()
    (inside / "cy.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (inside / "dee.ipynb").symlink_to("nowhere")
    (inside / "eve").symlink_to(tmp_path)
    (inside / "=1+1.ipynb").write_text("")
    (inside / "two\nlines.ipynb").write_text("")
    os.mkfifo(inside / "pipe.ipynb")
    with open(os.fsencode(inside) + b"/fl\xe9.ipynb", "wb") as file:
        file.write(b"\xff\xfe")
    return inside


LINK = "is a link, and links are not followed"
NO_JSON = (
    "it cannot be read as a notebook (JSONDecodeError: Expecting value: line 1 column 1 (char 0))"
)
ROWS = {
    "=1+1": NO_JSON,
    "Ada_7_assignsubmission_file/00": NO_JSON,
    "Ada_7_assignsubmission_file/me.png": "it is no notebook but a file of type '.png'",
    "bo": "it is no notebook but a file of type 'unknown'",
    "cy": f"it {LINK}",
    "dee": f"it {LINK}",
    "eve": f"it {LINK}",
    "fl\\udce9": "it cannot be read as a notebook (UnicodeDecodeError: ",
    "pipe": "it is no file",
    "two\\nlines": NO_JSON,
}
ASIDE = {
    ".DS_Store": "is ignored: hidden, or still being written",
    ".git": "is ignored: a hidden folder",
    "__MACOSX": "is ignored: a hidden folder",
    "empty": "is an empty folder",
}


def test_every_entry_gets_a_row_or_a_note(folder, zipped, tmp_path):
    pytest.importorskip("otter")
    table = assignments.grade(folder, zipped, tmp_path / "a.csv")
    assert table["points"].isna().all()
    told = dict(zip(table["learner"], table["note"], strict=True))
    assert sorted(table["learner"]) == sorted([*ROWS, "bo"])  # bo and bo.ipynb
    for learner, note in ROWS.items():
        assert told[learner].startswith(note) or learner == "bo"
    assert table.attrs["aside"] == ASIDE
    aside = pd.read_csv(tmp_path / "a-details" / "aside.csv")
    assert dict(aside.to_numpy()) == ASIDE
    text = (tmp_path / "a.csv").read_text(encoding="utf-8")
    assert "\n'=1+1," in text
    assert text.count("\n") == 12


def test_a_roster_puts_aside_what_is_nobody_s(folder, zipped, tmp_path):
    pytest.importorskip("otter")
    (folder / "two\nlines.ipynb").unlink()
    (folder / "=1+1.ipynb").unlink()
    os.unlink(os.fsencode(folder) + b"/fl\xe9.ipynb")
    roster = tmp_path / "people.csv"
    roster.write_text("Username,Full name\nada,Ada\nbo,=Bo\ncy,Cy\n")
    table = assignments.grade(folder, zipped, tmp_path / "a.csv", format="moodle", roster=roster)
    assert table["learner"].tolist() == ["bo", "cy", "Ada_7_assignsubmission_file/00"]
    unknown = "; its learner is unknown or has another file"
    assert table.attrs["aside"] == ASIDE | {
        "Ada_7_assignsubmission_file/me.png": f"is no notebook{unknown}",
        "bo": f"is no notebook{unknown}",
        "dee": f"{LINK}{unknown}",
        "eve": f"{LINK}{unknown}",
        "pipe": f"is no file{unknown}",
    }


def test_a_file_that_became_a_link_is_not_read(folder):
    with pytest.raises(ValueError, match="it is no file, or a link"):
        read_pieces(folder / "cy.ipynb")


def test_an_entry_that_goes_away_meanwhile_is_named(folder, zipped, tmp_path, monkeypatch):
    pytest.importorskip("otter")
    listed = list(entries(folder))
    (folder / "bo.ipynb").unlink()
    monkeypatch.setattr(assignments, "entries", lambda _folder: listed)
    table = assignments.grade(folder, zipped, tmp_path / "a.csv").set_index("learner")
    assert "could not be graded: FileNotFoundError" in table.loc["bo", "note"].tolist()[1]
    assert len(table) == 11


def test_two_files_of_one_name_need_a_roster():
    for format in ("moodle", "canvas"):
        with pytest.raises(ValueError, match=f"must differ for {format}.*; got several of 'ada'"):
            gradebook.people_of(["a/ada", "b/ada", "bo"], format, None)
    assert len(gradebook.people_of(["a/ada", "b/ada"], "plain", None)) == 2


class TestNoted:
    whole = Mark({"00.1": 4.0, "00.2": 1.0}, {"00.1": "", "00.2": "no"}, "", 3.5)

    def test_what_was_noted_is_read_again(self, tmp_path):
        noted.note(tmp_path / "a.json", "ada", self.whole)
        assert noted.noted(tmp_path / "a.json", POSSIBLE) == self.whole
        assert noted.noted(tmp_path / "no.json", POSSIBLE) is None
        assert noted.noted(tmp_path / "a.json", POSSIBLE | {"00.3": 4}) is None

    def test_a_file_that_was_cut_or_edited_is_not_believed(self, tmp_path):
        noted.note(tmp_path / "a.json", "ada", self.whole)
        text = (tmp_path / "a.json").read_text()
        others = [text[:n] for n in range(0, len(text) - 1, 7)]
        others += [text.replace("1.0", "4.0"), text.replace("ada", "bo"), "[]", "[" * 10_000, "{}"]
        for other in others:
            (tmp_path / "a.json").write_text(other)
            assert noted.noted(tmp_path / "a.json", POSSIBLE) is None

    @pytest.mark.parametrize("score", [4.1, -1, np.nan, np.inf, True, "4", None, [4]])
    def test_points_that_cannot_be_reached_are_not_taken(self, tmp_path, score):
        known = Mark({"00.1": 4.0, "00.2": score})
        noted.note(tmp_path / "a.json", "ada", known)
        assert noted.noted(tmp_path / "a.json", POSSIBLE) is None
        with pytest.raises(
            ValueError, match=r"points of 00.2 must be between 0 and 4; got .*tamper"
        ):
            fitting("00.2", score, 4)


@pytest.mark.parametrize("format", ["plain", "moodle", "canvas"])
@pytest.mark.parametrize("begin", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_no_cell_begins_a_formula(tmp_path, format, begin):
    row = {"learner": f"{begin}|a", "00.1": 4.0, "points": 4.0, "possible": 8.0}
    table = pd.DataFrame([row | {"note": f"{begin}|b", "seconds": 1.0}])
    roster = tmp_path / "people.csv"
    people = {"Username": f"{begin}|c", "Student": f"{begin}|d", "file": f"{begin}|a".strip()}
    pd.DataFrame([people]).to_csv(roster, index=False)
    for named in ({}, {"roster": roster} if begin.strip() == begin else {}):
        path = gradebook.write_grades(table, tmp_path / "a.csv", format=format, **named)
        cells = pd.read_csv(path, header=None, dtype=str, keep_default_na=False).to_numpy().ravel()
        ours = [cell for cell in cells if "|" in cell and "points" not in cell]
        assert ours
        assert all(cell.startswith("'") and cell.isprintable() for cell in ours)


def test_details_hold_json_alone(tmp_path):
    noted.note(tmp_path / "a.json", "ada", Mark({"00.1": 4.0}, {"00.1": "\udce9"}))
    assert json.loads((tmp_path / "a.json").read_text())["says"] == {"00.1": "\udce9"}
