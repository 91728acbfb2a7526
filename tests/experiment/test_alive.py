"""A training that dies goes again at half the rate, in every way that trains on all labels."""

from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tlteach.data import all_labels
from tlteach.experiment import alive, kept, searched
from tlteach.experiment.alive import HALVINGS, learnt, train_alive

DEADLY = 8.0


@pytest.fixture(scope="module")
def few():
    return tlt.few_shot(tlt.load_task("digits"), 5, seed=0)


@pytest.fixture(scope="module")
def plan():
    return tlt.TrainConfig(updates=60, lr=DEADLY, statistics="move", precision="fp32")


def test_it_halves_until_the_network_learns_and_no_further(few, plan):
    net, whole = tlt.load_backbone("small_cnn"), all_labels(few)
    runs = train_alive(net, whole, "scratch", plan, learns=True, seed=0)
    assert [run.config.lr for run in runs] == [DEADLY / 2**n for n in range(len(runs))]
    assert not any(learnt(run, few.n_classes) for run in runs[:-1])
    assert 1 < len(runs) <= HALVINGS + 1
    assert learnt(runs[-1], few.n_classes) or len(runs) == HALVINGS + 1
    (one,) = train_alive(net, whole, "scratch", plan, learns=False, seed=0)
    assert one.predictions["train"].equal(runs[0].predictions["train"])


def test_what_takes_no_gradient_step_is_trained_once(few):
    net = tlt.load_backbone("small_cnn")
    (one,) = train_alive(net, all_labels(few), "frozen", tlt.TrainConfig(), learns=True, seed=0)
    assert torch.isfinite(one.predictions["train"]).all()


@pytest.mark.parametrize("learns", [True, False])
def test_the_search_by_hand_tells_whether_it_had_learnt(few, plan, monkeypatch, learns):
    monkeypatch.setattr(searched, "learnt", lambda run, n_classes: learns)
    narrow = replace(tlt.REGIMES["scratch"], low=DEADLY, high=1.01 * DEADLY)
    net = tlt.load_backbone("small_cnn")
    run = searched.train_searched(net, few, narrow, plan, search=1, seed=0)
    assert (run.config.lr < DEADLY) == learns


@pytest.mark.parametrize("learns", [True, False])
def test_a_model_to_keep_goes_again_too(few, monkeypatch, learns):
    """Whatever the rate: the first training is told to have died, or to have learnt."""
    results = tlt.compare(
        tlt.load_task("digits"), backbone="small_cnn", regimes=["scratch"], shots=[5],
        seeds=range(2), search="smoke", baselines=False, progress=False,
    )  # fmt: skip
    told = iter([True, not learns, True])  # on train alone, on all labels, and once more
    for module in (kept, alive):
        monkeypatch.setattr(module, "learnt", lambda run, n_classes: next(told))
    once = tlt.train_best(results, few, seed=0).training["config"]["lr"]
    chosen = results[(results["metric"] == "lr")].set_index("seed")["value"]
    assert once in [rate / (2 if learns else 1) for rate in chosen]
