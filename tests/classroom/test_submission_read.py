"""A file, or a folder of them, from anywhere: used, or refused with a reason, and never run."""

import json
import os
import pickle

import pytest
from hypothesis import given, settings, strategies as st

from tests.helpers import submissions as made
from tlteach.classroom import Refused, Submission, collect
from tlteach.classroom.submission import read
from tlteach.lessons import EXERCISES

HOSTILE = made.hostile()


def test_a_made_file_is_read(tmp_path):
    found = read(made.put(tmp_path, made.content()))
    assert isinstance(found, Submission)
    assert found.exercises["00.1"].states == (("not yet", 1), ("correct", None))


def test_an_older_format_is_understood(tmp_path):
    found = read(made.put(tmp_path, made.older(made.content())))
    assert found.exercises["00.1"].hints is None
    assert found.exercises["00.1"].state == "correct"


def test_layout_and_a_byte_order_mark_do_no_harm(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(made.content(), indent=8).encode())
    assert read(path).alias == "ana"


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_trusted_is_refused_with_its_reason(name, tmp_path):
    raw, why = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(Refused) as caught:
        read(path)
    said = str(caught.value)
    assert why in said
    assert len(said) <= 300
    assert said.isprintable()


def test_infinity_with_the_right_digest_is_refused(tmp_path):
    known = made.content()
    known["runs"][0]["rows"][0]["seconds"] = float("inf")
    text = json.dumps(made.seal(known)).replace("Infinity", "1e999")
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(Refused, match="seconds must be between 0 and"):
        read(tmp_path / "a.json")


def test_a_pickle_is_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "ran"),))

    for name in ("a.json", "b.pkl"):
        (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
    assert collect(tmp_path)[0] == []
    assert not (tmp_path / "ran").exists()


SHORT = st.text(max_size=9)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SHORT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SHORT, inner, max_size=3),
    max_leaves=8,
)


def outcome(path):
    """Return what a file holds, or why it is refused; anything else is a fault."""
    try:
        return read(path)
    except Refused as reason:
        return str(reason)


@settings(deadline=None)  # files on a busy machine
@given(key=st.sampled_from([k for k in made.content() if k != "digest"]), value=JSON)
def test_any_value_anywhere_is_used_or_refused(key, value, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(made.seal(made.content() | {key: value})))
    found = outcome(path)
    assert isinstance(found, Submission) or (found and found.isprintable())


@settings(deadline=None)  # files on a busy machine
@given(place=st.integers(0, len(json.dumps(made.content())) - 1), byte=st.integers(0, 255))
def test_any_byte_changed_is_noticed_or_changes_nothing(place, byte, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "byte.json"
    raw = bytearray(json.dumps(made.content()).encode())
    path.write_bytes(raw)
    whole = read(path)
    raw[place] = byte
    path.write_bytes(raw)
    found = outcome(path)
    assert found == whole or isinstance(found, str)


def test_a_missing_file_is_an_error_of_its_own(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "no.json")
    with pytest.raises(FileNotFoundError, match="folder must be a folder with submissions; got"):
        collect(tmp_path / "no")


def test_pipes_folders_and_links_are_no_files(tmp_path):
    inside = tmp_path / "in"
    inside.mkdir()
    os.mkfifo(inside / "pipe.json")
    made.put(tmp_path, made.content("out"), "out.json")
    (inside / "link.json").symlink_to(tmp_path / "out.json")
    (inside / "up").symlink_to(tmp_path)
    (inside / "folder.json").mkdir()
    found, reasons = collect(inside)
    assert found == []
    assert reasons == {
        "folder.json": "is an empty folder",
        "pipe.json": "is no file",
        "link.json": "is a link, and links are not followed",
        "up": "is a link, and links are not followed",
    }


def test_files_in_folders_are_found_and_hidden_ones_are_named(tmp_path):
    made.put(tmp_path, made.content("ana"), "Ana_123_file/tlteach-ana.json")
    made.put(tmp_path, made.content("bob", runs=[]), "TLTEACH-BOB.JSON")
    made.put(tmp_path, made.content("cem"), ".tlteach-cem.0123.json")
    made.put(tmp_path, made.content("dee"), ".ipynb_checkpoints/tlteach-dee.json")
    (tmp_path / "a\x1b[2Jb.ipynb").write_text("{}")
    found, reasons = collect(tmp_path)
    assert [one.file for one in found] == ["Ana_123_file/tlteach-ana.json", "TLTEACH-BOB.JSON"]
    assert reasons == {
        ".ipynb_checkpoints": "is ignored: a hidden folder",
        ".tlteach-cem.0123.json": "is ignored: hidden, or still being written",
        "a\\x1b[2Jb.ipynb": "is ignored: a submission ends in .json",
    }


def test_a_file_that_goes_away_meanwhile_is_named(tmp_path, monkeypatch):
    path = made.put(tmp_path, made.content())

    def gone(path):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("tlteach.classroom.submission.read", gone)
    assert collect(tmp_path) == ([], {path.name: "could not be read: No such file or directory"})


def test_learners_come_in_the_order_of_their_dates(tmp_path):
    made.put(tmp_path, made.content("a", "2026-11-20T10:00:00+00:00", runs=[]))
    made.put(tmp_path, made.content("b", "2026-11-20T10:30:00+01:00", runs=[]))
    assert [one.alias for one in collect(tmp_path)[0]] == ["b", "a"]


def test_of_one_alias_the_newest_is_used(tmp_path):
    made.put(tmp_path, made.content("Ana", "2026-11-20T10:00:00+00:00"), "1.json")
    made.put(tmp_path, made.content("ANA", "2026-11-20T12:00:00+00:00"), "2.json")
    made.put(tmp_path, made.content("ana", "2026-11-20T11:00:00+00:00"), "3.json")
    found, reasons = collect(tmp_path)
    assert [one.file for one in found] == ["2.json"]
    assert reasons == {
        "1.json": "is not used: 3.json is of the same alias and newer",
        "3.json": "is not used: 2.json is of the same alias and newer",
    }


def test_copies_under_two_aliases_are_both_named_and_used(tmp_path):
    made.put(tmp_path, made.content("ana"))
    made.put(tmp_path, made.content("bob", "2026-11-20T12:00:00+00:00", quiz={}))
    made.put(tmp_path, made.content("cem", runs=[pair_of_another()]))
    found, reasons = collect(tmp_path)
    assert [one.alias for one in found] == ["ana", "cem", "bob"]
    told = "is used, but its runs and their seconds are those of"
    assert reasons == {
        "tlteach-ana.json": f"{told} tlteach-bob.json",
        "tlteach-bob.json": f"{told} tlteach-ana.json",
    }


def pair_of_another():
    """Return the same accuracies as everybody's, measured on another day."""
    runs = made.pair(0, 0.3, 0.4)
    runs["rows"][0]["seconds"] = 9.75
    return runs


def test_without_runs_the_same_answers_are_no_copy(tmp_path):
    for alias in ("ana", "bob"):
        made.put(tmp_path, made.content(alias, runs=[]))
    assert collect(tmp_path)[1] == {}


def test_a_class_of_300_files(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    learners, wanted = made.write_class(folder)
    assert len(list(folder.iterdir())) == 300
    found, reasons = collect(folder)
    assert [one.alias for one in found] == [known["alias"] for known in learners]
    assert len(found) + len(reasons) == 300
    assert set(reasons) == set(wanted)
    assert [name for name, why in wanted.items() if why not in reasons[name]] == []
    assert all(set(one.exercises) <= set(EXERCISES) for one in found)
