"""Transferability scores: how well frozen features suit a target, from the few labels at hand.

They rank candidates weakly, and where features are wider than samples some reward any labels. So
`score` puts each beside the same score on shuffled labels; kNN and a probe are the ones to beat.
Features are float tensors (n, d), labels int64 tensors (n,); every score is better when larger.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from sklearn.model_selection import StratifiedKFold
from torch import Tensor

from tlteach.analysis.agreement import Agreement as Agreement, agreement as agreement
from tlteach.base import checked, derive, in_range, one_of, rng, same_length
from tlteach.data import Task
from tlteach.measures import fit_probes
from tlteach.models import Backbone, extract_features

METHODS = ("knn", "probe", "logme", "leep", "nce", "h_score")
NO_HEAD = "source_probabilities are needed: what a source head says about the images"
Array = NDArray[np.float64]


class RefusedError(ValueError):
    """A score that would mean nothing on these data."""


@checked
def knn(features: Tensor, labels: Tensor, k: int = 5) -> float:
    """Return the leave-one-out accuracy of a vote among the k nearest images by cosine.

    At most n - 1 neighbours are asked; in a tie the lower class wins, as in scikit-learn.

    Examples
    --------
    >>> knn(torch.tensor([[1.0, 0.0], [2.0, 0.1], [0.0, 1.0], [0.1, 3.0]]), torch.arange(4) // 2, 1)
    1.0
    """
    x, classes = _arrays(features, labels)
    in_range("k", k, 1, whole=True)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True).clip(min=1e-300)
    similarity = unit @ unit.T
    np.fill_diagonal(similarity, -np.inf)
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, : min(k, len(x) - 1)]
    votes = classes[nearest].sum(1)
    return float((votes.argmax(1) == classes.argmax(1)).mean())


@checked
def probe(features: Tensor, labels: Tensor, *, seed: int, folds: int = 5, c: float = 0.01) -> float:
    """Return the cross-validated accuracy of a logistic probe on standardised features.

    The seed draws the folds (stream "split"), at most as many as the smallest class has images.
    `c`, the inverse strength of the penalty, is fixed: to choose it on these folds would flatter.

    Examples
    --------
    >>> probe(torch.tensor([[0.0], [0.1], [3.0], [3.1]]), torch.arange(4) // 2, seed=0)
    1.0
    """
    x, classes = _arrays(features, labels)
    y = torch.from_numpy(classes.argmax(1))
    folds = min(in_range("folds", folds, 2, whole=True), int(classes.sum(0).min()))
    split = StratifiedKFold(folds, shuffle=True, random_state=derive(seed, "split") % 2**32)
    kept, held = zip(*[map(torch.from_numpy, pair) for pair in split.split(x, y)], strict=True)
    probes = fit_probes(torch.from_numpy(x), y, kept, [c], n_classes=classes.shape[1])
    answers = probes.logits(torch.from_numpy(x))[:, 0].argmax(2)
    right = sum(int((answers[i, rows] == y[rows]).sum()) for i, rows in enumerate(held))
    return right / len(y)


@checked
def logme(features: Tensor, labels: Tensor) -> float:
    """Return the log evidence of a Bayesian linear model, per image, averaged over classes.

    Each one-hot column is N(0, I/b + F F'/a) at its most likely a and b (You et al. 2021). Along
    the singular vectors of F this covariance is diagonal, so no term is lost where d > n. It is a
    log density: it may exceed 0, and compares features on the same labels, never two tasks.

    Examples
    --------
    >>> features, labels = torch.eye(2).repeat(5, 1), torch.arange(10) % 2
    >>> logme(features, labels) > logme(features, labels.sort().values)
    True
    """
    x, classes = _arrays(features, labels)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    inside = (u.T @ classes) ** 2
    outside = (classes.sum(0) - inside.sum(0)).clip(min=0)  # rounding may leave -1e-16
    columns = zip(inside.T, outside, strict=True)
    return float(np.mean([_evidence(s**2, i, o, len(x)) for i, o in columns])) / len(x)


def _evidence(squares: Array, inside: Array, outside: float, n: int) -> float:
    """Return the largest log N(y; 0, I/b + F F'/a), y'y being split into the span and the rest."""
    squares = squares / max(squares.max(), 1e-300)

    def loss(log_ratio: float) -> float:  # of log(a/b); the best b is then known in closed form
        spread = 1 + squares * math.exp(-log_ratio)
        noise = ((inside / spread).sum() + outside) / n
        return float(n * (math.log(2 * math.pi * noise) + 1) + np.log(spread).sum()) / 2

    # a perfect fit wants a/b ever smaller, so the search ends 13 powers of ten away
    grid = np.linspace(-30, 30, 61)
    best = int(np.argmin([loss(ratio) for ratio in grid]))
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, 60)])
    return -float(minimize_scalar(loss, bounds=bounds, method="bounded").fun)


@checked
def leep(source_probabilities: Tensor, labels: Tensor) -> float:
    """Return the mean log likelihood of the labels through a source head's classes.

    `source_probabilities` is the head's softmax, (n, n_source). P(label | source class) is counted
    softly from the same images (Nguyen et al. 2020). At most 0; a head that says the same about
    every image gets minus the entropy of the labels.

    Examples
    --------
    >>> round(leep(torch.tensor([[0.9, 0.1], [0.1, 0.9]] * 5), torch.arange(10) % 2), 3)
    -0.198
    """
    theta, classes = _arrays(source_probabilities, labels)
    in_range("smallest probability", theta.min(), 0)
    in_range("distance of a row's sum from 1", abs(theta.sum(1) - 1).max(), 0, 1e-3)
    joint = classes.T @ theta
    given_source = joint / joint.sum(0).clip(min=1e-300)
    return float(np.log((theta * given_source[classes.argmax(1)]).sum(1)).mean())


@checked
def nce(source_labels: Tensor, labels: Tensor) -> float:
    """Return minus the entropy of the labels given source classes, nats (Tran et al. 2019).

    Examples
    --------
    >>> round(nce(torch.tensor([5, 5, 5, 5]), torch.tensor([0, 0, 1, 1])), 4)
    -0.6931
    """
    _, classes = _arrays(source_labels[:, None], labels)
    joint = _one_hot(source_labels).T @ classes
    return float(xlogy(joint, joint).sum() - xlogy(joint.sum(1), joint.sum(1)).sum()) / len(labels)


@checked
def h_score(features: Tensor, labels: Tensor, *, anyway: bool = False) -> float:
    """Return tr(cov(f)^+ cov(E[f|y])) of Bao et al. 2019: a cautionary example.

    It is how much of the classes lies in the span of the features. From d = n - 1 on they span
    everything and any labels get n_classes - 1: d >= n - n_classes is refused, unless `anyway`.

    Examples
    --------
    >>> noise = torch.from_numpy(rng(0, "test").normal(size=(20, 30)))
    >>> round(h_score(noise, torch.arange(20) % 4, anyway=True), 6)
    3.0
    """
    x, classes = _arrays(features, labels)
    (n, d), c = x.shape, classes.shape[1]
    if d >= n - c and not anyway:
        msg = f"h_score needs d < n - n_classes, or any labels get {c - 1}; got {d}, {n} and {c}"
        raise RefusedError(msg)
    u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    span = u[:, s > s.max() * max(n, d) * np.finfo(float).eps]
    return float(((classes.T @ span) ** 2 / classes.sum(0)[:, None]).sum())


@checked
def score(
    candidate: Backbone | Tensor,
    task: Task,
    methods: Sequence[str] = ("knn", "probe", "logme"),
    *,
    seed: int,
    source_probabilities: Tensor | None = None,
) -> pd.DataFrame:
    """Score features on the k labels of a task, beside the same scores on shuffled labels.

    Of images that share an origin one counts: a twin as a neighbour would flatter any features.

    Parameters
    ----------
    candidate : Backbone, or float tensor of shape (n, d)
        The tensor holds features of ``task.labelled.inputs``; the test split is never read.
    task : Task, from `few_shot`
    methods : sequence of str, each one of `METHODS`
    seed : int
        Shuffles the labels (stream "order") and draws the folds.
    source_probabilities : float tensor of shape (n, n_source), optional
        What a source head says about the same images, for "leep" and "nce".

    Returns
    -------
    DataFrame
        backbone ("features" for a tensor), method, n, value, shuffled, gap (value - shuffled),
        refused: why the score would mean nothing here, its numbers being NaN; else "".

    Examples
    --------
    >>> from tlteach import few_shot, load_backbone, load_task
    >>> few = few_shot(load_task("digits"), 5, seed=0)
    >>> table = score(load_backbone("small_cnn"), few, ["knn", "h_score"], seed=0)
    >>> table["refused"].tolist()
    ['', 'h_score needs d < n - n_classes, or any labels get 9; got 96, 50 and 10']
    """
    known, name = task.labelled, "features"
    if isinstance(candidate, Backbone):
        name, candidate = candidate.card.name, extract_features(candidate, known.inputs)
    same_length(features=candidate, labelled=known)
    rows = torch.from_numpy(np.unique(known.groups, return_index=True)[1])
    x, y = candidate[rows], known.labels[rows]
    shuffled = y[torch.from_numpy(rng(seed, "order").permutation(len(y)))]
    measures = {f.__name__: partial(f, x) for f in (knn, logme, h_score)}
    measures["probe"] = partial(probe, x, seed=seed)
    if source_probabilities is not None:
        same_length(source_probabilities=source_probabilities, labelled=known)
        head = source_probabilities[rows]
        measures |= {"leep": partial(leep, head), "nce": partial(nce, head.argmax(1))}
    lines = []
    for method in methods:
        value, control, refused = math.nan, math.nan, ""
        try:
            if one_of("method", method, METHODS) not in measures:
                raise RefusedError(NO_HEAD)
            value, control = (measures[method](labels) for labels in (y, shuffled))
        except RefusedError as error:
            refused = str(error)
        line = {"backbone": name, "method": method, "n": len(y), "value": value}
        lines.append(line | {"shuffled": control, "gap": value - control, "refused": refused})
    return pd.DataFrame(lines)


def _one_hot(labels: Tensor) -> Array:
    found = labels.cpu().numpy()
    return np.asarray(found[:, None] == np.unique(found), dtype=np.float64)


def _arrays(features: Tensor, labels: Tensor) -> tuple[Array, Array]:
    """Return features in float64 and one-hot labels."""
    same_length(features=features, labels=labels)
    in_range("dimensions of features", features.ndim, 2, 2, because="(n, d)")
    classes = _one_hot(labels)
    in_range("number of classes", classes.shape[1], 2)
    if (fewest := int(classes.sum(0).min())) < 2:
        msg = f"every class needs at least 2 images; the smallest has {fewest}"
        raise RefusedError(msg)
    return features.detach().cpu().double().numpy(), classes
