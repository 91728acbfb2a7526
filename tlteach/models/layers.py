"""What a network is made of: its stages in order, and fresh weights for its layers."""

from __future__ import annotations

import math
from collections.abc import Iterable

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from tlteach.base import checked, generator
from tlteach.models.fresh import MOMENTUM, Drawing

CONTAINERS = ("features", "blocks", "layers", "stages", "classifier", "trunk_output")
OUTER = ("encoder",)  # holds a container: torchvision's ViT
MAPS = (nn.Conv2d, nn.Linear)
GPT_LINEAR = "Conv1D"  # what transformers calls the linear layers of GPT-2; drawn as in its paper


def find_stages(net: nn.Module) -> dict[str, list[nn.Module]]:
    """Split a network into ordered stages, named by their first module.

    Children of containers such as features, blocks, layers or stages count one by one;
    neighbouring plain layers form one stage that ends at a pooling layer. A norm alone is no
    stage, it belongs to what stands before it; parameters outside every layer, such as a class
    token, belong to the first stage.

    Examples
    --------
    >>> import torchvision
    >>> list(find_stages(torchvision.models.resnet18()))
    ['conv1', 'layer1', 'layer2', 'layer3', 'layer4', 'fc']
    """
    stages: dict[str, list[nn.Module]] = {}
    open_stage: list[nn.Module] | None = None
    for name, child in _walk(net):
        if any(isinstance(m, MAPS) for m in child.modules() if m is not child):
            stages[name] = [child]
            open_stage = None
        elif open_stage is not None:
            open_stage.append(child)
        elif stages and _is_norm(child):
            stages[next(reversed(stages))].append(child)
        elif any(True for _ in child.parameters()):
            open_stage = stages[name] = [child]
        if "pool" in type(child).__name__.lower():
            open_stage = None
    return _with_loose(net, stages)


def _is_norm(module: nn.Module) -> bool:
    """Return whether it has parameters, all of them vectors: scales and shifts."""
    sizes = [p.ndim for p in module.parameters()]
    return bool(sizes) and max(sizes) <= 1


def _with_loose(net: nn.Module, stages: dict[str, list[nn.Module]]) -> dict[str, list[nn.Module]]:
    """Add what stands in no layer to the first stage, so that it freezes with it."""
    held = {p for modules in stages.values() for module in modules for p in module.parameters()}
    loose = [p for p in net.parameters() if p not in held]
    if loose and stages:
        stages[next(iter(stages))].insert(0, nn.ParameterList(loose))
    return stages


def _walk(net: nn.Module) -> Iterable[tuple[str, nn.Module]]:
    for name, child in net.named_children():
        if name in OUTER:
            yield from ((f"{name}.{inner}", module) for inner, module in _walk(child))
        elif name in CONTAINERS and any(True for _ in child.children()):
            yield from ((f"{name}.{inner}", module) for inner, module in child.named_children())
        else:
            yield name, child


def encoder_stages(model: nn.Module) -> dict[str, list[nn.Module]]:
    """Return the stages of a transformer: what comes before its layers, then layer by layer.

    What follows the last layer, such as a norm, belongs to it.

    Examples
    --------
    >>> model = nn.Sequential(nn.Embedding(9, 4), nn.ModuleList([nn.Linear(4, 4)]), nn.LayerNorm(4))
    >>> [(name, len(modules)) for name, modules in encoder_stages(model).items()]
    [('embeddings', 1), ('layer1', 2)]
    """
    lists = [(name, m) for name, m in model.named_modules() if isinstance(m, nn.ModuleList)]
    path, layers = max(lists, key=lambda named: len(named[1]))
    before: list[nn.Module] = []
    after: list[nn.Module] = []
    owner = model
    for step in path.split("."):
        names = [name for name, _ in owner.named_children()]
        place = names.index(step)
        before += [owner.get_submodule(name) for name in names[:place]]
        after += [owner.get_submodule(name) for name in names[place + 1 :]]
        owner = owner.get_submodule(step)
    stages = {"embeddings": before} | {f"layer{i}": [m] for i, m in enumerate(layers, 1)}
    stages[f"layer{len(layers)}"] += after
    return stages


def without_dropout(net: nn.Module) -> None:
    """Switch it off, in place: it draws from the global stream, so no two runs would be alike.

    Examples
    --------
    >>> layer = nn.Dropout(0.5)
    >>> without_dropout(layer)
    >>> layer.p
    0.0
    """
    for module in net.modules():
        kind = type(module).__name__.lower()
        names = ("dropout", "attention_dropout", "layer_drop", "drop_prob")
        for name in ("p", *names) if "drop" in kind or "depth" in kind else names:
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)


def suits(net: nn.Module) -> bool:
    """Return whether `initialise` fits better than the rules of the network itself.

    So it is with convolutions and BatchNorm alone. Their own rules count on statistics of every
    batch; frozen at once, with unit statistics, features vanish (EfficientNet: 1e-14) or burst.

    Examples
    --------
    >>> import torchvision
    >>> suits(torchvision.models.resnet18()), suits(torchvision.models.vgg11())
    (True, False)
    """
    holders = [m for m in net.modules() if any(True for _ in m.parameters(recurse=False))]
    plain = all(isinstance(m, (*MAPS, _BatchNorm)) for m in holders)
    return plain and any(isinstance(m, _BatchNorm) for m in holders)


@checked
def initialise(net: nn.Module, *, seed: int) -> None:
    """Draw fresh weights in place, from the seed alone and safe beside other threads.

    Convolutions get He's normal weights (He et al. 2015, eq. 10, fan in), linear and recurrent
    layers uniform ones in plus or minus 1/sqrt(n inputs, or n hidden), embeddings normal ones of
    deviation 0.02 (Devlin et al. 2019), norms scale 1, shift 0 and unit statistics, layers of
    another kind what their own ``reset_parameters`` draws.

    Parameters
    ----------
    net : nn.Module
        Changed in place.
    seed : int
        Draws the weights.

    Raises
    ------
    ValueError
        For a network with other kinds of parameters: see `Backbone`, ``fresh``.

    Examples
    --------
    >>> import torch
    >>> one, other = nn.Linear(3, 2), nn.Linear(3, 2)
    >>> initialise(one, seed=0)
    >>> initialise(other, seed=0)
    >>> torch.equal(one.weight, other.weight), one.bias.tolist()
    (True, [0.0, 0.0])
    """
    g = generator(seed, "init")
    for name, module in net.named_modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=g)
        elif isinstance(module, nn.Linear):
            bound = 1 / math.sqrt(module.in_features)
            nn.init.uniform_(module.weight, -bound, bound, generator=g)
        elif isinstance(module, nn.Embedding) or type(module).__name__ == GPT_LINEAR:
            nn.init.normal_(module.weight, std=0.02, generator=g)
        elif isinstance(module, nn.RNNBase):
            bound = 1 / math.sqrt(module.hidden_size)
            for parameter in module.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=g)
            continue
        elif isinstance(module, _BatchNorm | nn.GroupNorm | nn.LayerNorm):
            module.reset_parameters()
            if isinstance(module, _BatchNorm):
                module.momentum = MOMENTUM
            continue
        elif not list(module.parameters(recurse=False)):
            continue
        elif callable(reset := getattr(module, "reset_parameters", None)):
            with Drawing(g):
                reset()
            continue
        else:
            msg = (
                "fresh weights can be drawn for convolution, linear, embedding, recurrent and norm "
                "layers and those with a method reset_parameters; "
                f"got {type(module).__name__} at {name!r}: give it one, or give "
                "Backbone(..., fresh=) a function that builds the network anew"
            )
            raise ValueError(msg)
        if getattr(module, "bias", None) is not None:
            nn.init.zeros_(module.bias)
