"""What a regime does to a network before the first update: what may move, and a fitted head."""

from __future__ import annotations

import torch
from torch import Tensor

from tlteach.base import in_range
from tlteach.data import Task
from tlteach.measures import fit_probes
from tlteach.models import Classifier, add_lora
from tlteach.training.gradients import NORMS, relative_gradient_norms
from tlteach.training.regimes import Regime


def prepare(model: Classifier, regime: Regime, *, seed: int) -> None:
    """Let move what the regime trains, and nothing else; `seed` draws what LoRA adds."""
    backbone = model.backbone.unfreeze()
    if regime.trains == "head":
        backbone.freeze(norm=regime.statistics == "still")
    elif regime.trains == "last":
        names = list(backbone.stages)
        if not names:
            msg = (
                f"regime {regime.name!r} trains the last stages; {backbone.card.name!r} has none "
                "that could be told apart: name them by Backbone(..., stages=)"
            )
            raise ValueError(msg)
        in_range("stages", regime.stages, 1, len(names), because=f"{backbone.card.name} has them")
        backbone.freeze(names[: -regime.stages])
    elif regime.trains == "norm":
        backbone.requires_grad_(False)
        for norm in (module for module in backbone.modules() if isinstance(module, NORMS)):
            norm.requires_grad_(True)
    elif regime.trains == "bias":
        for name, parameter in backbone.named_parameters():
            parameter.requires_grad_(name.endswith("bias"))
    elif regime.trains == "lora":
        add_lora(backbone, seed=seed)
    if regime.statistics == "still":
        backbone.freeze_statistics()


def leave_one_stage(model: Classifier, task: Task) -> str:
    """Freeze all stages but the one with the largest relative gradient; return its name."""
    norms = relative_gradient_norms(model, task)
    chosen = max(norms, key=lambda stage: norms[stage])
    model.backbone.freeze([stage for stage in model.backbone.stages if stage != chosen])
    return chosen


def fit_head(model: Classifier, features: Tensor, labels: Tensor, c: float) -> None:
    """Set the head by logistic regression."""
    rows = [torch.arange(len(labels))]
    probes = fit_probes(features, labels, rows, [c], n_classes=model.head.out_features)
    with torch.no_grad():
        model.head.weight.copy_(probes.weight[0, -1])
        model.head.bias.copy_(probes.bias[0, -1])
