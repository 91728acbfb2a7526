"""Pairs and summaries of results that tell which images were right: the two-way interval."""

import numpy as np
import pandas as pd
import pytest

import tlteach as tlt
from tests.helpers.answers import answers, runs
from tlteach.measures import (
    pack,
    pack_groups,
    paired,
    summarize,
    t_interval,
    two_way,
    unpack,
    unpack_groups,
    verdict,
)

A, B = answers(np.random.default_rng(0), 0.7), answers(np.random.default_rng(1), 0.5)
TWO = runs({("a", 5): A, ("b", 5): B})


def test_a_pair_is_the_two_way_interval_of_the_answers():
    row = paired(TWO, "a", "b").iloc[0]
    expected = two_way(A * 1.0 - B, np.arange(200))
    assert row["difference"] == pytest.approx(expected.mean)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((expected.low, expected.high))
    alone = t_interval(A.mean(1) - B.mean(1))
    assert (row["seeds_low"], row["seeds_high"]) == pytest.approx(alone[1:])
    assert row["ci_low"] < row["seeds_low"] < row["seeds_high"] < row["ci_high"]
    assert (row["over"], row["n_images"], row["n_groups"]) == ("seeds and images", 200, 200)
    assert (row["verdict"], row["reason"], row["won"]) == ("helps", "", 5)


def test_the_sentence_tells_both_intervals():
    said = str(verdict(TWO, "a", "b"))
    row = paired(TWO, "a", "b").iloc[0]
    both, alone = (
        f"{100 * row[low]:.1f} to {100 * row[high]:.1f}"
        for low, high in (("ci_low", "ci_high"), ("seeds_low", "seeds_high"))
    )
    assert said == (
        f"a against b: helps, {100 * row['difference']:+.1f} points "
        f"({both} over seeds and test images; {alone} over seeds alone), 5 of 5 seeds"
    )


def test_the_word_follows_the_interval_over_images_too():
    """Two methods that answer each drawn image alike on every seed differ by the draw alone."""
    random = np.random.default_rng(3)
    a, b = (
        (random.permutation(100) < right) ^ (random.random((5, 100)) < 0.02) for right in (58, 48)
    )
    row = paired(runs({("a", 5): a, ("b", 5): b}), "a", "b").iloc[0]
    assert row["seeds_low"] > 0 > row["ci_low"]
    assert row["verdict"] == "cannot tell"


def test_methods_equal_on_the_population_rarely_earn_a_word():
    random = np.random.default_rng(0)
    words, alone = [], []
    for _ in range(150):
        # the same share of all pictures, but each method has its own easy ones
        a, b = (random.random((5, 80)) < random.beta(0.5, 0.5, 80) for _ in "ab")
        row = paired(runs({("a", 5): a, ("b", 5): b}), "a", "b").iloc[0]
        words.append(row["verdict"] != "cannot tell")
        alone.append(row["seeds_low"] > 0 or row["seeds_high"] < 0)
    assert np.mean(words) <= 0.09  # 5 % and three standard errors is 10 %
    assert np.mean(alone) > 0.15  # shows that the check can fail


def test_images_that_belong_together_widen_the_interval():
    things = np.repeat(np.arange(50), 4)  # four drawings each, right or wrong together
    a, b = A[:, things], B[:, things]
    grouped, single = (
        paired(runs({("a", 5): a, ("b", 5): b}, groups), "a", "b").iloc[0]
        for groups in (things, None)
    )
    width = [row["ci_high"] - row["ci_low"] for row in (grouped, single)]
    assert width[0] > 1.1 * width[1]
    assert (grouped["n_images"], grouped["n_groups"]) == (200, 50)
    assert grouped["seeds_low"] == single["seeds_low"]


def test_where_one_run_lacks_its_answers_the_interval_is_over_seeds():
    for lacking in (
        TWO.drop(columns=["right", "groups"]),
        TWO.assign(right=[None, *TWO["right"][1:]]),
        TWO.assign(split="val", right=None, groups=None),
    ):
        row = paired(lacking, "a", "b", split=lacking["split"][0]).iloc[0]
        assert (row["over"], row["n_images"]) == ("seeds", 0)
        expected = t_interval(A.mean(1) - B.mean(1))
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(expected[1:])
    assert "over seeds alone)" in str(verdict(TWO.drop(columns="right"), "a", "b"))


@pytest.mark.parametrize("n", [2, 4])
def test_few_seeds_have_both_intervals_and_no_word(n):
    found = verdict(TWO[TWO["seed"] < n], "a", "b")
    assert (found.word, found.over) == ("", "seeds and images")
    assert found.low < found.difference < found.high
    assert str(found).endswith(f"; too few seeds for a word ({n}, at least 5)")


def test_a_single_seed_and_a_single_group_are_told_over_seeds():
    assert verdict(TWO[TWO["seed"] == 0], "a", "b").over == "seeds"
    together = runs({("a", 5): A, ("b", 5): B}, np.zeros(200))
    assert verdict(together, "a", "b").over == "seeds"


def test_equal_answers_have_no_interval_and_a_reason():
    found = verdict(runs({("a", 5): A, ("b", 5): A}), "a", "b")
    assert found.word == ""
    assert np.isnan([found.low, found.high]).all()
    assert "(no interval)" in str(found)
    assert "; all values are equal" in str(found)


def test_different_test_images_are_refused_in_words():
    fewer = runs({("b", 5): B[:, :150]})
    with pytest.raises(ValueError, match=r"same images.*got 200 images and 150"):
        paired(pd.concat([TWO[TWO["regime"] == "a"], fewer]), "a", "b")
    grouped = TWO.assign(groups=[pack_groups(np.arange(200) // (1 + i // 5)) for i in range(10)])
    with pytest.raises(ValueError, match="got 200 images and 200, grouped differently"):
        paired(grouped, "a", "b")
    with pytest.raises(ValueError, match="same images"):
        summarize(pd.concat([TWO[TWO["seed"] < 3], fewer[fewer["seed"] > 2]]))
    with pytest.raises(ValueError, match=r"value must be the share.*got 0\.9000 and"):
        paired(TWO.assign(value=0.9), "a", "b")
    with pytest.raises(ValueError, match="packed must hold 200 images; got 3"):
        paired(TWO.assign(right=pack(np.ones(3, bool))), "a", "b")


def test_a_summary_is_the_two_way_interval_of_each_arm():
    table = pd.concat([TWO, runs({("c", 5): A}, split="val", right=None, groups=None)])
    summary = summarize(table).set_index("regime")
    expected = two_way(A, np.arange(200))
    row = summary.loc["a"]
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((expected.low, expected.high))
    alone = t_interval(A.mean(1))
    assert (row["seeds_low"], row["seeds_high"]) == pytest.approx(alone[1:])
    assert (row["over"], summary.loc["c", "over"]) == ("seeds and images", "seeds")
    assert (summary.loc["c", "ci_low"], summary.loc["c", "ci_high"]) == pytest.approx(alone[1:])
    few = summarize(TWO[TWO["seed"] < 2])
    assert few[["ci_low", "ci_high"]].notna().all(axis=None)


def test_a_real_comparisons_verdict_is_the_two_way_interval_of_its_answers():
    digits = tlt.load_task("digits")
    results = tlt.compare(
        digits, backbone="small_cnn", regimes=["frozen"], shots=[2], seeds=range(5),
        search=1, progress=False,
    )  # fmt: skip
    rows = results[(results["split"] == "test") & (results["metric"] == "accuracy")]
    groups = unpack_groups(rows["groups"].iloc[0])
    assert len(groups) == len(digits.test)
    ours, raw = (
        np.array([unpack(one, len(groups)) for one in rows[rows["regime"] == name]["right"]])
        for name in ("frozen", "raw_pixels")
    )
    expected = two_way(ours * 1.0 - raw, groups)
    found = verdict(results, "frozen", "raw_pixels")
    assert (found.word, found.low, found.high) == (expected.word, expected.low, expected.high)
    assert "over seeds and test images" in str(found)
    assert (summarize(results).query("split == 'test'")["over"] == "seeds and images").all()
