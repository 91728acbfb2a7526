"""Each seed its own split of everything; and what difference test images can tell at all."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import tlteach as tlt
from tests.helpers.tiny import assert_apart, ids, tiny_task
from tlteach.data import Split, at_seed
from tlteach.data.subset import divided
from tlteach.measures import two_way


def two_by_thirty():
    n = torch.arange(60)
    rows = Split(torch.zeros(60, 1, 2, 2).byte(), n % 2, 0 * n, n, n)
    card = tiny_task().card
    test = np.isin(np.arange(60), np.arange(12))
    return divided("photos", ("ant", "bee"), ("photos",), rows, test=test, card=card)


@pytest.mark.parametrize("shots", [3, 5])
def test_every_seed_has_test_images_of_its_own_and_groups_stay_together(shots):
    task = tlt.resplit(tiny_task())
    fews = [tlt.few_shot(task, shots, seed=seed) for seed in range(4)]
    assert len({frozenset(ids(few.test)) for few in fews}) == 4
    for few in fews:
        assert_apart(few, pool=True)
        assert torch.bincount(few.labelled.labels).tolist() == [shots] * 3
        assert torch.bincount(few.test.labels, minlength=3).min() > 0
        everything = torch.cat([s.index for s in (few.labelled, few.pool, few.test)])
        assert sorted(everything.tolist()) == list(range(len(everything)))
    again = tlt.few_shot(task, shots, seed=0)
    assert again.fingerprint == fews[0].fingerprint


def test_the_split_is_that_of_the_seed_for_all_numbers_of_shots():
    task = tlt.resplit(two_by_thirty())
    few, more = (tlt.few_shot(task, shots, seed=3) for shots in (2, 9))
    assert ids(few.test) == ids(more.test)
    assert ids(few.labelled) < ids(more.labelled)
    assert len(few.test) == 12
    five = [ids(tlt.few_shot(task, 2, seed=seed).test) for seed in range(5)]
    assert len(set.union(*five)) > 35  # of 60: more than one split of 12 ever tests


def test_a_task_keeps_its_test_split_unless_it_is_asked():
    task = two_by_thirty()
    assert at_seed(task, 3) is task
    assert ids(tlt.few_shot(task, 2, seed=3).test) == set(range(12))
    assert tlt.few_shot(task, 2, seed=3).test_share is None
    drawn = at_seed(tlt.resplit(task), 3)
    assert (drawn.test_share, drawn.resplit) == (12 / 48, False)


def test_a_class_without_enough_groups_is_named():
    task = two_by_thirty()
    alone = task.labelled.groups.clone()
    alone[task.labelled.labels == 1] = 99
    few = replace(task, train=replace(task.labelled, groups=alone), val=task.val.select([]))
    few = replace(few, test=few.test.select(few.test.labels == 0))
    with pytest.raises(ValueError, match=r"class needs .* images in the split of seed 0; .* bee"):
        tlt.few_shot(tlt.resplit(few), 2, seed=0)


@pytest.mark.parametrize(("n", "seeds"), [(12, 5), (54, 5), (54, 10), (130, 5)])
def test_what_can_be_resolved_is_half_a_two_way_interval(n, seeds):
    """Answers of two methods, 75 % right; half of the variance of each image is its own."""
    random = np.random.default_rng(0)
    halves = []
    for _ in range(200):
        own, drawn = random.random((2, 1, n)) < 0.75, random.random((2, seeds, n)) < 0.75
        mixed = np.where(random.random((2, 1, n)) < 0.5, own, drawn)  # half of them never change
        found = two_way(mixed[0] * 1.0 - mixed[1], np.arange(n))
        halves.append((found.high - found.low) / 2)
    task = two_by_thirty()
    images = torch.arange(n)
    test = Split(torch.zeros(n, 1, 2, 2).byte(), images % 2, 0 * images, images, images)
    assert tlt.resolvable(replace(task, test=test), seeds=seeds) == pytest.approx(
        np.nanmean(halves), rel=0.15
    )


def test_groups_count_and_more_seeds_or_images_resolve_more():
    task = two_by_thirty()
    assert tlt.resolvable(task) == pytest.approx(0.32, abs=0.01)
    pairs = replace(task, test=replace(task.test, groups=task.test.groups // 2))
    assert tlt.resolvable(pairs) > 1.3 * tlt.resolvable(task)
    assert tlt.resolvable(task, seeds=20) < tlt.resolvable(task)
    drawn = tlt.resplit(task)
    assert tlt.resolvable(drawn, seeds=20) == pytest.approx(0.20, abs=0.01)  # about 20 points
    assert tlt.resolvable(drawn, seeds=20) < tlt.resolvable(task, seeds=20)
    for options, message in (
        ({"seeds": 1}, "seeds must be at least 2; got 1"),
        ({"level": 1}, "level must be above 0 and below 1; got 1"),
    ):
        with pytest.raises(ValueError, match=message):
            tlt.resolvable(task, **options)
