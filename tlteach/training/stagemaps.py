"""Partial tuning without the frozen stages: their output maps are computed once.

A network whose first stages are frozen computes the same maps of an image in every step. Here
they are kept, and training goes on from them with a network that shares every parameter and
lacks these stages. Not every network can be cut: the logits of both ways are compared once.
"""

from __future__ import annotations

import copy
from itertools import chain, takewhile

import torch
from torch import Tensor, nn

from tlteach.models import Backbone, Classifier
from tlteach.models.inference import BATCH, reading

MOST_BYTES = 1_000_000_000
TRIED = 4  # images on which both ways must agree
TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 5e-2}  # of the largest logit


class _ReachedError(Exception):
    """Ends a forward pass where the part that learns begins."""

    def __init__(self, maps: Tensor) -> None:
        self.maps = maps


def shortcut(model: Classifier, images: Tensor, dtype: torch.dtype) -> tuple[Tensor, Classifier]:
    """Return the input of the first stage that learns, and a model that goes on from there.

    Parameters
    ----------
    model : Classifier
        In training mode.
    images : uint8 tensor of shape (n, channels, height, width)
        Where the model is.
    dtype : torch.dtype
        Number format of the forward pass, and of the maps.

    Returns
    -------
    tuple of Tensor and Classifier
        Maps, n of them, and a model with the same parameters and statistics. The images and the
        model themselves where no first stage is frozen, none but the head learns, the maps take
        more than a gigabyte, or this network cannot be cut.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> model = Classifier(load_backbone("small_cnn", seed=0), 10, seed=0)
    >>> _ = model.backbone.freeze(["stage1", "stage2"])
    >>> images = torch.zeros(5, 3, 32, 32, dtype=torch.uint8)
    >>> maps, rest = shortcut(model.train(), images, torch.float32)
    >>> maps.shape, rest(maps).shape
    (torch.Size([5, 32, 8, 8]), torch.Size([5, 10]))
    """
    frozen, first = _cut(model.backbone)
    if not frozen or first is None:
        return images, model
    with torch.autocast(images.device.type, dtype, enabled=dtype != torch.float32):
        few = images[:TRIED]
        maps = _maps_before(first, model, few, dtype)
        if maps is None or maps[0].nbytes * len(images) > MOST_BYTES:
            return images, model
        rest = _without(frozen, model)
        if not _agree(rest, maps, model, few, TOLERANCE[dtype]):
            return images, model
        maps = _maps_before(first, model, images, dtype)
    return (images, model) if maps is None else (maps, rest)


def _cut(backbone: Backbone) -> tuple[list[nn.Module], nn.Module | None]:
    """Return the modules of the frozen first stages, and the module where the rest begins."""
    stages = list(backbone.stages.values())
    frozen = list(takewhile(_is_still, stages))
    first = stages[len(frozen)][0] if len(frozen) < len(stages) else None
    return list(chain(*frozen)), first


def _is_still(stage: list[nn.Module]) -> bool:
    modules = [inner for module in stage for inner in module.modules()]
    parameters = [p for module in stage for p in module.parameters()]
    return not any(m.training for m in modules) and not any(p.requires_grad for p in parameters)


def _maps_before(
    first: nn.Module, model: Classifier, images: Tensor, dtype: torch.dtype
) -> Tensor | None:
    def stop(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if inputs:  # named ones cannot be handed on
            raise _ReachedError(inputs[0])

    maps = []
    hook = first.register_forward_pre_hook(stop)
    try:
        with reading(model):
            for batch in images.split(BATCH):
                try:
                    model(batch)
                except _ReachedError as reached:
                    maps.append(reached.maps.to(dtype))
                if not maps:
                    return None
    finally:
        hook.remove()
    return torch.cat(maps)


def _without(frozen: list[nn.Module], model: Classifier) -> Classifier:
    """Return a copy that shares all tensors and hands its input through the frozen modules."""
    names = {module: name for name, module in model.named_modules()}
    shared = {id(tensor): tensor for tensor in chain(model.parameters(), model.buffers())}
    rest = copy.deepcopy(model, shared)
    for module in frozen:
        if module not in names:  # parameters that stand in no layer
            continue
        rest.set_submodule(names[module], nn.Identity())
    rest.backbone.preprocessing = nn.Identity()  # type: ignore[assignment]
    return rest


def _agree(
    rest: Classifier, maps: Tensor, model: Classifier, images: Tensor, tolerance: float
) -> bool:
    with reading(model), reading(rest):
        logits = model(images).float()
        try:
            from_maps = rest(maps).float()
        except Exception:  # whatever a network's own forward minds, it cannot be cut
            return False
        if from_maps.shape != logits.shape:
            return False
        return bool((from_maps - logits).abs().max() <= tolerance * logits.abs().max())
