"""Temperatures against a search by hand, thresholds by counting."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st

from tlteach.measures import Calibration, calibrate, ece, log_loss, softened_log_loss
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


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(1, 12), st.floats(0.01, 300), st.integers(0, 10**6))
def test_a_softened_loss_is_the_lowest_of_all_temperatures_from_one_on(classes, n, size, seed):
    draw = torch.Generator().manual_seed(seed)
    logits = size * torch.randn(n, classes, generator=draw, dtype=torch.float64)
    labels = torch.randint(classes, (n,), generator=draw)
    found = softened_log_loss(logits, labels)
    grid = [F.cross_entropy(logits / t, labels).item() for t in np.geomspace(1, 1000, 400)]
    assert found <= min(grid) + 1e-6
    assert found >= min(grid) - 1e-3 * max(1, min(grid))
    assert found <= log_loss(logits, labels) + 1e-9


def test_a_softened_loss_forgives_being_too_sure_and_nothing_else():
    right = 3.0 * torch.eye(4).repeat(5, 1)
    labels = torch.arange(4).repeat(5)
    assert softened_log_loss(right, labels) == pytest.approx(log_loss(right, labels))  # not sharper
    wrong = labels.roll(1).clone()
    wrong[:15] = labels[:15]  # three of four right, and sure of all
    mild, bold = (softened_log_loss(k * right, wrong) for k in (1, 30))
    assert bold == pytest.approx(mild, abs=1e-4)
    assert log_loss(30 * right, wrong) > 10 * log_loss(right, wrong)
    assert math.isinf(softened_log_loss(torch.full((2, 3), math.nan), torch.tensor([0, 1])))
