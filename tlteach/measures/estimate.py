"""A mean with its interval from rows of results: over seeds and test images where they can tell."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tlteach.base import checked
from tlteach.measures.balance import (
    BALANCED,
    FEWEST_IMAGES,
    class_means,
    evened,
    groups_of_classes,
)
from tlteach.measures.images import two_way
from tlteach.measures.once import counts, each_once
from tlteach.measures.packing import unpack, unpack_groups
from tlteach.measures.stats import LOWER_IS_BETTER, judge, no_word

OVER_BOTH, OVER_SEEDS, OVER_SPLITS = "seeds and images", "seeds", "seeds and splits"
ANSWERS = ["right", "groups"]
# Columns of results with the answers image by image: bytes, on the rows of test accuracy, plain and
# balanced. Results of before lack them, or the classes. Where each seed drew its own test images,
# "resplit" tells how many for each other image, and there are no answers.
BY_CLASS = [*ANSWERS, "classes"]
PER_IMAGE = [*BY_CLASS, "resplit"]
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
    over : {"seeds and images", "seeds", "seeds and splits"}
        What low and high are over.
    word : str
        Of a difference: "helps", "hurts", "cannot tell"; "" where `reason` forbids one.
    reason : str
        Why there is no word; "" if there is one.
    lost : int
        Seeds left out, since a run has no finite value: it diverged.
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
    lost: int = 0


class Answers(NamedTuple):
    """What each run got right (runs x images; 1 or 0), and what is known of the images.

    `classes` is there where each class is to count alike, whatever its number of images.
    """

    right: NDArray[np.float64]
    groups: NDArray[np.intp]
    classes: NDArray[np.intp] | None


@checked
def estimate(rows: pd.DataFrame, metric: str = "accuracy", level: float = 0.95) -> Estimate:
    """Return the mean of one arm's values, one row per seed.

    Parameters
    ----------
    rows : DataFrame
        Of one metric and split, indexed by seed.
    metric : str, default "accuracy"
        What they measure.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    Estimate
        Over seeds and test images where the rows tell which were right, else over seeds alone.

    Raises
    ------
    ValueError
        If a seed stands twice, if runs were tested on different images, or only some of them on
        splits of their own.

    Examples
    --------
    >>> found = estimate(pd.DataFrame({"value": [0.5, 0.6, 0.7]}))
    >>> round(found.mean, 2), round(found.low, 2), found.over
    (0.6, 0.35, 'seeds')
    """
    each_once(rows)
    n, rows = len(rows), rows[counts(rows)]
    answers = by_image(rows, metric)
    if answers is None:
        found = _over_seeds(rows["value"], level, _share(rows))
    else:
        found = _over_both(answers.right, answers, level)
    return replace(found, lost=n - len(rows))


@checked
def contrast(
    left: pd.DataFrame, right: pd.DataFrame, metric: str = "accuracy", level: float = 0.95
) -> Estimate:
    """Return the mean of left minus right, paired by seed and image; positive is better.

    Parameters
    ----------
    left, right : DataFrame
        Rows of one metric and split, indexed by the same seeds in the same order.
    metric : str, default "accuracy"
        What they measure; of those where less is better the sign is turned.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    Estimate
        Over seeds and test images where the rows tell which were right, else over seeds alone.

    Raises
    ------
    ValueError
        If a seed stands twice, if runs were tested on different images, or only some of them on
        splits of their own.

    Examples
    --------
    >>> left, right = (pd.DataFrame({"value": [0.5, 0.6, 0.7]}) + lead for lead in (0.1, 0.0))
    >>> left["value"] += [0.0, 0.01, 0.02]
    >>> found = contrast(left, right)
    >>> round(found.mean, 2), found.over, found.reason
    (0.11, 'seeds', 'too few seeds for a word (3, at least 5)')
    """
    for rows in (left, right):
        each_once(rows)
    n, kept = len(left), counts(left).to_numpy() & counts(right).to_numpy()
    left, right = left[kept], right[kept]
    both = by_image(pd.concat([left, right]), metric)
    if both is None:
        sign = -1 if metric in LOWER_IS_BETTER else 1
        found = _over_seeds(sign * (left["value"] - right["value"]), level, _share(left, right))
    else:
        found = _over_both(both.right[: len(left)] - both.right[len(left) :], both, level)
    return replace(found, lost=n - len(left))


@checked
def by_image(rows: pd.DataFrame, metric: str = "accuracy") -> Answers | None:
    """Return the answers image by image.

    None where they are not known of every run (other metrics and splits, results of older
    versions), or where two-way makes no sense: one seed, or images that all belong together.

    Parameters
    ----------
    rows : DataFrame
        Of one metric and split, indexed by seed, as in `contrast`.
    metric : str, default "accuracy"
        What they measure.

    Returns
    -------
    Answers or None
        Its matrix `right` has one row per run and one column per image.

    Raises
    ------
    ValueError
        If runs were tested on different images, or `right` and `value` disagree.

    Examples
    --------
    >>> from tlteach.measures import pack, pack_groups
    >>> rows = pd.DataFrame({"value": [0.5, 1.0], "right": [pack([True, False]), pack([True] * 2)],
    ...     "groups": [pack_groups([0, 1])] * 2})
    >>> by_image(rows).right.tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    >>> by_image(rows.drop(columns="right")) is None
    True
    """
    told = {"accuracy": ANSWERS, BALANCED: BY_CLASS}.get(metric, [])
    if rows.empty or not told or not {*told} <= {*rows} or rows[told].isna().any(axis=None):
        return None
    groups = _common(rows["groups"], "grouped")
    classes = _common(rows["classes"], "classed") if metric == BALANCED else None
    matrix = np.array([unpack(packed, len(groups)) for packed in rows["right"]], dtype=np.float64)
    shares = matrix.mean(1) if classes is None else class_means(matrix, classes).mean(1)
    wrong = np.abs(shares - rows["value"].to_numpy()) > SAME
    if wrong.any():
        value, share = rows["value"].to_numpy()[wrong][0], shares[wrong][0]
        msg = f"value must be the share of images in right; got {value:.4f} and {share:.4f}"
        raise ValueError(msg)
    seeds = rows.index.nunique()
    return Answers(matrix, groups, classes) if seeds > 1 and groups.max() > 0 else None


def _common(column: pd.Series[bytes], how: str) -> NDArray[np.intp]:
    """Return what all runs say of their test images, or say that they were not the same."""
    first, *others = (unpack_groups(packed) for packed in column.unique())
    for other in others:
        if not np.array_equal(first, other):
            msg = (
                "runs must be tested on the same images, to be compared image by image; got "
                f"{len(first)} images and {len(other)}, {how} differently"
            )
            raise ValueError(msg)
    return first


def _share(*arms: pd.DataFrame) -> float:
    """Return test images for each other image where each seed drew its own; 0 where none did."""
    if not all("resplit" in rows for rows in arms):
        return 0.0
    shares = pd.concat([rows["resplit"] for rows in arms]).astype(float)
    if shares.isna().any() and shares.notna().any():
        msg = "runs must all be tested on one split, or each seed on its own; got both"
        raise ValueError(msg)
    return 0.0 if shares.isna().any() else float(shares.mean())


def _over_seeds(values: Iterable[float], level: float, share: float = 0.0) -> Estimate:
    """Return the t estimate; wider by Nadeau and Bengio (2003) if seeds share images."""
    values = np.asarray(values, dtype=float)
    word, mean, low, high = judge(values, level)
    reason, over = no_word(values), OVER_SPLITS if share else OVER_SEEDS
    wider = math.sqrt(1 + len(values) * share)
    ends = mean - wider * (mean - low), mean + wider * (high - mean)
    if word and ends[0] <= 0 <= ends[1]:
        word = "cannot tell"
    return Estimate(mean, *ends, low, high, len(values), 0, 0, over, word, reason)


def _over_both(d: NDArray[np.float64], answers: Answers, level: float) -> Estimate:
    """Return the two-way estimate of a matrix of answers, or of their differences."""
    groups, classes, few = answers.groups, answers.classes, ""
    if classes is None:
        found = two_way(d, groups, level)
    else:
        drawn = int(groups_of_classes(classes, groups).min())
        if drawn < FEWEST_IMAGES:
            things = "images" if len(np.unique(groups)) == len(groups) else "groups of images"
            few = f"a class with too few test {things} for a word ({drawn}, at least"
            few = f"{few} {FEWEST_IMAGES})"
        if drawn < 2:  # nothing tells how much another image of this class would differ
            return replace(_over_seeds(class_means(d, classes).mean(1), level), word="", reason=few)
        # the rare class carries as much as any other, and is known as badly as its few images say
        found = two_way(evened(d, classes, groups), groups, level, df_images=drawn - 1)
    reason = found.reason or few
    return Estimate(
        found.mean, found.low, found.high, found.seeds_low, found.seeds_high,
        found.n_seeds, found.n_images, found.n_groups, OVER_BOTH,
        "" if reason else found.word, reason,
    )  # fmt: skip
