"""A range whose end is chosen is told: it may have hidden something better."""

from dataclasses import replace

import pytest

import tlteach as tlt
from tests.helpers.compared import compare, of
from tlteach.experiment import RangeEdgeWarning, Search


def one_sided(low, high):
    return replace(tlt.REGIMES["frozen"], low=low, high=high)


EDGE = {"baselines": False, "shots": [5], "seeds": range(3), "search": 3}


@pytest.mark.parametrize(("low", "high", "end"), [(1e-3, 1e-1, "highest"), (1e3, 1e7, "lowest")])
def test_a_range_whose_end_is_chosen_is_warned_about(digits, low, high, end):
    said = rf"frozen at 5 shots: in \d of 3 seeds it was still better at the {end} setting tried"
    with pytest.warns(RangeEdgeWarning, match=said):
        table = compare(digits, regimes=[one_sided(low, high)], **EDGE)
    assert len(table.attrs["edges"]) == 1


@pytest.mark.parametrize("name", ["scratch", "fine_tune"])
def test_a_hopeless_range_of_rates_is_extended_and_warned_about(digits, name):
    """All else is settled, and head and backbone share one rate: the rate alone is searched."""
    base = tlt.TrainConfig(
        updates=20, precision="fp32", augment="none", statistics="move", head_factor=1.0
    )
    low = replace(tlt.REGIMES[name], low=1e-6, high=2e-6)
    said = rf"{name} at 5 shots: in 3 of 3 seeds it was still better at the highest setting tried"
    with pytest.warns(RangeEdgeWarning, match=said):
        table = compare(
            digits, regimes=[low], shots=[5], seeds=range(3), search=Search(2, 3, 5, 4),
            config=base, baselines=False,
        )  # fmt: skip
    assert set(of(table, "search", "edge")) == {1}
    assert of(table, "search", "lr").min() > low.high
    assert len(table.attrs["edges"]) == 1


@pytest.mark.parametrize("mild", [{"search": Search(2, 1, 8, 1)}, {"seeds": range(2)}])
def test_too_few_settings_or_seeds_say_nothing_about_the_range(digits, mild):
    table = compare(digits, regimes=[one_sided(1e-3, 1e-1)], **EDGE | mild)
    assert table.attrs["edges"] == []


def test_a_range_with_its_best_inside_is_not_warned_about(digits):
    table = compare(digits, regimes=[one_sided(1e-8, 1e6)], **EDGE | {"search": 7})
    assert table.attrs["edges"] == []
