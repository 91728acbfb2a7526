"""Folders as people have them: what is entered, passed over, told and refused."""

import re
import shutil
import warnings

import pytest
import torch

from tests.data.test_folder import paint, write_classes
from tests.helpers.tiny import assert_apart
from tlteach.data import UNKNOWN, FolderNote, few_shot, from_folder, only_classes


def noted(path, **options):
    """Return the task and its notes, once they are known to be one warning and in the card."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        task = from_folder(path, **{"size": 8} | options)
    assert [w.category for w in caught] == [FolderNote]
    assert caught[0].filename == __file__  # the line that the user wrote
    text = str(caught[0].message)
    assert all(line in task.card.text for line in text.splitlines()[1:])
    return task, text


def test_a_home_is_found_and_a_plain_folder_is_no_reason_for_a_note(tmp_path, monkeypatch):
    write_classes(tmp_path / "pets", n=4)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    task = from_folder("~/pets")
    assert task.name == "pets"
    assert "noted" not in task.card.text


def test_a_folder_around_the_classes_is_entered(tmp_path):
    write_classes(tmp_path / "download" / "photos" / "pets", n=4)
    (tmp_path / "download" / "__MACOSX" / "photos").mkdir(parents=True)
    task, text = noted(tmp_path / "download")
    assert task.classes == ("ant", "bee", "cat")
    assert "photos/pets" in text
    assert all(name.startswith("photos/pets/") for name in task.files)
    for part in ("train", "test"):
        write_classes(tmp_path / "split" / "inner" / part, n=4, start=len(part))
    task, _ = noted(tmp_path / "split")
    assert len(task.test) == 12


def test_a_folder_inside_every_class_is_no_group(tmp_path):
    for name in ("cat", "dog"):
        for i in range(4):
            paint(tmp_path / "pets" / name / "images" / f"{i}.png", (30 * i, 0, len(name[0])))
    paint(tmp_path / "pets" / "dog" / "images" / "9.png", (200, 200, 0))
    task, text = noted(tmp_path / "pets")
    assert len(task.labelled) + len(task.test) == 9
    assert "every class folder holds one folder" in text


def test_split_folders_inside_the_classes_are_refused(tmp_path):
    for name in ("cat", "dog"):
        for part in ("train", "Val", "test"):
            paint(tmp_path / "pets" / name / part / "0.png", (9, len(part), ord(name[0])))
    with pytest.raises(ValueError, match=r"must stand around the class folders; got cat/"):
        from_folder(tmp_path / "pets")


def test_what_systems_leave_behind_is_passed_over_with_a_note(tmp_path):
    root = write_classes(tmp_path / "pets", n=4)
    before = from_folder(root, size=8).fingerprint
    for junk in ("__MACOSX", "@eaDir", ".ipynb_checkpoints"):
        for where in (root, root / "ant"):
            paint(where / junk / "0.png", (1, 2, 3))
    for junk in ("Thumbs.db", "desktop.ini", "._0.png"):
        (root / "bee" / junk).write_bytes(b"\0\5\26\7")
    task, text = noted(root)
    assert task.fingerprint == before
    assert text.splitlines()[1:] == [
        "- passed over what is hidden or systems leave behind: 2 .ipynb_checkpoints, 2 @eaDir, "
        "2 __MACOSX, 1 ._*, 1 Thumbs.db, 1 desktop.ini"
    ]


def test_other_files_beside_the_photographs_are_counted(tmp_path):
    root = write_classes(tmp_path / "pets", n=4)
    before = from_folder(root, size=8).fingerprint
    for i, suffix in enumerate([".xml", ".txt", ".json", ".csv", ".mp4", ".MOV", ".aae"]):
        for k in range(i + 1):
            (root / "cat" / f"{k}{suffix}").write_bytes(b"x")
    paint(root / "lost.jpg", (1, 2, 3))
    task, text = noted(root)
    assert task.fingerprint == before
    assert "passed over 28 files without an image: 7 .aae, 6 .mov, 5 .mp4, 4 .csv" in text
    assert "1 image beside the class folders left out: lost.jpg" in text


def broken(root):
    (root / "ant" / "gone.png").symlink_to(root / "nowhere.png")
    (root / "bee" / "empty.png").write_bytes(b"")
    (root / "cat" / "film.raw").write_bytes(b"no image at all")
    return ["ant/gone.png", "bee/empty.png", "cat/film.raw"]


def test_broken_links_and_unreadable_files_are_named_at_once(tmp_path):
    root = write_classes(tmp_path / "pets", n=4)
    before = from_folder(root, size=8).fingerprint
    names = broken(root)
    with pytest.raises(ValueError, match="3 of 15 files are not readable images") as error:
        from_folder(root)
    assert all(str(error.value).count(name) == 1 for name in names)
    assert "ant/gone.png: is a broken link" in str(error.value)
    assert "skip_bad=True" in str(error.value)
    task, text = noted(root, skip_bad=True)
    assert task.fingerprint == before
    assert all(text.count(name) == 1 for name in names)
    for path in (root / "ant").glob("[0-9]*"):
        path.write_bytes(b"")
    with pytest.raises(ValueError, match="no train image for ant"):
        from_folder(root, skip_bad=True)


def test_a_class_that_is_a_broken_link_is_named(tmp_path):
    root = write_classes(tmp_path / "pets", n=4)
    (root / "dog").symlink_to(tmp_path / "unplugged")
    with pytest.raises(ValueError, match=r"1 of 13 files .*\n  dog: is a broken link"):
        from_folder(root)
    assert noted(root, skip_bad=True)[0].classes == ("ant", "bee", "cat")


@pytest.mark.parametrize("skip_bad", [False, True])
def test_classes_of_broken_files_alone_are_named_too(tmp_path, skip_bad):
    for name in ("ant", "bee"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        (tmp_path / "pets" / name / "0.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(ValueError, match="2 of 2 files are not readable images") as error:
        from_folder(tmp_path / "pets", skip_bad=skip_bad)
    assert "bee/0.png: is a broken link" in str(error.value)


def test_links_are_followed_and_circles_end(tmp_path):
    root = write_classes(tmp_path / "pets", n=4)
    shutil.move(root / "cat", tmp_path / "elsewhere")
    (root / "cat").symlink_to(tmp_path / "elsewhere")
    (root / "ant" / "again").symlink_to(root / "ant")
    task = from_folder(root)
    assert len(task.labelled) + len(task.test) == 12


def test_class_names_that_look_the_same(tmp_path):
    """By case alone: told, for A and a are letters; by how accents are written: refused."""
    root = write_classes(tmp_path / "letters", n=4)
    for i in range(4):
        paint(root / "Ant" / f"{i}.png", (9 * i, 200, 200))
    if len(list(root.iterdir())) == 4:  # a file system that knows upper from lower
        task, text = noted(root)
        assert task.n_classes == 4
        assert "Ant, ant are different classes here; are they one?" in text
        shutil.rmtree(root / "Ant")
    for i in range(4):
        paint(root / "cafe\u0301" / f"{i}.png", (9 * i, 100, 200))
    assert from_folder(root, size=8).classes == ("ant", "bee", "caf\u00e9", "cat")
    paint(root / "caf\u00e9" / "0.png", (90, 100, 200))
    if len(list(root.iterdir())) == 5:
        with pytest.raises(ValueError, match="two class folders are written 'caf\u00e9'"):
            from_folder(root)


def test_classes_and_files_are_in_natural_order(tmp_path):
    for c in (10, 2, 1):
        for i in (10, 2, 1, 3):
            paint(tmp_path / "pets" / f"img{c}" / f"{i}.png", (9 * i, 9 * c, 0))
    task = from_folder(tmp_path / "pets", size=8)
    assert task.classes == ("img1", "img2", "img10")
    assert task.files[:4] == ("img1/1.png", "img1/2.png", "img1/3.png", "img1/10.png")
    green = task.labelled.images[:, 1].float().mean((1, 2)).tolist()
    assert green == [9.0 * (1, 2, 10)[c] for c in task.labelled.labels.tolist()]


@pytest.mark.parametrize("name", ["test", "unlabelled", "Unlabeled"])
def test_loose_images_beside_the_classes_are_the_pool(tmp_path, name):
    root = write_classes(tmp_path / "pets", n=8)
    plain = from_folder(root, size=8)
    for i in range(5):
        paint(root / name / f"{i}.png", (i, i, i))
    task, text = noted(root)
    assert f"5 images in {name} without a class: the pool" in text
    assert task.test.fingerprint == plain.test.fingerprint
    assert task.files_of(task.pool) == [f"{name}/{i}.png" for i in range(5)]
    assert task.pool.labels.tolist() == [UNKNOWN] * 5
    few = few_shot(only_classes(task, ["cat", "ant"]), 3, seed=0)
    assert_apart(few, pool=True)
    assert (few.pool.labels == UNKNOWN).sum() == 5
    assert set(few.files_of(few.pool)) >= {f"{name}/{i}.png" for i in range(5)}


def test_kaggles_names_are_classes(tmp_path):
    for c, name in enumerate(["cat", "guide.dog"]):
        for i in range(12):
            paint(tmp_path / "all" / f"{name}.{i}.jpg", (20 * i, 90 * c, 0))
    task, text = noted(tmp_path / "all")
    assert task.classes == ("cat", "guide.dog")
    assert "the classes come from the names of the files: cat 12, guide.dog 12" in text
    for file, label in zip(task.files_of(task.test), task.test.labels.tolist(), strict=True):
        assert file.rsplit(".", 2)[0] == task.classes[label]
    shutil.move(tmp_path / "all", tmp_path / "kaggle" / "train")
    for i in range(3):
        paint(tmp_path / "kaggle" / "test1" / f"{i}.jpg", (20 * i, 0, 90))
    again, _ = noted(tmp_path / "kaggle")
    assert again.test.fingerprint == task.test.fingerprint
    assert len(again.pool) == 3
    paint(tmp_path / "kaggle" / "train" / "odd.jpg", (1, 2, 3))
    with pytest.raises(ValueError, match=r"train/odd\.jpg: has no class in its name"):
        from_folder(tmp_path / "kaggle")


def test_loose_images_without_a_class_are_refused(tmp_path):
    for i in range(4):
        paint(tmp_path / "mine" / f"IMG_{i}.jpg", (i, 0, 0))
    with pytest.raises(ValueError, match=re.escape("files named as cat.0.jpg")):
        from_folder(tmp_path / "mine")


def test_the_seed_still_draws_the_splits_beside_a_pool(tmp_path):
    root = write_classes(tmp_path / "pets", n=10)
    paint(root / "unlabelled" / "0.png", (1, 1, 1))
    one, same, other = (noted(root, seed=seed)[0] for seed in (0, 0, 1))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert torch.equal(one.pool.images, other.pool.images)
