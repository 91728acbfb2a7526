"""The proxy A-distance against a loop over folds (1e-10), and its control against fresh samples."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from tlteach.base import derive
from tlteach.measures import domain_gap, mmd, permuted_a_distance, proxy_a_distance


def sample(n, d, *, seed, shift=0.0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((n, d)) + shift)


@pytest.mark.parametrize(("n", "m"), [(40, 40), (60, 25)])
def test_proxy_a_distance_equals_a_loop_over_folds(n, m):
    a, b = sample(n, 4, seed=0), sample(m, 4, seed=1, shift=0.6)
    x, y = torch.cat([a, b]).numpy(), np.repeat([0, 1], [n, m])
    right = []
    folds = StratifiedKFold(5, shuffle=True, random_state=derive(7, "split") % 2**32)
    for fitted, held in folds.split(x, y):
        mean, scale = x[fitted].mean(0), x[fitted].std(0)
        weight = len(fitted) / (2 * np.bincount(y[fitted]))  # both sets count alike
        model = LogisticRegression(max_iter=1000)
        model.fit((x[fitted] - mean) / scale, y[fitted], sample_weight=weight[y[fitted]])
        hit = model.predict((x[held] - mean) / scale) == y[held]
        right.append((hit[y[held] == 0].mean() + hit[y[held] == 1].mean()) / 2)
    expected = 2 * (1 - 2 * (1 - np.mean(right)))
    assert 0.1 < expected < 1.9
    assert proxy_a_distance(a, b, seed=7) == pytest.approx(expected, abs=1e-10)


def test_proxy_a_distance_is_near_zero_where_the_training_error_says_two():
    pairs = [(sample(100, 512, seed=2 * i), sample(100, 512, seed=2 * i + 1)) for i in range(10)]
    held_out = [proxy_a_distance(a, b, seed=i) for i, (a, b) in enumerate(pairs)]
    assert np.mean(held_out) < 0.15
    together, domain = torch.cat(pairs[0]).numpy(), np.repeat([0, 1], 100)
    error = 1 - LogisticRegression(max_iter=1000).fit(together, domain).score(together, domain)
    assert 2 * (1 - 2 * error) == 2


def test_unequal_sizes_make_no_distance():
    a, b = sample(300, 5, seed=0), sample(30, 5, seed=1)
    assert proxy_a_distance(a, b, seed=0) < 0.4
    assert 2 * (1 - 2 * 30 / 330) > 1.6  # what always answering the larger set would give


def test_proxy_a_distance_runs_from_zero_to_two():
    a = sample(50, 3, seed=0)
    assert proxy_a_distance(a, a + 100, seed=0) == 2
    assert proxy_a_distance(a, a, seed=0) == 0
    middle = [proxy_a_distance(a, sample(50, 3, seed=1, shift=s), seed=0) for s in (0.5, 1, 2)]
    assert 0 < middle[0] < middle[1] < middle[2] < 2


def test_proxy_a_distance_depends_on_the_seed_alone():
    a, b = sample(60, 5, seed=0), sample(60, 5, seed=1, shift=0.3)
    assert proxy_a_distance(a, b, seed=0) == proxy_a_distance(a, b, seed=0)
    assert len({proxy_a_distance(a, b, seed=seed) for seed in range(5)}) > 1


def test_the_control_is_what_fresh_samples_of_one_distribution_give():
    pairs = [(sample(60, 4, seed=2 * i), sample(25, 4, seed=2 * i + 1)) for i in range(80)]
    plain = np.array([proxy_a_distance(a, b, seed=i) for i, (a, b) in enumerate(pairs)])
    dealt = np.array(
        [permuted_a_distance(a, b, permutations=1, seed=i)[0] for i, (a, b) in enumerate(pairs)]
    )
    luck = np.hypot(*(x.std(ddof=1) / len(x) ** 0.5 for x in (plain, dealt)))
    assert plain.mean() > 3 * luck  # clipped, so positive on average
    assert abs(dealt.mean() - plain.mean()) < 2 * luck


def test_the_control_forgets_a_real_distance_and_keeps_the_sizes():
    a, b = sample(60, 5, seed=0), sample(20, 5, seed=1, shift=3)
    dealt = permuted_a_distance(a, b, seed=0)
    assert dealt.shape == (20,)
    assert dealt.min() >= 0
    assert dealt.mean() < 0.5 < 1.9 < proxy_a_distance(a, b, seed=0)
    same = torch.ones(20, 2)  # nothing to tell apart, however dealt: half of each set is right
    assert (permuted_a_distance(same, same[:7], permutations=3, seed=0) == 0).all()


def test_the_control_depends_on_the_seed_alone_and_more_of_it_begins_alike():
    a, b = sample(30, 3, seed=0), sample(30, 3, seed=1)
    five = permuted_a_distance(a, b, permutations=5, seed=0)
    assert (permuted_a_distance(a, b, permutations=8, seed=0)[:5] == five).all()
    assert (permuted_a_distance(a, b, permutations=5, seed=1) != five).any()


def test_a_gap_holds_each_measure_beside_its_control():
    random = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 30, 4, generator=random)
    found = domain_gap(a, b + 3, seed=0)
    squared, p = mmd(a, b + 3, seed=0)
    dealt = permuted_a_distance(a, b + 3, seed=0)
    assert (found["squared MMD"], found["p"]) == (squared, p)
    assert found["A"] == proxy_a_distance(a, b + 3, seed=0)
    assert (found["A dealt, mean"], found["A dealt, most"]) == (dealt.mean(), dealt.max())
