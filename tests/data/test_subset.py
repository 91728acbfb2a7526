"""Few-shot subsets: nested, stratified, apart."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from tests.helpers.tiny import CARD, assert_apart, ids, tiny_task
from tlteach.data import Split, Task, few_shot


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
