"""Labels saved: read between the shots tried, never beyond them, and so is their interval."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.helpers.answers import answers, runs
from tests.measures.test_verdicts import table
from tlteach.measures import LabelsSaved, labels_saved, paired

CURVE = {("b", 5): [0.4, 0.5], ("b", 20): [0.6, 0.7], ("b", 80): [0.75, 0.85]}


def test_labels_are_read_from_a_line_in_log_shots():
    found = labels_saved(table(CURVE | {("a", 5): [0.53, 0.57]}), "a", "b", shots=5)
    # 0.55 is half way from 0.45 (5 shots) to 0.65 (20 shots), so the geometric mean: 10
    assert found.needed == pytest.approx(10)
    assert found.target == pytest.approx(0.55)
    assert (found.fewest, found.tried, found.shots) == (5, 80, 5)
    assert str(found) == (
        "b needs about 10 labels per class to match a with 5 "
        "(between at most 5 and more than 80, over seeds alone)"
    )


def test_a_mean_met_exactly_needs_the_shots_tried():
    found = labels_saved(table(CURVE | {("a", 5): [0.65, 0.65]}), "a", "b", shots=5)
    assert found.needed == pytest.approx(20)


def test_nothing_is_said_beyond_the_most_shots_tried():
    found = labels_saved(table(CURVE | {("a", 5): [1.88, 1.97]}), "a", "b", shots=5)
    assert math.isinf(found.needed)
    assert str(found) == (
        "b needs more than 80 labels per class to match a with 5 "
        "(both ends more than 80, over seeds alone)"
    )


def test_nothing_is_said_below_the_fewest_shots_tried():
    found = labels_saved(table(CURVE | {("a", 20): [-0.32, -0.23]}), "a", "b", shots=20)
    assert found.needed == 5
    assert str(found) == (
        "b needs at most 5 labels per class to match a with 20 "
        "(both ends at most 5, over seeds alone)"
    )


def test_a_curve_that_dips_counts_where_it_first_arrives():
    dips = {("b", 5): [0.4], ("b", 10): [0.6], ("b", 20): [0.5], ("b", 40): [0.9]}
    found = labels_saved(table(dips | {("a", 5): [0.6]}), "a", "b", shots=5)
    assert found.needed == pytest.approx(10)


def test_labels_saved_turns_losses_and_keeps_their_sign():
    losses = {("a", 5): [1.0], ("b", 5): [1.5], ("b", 20): [0.5]}
    found = labels_saved(table(losses, metric="ece"), "a", "b", shots=5, metric="ece")
    assert found.needed == pytest.approx(10)
    assert found.target == 1.0


def test_labels_saved_reads_only_the_test_split():
    test = table(CURVE | {("a", 5): [0.5, 0.6]})
    val = table({("a", 5): [0.9, 0.9], ("b", 5): [0.9, 0.9]}, split="val")
    assert labels_saved(pd.concat([test, val]), "a", "b", shots=5).needed == pytest.approx(10)


def test_labels_saved_errors_name_what_there_is():
    results = table(CURVE | {("a", 5): [0.5, 0.6]})
    with pytest.raises(ValueError, match="shots of a must be one of 5; got 20"):
        labels_saved(results, "a", "b", shots=20)
    with pytest.raises(ValueError, match="regime must be one of 'b', 'a'; got 'c'"):
        labels_saved(results, "c", "b", shots=5)
    with pytest.raises(ValueError, match="metric must be one of 'accuracy'; got 'ece'"):
        labels_saved(results, "a", "b", shots=5, metric="ece")
    several = pd.concat([results, table({("a", 5): [0.4], ("b", 5): [0.5]}, task="digits")])
    with pytest.raises(ValueError, match=r"number of tasks must .*pick one with task=\); got 2"):
        labels_saved(several, "a", "b", shots=5)
    assert labels_saved(several, "a", "b", shots=5, task="emoji").needed == pytest.approx(10)
    with pytest.raises(ValueError, match="task must be one of 'emoji', 'digits'; got 'cifar'"):
        labels_saved(several, "a", "b", shots=5, task="cifar")


def levels(random, **shares):
    """Return answers of five seeds: name_shots -> share right."""
    matrices = {}
    for name, share in shares.items():
        regime, shots = name.split("_")
        matrices[regime, int(shots)] = answers(random, share)
    return runs(matrices)


def test_the_interval_ends_where_the_ends_of_the_differences_cross_zero():
    shares = {"a_5": 0.6, "b_2": 0.3, "b_5": 0.5, "b_20": 0.62, "b_80": 0.8, "b_320": 0.9}
    table = levels(np.random.default_rng(0), **shares)
    found = labels_saved(table, "a", "b", shots=5)
    tried = [2, 5, 20, 80, 320]
    ends = {"ci_low": [], "ci_high": [], "difference": []}
    for k in tried:
        here = table[(table["regime"] == "b") & (table["shots"] == k)].assign(shots=5)
        row = paired(pd.concat([here, table[table["regime"] == "a"]]), "b", "a").iloc[0]
        for name, column in ends.items():
            column.append(row[name])
    # all three rise, so that numpy can turn them round
    crossings = [
        np.exp(np.interp(0, ends[name], np.log(tried)))
        for name in ("ci_high", "difference", "ci_low")
    ]
    assert (found.low, found.needed, found.high) == pytest.approx(tuple(crossings))
    assert found.low < found.needed < found.high
    assert (found.over, found.reason) == ("seeds and images", "")
    assert str(found) == (
        f"b needs about {found.needed:.0f} labels per class to match a with 5 "
        f"(between {found.low:.0f} and {found.high:.0f}, over seeds and test images)"
    )
    alone = labels_saved(table.drop(columns=["right", "groups"]), "a", "b", shots=5)
    assert found.low <= alone.low <= alone.needed <= alone.high <= found.high
    assert alone.needed == pytest.approx(found.needed)
    wider = labels_saved(table, "a", "b", shots=5, level=0.99)
    assert wider.low < found.low < found.high < wider.high


def test_ends_beyond_the_shots_tried_are_told_in_words():
    random = np.random.default_rng(1)
    table = levels(random, a_5=0.6, b_5=0.55, b_20=0.61)
    found = labels_saved(table, "a", "b", shots=5)
    assert (found.low, found.high) == (5, math.inf)
    assert str(found).endswith("(between at most 5 and more than 20, over seeds and test images)")
    never = labels_saved(levels(random, a_5=0.9, b_5=0.2, b_20=0.3), "a", "b", shots=5)
    assert str(never) == (
        "b needs more than 20 labels per class to match a with 5 "
        "(both ends more than 20, over seeds and test images)"
    )
    at_once = labels_saved(levels(random, a_5=0.2, b_5=0.8, b_20=0.9), "a", "b", shots=5)
    assert "(both ends at most 5, over" in str(at_once)


def test_where_there_is_no_interval_the_reason_stands_there():
    single = {("a", 5): [0.5], ("b", 5): [0.4], ("b", 20): [0.7]}
    one = labels_saved(table(single), "a", "b", shots=5)
    assert math.isnan(one.low)
    assert str(one).endswith("(no interval: one seed has none)")
    equal = {("a", 5): [0.5, 0.6], ("b", 5): [0.4, 0.5], ("b", 20): [0.6, 0.8]}
    found = labels_saved(table(equal), "a", "b", shots=5)
    assert "(no interval: with 5, all seeds have the same value" in str(found)
    unpaired = table({("a", 5): [0.5, 0.6], ("b", 5): [0.4, 0.55], ("b", 20): [0.7, 0.8, 0.75]})
    found = labels_saved(unpaired, "a", "b", shots=5)
    assert found.needed == pytest.approx(5 * 4 ** (0.075 / 0.275))
    assert str(found).endswith("(no interval: the two have different seeds)")


@pytest.mark.parametrize(
    ("needed", "fewest", "text"),
    [
        (
            1.3,
            1,
            "b needs about 1 label per class to match a with 1 (between at most 1 and 2, over",
        ),
        (1.0, 1, "b needs at most 1 label per class to match"),
        (11.0, 1, "b needs about 11 labels per class to match"),
        (math.inf, 1, "b needs more than 21 labels per class to match"),
    ],
)
def test_one_label_is_one(needed, fewest, text):
    found = LabelsSaved("a", "b", 1, 0.6, needed, fewest, 21, 1.0, 2.0, "seeds", "")
    assert str(found).startswith(text)
