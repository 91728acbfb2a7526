"""`rerun` does one run of a comparison again: the same answers, from what the table tells."""

import warnings

import pytest

import tlteach as tlt
from tests.helpers.compared import compare, taught
from tlteach.experiment import RangeEdgeWarning, Search, rerun
from tlteach.measures import unpack

REGIMES = ("scratch", "fine_tune", "lp_ft", "gradual", "frozen")
RANDOM = "frozen_random"


@pytest.fixture(scope="module")
def results(digits):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RangeEdgeWarning)
        return compare(
            digits, regimes=REGIMES, shots=(5,), seeds=(0, 1), search=Search(3, 1, 5, 4), n_jobs=1,
            config=tlt.TrainConfig(updates=30, batch_size=8, precision="fp32"),
        )  # fmt: skip


def on_test(results, regime, seed, metric="accuracy"):
    rows = results[(results["regime"] == regime) & (results["seed"] == seed)]
    return rows[(rows["split"] == "test") & (rows["metric"] == metric)].iloc[0]


@pytest.mark.parametrize("regime", [*REGIMES, RANDOM])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_gives_the_row_again(digits, results, regime, seed):
    run = rerun(results, digits, regime, shots=5, seed=seed, backbone=taught(), device="cpu")
    (scores,) = run.test_scores
    row = on_test(results, regime, seed)
    right = unpack(row["right"], len(digits.test))
    again = (run.predictions["test"].argmax(1) == digits.test.labels).numpy()
    loss = on_test(results, regime, seed, "log_loss")["value"]
    if run.regime.solver == "sgd":
        assert scores["accuracy"] == row["value"]
        assert scores["log_loss"] == loss
        assert (again == right).all()
    else:  # solved for this C alone, not by way of others
        assert scores["accuracy"] == pytest.approx(row["value"], abs=5e-3)
        assert scores["log_loss"] == pytest.approx(loss, rel=5e-3)
        assert (again == right).mean() > 0.99


def test_frozen_random_draws_the_network_of_the_seed(digits, results):
    for seed in (0, 1):
        run = rerun(results, digits, RANDOM, shots=5, seed=seed, backbone=taught(), device="cpu")
        assert run.before == run.after == tlt.load_backbone("small_cnn", seed=seed).fingerprint()
    plain = rerun(results, digits, "frozen", shots=5, seed=1, backbone=taught(), device="cpu")
    assert plain.before == taught().fingerprint()


def test_frozen_random_of_a_network_with_a_name_needs_no_network(digits):
    table = compare(
        digits, backbone="small:glyphs", regimes=["frozen"], shots=[2], seeds=[0],
        baselines=[RANDOM],
    )  # fmt: skip
    named = rerun(table, digits, RANDOM, shots=2, seed=0, device="cpu")
    given = rerun(table, digits, RANDOM, shots=2, seed=0, backbone="small:glyphs", device="cpu")
    assert named.test_scores == given.test_scores
    value = on_test(table, RANDOM, 0, "log_loss")["value"]
    assert named.test_scores[0]["log_loss"] == pytest.approx(value, rel=5e-3)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"regime": "thawed"}, "regime must be one of .*; got 'thawed'"),
        ({"regime": "majority"}, "regime must be one of .*; got 'majority'"),
        ({"shots": 4}, "shots must be one of 5; got 4"),
        ({"seed": 7}, "seed must be one of 0, 1; got 7"),
        ({"backbone": tlt.load_backbone("resnet8")}, "backbone must be one of .*; got 'resnet8'"),
        ({"backbone": None}, "other weights .* than load_backbone by that name has; pass"),
    ],
)
def test_wrong_requests_are_refused(digits, results, asked, message):
    with pytest.raises(ValueError, match=message):
        rerun(results, digits, **{"regime": "fine_tune", "shots": 5, "seed": 0} | asked)
