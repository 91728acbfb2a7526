"""Sources keep what they promise: real ones are the shipped tasks, controls differ in one thing."""

import pytest
import torch

from tlteach.base import generator
from tlteach.data import SUBTASKS, only_classes
from tlteach.models import SOURCES, load_source


@pytest.fixture(scope="module")
def clothes():
    return load_source("fashion_0_4")


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_trains_on_all_its_labels(name):
    source = load_source(name)
    assert source.name == name
    assert len(source.val) == 0
    assert set(source.train.labels.tolist()) == set(range(source.n_classes))
    assert not set(source.train.index.tolist()) & set(source.test.index.tolist())


def test_real_sources_do_not_depend_on_the_seed_and_controls_do(clothes):
    assert load_source("fashion_0_4", seed=1).fingerprint == clothes.fingerprint
    for name in ("fashion_0_4_permuted", "fashion_0_4_shuffled"):
        a, b = (load_source(name, seed=seed).fingerprint for seed in (0, 1))
        assert a != b
        assert load_source(name, seed=0).fingerprint == a


def test_a_style_is_one_domain():
    assert load_source("emoji_twemoji").domains == ("twemoji",)


def test_permuted_pixels_keep_every_image_s_values_and_one_order(clothes):
    permuted = load_source("fashion_0_4_permuted", seed=0)
    flat, moved = clothes.train.images.flatten(1), permuted.train.images.flatten(1)
    assert torch.equal(flat.sort(1).values, moved.sort(1).values)
    assert torch.equal(permuted.train.labels, clothes.train.labels)
    order = torch.randperm(784, generator=generator(0, "source"))
    assert torch.equal(moved[:50], flat[:50, order])


def test_shuffled_labels_keep_counts_and_lose_the_images(clothes):
    shuffled = load_source("fashion_0_4_shuffled", seed=0)
    assert torch.equal(shuffled.train.images, clothes.train.images)
    assert torch.equal(shuffled.train.labels.bincount(), clothes.train.labels.bincount())
    agree = (shuffled.train.labels == clothes.train.labels).float().mean()
    assert abs(float(agree) - 1 / len(SUBTASKS["fashion_0_4"].classes)) < 0.05


def test_conflicting_labels_say_brightness_and_nothing_of_the_class(clothes):
    conflict = load_source("fashion_0_4_conflict")
    assert torch.equal(conflict.train.images, clothes.train.images)
    table = torch.zeros(5, 5, dtype=torch.int64)
    for label, bright in zip(clothes.train.labels, conflict.train.labels, strict=True):
        table[label, bright] += 1
    shares = table / table.sum(1, keepdim=True)
    assert torch.allclose(shares, torch.full((5, 5), 0.2), atol=0.01)
    means = clothes.train.images.float().mean((1, 2, 3))
    one = clothes.train.labels == 0
    top, rest = (means[one & ((conflict.train.labels == 4) == bright)] for bright in (True, False))
    assert top.min() >= rest.max()


def test_only_classes_numbers_them_in_the_order_asked(digits):
    two = only_classes(digits, ["8", "3"])
    assert two.classes == ("8", "3")
    rows = torch.isin(digits.test.labels, torch.tensor([3, 8]))
    assert len(two.test) == int(rows.sum())
    eights = digits.test.index[digits.test.labels == 8]
    assert two.test.index[two.test.labels == 0].tolist() == eights.tolist()


def test_unknown_names_are_told(digits):
    with pytest.raises(ValueError, match=r"source must be one of 'glyphs'.*got 'imagenet'"):
        load_source("imagenet")
    with pytest.raises(ValueError, match=r"class must be one of '0'.*got 'ten'"):
        only_classes(digits, ["1", "ten"])
    with pytest.raises(ValueError, match="number of classes must be at least 2; got 1"):
        only_classes(digits, ["1", "1"])
