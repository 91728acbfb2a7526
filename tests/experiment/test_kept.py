"""`train_best` takes what validation chose, trains it on every label, and says what it did."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import tlteach as tlt
from tests.helpers.compared import BASE, compare, taught
from tlteach.data import all_labels
from tlteach.experiment import RangeEdgeWarning, train_best
from tlteach.models import predict

REGIMES = ("scratch", "frozen", "fine_tune", "l2_sp", "one_stage", "bn_stats", "coral")


@pytest.fixture(scope="module")
def few(digits):
    return tlt.few_shot(digits, 10, seed=3)


@pytest.fixture(scope="module")
def results(digits):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RangeEdgeWarning)  # three updates
        return compare(digits, regimes=REGIMES, shots=(2, 5), seeds=(0, 1, 2), n_jobs=1)


def searched(results, regime, shots, metric):
    rows = results[(results["regime"] == regime) & (results["shots"] == shots)]
    return rows[(rows["split"] == "search") & (rows["metric"] == metric)].set_index("seed")["value"]


@pytest.mark.parametrize("regime", REGIMES)
def test_every_regime_leaves_a_model_that_is_train_with_the_searched_setting(results, few, regime):
    model = train_best(results, few, regime=regime, backbone=taught(), seed=4, device="cpu")
    by = tlt.REGIMES[regime].searched
    used = tlt.TrainConfig(**model.training["config"])
    chosen = searched(results, regime, 5, by)
    assert getattr(used, by) == np.sort(chosen)[1]  # the median of three
    middle = chosen[chosen == getattr(used, by)].index
    if tlt.REGIMES[regime].solver == "sgd":
        decays = searched(results, regime, 5, "weight_decay")
        assert used.weight_decay in set(decays[middle])
        assert (used.updates, used.until) == (BASE.updates, "flat")
        numbers = f"lr {used.lr:.3g}, weight_decay {used.weight_decay:.3g}, "
        words = f"statistics {used.statistics}, augment {used.augment}"
        assert f"seed 4, {numbers}" in model.card
        assert words in model.card
    run = tlt.train(taught(), all_labels(few), regime, used, seed=4, device="cpu")
    images = few.test.images[:20]
    assert torch.equal(model.logits(images), predict(run.model, images, precision="fp32"))


def test_the_best_is_the_best_on_validation_whatever_the_test_says(results, few):
    table = results.copy()  # keeps the attrs
    at = (table["shots"] == 5) & (table["metric"] == "accuracy")
    table.loc[at & (table["split"] == "val"), "value"] = 0.3
    table.loc[at & (table["split"] == "val") & (table["regime"] == "coral"), "value"] = 0.4
    table.loc[at & (table["split"] == "test") & (table["regime"] == "frozen"), "value"] = 1.0
    model = train_best(table, few, backbone=taught())
    assert model.training["label"] == "coral"
    assert model.training["why"].startswith("Chosen among 7 by validation accuracy, 0.400.")


def test_between_equals_the_cheaper_one_is_taken(results, few):
    table = results.copy()
    at = (table["split"] == "val") & (table["metric"] == "accuracy")
    table.loc[at, "value"] = 0.5
    labels = ["fine_tune", "frozen", "l2_sp"]
    table = table[table["regime"].isin(labels)]
    assert train_best(table, few, backbone=taught()).training["label"] == "frozen"  # no update


def test_a_better_baseline_without_a_network_stands_on_the_card(results, few):
    table = results.copy()
    at = (table["regime"] == "raw_pixels") & (table["split"] == "val")
    table.loc[at & (table["metric"] == "accuracy"), "value"] = 1.0
    model = train_best(table, few, backbone=taught())
    assert model.training["label"] != "raw_pixels"
    assert "- raw_pixels, which needs no network, had the higher validation accuracy" in model.card


def test_a_baseline_with_a_network_can_be_kept(results, few):
    model = train_best(results, few, regime="small_cnn")
    assert model.classifier.backbone.card.source == "none"
    assert "random at the start" in model.card


def test_shots_pick_the_settings(results, few):
    model = train_best(results, few, regime="frozen", shots=2, backbone=taught())
    assert model.training["config"]["c"] == np.sort(searched(results, "frozen", 2, "c"))[1]
    assert "at 2 shots" in model.training["why"]
    assert model.data["labels"] == 100


def test_the_same_seed_gives_the_same_bits_and_another_does_not(results, few):
    one, same, other = (
        train_best(results, few, regime="fine_tune", backbone=taught(), seed=s, device="cpu")
        for s in (0, 0, 1)
    )
    images = few.test.images[:5]
    assert torch.equal(one.logits(images), same.logits(images))
    assert not torch.equal(one.logits(images), other.logits(images))
    assert one.card == same.card


def test_confidence_is_calibrated_on_answers_of_a_model_that_saw_train_alone(results, few):
    model = train_best(results, few, regime="frozen", backbone=taught(), device="cpu")
    used = tlt.TrainConfig(**model.training["config"])
    held = tlt.train(taught(), few, "frozen", used, seed=0, device="cpu")
    expected = tlt.measures.calibrate(held.predictions["val"], few.val.labels)
    assert model.calibration == expected
    assert model.calibration.n == len(few.val) == 20
    without = train_best(results, all_labels(few), regime="frozen", backbone=taught())
    assert without.calibration.temperature == 1
    assert "Confidences are as the network gives them: there are no held-out labels" in without.card


def test_the_metrics_are_those_of_the_comparison_and_of_one_look_at_the_test(results, few):
    model = train_best(results, few, regime="frozen", backbone=taught())
    told = model.metrics.set_index(["what", "split", "metric"])
    own = told.loc[("this model", "test", "accuracy")]
    assert own["value"] == pytest.approx(
        tlt.accuracy(model.logits(few.test.images), few.test.labels)
    )
    assert own["ci_low"] < own["value"] < own["ci_high"]
    rows = results[(results["regime"] == "frozen") & (results["shots"] == 5)]
    summary = tlt.summarize(rows, by=["split"]).set_index("split")
    both = told.loc[("comparison at 5 shots", "test", "accuracy")]
    assert both["value"] == pytest.approx(summary.loc["test", "mean"])
    assert (both["n"], both["unit"]) == (3, "seeds and images")
    ends = summary.loc["test", ["ci_low", "ci_high"]]
    assert both[["ci_low", "ci_high"]].tolist() == pytest.approx(ends.tolist())


def test_a_named_backbone_is_loaded_by_its_name(digits, few):
    table = compare(digits, backbone="small:glyphs", regimes=["frozen"], shots=[2], baselines=False)
    model = train_best(table, few)
    assert model.classifier.backbone.card.source == "glyphs"
    assert "Overlap with the source glyphs" in model.card
    other = tlt.load_backbone("small:glyphs", seed=1)
    with pytest.raises(ValueError, match=r"with other weights or preprocessing than the backbone"):
        train_best(table, few, backbone=other)


def without_validation(table):
    rows = table[table["split"] != "val"]
    rows.attrs = table.attrs
    return rows


@pytest.mark.parametrize(
    ("change", "asked", "message"),
    [
        (None, {"regime": "raw_pixels"}, "'raw_pixels' is a baseline without a network"),
        (None, {"regime": "majority"}, "leaves no model that could be kept"),
        (None, {"regime": "thawed"}, "regime must be one of 'bn_stats', .*; got 'thawed'"),
        (None, {"shots": 3}, "shots must be one of 2, 5; got 3"),
        (None, {"backbone": "lite9"}, "backbone must be one of .*; got 'lite9'"),
        (None, {"regime": "frozen"}, "other weights .* than load_backbone by that name has; pass"),
        (without_validation, {"backbone": "taught"}, "no validation accuracy .*; name a regime"),
        (lambda t: pd.DataFrame(t.to_dict("list")), {}, r"settings in attrs\['provenance'\]"),
    ],
)
def test_wrong_requests_are_refused(results, few, change, asked, message):
    table = results if change is None else change(results)
    with pytest.raises(ValueError, match=message):
        train_best(table, few, **asked)


def test_another_task_is_refused(results, few):
    with pytest.raises(ValueError, match="task must be one of 'digits'; got 'other'"):
        train_best(results, replace(few, name="other"))
