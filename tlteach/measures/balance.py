"""Classes of unequal size: answers image by image whose plain mean is the mean over classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tlteach.base import checked
from tlteach.measures.packing import unpack_groups

BALANCED = "balanced_accuracy"
FEWEST_IMAGES = 5  # groups of test images of each class, for a word on the mean over classes
UNEQUAL = 10  # times the images of another class: more, and accuracy says little about the rare one


def is_unequal(classes: NDArray[np.intp]) -> bool:
    """Return whether one class has over ten times the images of another.

    Examples
    --------
    >>> is_unequal(np.repeat([0, 1], [20, 2])), is_unequal(np.repeat([0, 1], [21, 2]))
    (False, True)
    """
    sizes = np.unique(classes, return_counts=True)[1]
    return bool(sizes.max() > UNEQUAL * sizes.min())


def class_means(d: NDArray[np.float64], classes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the mean of each row over the images of each class, shape (rows, classes)."""
    return np.stack([d[:, classes == c].mean(1) for c in np.unique(classes)], axis=1)


def groups_of_classes(classes: NDArray[np.intp], groups: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return of how many groups each class has images."""
    return np.array([len(np.unique(groups[classes == c])) for c in np.unique(classes)])


def evened(
    d: NDArray[np.float64], classes: NDArray[np.intp], groups: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return a matrix for `two_way` that weighs classes alike.

    The mean over classes is linear in the answers, so it has the same two-way interval, taken of
    what each image adds to it (its linearisation, as that of a mean over strata): the mean of its
    seed, and its distance from the mean of its class in that seed, times n / (classes x images of
    the class). Each class is a sample of its own, whose variance is divided by its groups less
    one.

    Parameters
    ----------
    d : (runs, n) float
    classes, groups : (n,) int
        Every class has two groups or more.

    Examples
    --------
    >>> d = np.array([[1.0, 1, 1, 1, 0, 1], [1, 0, 1, 1, 0, 0]])
    >>> classes = np.array([0, 0, 0, 0, 1, 1])
    >>> evened(d, classes, np.arange(6)).mean(1).tolist(), class_means(d, classes).mean(1).tolist()
    ([0.75, 0.375], [0.75, 0.375])
    """
    codes = np.unique(classes, return_inverse=True)[1]
    sizes, drawn = np.bincount(codes), groups_of_classes(classes, groups)
    means = class_means(d, classes)
    weight = d.shape[1] / (len(sizes) * sizes) * np.sqrt(drawn / (drawn - 1))
    spread: NDArray[np.float64] = means.mean(1, keepdims=True) + weight[codes] * (
        d - means[:, codes]
    )
    return spread


@checked
def default_metric(results: pd.DataFrame) -> str:
    """Return what to compare by: accuracy, or balanced accuracy where classes are unequal.

    They are where one class has over ten times the test images of another, in any of the tasks:
    then accuracy says little about the rare ones. Rows that do not tell the classes of their test
    images (of older versions, or made by hand) are compared by accuracy.

    Parameters
    ----------
    results : DataFrame
        From `compare`.

    Returns
    -------
    str
        "accuracy" or "balanced_accuracy".

    Examples
    --------
    >>> default_metric(pd.DataFrame({"metric": ["accuracy"], "value": [0.5]}))
    'accuracy'
    """
    rows = results[results["metric"] == BALANCED] if "classes" in results else results[:0]
    known = rows["classes"].dropna().unique().tolist() if len(rows) else []
    unequal = any(is_unequal(unpack_groups(packed)) for packed in known)
    return BALANCED if unequal else "accuracy"
