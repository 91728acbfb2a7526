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
    """Deal the labels of a few-shot task into folds: whole groups, each class as even as can be.

    Parameters
    ----------
    few : Task
        From `few_shot`.

    Returns
    -------
    list of int64 tensor
        Rows of ``few.labelled`` that each fold holds back; groups stay together, and every class
        keeps a label outside of each. No fold where a class has but one group, or where groups of
        several classes leave no such deal.

    Examples
    --------
    >>> from tlteach.data import few_shot, load_task
    >>> [len(fold) for fold in folds(few_shot(load_task("digits"), 5, seed=0))]
    [10, 10, 10, 10, 10]
    """
    owners, group = few.labelled.groups.unique(return_inverse=True)
    counts = torch.zeros(len(owners), few.n_classes, dtype=torch.int64)  # labels, group by class
    counts.index_put_((group, few.labelled.labels), torch.tensor(1), accumulate=True)
    most = min(MOST, int((counts > 0).sum(0).min()))
    held = torch.zeros(most, few.n_classes, dtype=torch.int64)  # labels, fold by class
    dealt = torch.zeros(len(owners), dtype=torch.int64)
    for i, classes in enumerate(counts if most > 1 else []):
        dealt[i] = (held * classes).sum(1).argmin()  # where its classes are rarest
        held[dealt[i]] += classes
    if most < 2 or (held == held.sum(0)).any():  # nothing of a class is left outside of a fold
        return []
    return [(dealt[group] == fold).nonzero().flatten() for fold in range(most)]
