"""Splits, few-shot subsets, damaged files and folders of images."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tlteach import data
from tlteach.data import Card, Split, Task, few_shot, from_folder, load_task

CARD = Card("tiny", "made here", "none", "nobody", "# tiny\n")


def tiny_task(groups_per_class=(8, 9, 12), per_group=3, test_groups=2) -> Task:
    """Every group holds `per_group` images of one class; every image is different."""
    labels = torch.cat([torch.full((g * per_group,), c) for c, g in enumerate(groups_per_class)])
    n = len(labels)
    groups = torch.arange(n) // per_group
    images = torch.arange(n * 4).remainder(251).to(torch.uint8).reshape(n, 1, 2, 2)
    rows = Split(images, labels, torch.arange(n) % per_group, groups, torch.arange(n))
    test = torch.zeros(n, dtype=torch.bool)
    for c in range(len(groups_per_class)):
        first = groups[labels == c].unique()[:test_groups]
        test |= torch.isin(groups, first)
    empty = rows.select(torch.arange(0))
    names = tuple("abcdefgh"[: len(groups_per_class)])
    styles = tuple(f"style{i}" for i in range(per_group))
    return Task("tiny", names, styles, rows.select(~test), empty, rows.select(test), empty, CARD)


def ids(split: Split) -> set[int]:
    return set(split.index.tolist())


def assert_apart(task: Task, *, pool: bool) -> None:
    """No image stands in two splits and no group in two of train, val and test."""
    splits = [task.train, task.val, task.test]
    for i, one in enumerate(splits):
        for other in splits[i + 1 :]:
            assert not ids(one) & ids(other)
            assert not set(one.groups.tolist()) & set(other.groups.tolist())
        if pool:
            assert not ids(one) & ids(task.pool)


# Split and Task


def test_split_refuses_what_it_cannot_hold():
    n = torch.arange(3)
    with pytest.raises(TypeError, match=r"inputs must be uint8, 0 to 255; got torch.float32"):
        Split(torch.zeros(3, 1, 2, 2), n, n, n, n)
    with pytest.raises(ValueError, match=r"or, texts, \(n, length\); got \(3, 2, 2\)"):
        Split(torch.zeros(3, 2, 2, dtype=torch.uint8), n, n, n, n)
    with pytest.raises(ValueError, match="same length; got inputs 3, labels 2"):
        Split(torch.zeros(3, 1, 2, 2, dtype=torch.uint8), n[:2], n, n, n)


def test_a_split_of_texts_gives_texts_and_says_that_it_has_no_images():
    n = torch.arange(2)
    rows = [list("né".encode()), [*b"oh", 0]]
    split = Split(torch.tensor(rows, dtype=torch.uint8), n, n, n, n)
    assert (split.kind, split.texts) == ("texts", ["né", "oh"])
    with pytest.raises(TypeError, match="needs images; the split holds texts"):
        split.images  # noqa: B018
    with pytest.raises(TypeError, match="needs texts; the split holds images"):
        tiny_task().test.texts  # noqa: B018


def test_fingerprint_sees_pixels_labels_and_shape():
    split = tiny_task().train
    again = Split(*(getattr(split, f).clone() for f in vars(split) if f != "fingerprint"))
    assert split.fingerprint == again.fingerprint
    brighter, relabelled = split.images.clone(), split.labels.clone()
    brighter[0, 0, 0, 0] += 1
    relabelled[0] += 1
    flat = split.images.reshape(len(split), 1, 1, 4)
    others = [
        Split(brighter, split.labels, split.domains, split.groups, split.index),
        Split(split.images, relabelled, split.domains, split.groups, split.index),
        Split(flat, split.labels, split.domains, split.groups, split.index),
    ]
    assert len({split.fingerprint, *(other.fingerprint for other in others)}) == 4


def test_repr_tells_what_a_reader_needs():
    text = repr(few_shot(tiny_task(), 5, seed=3))
    assert "'tiny', 5 shots, seed 3" in text
    assert "3 classes: a, b, c" in text
    assert "domains: style0, style1, style2" in text
    assert "train 12, val 3, test 18, pool 54; each (1, 2, 2) torch.uint8" in text


def test_labelled_is_train_and_val_in_the_order_of_the_file():
    few = few_shot(tiny_task(), 6, seed=0)
    assert ids(few.labelled) == ids(few.train) | ids(few.val)
    assert few.labelled.index.tolist() == sorted(few.labelled.index.tolist())


# few_shot


@settings(max_examples=60, deadline=None)
@given(
    groups=st.lists(st.integers(3, 14), min_size=2, max_size=5),
    per_group=st.integers(1, 4),
    seed=st.integers(0, 2**31),
    draw=st.data(),
)
def test_subsets_are_stratified_nested_and_apart(groups, per_group, seed, draw):
    task = tiny_task(tuple(groups), per_group, test_groups=1)
    most = (min(groups) - 1) * per_group
    small, large = sorted(draw.draw(st.tuples(st.integers(1, most), st.integers(1, most))))
    few, more = few_shot(task, small, seed=seed), few_shot(task, large, seed=seed)
    for subset, shots in ((few, small), (more, large)):
        counts = torch.bincount(subset.labelled.labels, minlength=task.n_classes)
        assert counts.tolist() == [shots] * task.n_classes
        assert_apart(subset, pool=True)
        assert ids(subset.labelled) | ids(subset.pool) == ids(task.labelled)
        in_val = torch.bincount(subset.val.labels, minlength=task.n_classes)
        assert (in_val > 0).tolist() == [shots > 1] * task.n_classes
        assert subset.test is task.test
    assert ids(few.train) <= ids(more.train)
    assert ids(few.val) <= ids(more.val)


def test_images_come_from_as_many_groups_as_possible():
    few = few_shot(tiny_task((10, 10), per_group=3), 8, seed=1)
    assert len(few.labelled.groups.unique()) == 16


def test_about_one_label_in_five_is_for_validation():
    few = few_shot(tiny_task((62, 62), per_group=1), 60, seed=0)
    assert (len(few.train), len(few.val)) == (96, 24)


def test_groups_shared_by_all_classes_stay_on_one_side():
    task = tiny_task((12, 12, 12), per_group=2, test_groups=0)
    shared = Split(
        task.train.images, task.train.labels, task.train.domains,
        task.train.groups % 12, task.train.index,
    )  # fmt: skip
    task = Task("tiny", task.classes, task.domains, shared, task.val, task.test, task.pool, CARD)
    for shots in (2, 7, 24):
        few = few_shot(task, shots, seed=5)
        assert_apart(few, pool=True)
        assert torch.bincount(few.val.labels, minlength=3).min() > 0


def test_seed_decides_the_subset():
    task = tiny_task()
    one, same, other = (few_shot(task, 4, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.train.index, same.train.index)
    assert one.fingerprint == same.fingerprint
    assert ids(one.labelled) != ids(other.labelled)


def test_subset_of_a_subset_keeps_the_pool():
    task = tiny_task()
    twice = few_shot(few_shot(task, 6, seed=0), 2, seed=0)
    assert len(twice.labelled) == 6
    assert ids(twice.labelled) | ids(twice.pool) == ids(task.labelled)


def test_too_many_shots_names_the_smallest_class():
    message = r"shots must be between 1 and 18 \(class 'a' has 18 training images\); got 50"
    with pytest.raises(ValueError, match=message):
        few_shot(tiny_task(), 50, seed=0)
    with pytest.raises(ValueError, match="shots must be between 1 and 18"):
        few_shot(tiny_task(), 0, seed=0)
    with pytest.raises(TypeError, match=r"shots must be a whole number; got 2\.5 of type float"):
        few_shot(tiny_task(), 2.5, seed=0)
    assert few_shot(tiny_task(), np.int64(2), seed=0).shots == 2


# load_task


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


# from_folder


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
    (root / "cat" / "notes.txt").write_text("hello")
    with pytest.raises(ValueError, match="3 of 32 files are not readable images") as error:
        from_folder(root)
    for name in ("bee/3.jpg", "ant/empty.png", "cat/notes.txt"):
        assert str(error.value).count(name) == 1


def test_hidden_and_system_files_are_passed_over(tmp_path):
    root = write_classes(tmp_path / "pets")
    before = from_folder(root).fingerprint
    (root / ".DS_Store").write_bytes(b"x")
    (root / "ant" / ".hidden.png").write_bytes(b"x")
    (root / "ant" / "Thumbs.db").write_bytes(b"x")
    (root / ".cache").mkdir()
    (root / "ant" / ".ipynb_checkpoints").mkdir()
    paint(root / "ant" / ".ipynb_checkpoints" / "0.png", (1, 2, 3))
    assert from_folder(root).fingerprint == before


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
