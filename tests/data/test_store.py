"""Beyond some bytes images live in a file without a name: same pixels, same splits, less memory."""

import pytest
import torch

import tlteach as tlt
from tests.data.test_folder import write_classes
from tests.helpers.tiny import assert_apart
from tlteach.data import images, store


@pytest.fixture
def little(monkeypatch, tmp_path):
    """Let 10 kB be many, with a cache of one's own."""
    monkeypatch.setattr(store, "MOST", 10_000)
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "images"


def in_a_file(tensor):
    """Return whether the system backs a tensor by a deleted file, not by plain memory."""
    address = tensor.untyped_storage().data_ptr()
    with open("/proc/self/maps") as maps:
        for line in maps:
            low, high = (int(end, 16) for end in line.split()[0].split("-"))
            if low <= address < high:
                return ".rows" in line
    return False


@pytest.mark.skipif(not images.Path("/proc/self/maps").exists(), reason="not told on this system")
def test_many_images_lie_in_a_file_that_leaves_nothing_behind(tmp_path, little, monkeypatch):
    root = write_classes(tmp_path / "pets", n=10)
    (root / "ant" / "bad.png").write_bytes(b"bad")
    with pytest.warns(tlt.data.FolderNote, match="1 of 31 files are not readable"):
        many = tlt.from_folder(root, size=32, skip_bad=True, near_copies=False)
    assert in_a_file(many.train.images)
    assert list(little.iterdir()) == []
    monkeypatch.undo()
    with pytest.warns(tlt.data.FolderNote):
        few = tlt.from_folder(root, size=32, skip_bad=True, near_copies=False)
    assert not in_a_file(few.train.images)
    assert many.fingerprint == few.fingerprint
    for part in ("train", "val", "test"):
        one, other = getattr(many, part), getattr(few, part)
        assert torch.equal(one.images, other.images)
        assert torch.equal(one.index, other.index)
    assert_apart(many, pool=True)


def test_rows_are_taken_and_joined_as_torch_does(little):
    rows = torch.randint(256, (700, 3, 8, 8), dtype=torch.uint8)
    kept = store.empty(700, 3, 8, 8)
    kept[:] = rows
    mask = torch.arange(700) % 3 > 0
    order = torch.randperm(700, generator=torch.Generator().manual_seed(0))
    assert torch.equal(store.take(kept, mask), rows[mask])
    assert torch.equal(store.take(kept, order), rows[order])
    assert torch.equal(store.joined(kept, rows[:5]), torch.cat([rows, rows[:5]]))
    assert store.take(kept, order[:0]).shape == (0, 3, 8, 8)


def test_a_disk_that_is_too_small_is_told_before_anything_is_written(little, monkeypatch):
    with pytest.raises(MemoryError, match=r"kept in a file: 3e\+09 GB in TLTEACH_HOME"):
        store.empty(10**18, 3)
    with pytest.raises(MemoryError, match="pass a smaller size, or fewer images"):
        images.check_memory(10**14, 128)
    assert list(little.iterdir()) == []
