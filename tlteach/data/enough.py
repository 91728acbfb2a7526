"""How small a difference of accuracies can be told at all, before anything runs."""

from __future__ import annotations

import math

from scipy.special import stdtrit

APART = 0.375  # share of images that one of two methods alone gets right: 75 % right, independently
OWN = 0.5  # share of the variance of an image's answers that is its own, the same on every seed
FEW = 100  # groups of test images: with fewer, a task says in its repr what they can tell


def smallest(n: int, others: int | None, seeds: int = 5, level: float = 0.95) -> float:
    """Return half of the interval that `resolvable` describes.

    Parameters
    ----------
    n : int
        Groups of test images, at least 2.
    others : int or None
        All other groups, where each seed draws its own split; None if there is one.
    seeds, level
        See `resolvable`.

    Examples
    --------
    >>> round(smallest(12, None), 2), round(smallest(12, 48, seeds=20), 2)
    (0.32, 0.2)
    """
    drawn = (n + (others or 0)) / 5  # each seed tests on one in five
    t_seeds, t_images = stdtrit([seeds - 1, n - 1], (1 + level) / 2)
    if others is not None:
        return float(t_seeds * math.sqrt((1 / seeds + 1 / 4) * APART / drawn))
    by_seed, by_image = (1 - OWN) * APART / (n * seeds), OWN * APART / n
    return float(math.sqrt(t_seeds**2 * by_seed + t_images**2 * by_image))


def told_smallest(n: int, others: int | None) -> str:
    """Return what few test images can tell, as a line of a task's repr; "" for many.

    Examples
    --------
    >>> told_smallest(12, None)
    'differences under about 32 points cannot be told (12 test images or groups, 5 seeds)'
    """
    points = 100 * smallest(n, others) if n > 1 else 100
    n = n if others is None else round((n + others) / 5)
    if not 2 <= n < FEW:
        return ""
    what = f"differences under about {points:.0f} points" if points < 100 else "differences"
    more = ", a split each" if others is not None else ""
    return f"{what} cannot be told ({n} test images or groups, 5 seeds{more})"
