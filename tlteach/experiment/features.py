"""What logistic regression reads in a cell: a network's features, or the task's plain ones."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tlteach.data import Split, Task, few_shot
from tlteach.experiment.baselines import BASELINES, redrawn
from tlteach.experiment.cells import Cell, Rows
from tlteach.experiment.logistic import run_logistic
from tlteach.models import extract_features
from tlteach.training import adapt


@dataclass(frozen=True)
class Features:
    """Features of one cell.

    Attributes
    ----------
    of : callable
        Turns a `blend` into features of the labelled and of the test inputs.
    standardise : bool
        Whether they are scaled to deviation 1 before logistic regression.
    """

    of: Callable[[float], tuple[Tensor, Tensor]]
    standardise: bool


def features_of(
    task: Task, cell: Cell, where: torch.device, *, known: Split | None = None
) -> Features:
    """Return the features of a cell, worked out when they are asked for.

    `known` is what the labels come from, default ``task.labelled``.
    """
    labelled, test = (known or task.labelled).inputs, task.test.inputs
    if cell.net is None:
        plain = BASELINES[task.kind]
        return Features(lambda blend: plain.features(labelled, test), plain.standardise)
    net, precision = copy.deepcopy(cell.net).to(where), cell.base.precision

    def features(blend: float) -> tuple[Tensor, Tensor]:
        adapted = adapt(net, task, cell.regime.adapt, blend=blend, precision=precision)
        tested = extract_features(adapted.backbone, test, precision=precision)
        return adapted.labelled(labelled), tested

    return Features(features, standardise=True)


def run_random(
    task: Task, cell: Cell, grid: Sequence[tuple[int, int]], where: torch.device
) -> Iterator[Rows]:
    """Run "frozen_random": each seed draws a network of its own, so features are its own too.

    Run by run: what a network is shown decides over its bits, so other runs must not.
    """
    assert cell.net is not None
    for shots, seed in grid:
        net = redrawn(cell.net, seed=seed)
        known = few_shot(task, shots, seed=seed).labelled
        found = features_of(task, replace(cell, net=net), where, known=known)
        yield from run_logistic(task, cell, [(shots, seed)], found.of, known=known)
