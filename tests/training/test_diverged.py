"""What is no number is called that: a training says where it diverged, and no metric counts it."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import tlteach as tlt
from tlteach.experiment import train_searched
from tlteach.experiment.search import get_search
from tlteach.measures import METRICS, calibrate, ece_floor, reliability_table
from tlteach.measures.metrics import confusion_table, per_class_accuracy
from tlteach.models.statefile import put
from tlteach.training import DivergedWarning, LiveTraining

DEADLY = tlt.TrainConfig(lr=1e30, updates=4)
NAN = torch.full((4, 2), math.nan)
LABELS = torch.tensor([0, 1, 1, 0])


@pytest.fixture(scope="module")
def few():
    return tlt.few_shot(tlt.load_task("digits"), 5, seed=0)


@pytest.fixture(scope="module")
def net():
    return tlt.load_backbone("small_cnn")


@pytest.mark.parametrize(
    "measure",
    [
        *METRICS.values(),
        calibrate,
        reliability_table,
        lambda logits, labels: confusion_table(logits, labels, ["a", "b"]),
        lambda logits, labels: per_class_accuracy(logits, labels, ["a", "b"]),
        lambda logits, labels: ece_floor(logits, seed=0),
    ],
)
def test_metrics_refuse_what_is_no_answer(measure):
    good = torch.tensor([[0.0, 1.0], [2.0, 0.0], [0.0, 1.0], [1.0, -math.inf]])
    measure(good, LABELS)  # minus infinity rules a class out, which is an answer
    for bad in (math.nan, math.inf):
        logits = good.clone()
        logits[2, 1] = bad
        with pytest.raises(ValueError, match=r"got NaN or infinity in 1 of 4 rows.* at row 2"):
            measure(logits, LABELS)
    with pytest.raises(ValueError, match="in 4 of 4 rows"):
        measure(NAN, LABELS)


def test_a_training_says_where_it_diverged_and_is_not_tested(few, net):
    with pytest.warns(
        DivergedWarning, match=r"'scratch' diverged at update 2; try a lower .*1e\+30"
    ):
        run = tlt.train(net, few, "scratch", DEADLY, seed=0)
    assert run.diverged == 2
    with pytest.raises(ValueError, match=r"diverged at update 2.* no answers to test"):
        run.test(few)
    assert run.test_scores == []
    assert "at update 2" in run._repr_html_()


def test_weights_that_break_in_the_last_update_count_too(few, net):
    with pytest.warns(DivergedWarning, match="diverged at update 1"):
        tlt.train(net, few, "scratch", replace(DEADLY, updates=1), seed=0)


@pytest.mark.parametrize("regime", ["scratch", "fine_tune", "frozen"])
def test_what_learns_says_nothing(few, net, regime):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = tlt.train(net, few, regime, replace(DEADLY, lr=0.05), seed=0)
    assert run.diverged is None


def test_what_is_measured_after_it_is_no_number(few, net):
    with pytest.warns(DivergedWarning):
        run = tlt.train(net, few, "scratch", replace(DEADLY, measure_every=1), seed=0)
    measured = run.history[run.history["metric"] == "accuracy"]
    assert len(measured) == 8
    assert measured["value"].isna().all()


def test_a_live_training_tells_it_too(few, net):
    live = LiveTraining(net, few, "scratch", DEADLY, seed=0)
    live.start()
    assert live.result().diverged == 2


def deadly(name="scratch"):
    return replace(tlt.REGIMES[name], low=1e20, high=1e21)


def test_compare_marks_the_runs_and_verdicts_leave_them_out(few, net, tmp_path):
    asked = {
        "backbone": net, "regimes": [deadly(), "frozen"], "shots": [2], "seeds": range(2),
        "search": "smoke", "baselines": False, "progress": False, "n_jobs": 1,
        "out": tmp_path / "a.parquet",
    }  # fmt: skip
    task = tlt.load_task("digits")
    told = r"scratch at 2 shots diverged in 2 runs \(seed 0 at update \d+, seed 1 at update \d+\)"
    with pytest.warns(DivergedWarning, match=told):
        results = tlt.compare(task, **asked)
    lost = results[results["regime"] == "scratch"]
    tested = lost[lost["split"] == "test"]
    assert tested["value"].isna().all()
    assert tested["right"].isna().all()
    assert (lost[lost["metric"] == "diverged"]["value"] >= 1).all()
    assert np.isfinite(results[results["regime"] == "frozen"]["value"]).all()
    said = tlt.verdict(results, "frozen", "scratch")
    assert (said.n, said.word) == (0, "")
    assert "scratch diverged in 2 of 2 runs, left out" in said.note
    with pytest.warns(DivergedWarning, match=told):  # rows read again say so again
        again = tlt.compare(task, **asked)
    assert again.attrs["diverged"] == results.attrs["diverged"]


def test_a_search_by_hand_and_a_model_to_keep_tell_it(few, net):
    with pytest.warns(DivergedWarning, match="scratch"):
        run = train_searched(net, few, deadly(), replace(DEADLY, updates=3), search=1, seed=0)
    assert run.diverged is not None
    task = tlt.load_task("digits")
    with pytest.warns(DivergedWarning):
        results = tlt.compare(
            task, backbone=net, regimes=[deadly()], shots=[2], seeds=[0], search="smoke",
            baselines=False, progress=False, n_jobs=1,
        )  # fmt: skip
    with pytest.raises(ValueError, match="no model to keep: the run of 'scratch' diverged at"):
        tlt.train_best(results, few, backbone=net, regime="scratch")


def test_a_search_takes_what_learns_however_the_others_end():
    search = get_search("smoke")
    good = search.rank({"accuracy": 0.1, "log_loss": 9.0})
    for by in ("log_loss", "accuracy"):
        search = replace(search, by=by)
        good = search.rank({"accuracy": 0.1, "log_loss": 9.0})
        assert good > search.rank({"accuracy": math.nan, "log_loss": math.nan})


def broken(net):
    """A network of which one weight is NaN."""
    bad = tlt.load_backbone("small_cnn", seed=3)
    with torch.no_grad():
        next(bad.net.parameters()).view(-1)[0] = math.nan
    return bad


def test_weights_that_are_no_numbers_are_refused(net, tmp_path):
    bad = broken(net).net.state_dict()
    with pytest.raises(
        ValueError, match=r"my.pth is refused: 1 of its \d+ tensors hold NaN.*first"
    ):
        put(net.net, bad, "my.pth")
    from torchvision.models import resnet18

    state = resnet18(weights=None).state_dict()
    state["layer1.0.conv1.weight"][0, 0, 0, 0] = math.inf
    save_file({k: v.contiguous() for k, v in state.items()}, tmp_path / "mine.safetensors")
    with pytest.raises(ValueError, match=r"mine.safetensors is refused.*layer1.0.conv1.weight"):
        tlt.load_backbone("resnet18", weights=tmp_path / "mine.safetensors")


@pytest.mark.parametrize("cached", [True, False])
def test_features_and_predictions_are_checked(few, net, cached, tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    with pytest.raises(ValueError, match="features of 'small_cnn' must be finite; got"):
        tlt.extract_features(broken(net), few.train.inputs, cached=cached)
    assert not list(tmp_path.rglob("*.safetensors"))
