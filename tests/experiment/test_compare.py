"""`compare` is fair: same splits, same budget, test once, baselines beside, nothing hidden."""

import copy
from dataclasses import replace

import pandas as pd
import pytest
import torch

import tlteach as tlt
from tests.helpers.compared import (
    BASE,
    BASELINES,
    REGIMES,
    SEEDS,
    SHOTS,
    compare,
    of,
    taught,
    without,
)
from tlteach.experiment import COLUMNS, Search, get_search
from tlteach.models import extract_features


@pytest.fixture(scope="module")
def results(digits):
    return compare(digits)


def test_the_table_has_the_columns_of_the_design(results):
    assert list(results.columns) == COLUMNS
    assert results["value"].notna().all()
    assert results[results["split"] == "test"]["metric"].nunique() == 5


def test_every_regime_and_baseline_has_the_same_shots_and_seeds(results):
    tested = of(results, "test", "accuracy")
    names = sorted({*REGIMES, *BASELINES})
    assert sorted(tested.index) == [(n, k, s) for n in names for k in SHOTS for s in SEEDS]


def test_the_test_split_is_used_once_per_run(results):
    rows = results[results["split"] == "test"]
    assert rows.groupby(["regime", "shots", "seed", "metric"]).size().eq(1).all()


def updates_of(search):
    """Settings drawn, tried beside the best, the other variants, and the final training.

    Each takes all three updates: the race drops none before them.
    """
    others = 2 * search.variants  # statistics and augmentation
    return (search.drawn + search.further + others + 1) * BASE.updates


def test_every_regime_pays_for_the_same_search(results):
    rows = results[~results["regime"].isin(["majority"])]
    for regime, found in rows.groupby("regime"):
        by_steps = regime not in ("frozen", "raw_pixels", "frozen_random")
        steps = updates_of(get_search("smoke")) if by_steps else 0
        assert set(found["updates"]) == {steps}
        assert (found["split"] == "search").any()


@pytest.mark.parametrize("search", [1, 3])
def test_a_budget_may_be_a_number(digits, search):
    table = compare(digits, regimes=["fine_tune"], search=search, baselines=False, shots=[2])
    assert set(table["updates"]) == {updates_of(Search(search, search // 2, 32, 4))}


def test_scratch_and_fine_tune_differ_in_their_start_alone(results):
    told = copy.deepcopy([*results.attrs["provenance"]["configs"].values()])
    scratch, tuned = (t for name in ("scratch", "fine_tune") for t in told if t["label"] == name)
    for settings in (scratch, tuned):
        start = settings["regime"].pop("name"), settings["regime"].pop("pretrained")
        assert start == (settings.pop("label"), settings is tuned)
    assert scratch == tuned  # base, search and network
    rows = results[results["regime"].isin(["scratch", "fine_tune"])]
    assert rows.groupby(["shots", "seed"])[["updates", "images"]].nunique().eq(1).all(axis=None)


def test_every_gradient_regime_has_the_same_cap_and_tells_whether_it_was_flat(digits):
    """Twenty updates are too few for any; a thousand learn ten images by heart."""
    names = [n for n, r in tlt.REGIMES.items() if r.solver == "sgd" and n != "lora"]
    asked = {"regimes": names, "shots": [1], "seeds": [0], "baselines": False}
    short = compare(digits, **asked, config=replace(BASE, updates=20))
    assert set(short["updates"]) == {20}  # one shot: no search
    flat = of(short, "model", "converged")
    assert {name for name, _, _ in flat.index} == set(names)
    assert set(flat) == {0}
    own = of(short, "model", "own_recipe")
    assert {name for name, _, _ in own.index} == {"lp_ft", "one_stage"}
    long = compare(
        digits, **asked | {"regimes": ["scratch", "fine_tune"]},
        config=replace(BASE, updates=None, augment="none"),
    )  # fmt: skip
    assert set(of(long, "model", "converged")) == {1}
    assert long["updates"].max() < 1000


def test_what_a_paper_prescribes_is_told(results, digits):
    (told,) = results.attrs["prescribed"]
    assert told.startswith("lp_ft has one low rate for head and backbone")
    plain = compare(digits, regimes=["fine_tune"], shots=[1], seeds=[0], baselines=False)
    assert plain.attrs["prescribed"] == []


def chosen(table, *run):
    """What the rows of split "search" tell of a run, as settings."""
    found = {
        metric: of(table, "search", metric)[run]
        for metric in ("lr", "weight_decay", "c", "head_factor", "statistics", "augment")
        if run in of(table, "search", metric)
    }
    if "lr" in found:
        found["statistics"] = ("still", "move")[int(found["statistics"])]
        found["augment"] = ("none", "shift")[int(found["augment"])]
    return found


def test_all_regimes_see_the_same_images_nested_in_shots(digits, results):
    """Each regime's test results are those of a run on exactly `few_shot`'s labelled images."""
    for shots in SHOTS:
        few = tlt.few_shot(digits, shots, seed=1)
        every = replace(few, train=few.labelled, val=few.val.select(torch.arange(0)))
        for name in ("scratch", "fine_tune", "lp_ft", "bn_only", "frozen"):
            config = replace(BASE, until="flat", **chosen(results, name, shots, 1))
            run = tlt.train(taught(), every, name, config, seed=1, device="cpu")
            exact = 0 if name != "frozen" else 5e-3  # solved for this C alone
            mine = of(results, "test", "log_loss")[name, shots, 1]
            assert run.test(few)["log_loss"] == pytest.approx(mine, rel=exact, abs=0)
    images = [set(tlt.few_shot(digits, k, seed=1).labelled.index.tolist()) for k in SHOTS]
    assert images[0] < images[1]


def test_nothing_is_chosen_on_the_test_split(digits, results):
    turned = replace(digits.test, labels=(digits.test.labels + 1) % 10)
    other = compare(replace(digits, test=turned))
    tested = results["split"] == "test"
    pd.testing.assert_frame_equal(
        without(results[~tested], "config"), without(other[~tested], "config"), check_exact=True
    )
    assert not of(results, "test", "accuracy").equals(of(other, "test", "accuracy"))


def test_baselines_are_what_they_say(digits, results):
    rows = results.drop_duplicates("regime").set_index("regime")
    assert rows.loc["frozen", ["backbone", "source"]].tolist() == ["taught", "somewhere"]
    assert rows.loc["frozen_random", ["backbone", "source"]].tolist() == ["taught-random", "none"]
    assert rows.loc["small_cnn", ["backbone", "source"]].tolist() == ["small_cnn", "none"]
    assert rows.loc["raw_pixels", ["backbone", "source"]].tolist() == ["none", "none"]
    assert set(of(results, "test", "accuracy")["majority"]) == {
        (digits.test.labels == 0).double().mean().item()
    }
    random = of(results, "model", "parameters_trained")["frozen_random", 5, 0]
    assert random == of(results, "model", "parameters_trained")["frozen", 5, 0] == 970
    assert not of(results, "test", "log_loss")["frozen"].equals(
        of(results, "test", "log_loss")["frozen_random"]
    )
    bare = compare(digits, regimes=["frozen"], shots=[2], baselines=False)
    assert set(bare["regime"]) == {"frozen"}


def test_every_seed_draws_a_random_network_of_its_own(digits, results, monkeypatch):
    drawn = []

    def remembered(net, images, **options):
        drawn.append(net.fingerprint())
        return extract_features(net, images, **options)

    monkeypatch.setattr("tlteach.experiment.features.extract_features", remembered)
    asked = {"regimes": ["frozen"], "baselines": ["frozen_random"]}
    again = compare(digits, **asked)
    expected = [tlt.load_backbone("small_cnn", seed=seed).fingerprint() for seed in SEEDS]
    assert len(set(expected)) == len(SEEDS)
    assert set(drawn) == {*expected, taught().fingerprint()}
    for shots in SHOTS:
        for seed in SEEDS:
            run = "frozen_random", shots, seed
            assert of(again, "test", "log_loss")[run] == of(results, "test", "log_loss")[run]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_seed_decides_every_bit_however_many_run_side_by_side(digits, results, n_jobs):
    again = compare(digits, n_jobs=n_jobs)
    pd.testing.assert_frame_equal(without(again), without(results), check_exact=True)


def test_other_seeds_give_other_results(results):
    pairs = of(results, "test", "log_loss").unstack("seed")
    same = pairs[pairs[0] == pairs[1]]
    assert set(same.index.get_level_values("regime")) == {"majority"}


def test_a_seed_gives_the_same_whoever_stands_beside_it(digits, results):
    alone = compare(digits, seeds=[1], shots=[5], regimes=["fine_tune", "frozen"])
    beside = of(results, "test", "log_loss")
    for (name, shots, seed), value in of(alone, "test", "log_loss").items():
        exact = 5e-3 if name in ("frozen", "raw_pixels", "frozen_random") else 0
        assert value == pytest.approx(beside[name, shots, seed], rel=exact, abs=0)


def test_the_provenance_tells_how_to_do_it_again(digits, results):
    told = results.attrs["provenance"]
    parts = {"task", "versions", "machine", "overlap", "date", "command", "configs"}
    assert set(told) == parts
    assert told["task"]["fingerprint"] == digits.fingerprint
    assert set(told["machine"]) == {"processor", "cores", "device"}
    assert set(told["configs"]) == set(results["config"])
    labels = {told["configs"][row.config]["label"] == row.regime for row in results.itertuples()}
    assert labels == {True}
    assert "/" not in told["command"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"regimes": ["thawed"]}, r"regime must be one of 'scratch', .*; got 'thawed'"),
        (
            {"shots": [2, 500]},
            r"shots must be between 1 and \d+ \(class .* training images\); got 500",
        ),
        ({"shots": []}, "shots must hold at least one value; got none"),
        ({"seeds": []}, "seeds must hold at least one value; got none"),
        ({"regimes": []}, "regimes must hold at least one value; got none"),
        ({"seeds": [-1]}, "seed must be at least 0; got -1"),
        (
            {"search": "long"},
            r"search must be one of 'standard', 'quick', 'brief', 'smoke'; got 'long'",
        ),
        ({"search": 0}, "search must be at least 1; got 0"),
        ({"backbone": "lite9"}, r"backbone must be one of .*; got 'lite9'"),
    ],
)
def test_wrong_requests_are_refused(digits, wrong, message):
    with pytest.raises(ValueError, match=message):
        compare(digits, **wrong)
