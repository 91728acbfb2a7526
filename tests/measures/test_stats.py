"""Intervals against scipy and by simulation; summaries, pairs and the rule behind the words."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as reference

from tlteach.measures import intervals, judge, no_word, paired, summarize, t_interval, told

EXACT = 1e-12


def table(values, **columns):
    """Return a results table: regime -> one value per seed."""
    common = {"task": "emoji", "backbone": "lite0", "shots": 5, "split": "test"}
    rows = [
        common | {"metric": "accuracy", "regime": regime, "seed": seed, "value": value} | columns
        for regime, column in values.items()
        for seed, value in enumerate(column)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("n", [2, 5, 30])
def test_the_interval_equals_scipys(n, level):
    x = np.random.default_rng(n).normal(3, 2, n)
    expected = reference.ttest_1samp(x, 0).confidence_interval(level)
    mean, low, high = t_interval(x, level)
    assert mean == pytest.approx(x.mean(), abs=EXACT)
    assert (low, high) == pytest.approx(tuple(expected), abs=1e-9)


def test_the_interval_of_five_seeds_by_hand():
    # mean 3, standard deviation sqrt(2.5), Student's 97.5 % point at 4 degrees of freedom 2.776445
    assert t_interval([1, 2, 3, 4, 5]) == pytest.approx((3, 1.036757, 4.963243), abs=1e-6)


def test_five_seeds_cover_the_truth_as_often_as_the_level_says():
    truth = 0.6
    x = np.random.default_rng(0).normal(truth, 0.05, (4000, 5))
    _, low, high = np.array([t_interval(row) for row in x]).T
    assert 0.93 <= ((low <= truth) & (truth <= high)).mean() <= 0.97
    normal = 1.96 * x.std(1, ddof=1) / np.sqrt(5)  # too narrow: shows that the check can fail
    assert (np.abs(x.mean(1) - truth) <= normal).mean() < 0.90


def test_noise_alone_earns_a_verdict_about_one_time_in_twenty():
    x = np.random.default_rng(1).normal(0, 0.05, (2000, 5))
    words = [judge(row)[0] for row in x]
    assert 0.03 <= 1 - words.count("cannot tell") / len(words) <= 0.07


def test_one_value_has_no_interval_and_none_has_no_mean():
    mean, *ends = t_interval([0.5])
    assert mean == 0.5
    assert np.isnan(ends).all()
    assert np.isnan(t_interval([])).all()


@pytest.mark.parametrize("level", [-0.1, 1.1])
def test_a_level_outside_zero_and_one_is_refused(level):
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        t_interval([1, 2], level)


def test_a_summary_has_one_row_per_group_with_its_interval():
    results = table({"frozen": [0.5, 0.6, 0.7], "scratch": [0.3, 0.3, 0.6]})
    summary = summarize(results).set_index("regime")
    assert list(summary.index) == ["frozen", "scratch"]
    for regime, values in {"frozen": [0.5, 0.6, 0.7], "scratch": [0.3, 0.3, 0.6]}.items():
        expected = t_interval(values)
        got = summary.loc[regime, ["mean", "ci_low", "ci_high"]]
        assert tuple(got) == pytest.approx(expected, abs=EXACT)
    assert summary["n_seeds"].tolist() == [3, 3]
    assert summary["metric"].unique().tolist() == ["accuracy"]


def test_a_summary_takes_one_metric_and_keeps_splits_apart():
    results = pd.concat(
        [
            table({"frozen": [0.5, 0.7]}),
            table({"frozen": [0.9, 0.8]}, split="val"),
            table({"frozen": [1.5, 1.7]}, metric="log_loss"),
        ]
    )
    means = summarize(results).set_index("split")["mean"]
    assert means.to_dict() == pytest.approx({"test": 0.6, "val": 0.85})
    assert summarize(results, metric="log_loss")["mean"].tolist() == pytest.approx([1.6])


def test_the_order_of_rows_does_not_matter():
    values = {"frozen": [0.5, 0.64, 0.71, 0.62, 0.6], "scratch": [0.4, 0.5, 0.72, 0.41, 0.49]}
    results = table(values)
    shuffled = results.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(summarize(results), summarize(shuffled))
    pd.testing.assert_frame_equal(
        paired(results, "frozen", "scratch"), paired(shuffled, "frozen", "scratch")
    )


def test_a_pair_is_the_interval_of_the_differences_seed_by_seed():
    a, b = [0.5, 0.6, 0.9, 0.4, 0.575], [0.4, 0.55, 0.8, 0.35, 0.5]
    row = paired(table({"a": a, "b": b}), "a", "b").iloc[0]
    expected = reference.ttest_rel(a, b).confidence_interval(0.95)
    assert row["difference"] == pytest.approx(0.075, abs=EXACT)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(expected), abs=1e-9)
    assert (row["won"], row["n_seeds"], row["verdict"]) == (5, 5, "helps")
    assert (row["seeds_low"], row["seeds_high"]) == (row["ci_low"], row["ci_high"])
    assert (row["over"], row["n_images"], row["reason"], row["note"]) == ("seeds", 0, "", "")


def test_pairing_sees_what_two_separate_intervals_hide():
    a, b = [0.23, 0.44, 0.63, 0.84, 0.53], [0.2, 0.4, 0.6, 0.8, 0.5]
    results = table({"a": a, "b": b})
    ends = summarize(results).set_index("regime")
    assert ends.loc["a", "ci_low"] < ends.loc["b", "mean"]  # overlap, by far
    assert paired(results, "a", "b")["verdict"].item() == "helps"


@pytest.mark.parametrize("metric", ["log_loss", "brier", "ece", "loss"])
def test_a_lower_loss_is_turned_to_be_better(metric):
    losses = {"a": [1.0, 1.1, 1.2, 1.1, 1.1], "b": [1.5, 1.61, 1.7, 1.6, 1.6]}
    results = table(losses, metric=metric)
    row = paired(results, "a", "b", metric=metric).iloc[0]
    assert row["difference"] == pytest.approx(2.51 / 5, abs=EXACT)
    assert (row["won"], row["verdict"]) == (5, "helps")
    assert paired(results, "b", "a", metric=metric)["verdict"].item() == "hurts"


def test_each_task_and_number_of_shots_is_its_own_pair():
    high, low = [0.6, 0.61, 0.6, 0.62, 0.6], [0.5, 0.52, 0.5, 0.5, 0.51]
    parts = [
        table({"a": high, "b": low}),
        table({"a": low, "b": high}, shots=20),
        table({"a": low}, shots=40),
    ]
    pairs = paired(pd.concat(parts), "a", "b")
    assert pairs[["shots", "verdict"]].to_numpy().tolist() == [[5, "helps"], [20, "hurts"]]


def test_a_pair_reads_only_the_split_asked_for():
    results = pd.concat(
        [
            table({"a": [0.6, 0.61], "b": [0.5, 0.52]}),
            table({"a": [0.1, 0.2], "b": [0.9, 0.8]}, split="val"),
        ]
    )
    assert paired(results, "a", "b")["won"].item() == 2
    assert paired(results, "a", "b", split="val")["won"].item() == 0


@pytest.mark.parametrize("shift", [-0.3, -0.05, 0.0, 0.05, 0.3])
def test_a_word_never_contradicts_its_interval(shift):
    random = np.random.default_rng(0)
    for n in (5, 6, 10, 20):
        for values in random.normal(shift, 0.2, (50, n)):
            word, mean, low, high = judge(values)
            assert low < mean < high
            assert word == ("helps" if low > 0 else "hurts" if high < 0 else "cannot tell")
            assert judge(-values)[0] == {"helps": "hurts", "hurts": "helps"}.get(word, word)
    # seven of ten seeds are enough where the interval leaves out zero
    assert judge([0.5] * 7 + [-0.01] * 3)[0] == "helps"


def test_errors_name_what_is_wrong():
    results = table({"a": [0.1, 0.2], "b": [0.3, 0.4]})
    with pytest.raises(ValueError, match="regime must be one of 'a', 'b'; got 'c'"):
        paired(results, "a", "c")
    with pytest.raises(ValueError, match="metric must be one of 'accuracy'; got 'f1'"):
        summarize(results, metric="f1")
    with pytest.raises(ValueError, match=r"column of by must be one of .*; got 'style'"):
        summarize(results, by=["style"])
    with pytest.raises(ValueError, match="once at task='emoji'; seed 0 stands 2 times"):
        summarize(results, by=["task"])
    unmatched = results[(results["regime"] == "a") | (results["seed"] == 0)]
    with pytest.raises(ValueError, match=r"a and b must have the same seeds.*\[0, 1\] and \[0\]"):
        paired(unmatched, "a", "b")
    twice = pd.concat([results, results[results["regime"] == "a"]])
    with pytest.raises(
        ValueError, match="once at regime='a' task='emoji' shots=5; seed 0 stands 2"
    ):
        paired(twice, "a", "b")
    with pytest.raises(ValueError, match="seed 0 stands 2 times: the same run"):
        paired(pd.concat([results, results]), "a", "b")


def test_intervals_are_t_intervals_of_every_group():
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {"a": np.repeat([1, 2, 3], 7), "seed": [*range(7)] * 3, "value": random.normal(size=21)}
    )
    found = intervals(table, ["a"], level=0.9).set_index("a")
    for a, values in table.groupby("a")["value"]:
        expected = t_interval(values, 0.9)
        assert found.loc[a, ["mean", "ci_low", "ci_high"]].tolist() == pytest.approx(expected)
    assert (found["n_seeds"] == 7).all()


def test_one_seed_has_no_interval():
    found = intervals(pd.DataFrame({"a": [1], "seed": [0], "value": [0.5]}), ["a"])
    assert found["mean"].item() == 0.5
    assert found[["ci_low", "ci_high"]].isna().all(axis=None)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_fewer_than_five_seeds_have_numbers_and_no_word(n):
    values = [0.1, 0.12, 0.11, 0.09][:n]
    word, mean, low, high = judge(values)
    assert (word, mean) == ("", pytest.approx(np.mean(values)))
    assert no_word(values) == f"too few seeds for a word ({n}, at least 5)"
    assert told(values).startswith("no word, +1")
    assert told(values).endswith(f"): {no_word(values)}")
    assert np.isnan([low, high]).all() == (n == 1)
    assert no_word([*values, *values, 0.1, 0.1, 0.12]) == ""


@pytest.mark.parametrize("value", [0.0, 0.1, -1e-9, 1e9])
def test_equal_values_have_no_interval_and_no_word(value):
    for values in ([value] * 5, [value] * 2, np.full(7, value) * (1 + 1e-15)):
        word, mean, low, high = judge(values)
        assert (word, mean) == ("", pytest.approx(value))
        assert np.isnan([low, high]).all()
        assert "all seeds have the same value" in no_word(values)
        table = pd.DataFrame({"a": 1, "value": values})
        assert intervals(table, ["a"])[["ci_low", "ci_high"]].isna().all(axis=None)
    assert told([0.1] * 5) == (
        "no word, +10.0 (no interval): all seeds have the same value, "
        "which is no certainty about others"
    )
