"""How far confidence is from accuracy, bin by bin."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from tlteach.base import checked, generator, in_range, same_length


@checked
def ece(logits: Tensor, labels: Tensor, bins: int = 15) -> float:
    """Return the expected calibration error.

    The mean over equal-width confidence bins, weighted by images, of the distance between
    confidence and accuracy. Source: Guo et al. 2017, equation 3. It is above zero even for a
    perfectly calibrated model: read it beside `ece_floor`.

    Parameters
    ----------
    logits, labels : tensor
        As in `accuracy`.
    bins : int, default 15
        Of equal width, in [0, 1].

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        As `accuracy` does, or for less than one bin.

    Examples
    --------
    >>> ece(torch.tensor([[100.0, 0.0]]), torch.tensor([0]))
    0.0
    """
    table = reliability_table(logits, labels, bins)
    gap = (table["confidence"] - table["accuracy"]).abs() * table["n"]
    return float(gap.sum() / len(labels))


@checked
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

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        For less than one bin or draw, or logits that are no answer.

    Examples
    --------
    >>> 0.05 < ece_floor(torch.randn(100, 10, generator=generator(0, "init")), seed=0) < 0.2
    True
    """
    in_range("draws", draws, 1)
    check_answers(logits)
    probabilities = logits.double().softmax(1)
    labels = torch.multinomial(
        probabilities, draws, replacement=True, generator=generator(seed, "test", logits.device)
    )
    return sum(ece(logits, labels[:, i], bins) for i in range(draws)) / draws


@checked
def reliability_table(logits: Tensor, labels: Tensor, bins: int = 15) -> pd.DataFrame:
    """Return one row per confidence bin that holds images.

    Parameters
    ----------
    logits, labels : tensor
        As in `accuracy`.
    bins : int, default 15
        Of equal width, in [0, 1].

    Returns
    -------
    DataFrame
        Columns bin_low, bin_high, n, confidence, accuracy; a bin holds confidences in (low, high].

    Raises
    ------
    ValueError
        As `accuracy` does, or for less than one bin.

    Examples
    --------
    >>> reliability_table(torch.zeros(4, 2), torch.tensor([0, 0, 1, 0]), bins=2).n.tolist()
    [4]
    """
    check(logits, labels)
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


def check(logits: Tensor, labels: Tensor, classes: Sequence[str] | None = None) -> None:
    """Raise unless logits, labels and the names of classes fit together."""
    if logits.ndim != 2:
        msg = f"logits must have shape (n, n_classes); got {tuple(logits.shape)}"
        raise ValueError(msg)
    if labels.is_floating_point() or labels.dtype == torch.bool:
        msg = f"labels must be whole numbers (int64); got {labels.dtype}"
        raise TypeError(msg)
    n = same_length(logits=logits, labels=labels)
    in_range("number of images", n, 1)
    top = logits.shape[1] - 1
    in_range("smallest label", int(labels.min()), 0, top)
    in_range("largest label", int(labels.max()), 0, top)
    if classes is not None:
        in_range("number of classes", len(classes), top + 1, top + 1)
    check_answers(logits)


def check_answers(logits: Tensor) -> None:
    """Raise where logits are no answer: NaN or infinity has a largest class, but means nothing."""
    bad = (~answered(logits)).nonzero()[:, 0].tolist()
    if bad:
        msg = (
            f"logits must be finite; got NaN or infinity in {len(bad)} of {len(logits)} rows, the "
            f"first at row {bad[0]}: the network diverged, or what it was given is damaged"
        )
        raise ValueError(msg)


def answered(logits: Tensor) -> Tensor:
    """Return which rows have a softmax; minus infinity is a class that was ruled out.

    Examples
    --------
    >>> inf, nan = float("inf"), float("nan")
    >>> answered(torch.tensor([[0.0, 1], [0, nan], [0, inf], [0, -inf], [-inf, -inf]])).tolist()
    [True, False, False, True, False]
    """
    return logits.amax(1).isfinite()
