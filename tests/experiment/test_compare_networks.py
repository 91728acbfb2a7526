"""Which networks `compare` trains beside the one that is asked for, and in which order."""

import importlib

import pytest

import tlteach as tlt
from tests.helpers.compared import compare, of
from tlteach.models import ModelCard


@pytest.mark.parametrize("seed", [0, 3])
def test_frozen_random_shares_the_architecture_and_draws_weights_by_its_seed(digits, seed):
    """small_cnn of a seed is what frozen_random draws: as a backbone it must score the same."""
    asked = {"regimes": ["frozen"], "shots": [5], "seeds": [seed]}
    one = compare(digits, **asked)
    same = tlt.load_backbone("small_cnn", seed=seed)
    same.card = ModelCard("taught", source="somewhere")
    two = compare(digits, **asked, backbone=same, baselines=False)
    for split in ("test", "val", "search"):
        for metric in one[one["split"] == split]["metric"].unique():
            table = of(one, split, metric)
            if ("frozen_random", 5, seed) in table:
                assert of(two, split, metric)["frozen", 5, seed] == table["frozen_random", 5, seed]


def test_scratch_trains_a_small_network_where_the_backbone_is_large(digits):
    asked = {"backbone": "lite0", "regimes": ["scratch"], "shots": [2], "seeds": [0]}
    table = compare(digits, **asked, baselines=False)
    assert set(table["backbone"]) == {"small_cnn"}
    table = compare(digits, **asked, baselines=False, scratch_backbone="resnet8")
    assert set(table["backbone"]) == {"resnet8"}


def test_larger_networks_go_first_so_that_no_core_idles_at_the_end(digits, monkeypatch):
    module = importlib.import_module("tlteach.experiment.compare")  # the wing has the function
    sizes, run = [], module.run_sgd

    def watched(task, cell, *args):
        sizes.append(sum(p.numel() for p in cell.net.parameters()))
        return run(task, cell, *args)

    monkeypatch.setattr(module, "run_sgd", watched)
    compare(
        digits, backbone="small_cnn", scratch_backbone="resnet8", regimes=["scratch", "fine_tune"],
        shots=[1], seeds=range(3), baselines=False, n_jobs=1,
    )  # fmt: skip
    small, large = (
        sum(p.numel() for p in tlt.load_backbone(name).parameters())
        for name in ("resnet8", "small_cnn")
    )
    assert small < large
    assert sizes == [large, small, large, large, small, small]  # one of each, to know its seconds
