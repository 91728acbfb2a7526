"""The functions that notebook 13 asks for: right ones, typical wrong ones, and cases."""

from __future__ import annotations

import math
import statistics

from tlteach.base import rng


def standardise(train: list[float], value: float) -> float:
    """Return a value as `StandardScaler` would, had it been fitted on a training column."""
    mean = sum(train) / len(train)
    spread = math.sqrt(sum((x - mean) ** 2 for x in train) / len(train))
    if spread > 0:
        return (value - mean) / spread
    return value - mean


def columns() -> list[tuple[list[float], float]]:
    """Return training columns, one of them constant, each with a value to standardise."""
    random = rng(0, "test")
    found: list[tuple[list[float], float]] = [
        ([1.0, 3.0], 4.0),
        ([2.0], 5.0),
        ([1.0, 1.25], 2.0),
        ([1.0, 3.0], 2.0),
        ([0.0, 0.0, 0.0], -1.0),
    ]
    for _ in range(20):
        train = random.uniform(-5, 20, 4).round(1).tolist()
        found.append((train, round(float(random.uniform(-5, 20)), 1)))
    return found


SCALED = (([1.0, 7.0], 10.0), ([2.0, 2.0], 5.0))


def fitted_on_all(train: list[float], value: float) -> float:
    """Let the new value into the mean and the spread."""
    return standardise([*train, value], value)


def by_variance(train: list[float], value: float) -> float:
    """Forget the square root."""
    squared = statistics.pvariance(train)
    return (value - statistics.mean(train)) / squared if squared else value - train[0]


def by_sample_spread(train: list[float], value: float) -> float:
    """Divide the squares by one less than their number."""
    spread = statistics.stdev(train)
    return (value - statistics.mean(train)) / spread if spread else value - train[0]


def into_range(train: list[float], value: float) -> float:
    """Scale to the range of the training column instead."""
    width = max(train) - min(train)
    return (value - min(train)) / width if width else value - train[0]


def corrected(scores: list[float], n_train: int, n_test: int) -> float:
    """Return the standard error of Nadeau and Bengio for scores of splits that overlap."""
    mean = sum(scores) / len(scores)
    variance = sum((score - mean) ** 2 for score in scores) / (len(scores) - 1)
    return math.sqrt(variance * (1 / len(scores) + n_test / n_train))


def splits() -> list[tuple[list[float], int, int]]:
    """Return scores of splits, with the rows of a training and of a test part."""
    random = rng(1, "test")
    found = [([0.5, 0.75, 1.0, 0.75], 80, 20), ([0.5, 0.5], 10, 5)]
    for folds in (3, 5, 10):
        for size in (60, 100, 500):
            n_test, scores = size // folds, random.uniform(0.4, 0.9, 2 * folds).round(2)
            found.append((scores.tolist(), size - n_test, n_test))
    return found


def naive(scores: list[float], n_train: int, n_test: int) -> float:
    """Take the splits for independent."""
    return statistics.stdev(scores) / math.sqrt(len(scores))


def spread_alone(scores: list[float], n_train: int, n_test: int) -> float:
    """Return the standard deviation of the scores."""
    return statistics.stdev(scores)


def turned_share(scores: list[float], n_train: int, n_test: int) -> float:
    """Divide training rows by test rows."""
    return corrected(scores, n_test, n_train)


def squared(scores: list[float], n_train: int, n_test: int) -> float:
    """Return the variance, without its root."""
    return float(corrected(scores, n_train, n_test) ** 2)
