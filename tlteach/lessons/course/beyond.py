"""Masks, ranks and surprise: what notebook 16 asks for, right and typically wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tlteach.base import rng

Mask = Sequence[bool]
ROUNDED = 0.05  # per cent
# calls to try by hand
MASKS = (([True, True, False, False], [True, False, True, False]), ([True], [True]))
RANKS = (([1, 3, 2, 2, 9], 2), ([4], 5))
CHANCES = (([0.5, 0.25],), ([0.125, 0.125, 1.0],))


def overlap(found: Mask, true: Mask) -> float:
    """Return the places in both masks, divided by the places in either.

    Examples
    --------
    >>> overlap([True, True, False], [True, False, False])
    0.5
    """
    pairs = [*zip(found, true, strict=True)]
    return sum(f and t for f, t in pairs) / sum(f or t for f, t in pairs)


def agreeing(found: Mask, true: Mask) -> float:
    """Return the share of all places where the masks agree."""
    return sum(f == t for f, t in zip(found, true, strict=True)) / len(true)


def met(found: Mask, true: Mask) -> float:
    """Return the share of the true places that were found."""
    return sum(f and t for f, t in zip(found, true, strict=True)) / sum(true)


def twice(found: Mask, true: Mask) -> float:
    """Divide by the sizes of both masks together, which counts what they share twice."""
    both = sum(f and t for f, t in zip(found, true, strict=True))
    return both / (sum(found) + sum(true))


def masks() -> list[tuple[list[bool], list[bool]]]:
    """Return pairs of masks, each with a place, some of them equal or apart."""
    random = rng(0, "test")
    cases = [([True], [True]), ([True, False], [False, True]), ([True, True], [True, True])]
    while len(cases) < 24:
        found, true = random.random((2, int(random.integers(3, 12)))) < random.uniform(0.2, 0.8)
        if found.any() and true.any():
            cases.append((found.tolist(), true.tolist()))
    return cases


def chance(results: pd.DataFrame) -> float:
    """Return how many windows of a hundred are a hit."""
    return float(100 * results["good"].sum() / results["windows"].sum())


def chance_band(results: pd.DataFrame) -> tuple[float, float]:
    """Return the band of a rounded answer."""
    return chance(results) - ROUNDED, chance(results) + ROUNDED


def one_photograph(results: pd.DataFrame) -> float:
    """Return one of the sixteen photographs."""
    return 100 / 16


def one_window(results: pd.DataFrame) -> float:
    """Return one window, as if only a perfect one were a hit."""
    return float(100 / results["windows"].mean())


def canvases() -> Mapping[str, Any]:
    """Return what stands on canvases as the notebook has it, made up."""
    good = [5, 4, 3, 5, 5, 4]
    return {"results": pd.DataFrame({"canvas": range(6), "windows": 100, "good": good})}


def top(ranks: Sequence[int], k: int) -> float:
    """Return the share of questions whose right passage is among the first k.

    Examples
    --------
    >>> top([1, 4], 3)
    0.5
    """
    return sum(rank <= k for rank in ranks) / len(ranks)


def from_zero(ranks: Sequence[int], k: int) -> float:
    """Count as if the first rank were 0."""
    return sum(rank < k for rank in ranks) / len(ranks)


def counted(ranks: Sequence[int], k: int) -> int:
    """Return how many, not which share."""
    return sum(rank <= k for rank in ranks)


def exactly(ranks: Sequence[int], k: int) -> float:
    """Return the share at rank k alone."""
    return sum(rank == k for rank in ranks) / len(ranks)


def missed(ranks: Sequence[int], k: int) -> float:
    """Return the share that is not among the first k."""
    return sum(rank > k for rank in ranks) / len(ranks)


def ranks() -> list[tuple[list[int], int]]:
    """Return ranks from 1 on, many of them equal, and how many passages are looked at."""
    random = rng(1, "test")
    cases = [([1], 1), ([2], 1), ([3, 3, 3], 3)]
    for _ in range(20):
        n = int(random.integers(2, 9))
        cases.append((random.integers(1, 9, n).tolist(), int(random.integers(1, 7))))
    return cases


def bits(chances: Sequence[float]) -> float:
    """Return the mean surprise in bits: minus the logarithm to base 2 of each chance.

    Examples
    --------
    >>> bits([0.5, 0.125])
    2.0
    """
    return sum(-math.log2(p) for p in chances) / len(chances)


def nats(chances: Sequence[float]) -> float:
    """Take the natural logarithm."""
    return sum(-math.log(p) for p in chances) / len(chances)


def total(chances: Sequence[float]) -> float:
    """Leave out the division."""
    return sum(-math.log2(p) for p in chances)


def of_the_mean(chances: Sequence[float]) -> float:
    """Take the surprise of the mean chance."""
    return -math.log2(sum(chances) / len(chances))


def perplexity(chances: Sequence[float]) -> float:
    """Return between how many letters the model seems to choose."""
    return float(2 ** bits(chances))


def chances() -> list[tuple[list[float]]]:
    """Return chances that were given to what came: eighths, so that many are equal."""
    random = rng(2, "test")
    cases = [([0.5],), ([0.25, 0.25],), ([1.0, 0.125],)]
    for _ in range(20):
        drawn = random.integers(1, 9, int(random.integers(2, 9))) / 8
        cases.append((drawn.tolist(),))
    return cases
