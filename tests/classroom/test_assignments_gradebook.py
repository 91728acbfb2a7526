"""Grades: whose file is whose, the three kinds of CSV file, and what is refused beforehand."""

import csv
import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest

from tlteach.base import adding
from tlteach.classroom import assignments, otter
from tlteach.classroom.autograder import Autograder, prepare, read_pieces
from tlteach.classroom.otter import Mark
from tlteach.classroom.roster import match, read_roster

LATE = "it ran longer than 20 s and was stopped"
GRADES = pd.DataFrame(
    {
        "learner": ["ada", "dee", "eve"],
        "00.1": [4.0, np.nan, np.nan],
        "00.2": [1.0, np.nan, np.nan],
        "points": [5.0, np.nan, np.nan],
        "possible": [8.0, 8.0, 8.0],
        "note": ["", "its Python died", LATE],
        "seconds": [6.1, 3.0, 20.2],
    }
)
MOODLE = """First name,Last name,ID number,Email address,Groups
Eve,Éclair,3,Eve@x.org,
Ada,Lovelace,1,ada@x.org,"A, B"
Dee,Dee,2,dee@x.org,
"""
CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Old (12),Final Score
    Points Possible,,,,,5,(read only)
"Lovelace, Ada",101,s1,ada,Seminar,3,
"Dee, Dee",102,s2,dee,Seminar,,
"Éclair, Eve",103,s3,eve,Seminar,,
"Student, Test",,,x,Seminar,,
"""


def lines(path):
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


class TestPlain:
    def test_one_row_per_learner_with_the_reason(self, tmp_path):
        assert lines(assignments.write_grades(GRADES, tmp_path / "new" / "a.csv")) == [
            ["learner", "00.1", "00.2", "points", "possible", "note", "seconds"],
            ["ada", "4.0", "1.0", "5.0", "8.0", "", "6.1"],
            ["dee", "", "", "", "8.0", "its Python died", "3.0"],
            ["eve", "", "", "", "8.0", LATE, "20.2"],
        ]

    def test_read_again_it_gives_the_other_kinds(self, tmp_path):
        plain = assignments.write_grades(GRADES, tmp_path / "a.csv")
        for format in ("plain", "moodle", "canvas"):
            first, second = (
                assignments.write_grades(table, tmp_path / f"{i}.csv", format=format, column="a")
                for i, table in enumerate((GRADES, pd.read_csv(plain)))
            )
            assert first.read_bytes() == second.read_bytes()

    def test_a_name_is_no_formula(self, tmp_path):
        table = GRADES.assign(learner=["=1+1", "@x", "+y"], note=["-2", "", ""])
        rows = lines(assignments.write_grades(table, tmp_path / "a.csv"))
        assert [row[0] for row in rows[1:]] == ["'=1+1", "'@x", "'+y"]
        assert rows[1][-2] == "'-2"

    def test_a_failure_keeps_the_old_file(self, tmp_path):
        old = assignments.write_grades(GRADES, tmp_path / "a.csv").read_bytes()
        with pytest.raises(ValueError, match="format must be one of 'plain', 'moodle', 'canvas'"):
            assignments.write_grades(GRADES, tmp_path / "a.csv", format="excel")
        with pytest.raises(UnicodeEncodeError):
            assignments.write_grades(GRADES.assign(note="\ud800"), tmp_path / "a.csv")
        assert (tmp_path / "a.csv").read_bytes() == old
        assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


class TestMoodle:
    def test_by_mail_in_per_cent_with_feedback(self, tmp_path):
        (tmp_path / "people.csv").write_text(MOODLE, encoding="utf-8")
        table = GRADES.assign(learner=["ada@x.org", "Dee Dee_77_assignsubmission_file/01", "3"])
        path = assignments.write_grades(
            table, tmp_path / "a.csv", format="moodle", roster=tmp_path / "people.csv", column="00"
        )
        assert lines(path) == [
            ["ID number", "Email address", "00", "00 feedback"],
            ["1", "ada@x.org", "62.50", "5 of 8 points (00.1: 4, 00.2: 1)"],
            ["2", "dee@x.org", "-", "not graded: its Python died"],
            ["3", "Eve@x.org", "-", f"not graded: {LATE}"],
        ]

    def test_without_a_roster_files_are_usernames_and_the_best_grade_is_free(self, tmp_path):
        path = assignments.write_grades(GRADES, tmp_path / "a.csv", format="moodle", out_of=8)
        assert [row[:2] for row in lines(path)] == [
            ["Username", "a"], ["ada", "5.00"], ["dee", "-"], ["eve", "-"],
        ]  # fmt: skip
        with pytest.raises(ValueError, match="out_of must be at least 1; got 0"):
            assignments.write_grades(GRADES, tmp_path / "a.csv", format="moodle", out_of=0)


class TestCanvas:
    def test_as_canvas_exports_its_gradebook(self, tmp_path):
        (tmp_path / "people.csv").write_text(CANVAS, encoding="utf-8")
        table = GRADES.assign(learner=["lovelaceada_101_999_00_start", "dee", "x_LATE_103_8_00"])
        path = assignments.write_grades(
            table, tmp_path / "a.csv", format="canvas", roster=tmp_path / "people.csv",
            column="Start (4711)",
        )  # fmt: skip
        assert lines(path) == [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Start (4711)"],
            ["Points Possible", "", "", "", "", "8"],
            ["Lovelace, Ada", "101", "s1", "ada", "Seminar", "5.00"],
            ["Dee, Dee", "102", "s2", "dee", "Seminar", ""],
            ["Éclair, Eve", "103", "s3", "eve", "Seminar", ""],
        ]

    def test_without_a_roster_files_are_logins(self, tmp_path):
        path = assignments.write_grades(GRADES, tmp_path / "a.csv", format="canvas")
        assert lines(path)[2] == ["ada", "", "", "ada", "", "5.00"]


class TestRoster:
    def roster(self, tmp_path, text):
        (tmp_path / "people.csv").write_text(text, encoding="utf-8")
        return read_roster(tmp_path / "people.csv")

    def test_an_own_column_settles_it(self, tmp_path):
        roster = self.roster(tmp_path, "file;Username\nlast.ipynb;b\nsub/First;a\n;c\n")
        assert match(["sub/First", "last", "C"], roster) == [1, 0, 2]

    @pytest.mark.parametrize(
        ("learners", "got"),
        [
            (["zoe"], "'zoe' fits no rows"),
            (["Ada Lovelace_7_assignsubmission_file_/01"], "fits 2 rows"),
            (["1", "ada@x.org"], "'1' shares its row with another file, 'ada@x.org' shares"),
            ([f"zoe{i}" for i in range(12)], "and 2 more"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, tmp_path, learners, got):
        roster = self.roster(tmp_path, f"{MOODLE}Ada,Lovelace,9,ada2@x.org,\n")
        with pytest.raises(ValueError, match=rf"one row of the roster.* got .*{got}"):
            match(learners, roster)

    @pytest.mark.parametrize("format", ["moodle", "canvas"])
    def test_a_list_that_the_platform_does_not_know_is_refused(self, tmp_path, format):
        self.roster(tmp_path, "file,Full name\nada,Ada\ndee,Dee\neve,Eve\n")
        people = {"roster": tmp_path / "people.csv"}
        with pytest.raises(ValueError, match=rf"one of the columns .* for {format}; got 'file'"):
            assignments.write_grades(GRADES, tmp_path / "a.csv", format=format, **people)
        assert lines(assignments.write_grades(GRADES, tmp_path / "a.csv", **people))[1][0] == "ada"

    def test_a_list_that_names_nobody_is_refused(self, tmp_path):
        with pytest.raises(ValueError, match=r"one of the columns 'file', .*; got 'Colour', 'x'"):
            self.roster(tmp_path, "Colour,x\nred,1\n")


@pytest.fixture
def zipped(tmp_path):
    """Return a zip that says what it grades, and holds nothing else."""
    path = tmp_path / "autograder.zip"
    zipfile.ZipFile(path, "w").close()
    Autograder(path, "00_start", {"00.1": 4, "00.2": 4}).write_card()
    return path


def hand_in(folder, name, *cells):
    folder.mkdir(exist_ok=True)
    made = [{"cell_type": "code", "source": cell, "metadata": {}} for cell in cells]
    (folder / name).write_text(json.dumps({"cells": made}))


class TestBeforehand:
    @pytest.fixture(autouse=True)
    def _nothing_runs(self, monkeypatch):
        def ran(*_options, **_named):
            raise AssertionError("a notebook was run")

        monkeypatch.setattr(assignments, "mark", ran)

    def test_wrong_input_is_refused_before_anything_runs(self, tmp_path, zipped):
        folder = tmp_path / "in"
        with pytest.raises(NotADirectoryError, match="submissions must be a folder; got"):
            assignments.grade(folder, zipped, tmp_path / "a.csv")
        folder.mkdir()
        (folder / ".hidden").touch()
        with pytest.raises(ValueError, match="in has no files"):
            assignments.grade(folder, zipped, tmp_path / "a.csv")
        hand_in(folder, "ada.ipynb", "n = 1")
        (tmp_path / "people.csv").write_text(MOODLE)
        for named, message in [
            ({"format": "excel"}, "format must be one of"),
            ({"tier": "huge"}, "tier must be one of 'smoke', 'class', 'full'; got 'huge'"),
            ({"jobs": 0}, "jobs must be at least 1; got 0"),
            ({"out_of": 0}, "out_of must be at least 1; got 0"),
            ({"timeout": 0}, "timeout must be at least 1; got 0"),
            ({"roster": tmp_path / "people.csv"}, "'ada' fits no rows"),
        ]:
            with pytest.raises(ValueError, match=message):
                assignments.grade(folder, zipped, tmp_path / "a.csv", **named)
        assert not (tmp_path / "a.csv").exists()

    def test_another_zip_is_refused(self, tmp_path):
        hand_in(tmp_path / "in", "ada.ipynb", "n = 1")
        (tmp_path / "no.zip").write_text("no zip")
        zipfile.ZipFile(tmp_path / "other.zip", "w").close()
        for name in ("no.zip", "other.zip"):
            with pytest.raises(ValueError, match=f"zip from write_assignment; got {name}"):
                assignments.grade(tmp_path / "in", tmp_path / name, tmp_path / "a.csv")

    def test_without_otter_the_cure_is_named(self, tmp_path, zipped, monkeypatch):
        monkeypatch.setattr(otter.importlib.util, "find_spec", lambda name: None)
        hand_in(tmp_path / "in", "ada.ipynb", "n = 1")
        with pytest.raises(ModuleNotFoundError, match=re.escape(adding("grading"))):
            assignments.grade(tmp_path / "in", zipped, tmp_path / "a.csv")


class TestHandedIn:
    def test_only_code_is_taken_over(self, tmp_path, zipped):
        hand_in(tmp_path, "ada.ipynb", "%time 1", 'lessons.check("00.2", a)\na = 3')
        notebook, note = prepare(read_pieces(tmp_path / "ada.ipynb"), Autograder.read(zipped))
        assert [cell["source"] for cell in notebook["cells"][1:]] == [
            "%time 1", 'lessons.check("00.2", a)', "a = 3",
        ]  # fmt: skip
        tests = [cell["metadata"].get("otter", {}).get("tests") for cell in notebook["cells"]]
        assert tests == [["00.1"], None, ["00.2"], None]
        assert note == "no check of 00.1 found"

    @pytest.mark.parametrize(
        ("text", "note"),
        [
            ("", "cannot be read as a notebook"),
            ("[" * 100_000, "cannot be read as a notebook"),
            ('{"cells": [{"cell_type": "code", "source": [1]}]}', "cannot be read as a notebook"),
            ('{"cells": 7}', "cannot be read as a notebook"),
            ('{"cells": []}', "it checks no exercise of 00_start: is it another notebook"),
        ],
    )
    def test_what_is_no_notebook_gets_a_note(self, tmp_path, zipped, text, note):
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "ada.ipynb").write_text(text)
        table = assignments.grade(tmp_path / "in", zipped, tmp_path / "a.csv")
        assert note in table.loc[0, "note"]
        assert np.isnan(table.loc[0, "points"])

    def test_solutions_without_all_points_are_refused(self, tmp_path, zipped, monkeypatch):
        short = Mark({"00.1": 4, "00.2": 1}, {"00.1": "", "00.2": "Which side has labels?"})
        monkeypatch.setattr(assignments, "mark", lambda *_options, **_named: short)
        with pytest.raises(RuntimeError, match="00_start must get all points: Which side"):
            assignments._demand_all_points(tmp_path, Autograder.read(zipped), 1)

    def test_an_old_assignment_is_replaced_and_its_neighbours_stay(self, tmp_path):
        for name in ("new", "out/student", "out/mine"):
            (tmp_path / name).mkdir(parents=True)
            (tmp_path / name / "a.txt").write_text(name)
        assignments._replace(tmp_path / "new", tmp_path / "out" / "student")
        assert (tmp_path / "out" / "student" / "a.txt").read_text() == "new"
        assert (tmp_path / "out" / "mine" / "a.txt").read_text() == "out/mine"
