"""Tasks by name, parts of them, and damaged files."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from tlteach import data
from tlteach.data import SUBTASKS, load_task


def test_unknown_names_are_listed():
    expected = r"task must be one of 'emoji', 'fashion', 'digits', .*; got 'mnist'"
    with pytest.raises(ValueError, match=expected):
        load_task("mnist")
    with pytest.raises(ValueError, match=r"domain must be one of 'noto', .*; got 'apple'"):
        load_task("emoji", domains=["noto", "apple"])
    with pytest.raises(ValueError, match="number of domains must be at least 1; got 0"):
        load_task("emoji", domains=[])


def test_domains_select_styles_in_the_order_asked():
    task = load_task("emoji", domains=["twemoji", "noto"])
    everything = load_task("emoji")
    assert task.domains == ("twemoji", "noto")
    assert len(task.test) * 2 == len(everything.test)
    by_row = dict(
        zip(everything.test.index.tolist(), everything.test.domains.tolist(), strict=True)
    )
    names = [everything.domains[by_row[row]] for row in task.test.index.tolist()]
    assert names == [task.domains[d] for d in task.test.domains.tolist()]
    assert load_task("emoji", domains="noto").domains == ("noto",)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of digits that a test may damage; returns the data file."""
    shutil.copytree(data.shipped_data() / "digits", tmp_path / "digits")
    return tmp_path / "digits" / "digits.npz"


def test_copy_elsewhere_loads_the_same(shipped):
    assert (
        load_task("digits", root=shipped.parents[1]).fingerprint == load_task("digits").fingerprint
    )


def test_changed_file_tells_both_hashes(shipped):
    expected = hashlib.sha256(shipped.read_bytes()).hexdigest()
    content = bytearray(shipped.read_bytes())
    content[5_000] ^= 1
    shipped.write_bytes(content)
    got = hashlib.sha256(content).hexdigest()
    message = f"digits.npz is damaged or was changed: expected SHA-256 {expected}, got {got}"
    with pytest.raises(ValueError, match=message):
        load_task("digits", root=shipped.parents[1])


def test_truncated_file_is_refused(shipped):
    shipped.write_bytes(shipped.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"digits\.npz is damaged or was changed"):
        load_task("digits", root=shipped.parents[1])


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 cut off"])
def test_file_that_is_no_data_file_is_refused_even_with_a_matching_hash(shipped, content):
    shipped.write_bytes(content)
    (shipped.parent / "SHA256").write_text(f"{hashlib.sha256(content).hexdigest()}  digits.npz\n")
    with pytest.raises(ValueError, match=r"digits\.npz is not a readable data file"):
        load_task("digits", root=shipped.parents[1])


def test_pickled_arrays_are_never_loaded(shipped):
    np.savez(shipped, images=np.array([{"a": 1}], dtype=object))
    digest = hashlib.sha256(shipped.read_bytes()).hexdigest()
    (shipped.parent / "SHA256").write_text(f"{digest}  digits.npz\n")
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_task("digits", root=shipped.parents[1])


@pytest.mark.parametrize("name", ["digits.npz", "SHA256"])
def test_missing_file_is_named(shipped, name):
    (shipped.parent / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is missing; install tlteach again"):
        load_task("digits", root=shipped.parents[1])


@pytest.mark.parametrize("name", SUBTASKS)
def test_a_part_is_the_whole_with_less(name):
    part, whole = load_task(name), load_task(SUBTASKS[name].whole)
    assert part.name == name
    kept, names = SUBTASKS[name], [whole.classes[i] for i in whole.test.labels.tolist()]
    places = [whole.domains[i] for i in whole.test.domains.tolist()]
    wanted = [
        row
        for row, one, place in zip(whole.test.index.tolist(), names, places, strict=True)
        if one in (kept.classes or whole.classes) and place in (kept.domains or whole.domains)
    ]
    assert 0 < len(wanted) < len(whole.test)
    assert part.test.index.tolist() == wanted
    assert part.classes == (kept.classes or whole.classes)
    assert part.domains == (kept.domains or whole.domains)


def test_domains_of_a_part_and_another_root(tmp_path):
    assert load_task("spoken_mild", domains=["target_scottish"]).domains == ("target_scottish",)
    with pytest.raises(FileNotFoundError, match=r"fashion\.npz is missing"):
        load_task("fashion_5_9", root=tmp_path)
