"""What a search draws: its budget in even parts, uniform on its scale, by the seed alone."""

import math
from collections import Counter
from dataclasses import replace

import pytest

import tlteach as tlt
from tlteach.training import (
    TrainConfig,
    draw_configs,
)
from tlteach.training.regimes import FROZEN
from tlteach.training.settings import Knob

BASE = TrainConfig()
KNOBBED = ["l2_sp", "discriminative", "gradual"]
SGD = [name for name, regime in tlt.REGIMES.items() if regime.solver == "sgd"]


@pytest.mark.parametrize("budget", [1, 2, 4, 8])
@pytest.mark.parametrize("seed", range(3))
def test_scratch_and_fine_tune_try_the_same_settings(budget, seed):
    drawn = [
        draw_configs(tlt.REGIMES[n], BASE, budget, seed=seed) for n in ("scratch", "fine_tune")
    ]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("name", ["scratch", "fine_tune", "lp_ft", "fine_tune_moving"])
@pytest.mark.parametrize("budget", [1, 2, 3, 4, 8])
def test_head_factors_left_open_are_dealt_out_evenly(name, budget):
    regime = tlt.REGIMES[name]
    factors = [1.0, 10.0] if regime.head_factor is None else [None]
    lowest = set()
    for seed in range(12):
        configs = draw_configs(regime, BASE, budget, seed=seed)
        dealt = Counter(config.head_factor for config in configs)
        assert set(dealt) <= set(factors)
        counts = [dealt[factor] for factor in factors]
        assert max(counts) - min(counts) == (budget % 2 if len(factors) == 2 else 0)
        lowest.add(configs[0].head_factor)
    assert lowest == set(factors)  # they do not follow the learning rate


@pytest.mark.parametrize("name", SGD)
def test_statistics_and_augmentation_are_compared_later_and_not_drawn(name):
    for config in draw_configs(tlt.REGIMES[name], BASE, 8, seed=0):
        assert (config.statistics, config.augment) == (None, None)


def test_what_the_base_settles_is_not_drawn():
    base = TrainConfig(statistics="move", head_factor=3.0)
    for seed in range(5):
        for config in draw_configs(tlt.REGIMES["fine_tune"], base, 4, seed=seed):
            assert (config.statistics, config.head_factor) == ("move", 3.0)


@pytest.mark.parametrize("regime", tlt.REGIMES.values(), ids=list(tlt.REGIMES))
@pytest.mark.parametrize("budget", [1, 2, 4, 8])
def test_a_search_spends_its_budget_one_draw_in_each_part_of_the_log_range(regime, budget):
    configs = draw_configs(regime, BASE, budget, seed=3)
    values = [getattr(config, regime.searched) for config in configs]
    width = math.log(regime.high / regime.low) / budget
    parts = [math.floor(math.log(value / regime.low) / width) for value in values]
    assert parts == list(range(budget))


def test_draws_are_uniform_on_the_log_scale():
    regime = tlt.REGIMES["fine_tune"]
    drawn = [draw_configs(regime, BASE, 1, seed=seed)[0].lr for seed in range(2000)]
    places = [math.log(lr / regime.low) / math.log(regime.high / regime.low) for lr in drawn]
    assert sum(places) / len(places) == pytest.approx(0.5, abs=4 / math.sqrt(12 * len(places)))
    middle = math.sqrt(regime.low * regime.high)  # an arithmetic scale puts 11 % below it
    assert sum(lr < middle for lr in drawn) / len(drawn) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", SGD)
def test_the_seed_alone_decides_the_draws(name):
    regime = tlt.REGIMES[name]
    assert draw_configs(regime, BASE, 4, seed=1) == draw_configs(regime, BASE, 4, seed=1)
    assert draw_configs(regime, BASE, 4, seed=1) != draw_configs(regime, BASE, 4, seed=2)


def test_c_is_the_same_for_all_seeds_so_that_they_are_solved_together():
    frozen = tlt.REGIMES["frozen"]
    drawn = [draw_configs(frozen, BASE, 12, seed=seed) for seed in (1, 2)]
    assert drawn[0] == drawn[1]
    assert [c.c for c in drawn[0]] == pytest.approx([10 ** (i - 7.5) for i in range(12)])


def place(knob, value):
    """Where a value lies in a knob's range: 0 at its lower end, 1 at its upper."""
    if knob.log:
        return math.log(value / knob.low) / math.log(knob.high / knob.low)
    return (value - knob.low) / (knob.high - knob.low)


def drawn_places(regime, budget, seed):
    configs = draw_configs(regime, BASE, budget, seed=seed)
    return [place(regime.knob, getattr(config, regime.knob.name)) for config in configs]


@pytest.mark.parametrize("name", KNOBBED)
@pytest.mark.parametrize("budget", [1, 2, 4, 8])
def test_a_knob_too_is_drawn_once_in_each_part_of_its_range(name, budget):
    orders = set()
    for seed in range(12):
        places = drawn_places(tlt.REGIMES[name], budget, seed)
        orders.add(tuple(math.floor(budget * place) for place in places))
        assert all(sorted(order) == list(range(budget)) for order in orders)
    assert budget < 4 or len(orders) > 6  # the knob does not follow the learning rate


@pytest.mark.parametrize("name", KNOBBED)
def test_knobs_are_drawn_uniformly_and_leave_the_rest_as_without_them(name):
    regime = tlt.REGIMES[name]
    places = [drawn_places(regime, 1, seed)[0] for seed in range(1000)]
    assert sum(places) / len(places) == pytest.approx(0.5, abs=4 / math.sqrt(12 * len(places)))
    configs = draw_configs(regime, BASE, 8, seed=3)
    plain = draw_configs(tlt.REGIMES["fine_tune"], BASE, 8, seed=3)
    name = regime.knob.name
    assert [replace(c, **{name: getattr(BASE, name)}) for c in configs] == plain


def test_a_logistic_knob_is_the_same_for_all_seeds_and_in_the_middle_of_its_parts():
    regime = replace(tlt.REGIMES["coral"], knob=Knob("blend", 0.5, 1.0))
    first, second = (draw_configs(regime, BASE, 4, seed=seed) for seed in (1, 2))
    assert first == second
    blends = [config.blend for config in first]
    assert sorted(blends) == pytest.approx([0.5625, 0.6875, 0.8125, 0.9375])
    assert blends != sorted(blends)


def test_weight_decay_comes_from_the_regime_and_the_rest_from_the_base():
    regime, base = tlt.REGIMES["fine_tune"], TrainConfig(batch_size=7, updates=3, c=5.0)
    configs = [c for seed in range(9) for c in draw_configs(regime, base, 4, seed=seed)]
    assert {config.weight_decay for config in configs} == set(regime.weight_decays)
    assert {config.head_factor for config in configs} == {1.0, 10.0}
    plain = {replace(config, lr=base.lr, weight_decay=0.0, head_factor=None) for config in configs}
    assert plain == {base}


def test_lp_ft_also_draws_the_first_heads_c():
    configs = [c for s in range(9) for c in draw_configs(tlt.REGIMES["lp_ft"], BASE, 4, seed=s)]
    assert all(FROZEN.low <= config.c <= FROZEN.high for config in configs)
    assert len({config.c for config in configs}) == len(configs)


def test_a_budget_below_one_is_refused():
    with pytest.raises(ValueError, match="budget must be at least 1; got 0"):
        draw_configs(tlt.REGIMES["scratch"], BASE, 0, seed=0)
