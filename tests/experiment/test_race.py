"""The search against one that carries nothing on, and what holds of every search."""

from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tests.helpers.raced import Reference
from tlteach.data import all_labels
from tlteach.experiment import SEARCH, Search, get_search
from tlteach.experiment.race import HIGHEST, LOWEST, Entrant, edge, race
from tlteach.training import draw_configs

CPU = torch.device("cpu")
BASE = tlt.TrainConfig(updates=14, until="flat", batch_size=8, precision="fp32")
PLANS = [
    Search(3, 3, 3, 4),  # 3, 6, then one is left
    Search(5, 1, 2, 4),
    Search(1, 2, 4, 4),
    Search(2, 1, 0, 4),  # no race: all to their end
]


@pytest.fixture(scope="module")
def net():
    return tlt.load_backbone("small_cnn", seed=7)


@pytest.fixture(scope="module")
def ten(digits):
    return tlt.few_shot(digits, 10, seed=1)


def raced(net, few, name, base=BASE, search=PLANS[0], seed=1):
    regime = tlt.REGIMES[name] if isinstance(name, str) else name
    return race(net, few, regime, base, search, seed=seed, where=CPU)


@pytest.mark.parametrize("name", ["scratch", "fine_tune", "gradual", "lp_ft"])
@pytest.mark.parametrize("search", PLANS)
def test_it_chooses_what_trainings_begun_anew_each_time_choose(net, ten, name, search):
    won = raced(net, ten, name, search=search)
    config, score, end, took = Reference(net, ten, tlt.REGIMES[name], 1).race(BASE, search)
    assert won.config == config
    assert won.score == {"accuracy": score[0], "log_loss": -score[1]}
    assert won.edge == end
    assert (won.updates, won.images) == (took, took * BASE.batch_size)


@pytest.mark.parametrize("search", PLANS)
def test_it_tells_what_all_entrants_took(net, ten, search, monkeypatch):
    entrants, init = [], Entrant.__init__

    def remembered(self, *args, **options):
        init(self, *args, **options)
        entrants.append(self)

    monkeypatch.setattr(Entrant, "__init__", remembered)
    won = raced(net, ten, "fine_tune", search=search)
    assert len(entrants) == search.drawn + search.further + 1  # one more augmentation
    assert won.updates == sum(entrant.pace.step for entrant in entrants)
    assert won.images == sum(entrant.pace.step for entrant in entrants) * 8
    assert all(entrant.pace.step <= entrant.pace.cap == 14 for entrant in entrants)


def test_a_named_augmentation_is_not_searched(net, ten):
    base = replace(BASE, augment="flip_crop")
    won = raced(net, ten, "fine_tune", base=base)
    assert won.config.augment == "flip_crop"
    config, score, _, took = Reference(net, ten, tlt.REGIMES["fine_tune"], 1).race(base, PLANS[0])
    assert (won.config, won.score["accuracy"], won.updates) == (config, score[0], took)


def test_every_augmentation_of_the_task_is_compared_at_full_training(net, ten, monkeypatch):
    mirrored, ends = replace(ten, mirrored=True), []
    run = Entrant.run

    def watched(self, goal):
        run(self, goal)
        if not goal:
            ends.append((self.begun.config.augment, self.pace.over))

    monkeypatch.setattr(Entrant, "run", watched)
    raced(net, mirrored, "fine_tune")
    assert ends == [("shift", True), ("none", True), ("flip_crop", True)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["scratch", "fine_tune"])
def test_a_range_that_is_too_low_is_left(net, digits, name, seed):
    few = tlt.few_shot(digits, 10, seed=seed)
    low = replace(tlt.REGIMES[name], low=1e-4, high=3e-4)
    base = tlt.TrainConfig(
        updates=60, until="flat", precision="fp32", augment="none", statistics="move",
        head_factor=1.0,
    )  # fmt: skip
    won = raced(net, few, low, base=base, search=Search(2, 4, 40, 4), seed=seed)
    tried = max(config.lr for config in draw_configs(low, base, 2, seed=seed))
    assert tried < low.high < won.config.lr


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.9), (1e-7, 1.2e-7), (3.0, 4.0)])
def test_no_rate_is_tried_twice_and_none_beyond_what_makes_sense(net, ten, monkeypatch, low, high):
    rates, init = [], Entrant.__init__

    def remembered(self, net, few, regime, config, **options):
        init(self, net, few, regime, config, **options)
        rates.append(config.lr)

    monkeypatch.setattr(Entrant, "__init__", remembered)
    regime, base = (
        replace(tlt.REGIMES["fine_tune"], low=low, high=high),
        replace(BASE, augment="none"),
    )
    raced(net, ten, regime, base=base, search=Search(2, 5, 2, 4))
    assert len(set(rates)) == len(rates) == 7
    further = rates[2:]
    assert min(further) >= LOWEST
    assert max(further) <= max(HIGHEST, *rates[:2])


class Stand:
    def __init__(self, lr, accuracy, loss=1.0):
        self.config, self.rank = tlt.TrainConfig(lr=lr), (accuracy, -loss)


@pytest.mark.parametrize(
    ("stands", "end"),
    [
        ([Stand(0.2, 0.9), Stand(0.1, 0.8)], 1),
        ([Stand(0.2, 0.9), Stand(0.3, 0.8)], -1),
        ([Stand(0.2, 0.9), Stand(0.1, 0.8), Stand(0.3, 0.8)], 0),
        ([Stand(0.2, 0.9), Stand(0.1, 0.9, 1.1)], 1),  # ties by log loss
        ([Stand(0.2, 0.9), Stand(0.1, 0.9)], 0),
        ([Stand(0.2, 0.9), Stand(0.2, 0.9)], 0),  # the same rate
        ([Stand(0.2, 0.9)], 0),
    ],
)
def test_an_edge_is_an_end_that_beats_its_neighbour(stands, end):
    assert edge(stands[0], stands) == end


def test_with_no_validation_image_nothing_is_trained(net, ten):
    won = raced(net, all_labels(ten), "fine_tune")
    drawn = draw_configs(tlt.REGIMES["fine_tune"], BASE, 3, seed=1)
    middle = replace(BASE, lr=drawn[1].lr, weight_decay=drawn[1].weight_decay)
    assert won.config == middle
    assert (won.score, won.edge, won.updates, won.images) == ({}, 0, 0, 0)


def test_a_diverged_setting_never_wins_a_tie(net, ten):
    entrant = Entrant(net, ten, tlt.REGIMES["fine_tune"], BASE, seed=0, where=CPU)
    entrant.score = {"accuracy": 0.1, "log_loss": float("nan")}
    assert entrant.rank < (0.1, -1e300)


def test_the_budgets_are_those_of_the_design():
    assert {name: tuple(vars(found).values()) for name, found in SEARCH.items()} == {
        "standard": (8, 4, 32, 12),
        "quick": (4, 2, 32, 8),
        "smoke": (2, 1, 8, 4),
    }
    own = Search(3, 0, 0, 1)
    assert get_search(own) is own
    assert get_search("smoke") is SEARCH["smoke"]
    assert [get_search(n) for n in (1, 5)] == [Search(1, 0, 32, 4), Search(5, 2, 32, 7)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"drawn": 0}, "drawn must be at least 1; got 0"),
        ({"further": -1}, "further must be at least 0; got -1"),
        ({"first": -1}, "first must be at least 0; got -1"),
        ({"cs": 0}, "cs must be at least 1; got 0"),
    ],
)
def test_a_search_out_of_range_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Search(**{"drawn": 2, "further": 1, "first": 8, "cs": 4} | wrong)
    with pytest.raises(TypeError, match="drawn must be a number; got 'many' of type str"):
        Search("many", 1, 8, 4)
