"""Tables that charts show, against the same by hand."""

import numpy as np
import pandas as pd
import pytest

from tlteach import atlas
from tlteach.analysis.transferability import agreement
from tlteach.atlas import (
    by_seconds,
    by_share,
    early_stopping,
    gaps,
    grid,
    judged,
    score_ranks,
    since_clean,
    won_by,
)
from tlteach.atlas.claims import lead, slopes
from tlteach.measures import paired


@pytest.fixture(scope="module")
def transfer():
    return atlas.load("transfer")


def test_gaps_are_the_differences_of_the_card(transfer):
    found = gaps(transfer)
    for task, source, regime, shots, against in (
        ("digits", "glyphs", "frozen", 10, "resnet8"),
        ("emoji", "ImageNet-1k", "frozen", 50, "resnet8"),
        ("glyphs", "ImageNet-1k", "frozen", 5, "small_cnn"),
        ("fashion_5_9", "fashion_0_4", "fine_tune", 100, "resnet8"),
    ):
        rows = found.query(
            "task == @task and source == @source and regime == @regime and shots == @shots"
        )
        answers, _ = lead(transfer, task, source, regime, shots, against)
        assert rows.sort_values("seed")["value"].tolist() == pytest.approx(answers.mean(1))


def test_a_slope_is_that_of_the_gaps(transfer):
    found = gaps(transfer).query(
        "task == 'fashion_5_9' and source == 'fashion_0_4' and regime == 'fine_tune' and shots >= 5"
    )
    expected = [
        np.polyfit(np.log(rows["shots"]), rows["value"], 1)[0] for _, rows in found.groupby("seed")
    ]
    answers, _ = slopes(transfer, "fashion_5_9", "fashion_0_4", "fine_tune")
    assert answers.mean(1) == pytest.approx(expected)


def test_every_source_is_judged_as_paired_would(transfer):
    found = judged(transfer)
    places = ["task", "source", "regime", "shots"]
    assert not found.duplicated(places).any()
    assert set(found["over"]) == {"seeds and images"}
    rows = transfer.query("task == 'digits' and shots == 10 and backbone != 'small_cnn'")
    one = rows[rows["source"].isin(["glyphs", "none"])]
    expected = paired(one[one["regime"].isin(["scratch", "fine_tune"])], "fine_tune", "scratch")
    place = ("digits", "glyphs", "fine_tune", 10)
    told = ["difference", "ci_low", "ci_high", "verdict", "won", "reason", "note"]
    assert found.set_index(places).loc[place, told].tolist() == expected.iloc[0][told].tolist()


@pytest.mark.parametrize(("task", "net"), [("digits", "resnet8"), ("photos", "lite0")])
def test_random_weights_are_those_of_the_same_network(task, net, transfer):
    found = judged(transfer, "frozen").query("task == @task and shots == 10 and regime == 'frozen'")
    source = {"resnet8": "glyphs", "lite0": "ImageNet-1k"}[net]
    rows = transfer.query("task == @task and shots == 10 and split == 'test'")
    rows = rows[rows["metric"] == "accuracy"]
    random = {"resnet8": ("resnet8", "frozen"), "lite0": ("lite0-random", "frozen_random")}[net]
    bare = rows[(rows["backbone"] == random[0]) & (rows["regime"] == random[1])]
    ours = rows[(rows["source"] == source) & (rows["regime"] == "frozen")]
    ours = ours[ours["seed"].isin(bare["seed"])]["value"].mean()
    (told,) = found.loc[found["source"] == source, "difference"]
    assert told == pytest.approx(ours - bare["value"].mean())
    assert len(bare) == {"resnet8": 10, "lite0": 5}[net]


def test_controls_stand_once_for_each_target(transfer):
    found = judged(transfer)
    found = found[found["source"] == "none"]
    assert set(found["regime"]) == {"frozen"}
    assert not found.duplicated(["task", "shots"]).any()
    assert found["difference"].lt(0).any()


def test_a_grid_tells_what_was_not_run():
    rows = pd.DataFrame({"source": ["a", "b"], "shots": [5, 10], "verdict": ["helps", ""]})
    rows = rows.assign(difference=[0.05, -0.01], ci_low=[0.01, -0.03], ci_high=[0.09, 0.01])
    assert grid(rows, ["source"], "shots").to_numpy().tolist() == [
        ["helps, +5.0 (1.0 to 9.0)", "not run"],
        ["not run", "no word, -1.0 (-3.0 to 1.0)"],
    ]


def test_ranks_are_the_agreement_of_means(transfer):
    found, scores = gaps(transfer), atlas.load("scores")
    row = score_ranks(found, scores).query(
        "task == 'fashion_5_9' and regime == 'frozen' and method == 'knn'"
    )
    gains = found.query("task == 'fashion_5_9' and regime == 'frozen' and shots == 10")
    said = scores.query("task == 'fashion_5_9' and method == 'knn'")
    said = said.assign(source=said["backbone"].str.removeprefix("small:"))
    means = (table.groupby("source")["value"].mean() for table in (said, gains))
    told = agreement(*means, seed=0)
    assert row[["tau", "low", "high", "n"]].iloc[0].tolist() == pytest.approx(
        [told.tau, told.low, told.high, told.n]
    )


def test_early_stopping_takes_the_moment_of_the_lowest_loss():
    rows = atlas.load("overfitting").query("watched == 'pool' and shots == 5 and width == 2.0")
    found = early_stopping(rows).query(
        "regime == 'scratch' and augment == 'none' and weight_decay == 0 and seed == 3"
    )
    curve = rows.query(
        "augment == 'none' and weight_decay == 0 and seed == 3 and split == 'val'"
    ).pivot_table(index="step", columns="metric", values="value")
    step = curve["log_loss"].idxmin()
    assert found["step"].item() == step
    lost = curve["accuracy"].loc[step] - curve["accuracy"].iloc[-1]
    assert found["lost"].item() == pytest.approx(lost)


def test_changes_start_at_nothing():
    rows = atlas.load("mismatch").query("metric == 'accuracy'")
    bare = rows.query("adaptation == 'none'")
    assert (since_clean(bare).query("severity == 0")["value"] == 0).all()
    won = won_by(rows, "coral")
    one = won.iloc[7]
    same = rows.query(
        "task == @one.task and regime == @one.regime and dial == @one.dial "
        "and severity == @one.severity and seed == @one.seed"
    ).set_index("adaptation")["value"]
    assert one["value"] == pytest.approx(same["coral"] - same["none"])


def curves() -> pd.DataFrame:
    """One run of gradient steps, measured at 100 and 200 of 200, and one solved at once."""
    place = {"task": "t", "shots": 5, "seed": 0}
    trained = {"backbone": "b", "regime": "scratch"} | place
    solved = {"backbone": "b", "regime": "frozen"} | place
    return pd.DataFrame(
        [
            trained | {"step": 100, "value": 0.5},
            trained | {"step": 200, "value": 0.7},
            solved | {"step": 0, "value": 0.6},
        ]
    )


def test_a_share_counts_updates_and_a_solved_head_is_level():
    found = by_share(curves(), 2).sort_values(["regime", "share"])
    told = found[["regime", "share", "value"]].to_numpy().tolist()
    assert told == [
        ["frozen", 50, 0.6],
        ["frozen", 100, 0.6],
        ["scratch", 50, 0.5],
        ["scratch", 100, 0.7],
    ]


def test_seconds_look_back_to_the_last_measure():
    place = {"task": "t", "backbone": "b", "shots": 5, "seed": 0}
    timed = pd.DataFrame(
        [
            place | {"regime": "scratch", "seconds": 4.0, "updates": 400},  # 0.01 s each
            place | {"regime": "frozen", "seconds": 0.3, "updates": 0},
        ]
    )
    found = by_seconds(curves(), timed, (0.5, 1.0, 1.5, 2.0))
    known = found.set_index(["regime", "seconds"])["value"].to_dict()
    assert known == {
        ("frozen", 0.5): 0.6,
        ("frozen", 1.0): 0.6,
        ("frozen", 1.5): 0.6,
        ("frozen", 2.0): 0.6,
        ("scratch", 1.0): 0.5,
        ("scratch", 1.5): 0.5,
        ("scratch", 2.0): 0.7,
    }
