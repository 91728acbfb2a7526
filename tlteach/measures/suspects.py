"""Which labels may be wrong, and which rows lie far from all others: numbers in, numbers out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tlteach.base import checked, in_range, same_length


@checked
def label_suspects(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the rows whose labels may be wrong, the least likely label first.

    Confident learning, pruned by class (Northcutt, Jiang and Chuang, 2021, Confident learning:
    estimating uncertainty in dataset labels, JAIR 70, sections 3 and 4). A row counts as class j
    if its probability of j is at least the mean probability that rows labelled j get for j; of
    several such classes the most probable. The counts, scaled to the number of rows of each
    label, say how many labels of a class are wrong; so many of its rows, those with the lowest
    probability of their own label, are the suspects.

    Parameters
    ----------
    probabilities : (n, n_classes) array
        From a model that did not learn from the row: out of fold.
    labels : (n,) array of int
        Class of each row, in [0, n_classes).

    Returns
    -------
    (m,) array of int
        Row numbers.

    Raises
    ------
    ValueError
        If they differ in length.

    Examples
    --------
    >>> sure = np.array([[0.9, 0.1]] * 5 + [[0.1, 0.9]] * 5)
    >>> label_suspects(sure, np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])).tolist()
    [4]
    """
    same_length(probabilities=probabilities, labels=labels)
    n_classes = probabilities.shape[1]
    own = probabilities[np.arange(len(labels)), labels]
    named = range(n_classes)
    usual = np.array([own[labels == j].mean() if (labels == j).any() else np.inf for j in named])
    sure = probabilities >= usual
    best = np.where(sure, probabilities, -1).argmax(1)
    rows = []
    for j in named:
        mine = np.flatnonzero(labels == j)
        counted = mine[sure[mine].any(1)]
        if len(counted):
            wrong = round(len(mine) * float((best[counted] != j).mean()))
            rows += mine[own[mine].argsort(kind="stable")[:wrong]].tolist()
    found = np.array(rows, dtype=np.int64)
    return found[own[found].argsort(kind="stable")]


@checked
def outlyingness(features: NDArray[np.float32], k: int = 5) -> NDArray[np.float64]:
    """Return how far each row is from its k nearest, in robust deviations of all rows.

    The distance is one minus the cosine, its mean over the k nearest rows
    (Kuan and Mueller, 2022, Back to the basics: revisiting out-of-distribution detection
    baselines); the deviation is the median absolute one, scaled to that of a normal distribution
    (Iglewicz and Hoaglin, 1993: beyond 3.5 is an outlier).

    Parameters
    ----------
    features : (n, width) array
        One row per input.
    k : int, default 5
        Neighbours, fewer than there are rows.

    Returns
    -------
    (n,) array of float
        All zero where most rows are equally far.

    Raises
    ------
    ValueError
        For `k` below 1, or not below the number of rows.

    Examples
    --------
    >>> random = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
    >>> random[:, 0] += 8  # all to one side
    >>> random[7, 0] -= 16  # but one
    >>> int(outlyingness(random).argmax())
    7
    """
    in_range("k", k, 1, len(features) - 1, because=f"{len(features)} rows")
    length = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.where(length > 0, length, 1)
    far = np.empty(len(features))
    for start in range(0, len(unit), 512):  # all pairs at once would not fit for many rows
        part = 1 - unit[start : start + 512] @ unit.T
        at = np.arange(len(part))
        part[at, start + at] = np.inf  # not its own neighbour
        far[start : start + 512] = np.partition(part, k - 1, axis=1)[:, :k].mean(1)
    off = far - np.median(far)
    spread = float(np.median(np.abs(off)))
    return np.zeros(len(far)) if spread == 0 else 0.6745 * off / spread
