"""Verdicts in words: what they follow, and what they say where there is none."""

import math

import pandas as pd
import pytest

from tlteach.measures import Verdict, paired, verdict

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
    results = table({("frozen", 5): [0.5, 0.6, 0.7] * 2, ("scratch", 5): [0.55, 0.58, 0.6] * 2})
    found = verdict(results, "frozen", "scratch")
    assert found.word == "cannot tell"
    assert found.low < 0 < found.high
    assert str(found) == (
        "frozen against scratch: cannot tell, +2.3 points (-4.7 to 9.4 over seeds alone), "
        "4 of 6 seeds"
    )


def test_seeds_that_disagree_have_the_word_of_the_interval():
    results = table({("a", 5): [0.9] * 7 + [0.39] * 3, ("b", 5): [0.4] * 10})
    found = verdict(results, "a", "b")
    assert found.low > 0
    assert (found.word, found.won, found.n) == ("helps", 7, 10)


@pytest.mark.parametrize(
    ("n", "interval"), [(1, "no interval from one seed"), (3, "7.5 to 12.5 over seeds alone")]
)
def test_few_seeds_have_numbers_and_no_word_and_say_why(n, interval):
    found = verdict(TWO[TWO["seed"] < n], "frozen", "scratch")
    assert found.word == ""
    assert found.reason == f"too few seeds for a word ({n}, at least 5)"
    assert math.isnan(found.low) == (n == 1)
    assert str(found) == (
        f"frozen against scratch: no word, +10.0 points ({interval}), {n} of {n} seeds; "
        f"too few seeds for a word ({n}, at least 5)"
    )


def test_differences_that_are_all_equal_have_no_interval_and_say_why():
    found = verdict(table({("a", 5): [0.5] * 5, ("b", 5): [0.4] * 5}), "a", "b")
    assert found.word == ""
    assert str(found) == (
        "a against b: no word, +10.0 points (no interval), 5 of 5 seeds; "
        "all seeds have the same value, which is no certainty about others"
    )


def test_accuracy_is_told_in_points_and_others_in_their_own_unit():
    assert str(verdict(TWO, "frozen", "scratch")) == (
        "frozen against scratch: helps, +10.4 points (9.0 to 11.8 over seeds alone), 5 of 5 seeds"
    )
    values = {("a", 5): [1.0, 1.1, 1.2] * 2, ("b", 5): [1.5, 1.6, 1.71] * 2}
    losses = table(values, metric="log_loss")
    assert str(verdict(losses, "a", "b", metric="log_loss")) == (
        "a against b: helps, +0.503 log_loss (0.498 to 0.509 over seeds alone), 6 of 6 seeds"
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
    row = paired(TWO, "frozen", "scratch").iloc[0]
    assert Verdict.from_row(row) == verdict(TWO, "frozen", "scratch")


@pytest.mark.parametrize(
    ("metric", "word", "told"),
    [
        ("accuracy", "hurts", "hurts, -12 points (-20 to -10)"),
        (
            "accuracy",
            "cannot tell",
            "cannot tell, -12 points (-20 to -10)",
        ),
        ("accuracy", "", "no word, -12 points (-20 to -10)"),
        (
            "log_loss",
            "hurts",
            "hurts, -0.12 log_loss (-0.20 to -0.10)",
        ),
    ],
)
def test_a_finding_is_a_verdict_short_enough_for_a_title(metric, word, told):
    ends = (-0.123, -0.2, -0.1, 0, 5, -0.19, -0.11, "seeds", "", "")
    found = Verdict("frozen", "scratch", metric, word, *ends)
    assert found.finding("digits") == f"frozen against scratch on digits: {told}"
