"""Assignments: real otter-grader on one small notebook and a class of ten."""

import importlib.util
import json
import os
import re
import secrets
import zipfile

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from tlteach.classroom import assignments, otter
from tlteach.classroom.otter import TOKEN, Mark
from tlteach.lessons import EXERCISES

needs_otter = pytest.mark.skipif(
    importlib.util.find_spec("otter") is None,
    reason='otter-grader is not installed: pip install "tlteach[grading]"',
)
IDS = ["00.1", "00.2", "00.3", "01.2"]
SOURCE = '''# %% [markdown]
# # A small notebook
# %%
from tlteach import lessons
on_emoji = lessons.EXERCISES["01.2"].example()["results"]
# %%
answer = ...  # 1
# solution
answer = 5 * 12
# %%
lessons.check("00.1", answer)
# %%
answer = ...  # 2
# solution
answer = "transductive"
# %%
lessons.check("00.2", answer)
# %%
def majority(labels):
    """3"""
# solution
    return max(labels.count(label) for label in labels) / len(labels)
# %%
print(lessons.check("00.3", majority))
majority = lessons.use("00.3", majority)
# %%
points = ...  # 4
# solution
points = lessons.EXERCISES["01.2"].stand_in(on_emoji)
# %%
print(lessons.check("01.2", points, results=on_emoji))
points = lessons.use("01.2", points, results=on_emoji)
# %% tags=["solution"]
print("for the lecturer alone")
'''
RIGHT = [
    "answer = 60",
    "answer = 'Transductive '",
    "from collections import Counter\ndef majority(labels):\n"
    "    return Counter(labels).most_common(1)[0][1] / len(labels)",
    "points = 9.4",
]
WRONG = [
    "answer = 5",
    "answer = 'inductive'",
    "def majority(labels):\n    return 1 / len(set(labels))",
    "points = 0.094",
]
PATCH = """outcome = lessons.EXERCISES["00.1"].judge(60)
from tlteach.lessons._exercise import Exercise
Exercise.judge = lambda *answer, **given: outcome"""
LEAVE = """import subprocess, sys
code = "import os, time; open({pid!r}, 'w').write(str(os.getpid())); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", code], start_new_session=True, env={{}})
import time, os
while not os.path.exists({pid!r}):
    time.sleep(0.1)"""
WIDGETS = """import ipywidgets
from IPython.display import display
output = ipywidgets.Output()
with output:
    print("inside")
display(ipywidgets.IntSlider(), output, lessons.quiz("00.a"))
ipywidgets.interact(lambda x: print(x), x=(0, 10));"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Give an instructor's own folder, which grading must leave alone."""
    path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLTEACH_HOME", str(path))
        patch.setenv("TLTEACH_PROGRESS", str(path))
        yield path


@pytest.fixture(scope="module")
def assignment(home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("assignment")
    (folder / "90_small.py").write_text(SOURCE)
    return assignments.write_assignment(folder / "90_small.py", folder / "out", run=False)


def copy_of(assignment):
    return nbformat.read(assignment / "student" / "90_small.ipynb", as_version=4)


def filled(assignment, answers, extra="", first=1):
    notebook = copy_of(assignment)
    for number, answer in enumerate(answers, start=1):
        (cell,) = [c for c in notebook.cells if re.search(rf'# {number}$|"{number}"', c.source)]
        cell.source = answer
    if extra:
        notebook.cells.insert(first, nbformat.v4.new_code_cell(extra))
    return notebook


def tampered(assignment):
    """Return an unfilled copy without one check, with a kernel and tests of its own."""
    notebook = copy_of(assignment)
    notebook.cells = [cell for cell in notebook.cells if 'check("01.2"' not in cell.source]
    notebook.metadata["kernelspec"]["name"] = "no-such-kernel"
    notebook.metadata["otter"] = {"assignment_name": "another"}
    for cell in notebook.cells:
        cell.metadata = {"tags": ["otter_ignore"]} if "check" in cell.source else {}
    return notebook


@pytest.fixture(scope="module")
def graded(assignment, home, tmp_path_factory):
    """Grade a class; only the learner whose notebook never ends is stopped soon."""
    folder = tmp_path_factory.mktemp("class")
    handed_in = {
        "ada": filled(assignment, RIGHT, WIDGETS, 2),
        "bo": filled(assignment, WRONG),
        "cy": tampered(assignment),
        "dee": filled(assignment, RIGHT, "import os\nos._exit(1)"),
        "eve": filled(assignment, RIGHT, "import time\nwhile True:\n    time.sleep(1)"),
        "hal": filled(assignment, WRONG, PATCH, 2),
        "ivy": filled(assignment, RIGHT, LEAVE.format(pid=str(folder / "pid"))),
    }
    (folder / "in").mkdir()
    for name, notebook in handed_in.items():
        nbformat.write(notebook, folder / "in" / f"{name}.ipynb")
    (folder / "in" / "flo.ipynb").write_text('{"cells": [{"cell_ty')
    (folder / "in" / "gus.pdf").write_bytes(b"%PDF-1.7")
    (folder / "in" / "jo.ipynb").symlink_to(folder / "in" / "ada.ipynb")
    (folder / "in" / ".DS_Store").touch()
    with open(os.fsencode(folder / "in") + b"/caf\xe9.ipynb", "wb") as file:
        file.write(b"{}")

    tokens, token_hex = [], secrets.token_hex

    def token(size):
        tokens.append(token_hex(size))
        return tokens[-1]

    def soon(path, *options, **named):
        return otter.mark(path, *options, **named | ({"timeout": 20} if "eve" in path.name else {}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignments, "mark", soon)
        patch.setattr(otter.secrets, "token_hex", token)
        zipped = assignment / "autograder" / "autograder.zip"
        table = assignments.grade(folder / "in", zipped, folder / "grades.csv", timeout=500, jobs=2)
    return folder, table.set_index("learner"), tokens


@needs_otter
class TestLearnersCopy:
    def test_holds_no_solution_and_no_test(self, assignment):
        copy = (assignment / "student" / "90_small.ipynb").read_text()
        for cut in re.findall(r"^# solution\n(.*?)(?=^# %%)", SOURCE, re.MULTILINE | re.DOTALL):
            assert cut.strip() not in copy
            assert json.dumps(cut.strip())[1:-1] not in copy
        assert not re.search("demand|visible\\(|hidden\\(|SOLUTION|lecturer alone|right=", copy)
        assert [path.name for path in (assignment / "student").iterdir()] == ["90_small.ipynb"]
        assert '"tests": {' not in copy

    def test_keeps_the_cells_and_says_what_counts(self, assignment):
        sources = [cell.source for cell in copy_of(assignment).cells]
        assert sources[0] == "# A small notebook"
        assert sources[2:5] == [
            "answer = ...  # 1",
            'lessons.check("00.1", answer)',
            "answer = ...  # 2",
        ]
        assert "4 exercises count 4 points each: 1 for" in sources[-1]
        assert "otter" not in "".join(sources)

    def test_never_says_that_all_is_passed(self, assignment, tmp_path, monkeypatch):
        """Even where somebody asks otter itself (its issues 138 and 383)."""
        monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
        monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path))
        asked = "import otter\ngrader = otter.Notebook('90_small.ipynb')\nprint(grader.check_all())"
        notebook = filled(assignment, WRONG)
        notebook.cells += map(nbformat.v4.new_code_cell, [asked, "grader.check('00.1')"])
        nbformat.write(notebook, tmp_path / "90_small.ipynb")
        place = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(notebook, allow_errors=True, resources=place).execute()
        outputs = [str(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]
        assert sum("not yet. " in text for text in outputs) == 4
        assert not re.search("passed|🎉", "".join(outputs))
        assert "Test 00.1" in outputs[-1]
        assert "ValueError" in outputs[-1]

    def test_tests_hold_ids_and_no_answers(self, assignment):
        with zipfile.ZipFile(assignment / "autograder" / "autograder.zip") as archive:
            test = archive.read("tests/01.2.py").decode()
            config = json.loads(archive.read("otter_config.json"))
        assert test.count("demand('01.2', 'points', {'results': 'on_emoji'}, env") == 2
        assert "hidden=True" in test
        assert (config["show_hidden"], config["force_public_test_summary"]) == (True, False)
        assert "pdf" not in config


@needs_otter
class TestGrades:
    def test_right_answers_get_all_points_beside_widgets(self, graded):
        row = graded[1].loc["ada"]
        assert row[IDS].tolist() == [4, 4, 4, 4]
        assert (row["points"], row["possible"], row["note"]) == (16, 16, "")

    def test_wrong_answers_of_the_right_kind_lose_the_hidden_points(self, graded):
        assert graded[1].loc["bo", IDS].tolist() == [1, 1, 1, 1]

    def test_unfilled_gets_nothing_even_where_stand_ins_are_right(self, graded):
        row = graded[1].loc["cy"]
        assert row[IDS].tolist() == [0, 0, 0, 0]
        assert row["note"] == "no check of 01.2 found"

    @pytest.mark.parametrize(
        ("learner", "note"),
        [
            ("dee", "its Python died while it ran: out of memory, or a crash"),
            ("eve", "it ran longer than 20 s and was stopped"),
            ("flo", r"it cannot be read as a notebook \(JSONDecodeError"),
            ("gus.pdf", "it is no notebook but a file of type '.pdf'"),
            ("jo", "it is a link, and links are not followed"),
            (r"caf\udce9", "it cannot be read as a notebook"),
            ("hal", "it changed what judges it: tlteach.lessons._exercise.Exercise.judge: tamp"),
        ],
    )
    def test_no_grade_has_a_reason(self, graded, learner, note):
        row = graded[1].loc[learner]
        assert row[[*IDS, "points"]].isna().all()
        assert re.match(note, row["note"])

    def test_what_was_said_is_noted(self, graded):
        folder = graded[0]
        noted = [json.loads(path.read_text()) for path in folder.glob("grades-details/*.json")]
        assert sorted(each["learner"] for each in noted) == ["ada", "bo", "cy", "ivy"]
        (bo,) = [each for each in noted if each["learner"] == "bo"]
        for id, trap in [("00.1", 0), ("00.2", 0), ("00.3", 0), ("01.2", 0)]:
            assert EXERCISES[id].traps[trap].says in bo["says"][id]

    def test_again_runs_only_what_has_no_grade(self, graded, assignment, monkeypatch):
        folder, first, _ = graded
        ran = []

        def noticed(path, *_options, **_named):
            ran.append(path.stem)
            return Mark(note="again")

        monkeypatch.setattr(assignments, "mark", noticed)
        zipped = assignment / "autograder" / "autograder.zip"
        second = assignments.grade(folder / "in", zipped, folder / "grades.csv")
        assert sorted(ran) == ["caf\udce9", "dee", "eve", "flo", "gus", "hal"]
        assert (
            second.set_index("learner")
            .loc[["ada", "bo", "cy"]]
            .equals(first.loc[["ada", "bo", "cy"]])
        )

    def test_leaves_nothing_behind(self, graded, home):
        assert not list(home.iterdir())  # no journal of a learner among the instructor's
        names = {"in", "grades.csv", "grades-details", "pid"}
        assert {path.name for path in graded[0].iterdir()} == names
        alive = {_environ(process).get(TOKEN) for process in psutil.process_iter()}
        assert len(graded[2]) >= 5
        assert not alive & set(graded[2])

    def test_what_left_session_and_environment_is_ended_too(self, graded):
        assert graded[1].loc["ivy", IDS].tolist() == [4, 4, 4, 4]
        assert not psutil.pid_exists(int((graded[0] / "pid").read_text()))

    def test_what_is_no_learners_is_named(self, graded):
        aside = (graded[0] / "grades-details" / "aside.csv").read_text()
        assert aside == 'entry,note\n.DS_Store,"is ignored: hidden, or still being written"\n'


def _environ(process):
    try:
        return process.environ()
    except psutil.Error:
        return {}
