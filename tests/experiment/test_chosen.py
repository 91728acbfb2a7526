"""What a search chose, as numbers and back: nothing is lost on the way."""

from dataclasses import replace

import pytest

import tlteach as tlt
from tlteach.data.augment import POLICIES
from tlteach.experiment.chosen import config_of, numbers_of
from tlteach.training import draw_configs
from tlteach.training.regimes import settled

USED = tlt.TrainConfig(updates=9, until="flat", augment="shift")


def complete(regime, config):
    """With nothing left open, as `Run.config` holds it."""
    if regime.solver == "logistic":
        return config
    full = settled(regime, config)
    return replace(config, statistics=full.statistics, head_factor=full.head_factor)


@pytest.mark.parametrize("regime", tlt.REGIMES.values(), ids=list(tlt.REGIMES))
@pytest.mark.parametrize("augment", ["none", "shift", "flip_crop"])
def test_numbers_lead_back_to_the_setting(regime, augment):
    for drawn in draw_configs(regime, USED, 8, seed=2):
        used = complete(regime, drawn)
        if regime.solver == "sgd":
            used = replace(used, augment=augment)
        numbers = numbers_of(regime, used)
        assert all(isinstance(number, float) for number in numbers.values())
        assert replace(USED, **config_of(numbers)) == used


def test_the_numbers_are_places_and_those_of_the_regime_alone():
    used = replace(USED, lr=0.1, statistics="move", head_factor=10.0, augment="none", c=3.0)
    plain = {
        "lr": 0.1, "weight_decay": 0.0, "head_factor": 10.0, "statistics": 1.0, "augment": 0.0,
    }  # fmt: skip
    assert numbers_of(tlt.REGIMES["fine_tune"], used) == plain
    assert numbers_of(tlt.REGIMES["lp_ft"], used) == plain | {"c": 3.0}
    assert numbers_of(tlt.REGIMES["gradual"], used) == plain | {"thaw": 0.5}
    assert numbers_of(tlt.REGIMES["frozen"], used) == {"c": 3.0}
    still = numbers_of(tlt.REGIMES["scratch"], replace(used, statistics="still"))
    assert still["statistics"] == 0
    assert [*POLICIES][:2] == ["none", "shift"]  # a place must never move: files hold it


def test_an_augmentation_for_texts_is_no_place_among_those_of_images():
    used = replace(USED, statistics="move", head_factor=1.0, augment="words")
    numbers = numbers_of(tlt.REGIMES["scratch"], used)
    assert "augment" not in numbers
    assert config_of(numbers | {"edge": 1.0, "stage": 2.0}) == config_of(numbers)
