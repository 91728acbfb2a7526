"""A cache or a home that cannot be written stops nothing: one warning, and it goes on."""

import contextlib
import os
import shutil
import subprocess
import warnings
import zipfile
from pathlib import Path

import pytest
import torch

import tlteach as tlt
from tlteach import lessons
from tlteach.base import CacheWarning, cache, room
from tlteach.data import store
from tlteach.data.archives import unpacked
from tlteach.lessons._journal import Journal, JournalWarning


@pytest.fixture
def full(tmp_path):
    """A disk of 64 KB that is full."""
    place = tmp_path / "full"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("a small disk can be mounted by root alone")
    with contextlib.suppress(OSError):
        (place / "filled").write_bytes(bytes(1 << 20))
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def file_in_its_place(tmp_path):
    path = tmp_path / "a file"
    path.write_text("in the place of a folder")
    return path / "below"


@pytest.fixture(params=["full", "file_in_its_place"])
def home(request, monkeypatch):
    place = request.getfixturevalue(request.param)
    for name in ("TLTEACH_HOME", "TLTEACH_PROGRESS"):
        monkeypatch.setenv(name, str(place))
    return place


@pytest.fixture
def images():
    return tlt.few_shot(tlt.load_task("digits"), 2, seed=0).train.images


def test_features_are_computed_and_that_is_told_once(home, images):
    net = tlt.load_backbone("small_cnn")
    expected = tlt.extract_features(net, images, cached=False)
    with pytest.warns(CacheWarning, match="features are not kept") as told:  # noqa: PT031
        for _ in range(3):
            assert torch.equal(tlt.extract_features(net, images), expected)
    assert len(told) == 1
    assert told[0].filename == __file__


def test_what_must_lie_somewhere_lies_elsewhere_until_python_ends(file_in_its_place, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(file_in_its_place))
    with pytest.warns(CacheWarning, match="files are kept until Python ends") as told:  # noqa: PT031
        place = room("images")
        assert room("images") == place
    assert len(told) == 1
    assert (place / "a").write_text("kept") == 4


def test_many_images_and_an_archive_need_no_cache(file_in_its_place, monkeypatch, tmp_path):
    monkeypatch.setenv("TLTEACH_HOME", str(file_in_its_place))
    monkeypatch.setattr(store, "MOST", 10)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a/b.txt", "hello")
    with pytest.warns(CacheWarning):  # noqa: PT031
        assert store.empty(3, 2, 4).shape == (3, 2, 4)
        folder = unpacked(tmp_path / "a.zip")
    assert (folder / "a" / "b.txt").read_text() == "hello"
    assert unpacked(tmp_path / "a.zip") == folder


def test_a_lesson_goes_on_and_remembers_in_this_kernel(home):
    with pytest.warns(JournalWarning, match="not noted: .*answers are judged") as told:  # noqa: PT031
        assert lessons.check("00.1", 60).state == "correct"
        assert lessons.check("00.1", 5).state == "not yet"
        assert [lessons.hint("00.2")[:11] for _ in range(2)] == ["hint 1 of 3", "hint 2 of 3"]
        assert lessons.quiz("00.a").answer("a").startswith("Noted")
        assert lessons.chosen("00.a")
        assert lessons.my_seed() == lessons.my_seed()
        assert "answer = 5 * 12" in lessons.solution("00.1")
    assert len(told) == 1
    states = lessons.progress("00").table.set_index("id")
    assert states.loc["00.1", "state"] == "correct"
    assert states.loc["00.2", "hints"] == 2


@pytest.mark.filterwarnings("ignore::tlteach.base.CacheWarning")
def test_runs_that_cannot_be_noted_say_so(home):
    results = tlt.compare(
        tlt.load_task("digits"), backbone="small_cnn", regimes=["frozen"], shots=[2], seeds=[0],
        search="smoke", baselines=False, progress=False, n_jobs=1,
    )  # fmt: skip
    with pytest.warns(JournalWarning):
        said = lessons.keep(results)
    assert said.startswith("not noted: 1 accuracies of digits for your class: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_disk_that_fills_up_later_is_told_in_its_words(tmp_path):
    path = tmp_path / "tlteach.jsonl"
    journal = Journal(path)
    assert journal.add("hint", id="00.1") == ""
    path.unlink()
    path.symlink_to("/dev/full")
    with pytest.warns(JournalWarning, match="not noted: No space left on device"):
        why = journal.add("hint", id="00.2")
    assert why == "No space left on device"


def test_a_journal_that_somebody_spoilt_is_read_as_far_as_it_goes(tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path))
    spoilt = [
        b"\x00\xff\xfe", b"{", b"[" * 100_000, b"3", b"[]", b"{}", b'{"event": 3, "id": "00.1"}',
        b'{"event": "hint", "id": "00.1", "rung": "x"}', b'{"event": "hint"}',
        b'{"event": "seed", "seed": "mine"}', b'{"event": "seed"}', b'{"event": "quiz", "id": []}',
        b'{"event": "check", "id": "00.1", "state": "correct"}',
    ]  # fmt: skip
    (tmp_path / "tlteach.jsonl").write_bytes(b"\n".join(spoilt))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = lessons.progress("00").table.set_index("id")
        seed = lessons.my_seed()
    assert table.loc["00.1", "state"] == "correct"
    assert 1000 <= seed < 1_000_000
    assert lessons.my_seed() == seed


def test_nobody_else_is_asked_to_write(tmp_path, monkeypatch):
    """What can be written is written as before."""
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert room("images") == cache.home() / "images"
        assert os.listdir(room("images")) == []
