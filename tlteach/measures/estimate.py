"""A mean with its interval from rows of results: over seeds and test images where they can tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tlteach.measures.images import TwoWay, two_way
from tlteach.measures.packing import unpack, unpack_groups
from tlteach.measures.stats import LOWER_IS_BETTER, judge, no_word

OVER_BOTH, OVER_SEEDS = "seeds and images", "seeds"
# Columns of results with the answers image by image: bytes, on the row of test accuracy. Results of
# before lack them.
PER_IMAGE = ["right", "groups"]
SAME = 1e-5  # an accuracy may have been computed in float32


@dataclass(frozen=True)
class Estimate:
    """A mean, its interval, and what the interval is over.

    Attributes
    ----------
    mean, low, high : float
        NaN ends where there is no interval.
    seeds_low, seeds_high : float
        Ends over seeds alone, on these very test images.
    n_seeds, n_images, n_groups : int
        How many the interval draws anew; no images where it is over seeds alone.
    over : {"seeds and images", "seeds"}
        What low and high are over.
    word : str
        Of a difference: "helps", "hurts", "cannot tell"; "" where `reason` forbids one.
    reason : str
        Why there is no word; "" if there is one.
    """

    mean: float
    low: float
    high: float
    seeds_low: float
    seeds_high: float
    n_seeds: int
    n_images: int
    n_groups: int
    over: str
    word: str
    reason: str


def estimate(rows: pd.DataFrame, level: float = 0.95) -> Estimate:
    """Return the mean of one arm's values, one row per seed."""
    answers = by_image(rows)
    if answers is None:
        return _over_seeds(rows["value"], level)
    return _over_both(two_way(*answers, level))


def contrast(
    left: pd.DataFrame, right: pd.DataFrame, metric: str = "accuracy", level: float = 0.95
) -> Estimate:
    """Return the mean of left minus right, paired by seed and image; positive is better.

    Parameters
    ----------
    left, right : DataFrame
        Rows of one metric and split, indexed by the same seeds in the same order.
    """
    both = by_image(pd.concat([left, right])) if metric == "accuracy" else None
    if both is None:
        sign = -1 if metric in LOWER_IS_BETTER else 1
        return _over_seeds(sign * (left["value"] - right["value"]), level)
    answers, groups = both
    return _over_both(two_way(answers[: len(left)] - answers[len(left) :], groups, level))


def by_image(rows: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.intp]] | None:
    """Return what each run got right (runs x images; 1 or 0), and the images' groups.

    None where that is not known of every run (other metrics and splits, results of older
    versions), or where two-way makes no sense: one seed, or images that all belong together.

    Raises
    ------
    ValueError
        If runs were tested on different images, or `right` and `value` disagree.
    """
    if not {*PER_IMAGE} <= {*rows} or rows[PER_IMAGE].isna().any(axis=None):
        return None
    known = {packed: unpack_groups(packed) for packed in rows["groups"].unique()}
    groups, *others = known.values()
    for other in others:
        if not np.array_equal(groups, other):
            msg = (
                "runs must be tested on the same images, to be compared image by image; got "
                f"{len(groups)} images and {len(other)}, grouped differently"
            )
            raise ValueError(msg)
    matrix = np.array([unpack(packed, len(groups)) for packed in rows["right"]], dtype=np.float64)
    wrong = np.abs(matrix.mean(1) - rows["value"].to_numpy()) > SAME
    if wrong.any():
        value, share = rows["value"].to_numpy()[wrong][0], matrix.mean(1)[wrong][0]
        msg = f"value must be the share of images in right; got {value:.4f} and {share:.4f}"
        raise ValueError(msg)
    seeds = rows.index.nunique()
    return (matrix, groups) if seeds > 1 and groups.max() > 0 else None


def _over_seeds(values: Iterable[float], level: float) -> Estimate:
    values = np.asarray(values, dtype=float)
    word, mean, low, high = judge(values, level)
    reason = no_word(values)
    return Estimate(mean, low, high, low, high, len(values), 0, 0, OVER_SEEDS, word, reason)


def _over_both(found: TwoWay) -> Estimate:
    return Estimate(
        found.mean, found.low, found.high, found.seeds_low, found.seeds_high,
        found.n_seeds, found.n_images, found.n_groups, OVER_BOTH, found.word, found.reason,
    )  # fmt: skip
