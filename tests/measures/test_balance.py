"""Balanced accuracy with its interval: the mean over classes, and what their images allow."""

import numpy as np
import pandas as pd
import pytest

import tlteach as tlt
from tests.helpers.answers import answers, runs
from tlteach.measures import default_metric, pack_groups, t_interval, two_way
from tlteach.measures.balance import evened, is_unequal
from tlteach.measures.estimate import contrast

SIZES = (120, 10)
CLASSES = np.repeat([0, 1], SIZES)
A, B = (answers(np.random.default_rng(i), share, n=130) for i, share in ((0, 0.9), (1, 0.4)))


def table(matrices, classes=CLASSES, groups=None):
    """Rows of both accuracies, as `compare` writes them."""
    plain = runs(matrices, groups, classes=pack_groups(classes))
    matrix = [m for of in matrices.values() for m in of]
    means = [np.mean([m[classes == c].mean() for c in np.unique(classes)]) for m in matrix]
    return pd.concat([plain, plain.assign(metric="balanced_accuracy", value=means)])


TWO = table({("a", 5): A, ("b", 5): B})


def test_unequal_classes_are_compared_by_balanced_accuracy():
    assert default_metric(TWO) == "balanced_accuracy"
    row = tlt.paired(TWO, "a", "b").iloc[0]
    d = A * 1.0 - B
    per_seed = (d[:, :120].mean(1) + d[:, 120:].mean(1)) / 2
    assert row["metric"] == "balanced_accuracy"
    assert row["difference"] == pytest.approx(per_seed.mean())
    assert (row["seeds_low"], row["seeds_high"]) == pytest.approx(t_interval(per_seed)[1:])
    assert (row["over"], row["n_images"]) == ("seeds and images", 130)
    assert row["ci_low"] < row["seeds_low"] < row["seeds_high"] < row["ci_high"]
    said = str(tlt.verdict(TWO, "a", "b"))
    assert said.startswith(
        f"a against b: helps, {100 * per_seed.mean():+.1f} points of balanced ac"
    )
    summary = tlt.summarize(TWO, by=["regime"])
    assert set(summary["metric"]) == {"balanced_accuracy"}
    assert summary["mean"].iloc[0] == pytest.approx((A[:, :120].mean() + A[:, 120:].mean()) / 2)
    saved = tlt.labels_saved(TWO, "a", "b", shots=5)
    assert saved.target == pytest.approx(summary["mean"].iloc[0])
    assert tlt.paired(TWO, "a", "b", metric="accuracy")["metric"].tolist() == ["accuracy"]


def test_classes_that_are_nearly_equal_are_compared_by_accuracy():
    even = table({("a", 5): A, ("b", 5): B}, np.arange(130) % 2)
    assert default_metric(even) == "accuracy"
    assert is_unequal(np.repeat([0, 1], [11, 1]))
    assert not is_unequal(np.repeat([0, 1], [10, 1]))
    assert default_metric(TWO.drop(columns="classes")) == "accuracy"  # as of older versions
    assert default_metric(TWO.assign(classes=None)) == "accuracy"


def test_with_classes_of_one_size_it_is_the_two_way_interval_of_strata():
    """Both have one mean; images of one class are compared with those of their class alone."""
    classes = np.arange(130) % 2
    row = tlt.paired(
        table({("a", 5): A, ("b", 5): B}, classes), "a", "b", metric="balanced_accuracy"
    ).iloc[0]
    plain = two_way(A * 1.0 - B, np.arange(130))
    assert row["difference"] == pytest.approx(plain.mean)
    assert row["ci_high"] - row["ci_low"] == pytest.approx(plain.high - plain.low, rel=0.05)
    spread = evened(A * 1.0 - B, classes, np.arange(130))
    assert spread.mean(1) == pytest.approx((A * 1.0 - B).mean(1))


@pytest.mark.parametrize(("rare", "over"), [(1, "seeds"), (4, "seeds and images")])
def test_a_class_of_few_test_images_gets_no_word(rare, over):
    classes = np.repeat([0, 1], [130 - rare, rare])
    found = tlt.verdict(table({("a", 5): A, ("b", 5): B}, classes), "a", "b")
    assert (found.word, found.over) == ("", over)
    assert found.reason == f"a class with too few test images for a word ({rare}, at least 5)"
    things = np.where(np.arange(130) < 120, np.arange(130), 120 + np.arange(130) % 4)
    grouped = tlt.verdict(table({("a", 5): A, ("b", 5): B}, groups=things), "a", "b")
    assert grouped.reason == "a class with too few test groups of images for a word (4, at least 5)"


def test_runs_on_other_classes_are_refused():
    mixed = TWO.copy()
    mixed.iloc[-1, mixed.columns.get_loc("classes")] = pack_groups(CLASSES[::-1] * np.arange(130))
    with pytest.raises(ValueError, match=r"tested on the same images, .* classed differently"):
        tlt.paired(mixed, "a", "b")


@pytest.mark.parametrize("sizes", [(60, 6), (80, 8, 8)])
def test_methods_equal_on_the_population_rarely_earn_a_word(sizes):
    random, n = np.random.default_rng(0), sum(sizes)
    classes, words = np.repeat(np.arange(len(sizes)), sizes), []
    for _ in range(300):
        # each method has its own easy images and its own bad seeds
        a, b = (
            random.random((5, n)) < random.beta(1, 1, n) + random.normal(0, 0.05, (5, 1))
            for _ in "ab"
        )
        found = table({("a", 5): a, ("b", 5): b}, classes).iloc[10:]
        words.append(contrast(found.iloc[:5], found.iloc[5:], "balanced_accuracy").word)
    assert np.mean([word != "cannot tell" for word in words]) <= 0.06
