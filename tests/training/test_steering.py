"""A hand on a running training: what it turns, and what it leaves alone."""

import dataclasses

import pytest
import torch

import tlteach as tlt
from tlteach.training import Begun, Level, Steering, updates

CONFIG = tlt.TrainConfig(
    lr=0.1, updates=12, measure_every=4, augment="none", statistics="move", head_factor=1.0,
    precision="fp32",
)  # fmt: skip


def weights(few, small, turns, config=CONFIG):
    """Return all weights after a steered training; `turns` maps an update to what is turned."""
    begun = Begun(small, few, tlt.REGIMES["scratch"], config, seed=0, device="cpu")
    steering = Steering(begun.config, seed=0)
    told = []
    more = {"pace": Level(config.updates), "steering": steering}
    steps = updates(begun.model, few, begun.regime, begun.config, seed=0, **more)
    for step, (_, rows) in enumerate(steps, start=1):
        told += rows
        steering.turn(**turns.get(step, {}))
    flat = torch.cat([p.detach().flatten() for p in begun.model.parameters()])
    return flat, told


@pytest.mark.parametrize(
    "turn", [{"lr": 0.01}, {"weight_decay": 0.1}, {"augment": "shift"}, {"noise": 0.5}]
)
def test_each_turn_acts_from_the_next_update(turn, few, small):
    plain, before = weights(few, small, {})
    turned, after = weights(few, small, {6: turn})
    assert not torch.equal(plain, turned)
    assert before[: len(before) // 3] == after[: len(after) // 3]  # up to update 4
    again, _ = weights(few, small, {6: turn})
    assert torch.equal(turned, again)


def test_a_rate_of_zero_stops_it(few, small):
    stopped, _ = weights(few, small, {4: {"lr": 0.0}})
    four, _ = weights(few, small, {}, dataclasses.replace(CONFIG, updates=4))
    assert torch.allclose(stopped, four, atol=1e-6)
    longer, _ = weights(few, small, {4: {"lr": 0.0}, 8: {"lr": 0.0, "weight_decay": 0.2}})
    assert torch.equal(stopped, longer)


def test_noise_is_nested_and_can_be_taken_back():
    labels = torch.arange(5).repeat(200)
    steering = Steering(CONFIG, seed=3)
    wrong = {}
    for share in (0.2, 0.5, 0.0):
        steering.turn(noise=share)
        wrong[share] = steering.labels(labels, 5) != labels
        assert abs(float(wrong[share].float().mean()) - share) < 0.06
    assert bool((wrong[0.5] | ~wrong[0.2]).all())
    other = Steering(CONFIG, seed=4)
    other.turn(noise=0.5)
    assert not torch.equal(other.labels(labels, 5) != labels, wrong[0.5])


def test_training_images_are_measured_by_the_labels_they_are_learnt_with(few, small):
    _, rows = weights(few, small, {4: {"noise": 1.0}})
    accuracy = {
        step: value
        for step, _, split, metric, value in rows
        if split == "train" and metric == "accuracy"
    }
    assert accuracy[8] < accuracy[4]  # every label is another one now


def test_what_augments_texts_may_be_turned_too():
    steering = Steering(CONFIG, seed=0)
    steering.turn(augment="words", lr=0.2)
    assert steering.config == dataclasses.replace(CONFIG, augment="words", lr=0.2)


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        ({"lr": 0.5, "noise": -1}, "noise must be between 0 and 1"),
        ({"lr": -1}, "lr must be at least 0"),
        ({"weight_decay": -0.1}, "weight_decay must be at least 0"),
        ({"noise": 1.5}, "noise must be between 0 and 1"),
        ({"augment": "blur"}, "augment must be one of"),
    ],
)
def test_a_wrong_turn_is_refused_and_turns_nothing(turn, words):
    steering = Steering(CONFIG, seed=0)
    before = dict(vars(steering))
    with pytest.raises(ValueError, match=words):
        steering.turn(**turn)
    assert vars(steering) == before
