"""Measures of predictions: logits and labels in, a number or a small table out.

Every mean is over images, never over batches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from tlteach.base import checked, same_length
from tlteach.measures.reliability import answered, check, ece


@checked
def accuracy(logits: Tensor, labels: Tensor) -> float:
    """Return the fraction of images whose largest logit is the label's.

    Parameters
    ----------
    logits : float tensor of shape (n, n_classes)
        Any real numbers.
    labels : int64 tensor of shape (n,)
        Values in [0, n_classes).

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If they differ in length, are empty, a label is out of range, or logits are NaN or infinite;
        as all metrics do.

    Examples
    --------
    >>> accuracy(torch.tensor([[2.0, 0.0], [3.0, 0.0]]), torch.tensor([0, 1]))
    0.5
    """
    check(logits, labels)
    return (logits.argmax(1) == labels).double().mean().item()


@checked
def accuracy_by(
    logits: Tensor, labels: Tensor, groups: Tensor, names: Sequence[str]
) -> pd.Series[float]:
    """Return the accuracy of every group of images, such as those of one domain.

    Parameters
    ----------
    logits, labels : tensor
        As in `accuracy`.
    groups : int64 tensor of shape (n,)
        Values in [0, len(names)).
    names : sequence of str
        Of the groups; those without images are left out.

    Returns
    -------
    Series
        Named "value", indexed by name in the order of `names`.

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 0.0], [3.0, 0.0], [0.0, 1.0]])
    >>> found = accuracy_by(logits, torch.tensor([0, 1, 1]), torch.tensor([0, 0, 2]), [*"abc"])
    >>> found.to_dict()
    {'a': 0.5, 'c': 1.0}
    """
    check(logits, labels)
    same_length(labels=labels, groups=groups)
    right = pd.Series((logits.argmax(1) == labels).double().numpy(), name="value")
    found = right.groupby(groups.numpy()).mean()
    return found.set_axis([names[number] for number in found.index])


@checked
def balanced_accuracy(logits: Tensor, labels: Tensor) -> float:
    """Return the mean over classes of the fraction of their images that are right.

    Whoever always answers one class has one over the number of classes, however common that class
    is: its floor. Classes without images are left out, as in scikit-learn.

    Parameters
    ----------
    logits, labels : tensor
        As in `accuracy`.

    Returns
    -------
    float
        In [0, 1].

    Examples
    --------
    >>> always = torch.tensor([[2.0, 0.0]]).repeat(100, 1)
    >>> labels = torch.tensor([0] * 97 + [1] * 3)
    >>> balanced_accuracy(always, labels), round(accuracy(always, labels), 2)
    (0.5, 0.97)
    """
    check(logits, labels)
    n = torch.bincount(labels, minlength=logits.shape[1]).double()
    right = torch.bincount(labels[logits.argmax(1) == labels], minlength=logits.shape[1])
    return (right / n)[n > 0].mean().item()


def per_class_accuracy(logits: Tensor, labels: Tensor, classes: Sequence[str]) -> pd.DataFrame:
    """Return one row per class: class, n, accuracy (NaN for a class without images).

    Examples
    --------
    >>> logits, labels = torch.tensor([[2.0, 0.0], [3.0, 0.0]]), torch.tensor([0, 1])
    >>> per_class_accuracy(logits, labels, ["cat", "dog"]).accuracy.tolist()
    [1.0, 0.0]
    """
    check(logits, labels, classes)
    n = torch.bincount(labels, minlength=len(classes))
    right = torch.bincount(labels[logits.argmax(1) == labels], minlength=len(classes))
    return pd.DataFrame({"class": list(classes), "n": n, "accuracy": (right / n).double()})


@checked
def log_loss(logits: Tensor, labels: Tensor) -> float:
    """Return the mean negative log probability of the label, nats per image.

    Parameters
    ----------
    logits, labels : tensor
        As in `accuracy`.

    Returns
    -------
    float
        Zero or larger.

    Examples
    --------
    >>> round(log_loss(torch.zeros(3, 2), torch.tensor([0, 1, 1])), 4)
    0.6931
    """
    check(logits, labels)
    return F.cross_entropy(logits.double(), labels).item()


@checked
def brier(logits: Tensor, labels: Tensor) -> float:
    """Return the mean squared distance between probabilities and the one-hot label.

    Summed over classes. Source: Brier 1950.

    Parameters
    ----------
    logits, labels : tensor
        As in `accuracy`.

    Returns
    -------
    float
        In [0, 2].

    Examples
    --------
    >>> brier(torch.zeros(3, 2), torch.tensor([0, 1, 1]))
    0.5
    """
    check(logits, labels)
    wrong = logits.double().softmax(1) - F.one_hot(labels, logits.shape[1])
    return wrong.square().sum(1).mean().item()


@checked
def confusion_table(logits: Tensor, labels: Tensor, classes: Sequence[str]) -> pd.DataFrame:
    """Return counts: one row per true class, one column per predicted class.

    Parameters
    ----------
    logits, labels : tensor
        As in `accuracy`.
    classes : sequence of str
        The name of each class.

    Returns
    -------
    DataFrame
        Square: index "true", columns "predicted".

    Raises
    ------
    ValueError
        As `accuracy` does, or for another number of names than classes.

    Examples
    --------
    >>> logits, labels = torch.tensor([[2.0, 0.0], [3.0, 0.0]]), torch.tensor([0, 1])
    >>> int(confusion_table(logits, labels, ["cat", "dog"]).loc["dog", "cat"])
    1
    """
    check(logits, labels, classes)
    pairs = labels * len(classes) + logits.argmax(1)
    counts = torch.bincount(pairs, minlength=len(classes) ** 2).view(len(classes), -1)
    index = pd.Index(classes, name="true")
    return pd.DataFrame(counts.cpu().numpy(), index, pd.Index(classes, name="predicted"))


METRICS: dict[str, Callable[[Tensor, Tensor], float]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "log_loss": log_loss,
    "brier": brier,
    "ece": ece,
}


@checked
def scores(
    logits: Tensor, labels: Tensor, names: Iterable[str] = tuple(METRICS)
) -> dict[str, float]:
    """Return metrics by name; of a network that diverged NaN, which no verdict counts.

    Parameters
    ----------
    logits, labels : tensor
        As in `accuracy`.
    names : iterable of str
        Keys of `METRICS`; default all.

    Returns
    -------
    dict of str to float
        In the order of `names`.

    Examples
    --------
    >>> labels = torch.tensor([0, 1])
    >>> scores(torch.zeros(2, 4), labels, ["accuracy", "log_loss"])
    {'accuracy': 0.5, 'log_loss': 1.386...}
    >>> scores(torch.full((2, 4), math.nan), labels, ["accuracy"])
    {'accuracy': nan}
    """
    if len(logits) and not answered(logits).all():
        return dict.fromkeys(names, math.nan)
    return {name: METRICS[name](logits, labels) for name in names}
