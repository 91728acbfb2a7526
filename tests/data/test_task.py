"""Splits and tasks: what they refuse, tell and remember."""

from dataclasses import replace

import pytest
import torch

from tests.helpers.tiny import ids, tiny_task
from tlteach.data import Split, few_shot, load_task, only_classes


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


def test_a_task_names_its_files_or_says_that_it_has_none():
    task = tiny_task()
    assert task.files == ()
    with pytest.raises(ValueError, match="task 'tiny' was not made from files"):
        task.files_of(task.test)
    with pytest.raises(ValueError, match="index must point into files, 0 to 1; got 86"):
        replace(task, files=("a.png", "b.png"))
    named = replace(task, files=tuple(f"{i}.png" for i in range(87)))
    assert named.files_of(named.test)[:2] == ["0.png", "1.png"]
    assert named.fingerprint == task.fingerprint


@pytest.mark.parametrize(
    ("name", "mirrored"),
    [
        ("emoji", True), ("fashion", True), ("photos", True),
        ("digits", False), ("glyphs", False), ("spoken", False), ("reviews", False),
    ],
)  # fmt: skip
def test_a_mirror_keeps_the_label_of_things_and_not_of_signs(name, mirrored):
    task = load_task(name)
    assert task.mirrored is mirrored
    few = few_shot(task, 2, seed=0)
    assert few.mirrored is mirrored
    assert only_classes(task, task.classes[:2]).mirrored is mirrored


def test_augmentations_to_choose_from_follow_the_kind_and_the_mirror():
    plain = tiny_task()
    assert plain.mirrored is False
    assert plain.augments == ("none", "shift")
    assert replace(plain, mirrored=True).augments == ("none", "shift", "flip_crop")
    assert load_task("reviews").augments == ("none",)
    assert replace(load_task("reviews"), mirrored=True).augments == ("none",)
