"""Settings and knobs: what they refuse."""

import pytest

from tlteach.training import TrainConfig
from tlteach.training.settings import Knob, most_updates


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lr": -1.0}, r"lr must be at least 0; got -1.0"),
        ({"c": -1.0}, r"c must be at least 0; got -1.0"),
        ({"updates": 0}, r"updates must be at least 1; got 0"),
        ({"batch_size": 0}, r"batch_size must be at least 1; got 0"),
        ({"momentum": 1.5}, r"momentum must be between 0 and 1; got 1.5"),
        ({"weight_decay": -0.1}, r"weight_decay must be at least 0; got -0.1"),
        ({"warmup": 2.0}, r"warmup must be between 0 and 1; got 2.0"),
        ({"clip": -1.0}, r"clip must be at least 0; got -1.0"),
        ({"measure_every": -1}, r"measure_every must be at least 0; got -1"),
        ({"augment": "zoom"}, r"augment must be one of 'none', 'shift', .*; got 'zoom'"),
        ({"anchor": -0.1}, r"anchor must be at least 0; got -0.1"),
        ({"decay": 1.5}, r"decay must be between 0 and 1; got 1.5"),
        ({"thaw": -0.5}, r"thaw must be between 0 and 1; got -0.5"),
        ({"blend": 2}, r"blend must be between 0 and 1; got 2"),
        ({"until": "tired"}, r"until must be one of 'flat', 'end'; got 'tired'"),
        ({"statistics": "any"}, r"statistics must be one of 'still', 'move'; got 'any'"),
        ({"head_factor": -1.0}, r"head_factor must be at least 0; got -1.0"),
        ({"precision": "fp8"}, r"precision must be one of .*; got 'fp8'"),
    ],
)
def test_a_wrong_setting_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("lr", 0.1, 1.0), r"knob must be one of 'anchor', 'decay', 'thaw', 'blend'; got 'lr'"),
        (("decay", -0.1, 1.0), "low must be at least 0; got -0.1"),
        (("decay", 0.5, 0.5), r"range of 'decay' must rise, .*; got 0.5 to 0.5"),
        (("anchor", 0.0, 1.0, True), r"on a log scale from above 0; got 0.0 to 1.0"),
    ],
)
def test_a_wrong_knob_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Knob(*wrong)


def test_a_range_may_begin_at_zero_where_it_is_even():
    assert Knob("blend", 0.0, 1.0).low == 0


@pytest.mark.parametrize(
    ("asked", "flat"),
    [
        ({}, True),
        ({"updates": 9}, False),
        ({"updates": 9, "until": "flat"}, True),
        ({"until": "flat"}, True),
        ({"until": "end"}, False),
    ],
)
def test_a_training_ends_flat_unless_a_number_of_updates_is_asked_for(asked, flat):
    assert TrainConfig(**asked).ends_flat is flat


@pytest.mark.parametrize(
    ("n", "batch_size", "most"),
    [
        (1, 16, 1000), (400, 16, 1000), (401, 16, 1003), (1000, 16, 2500), (1000, 64, 1000),
        (1601, 64, 1001),
    ],
)  # fmt: skip
def test_the_cap_is_forty_passes_or_a_thousand_updates(n, batch_size, most):
    assert most_updates(n, batch_size) == most
