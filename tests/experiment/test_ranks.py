"""How settings are ranked: edges, ties, what diverged; and the budgets of a search."""

import itertools
import math
from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tlteach.experiment import SEARCH, Search, get_search
from tlteach.experiment.race import Entrant, edge

CPU = torch.device("cpu")
BASE = tlt.TrainConfig(updates=14, until="flat", batch_size=8, precision="fp32")
PLAN = Search(3, 3, 3, 4)


class Stand:
    def __init__(self, lr, loss, accuracy=0.5):
        self.config = tlt.TrainConfig(lr=lr)
        self.rank = PLAN.rank({"accuracy": accuracy, "log_loss": loss})


@pytest.mark.parametrize(
    ("stands", "end"),
    [
        ([Stand(0.2, 0.8), Stand(0.1, 0.9)], 1),
        ([Stand(0.2, 0.8), Stand(0.3, 0.9)], -1),
        ([Stand(0.2, 0.8), Stand(0.1, 0.9), Stand(0.3, 0.9)], 0),
        ([Stand(0.2, 0.8), Stand(0.1, 0.8), Stand(0.05, 0.9)], 0),  # the next one counts
        ([Stand(0.2, 0.8), Stand(0.1, 0.9), Stand(0.05, 0.8)], 1),
        ([Stand(0.2, 0.9, 0.6), Stand(0.1, 0.9)], 1),  # ties by accuracy
        ([Stand(0.2, 0.9), Stand(0.1, 0.9)], 0),
        ([Stand(0.2, 0.9), Stand(0.2, 0.9)], 0),  # the same rate
        ([Stand(0.2, 0.9)], 0),
    ],
)
def test_an_edge_is_an_end_that_beats_its_neighbour(stands, end):
    assert edge(stands[0], stands) == end


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_diverged_setting_never_wins_a_tie(net, ten, loss):
    for search in (PLAN, replace(PLAN, by="accuracy")):
        entrant = Entrant(net, ten, tlt.REGIMES["fine_tune"], BASE, search, seed=0, where=CPU)
        entrant.score, entrant.softened = {"accuracy": 0.1, "log_loss": loss}, loss
        assert entrant.rank < search.rank({"accuracy": 0.1, "log_loss": 1e300})


def test_the_lowest_loss_ranks_first_then_the_highest_accuracy_or_the_other_way_round():
    scores = [
        {"accuracy": accuracy, "log_loss": loss}
        for accuracy, loss in itertools.product((0.0, 0.4, 0.5), (0.1, 0.2, 9.0, math.nan))
    ]
    for one, other in itertools.product(scores, scores):
        lower = one["log_loss"] < other["log_loss"] or (
            math.isnan(other["log_loss"]) and not math.isnan(one["log_loss"])
        )
        alike = one["log_loss"] == other["log_loss"] or (
            math.isnan(one["log_loss"]) and math.isnan(other["log_loss"])
        )
        higher = one["accuracy"] > other["accuracy"]
        same = one["accuracy"] == other["accuracy"]
        usual, turned = PLAN, replace(PLAN, by="accuracy")
        assert (usual.rank(one) > usual.rank(other)) is (lower or (alike and higher))
        assert (turned.rank(one) > turned.rank(other)) is (higher or (same and lower))


def test_the_budgets_are_those_of_the_design():
    assert {name: tuple(vars(found).values()) for name, found in SEARCH.items()} == {
        "standard": (8, 4, 32, 16, True, True, "log_loss"),
        "quick": (4, 2, 32, 12, True, True, "log_loss"),
        "brief": (2, 1, 10, 8, False, True, "log_loss"),
        "smoke": (2, 1, 8, 4, False, True, "log_loss"),
    }
    own = Search(3, 0, 0, 1)
    assert get_search(own) is own
    assert get_search("smoke") is SEARCH["smoke"]
    assert [get_search(n) for n in (1, 5)] == [Search(1, 0, 32, 4), Search(5, 2, 32, 10)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"drawn": 0}, "drawn must be at least 1; got 0"),
        ({"further": -1}, "further must be at least 0; got -1"),
        ({"first": -1}, "first must be at least 0; got -1"),
        ({"cs": 0}, "cs must be at least 1; got 0"),
        ({"by": "luck"}, "by must be one of 'log_loss', 'accuracy'; got 'luck'"),
    ],
)
def test_a_search_out_of_range_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Search(**{"drawn": 2, "further": 1, "first": 8, "cs": 4} | wrong)
    with pytest.raises(TypeError, match="drawn must be a whole number; got 'many' of type str"):
        Search("many", 1, 8, 4)
