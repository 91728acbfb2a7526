"""Self-training: the mechanics against scikit-learn and counting by hand.

Whether either helps is a question for an experiment, not for a test.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import tlteach as tlt
from tests.helpers.scarce import NAMES, pixels, probe, relabelled, values
from tlteach.analysis.scarce import active_learning, budget, pseudo_label
from tlteach.experiment import SEARCH, raw_pixels


def per_round(table, metric):
    return table[table["metric"] == metric]["value"].tolist()


@pytest.fixture(scope="module")
def taught(few):
    return pseudo_label(few, raw_pixels, threshold=0.8, rounds=2)


def test_the_budget_counts_every_label_paid_for(digits, few):
    assert budget(few) == {"labels": 50, "train": 40, "val": 10, "unlabelled": 747}
    for shots in (1, 2, 13):
        count = budget(tlt.few_shot(digits, shots, seed=1))
        assert count["labels"] == count["train"] + count["val"] == 10 * shots
        assert count["labels"] + count["unlabelled"] == len(digits.labelled)


def test_without_pseudo_labels_it_is_the_frozen_regime_bit_for_bit(digits):
    """Of ten shots; where a class has one validation image, `compare` asks folds instead."""
    few = tlt.few_shot(digits, 10, seed=0)
    results = pseudo_label(few, "small_cnn", threshold=1.0, search=SEARCH["standard"].cs)
    compared = tlt.compare(
        digits, backbone="small_cnn", regimes=["frozen"], shots=[10], seeds=[0],
        baselines=False, progress=False,
    )  # fmt: skip
    for number, regime in ((0, "frozen"), (3, "pseudo_label")):
        for split in ("test", "val", "search"):
            got = values(results, split, round=number, regime=regime)
            assert got == values(compared, split)
    assert per_round(results, "added") == [0.0] * 4
    assert set(results["backbone"]) == {"small_cnn"}


@pytest.mark.parametrize("threshold", [0.8, 0.95])
def test_rounds_equal_scikit_learns_probes_trained_on_their_own_answers(few, threshold):
    """Within 1 % of the pool: confidences near the threshold differ by the solver's tolerance."""
    results = pseudo_label(few, raw_pixels, threshold=threshold, rounds=2)
    train, pool = pixels(few.train), pixels(few.pool)
    sure, answers = np.zeros(len(pool), bool), np.zeros(len(pool), int)
    for number, c in enumerate(per_round(results, "c")):
        got = values(results, "pool", round=number)
        assert got["added"] == pytest.approx(sure.sum(), abs=7)
        if number:
            right = (answers == few.pool.labels.numpy())[sure].mean()
            assert got["correct"] == pytest.approx(right, abs=0.01)
        known = np.concatenate([train, pool[sure]])
        names = np.concatenate([few.train.labels, answers[sure]])
        model = probe(c).fit(known, names)
        score = model.score(pixels(few.val), few.val.labels)
        assert values(results, "val", round=number)["accuracy"] == pytest.approx(score)
        last = np.concatenate([known, pixels(few.val)]), np.concatenate([names, few.val.labels])
        tested = probe(c).fit(*last).score(pixels(few.test), few.test.labels)
        if number in (0, 2):
            got = values(results, "test", round=number)["accuracy"]
            assert got == pytest.approx(tested, abs=0.01)
        p = model.predict_proba(pool)
        sure, answers = p.max(1) > threshold, p.argmax(1)


def test_the_table_names_its_labels_and_tests_twice(few, taught):
    assert list(taught.columns) == [
        "task", "source", "backbone", "regime", "shots", "seed", "round", *NAMES,
        "split", "metric", "value",
    ]  # fmt: skip
    assert taught[NAMES].drop_duplicates().to_dict("records") == [budget(few)]
    tested = taught[(taught["split"] == "test") & (taught["metric"] == "accuracy")]
    assert tested[["regime", "round"]].values.tolist() == [["frozen", 0], ["pseudo_label", 2]]
    assert (taught["shots"].unique(), taught["seed"].unique()) == ([5], [0])
    assert 0 < per_round(taught, "added")[1] < len(few.pool)
    assert np.isnan(per_round(taught, "correct")[0])


def test_the_table_goes_into_a_verdict(digits, taught):
    other = pseudo_label(tlt.few_shot(digits, 5, seed=1), raw_pixels, threshold=0.8, rounds=2)
    both = pd.concat([taught, other])
    assert tlt.verdict(both, "pseudo_label", "frozen").n == 2


def test_hidden_labels_are_never_used(few, taught):
    shuffled = replace(few, pool=relabelled(few.pool))
    results = pseudo_label(shuffled, raw_pixels, threshold=0.8, rounds=2)
    usable = taught["metric"] != "correct"
    pd.testing.assert_frame_equal(results[usable], taught[usable])
    assert per_round(results, "correct")[1] < 0.3 < per_round(taught, "correct")[1]


def test_nothing_is_chosen_on_the_test_split(digits, few, taught):
    test = relabelled(digits.test)
    again = pseudo_label(replace(few, test=test), raw_pixels, threshold=0.8, rounds=2)
    measured = taught["split"] == "test"
    pd.testing.assert_frame_equal(again[~measured], taught[~measured])
    assert (again["value"] != taught["value"])[measured].any()


def test_one_label_a_class_leaves_nothing_to_validate_on(digits):
    results = pseudo_label(tlt.few_shot(digits, 1, seed=0), raw_pixels, rounds=1)
    assert values(results, "val") == {}
    assert len(set(per_round(results, "c"))) == 1


@pytest.mark.parametrize("learn", [pseudo_label, active_learning])
def test_a_test_image_among_the_unlabelled_is_refused(few, learn):
    leaky = replace(few, pool=few.pool.joined(few.test.select(torch.arange(3))))
    with pytest.raises(ValueError, match="such as pool and test; got 3 that do"):
        learn(leaky, raw_pixels)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"threshold": 1.5}, "threshold must be between 0 and 1; got 1.5"),
        ({"rounds": 0}, "rounds must be at least 1; got 0"),
        ({"search": 0}, "budget must be at least 1; got 0"),
    ],
)
def test_self_training_refuses(few, wrong, message):
    with pytest.raises(ValueError, match=message):
        pseudo_label(few, raw_pixels, **wrong)


def test_self_training_needs_unlabelled_images(digits):
    with pytest.raises(
        ValueError, match=r"pool images must be .* \(few_shot fills the pool\); got 0"
    ):
        pseudo_label(digits, raw_pixels)


def test_pool_images_without_a_label_are_learnt_from_but_not_asked_for(few):
    """Unknown labels count neither as right nor as wrong, and no strategy may buy one."""
    labels = few.pool.labels.clone()
    labels[::2] = -1
    part = replace(few, pool=replace(few.pool, labels=labels))
    told, whole = (pseudo_label(task, raw_pixels, rounds=1) for task in (part, few))
    assert per_round(told, "added") == per_round(whole, "added")
    assert 0.5 < per_round(told, "correct")[1] <= 1
    asked = active_learning(part, raw_pixels, seeds=[0], rounds=1).attrs["asked"]
    unknown = set(part.pool.index[::2].tolist())
    assert asked
    assert all(not unknown & set(rows) for rows in asked.values())
