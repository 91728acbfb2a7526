"""How far two sets of features lie apart: features in, a number out.

With few images and wide features the textbook forms see a distance where there is none: between
two samples of 100 rows and 512 columns from one distribution, a domain classifier's training
error gives the greatest distance there is, 2. The forms here are corrected for that.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from tlteach.base import checked, derive, finite, in_range, rng, same_length


@checked
def mmd(a: Tensor, b: Tensor, *, permutations: int = 200, seed: int) -> tuple[float, float]:
    """Return the squared maximum mean discrepancy, and how often chance gives as much.

    The unbiased U-statistic with a Gaussian kernel, as wide as the median distance between rows:
    about 0 on average for samples of one distribution, so often negative. Source: Gretton et al.
    2012, equation 3.

    Parameters
    ----------
    a, b : float tensor of shape (n1, d) and (n2, d)
        Features, at least two rows each.
    permutations : int, default 200
        How often rows are dealt to the two sets at random.
    seed : int
        Draws the permutations (stream "test").

    Returns
    -------
    value : float
        The squared discrepancy.
    p : float
        ``(1 + times that chance gave as much) / (1 + permutations)``: never 0.

    Raises
    ------
    ValueError
        For sets that are too small, of different width or not finite, and where most rows are
        equal, so that the kernel has no width.

    Examples
    --------
    >>> near = torch.arange(20.0)[:, None]
    >>> [round(x, 3) for x in mmd(near, near + 30, seed=0)]
    [1.276, 0.005]
    """
    in_range("permutations", permutations, 1)
    a, b = _features(a, b, rows=2)
    kernel = _gaussian(torch.cat([a, b])).fill_diagonal_(0)
    first = np.zeros(len(kernel))
    first[: len(a)] = 1
    dealt = rng(seed, "test").permuted(np.tile(first, (permutations, 1)), axis=1)
    chosen = torch.from_numpy(np.vstack([first, dealt]))  # what was seen, then what chance gives
    within_a = (chosen @ kernel * chosen).sum(1)
    across = chosen @ kernel.sum(1) - within_a
    within_b = kernel.sum() - within_a - 2 * across
    n, m = len(a), len(b)
    values = within_a / (n * (n - 1)) + within_b / (m * (m - 1)) - 2 * across / (n * m)
    as_much = values[1:] >= values[0] - 1e-12  # equal but for rounding counts too
    return values[0].item(), (1 + as_much.sum().item()) / (1 + permutations)


def _gaussian(x: Tensor) -> Tensor:
    """Return the kernel of all pairs of rows, as wide as their median distance."""
    distances = torch.cdist(x, x)
    pairs = torch.ones_like(distances, dtype=torch.bool).triu(1)
    width = float(np.median(distances[pairs]))
    if width == 0:
        msg = f"rows must differ for the kernel to have a width; most of the {len(x)} are equal"
        raise ValueError(msg)
    return torch.exp(-(distances / width).square() / 2)


@checked
def proxy_a_distance(a: Tensor, b: Tensor, *, seed: int, folds: int = 5) -> float:
    """Return how well a classifier tells two sets apart, from 0 (by chance) to 2 (always).

    ``2 * (1 - 2 * error)``, where the error is that of logistic regression on rows it was not
    fitted on. Both sets count alike, whatever their sizes. It is clipped, so positive on average:
    what chance puts below 0 counts as 0, even for sets of one distribution. Read it beside
    `permuted_a_distance`, which tells how much that is. Many real domains reach nearly 2, where
    only `mmd` can still rank them. Source: Ben-David et al. 2007.

    Parameters
    ----------
    a, b : float tensor of shape (n1, d) and (n2, d)
        Features, at least `folds` rows each.
    seed : int
        Draws the folds (stream "split").
    folds : int, default 5
        Parts; each is held out once.

    Returns
    -------
    float
        In [0, 2].

    Raises
    ------
    ValueError
        For sets that are too small, of different width or not finite.

    Examples
    --------
    >>> near = torch.arange(20.0)[:, None]
    >>> proxy_a_distance(near, near + 30, seed=0), proxy_a_distance(near, near, seed=0)
    (2.0, 0.0)
    """
    in_range("folds", folds, 2)
    a, b = _features(a, b, rows=folds)
    domain = np.repeat([0, 1], [len(a), len(b)])
    model = make_pipeline(
        StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000)
    )
    parts = StratifiedKFold(folds, shuffle=True, random_state=derive(seed, "split") % 2**32)
    right = cross_val_score(
        model, torch.cat([a, b]).numpy(), domain, cv=parts, scoring="balanced_accuracy"
    )
    return float(np.clip(2 * (2 * right.mean() - 1), 0, 2))


@checked
def permuted_a_distance(
    a: Tensor, b: Tensor, *, permutations: int = 20, seed: int, folds: int = 5
) -> NDArray[np.float64]:
    """Return what `proxy_a_distance` is where nothing can be told apart: its control.

    The rows of both sets are pooled and dealt at random to two sets of the sizes they had. What
    is left of the distance is luck; its mean is above 0, for what luck puts below 0 is clipped.

    Parameters
    ----------
    a, b : float tensor of shape (n1, d) and (n2, d)
        Features, at least `folds` rows each.
    permutations : int, default 20
        How often the rows are dealt.
    seed : int
        Draws the permutations (stream "test"), and the folds as `proxy_a_distance` does.
    folds : int, default 5
        Parts; each is held out once.

    Returns
    -------
    float array of shape (permutations,)
        Distances in [0, 2].

    Raises
    ------
    ValueError
        For sets that are too small, of different width or not finite.

    Examples
    --------
    >>> near = torch.arange(20.0)[:, None]
    >>> dealt = permuted_a_distance(near, near + 30, seed=0)
    >>> bool(0 < dealt.mean() < proxy_a_distance(near, near + 30, seed=0))
    True
    """
    in_range("permutations", permutations, 1)
    a, b = _features(a, b, rows=folds)
    pooled, random = torch.cat([a, b]), rng(seed, "test")
    orders = (torch.from_numpy(random.permutation(len(pooled))) for _ in range(permutations))
    dealt = (pooled[order].split([len(a), len(b)]) for order in orders)
    return np.array([proxy_a_distance(x, y, seed=seed, folds=folds) for x, y in dealt])


@checked
def domain_gap(a: Tensor, b: Tensor, *, seed: int) -> dict[str, float]:
    """Return how far apart two domains are, each measure beside its control.

    Parameters
    ----------
    a, b : float tensor of shape (n1, d) and (n2, d)
        Features of images of either domain, at least five rows each.
    seed : int
        Draws permutations and folds (stream "test" and "split").

    Returns
    -------
    dict
        "squared MMD" and how often chance gives as much ("p"); "A", the proxy A-distance, and
        mean and most of what it is where the images are dealt at random to two sets ("A dealt,
        mean" and "A dealt, most").

    Examples
    --------
    >>> here = torch.arange(20.0)[:, None]
    >>> found = domain_gap(here, here + 30, seed=0)
    >>> found["p"] < 0.05, found["A"] > found["A dealt, most"]
    (True, True)
    """
    squared, p = mmd(a, b, seed=seed)
    dealt = permuted_a_distance(a, b, seed=seed)
    found = {"squared MMD": squared, "p": p, "A": proxy_a_distance(a, b, seed=seed)}
    return found | {"A dealt, mean": float(dealt.mean()), "A dealt, most": float(dealt.max())}


@checked
def cka(a: Tensor, b: Tensor) -> float:
    """Return how alike two descriptions of the same images are: linear CKA without bias.

    1 for the same features up to rotation and scale, about 0 for unrelated ones. The biased form
    gives 0.84 for unrelated features of 100 images and 512 columns. Sources: Kornblith et al.
    2019; unbiased HSIC of Song et al. 2012, as the inner product of U-centred matrices (Szekely
    & Rizzo 2014).

    Parameters
    ----------
    a, b : float tensor of shape (n, d1) and (n, d2)
        Row i of both describes image i; at least four rows.

    Returns
    -------
    float
        In [-1, 1].

    Raises
    ------
    ValueError
        For different numbers of rows, fewer than four, values that are not finite, or features
        that are the same for all images but one.

    Examples
    --------
    >>> a = torch.tensor([[0.0, 1.0], [2.0, 1.0], [3.0, 5.0], [4.0, 0.0], [1.0, 1.0]])
    >>> round(cka(a, 7 * a.flip(1)), 6)
    1.0
    """
    same_length(a=a, b=b)
    a, b = _features(a, b, rows=4, same_width=False)
    similarity: float = (_u_centred("a", a) * _u_centred("b", b)).sum().item()
    return similarity


def _u_centred(name: str, x: Tensor) -> Tensor:
    """Return the Gram matrix, its diagonal left out, its rows summing to 0, of length 1."""
    size = x.square().sum()
    x = x - x.mean(0)  # changes nothing but rounding
    gram = (x @ x.T).fill_diagonal_(0)
    mean = gram.sum(1) / (len(x) - 2)
    gram = (gram - mean[:, None] - mean + mean.sum() / (len(x) - 1)).fill_diagonal_(0)
    length = gram.norm()
    if length <= 1e-12 * size:  # nothing but rounding
        msg = f"{name} must differ between images, in more than one; got {len(x)} rows that do not"
        raise ValueError(msg)
    return gram.div_(length)


def _features(a: Tensor, b: Tensor, *, rows: int, same_width: bool = True) -> tuple[Tensor, Tensor]:
    """Return both sets in double precision on the CPU, checked."""
    for name, x in (("a", a), ("b", b)):
        if x.ndim != 2:
            msg = f"{name} must have the shape (n, d); got {tuple(x.shape)}"
            raise ValueError(msg)
        in_range(f"number of rows of {name}", len(x), rows)
        finite(name, x)
    if same_width and a.shape[1] != b.shape[1]:
        msg = f"a and b must have the same width; got {a.shape[1]} and {b.shape[1]}"
        raise ValueError(msg)
    return a.detach().double().cpu(), b.detach().double().cpu()
