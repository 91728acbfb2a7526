"""Bursts that the hash misses are suspected by features; different things are not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import tlteach as tlt
from tlteach.analysis.bursts import NEAR, bursts
from tlteach.data import only_classes
from tlteach.data.album import Album
from tlteach.data.copies import near_pairs

MOVED = 5  # pixels of 96: the hash no longer sees it


@pytest.fixture(scope="module")
def photos():
    return only_classes(tlt.load_task("photos"), ["bird", "plant", "vehicle"])


@pytest.fixture(scope="module")
def planted(photos):
    """Ten training images again in the test split, moved aside, as a hand holds a camera."""
    ten = photos.train.select(torch.arange(0, 30, 3))
    aside = torch.full_like(ten.images, 255)
    aside[..., MOVED:] = ten.images[..., :-MOVED]
    fresh = torch.arange(10) + 10_000
    again = replace(ten, inputs=aside, groups=fresh)
    assert near_pairs(torch.cat([ten.images, aside])) == []
    return replace(photos, test=photos.test.joined(again)), len(photos.test)


@pytest.mark.slow
def test_bursts_across_splits_are_named_and_nothing_else_is(photos, planted):
    task, before = planted
    found = tlt.audit(task)
    told = found[found["kind"] == "one moment"]
    wanted = {(f"train {3 * i}", f"test {before + i}") for i in range(10)}
    pairs = set(zip(told["file"], told["other"], strict=True))
    assert len(pairs & wanted) >= 9
    # a sister of the copied image may be its pair instead: two of them are one group
    assert set(told["other"]) <= {name for _, name in wanted}
    assert (told["severity"] == "warning").all()
    quiet = tlt.audit(photos)
    assert not (quiet["kind"] == "one moment").any()


def album(n, labels, parts=None):
    return Album(
        "own", torch.zeros(n, 3, 8, 8, dtype=torch.uint8), np.array(labels),
        np.array(parts or [""] * n), tuple(f"{i}.png" for i in range(n)), np.arange(n), ("a", "b"),
    )  # fmt: skip


def test_pairs_agree_with_a_plain_loop():
    random = np.random.default_rng(0)
    features = random.normal(size=(30, 16)).astype(np.float32)
    features[20:25] = features[:5] + 0.05 * random.normal(size=(5, 16))
    groups = np.arange(30)
    groups[21] = groups[1]  # known already
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    close = {(i, j) for i in range(30) for j in range(i + 1, 30)
             if 1 - unit[i] @ unit[j] <= NEAR and groups[i] != groups[j]}  # fmt: skip
    assert set(bursts(album(30, [0, 1] * 15), features, groups)) == close
    assert close == {(0, 20), (2, 22), (3, 23), (4, 24)}


def test_where_all_is_alike_close_is_closer():
    features = np.ones((20, 64)) + 0.2 * np.random.default_rng(0).normal(size=(20, 64))
    features[1] = features[0] + 0.001
    assert bursts(album(20, [0, 1] * 10), features.astype(np.float32), np.arange(20)) == [(0, 1)]
