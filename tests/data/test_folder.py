"""A task from folders of images: every file read or reported."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from tests.helpers.tiny import assert_apart, ids
from tlteach.data import (
    FolderNote,
    Split,
    Task,
    few_shot,
    from_dataset,
    from_folder,
    from_table,
    only_classes,
    with_splits,
)
from tlteach.data.images import read_image


def paint(path: Path, colour: tuple[int, int, int], size=(40, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


def write_classes(root: Path, n=10, start=0, suffix=".png") -> Path:
    for c, name in enumerate(["ant", "bee", "cat"]):
        for i in range(n):
            paint(root / name / f"{i}{suffix}", (start + 7 * i, 80 * c, 30))
    return root


def test_folder_of_jpegs(tmp_path):
    root = write_classes(tmp_path / "pets", suffix=".jpg")
    task = from_folder(root, size=16)
    assert (task.name, task.classes, task.domains) == ("pets", ("ant", "bee", "cat"), ("pets",))
    assert task.train.images.shape[1:] == (3, 16, 16)
    assert_apart(task, pool=True)
    for split, per_class in ((task.train, 6), (task.val, 2), (task.test, 2)):
        assert torch.bincount(split.labels).tolist() == [per_class] * 3
    green = task.test.images[:, 1].float().mean((1, 2)) / 80
    assert torch.equal(green.round().long(), task.test.labels)
    assert few_shot(task, 3, seed=0).shots == 3


def test_folder_seed_draws_the_splits(tmp_path):
    root = write_classes(tmp_path / "pets")
    one, same, other = (from_folder(root, seed=seed) for seed in (0, 0, 1))
    assert one.fingerprint == same.fingerprint
    assert ids(one.test) != ids(other.test)


def test_image_is_scaled_and_cut_in_the_middle(tmp_path):
    root = write_classes(tmp_path / "pets")
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 20:40] = (200, 100, 50)  # the middle third of a wide image
    Image.fromarray(pixels).save(root / "ant" / "0.png")
    images = torch.cat([s.images for s in _splits(from_folder(root, size=20))])
    middle = torch.tensor([200, 100, 50], dtype=torch.uint8)[:, None, None].expand(3, 20, 20)
    assert any(torch.equal(image, middle) for image in images)


def test_transparent_pixels_become_white_and_grey_becomes_rgb(tmp_path):
    root = write_classes(tmp_path / "pets")
    Image.new("RGBA", (8, 8), (9, 9, 9, 0)).save(root / "ant" / "0.png")
    Image.new("L", (8, 8), 77).save(root / "ant" / "1.png")
    means = torch.cat([s.images for s in _splits(from_folder(root))]).float().mean((2, 3)).tolist()
    assert [255.0] * 3 in means
    assert [77.0] * 3 in means


def test_camera_orientation_is_obeyed(tmp_path):
    root = write_classes(tmp_path / "pets")
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:8] = 255  # bright above; tag 274 = 3 says: turn by 180 degrees
    exif = Image.Exif()
    exif[274] = 3
    Image.fromarray(pixels).save(root / "bee" / "0.png", exif=exif)
    images = torch.cat([s.images for s in _splits(from_folder(root, size=16))]).float()
    bright = [im for im in images if im.max() == 255]
    assert len(bright) == 1
    assert bright[0][:, 8:].mean() > bright[0][:, :8].mean()


def _splits(task: Task) -> tuple[Split, Split, Split]:
    return task.train, task.val, task.test


def test_every_unreadable_file_is_named_once(tmp_path):
    root = write_classes(tmp_path / "pets", suffix=".jpg")
    whole = (root / "bee" / "3.jpg").read_bytes()
    (root / "bee" / "3.jpg").write_bytes(whole[: len(whole) // 2])
    (root / "ant" / "empty.png").write_bytes(b"")
    (root / "cat" / "notes.png").write_text("hello")
    with pytest.raises(ValueError, match="3 of 32 files are not readable images") as error:
        from_folder(root)
    for name in ("bee/3.jpg", "ant/empty.png", "cat/notes.png"):
        assert str(error.value).count(name) == 1


def test_hidden_and_system_files_are_passed_over(tmp_path):
    root = write_classes(tmp_path / "pets")
    before = from_folder(root, size=8).fingerprint
    (root / ".DS_Store").write_bytes(b"x")
    (root / "ant" / ".hidden.png").write_bytes(b"x")
    (root / "ant" / "Thumbs.db").write_bytes(b"x")
    (root / ".cache").mkdir()
    (root / "ant" / ".ipynb_checkpoints").mkdir()
    paint(root / "ant" / ".ipynb_checkpoints" / "0.png", (1, 2, 3))
    with pytest.warns(FolderNote, match=r"hidden or systems leave behind: 1 \.DS_Store, 1 \.cache"):
        assert from_folder(root, size=8).fingerprint == before


def test_split_folders_are_kept(tmp_path):
    for start, part in enumerate(["train", "val", "test"]):
        write_classes(tmp_path / "pets" / part, n=4, start=start)
    task = from_folder(tmp_path / "pets")
    assert [len(split) for split in _splits(task)] == [12, 12, 12]
    assert set(task.val.images[:, 0].float().mean((1, 2)).tolist()) == {1.0, 8.0, 15.0, 22.0}


def test_val_folder_is_the_test_split_where_there_is_no_other(tmp_path):
    write_classes(tmp_path / "pets" / "train", n=5)
    write_classes(tmp_path / "pets" / "val", n=4, start=3)
    task = from_folder(tmp_path / "pets")
    assert [len(split) for split in _splits(task)] == [12, 3, 12]


def test_same_picture_in_train_and_test_is_warned_of(tmp_path):
    write_classes(tmp_path / "pets" / "train", n=5)
    write_classes(tmp_path / "pets" / "test", n=2)
    with pytest.warns(UserWarning, match="6 of 6 test images also stand in train or val"):
        from_folder(tmp_path / "pets")


def test_copies_of_a_picture_share_a_split(tmp_path):
    root = write_classes(tmp_path / "pets")
    for i in range(8):
        shutil.copy(root / "ant" / "0.png", root / "ant" / f"copy{i}.png")
    assert_apart(from_folder(root), pool=True)


def test_too_few_images_are_named(tmp_path):
    root = write_classes(tmp_path / "pets", n=3)
    (root / "bee" / "1.png").unlink()
    with pytest.raises(ValueError, match=r"at least 3; no val image for bee"):
        from_folder(root)


def test_folders_that_do_not_fit_are_explained(tmp_path):
    with pytest.raises(NotADirectoryError, match="nowhere is not a folder"):
        from_folder(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ValueError, match=r"empty must hold at least 2 class folders.*got 0: none"):
        from_folder(empty)
    mixed = write_classes(tmp_path / "mixed")
    write_classes(mixed / "train")
    with pytest.raises(ValueError, match="not both; got ant, bee, cat, train"):
        from_folder(mixed)
    alone = tmp_path / "alone"
    write_classes(alone / "train")
    with pytest.raises(ValueError, match="must hold train and val or test folders; got train"):
        from_folder(alone)
    write_classes(alone / "val")
    shutil.rmtree(alone / "val" / "bee")
    with pytest.raises(ValueError, match="alone/val has no folder for class bee"):
        from_folder(alone)
    (alone / "val" / "bee").mkdir()
    with pytest.raises(ValueError, match="class folder val/bee holds no images"):
        from_folder(alone)
    with pytest.raises(ValueError, match="size must be at least 1; got 0"):
        from_folder(mixed, size=0)


def test_every_image_of_every_split_can_be_named(tmp_path):
    """The file that a split names holds the pixels and stands in the class of that row."""
    root = write_classes(tmp_path / "pets", n=12)
    whole = from_folder(root, size=16)
    assert sorted(whole.files) == sorted(
        p.relative_to(root).as_posix() for p in root.rglob("*.png")
    )
    few = few_shot(whole, 3, seed=0)
    turned = with_splits(few, lambda split: split.select(torch.arange(len(split)).flip(0)))
    for task in (whole, few, only_classes(few, ["cat", "ant"]), turned):
        for split in (*_splits(task), task.pool, task.labelled):
            names = task.files_of(split)
            assert len(names) == len(split)
            for name, image, label in zip(names, split.images, split.labels, strict=True):
                assert torch.equal(read_image(root / name, 16), image)
                assert name.split("/")[0] == task.classes[label]


@pytest.mark.parametrize("fit", ["crop", "pad", "squish"])
def test_a_task_remembers_how_its_images_became_squares(tmp_path, fit):
    root = write_classes(tmp_path / "pets")
    task = from_folder(root, size=16, fit=fit)
    assert few_shot(task, 3, seed=0).fit == task.fit == fit
    image = read_image(root / task.files_of(task.test)[0], 16, task.fit)
    assert torch.equal(image, task.test.images[0])
    table = pd.DataFrame({"path": task.files, "label": [name[:3] for name in task.files]})
    assert from_table(table, "path", "label", root, size=16, fit=fit).fit == fit
    items = [(Image.new("L", (9, 6), 20 * i), i % 2) for i in range(10)]
    assert from_dataset(items, size=16, fit=fit).fit == fit
