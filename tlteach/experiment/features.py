"""What logistic regression reads in a cell: a network's features, or the task's plain ones."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tlteach.data import Task
from tlteach.experiment.baselines import BASELINES
from tlteach.experiment.cells import Cell
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


def features_of(task: Task, cell: Cell, where: torch.device) -> Features:
    """Return the features of a cell, worked out when they are asked for."""
    labelled, test = task.labelled.inputs, task.test.inputs
    if cell.net is None:
        plain = BASELINES[task.kind]
        return Features(lambda blend: plain.features(labelled, test), plain.standardise)
    net, precision = copy.deepcopy(cell.net).to(where), cell.base.precision

    def features(blend: float) -> tuple[Tensor, Tensor]:
        adapted = adapt(net, task, cell.regime.adapt, blend=blend, precision=precision)
        tested = extract_features(adapted.backbone, test, precision=precision)
        return adapted.labelled(labelled), tested

    return Features(features, standardise=True)
