"""The two-way interval against naive loops and known cases; its properties and errors."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats as reference

from tlteach.measures import false_words_expected, false_words_told, t_interval, two_way

NUMBERS = (
    "mean", "low", "high", "seeds_low", "seeds_high", "se_seeds", "se_images", "se_both",
)  # fmt: skip


def numbers(found):
    return np.array([getattr(found, name) for name in NUMBERS])


def naive(d, groups, level=0.95):
    """Return mean, low, high, V_seeds, V_images and V_both by loops, straight from the formulas."""
    S, n = len(d), len(d[0])
    names = sorted(set(groups))
    G = len(names)
    mean = sum(sum(row) for row in d) / (S * n)
    row_mean = [sum(row) / n for row in d]
    image_mean = [sum(row[i] for row in d) / S for i in range(n)]
    seeds = sum((m - mean) ** 2 for m in row_mean) / (S - 1) / S
    images = both = 0.0
    for name in names:
        mine = [i for i in range(n) if groups[i] == name]
        images += (sum(image_mean[i] - mean for i in mine) / n) ** 2 * G / (G - 1)
        for s in range(S):
            left = sum(d[s][i] - row_mean[s] - image_mean[i] + mean for i in mine)
            both += (left / (S * n)) ** 2 * S / (S - 1) * G / (G - 1)
    t_seeds, t_images = (reference.t.ppf((1 + level) / 2, k - 1) for k in (S, G))
    half = math.sqrt(t_seeds**2 * seeds + t_images**2 * max(images - both, 0))
    return mean, mean - half, mean + half, seeds, images, both


def answers(random, S=5, n=60):
    """Return a matrix of 1, 0 and -1 in which seeds and images both matter, and uneven groups."""
    z = 0.4 * random.normal(size=(S, 1)) + random.normal(size=n) + random.normal(size=(S, n))
    return np.sign(np.round(0.7 * z)), random.integers(0, n // 3, n)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
@pytest.mark.parametrize(("S", "n"), [(2, 30), (5, 60), (9, 31)])
def test_everything_equals_naive_loops(S, n, level):
    d, groups = answers(np.random.default_rng([S, n]), S, n)
    found = two_way(d, groups, level)
    squared = (found.se_seeds**2, found.se_images**2, found.se_both**2)
    expected = naive(d.tolist(), groups.tolist(), level)
    assert (found.mean, found.low, found.high, *squared) == pytest.approx(expected, abs=1e-12)
    assert (found.n_seeds, found.n_groups, found.n_images) == (S, len(set(groups)), n)
    assert (found.df_seeds, found.df_images) == (S - 1, len(set(groups)) - 1)


def test_the_ends_over_seeds_are_those_of_the_t_interval():
    d, groups = answers(np.random.default_rng(1))
    found = two_way(d, groups, 0.9)
    expected = t_interval(d.mean(1), 0.9)
    assert (found.mean, found.seeds_low, found.seeds_high) == pytest.approx(expected, abs=1e-12)


def test_where_all_seeds_answer_alike_it_is_the_t_interval_over_images():
    image = np.random.default_rng(2).integers(-1, 2, 40).astype(float)
    found = two_way(np.tile(image, (5, 1)), np.arange(40))
    expected = reference.ttest_1samp(image, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=1e-9)
    assert found.se_images == pytest.approx(reference.sem(image), abs=1e-12)
    assert (found.se_seeds, found.se_both) == (0, 0)
    assert np.isnan([found.seeds_low, found.seeds_high]).all()  # no width over seeds: no interval
    assert found.word


def test_even_groups_of_equal_seeds_are_the_t_interval_over_the_groups_means():
    image = np.random.default_rng(3).normal(size=(20, 4))
    found = two_way(np.tile(image.ravel(), (6, 1)), np.arange(20).repeat(4))
    expected = reference.ttest_1samp(image.mean(1), 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=1e-9)


def test_where_all_images_answer_alike_it_is_the_t_interval_over_seeds():
    seed = np.random.default_rng(4).normal(size=5)
    found = two_way(np.tile(seed[:, None], 30), np.arange(30))
    expected = reference.ttest_1samp(seed, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=1e-9)
    assert found.se_images == 0


def test_the_three_variances_are_unbiased():
    random = np.random.default_rng(5)
    S, G, a, b, e = 4, 7, 0.5, 0.8, 1.5
    found = np.zeros((3000, 3))
    for i in range(len(found)):
        d = (
            a * random.normal(size=(S, 1))
            + b * random.normal(size=G)
            + e * random.normal(size=(S, G))
        )
        one = two_way(d, np.arange(G))
        found[i] = one.se_seeds**2, one.se_images**2, one.se_both**2
    both = e**2 / (S * G)
    expected = np.array([a**2 / S + both, b**2 / G + both, both])
    error = found.std(0) / math.sqrt(len(found))
    assert (np.abs(found.mean(0) - expected) < 4 * error).all()


matrices = st.builds(
    lambda seed, S, n: answers(np.random.default_rng(seed), S, n),
    st.integers(0, 10**6), st.integers(2, 8), st.integers(12, 60),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(matrices, st.floats(-5, 5))
def test_a_shift_shifts_the_ends_and_nothing_else(made, shift):
    d, groups = made
    moved, still = two_way(d + shift, groups), two_way(d, groups)
    expected = numbers(still) + shift * np.array([1, 1, 1, 1, 1, 0, 0, 0])
    np.testing.assert_allclose(numbers(moved), expected, atol=1e-9)
    assert moved.reason == still.reason


@settings(max_examples=60, deadline=None)
@given(matrices, st.integers(0, 10**6))
def test_order_and_names_do_not_matter(made, seed):
    d, groups = made
    random = np.random.default_rng(seed)
    rows, columns = random.permutation(len(d)), random.permutation(d.shape[1])
    names = np.array([f"thing {7 * k}" for k in groups])
    mixed = two_way(d[rows][:, columns], names[columns])
    np.testing.assert_allclose(numbers(mixed), numbers(two_way(d, groups)), atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(matrices, st.integers(2, 4))
def test_copies_of_images_in_their_groups_tell_nothing_new(made, times):
    d, groups = made
    copied = two_way(d.repeat(times, axis=1), groups.repeat(times))
    np.testing.assert_allclose(numbers(copied), numbers(two_way(d, groups)), atol=1e-12)
    alone = two_way(d.repeat(times, axis=1), np.arange(times * len(groups)))
    assert alone.se_images < two_way(d, np.arange(len(groups))).se_images  # as new images would


@settings(max_examples=60, deadline=None)
@given(matrices, st.floats(0.01, 100))
def test_the_other_way_round_is_the_mirror_and_units_do_not_matter(made, factor):
    d, groups = made
    found, mirror = two_way(d, groups), two_way(-factor * d, groups)
    ends = np.array([found.high, found.low, found.seeds_high, found.seeds_low])
    got = np.array([mirror.low, mirror.high, mirror.seeds_low, mirror.seeds_high])
    np.testing.assert_allclose(got, -factor * ends, atol=1e-9 * factor)
    assert mirror.word == {"helps": "hurts", "hurts": "helps"}.get(found.word, found.word)


@settings(max_examples=200, deadline=None)
@given(matrices, st.sampled_from([0.5, 0.8, 0.95]))
def test_the_word_never_contradicts_and_no_interval_is_narrower_than_over_seeds(made, level):
    found = two_way(*made, level)
    assert bool(found.word) != bool(found.reason)
    if math.isnan(found.low):
        assert found.reason
        assert math.isnan(found.high)
        return
    assert found.low < found.mean < found.high  # never of no width
    if not math.isnan(found.seeds_low):
        assert found.low <= found.seeds_low + 1e-12
        assert found.high >= found.seeds_high - 1e-12
    outside = "helps" if found.low > 0 else "hurts" if found.high < 0 else "cannot tell"
    assert found.word == (outside if found.n_seeds >= 5 else "")


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1])
def test_equal_values_have_no_interval_and_no_word(value):
    found = two_way(np.full((5, 30), value), np.arange(30))
    assert found.mean == pytest.approx(value)
    assert np.isnan([found.low, found.high, found.seeds_low, found.seeds_high]).all()
    assert "all values are equal" in found.reason
    assert found.word == ""
    assert "(no interval): all values are equal" in str(found)


def test_seeds_with_one_mean_by_chance_have_no_interval():
    d = np.array([[1, 1, 0, 0, 1, 0], [1, 0, 1, 0, 0, 1], [1, 1, 0, 1, 0, 0]] * 2)
    found = two_way(d, np.arange(6))
    assert np.isnan([found.low, found.high]).all()
    assert "the same mean on different images" in found.reason
    level_groups = two_way(np.tile([1, -1, 1, -1], (5, 1)), [0, 0, 1, 1])
    assert "neither the means of seeds nor those of groups differ" in level_groups.reason
    assert math.isnan(level_groups.low)
    assert level_groups.word == ""


@pytest.mark.parametrize("S", [2, 3, 4, 5])
def test_fewer_than_five_seeds_have_numbers_and_no_word(S):
    random = np.random.default_rng(6)
    found = two_way(1 - (random.random((S, 400)) < 0.1), np.arange(400))
    assert found.low > 0
    assert found.word == ("helps" if S == 5 else "")
    assert found.reason == ("" if S == 5 else f"too few seeds for a word ({S}, at least 5)")
    assert ("): too few seeds" in str(found)) == (S < 5)


def test_one_methods_accuracy_and_bools_will_do():
    right = np.random.default_rng(7).random((5, 200)) < 0.8
    found = two_way(right, np.arange(200))
    assert found == two_way(right.astype(float), np.arange(200))
    assert found.low < right.mean() < found.high
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.low = 0


@pytest.mark.parametrize(
    ("differences", "groups", "message"),
    [
        ([[1, 0]], [0, 1], r"number of seeds must be at least 2 \(one seed.*\); got 1"),
        ([[1, 0], [0, 1]], [3, 3], r"number of groups must be at least 2 \(images of.*\); got 1"),
        ([[1, 0], [0, np.nan]], [0, 1], "must be finite; got nan at seed 1, image 1"),
        ([[1, np.inf], [0, 1]], [0, 1], "must be finite; got inf at seed 0, image 1"),
        ([1, 0], [0, 1], r"shape \(seeds, images\), none of them 0; got \(2,\)"),
        (np.zeros((2, 0)), [], r"shape \(seeds, images\), none of them 0; got \(2, 0\)"),
        ([[1, 0], [0]], [0, 1], "differences must be numbers, as many for each seed"),
        ([["a", "b"], ["c", "d"]], [0, 1], "differences must be numbers, .*'a'"),
        ([[1, 0], [0, 1]], [0, 1, 2], r"each of the 2 images; got shape \(3,\)"),
        ([[1, 0], [0, 1]], [[0, 1]], r"each of the 2 images; got shape \(1, 2\)"),
        ([[1, 0], [0, 1]], [0, np.nan], "a group for every image; got .*nan"),
        ([[1, 0], [0, 1]], ["a", None], "a group for every image; got None"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(differences, groups, message):
    with pytest.raises(ValueError, match=message):
        two_way(differences, groups)


def test_the_largest_and_smallest_numbers_do_not_overflow():
    d, groups = answers(np.random.default_rng(11))
    for scale in (1e300, 1.7e308, 1e-300):
        np.testing.assert_allclose(
            numbers(two_way(d * scale, groups)) / scale, numbers(two_way(d, groups)), rtol=1e-9
        )


@pytest.mark.parametrize("level", [0, 1])
def test_a_certain_or_an_empty_level_is_refused(level):
    with pytest.raises(ValueError, match=f"level must be above 0 and below 1; got {level}"):
        two_way([[1, 0], [0, 1]], [0, 1], level)
    with pytest.raises(ValueError, match="level must be between 0 and 1; got 2"):
        two_way([[1, 0], [0, 1]], [0, 1], 2)


def test_false_words_are_counted_and_told():
    assert false_words_expected(0) == 0
    assert false_words_expected(20) == pytest.approx(1)
    assert false_words_expected(20, 0.99) == pytest.approx(0.2)
    assert "Verdicts: 20. If nothing differed, 1 of them" in false_words_told(20)
    assert "nothing differed, 0.05 of them" in false_words_told(1)
    assert "nothing differed, 62 of them" in false_words_told(1234)
    with pytest.raises(ValueError, match="number of verdicts must be at least 0; got -1"):
        false_words_expected(-1)
