"""Measures of predictions: logits and labels in, a number or a small table out.

Every mean is over images, never over batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from tlteach.base import generator, in_range, same_length


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

    Examples
    --------
    >>> accuracy(torch.tensor([[2.0, 0.0], [3.0, 0.0]]), torch.tensor([0, 1]))
    0.5
    """
    _check(logits, labels)
    return (logits.argmax(1) == labels).double().mean().item()


def accuracy_by(
    logits: Tensor, labels: Tensor, groups: Tensor, names: Sequence[str]
) -> pd.Series[float]:
    """Return the accuracy of every group of images, such as those of one domain.

    Parameters
    ----------
    logits, labels
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
    >>> found = accuracy_by(logits, torch.tensor([0, 1, 1]), torch.tensor([0, 0, 2]), "abc")
    >>> found.to_dict()
    {'a': 0.5, 'c': 1.0}
    """
    _check(logits, labels)
    same_length(labels=labels, groups=groups)
    right = pd.Series((logits.argmax(1) == labels).double().numpy(), name="value")
    found = right.groupby(groups.numpy()).mean()
    return found.set_axis([names[number] for number in found.index])


def balanced_accuracy(logits: Tensor, labels: Tensor) -> float:
    """Return the mean over classes of the fraction of their images that are right.

    Whoever always answers one class has one over the number of classes, however common that class
    is: its floor. Classes without images are left out, as in scikit-learn.

    Examples
    --------
    >>> always = torch.tensor([[2.0, 0.0]]).repeat(100, 1)
    >>> labels = torch.tensor([0] * 97 + [1] * 3)
    >>> balanced_accuracy(always, labels), round(accuracy(always, labels), 2)
    (0.5, 0.97)
    """
    _check(logits, labels)
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
    _check(logits, labels, classes)
    n = torch.bincount(labels, minlength=len(classes))
    right = torch.bincount(labels[logits.argmax(1) == labels], minlength=len(classes))
    return pd.DataFrame({"class": list(classes), "n": n, "accuracy": (right / n).double()})


def log_loss(logits: Tensor, labels: Tensor) -> float:
    """Return the mean negative log probability of the label, nats per image.

    Examples
    --------
    >>> round(log_loss(torch.zeros(3, 2), torch.tensor([0, 1, 1])), 4)
    0.6931
    """
    _check(logits, labels)
    return F.cross_entropy(logits.double(), labels).item()


def brier(logits: Tensor, labels: Tensor) -> float:
    """Return the mean squared distance between probabilities and the one-hot label.

    Summed over classes, so in [0, 2]. Source: Brier 1950.

    Examples
    --------
    >>> brier(torch.zeros(3, 2), torch.tensor([0, 1, 1]))
    0.5
    """
    _check(logits, labels)
    wrong = logits.double().softmax(1) - F.one_hot(labels, logits.shape[1])
    return wrong.square().sum(1).mean().item()


def ece(logits: Tensor, labels: Tensor, bins: int = 15) -> float:
    """Return the expected calibration error, in [0, 1].

    The mean over equal-width confidence bins, weighted by images, of the distance between
    confidence and accuracy. Source: Guo et al. 2017, equation 3. It is above zero even for a
    perfectly calibrated model: read it beside `ece_floor`.

    Examples
    --------
    >>> ece(torch.tensor([[100.0, 0.0]]), torch.tensor([0]))
    0.0
    """
    table = reliability_table(logits, labels, bins)
    gap = (table["confidence"] - table["accuracy"]).abs() * table["n"]
    return float(gap.sum() / len(labels))


def ece_floor(logits: Tensor, *, seed: int, bins: int = 15, draws: int = 100) -> float:
    """Return the mean ECE of a perfectly calibrated model with these confidences and this n.

    Labels are drawn from the predicted probabilities, so whatever error is left is noise.

    Parameters
    ----------
    logits : float tensor of shape (n, n_classes)
        What the model said.
    seed : int
        Draws the labels (stream "test").
    bins, draws : int
        Bins of the ECE, and how often labels are drawn.

    Examples
    --------
    >>> 0.05 < ece_floor(torch.randn(100, 10, generator=generator(0, "init")), seed=0) < 0.2
    True
    """
    in_range("draws", draws, 1)
    probabilities = logits.double().softmax(1)
    labels = torch.multinomial(
        probabilities, draws, replacement=True, generator=generator(seed, "test", logits.device)
    )
    return sum(ece(logits, labels[:, i], bins) for i in range(draws)) / draws


def reliability_table(logits: Tensor, labels: Tensor, bins: int = 15) -> pd.DataFrame:
    """Return one row per confidence bin that holds images.

    Returns
    -------
    DataFrame
        bin_low, bin_high, n, confidence, accuracy; a bin holds confidences in (low, high].

    Examples
    --------
    >>> reliability_table(torch.zeros(4, 2), torch.tensor([0, 0, 1, 0]), bins=2).n.tolist()
    [4]
    """
    _check(logits, labels)
    in_range("bins", bins, 1)
    confidence, answer = logits.double().softmax(1).max(1)
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.float64, device=logits.device)
    place = torch.bucketize(confidence, edges[1:-1]).cpu().numpy()
    table = pd.DataFrame(
        {
            "bin_low": edges[:-1].cpu()[place],
            "bin_high": edges[1:].cpu()[place],
            "confidence": confidence.cpu(),
            "accuracy": (answer == labels).double().cpu(),
        }
    )
    groups = table.groupby(["bin_low", "bin_high"])
    means = groups.mean()
    means.insert(0, "n", groups.size())
    return means.reset_index()


def confusion_table(logits: Tensor, labels: Tensor, classes: Sequence[str]) -> pd.DataFrame:
    """Return counts: one row per true class, one column per predicted class.

    Examples
    --------
    >>> logits, labels = torch.tensor([[2.0, 0.0], [3.0, 0.0]]), torch.tensor([0, 1])
    >>> int(confusion_table(logits, labels, ["cat", "dog"]).loc["dog", "cat"])
    1
    """
    _check(logits, labels, classes)
    pairs = labels * len(classes) + logits.argmax(1)
    counts = torch.bincount(pairs, minlength=len(classes) ** 2).view(len(classes), -1)
    index = pd.Index(classes, name="true")
    return pd.DataFrame(counts.cpu().numpy(), index, pd.Index(classes, name="predicted"))


def _check(logits: Tensor, labels: Tensor, classes: Sequence[str] | None = None) -> None:
    if logits.ndim != 2:
        msg = f"logits must have shape (n, n_classes); got {tuple(logits.shape)}"
        raise ValueError(msg)
    n = same_length(logits=logits, labels=labels)
    in_range("number of images", n, 1)
    top = logits.shape[1] - 1
    in_range("smallest label", int(labels.min()), 0, top)
    in_range("largest label", int(labels.max()), 0, top)
    if classes is not None:
        in_range("number of classes", len(classes), top + 1, top + 1)


METRICS: dict[str, Callable[[Tensor, Tensor], float]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "log_loss": log_loss,
    "brier": brier,
    "ece": ece,
}
