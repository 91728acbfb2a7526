"""`compare` with the regimes of adaptation: the same budget, what was chosen, the same runs."""

from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tlteach.data import all_labels
from tlteach.data.shift import shifted
from tlteach.experiment import get_search
from tlteach.training.settings import Knob

BASE = tlt.TrainConfig(updates=3, batch_size=8, precision="fp32")
BY_STEPS = ("bitfit", "l2_sp", "discriminative", "gradual", "one_stage")
SEARCHED = {
    "l2_sp": ("anchor", 1e-3, 1.0),
    "discriminative": ("decay", 0.3, 0.9),
    "gradual": ("thaw", 0.2, 0.8),
    "coral_blend": ("blend", 0.0, 1.0),
    "statistics_blend": ("blend", 0.5, 1.0),
}
BLENDED = [
    replace(tlt.REGIMES["coral"], name="coral_blend", knob=Knob("blend", 0.0, 1.0)),
    replace(tlt.REGIMES["bn_stats"], name="statistics_blend", knob=Knob("blend", 0.5, 1.0)),
]
REGIMES = [*BY_STEPS, "frozen", "bn_stats", "coral", *BLENDED]
SEEDS = (0, 1)


@pytest.fixture(scope="module")
def task(digits):
    return shifted(digits, "noise", 2)


def compare(task, **changes):
    asked = {
        "backbone": tlt.load_backbone("small_cnn", seed=7), "regimes": REGIMES, "shots": [5],
        "seeds": SEEDS, "search": "quick", "config": BASE, "baselines": False, "n_jobs": 1,
        "progress": False, "device": "cpu",
    }  # fmt: skip
    return tlt.compare(task, **asked | changes)


@pytest.fixture(scope="module")
def results(task):
    return compare(task)


def of(table, split, metric):
    rows = table[(table["split"] == split) & (table["metric"] == metric)]
    return rows.set_index(["regime", "seed"])["value"]


def test_every_regime_pays_for_the_same_search_knobs_included(results):
    for regime, rows in results.groupby("regime"):
        quick = get_search("quick")  # and other statistics and augmentation, and the last one
        trainings = quick.drawn + quick.further + 2 + 1
        steps = trainings * BASE.updates if regime in BY_STEPS else 0
        assert set(rows["updates"]) == {steps}
        assert len(of(rows, "test", "accuracy")) == len(SEEDS)


def test_the_chosen_knob_stands_among_what_was_searched(results):
    for regime, (knob, low, high) in SEARCHED.items():
        values = of(results, "search", knob)
        assert set(values.index.get_level_values("regime")) >= {regime}
        assert values[regime].between(low, high).all()
    search = results[results["split"] == "search"]
    names = search.groupby("regime")["metric"].agg(set)
    common = {"lr", "weight_decay", "head_factor", "statistics", "augment", "edge"}
    assert names["bitfit"] == common
    assert names["one_stage"] == common | {"c", "stage"}
    assert names["gradual"] == common | {"thaw"}
    assert names["bn_stats"] == names["coral"] == names["frozen"] == {"c", "edge"}
    assert names["coral_blend"] == {"c", "blend", "edge"}


def test_each_row_is_that_of_a_run_with_what_was_chosen(task, results):
    net = tlt.load_backbone("small_cnn", seed=7)
    few = tlt.few_shot(task, 5, seed=1)
    for regime in [tlt.REGIMES.get(name, name) for name in REGIMES]:
        chosen = {
            metric: of(results, "search", metric)[regime.name, 1]
            for metric in (
                "lr", "weight_decay", "c", "anchor", "decay", "thaw", "blend",
                "head_factor", "statistics", "augment",
            )
            if (regime.name, 1) in of(results, "search", metric)
        }  # fmt: skip
        if "lr" in chosen:
            chosen["statistics"] = ("still", "move")[int(chosen["statistics"])]
            chosen["augment"] = ("none", "shift")[int(chosen["augment"])]
        config = replace(BASE, until="flat", **chosen)
        run = tlt.train(net, all_labels(few), regime, config, seed=1, device="cpu")
        exact = 0 if regime.solver == "sgd" else 4e-3  # solved in another batch
        mine = of(results, "test", "accuracy")[regime.name, 1]
        assert abs(run.test(few)["accuracy"] - mine) <= exact
        if run.stage:
            index = of(results, "search", "stage")[regime.name, 1]
            assert list(net.stages)[int(index)] == run.stage


def test_adapting_changes_the_answer_and_validation_sees_the_source_alone(task, results):
    log_loss = of(results, "test", "log_loss")
    for name in ("bn_stats", "coral"):
        assert not log_loss[name].equals(log_loss["frozen"])
    turned = replace(task.test, labels=(task.test.labels + 1) % 10)
    other = compare(replace(task, test=turned), regimes=["bn_stats", "coral"])
    for split, metric in (("search", "c"), ("val", "log_loss")):
        ours = of(results, split, metric).loc[["bn_stats", "coral"]]
        assert ours.equals(of(other, split, metric))


def test_the_same_call_gives_the_same_bits(task, results):
    again = compare(task, regimes=["gradual", "one_stage", *BLENDED])
    for name in again["regime"].unique():
        first, second = (t[t["regime"] == name]["value"].tolist() for t in (results, again))
        assert first == second


def test_without_images_to_adapt_to_nothing_runs(task, tmp_path):
    alone = replace(task, pool=task.pool.select(torch.arange(0)))
    out = tmp_path / "sweep.parquet"
    with pytest.raises(ValueError, match="is tested on noise 2 and holds no other image of it"):
        compare(alone, regimes=["frozen", "bn_stats"], out=out)
    assert list(tmp_path.iterdir()) == []
