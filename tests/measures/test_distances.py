"""Distances against loops over their definitions (1e-10), and where biased forms fail."""

from itertools import combinations, permutations

import numpy as np
import pytest
import torch
from scipy import stats

from tlteach.measures import cka, mmd, permuted_a_distance, proxy_a_distance

EXACT = 1e-10


def sample(n, d, *, seed, shift=0.0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((n, d)) + shift)


def rotation(d, *, seed):
    return torch.linalg.qr(sample(d, d, seed=seed)).Q


# MMD


def kernel_by_loops(rows):
    rows = rows.numpy()
    distances = [np.linalg.norm(x - y) for x, y in combinations(rows, 2)]
    width = np.median(distances)
    return np.array([[np.exp(-((x - y) ** 2).sum() / (2 * width**2)) for x in rows] for y in rows])


def mmd_by_loops(kernel, first, second):
    within = [
        sum(kernel[i, j] for i, j in permutations(part, 2)) / (len(part) * (len(part) - 1))
        for part in (first, second)
    ]
    across = np.mean([kernel[i, j] for i in first for j in second])
    return sum(within) - 2 * across


def biased_mmd(kernel, n):
    return kernel[:n, :n].mean() + kernel[n:, n:].mean() - 2 * kernel[:n, n:].mean()


@pytest.mark.parametrize(("n", "m", "d"), [(2, 2, 1), (5, 9, 3), (12, 8, 40)])
def test_mmd_equals_the_sums_of_its_definition(n, m, d):
    a, b = sample(n, d, seed=0), sample(m, d, seed=1, shift=0.5)
    kernel = kernel_by_loops(torch.cat([a, b]))
    expected = mmd_by_loops(kernel, range(n), range(n, n + m))
    assert mmd(a, b, seed=0)[0] == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(("n", "m", "shift"), [(4, 5, 0.5), (3, 3, 3.0)])
def test_p_is_the_share_of_all_ways_to_deal_the_rows(n, m, shift):
    a, b = sample(n, 2, seed=3), sample(m, 2, seed=4, shift=shift)
    kernel = kernel_by_loops(torch.cat([a, b]))
    ways = [
        mmd_by_loops(kernel, first, sorted({*range(n + m)} - {*first}))
        for first in combinations(range(n + m), n)
    ]
    share = np.mean(np.array(ways) >= ways[0] - EXACT)
    assert 0.01 < share < 0.5  # so that the sides of the test differ
    p = mmd(a, b, permutations=4000, seed=0)[1]
    assert p == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 4000))


@pytest.fixture(scope="module")
def null_mmds():
    """400 pairs of 30 rows from one distribution: value, p and the biased value."""
    rows = []
    for i in range(400):
        a, b = sample(30, 5, seed=2 * i), sample(30, 5, seed=2 * i + 1)
        together = torch.cat([a, b])
        squares = torch.cdist(together, together).square()
        kernel = torch.exp(-squares / (2 * squares[squares > 0].median()))
        rows.append((*mmd(a, b, permutations=99, seed=i), biased_mmd(kernel, 30)))
    return np.array(rows)


def test_mmd_is_zero_on_average_where_there_is_no_distance(null_mmds):
    value, _, biased = null_mmds.T
    error = value.std() / np.sqrt(len(value))
    assert abs(value.mean()) < 3 * error
    assert biased.mean() > 20 * error


def test_p_is_uniform_where_there_is_no_distance(null_mmds):
    p = null_mmds[:, 1]
    assert 0.02 <= (p <= 0.05).mean() <= 0.085  # 5 % within 3 standard errors
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert p.min() >= 1 / 100


def test_a_real_distance_is_found():
    value, p = mmd(sample(30, 5, seed=0), sample(30, 5, seed=1, shift=1.0), seed=0)
    assert value > 0.1
    assert p == 1 / 201


def test_mmd_ignores_scale_rotation_place_and_order():
    a, b = sample(20, 6, seed=0), sample(15, 6, seed=1, shift=0.5)
    turn = rotation(6, seed=2)
    value = mmd(a, b, seed=0)[0]
    moved = mmd(3 * a @ turn + 5, 3 * b.flip(0) @ turn + 5, seed=0)[0]
    assert moved == pytest.approx(value, abs=EXACT)
    assert mmd(b, a, seed=0)[0] == pytest.approx(value, abs=EXACT)


def test_the_seed_moves_p_alone():
    a, b = sample(20, 3, seed=0), sample(20, 3, seed=1, shift=0.2)
    assert mmd(a, b, seed=0) == mmd(a, b, seed=0)
    values, ps = zip(*(mmd(a, b, seed=seed) for seed in range(5)), strict=True)
    assert len(set(values)) == 1
    assert len(set(ps)) > 1


# CKA


def hsic_by_loops(k, m):
    """Means over pairs, triples and fours of different images: the U-statistic, not centred."""

    def mean(term, places):
        return np.mean([term(*chosen) for chosen in permutations(range(len(k)), places)])

    return (
        mean(lambda i, j: k[i, j] * m[i, j], 2)
        + mean(lambda i, j, q, r: k[i, j] * m[q, r], 4)
        - 2 * mean(lambda i, j, q: k[i, j] * m[i, q], 3)
    )


@pytest.mark.parametrize(("n", "d1", "d2"), [(5, 2, 3), (8, 3, 20)])
def test_cka_equals_the_sums_of_its_definition(n, d1, d2):
    a, b = sample(n, d1, seed=0), sample(n, d2, seed=1)
    b[:, 0] += a[:, 0]
    k, m = ((x @ x.T).numpy() for x in (a, b))
    size = np.sqrt(hsic_by_loops(k, k) * hsic_by_loops(m, m))
    expected = hsic_by_loops(k, m) / size
    assert cka(a, b) == pytest.approx(expected, abs=1e-8)


def biased_cka(a, b):
    a, b = a - a.mean(0), b - b.mean(0)
    return float((b.T @ a).norm() ** 2 / ((a.T @ a).norm() * (b.T @ b).norm()))


def test_cka_is_zero_for_unrelated_features_where_the_biased_form_is_not():
    pairs = [(sample(100, 512, seed=2 * i), sample(100, 512, seed=2 * i + 1)) for i in range(10)]
    assert abs(np.mean([cka(a, b) for a, b in pairs])) < 0.02
    assert biased_cka(*pairs[0]) == pytest.approx(0.84, abs=0.02)


@pytest.mark.parametrize(("n", "d"), [(6, 2), (50, 8), (20, 100)])
@pytest.mark.parametrize("scale", [1e-6, 7.0])
def test_cka_is_one_under_rotation_scale_and_shift(n, d, scale):
    a = sample(n, d, seed=0)
    assert cka(a, scale * (a @ rotation(d, seed=1) + 3)) == pytest.approx(1, abs=1e-6)


def test_cka_is_symmetric_and_sees_which_rows_are_paired():
    a = sample(40, 6, seed=0)
    b = a + sample(40, 6, seed=1)
    assert cka(a, b) == pytest.approx(cka(b, a), abs=EXACT)
    assert 0.3 < cka(a, b) < 0.9
    order = torch.from_numpy(np.random.default_rng(0).permutation(40))
    assert cka(a[order], b[order]) == pytest.approx(cka(a, b), abs=EXACT)
    assert abs(cka(a[order], b)) < 0.1


# errors


@pytest.mark.parametrize(
    "measure",
    [
        lambda a, b: mmd(a, b, seed=0),
        lambda a, b: proxy_a_distance(a, b, seed=0),
        lambda a, b: permuted_a_distance(a, b, seed=0),
        cka,
    ],
    ids=["mmd", "proxy_a_distance", "permuted_a_distance", "cka"],
)
def test_bad_features_are_named(measure):
    good = sample(10, 3, seed=0)
    gap = good.clone()
    gap[2, 1] = torch.nan
    with pytest.raises(ValueError, match=r"b must have the shape \(n, d\); got \(10, 1, 3\)"):
        measure(good, good[:, None])
    with pytest.raises(
        ValueError, match="b must be finite; got 1 NaN or infinite, the first, nan, at"
    ):
        measure(good, gap)
    with pytest.raises(ValueError, match=r"number of rows of a must be at least \d; got 1"):
        measure(good[:1], good[:1])


def test_other_errors_are_named():
    a = sample(10, 3, seed=0)
    for measure in (mmd, proxy_a_distance, permuted_a_distance):
        with pytest.raises(ValueError, match="must have the same width; got 3 and 2"):
            measure(a, a[:, :2], seed=0)
    with pytest.raises(ValueError, match="same length; got a 10, b 9"):
        cka(a, a[:9])
    with pytest.raises(ValueError, match="most of the 20 are equal"):
        mmd(0 * a, 0 * a, seed=0)
    with pytest.raises(ValueError, match="permutations must be at least 1; got 0"):
        mmd(a, a, permutations=0, seed=0)
    with pytest.raises(ValueError, match="permutations must be at least 1; got 0"):
        permuted_a_distance(a, a, permutations=0, seed=0)
    with pytest.raises(ValueError, match="folds must be at least 2; got 1"):
        proxy_a_distance(a, a, seed=0, folds=1)
    with pytest.raises(ValueError, match="number of rows of a must be at least 11; got 10"):
        proxy_a_distance(a, a, seed=0, folds=11)
    alone = torch.zeros(10, 3)
    alone[4, 1] = 0.1  # one image differs: its product with every other is the same
    for flat in (torch.full((10, 3), 0.1), alone):
        with pytest.raises(ValueError, match="b must differ between images, in more than one"):
            cka(a, flat)
