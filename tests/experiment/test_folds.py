"""Folds: whole groups, no class lost, every label once, and nothing random."""

import pytest
import torch
from hypothesis import given, settings, strategies as st

import tlteach as tlt
from tests.helpers.tiny import tiny_task
from tlteach.data import Split
from tlteach.experiment.folds import folds, sparse


def assert_folds(few):
    found = folds(few)
    rows, groups, labels = torch.cat(found), few.labelled.groups, few.labelled.labels
    assert sorted(rows.tolist()) == list(range(len(few.labelled)))  # every label once
    owner = {}
    for place, fold in enumerate(found):
        kept = torch.ones(len(few.labelled), dtype=torch.bool)
        kept[fold] = False
        assert labels[kept].unique().tolist() == list(range(few.n_classes))
        for group in groups[fold].tolist():
            assert owner.setdefault(group, place) == place
    assert all(torch.equal(a, b) for a, b in zip(found, folds(few), strict=True))
    return found


@pytest.mark.parametrize("name", ["digits", "emoji", "fashion", "glyphs", "photos", "reviews"])
@pytest.mark.parametrize("shots", [2, 5, 9])
@pytest.mark.parametrize("seed", [0, 1])
def test_groups_stay_together_and_no_class_is_lost(name, shots, seed):
    """Of glyphs and reviews one group holds several classes: a writer, a book."""
    found = assert_folds(tlt.few_shot(tlt.load_task(name), shots, seed=seed))
    assert 2 <= len(found) <= min(5, shots)


def test_with_a_group_for_each_label_the_classes_are_even(digits):
    for shots, sizes in ((2, [10, 10]), (5, [10] * 5), (7, [20, 20, 10, 10, 10])):
        few = tlt.few_shot(digits, shots, seed=0)
        found = folds(few)
        assert [len(fold) for fold in found] == sizes
        for fold in found:
            counts = torch.bincount(few.labelled.labels[fold], minlength=10)
            assert counts.unique().tolist() == [len(fold) // 10]


def test_a_class_of_one_group_leaves_no_folds():
    few = tlt.few_shot(tiny_task(per_group=6, groups_per_class=(6, 3, 6)), 6, seed=0)
    assert few.labelled.groups[few.labelled.labels == 1].unique().numel() == 1
    assert folds(few) == []


def dealt(members):
    """A task whose groups hold the classes named, one label of each."""
    pairs = [(group, label) for group, labels in enumerate(members) for label in labels]
    groups, labels = map(torch.tensor, zip(*pairs, strict=True))
    index = torch.arange(len(labels))
    rows = Split(torch.zeros(len(labels), 1, 2, 2).byte(), labels, labels * 0, groups, index)
    few, none = tiny_task(), rows.select(index[:0])
    return few.__class__("dealt", ("a", "b", "c"), few.domains, rows, none, none, none, few.card)


@settings(deadline=None)
@given(st.lists(st.sets(st.integers(0, 2), min_size=1), min_size=1, max_size=12))
def test_whatever_the_groups_share_no_fold_takes_all_of_a_class(members):
    owners = [sum(label in held for held in members) for label in range(3)]
    few = dealt(members)
    if min(owners) < 2:
        assert folds(few) == []
    elif folds(few):
        assert len(assert_folds(few)) == min(5, *owners)


def test_groups_that_leave_no_deal_give_no_folds():
    """Three pairs of three classes: in two folds, one class is always whole."""
    assert folds(dealt([{0, 1}, {1, 2}, {0, 2}])) == []


@pytest.mark.parametrize(("shots", "few"), [(1, False), (2, True), (5, True), (10, False)])
def test_validation_is_sparse_with_one_image_of_a_class(digits, shots, few):
    assert sparse(tlt.few_shot(digits, shots, seed=0)) is few
