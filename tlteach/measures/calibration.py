"""Confidence that can be believed: a temperature, and below what to give no answer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch.nn.functional as F
from scipy.optimize import minimize_scalar
from torch import Tensor

from tlteach.base import checked
from tlteach.measures.metrics import accuracy

FEWEST = 20  # held-out labels: with fewer, one of them moves the temperature by more than it mends
LIMITS = (0.05, 20.0)  # of the temperature
FLATTEST = (1.0, 1e3)  # where it may only make less sure
KEPT = 0.95  # share of the right answers that stay when unsure ones are held back


@dataclass(frozen=True)
class Calibration:
    """How logits become confidences.

    Attributes
    ----------
    temperature : float, default 1.0
        Logits are divided by it before the softmax.
    threshold : float or None
        Confidences below it count as no answer; None where too few right answers tell.
    n : int
        Held-out labels that it was fitted on.
    reason : str
        Why the temperature is 1, if it was not fitted.

    Examples
    --------
    >>> import torch
    >>> softer = Calibration(temperature=2.0, threshold=0.4, n=50, reason="")
    >>> softer.confidences(torch.tensor([[2.0, 0.0]])).max().item() < 0.75
    True
    """

    temperature: float = 1.0
    threshold: float | None = None
    n: int = 0
    reason: str = "there are no held-out labels"

    def confidences(self, logits: Tensor) -> Tensor:
        """Return the probability of every class, float64 of the logits' shape.

        Examples
        --------
        >>> import torch
        >>> Calibration(temperature=2.0).confidences(torch.zeros(1, 4)).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
        """
        return (logits.double() / self.temperature).softmax(1)


@checked
def calibrate(logits: Tensor, labels: Tensor) -> Calibration:
    """Fit the temperature on held-out labels (Guo et al. 2017), and a threshold for unsure answers.

    The temperature makes the held-out log loss smallest. With fewer than 20 labels, or without
    a single wrong answer among them (then the smallest loss is at temperature 0, which says that
    nothing ever goes wrong), it stays 1. The threshold keeps 95 % of the right answers, which
    takes at least 20 of them.

    Parameters
    ----------
    logits : float tensor of shape (n, n_classes)
        What a model says about inputs that it did not learn from.
    labels : int64 tensor of shape (n,)
        Their classes.

    Returns
    -------
    Calibration
        Its `reason` says why the temperature is 1, where it was not fitted.

    Raises
    ------
    ValueError
        For logits and labels that do not fit together.

    Examples
    --------
    >>> import torch
    >>> sure = 4 * torch.eye(2).repeat(50, 1)  # right in three of four, and always as sure
    >>> found = calibrate(sure, torch.tensor([0, 1, 0, 0]).repeat(25))
    >>> round(found.temperature, 2), round(found.confidences(sure).max().item(), 2)
    (3.64, 0.75)
    """
    right = accuracy(logits, labels)
    n = len(labels)
    reason = ""
    if n < FEWEST:
        reason = f"{n} held-out labels are too few, it takes {FEWEST}"
    elif right == 1:
        reason = f"all {n} held-out answers are right, so they do not tell how often it errs"
    fitted = Calibration(1.0 if reason else _temperature(logits, labels), None, n, reason)
    confidence, answer = fitted.confidences(logits).max(1)
    sure = confidence[answer == labels].cpu().numpy()
    if len(sure) < FEWEST:
        return fitted
    threshold = float(np.quantile(sure, 1 - KEPT, method="lower"))
    return Calibration(fitted.temperature, threshold, n, reason)


@checked
def softened_log_loss(logits: Tensor, labels: Tensor) -> float:
    """Return the log loss at the best temperature of at least 1: what is left if one is less sure.

    A network amid its training, at its full learning rate, is far too sure of what it says; that
    passes when the rate falls. What it confuses does not.

    Parameters
    ----------
    logits : float tensor of shape (n, n_classes)
        What a model says.
    labels : int64 tensor of shape (n,)
        Values in [0, n_classes).

    Returns
    -------
    float
        In nats, at most `log_loss`; infinite if a logit is no finite number.

    Examples
    --------
    >>> import torch
    >>> sure = 40 * torch.eye(2).repeat(50, 1)
    >>> round(softened_log_loss(sure, torch.tensor([0, 1, 0, 0]).repeat(25)), 2)
    0.56
    >>> softened_log_loss(torch.zeros(3, 4), torch.tensor([0, 1, 2])) == math.log(4)
    True
    """
    if not logits.isfinite().all():
        return math.inf
    usual, soft = (
        F.cross_entropy(logits.double() / temperature, labels).item()
        for temperature in (1.0, _temperature(logits, labels, FLATTEST))
    )
    return min(usual, soft)


def _temperature(logits: Tensor, labels: Tensor, limits: tuple[float, float] = LIMITS) -> float:
    """Return the best temperature; the loss is convex in its inverse, so one search finds it."""
    z = logits.double()

    def loss(log_temperature: float) -> float:
        return F.cross_entropy(z / math.exp(log_temperature), labels).item()

    low, high = map(math.log, limits)
    best = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6})
    return math.exp(float(best.x))
