"""Tables that charts show, against the same by hand."""

import numpy as np
import pandas as pd
import pytest

from tlteach import atlas
from tlteach.analysis.transferability import agreement
from tlteach.atlas import (
    by_seconds,
    by_share,
    control_gaps,
    early_stopping,
    gaps,
    score_ranks,
    since_clean,
    won_by,
)
from tlteach.atlas.claims import differences, slopes


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
        expected = differences(transfer, task, source, regime, shots, against)
        assert rows.sort_values("seed")["value"].tolist() == pytest.approx(expected)


def test_a_slope_is_that_of_the_gaps(transfer):
    found = gaps(transfer).query(
        "task == 'fashion_5_9' and source == 'fashion_0_4' and regime == 'fine_tune' and shots >= 5"
    )
    expected = [
        np.polyfit(np.log(rows["shots"]), rows["value"], 1)[0] for _, rows in found.groupby("seed")
    ]
    assert slopes(transfer, "fashion_5_9", "fashion_0_4", "fine_tune") == pytest.approx(expected)


def test_controls_stand_once_for_each_run(transfer):
    found = control_gaps(transfer)
    assert set(found["source"]) == {"none"}
    assert not found.duplicated(["task", "shots", "seed"]).any()


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
