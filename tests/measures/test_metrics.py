"""Metrics against scikit-learn and torchmetrics (1e-9; float32 inputs 1e-6), and properties."""

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from torchmetrics.classification import MulticlassCalibrationError

from tlteach.measures import (
    METRICS,
    accuracy,
    accuracy_by,
    balanced_accuracy,
    brier,
    confusion_table,
    ece,
    ece_floor,
    log_loss,
    reliability_table,
)
from tlteach.measures.metrics import per_class_accuracy

EXACT = 1e-9  # float64 here and in the reference
SINGLE = 1e-6  # torchmetrics adds up in float32
SIZES = [(1, 2), (7, 2), (200, 3), (1000, 12)]


def predictions(n, n_classes, *, seed=0, sharpness=2.0):
    random = np.random.default_rng(seed)
    logits = torch.from_numpy(sharpness * random.standard_normal((n, n_classes)))
    return logits, torch.from_numpy(random.integers(0, n_classes, n))


def names(n_classes):
    return [f"class {i}" for i in range(n_classes)]


def calibrated_labels(logits, seed):
    random = np.random.default_rng(seed)
    shares = logits.softmax(1).numpy().cumsum(1)
    return torch.from_numpy((random.random((len(logits), 1)) > shares[:, :-1]).sum(1))


@pytest.mark.parametrize(("n", "n_classes"), SIZES)
def test_accuracy_equals_scikit_learn(n, n_classes):
    logits, labels = predictions(n, n_classes)
    expected = sk.accuracy_score(labels, logits.argmax(1))
    assert accuracy(logits, labels) == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(("n", "n_classes"), SIZES)
def test_balanced_accuracy_equals_scikit_learn(n, n_classes):
    logits, labels = predictions(n, n_classes)
    there = labels.unique()  # classes without images are left out
    answers = logits.argmax(1)
    expected = sk.recall_score(labels, answers, average="macro", labels=there, zero_division=0)
    assert balanced_accuracy(logits, labels) == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(("n", "n_classes"), SIZES)
def test_log_loss_equals_scikit_learn(n, n_classes):
    logits, labels = predictions(n, n_classes)
    expected = sk.log_loss(labels, logits.softmax(1), labels=range(n_classes))
    assert log_loss(logits, labels) == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(("n", "n_classes"), SIZES)
def test_brier_equals_scikit_learn(n, n_classes):
    logits, labels = predictions(n, n_classes)
    expected = sk.brier_score_loss(
        labels, logits.softmax(1), labels=range(n_classes), scale_by_half=False
    )
    assert brier(logits, labels) == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("bins", [1, 10, 15])
@pytest.mark.parametrize(("n", "n_classes"), SIZES)
def test_ece_equals_torchmetrics(n, n_classes, bins):
    logits, labels = predictions(n, n_classes)
    reference = MulticlassCalibrationError(n_classes, n_bins=bins, norm="l1")
    expected = reference(logits.softmax(1).float(), labels).item()
    assert ece(logits, labels, bins) == pytest.approx(expected, abs=SINGLE)


@pytest.mark.parametrize(("n", "n_classes"), SIZES)
def test_confusion_table_equals_scikit_learn(n, n_classes):
    logits, labels = predictions(n, n_classes)
    table = confusion_table(logits, labels, names(n_classes))
    expected = sk.confusion_matrix(labels, logits.argmax(1), labels=range(n_classes))
    np.testing.assert_array_equal(table.to_numpy(), expected)
    assert (table.index.name, table.columns.name) == ("true", "predicted")
    assert list(table.index) == list(table.columns) == names(n_classes)


def test_per_class_accuracy_equals_scikit_learns_recall():
    logits, labels = predictions(1000, 12)
    table = per_class_accuracy(logits, labels, names(12))
    expected = sk.recall_score(labels, logits.argmax(1), average=None)
    np.testing.assert_allclose(table["accuracy"], expected, atol=EXACT)
    assert table["n"].sum() == 1000
    assert table["n"] @ table["accuracy"] / 1000 == pytest.approx(accuracy(logits, labels))


def test_a_class_without_images_has_no_accuracy():
    logits, _ = predictions(10, 3)
    table = per_class_accuracy(logits, torch.zeros(10, dtype=torch.int64), names(3))
    assert table["accuracy"].isna().tolist() == [False, True, True]
    assert table["n"].tolist() == [10, 0, 0]


def test_means_are_over_images_not_over_batches():
    logits = torch.tensor([[9.0, 0.0]] * 4 + [[0.0, 9.0]])
    labels = torch.zeros(5, dtype=torch.int64)
    for name, metric in METRICS.items():
        if name == "ece":  # a property of the whole set, not a mean of the parts
            continue  # balanced accuracy is one here, where there is one class
        parts = [metric(logits[part], labels[part]) for part in (slice(0, 4), slice(4, 5))]
        assert metric(logits, labels) == pytest.approx((4 * parts[0] + parts[1]) / 5, abs=EXACT)
        assert metric(logits, labels) != pytest.approx(sum(parts) / 2, abs=0.01)


def test_reliability_table_adds_up_to_the_ece_and_to_the_accuracy():
    logits, labels = predictions(500, 5)
    table = reliability_table(logits, labels, bins=10)
    assert table["n"].sum() == 500
    assert (table["confidence"] > table["bin_low"]).all()
    assert (table["confidence"] <= table["bin_high"]).all()
    assert table["n"] @ table["accuracy"] / 500 == pytest.approx(accuracy(logits, labels))
    gaps = (table["confidence"] - table["accuracy"]).abs()
    assert table["n"] @ gaps / 500 == pytest.approx(ece(logits, labels, bins=10))


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    table = reliability_table(torch.zeros(3, 2), torch.tensor([0, 0, 1]), bins=2)
    assert table[["bin_low", "bin_high", "n"]].to_numpy().tolist() == [[0, 0.5, 3]]


def test_a_perfectly_calibrated_model_has_an_ece_near_the_floor():
    logits, _ = predictions(1000, 10)
    floor = ece_floor(logits, seed=0)
    measured = [ece(logits, calibrated_labels(logits, seed)) for seed in range(40)]
    assert np.mean(measured) == pytest.approx(floor, rel=0.1)
    assert 0.01 < floor < 0.06


def test_an_overconfident_model_has_an_ece_far_above_the_floor():
    logits, _ = predictions(1000, 10)
    labels = calibrated_labels(logits, 0)
    assert ece(3 * logits, labels) > 3 * ece_floor(3 * logits, seed=0)


def test_the_floor_falls_with_more_images():
    few, many = (ece_floor(predictions(n, 10)[0], seed=0) for n in (100, 1600))
    assert few / many == pytest.approx(4, rel=0.3)  # noise of a mean: one over the root of n


def test_the_floor_depends_on_the_seed_alone():
    logits, _ = predictions(100, 5)
    assert ece_floor(logits, seed=0) == ece_floor(logits, seed=0)
    assert ece_floor(logits, seed=0) != ece_floor(logits, seed=1)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_metrics_ignore_a_constant_added_to_logits_and_the_order_of_images(metric):
    logits, labels = predictions(200, 4)
    order = torch.from_numpy(np.random.default_rng(1).permutation(200))
    assert metric(logits + 5, labels) == pytest.approx(metric(logits, labels), abs=EXACT)
    assert metric(logits[order], labels[order]) == pytest.approx(metric(logits, labels), abs=EXACT)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("accuracy", 1, 0),
        ("balanced_accuracy", 1, 0),
        ("log_loss", 0, 1000),
        ("brier", 0, 2),
        ("ece", 0, 1),
    ],
)
def test_sure_answers_give_the_ends_of_each_range(name, right, wrong):
    logits = torch.tensor([[1000.0, 0.0], [0.0, 1000.0]])
    labels = torch.tensor([0, 1])
    assert METRICS[name](logits, labels) == pytest.approx(right, abs=EXACT)
    assert METRICS[name](logits, 1 - labels) == pytest.approx(wrong, abs=EXACT)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (torch.zeros(3), [0, 0, 0], r"logits must have shape \(n, n_classes\); got \(3,\)"),
        (torch.zeros(3, 2), [0, 0], "must have the same length; got logits 3, labels 2"),
        (torch.zeros(0, 2), [], "number of images must be at least 1; got 0"),
        (torch.zeros(2, 2), [0, 2], "largest label must be between 0 and 1; got 2"),
        (torch.zeros(2, 2), [-1, 0], "smallest label must be between 0 and 1; got -1"),
    ],
)
def test_bad_input_is_named(metric, logits, labels, message):
    with pytest.raises(ValueError, match=message):
        metric(logits, torch.tensor(labels, dtype=torch.int64))


def test_other_bad_arguments_are_named():
    logits, labels = predictions(4, 3)
    with pytest.raises(ValueError, match="number of classes must be between 3 and 3; got 2"):
        confusion_table(logits, labels, ["cat", "dog"])
    with pytest.raises(ValueError, match="bins must be at least 1; got 0"):
        ece(logits, labels, bins=0)
    with pytest.raises(ValueError, match="draws must be at least 1; got 0"):
        ece_floor(logits, seed=0, draws=0)


def test_accuracy_by_group_is_that_of_each_group_alone():
    draws = torch.Generator().manual_seed(0)
    logits = torch.randn(60, 4, generator=draws)
    labels, groups = (torch.randint(4, (60,), generator=draws) for _ in range(2))
    found = accuracy_by(logits, labels, groups, ["a", "b", "c", "d", "never"])
    assert list(found.index) == ["a", "b", "c", "d"]
    for number, name in enumerate("abcd"):
        mine = groups == number
        assert found[name] == accuracy(logits[mine], labels[mine])
    with pytest.raises(ValueError, match="groups"):
        accuracy_by(logits, labels, groups[:-1], ["a", "b", "c", "d"])
