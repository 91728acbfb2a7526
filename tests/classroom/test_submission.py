"""What a learner hands in: all that was done, nothing personal, written whole."""

import getpass
import json
import os
import socket
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from tests.helpers import submissions as made
from tlteach import lessons
from tlteach.classroom import submit
from tlteach.classroom.submission import file_name, read
from tlteach.experiment import COLUMNS
from tlteach.lessons import Journal


@pytest.fixture(autouse=True)
def _journal_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path / "home"))


def results(seeds=(0, 1), task="emoji"):
    """Return a table as `compare` does."""
    rows = [
        dict.fromkeys(COLUMNS, 0) | made.row(regime, seed, 0.25 + seed / 8)
        | {"task": task, "split": split, "metric": "accuracy"}
        for regime in ("scratch", "frozen") for seed in seeds for split in ("test", "val")
    ]  # fmt: skip
    table = pd.DataFrame(rows)[COLUMNS]
    about = {"task": {"name": task, "fingerprint": "ab" * 16, "card": "a card"}}
    table.attrs["provenance"] = about | {"versions": made.VERSIONS, "machine": made.MACHINE}
    return table


def test_what_was_done_comes_back(tmp_path):
    lessons.check("00.1", 12)
    lessons.check("00.1", 5)
    lessons.hint("00.1")
    lessons.hint("00.1")
    lessons.check("00.1", 60)
    lessons.solution("00.2")
    lessons.quiz("00.b").answer("hurts")
    lessons.quiz("00.b").answer("helps")
    lessons.keep(results())
    path = submit("Ana", tmp_path)
    assert path == tmp_path / "tlteach-Ana.json"
    found = read(path)
    assert found.alias == "Ana"
    assert abs((datetime.now(UTC) - found.date).total_seconds()) < 60
    one, two = found.exercises["00.1"], found.exercises["00.2"]
    assert one.states == (("not yet", 1), ("not yet", 0), ("correct", None))
    assert (one.answer, one.hints, one.solution, one.state) == ("60", 2, False, "correct")
    assert (two.answer, two.states, two.solution, two.state) == ("", (), True, "not attempted")
    assert found.quiz == {"00.b": "helps"}
    [runs] = found.runs
    assert (runs.task, runs.fingerprint) == ("emoji", "ab" * 16)
    assert [row["value"] for row in runs.rows] == [0.25, 0.375, 0.25, 0.375]
    assert [row["config"] for row in runs.rows[::2]] == ["a41ece6da4f2", "2ba0e44ad5a3"]
    assert (runs.versions, runs.machine) == (made.VERSIONS, made.MACHINE)


def test_an_empty_journal_makes_a_file_too(tmp_path):
    found = read(submit("ana", tmp_path))
    assert (found.exercises, found.quiz, found.runs) == ({}, {}, ())


def test_nothing_personal_is_in_it(tmp_path):
    home = os.path.expanduser("~")
    told = ["/home/ana lopez/x.csv", "C:\\Users\\ana\\x", f"{home}/secret/x", "~/data/ana/x"]
    for answer in (*told, os, lambda labels: labels[9], pd.DataFrame({"a": [1, 2]})):
        lessons.check("00.2", answer)
        text = submit("me", tmp_path).read_text()
        held = json.loads(text)["exercises"]["00.2"]["answer"]
        assert not any(word in held for word in ("home/", "Users", "secret", "data/", "0x", home))
        assert held.isprintable()
    lessons.keep(results())
    text = submit("me", tmp_path).read_text()
    assert str(tmp_path) not in text
    assert f'"{socket.gethostname()}"' not in text
    assert f'"{getpass.getuser()}"' not in text
    assert set(json.loads(text)) == set(made.content())  # what there is, and no more


def test_a_long_answer_is_cut(tmp_path):
    lessons.check("00.2", "x" * 1000)
    assert len(read(submit("ana", tmp_path)).exercises["00.2"].answer) == 200


def test_a_cell_run_again_hands_in_its_runs_once(tmp_path):
    lessons.keep(results())
    again = results()
    again["seconds"] += 1
    lessons.keep(again)
    lessons.keep(results(seeds=(5,)))
    found = read(submit("ana", tmp_path))
    assert [len(runs.rows) for runs in found.runs] == [4, 2]


def test_damaged_and_forgotten_events_are_left_out(tmp_path):
    journal = Journal(tmp_path / "j.jsonl")
    for id in ("99.9", "00.1", ["00.1"], None):
        journal.add("check", id=id, state="correct", trap=None, answer="60")
    journal.add("check", id="00.1", state="graded", trap=None, answer="60")
    journal.add("check", id="00.1", state="not yet", trap=77, answer="60")
    journal.add("hint", id="00.1", rung="many")
    journal.add("quiz", id="00.a", choice="something else")
    journal.add("quiz", id="00.b", choice=["helps"])
    journal.add("runs", task="emoji", rows=[{"value": 2}])
    found = read(submit("ana", tmp_path, journal=journal))
    assert found.exercises["00.1"].states == (("correct", None), ("not yet", None))
    assert found.exercises["00.1"].hints == 1
    assert list(found.exercises) == ["00.1"]
    assert (found.quiz, found.runs) == ({}, ())


def test_very_many_checks_keep_the_last(tmp_path):
    journal = Journal(tmp_path / "j.jsonl")
    lines = [{"event": "check", "id": "00.1", "state": "not yet", "trap": i % 3, "answer": "1"}
             for i in range(1500)]  # fmt: skip
    journal.path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    states = read(submit("ana", tmp_path, journal=journal)).exercises["00.1"].states
    assert [trap for _, trap in states] == [i % 3 for i in range(500, 1500)]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("ana", "tlteach-ana.json"),
        (" Ana Maria ", "tlteach-Ana-Maria.json"),
        ("ana@uni.edu", "tlteach-ana-uni.edu.json"),
        ("हिन्दी", "tlteach-हिन्दी.json"),
        ("O'Neil (2)", "tlteach-O-Neil-2.json"),
        ("9" * 60, f"tlteach-{'9' * 40}.json"),
    ],
)
def test_the_file_is_named_after_the_alias(alias, name, tmp_path):
    path = submit(alias, tmp_path)
    assert path.name == name
    assert read(path).alias == alias.strip()


@pytest.mark.parametrize(
    ("alias", "why"),
    [
        ("", "begin with a letter or a digit"),
        ("../ana", "must not look like a path"),
        ("a/b", "must not look like a path"),
        ("a..b", "must not look like a path"),
        ("=cmd", "begin with a letter or a digit"),
        ("-ana", "begin with a letter or a digit"),
        ("a\nb", "no control characters"),
        ("a" * 61, "at most 60 characters; got 61"),
    ],
)
def test_an_alias_that_cannot_be_used_is_refused_and_nothing_is_written(alias, why, tmp_path):
    with pytest.raises(ValueError, match=why):
        submit(alias, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_alias_leaves_the_folder(alias):
    name = file_name(alias)
    assert "/" not in name
    assert "\\" not in name
    assert name.startswith("tlteach-")
    assert len(name.encode()) < 200


def test_a_learner_replaces_only_an_own_file(tmp_path):
    first = submit("ana", tmp_path).read_bytes()
    lessons.check("00.1", 60)
    assert submit("ana", tmp_path).read_bytes() != first
    own = made.put(tmp_path, made.content("a b"), "tlteach-a-b.json")
    kept = own.read_bytes()
    with pytest.raises(ValueError, match=r"tlteach-a-b.json is there and is no submission of"):
        submit("a-b", tmp_path)
    assert own.read_bytes() == kept
    submit("a b", tmp_path)
    other = tmp_path / "tlteach-eve.json"
    other.write_text("my notes")
    with pytest.raises(ValueError, match="is no submission of 'eve'"):
        submit("eve", tmp_path)
    assert other.read_text() == "my notes"
    other.unlink()
    other.symlink_to(tmp_path / "nowhere.json")
    with pytest.raises(ValueError, match="is no submission of 'eve'"):
        submit("eve", tmp_path)


def test_writing_leaves_no_other_file(tmp_path):
    submit("ana", tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["tlteach-ana.json"]


def test_a_file_too_large_to_be_read_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr("tlteach.classroom.submission.MOST_BYTES", 100)
    with pytest.raises(ValueError, match=r"tlteach-ana.json must have at most 0.0 MB; got 0.0 MB"):
        submit("ana", tmp_path / "out")
    assert not (tmp_path / "out").exists()
