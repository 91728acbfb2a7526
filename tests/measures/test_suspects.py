"""Suspect labels and outliers: the published rules, written out plainly, and planted faults."""

import numpy as np
import pytest

from tlteach.measures import label_suspects, outlyingness


def plain(said, labels):
    """Confident learning, pruned by class, row by row."""
    usual = [np.mean([p[j] for p, y in zip(said, labels, strict=True) if y == j]) for j in range(3)]
    votes = np.zeros((3, 3))
    for p, y in zip(said, labels, strict=True):
        able = [j for j in range(3) if p[j] >= usual[j]]
        if able:
            votes[y, max(able, key=lambda j: p[j])] += 1
    found = set()
    for y in range(3):
        rows = [i for i, label in enumerate(labels) if label == y]
        if votes[y].sum():
            wrong = round(len(rows) * (1 - votes[y, y] / votes[y].sum()))
            found |= set(sorted(rows, key=lambda i: said[i][labels[i]])[:wrong])
    return found


@pytest.mark.parametrize("seed", range(5))
def test_suspects_are_those_of_the_rule_written_out(seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, 60)
    said = random.dirichlet([1, 1, 1], 60) + 1.5 * np.eye(3)[labels]
    said /= said.sum(1, keepdims=True)
    found = label_suspects(said, labels)
    assert set(found.tolist()) == plain(said, labels)
    own = said[found, labels[found]]
    assert (np.diff(own) >= 0).all()


def test_sure_and_right_probabilities_leave_no_suspect():
    labels = np.arange(30) % 3
    assert label_suspects(0.1 + 0.7 * np.eye(3)[labels], labels).tolist() == []


def test_a_class_without_rows_is_no_matter():
    said = np.array([[0.8, 0.1, 0.1]] * 4 + [[0.1, 0.8, 0.1]] * 5)
    assert label_suspects(said, np.array([0] * 4 + [1] * 4 + [0])).tolist() == [8]


def test_lengths_must_fit():
    with pytest.raises(ValueError, match="probabilities 2, labels 3"):
        label_suspects(np.ones((2, 2)), np.zeros(3, dtype=int))


def test_outlyingness_is_that_of_the_definition():
    features = np.random.default_rng(0).normal(size=(30, 6)).astype(np.float32)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    far = np.array([np.sort(1 - np.delete(unit, i, 0) @ unit[i])[:3].mean() for i in range(30)])
    off = far - np.median(far)
    expected = 0.6745 * off / np.median(np.abs(off))
    np.testing.assert_allclose(outlyingness(features, k=3), expected, rtol=1e-4, atol=1e-4)


def test_rows_that_are_all_alike_have_no_outlier():
    assert outlyingness(np.ones((8, 3), np.float32)).tolist() == [0] * 8


def test_k_must_leave_other_rows():
    with pytest.raises(ValueError, match=r"k must be between 1 and 4 \(5 rows\); got 5"):
        outlyingness(np.ones((5, 3), np.float32))
