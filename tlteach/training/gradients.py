"""Which stage of a network the labels ask to change most."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from tlteach.base import checked, in_range
from tlteach.data import Task
from tlteach.models import Classifier
from tlteach.models.inference import BATCH

NORMS = (_BatchNorm, nn.GroupNorm, nn.LayerNorm)


@checked
def relative_gradient_norms(model: Classifier, task: Task) -> dict[str, float]:
    """Return how strongly the training labels ask each stage to change: gradient over weights.

    Over all training images at once, in eval mode. Norm layers do not count, and a stage of
    nothing else is left out. The regime `one_stage` trains the stage with the largest. That is
    inspired by surgical fine-tuning (Lee et al. 2023), which picks the block by the kind of shift;
    here the labels' gradient picks it. Their Auto-RGN takes the same ratio, layer by layer, to set
    learning rates: there every layer may move.

    Parameters
    ----------
    model : Classifier
        With a fitted head; stays as it is.
    task : Task
        Gives ``task.train``.

    Returns
    -------
    dict of str to float
        In the order of ``model.backbone.stages``.

    Raises
    ------
    ValueError
        For a task without training images.

    Examples
    --------
    >>> import tlteach as tlt
    >>> few = tlt.few_shot(tlt.load_task("digits"), 5, seed=0)
    >>> model = tlt.Classifier(tlt.load_backbone("small_cnn"), 10, seed=0)
    >>> list(relative_gradient_norms(model, few))
    ['stage1', 'stage2', 'stage3', 'stage4']
    """
    in_range("number of training images", len(task.train), 1)
    twin = copy.deepcopy(model).requires_grad_(True).eval()
    where = twin.head.weight.device
    batches = zip(task.train.inputs.split(BATCH), task.train.labels.split(BATCH), strict=True)
    for images, labels in batches:
        loss = F.cross_entropy(twin(images.to(where)), labels.to(where), reduction="sum")
        (loss / len(task.train)).backward()
    norms = {}
    for name, modules in twin.backbone.stages.items():
        layers = [m for module in modules for m in module.modules() if not isinstance(m, NORMS)]
        weights = [p for layer in layers for p in layer.parameters(recurse=False)]
        gradients = [p.grad for p in weights if p.grad is not None]
        if weights:
            norms[name] = _length(gradients) / _length(weights)
    return norms


def _length(tensors: Sequence[Tensor]) -> float:
    return math.sqrt(sum(float(tensor.detach().square().sum()) for tensor in tensors))
