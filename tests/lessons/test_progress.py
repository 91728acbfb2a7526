"""Progress outlives kernels, kills and neighbours, and never claims too much."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

import tlteach as tlt
from tlteach import lessons
from tlteach.lessons import EXERCISES, QUESTIONS
from tlteach.lessons._journal import Journal
from tlteach.lessons._quiz import Asked, sealed

WRITE = """
import sys
from tlteach.lessons._journal import Journal
journal = Journal(sys.argv[1])
for i in range(int(sys.argv[3])):
    journal.add("check", id=sys.argv[2], number=i)
"""


@pytest.fixture(autouse=True)
def _own_journal(monkeypatch, tmp_path):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path))


def test_two_kernels_at_once_lose_nothing(tmp_path):
    path = tmp_path / "both.jsonl"
    command = [sys.executable, "-c", WRITE, str(path)]
    children = [subprocess.Popen([*command, name, "150"]) for name in ("a", "b")]
    assert [child.wait() for child in children] == [0, 0]
    found = [(e["id"], e["number"]) for e in Journal(path).events()]
    assert sorted(found) == [(name, i) for name in ("a", "b") for i in range(150)]


def test_a_killed_kernel_loses_no_line_before_it(tmp_path):
    path = tmp_path / "killed.jsonl"
    child = subprocess.Popen([sys.executable, "-c", WRITE, str(path), "a", "1000000"])
    end = time.monotonic() + 60
    while not path.exists() or path.stat().st_size < 5000:
        assert time.monotonic() < end
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    numbers = [e["number"] for e in Journal(path).events()]
    assert numbers == list(range(len(numbers)))
    Journal(path).add("check", id="after")
    assert [e["id"] for e in Journal(path).events()][-1] == "after"


def test_a_line_cut_off_does_not_swallow_the_next(tmp_path):
    path = tmp_path / "cut.jsonl"
    journal = Journal(path)
    journal.add("hint", id="00.1", rung=1)
    with path.open("a") as file:
        file.write('{"at": "2026')
    journal.add("hint", id="00.1", rung=2)
    assert [e["rung"] for e in journal.events("hint")] == [1, 2]


def test_the_best_state_counts_and_open_parts_are_told():
    lessons.check("00.1", 5)
    assert "1 not yet" in repr(lessons.progress("00"))
    lessons.check("00.1", 60)
    lessons.check("00.1", 5)  # trying on after it was right takes nothing away
    table = lessons.progress("00").table.set_index("id")
    assert table.loc["00.1", "state"] == "correct"
    told = repr(lessons.progress())
    assert "go on with 00.2 in 00_start.ipynb" in told
    assert "nothing is open" not in told


def test_nothing_is_open_only_when_all_is_done():
    journal = Journal()
    for id in EXERCISES:
        journal.add("check", id=id, state="correct", trap=None, answer="x")
    assert "nothing is open" not in repr(lessons.progress())
    for question in QUESTIONS.values():
        asked = Asked(question, journal)
        wanted = [o for o in question.options if question.is_right(o)] or list(question.options)
        asked.answer(wanted[0])
    assert repr(lessons.progress()).endswith("nothing is open")


def test_an_unknown_notebook_is_refused():
    with pytest.raises(ValueError, match=r"notebook must be one of '00', '01'.*; got '77'"):
        lessons.progress("77")


def test_a_seed_is_drawn_once():
    first = lessons.my_seed()
    assert lessons.my_seed() == first
    assert 1000 <= first < 1_000_000
    assert len(list(Journal().events("seed"))) == 1


@pytest.fixture(scope="module")
def measured(digits):
    return tlt.compare(
        digits, backbone="small:glyphs", regimes=["frozen"], shots=[2], seeds=[5], search=2,
        baselines=["majority"], progress=False,
    )  # fmt: skip


def test_runs_are_kept_with_what_made_them(measured):
    assert lessons.keep(measured) == "noted 2 accuracies of digits for your class"
    [event] = Journal().events("runs")
    json.dumps(event)
    rows = {row["regime"]: row for row in event["rows"]}
    tested = measured.query("split == 'test' and metric == 'accuracy' and regime == 'frozen'")
    assert rows["frozen"]["value"] == tested["value"].item()
    assert rows["frozen"]["seed"] == 5
    assert event["versions"]["torch"]


def test_runs_without_provenance_are_refused(measured):
    bare = measured.copy()
    bare.attrs = {}
    with pytest.raises(ValueError, match=r"a table from compare; its provenance missing"):
        lessons.keep(bare)
    with pytest.raises(ValueError, match=r"columns shots missing"):
        lessons.keep(measured.drop(columns="shots"))


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda q: q.id)
class TestQuestion:
    def test_exactly_one_option_is_right_or_it_is_a_prediction(self, question):
        right = [option for option in question.options if question.is_right(option)]
        assert len(right) == (1 if question.seal else 0)
        assert 2 <= len(question.options) <= 6

    def test_every_option_is_explained(self, question):
        assert all(said.endswith(".") for said in question.options.values())

    def test_it_works_as_plain_text(self, question):
        asked = lessons.quiz(question.id)
        assert all(option in repr(asked) for option in question.options)
        said = asked.answer("a")
        first = next(iter(question.options))
        assert first in said
        assert lessons.chosen(question.id) == first
        assert said in repr(lessons.quiz(question.id))

    def test_a_choice_stands_beside_what_was_measured(self, question):
        assert lessons.beside(question.id, 5) == f"{question.id}: you did not choose. Measured: 5"
        lessons.quiz(question.id).answer("a")
        first = next(iter(question.options))
        told = lessons.beside(question.id, "0.5 points", about="gap")
        assert told.replace("\n", " ") == f"gap: you said {first!r}. Measured: 0.5 points"

    def test_buttons_and_text_say_the_same(self, question):
        asked = lessons.quiz(question.id)
        widget = asked.widget()
        assert (widget.choice, widget.said) == ("", "")
        last = list(question.options)[-1]
        widget.choice = last
        assert asked.chosen == last
        assert widget.said.endswith(question.options[last])
        again = asked.widget()  # as after a restart
        assert (again.choice, again.said) == (last, widget.said)


def test_a_seal_hides_the_answer_and_differs_by_question():
    assert sealed("00.d", "x") != sealed("00.e", "x")
    asked = lessons.quiz("00.d")
    assert not any(option in asked.question.seal for option in asked.question.options)


def test_what_stands_beside_an_unknown_question_is_refused():
    with pytest.raises(ValueError, match=r"question must be one of .*; got '00\.z'"):
        lessons.beside("00.z", 5)


def test_an_answer_that_is_no_option_is_refused():
    with pytest.raises(ValueError, match=r"choice must be one of .*; got 'z'"):
        lessons.quiz("00.d").answer("z")


OWN = """
from tlteach import lessons
lessons.hint("00.1")
print(lessons.my_seed(), lessons.Journal().path)
"""


def test_learners_who_share_a_cache_have_a_journal_and_a_seed_each(tmp_path):
    settings = {key: value for key, value in os.environ.items() if key != "TLTEACH_PROGRESS"}
    told = []
    for name in ("ana", "bo", "ana"):
        own = {"HOME": str(tmp_path / name), "TLTEACH_HOME": str(tmp_path / "cache")}
        done = subprocess.run(
            [sys.executable, "-c", OWN], env=settings | own, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout.split())
    ana, bo, again = told
    assert ana == again
    assert ana[0] != bo[0]
    assert bo[1] == str(tmp_path / "bo" / ".tlteach" / "progress" / "tlteach.jsonl")
    assert not list(tmp_path.glob("cache/**/*.jsonl"))
