"""An interval over seeds AND test images: both are samples, and a claim is about new ones of both.

An interval over seeds alone asks what other labels and starts would give on these very images. Two
methods that are equal on all images of a kind still differ on the thousand that were drawn, and
the more seeds, the surer such an interval is of it. Here the choice of images counts as well, by
groups: four drawings of one thing are one draw, not four.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from tlteach.base import checked, in_range
from tlteach.measures.words import effect

FEWEST_SEEDS = 5  # for a word; with fewer, five numbers stand for what all seeds would do
ROUNDING = 1e-12  # below this share of the largest value a spread is no spread


@dataclass(frozen=True)
class TwoWay:
    """A mean with its interval over seeds and test images.

    Attributes
    ----------
    mean : float
        Over all seeds and images.
    low, high : float
        Ends of the two-way interval; NaN where there is none, and `reason` says why.
    seeds_low, seeds_high : float
        Ends over seeds alone, on these very images; NaN if all seeds have the same mean.
    se_seeds, se_images, se_both : float
        Standard errors: of the means of seeds, of the means of groups, and what of each comes from
        the chance with which one seed meets one group.
    df_seeds, df_images : int
        Degrees of freedom of the two parts: seeds less one, groups less one.
    n_seeds, n_groups, n_images : int
        How many there were.
    level : float
        Of both intervals.
    reason : str
        Why there is no word; "" if there is one.

    Examples
    --------
    >>> found = two_way([[1, 0, 1, 1], [1, 1, 0, 1]], [0, 1, 2, 3])
    >>> found.mean, found.n_seeds, found.n_images
    (0.75, 2, 4)
    """

    mean: float
    low: float
    high: float
    seeds_low: float
    seeds_high: float
    se_seeds: float
    se_images: float
    se_both: float
    df_seeds: int
    df_images: int
    n_seeds: int
    n_groups: int
    n_images: int
    level: float
    reason: str

    @property
    def word(self) -> str:
        """What differences say: "helps", "hurts" or "cannot tell"; "" where `reason` forbids one.

        It is read off the two-way interval and nothing else, so the two never contradict.
        """
        if self.reason:
            return ""
        if self.low > 0:
            return "helps"
        return "hurts" if self.high < 0 else "cannot tell"

    def __str__(self) -> str:
        """Return word, mean and interval in points."""
        told = effect(self.word, *(100 * end for end in (self.mean, self.low, self.high)))
        return told if self.word else f"{told}: {self.reason}"


@checked
def two_way(
    differences: ArrayLike,
    groups: ArrayLike,
    level: float = 0.95,
    *,
    df_images: int | None = None,
) -> TwoWay:
    """Return the mean of a matrix and its interval for new seeds and new images.

    Every seed must have seen every image. Rows and columns are crossed random effects; three
    squared standard errors come from it by moments, clustered by group as in Cameron, Gelbach and
    Miller (2011, doi:10.1198/jbes.2010.07136):

    - V_seeds: variance of the seeds' means, over the number of seeds;
    - V_images: variance of the groups' means over seeds, over the number of groups;
    - V_both: the same of what is left when a seed's and an image's own mean are taken away. It is
      in both of the above, so one of them has to go without it.

    The interval is ``mean +- sqrt(t_seeds**2 * V_seeds + t_images**2 * max(V_images - V_both, 0))``
    with Student's t at S - 1 and G - 1 degrees of freedom: the interval over seeds, made wider by
    what the choice of images adds. To weigh each part by its own t is Banerjee's (Sankhya 22, 1960,
    pages 357-358): for two independent chi-squared estimates it never misses more often than the
    level says. Satterthwaite's (1946) common degrees of freedom are narrower and miss more often
    with few seeds; the plain sum V_seeds + V_images counts V_both twice and is too wide. What was
    simulated stands in `docs/intervals.md`.

    Parameters
    ----------
    differences : array of shape (S, n)
        One row per seed, one column per test image: what the first method got right (1 or 0) minus
        what the second did. Any finite numbers will do; one method's 1 and 0 give the interval of
        its accuracy (and a word without meaning).
    groups : array of shape (n,)
        Which images belong together; numbers or words. All different if none do.
    level : float, default 0.95
        Share of repetitions whose interval holds the true mean.
    df_images : int, optional
        Degrees of freedom of V_images; default groups less one. Fewer where few of the groups
        carry most of the weight, as those of a rare class do in balanced accuracy.

    Returns
    -------
    TwoWay
        Without a word, and with a `reason`, for fewer than 5 seeds; with NaN ends too if all
        differences are equal, or all seeds have one mean by chance: zero width is no certainty.

    Raises
    ------
    ValueError
        For shapes that do not fit, fewer than 2 seeds or groups, NaN or infinity, images without a
        group, or a level outside (0, 1).

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> first, second = random.random((5, 200)) < 0.8, random.random((5, 200)) < 0.6
    >>> found = two_way(first * 1.0 - second, groups=np.arange(200) // 2)
    >>> print(found)
    helps, +16.0 (9.3 to 22.7)
    >>> found.word, found.n_seeds, found.n_groups
    ('helps', 5, 100)
    >>> print(two_way(np.zeros((5, 200)), groups=np.arange(200)))
    no word, +0.0 (no interval): all values are equal, which is no certainty about new images
    """
    if not 0 < in_range("level", level, 0, 1) < 1:
        msg = f"level must be above 0 and below 1; got {level!r}"
        raise ValueError(msg)
    d = _matrix(differences)
    codes = _codes(groups, d.shape[1])
    S, G = len(d), int(codes.max()) + 1
    in_range("number of seeds", S, 2, because="one seed says nothing about others")
    in_range("number of groups", G, 2, because="images of one group say nothing about others")
    scale = float(np.abs(d).max()) or 1.0
    d = d / scale
    mean, *parts = _parts(d, codes, G)
    seeds, images, both = (0.0 if part < ROUNDING**2 else part for part in parts)
    df_images = G - 1 if df_images is None else in_range("df_images", df_images, 1, G - 1)
    t_seeds, t_images = stdtrit([S - 1, df_images], (1 + level) / 2)  # Student's quantiles
    over_seeds = t_seeds * math.sqrt(seeds) or math.nan
    half = math.sqrt(t_seeds**2 * seeds + t_images**2 * max(images - both, 0))
    reason = _no_interval(np.ptp(d), half, seeds, both)
    half = math.nan if reason else half
    if not reason and S < FEWEST_SEEDS:
        reason = f"too few seeds for a word ({S}, at least {FEWEST_SEEDS})"
    return TwoWay(
        mean=scale * mean,
        low=scale * float(mean - half),
        high=scale * float(mean + half),
        seeds_low=scale * float(mean - over_seeds),
        seeds_high=scale * float(mean + over_seeds),
        se_seeds=scale * math.sqrt(seeds),
        se_images=scale * math.sqrt(images),
        se_both=scale * math.sqrt(both),
        df_seeds=S - 1,
        df_images=df_images,
        n_seeds=S,
        n_groups=G,
        n_images=d.shape[1],
        level=float(level),
        reason=reason,
    )


def _parts(
    d: NDArray[np.float64], codes: NDArray[np.intp], G: int
) -> tuple[float, float, float, float]:
    """Return the mean, and V_seeds, V_images and V_both."""
    S, n = d.shape
    cells = (np.arange(S)[:, None] * G + codes).ravel()
    sums = np.bincount(cells, d.ravel(), S * G).reshape(S, G)
    size = np.bincount(codes, minlength=G)
    means = d.mean(1)
    mean = means.mean()
    left = sums - sums.mean(0) - np.outer(means - mean, size)
    seeds = means.var(ddof=1) / S
    images = G / (G - 1) * np.square((sums.mean(0) - mean * size) / n).sum()
    both = S / (S - 1) * G / (G - 1) * np.square(left / (S * n)).sum()
    return float(mean), float(seeds), float(images), float(both)


def _no_interval(spread: float, half: float, seeds: float, both: float) -> str:
    """Return why there is no interval, or ""."""
    if spread < ROUNDING:
        return "all values are equal, which is no certainty about new images"
    if seeds == 0 and both > 0:  # the images alone would leave out what seeds do to each of them
        return "all seeds came to the same mean on different images, which is chance"
    if half == 0:
        return "neither the means of seeds nor those of groups differ"
    return ""


def _matrix(differences: ArrayLike) -> NDArray[np.float64]:
    try:
        d = np.asarray(differences, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"differences must be numbers, as many for each seed; {error}"
        raise ValueError(msg) from None
    if d.ndim != 2 or d.size == 0:
        msg = f"differences must have shape (seeds, images), none of them 0; got {d.shape}"
        raise ValueError(msg)
    bad = ~np.isfinite(d)
    if bad.any():
        seed, image = np.argwhere(bad)[0]
        msg = f"differences must be finite; got {d[seed, image]} at seed {seed}, image {image}"
        raise ValueError(msg)
    return d


def _codes(groups: ArrayLike, n: int) -> NDArray[np.intp]:
    """Return the groups as 0, 1, 2, ... in order of appearance."""
    names = np.asarray(groups)
    if names.shape != (n,):
        msg = f"groups must name one group for each of the {n} images; got shape {names.shape}"
        raise ValueError(msg)
    codes, _ = pd.factorize(names)
    if (codes < 0).any():
        msg = f"groups must name a group for every image; got {names[codes < 0][0]!r}"
        raise ValueError(msg)
    return codes
