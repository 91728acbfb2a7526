"""Verdicts in words, and labels saved: read between the shots tried, never beyond them."""

import math

import pandas as pd
import pytest

from tlteach.measures import Verdict, labels_saved, verdict

BETTER = [0.60, 0.62, 0.61, 0.63, 0.60]
WORSE = [0.50, 0.51, 0.52, 0.51, 0.50]


def table(values, **columns):
    """Return a results table: (regime, shots) -> one value per seed."""
    rows = [
        {"task": "emoji", "split": "test", "metric": "accuracy"}
        | {"regime": regime, "shots": shots, "seed": seed, "value": value}
        | columns
        for (regime, shots), column in values.items()
        for seed, value in enumerate(column)
    ]
    return pd.DataFrame(rows)


TWO = table({("frozen", 5): BETTER, ("scratch", 5): WORSE})


def test_helps_and_hurts_are_the_same_numbers_seen_from_both_sides():
    up, down = verdict(TWO, "frozen", "scratch"), verdict(TWO, "scratch", "frozen")
    assert (up.word, down.word) == ("helps", "hurts")
    assert (up.won, down.won, up.n, down.n) == (5, 0, 5, 5)
    assert down.difference == pytest.approx(-up.difference)
    assert (down.low, down.high) == pytest.approx((-up.high, -up.low))


def test_an_interval_with_zero_inside_cannot_tell():
    results = table({("frozen", 5): [0.5, 0.6, 0.7], ("scratch", 5): [0.55, 0.58, 0.6]})
    found = verdict(results, "frozen", "scratch")
    assert found.word == "cannot tell"
    assert found.low < 0 < found.high
    assert str(found) == (
        "cannot tell frozen from scratch: +2.3 points (-16.3 to 21.0), 2 of 3 seeds"
    )


def test_seeds_that_disagree_cannot_tell_whatever_the_interval_says():
    results = table({("a", 5): [0.9] * 7 + [0.39] * 3, ("b", 5): [0.4] * 10})
    found = verdict(results, "a", "b")
    assert found.low > 0
    assert (found.word, found.won, found.n) == ("cannot tell", 7, 10)


def test_one_seed_cannot_tell_and_says_why():
    found = verdict(TWO[TWO["seed"] == 0], "frozen", "scratch")
    assert found.word == "cannot tell"
    assert math.isnan(found.low)
    assert str(found) == (
        "cannot tell frozen from scratch: +10.0 points (no interval from one seed), 1 of 1 seeds"
    )


def test_accuracy_is_told_in_points_and_others_in_their_own_unit():
    assert str(verdict(TWO, "frozen", "scratch")) == (
        "frozen helps against scratch: +10.4 points (9.0 to 11.8), 5 of 5 seeds"
    )
    losses = table({("a", 5): [1.0, 1.1, 1.2], ("b", 5): [1.5, 1.6, 1.71]}, metric="log_loss")
    assert str(verdict(losses, "a", "b", metric="log_loss")) == (
        "a helps against b: +0.503 log_loss (0.489 to 0.518), 3 of 3 seeds"
    )
    assert verdict(losses, "b", "a", metric="log_loss").word == "hurts"


def test_a_wider_level_can_take_the_word_back():
    assert verdict(TWO, "frozen", "scratch", level=0.95).word == "helps"
    assert verdict(TWO, "frozen", "scratch", level=0.999999).word == "cannot tell"


def test_verdict_is_about_the_test_split():
    val = table({("frozen", 5): WORSE, ("scratch", 5): BETTER}, split="val")
    assert verdict(pd.concat([TWO, val]), "frozen", "scratch").word == "helps"


def test_several_shots_or_tasks_must_be_narrowed_down():
    other = table({("frozen", 20): WORSE, ("scratch", 20): BETTER}, task="digits")
    both = pd.concat([TWO, other])
    with pytest.raises(ValueError, match="got task='digits' shots=20, task='emoji' shots=5"):
        verdict(both, "frozen", "scratch")
    assert verdict(both, "frozen", "scratch", shots=20).word == "hurts"
    assert verdict(both, "frozen", "scratch", task="emoji", shots=5).word == "helps"


@pytest.mark.parametrize(
    ("names", "where", "message"),
    [
        (("frozen", "thawed"), {}, "regime must be one of 'frozen', 'scratch'; got 'thawed'"),
        (("frozen", "scratch"), {"shots": 7}, "shots must be one of 5; got 7"),
        (("frozen", "scratch"), {"style": "noto"}, "column must be one of .*; got 'style'"),
        (("frozen", "scratch"), {"metric": "f1"}, "metric must be one of 'accuracy'; got 'f1'"),
        (("frozen", "scratch"), {"level": 2}, "level must be between 0 and 1; got 2"),
    ],
)
def test_verdict_errors_name_what_there_is(names, where, message):
    with pytest.raises(ValueError, match=message):
        verdict(TWO, *names, **where)


def test_regimes_that_never_met_have_no_verdict():
    apart = table({("a", 5): BETTER, ("b", 20): WORSE})
    with pytest.raises(ValueError, match="one task and number of shots; got none"):
        verdict(apart, "a", "b")


def test_a_row_of_pairs_reads_as_the_verdict():
    from tlteach.measures import paired

    row = paired(TWO, "frozen", "scratch").iloc[0]
    assert Verdict.from_row(row) == verdict(TWO, "frozen", "scratch")


CURVE = {("b", 5): [0.4, 0.5], ("b", 20): [0.6, 0.7], ("b", 80): [0.75, 0.85]}


def test_labels_are_read_from_a_line_in_log_shots():
    found = labels_saved(table(CURVE | {("a", 5): [0.5, 0.6]}), "a", "b", shots=5)
    # 0.55 is half way from 0.45 (5 shots) to 0.65 (20 shots), so the geometric mean: 10
    assert found.needed == pytest.approx(10)
    assert found.target == pytest.approx(0.55)
    assert (found.fewest, found.tried, found.shots) == (5, 80, 5)
    assert str(found) == "b needs about 10 labels per class to match a with 5"


def test_a_mean_met_exactly_needs_the_shots_tried():
    found = labels_saved(table(CURVE | {("a", 5): [0.65, 0.65]}), "a", "b", shots=5)
    assert found.needed == pytest.approx(20)


def test_nothing_is_said_beyond_the_most_shots_tried():
    found = labels_saved(table(CURVE | {("a", 5): [0.9, 0.9]}), "a", "b", shots=5)
    assert math.isinf(found.needed)
    assert str(found) == "b needs more than 80 labels per class to match a with 5"


def test_nothing_is_said_below_the_fewest_shots_tried():
    found = labels_saved(table(CURVE | {("a", 20): [0.3, 0.3]}), "a", "b", shots=20)
    assert found.needed == 5
    assert str(found) == "b needs at most 5 labels per class to match a with 20"


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


@pytest.mark.parametrize(
    ("metric", "word", "told"),
    [
        ("accuracy", "hurts", "frozen hurts on digits: -12 points against scratch"),
        ("accuracy", "cannot tell", "cannot tell frozen from scratch on digits: -12 points"),
        ("log_loss", "hurts", "frozen hurts on digits: -0.12 log_loss against scratch"),
    ],
)
def test_a_finding_is_a_verdict_short_enough_for_a_title(metric, word, told):
    found = Verdict("frozen", "scratch", metric, word, -0.123, -0.2, -0.1, 0, 5)
    assert found.finding("digits") == told
