"""Folds of a few labels, for what one validation image per class cannot choose."""

from __future__ import annotations

import torch
from torch import Tensor

from tlteach.data import Task

MOST = 5  # folds


def sparse(few: Task) -> bool:
    """Return whether a class has fewer than two validation images, though there are some."""
    counts = torch.bincount(few.val.labels, minlength=few.n_classes)
    return len(few.val) > 0 and int(counts.min()) < 2


def folds(few: Task) -> list[Tensor]:
    """Deal the labels of a few-shot task into folds: each class by its groups, in turn.

    Parameters
    ----------
    few : Task
        From `few_shot`.

    Returns
    -------
    list of int64 tensor
        Rows of ``few.labelled`` that each fold holds back; groups stay together, and every class
        keeps a label outside of each. Fewer than two folds where a class has but one group.

    Examples
    --------
    >>> from tlteach.data import few_shot, load_task
    >>> [len(fold) for fold in folds(few_shot(load_task("digits"), 5, seed=0))]
    [10, 10, 10, 10, 10]
    """
    labels, groups = few.labelled.labels, few.labelled.groups
    places = torch.zeros(len(labels), dtype=torch.int64)
    most = MOST
    for label in range(few.n_classes):
        rows = (labels == label).nonzero().flatten()
        _, number = groups[rows].unique(return_inverse=True)
        places[rows] = number
        most = min(most, int(number.max()) + 1)
    dealt = places % max(most, 1)
    return [(dealt == fold).nonzero().flatten() for fold in range(most)] if most > 1 else []
