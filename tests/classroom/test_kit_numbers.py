"""Numbers to expect are those of the atlas, worked out here in other ways."""

import re

import pytest
from scipy.stats import t as student

from tlteach import atlas
from tlteach.classroom.kit_numbers import expect
from tlteach.measures import judge, summarize

TRANSFER = "transfer task=emoji shots=10"
BARE = "source=none backbone=resnet8 regime=scratch"


def agrees(told, values):
    """Compare with mean, scipy's interval and the ends of plain values."""
    values = values.to_numpy()
    low, high = student.interval(
        0.95, len(values) - 1, values.mean(), values.std(ddof=1) / len(values) ** 0.5
    )
    ours = (told.mean, told.low, told.high, told.lowest, told.highest)
    assert ours == pytest.approx((values.mean(), low, high, values.min(), values.max()))
    assert told.n_seeds == len(values)


@pytest.mark.parametrize("task", ["emoji", "digits"])
@pytest.mark.parametrize("shots", [1, 10])
def test_frozen_minus_scratch_is_the_gap_of_the_charts(task, shots):
    transfer = atlas.load("transfer")
    here = f"task == '{task}' and shots == {shots} and source == 'ImageNet-1k'"
    here = f"{here} and regime == 'frozen'"
    values = atlas.gaps(transfer).query(here)["value"]
    [judged] = atlas.judged(transfer).query(here).to_dict("records")
    rows = f"transfer task={task} shots={shots} source=ImageNet-1k regime=frozen minus {BARE}"
    told = expect("a gap", rows)
    ours = (told.mean, told.low, told.high, told.lowest, told.highest)
    both = (judged["difference"], judged["ci_low"], judged["ci_high"])
    assert ours == pytest.approx((*both, values.min(), values.max()))
    assert told.n_seeds == 10
    assert told.verdict == judged["verdict"]
    assert told.unit == "points"


def test_accuracy_of_one_regime():
    table = atlas.load("transfer").query(
        "task == 'emoji' and shots == 10 and backbone == 'lite0' and regime == 'frozen' "
        "and split == 'test' and metric == 'accuracy'"
    )
    told = expect("frozen", f"{TRANSFER} source=ImageNet-1k regime=frozen")
    whole = summarize(table).iloc[0]
    ends = whole[["mean", "ci_low", "ci_high"]].tolist()
    assert [told.mean, told.low, told.high] == pytest.approx(ends)
    assert (told.lowest, told.highest) == (table["value"].min(), table["value"].max())
    assert (told.unit, told.verdict) == ("%", "")


def test_what_a_dial_costs_and_an_adaptation_wins():
    table = atlas.load("mismatch")
    place = "task == 'fashion_5_9' and dial == 'noise' and regime == 'frozen' and severity == 3"
    table = table[table["metric"] == "accuracy"]
    lost = atlas.since_clean(table[table["adaptation"] == "none"]).query(place)["value"]
    won = atlas.won_by(table, "coral").query(place)["value"]
    start = "mismatch task=fashion_5_9 dial=noise regime=frozen severity=3"
    agrees(expect("lost", f"{start} adaptation=none minus severity=0"), lost)
    agrees(expect("won", f"{start} adaptation=coral minus adaptation=none"), won)


def test_a_gap_between_curves():
    curves = atlas.load("overfitting").query("watched == 'pool'")
    last = atlas.generalisation_gap(curves).query(
        "shots == 5 and width == 1 and regime == 'scratch' and augment == 'none' "
        "and weight_decay == 0 and step == 300"
    )
    rows = "overfitting watched=pool shots=5 width=1 regime=scratch augment=none weight_decay=0 "
    agrees(expect("gap", f"{rows}step=300 split=train minus split=val"), last["value"])


def test_log_loss_counts_the_other_way_round():
    rows = f"{TRANSFER} metric=log_loss source=ImageNet-1k regime=frozen minus regime=fine_tune"
    told = expect("loss", rows)
    assert told.unit == ""
    assert re.fullmatch(r"[+-]\d\.\d{3}", told.centre)
    table = atlas.load("transfer").query(
        "task == 'emoji' and shots == 10 and backbone == 'lite0' and split == 'test' "
        "and metric == 'log_loss'"
    )
    wide = table.pivot_table(index="seed", columns="regime", values="value")
    difference = (wide["frozen"] - wide["fine_tune"]).dropna()  # tuned on fewer seeds
    agrees(told, difference)
    assert told.verdict == judge(-difference)[0]


@pytest.mark.parametrize(
    "rows",
    ["scores backbone=lite0 method=logme task=emoji", "layers task=digits shots=5 regime=frozen",
     "progress task=digits shots=5 regime=scratch step=300 split=val"],
)  # fmt: skip
def test_other_parts_are_reached(rows):
    part = rows.split()[0]
    told = expect("a number", rows)
    assert told.part == part
    assert told.n_seeds == atlas.load(part)["seed"].nunique() >= 5
    assert told.low < told.mean < told.high
    assert told.lowest < told.mean < told.highest


def test_baselines_that_stand_twice_count_once():
    told = expect("majority", f"{TRANSFER} regime=majority")
    assert told.n_seeds == 10
    assert told.mean == pytest.approx(told.lowest)


def test_numbers_are_told_in_their_unit():
    told = expect("frozen", f"{TRANSFER} source=ImageNet-1k regime=frozen minus {BARE}")
    assert told.centre == f"{100 * told.mean:+.1f} points"
    assert told.interval == f"{100 * told.low:.1f} to {100 * told.high:.1f}"
    assert told.band == f"{100 * told.lowest:.1f} to {100 * told.highest:.1f}"
    assert str(told) == f"frozen: {told.centre} ({told.interval}), {told.verdict}"
    share = expect("frozen", f"{TRANSFER} source=ImageNet-1k regime=frozen")
    assert str(share) == f"frozen: {100 * share.mean:.1f} % ({share.interval})"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("moved task=emoji", "part of the atlas must be one of 'transfer', .*; got 'moved'"),
        ("transfer", "rows of the atlas are picked by column=value; got nothing"),
        ("transfer emoji", "picked by column=value; got emoji"),
        ("transfer task=", "picked by column=value; got task="),
        ("transfer place=emoji", "column must be one of 'task', .*; got 'place'"),
        ("transfer task=cats", "task must be one of .*'emoji'.*; got 'cats'"),
        (f"{TRANSFER} regime=frozen", r"each seed once; say also source= \(none, .*backbone= \("),
        (f"{TRANSFER} regime=scratch minus shots=3", "shots must be one of .*; got '3'"),
    ],
)
def test_rows_that_are_not_one_for_each_seed_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        expect("a number", rows)
