"""Pace against the same rules written as one loop over all losses, and what holds of any losses."""

import math

import pytest
import torch
from hypothesis import given, settings, strategies as st

from tlteach.training import Cosine, Pace
from tlteach.training.pace import learning_rate

CHANCE = math.log(10)
LOSSES = st.lists(st.floats(0, 10, width=32), min_size=1, max_size=12)
PLANS = st.tuples(
    st.integers(1, 80), st.floats(0, 1), st.integers(1, 7), st.integers(0, 10)
)  # cap, warm-up, window, begin


def told(pace, losses):
    """Factors of all updates; losses come again and again until the end."""
    factors = []
    while not pace.over:
        factors.append(pace.factor)
        pace.see(torch.tensor(losses[(len(factors) - 1) % len(losses)]))
    return factors


def by_hand(losses, cap, warmup, window, begin):
    """The update after which the loss is flat, or None; the factors of all updates."""
    latest = max(1, math.floor(cap / 1.25))
    endless = [losses[i % len(losses)] for i in range(cap)]
    flat, means = None, []
    for end in range(begin + window, latest + 1, window):
        means.append(float(torch.tensor(endless[end - window : end]).mean()))
        gains = [
            i for i, mean in enumerate(means)
            if i == 0 or mean < 0.95 * min(means[j] for j in range(i) if gained(means, j))
        ]  # fmt: skip
        waited = len(means) - 1 - gains[-1] >= 2 and means[-1] < 0.9 * CHANCE
        if waited or means[-1] < 0.05 * CHANCE:
            flat = end
            break
    level = flat or latest
    last = min(cap, level + math.ceil(0.25 * level)) if flat else cap
    climb = min(warmup * cap, 10)
    factors = []
    for step in range(last):
        if step < climb:
            factors.append((step + 1) / math.ceil(climb))
        elif step < level:
            factors.append(1.0)
        else:
            factors.append(1 - (step - level + 1) / (last - level + 1))
    return flat, factors


def gained(means, j):
    """Whether reading j was 5 % below the last gain before it; the first one is a gain."""
    mark = math.inf
    for i in range(j + 1):
        if mark == math.inf or means[i] < 0.95 * mark:
            mark, last = means[i], i
    return last == j


@settings(deadline=None, max_examples=300)
@given(LOSSES, PLANS)
def test_it_equals_the_rules_written_by_hand(losses, plan):
    cap, warmup, window, begin = plan
    pace = Pace(cap, warmup, window, CHANCE, begin=begin)
    factors = told(pace, losses)
    flat, expected = by_hand(losses, cap, warmup, window, begin)
    assert factors == pytest.approx(expected)
    assert pace.converged is (flat is not None)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.floats(width=32), min_size=1, max_size=12), PLANS)
def test_of_any_losses_every_factor_counts_and_the_cap_is_kept(losses, plan):
    cap, warmup, window, begin = plan
    pace = Pace(cap, warmup, window, CHANCE, begin=begin)
    factors = told(pace, losses)
    assert all(0 < factor <= 1 for factor in factors)
    assert len(factors) == pace.step == pace.last <= pace.cap == cap
    fall = factors[math.ceil(pace.climb) :]
    assert fall == sorted(fall, reverse=True)
    if pace.converged:
        assert pace.level * 1.25 <= cap + 1
        assert pace.step == min(cap, pace.level + math.ceil(0.25 * pace.level))


@given(st.integers(1, 200), st.floats(0, 1))
def test_a_loss_that_keeps_falling_is_never_flat_and_takes_all_updates(cap, warmup):
    """6 % a window: of 40 windows the last is still above 5 % of chance, and the first below it."""
    pace = Pace(cap, warmup, 5, CHANCE)
    loss = 0.99 * CHANCE
    while not pace.over:
        pace.see(torch.tensor(loss))
        loss *= 0.94 ** (1 / 5)
    assert loss > 0.05 * CHANCE
    assert (pace.step, pace.converged) == (cap, False)


@settings(deadline=None)
@given(st.lists(st.floats(2.0724, 10), min_size=1, max_size=12), PLANS)  # 0.9 log(10) is 2.0723
def test_a_loss_hardly_better_than_guessing_is_never_flat(losses, plan):
    cap, warmup, window, begin = plan
    pace = Pace(cap, warmup, window, CHANCE, begin=begin)
    assert len(told(pace, losses)) == cap
    assert not pace.converged


@pytest.mark.parametrize(("loss", "flat"), [(2.0724, False), (2.0723, True)])
def test_a_level_loss_is_flat_only_if_it_has_left_that_of_guessing(loss, flat):
    pace = Pace(1000, 0.0, 4, CHANCE)
    for _ in range(12):
        pace.see(torch.tensor(loss))
    assert pace.converged is flat


def test_what_waited_at_guessing_is_flat_once_it_has_left_it():
    pace = Pace(1000, 0.0, 1, CHANCE)
    for loss in (2.08, 2.08, 2.08, 2.08):
        pace.see(torch.tensor(loss))
    assert not pace.converged
    pace.see(torch.tensor(2.07))  # no gain of 5 %
    assert (pace.converged, pace.last) == (True, 5 + 2)


@pytest.mark.parametrize(("cap", "flat"), [(24, False), (25, True), (40, True)])
def test_a_loss_counts_as_flat_only_before_the_cap_calls_for_the_fall(cap, flat):
    """Level from the start: flat at the third reading, after 20 updates if windows hold 7, 7, 6."""
    pace = Pace(cap, 0.0, 5, CHANCE, begin=5)  # readings after 10, 15 and 20 updates
    told(pace, [2.0])
    assert pace.converged is flat
    assert pace.step == (25 if flat else cap)


@pytest.mark.parametrize(("last", "flat"), [(0.951, True), (0.949, False)])
def test_a_gain_is_five_percent_of_the_last_gain_in_one_window_or_two(last, flat):
    pace = Pace(1000, 0.0, 1, CHANCE)
    for loss in (1.0, 0.98, last):
        pace.see(torch.tensor(loss))
    assert pace.converged is flat


@pytest.mark.parametrize(("loss", "flat"), [(0.1152, False), (0.1151, True)])
def test_a_loss_of_a_twentieth_of_chance_leaves_little_to_learn(loss, flat):
    pace = Pace(1000, 0.0, 4, CHANCE)  # log(10) / 20 is 0.11513
    for _ in range(4):
        pace.see(torch.tensor(loss))
    assert pace.converged is flat


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("good", [0, 2])
def test_a_loss_that_is_no_number_ends_the_training_and_is_not_flat(loss, good):
    pace = Pace(1000, 0.0, 3, CHANCE)
    for i in range(3 * good):
        pace.see(torch.tensor(2.0 - i / 4))
        assert not pace.over
    for _ in range(3):
        assert pace.factor == 1
        pace.see(torch.tensor(loss))
    assert (pace.over, pace.converged, pace.step) == (True, False, 3 * good + 3)


def test_losses_before_the_beginning_are_not_read():
    pace = Pace(1000, 0.0, 2, CHANCE, begin=40)
    for _ in range(44):
        pace.see(torch.tensor(2.0))
    assert not pace.converged
    for _ in range(2):
        pace.see(torch.tensor(2.0))
    assert (pace.converged, pace.last) == (True, 46 + 12)


@given(st.integers(1, 60), st.floats(0, 1))
def test_a_cosine_takes_all_updates_whatever_the_loss(cap, warmup):
    pace = Cosine(cap, warmup)
    assert told(pace, [math.nan]) == [learning_rate(i, cap, warmup) for i in range(cap)]
    assert pace.converged is None
