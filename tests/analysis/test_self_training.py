"""Self-training of a whole network: the same start twice, and no label that was not paid for."""

from dataclasses import replace

import pandas as pd
import pytest
import torch

import tlteach as tlt
from tlteach.analysis import self_train
from tlteach.data import all_labels
from tlteach.measures import on_test, only

PLAN = tlt.TrainConfig(lr=0.05, updates=20, augment="shift", precision="fp32")


@pytest.fixture(scope="module")
def few():
    return tlt.few_shot(tlt.load_task("digits"), 2, seed=3)


@pytest.fixture(scope="module")
def letters():
    return tlt.load_backbone("small:glyphs")


@pytest.fixture(scope="module")
def results(few, letters):
    return self_train(few, letters, "fine_tune", PLAN, threshold=0.5)


def accuracy(results, regime):
    return only(on_test(results), regime=regime)["value"].item()


def test_the_first_training_is_that_of_train(few, letters, results):
    run = tlt.train(letters, all_labels(few), "fine_tune", PLAN, seed=3)
    assert accuracy(results, "fine_tune") == run.test(few)["accuracy"]
    said = tlt.predict(run.model, few.pool.inputs).softmax(1)
    sure = said.max(1).values > 0.5
    assert only(results, metric="added")["value"].item() == int(sure.sum())
    right = (said.argmax(1) == few.pool.labels)[sure].double().mean().item()
    assert only(results, metric="correct")["value"].item() == pytest.approx(right)


def test_without_pseudo_labels_both_trainings_are_one(few, letters):
    results = self_train(few, letters, "fine_tune", PLAN, threshold=1)
    assert only(results, metric="added")["value"].item() == 0
    assert accuracy(results, "pseudo_label") == accuracy(results, "fine_tune")


def test_the_labels_of_the_pool_reach_nothing_but_the_share_of_right_ones(few, letters, results):
    lost = replace(few.pool, labels=torch.zeros_like(few.pool.labels))
    blind = self_train(replace(few, pool=lost), letters, "fine_tune", PLAN, threshold=0.5)
    seen, unseen = (table[table["metric"] != "correct"] for table in (results, blind))
    pd.testing.assert_frame_equal(seen, unseen)


def test_the_same_seed_gives_the_same_rows_and_another_does_not(few, letters, results):
    again = self_train(few, letters, "fine_tune", PLAN, threshold=0.5)
    pd.testing.assert_frame_equal(results, again)
    other = tlt.few_shot(tlt.load_task("digits"), 2, seed=4)
    assert accuracy(self_train(other, letters, "fine_tune", PLAN), "fine_tune") != accuracy(
        results, "fine_tune"
    )


def test_what_cannot_be_is_refused(few, letters):
    with pytest.raises(ValueError, match="threshold must be between 0 and 1; got 2"):
        self_train(few, letters, "fine_tune", PLAN, threshold=2)
    with pytest.raises(ValueError, match="pool images must be at least 1"):
        self_train(tlt.load_task("digits"), letters, "fine_tune", PLAN)
