"""The search against one that carries nothing on, and what holds of every search."""

import copy
from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tests.helpers.raced import Reference
from tlteach.data import all_labels
from tlteach.experiment import Search
from tlteach.experiment.race import HIGHEST, LOWEST, Entrant, race
from tlteach.training import draw_configs

CPU = torch.device("cpu")
BASE = tlt.TrainConfig(updates=14, until="flat", batch_size=8, precision="fp32")
PLANS = [
    Search(3, 3, 3, 4),  # 3, 6, then one is left
    Search(5, 1, 2, 4),
    Search(1, 2, 4, 4),
    Search(2, 1, 0, 4),  # no race: all to their end
    Search(3, 1, 3, 4, variants=False),
    Search(3, 3, 3, 4, by="accuracy"),
]


def raced(net, few, name, base=BASE, search=PLANS[0], seed=1):
    regime = tlt.REGIMES[name] if isinstance(name, str) else name
    return race(net, few, regime, base, search, seed=seed, where=CPU)


@pytest.mark.parametrize("name", ["scratch", "fine_tune", "gradual", "lp_ft"])
@pytest.mark.parametrize("search", PLANS)
def test_it_chooses_what_trainings_begun_anew_each_time_choose(net, ten, name, search):
    won = raced(net, ten, name, search=search)
    config, score, end, took = Reference(net, ten, tlt.REGIMES[name], 1).race(BASE, search)
    assert won.config == config
    assert won.score == score
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
    others = 2 * search.variants  # the other statistics, the other augmentation
    assert len(entrants) == search.drawn + search.further + others
    assert won.updates == sum(entrant.pace.step for entrant in entrants)
    assert won.images == sum(entrant.pace.step for entrant in entrants) * 8
    assert all(entrant.pace.step <= entrant.pace.cap == 14 for entrant in entrants)


@pytest.mark.parametrize(
    "named",
    [
        {"augment": "flip_crop"},
        {"statistics": "move"},
        {"augment": "none", "statistics": "still"},
    ],
)
def test_what_is_named_is_not_searched(net, ten, named):
    base = replace(BASE, **named)
    won = raced(net, ten, "fine_tune", base=base)
    assert {name: getattr(won.config, name) for name in named} == named
    config, score, _, took = Reference(net, ten, tlt.REGIMES["fine_tune"], 1).race(base, PLANS[0])
    assert (won.config, won.score, won.updates) == (config, score, took)


@pytest.fixture
def to_the_end(monkeypatch):
    """What was trained to its end after the race: statistics, augmentation, whether it ended."""
    ends, run = [], Entrant.run

    def watched(self, goal):
        run(self, goal)
        if not goal:
            config = self.begun.config
            ends.append((config.statistics, config.augment, self.pace.over))

    monkeypatch.setattr(Entrant, "run", watched)
    return ends


@pytest.mark.parametrize(("name", "usual"), [("scratch", "move"), ("fine_tune", "still")])
def test_every_variant_of_the_task_is_compared_at_full_training(net, ten, name, usual, to_the_end):
    won = raced(net, replace(ten, mirrored=True), name)
    other = "still" if usual == "move" else "move"
    kept = won.config.statistics or usual
    assert to_the_end == [
        (usual, "shift", True),
        (other, "shift", True),
        (kept, "none", True),
        (kept, "flip_crop", True),
    ]


def without_norms(net):
    """The same network with nothing between a convolution and what follows it."""
    bare = copy.deepcopy(net)
    for stage in bare.net.modules():
        for name, layer in [*stage.named_children()]:
            if isinstance(layer, torch.nn.BatchNorm2d):
                setattr(stage, name, torch.nn.Identity())
    return bare


@pytest.mark.parametrize(
    ("name", "norms"), [("fine_tune_still", True), ("fine_tune_moving", True), ("scratch", False)]
)
def test_statistics_that_are_settled_or_missing_are_not_compared(net, ten, to_the_end, name, norms):
    start = net if norms else without_norms(net)
    won = raced(start, ten, name)
    assert [augment for _, augment, _ in to_the_end] == ["shift", "none"]
    assert won.config.statistics is None
    config, score, end, took = Reference(start, ten, tlt.REGIMES[name], 1).race(BASE, PLANS[0])
    assert (won.config, won.score, won.edge, won.updates) == (config, score, end, took)


def test_without_variants_nothing_is_trained_to_its_end(net, ten, to_the_end):
    won = raced(net, ten, "fine_tune", search=replace(PLANS[0], variants=False))
    assert to_the_end == []
    assert (won.config.statistics, won.config.augment) == (None, None)


@pytest.mark.parametrize(
    ("losses", "won", "tried"),
    [
        ((1.0, 0.9, 0.8), ("move", "none"), [None, "move", "move"]),
        ((1.0, 1.1, 0.8), (None, "none"), [None, "move", None]),
        ((1.0, 0.9, 0.9), ("move", None), [None, "move", "move"]),  # a tie keeps what was there
        ((1.0, 1.0, 1.0), (None, None), [None, "move", None]),
    ],
)
def test_the_better_variant_goes_on_and_a_tie_keeps_the_old_one(
    net, ten, monkeypatch, losses, won, tried
):
    seen, run = [], Entrant.run

    def told(self, goal):
        run(self, goal)
        if not goal:
            self.score = {"accuracy": 0.5, "log_loss": 9.0}
            self.softened = losses[len(seen)]
            seen.append(self.config.statistics)

    monkeypatch.setattr(Entrant, "run", told)
    found = raced(net, ten, "fine_tune")
    assert seen == tried
    assert (found.config.statistics, found.config.augment) == won


@pytest.mark.parametrize("first", [1, 4])
def test_nothing_is_dropped_before_something_has_begun_to_learn(net, ten, monkeypatch, first):
    heats, run = {}, Entrant.run

    def told(self, goal):
        run(self, goal)
        heats.setdefault(goal, []).append((self.learns, self.pace.over))

    monkeypatch.setattr(Entrant, "run", told)
    base = replace(BASE, updates=60)
    raced(net, ten, "scratch", base=base, search=Search(4, 0, first, 4, variants=False))
    fields = [len(entrants) for _, entrants in sorted(heats.items())]
    assert fields[-2:] == [4, 2]  # nobody was dropped in an earlier heat
    assert fields == sorted(fields, reverse=True)
    *idle, last, _ = [entrants for _, entrants in sorted(heats.items())]
    assert not any(learns for entrants in idle for learns, _ in entrants)
    assert any(learns for learns, _ in last)
    assert len(idle) >= 1


@pytest.mark.slow
def test_a_network_that_is_slow_to_begin_is_given_a_rate_at_which_it_learns():
    """Ranked by the log loss alone, amid training, the rates that do least won: 0.09 came out."""
    few = tlt.few_shot(tlt.load_task("emoji"), 5, seed=0)
    small = tlt.load_backbone("resnet8")
    base = tlt.TrainConfig(precision="fp32", augment="shift")
    plan = Search(4, 2, 32, 4, variants=False)
    won = raced(small, few, "scratch", base=base, search=plan, seed=0)
    run = tlt.train(small, all_labels(few), "scratch", won.config, seed=0)
    assert run.test(few)["accuracy"] > 2 / few.n_classes


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

    def remembered(self, net, few, regime, config, *args, **options):
        init(self, net, few, regime, config, *args, **options)
        rates.append(config.lr)

    monkeypatch.setattr(Entrant, "__init__", remembered)
    regime, base = (
        replace(tlt.REGIMES["fine_tune"], low=low, high=high),
        replace(BASE, augment="none", statistics="still"),
    )
    raced(net, ten, regime, base=base, search=Search(2, 5, 2, 4))
    assert len(set(rates)) == len(rates) == 7
    further = rates[2:]
    assert min(further) >= LOWEST
    assert max(further) <= max(HIGHEST, *rates[:2])


def test_with_no_validation_image_nothing_is_trained(net, ten):
    won = raced(net, all_labels(ten), "fine_tune")
    drawn = draw_configs(tlt.REGIMES["fine_tune"], BASE, 3, seed=1)
    middle = replace(BASE, lr=drawn[1].lr, weight_decay=drawn[1].weight_decay)
    assert won.config == middle
    assert (won.score, won.edge, won.updates, won.images) == ({}, 0, 0, 0)
