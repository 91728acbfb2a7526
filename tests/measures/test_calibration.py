"""Temperatures against a search by hand, thresholds by counting."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tlteach.measures import Calibration, calibrate, ece
from tlteach.measures.calibration import FEWEST


def answers(n=400, classes=4, scale=3.0, seed=0):
    """Logits that would be calibrated at temperature `scale`, with labels drawn from them."""
    g = torch.Generator().manual_seed(seed)
    honest = 2 * torch.randn(n, classes, generator=g)
    labels = torch.multinomial(honest.softmax(1), 1, generator=g)[:, 0]
    return scale * honest, labels


def test_the_temperature_is_the_one_a_fine_grid_finds():
    logits, labels = answers()
    grid = np.geomspace(0.5, 20, 20001)
    losses = [F.cross_entropy(logits.double() / t, labels).item() for t in grid]
    found = calibrate(logits, labels)
    assert found.temperature == pytest.approx(grid[int(np.argmin(losses))], rel=1e-3)
    assert found.temperature == pytest.approx(3.0, rel=0.15)  # as they were made
    assert (found.n, found.reason) == (400, "")


def test_confidence_becomes_honest_on_labels_it_has_not_seen():
    found = calibrate(*answers())
    logits, labels = answers(2000, seed=1)
    assert ece(logits / found.temperature, labels) < 0.5 * ece(logits, labels)
    assert torch.equal(found.confidences(logits).argmax(1), logits.argmax(1))


def test_the_threshold_keeps_nineteen_of_twenty_right_answers_and_no_more_than_needed():
    logits, labels = answers()
    found = calibrate(logits, labels)
    confidence, answer = found.confidences(logits).max(1)
    sure = confidence[answer == labels]
    assert (sure >= found.threshold).double().mean() >= 0.95
    assert (sure > found.threshold).double().mean() < 0.95


def test_too_few_labels_leave_everything_as_it_is():
    logits, labels = answers(FEWEST - 1)
    found = calibrate(logits, labels)
    assert (found.temperature, found.threshold) == (1.0, None)
    assert found.reason == "19 held-out labels are too few, it takes 20"


def test_without_a_mistake_the_temperature_stays_one():
    logits, _ = answers(50)
    found = calibrate(logits, logits.argmax(1))
    assert found.temperature == 1
    assert found.reason.startswith("all 50 held-out answers are right")
    assert found.threshold is not None


def test_few_right_answers_give_no_threshold():
    logits, labels = answers(60)
    right = logits.argmax(1) == labels
    rows = torch.cat([right.nonzero()[:19, 0], (~right).nonzero()[:, 0]])
    assert calibrate(logits[rows], labels[rows]).threshold is None


def test_a_fresh_calibration_is_a_softmax():
    logits, _ = answers(5)
    torch.testing.assert_close(Calibration().confidences(logits), logits.double().softmax(1))


def test_logits_and_labels_must_fit():
    logits, labels = answers(30)
    with pytest.raises(ValueError, match="same length; got logits 30, labels 29"):
        calibrate(logits, labels[:29])
