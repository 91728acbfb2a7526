"""An album holds every image of a task or folder once, with its name, label and split."""

import numpy as np
import pytest
import torch
from PIL import Image

import tlteach as tlt
from tests.helpers.photographs import write_photographs
from tlteach.data import UNKNOWN
from tlteach.data.album import Album, pictures


def test_a_task_becomes_its_splits_in_order(digits):
    album = Album.of(digits)
    assert len(album.names) == len(set(album.names)) == len(album.labels) == 1797
    assert album.names[0] == "train 0"
    assert album.parts[-1] == "test"
    at = album.names.index("val 3")
    assert torch.equal(album.images[at], digits.val.images[3])
    assert album.labels[at] == digits.val.labels[3]
    assert album.facts.empty


def test_a_pool_keeps_no_labels(digits):
    few = tlt.few_shot(digits, 5, seed=0)
    album = Album.of(few)
    assert set(album.labels[album.parts == "pool"]) <= {UNKNOWN}
    assert (album.labels[album.parts != "pool"] >= 0).all()


def test_a_folder_is_read_with_the_facts_of_its_files(tmp_path):
    root = write_photographs(tmp_path / "own", 3)
    (root / "rings" / "broken.jpg").write_bytes(b"no image")
    album = Album.read(root, size=32)
    assert (album.name, album.classes) == ("own", ("rings", "stripes"))
    assert album.names[1] == "rings/rings1.jpg"
    assert album.facts.loc[1, ["format", "width", "height"]].tolist() == ["JPEG", 97, 81]
    assert album.facts.loc[1, "bytes"] == (root / album.names[1]).stat().st_size
    assert album.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert set(album.parts) == {""}
    assert list(album.bad) == ["rings/broken.jpg"]


def test_sub_folders_and_given_splits_are_kept(tmp_path):
    for part in ("train", "test"):
        write_photographs(tmp_path / "own" / part, 2)
    (tmp_path / "own/train/rings/anna").mkdir()
    for i in range(2):
        Image.new("RGB", (40, 40), (i, 0, 0)).save(tmp_path / f"own/train/rings/anna/{i}.png")
    album = Album.read(tmp_path / "own", size=32)
    assert sorted(set(album.parts)) == ["test", "train"]
    mine = np.array(["anna" in name for name in album.names])
    assert len(set(album.groups[mine])) == 1
    assert len(set(album.groups[~mine])) == (~mine).sum()


def test_pictures_are_found_by_name(tmp_path, digits):
    (image,) = pictures(digits, ["test 7"])
    assert torch.equal(image, digits.test.images[7])
    root = write_photographs(tmp_path / "own", 3)
    (image,) = pictures(root, ["stripes/stripes2.jpg"], size=24)
    assert image.shape == (3, 24, 24)
    for what in (digits, root):
        with pytest.raises(ValueError, match=r"got 'gone\.jpg', which is not there"):
            pictures(what, ["gone.jpg"])


def test_a_folder_without_a_readable_image_is_refused(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.jpg").write_bytes(b"no")
    with pytest.raises(ValueError, match=r"got none of 2 files:\n  a/x.jpg: Unidentified"):
        Album.read(tmp_path, size=32)
