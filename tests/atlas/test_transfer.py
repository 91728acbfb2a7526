"""The part of the atlas on sources and targets: every run is there, once, and both ways to end."""

import pandas as pd
import pytest

import tlteach as tlt
from tlteach import atlas
from tlteach.atlas.beyond import arms, beyond, strongest
from tlteach.atlas.leads import judged, statistics
from tlteach.atlas.plan import (
    ALONE,
    CHEAP,
    CONTROLS,
    LITE0_TARGETS,
    LITE0_TUNED,
    PAIRS,
    SEEDS,
    SHOTS,
    SOURCES_OF,
    STATISTICS_SHOTS,
    TUNED_SEEDS,
    stepped,
    tuned,
)
from tlteach.atlas.runs import possible
from tlteach.data import shipped_data

pytestmark = pytest.mark.skipif(
    not (shipped_data() / "atlas" / "transfer.parquet").exists(),
    reason="the part 'transfer' is not built yet: `tlteach atlas build transfer`",
)


@pytest.fixture(scope="module")
def tables():
    return {part: atlas.load(part) for part in ("transfer", "statistics")}


@pytest.fixture(scope="module")
def accuracies(tables):
    rows = tables["transfer"]
    return rows[(rows["split"] == "test") & (rows["metric"] == "accuracy")]


@pytest.mark.parametrize("name", SOURCES_OF)
def test_every_source_met_its_targets(name, accuracies):
    rows = accuracies[accuracies["task"] == name]
    rows = rows.set_index(["backbone", "regime", "shots"])["seed"]
    shots = possible(tlt.load_task(name), SHOTS)
    expected = {("resnet8", "scratch", k) for k in stepped(name)}
    expected |= {("resnet8", "frozen", k) for k in shots}
    expected |= {("none", regime, k) for regime in CHEAP for k in stepped(name)}
    for source in SOURCES_OF[name]:
        expected |= {(f"small:{source}", "frozen", k) for k in shots}
        expected |= {(f"small:{source}", "fine_tune", k) for k in tuned(name, source)}
    for key in expected:
        if key[2] in shots:
            assert sorted(set(rows.loc[[key]])) == list(SEEDS), key


def test_lite0_met_its_targets(accuracies):
    rows = accuracies[accuracies["backbone"] == "lite0"]
    for name in LITE0_TARGETS:
        mine = rows[(rows["task"] == name) & (rows["regime"] == "frozen")]
        assert set(mine["shots"]) == set(possible(tlt.load_task(name), SHOTS))
        assert set(mine.groupby("shots").size()) == {len(SEEDS)}
    learnt = rows[rows["regime"] == "fine_tune"].groupby(["task", "shots"])["seed"].apply(sorted)
    asked = {(name, k): list(TUNED_SEEDS) for name, shots in LITE0_TUNED.items() for k in shots}
    assert dict(learnt) == asked


def test_small_cnn_stands_against_what_it_is_held_against(accuracies):
    rows = accuracies[(accuracies["backbone"] == "small_cnn") & (accuracies["regime"] == "scratch")]
    for name, shots in ALONE.items():
        mine = rows[rows["task"] == name].groupby("shots")["seed"].apply(sorted)
        assert dict(mine) == {k: list(SEEDS) for k in possible(tlt.load_task(name), shots)}


def test_every_test_accuracy_tells_its_images(accuracies):
    assert accuracies[["right", "groups"]].notna().all(axis=None)


def test_no_run_stands_twice(accuracies):
    keys = ["task", "backbone", "regime", "shots", "seed", "config"]
    assert not accuracies.duplicated(keys).any()


def test_words_of_all_kinds_are_there_and_the_controls_too(tables):
    found = judged(tables["transfer"])
    real = found[~found["source"].isin([*CONTROLS, "none"])]
    assert {"helps", "hurts", "cannot tell"} <= set(real["verdict"])
    assert set(CONTROLS) <= set(found["source"])


def test_statistics_met_both_ways_on_the_pairs(tables):
    rows = tables["statistics"]
    rows = rows[(rows["split"] == "test") & (rows["metric"] == "accuracy")]
    keys = ["task", "source", "shots", "regime", "seed"]
    assert not rows.duplicated(keys).any()
    assert len(rows) == len(PAIRS) * len(STATISTICS_SHOTS) * 2 * len(TUNED_SEEDS)
    assert set(zip(rows["task"], rows["source"], strict=True)) == set(PAIRS.items())


def test_what_statistics_add_is_moving_minus_still(tables):
    told = statistics(tables["statistics"])
    rows = tables["statistics"].query("split == 'test' and metric == 'accuracy'")
    means = rows.groupby(["task", "shots", "regime"])["value"].mean()
    for row in told.to_dict("records"):
        here = means[row["task"], row["shots"]]
        expected = here["fine_tune_moving"] - here["fine_tune_still"]
        assert row["difference"] == pytest.approx(expected)


def test_beyond_pictures_each_run_is_held_against_scratch_on_its_own_seed():
    rows = pd.DataFrame(
        [
            ("t", "none", "small_text", "scratch", 5, seed, "test", "accuracy", 0.5 + seed / 10)
            for seed in range(5)
        ]
        + [
            ("t", "s", "minilm", "frozen", 5, seed, "test", "accuracy", 0.6 + 0.11 * seed)
            for seed in range(5)
        ]
        + [("t", "s", "minilm", "frozen", 200, 0, "test", "accuracy", 0.9)],
        columns=[
            "task",
            "source",
            "backbone",
            "regime",
            "shots",
            "seed",
            "split",
            "metric",
            "value",
        ],
    )
    val = rows[rows["regime"] == "scratch"].assign(split="val")
    (row,) = beyond(pd.concat([rows, val])).to_dict("records")  # 200 labels: none from scratch
    assert (row["task"], row["regime"], row["shots"], row["verdict"]) == ("t", "frozen", 5, "helps")
    assert row["difference"] == pytest.approx(0.12)
    assert row["ci_low"] > 0


def test_the_opponent_is_the_network_that_does_best_on_validation():
    def rows(net, split, value):
        columns = {"task": "t", "source": "none", "regime": "scratch", "shots": 5}
        return pd.DataFrame(columns | {"backbone": net, "split": split, "value": value}, range(5))

    table = pd.concat(
        [
            rows("one", "val", 0.6), rows("one", "test", 0.5),
            rows("other", "val", 0.5), rows("other", "test", 0.9),
        ]
    ).rename_axis("seed").reset_index().assign(metric="accuracy")  # fmt: skip
    assert strongest(table) == "one"
    mine = rows("net", "test", 0.7).assign(source="s", regime="frozen", metric="accuracy")
    mine["value"] += [0.01, 0.02, 0.0, -0.01, 0.01]
    (row,) = beyond(pd.concat([table, mine.rename_axis("seed").reset_index()])).to_dict("records")
    assert (row["opponent"], row["verdict"]) == ("one", "helps")


@pytest.mark.parametrize("net", ["speech_cnn", "deepspeech_mini"])
def test_arms_are_those_of_a_network_and_the_strongest_from_scratch(net):
    part = atlas.load("speech")
    found = arms(part, "spoken_strong", net)
    assert set(found["backbone"]) == {net}
    assert not found.duplicated(["regime", "shots", "seed", "split"]).any()
    here = part[(part["task"] == "spoken_strong") & (part["metric"] == "accuracy")]
    for regime, name in [
        ("scratch", strongest(here)),
        ("frozen", net),
        ("frozen_random", f"{net}-random"),
    ]:
        theirs = here[(here["regime"] == regime) & (here["backbone"] == name)]
        mine = found[found["regime"] == regime]
        for split in ("val", "test"):
            told, known = (rows.loc[rows["split"] == split, "value"] for rows in (mine, theirs))
            assert len(told)
            assert sorted(told) == sorted(known)
    with pytest.raises(ValueError, match="backbone must be one of"):
        arms(part, "spoken_strong", "lite0")
