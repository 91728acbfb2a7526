"""A task written out and read again holds the same pixels under the same names."""

from collections import Counter
from dataclasses import replace

import pytest

import tlteach as tlt
from tlteach.data import FolderNote, only_classes


@pytest.fixture(scope="module")
def photos():
    return only_classes(tlt.load_task("photos"), ["bird", "coin", "tool"])


def bits(task):
    everything = task.labelled.joined(task.test)
    pairs = zip(everything.images, everything.labels.tolist(), strict=True)
    return Counter((image.numpy().tobytes(), task.classes[label]) for image, label in pairs)


def test_what_was_written_is_read_again(photos, tmp_path):
    folder = tlt.to_folder(photos, tmp_path / "photos")
    with pytest.warns(FolderNote, match="groups, each kept in one split"):
        again = tlt.from_folder(folder, size=96)
    assert bits(again) == bits(photos)
    assert again.classes == tuple(sorted(photos.classes))
    assert "GPL-2.0-or-later" in (folder / "card.md").read_text()


def test_groups_stay_together(photos, tmp_path):
    groups = photos.train.groups.clone()
    groups[:6] = groups[0]
    one = replace(photos, train=replace(photos.train, groups=groups))
    folder = tlt.to_folder(one, tmp_path / "photos", splits=["train"])
    places = Counter(path.parent.name for path in folder.rglob("*.png"))
    assert places[f"group_{int(groups[0]):05d}"] == 6
    with pytest.warns(FolderNote, match="groups, each kept in one split"):
        again = tlt.from_folder(folder, size=32)
    mine = [name for name in again.files if f"group_{int(groups[0]):05d}" in name]
    sides = {part: set(again.files_of(getattr(again, part))) for part in ("train", "val", "test")}
    assert [bool(side & set(mine)) for side in sides.values()].count(True) == 1


def test_grey_images_and_chosen_splits(tmp_path, digits):
    folder = tlt.to_folder(digits, tmp_path / "digits", splits=["val"])
    assert len(list(folder.rglob("*.png"))) == len(digits.val)


def test_nothing_is_mixed_or_guessed(photos, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(FileExistsError, match="full must be new or empty"):
        tlt.to_folder(photos, tmp_path / "full")
    with pytest.raises(ValueError, match="split must be one of"):
        tlt.to_folder(photos, tmp_path / "new", splits=["pool"])
    odd = replace(photos, classes=("a/b", "coin", "tool"))
    with pytest.raises(ValueError, match=r"class 'a/b' cannot be a folder: it holds '/'"):
        tlt.to_folder(odd, tmp_path / "new")
    with pytest.raises(TypeError, match="this needs images; the split holds texts"):
        tlt.to_folder(tlt.load_task("reviews_films"), tmp_path / "new")
    assert not (tmp_path / "new").exists()
