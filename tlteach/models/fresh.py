"""Fresh weights by a network's own rules: built again, every draw from one seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils._python_dispatch import TorchDispatchMode

from tlteach.base import generator

MOMENTUM = 0.1  # a short run from scratch cannot use ImageNet's slow 0.01


class Drawing(TorchDispatchMode):
    """While it is open, what this thread draws without a generator comes from the one given.

    Networks initialise themselves from torch's global stream, which other threads use as well:
    seeding it would change their numbers, and theirs ours.

    Examples
    --------
    >>> g = torch.Generator().manual_seed(0)
    >>> with Drawing(g):
    ...     inside = torch.rand(2)
    >>> torch.equal(inside, torch.rand(2, generator=torch.Generator().manual_seed(0)))
    True
    """

    def __init__(self, stream: torch.Generator) -> None:
        super().__init__()
        self.stream = stream

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Hand the generator to every operation that can take one."""
        kwargs = kwargs or {}
        if torch.Tag.nondeterministic_seeded in func.tags and kwargs.get("generator") is None:
            names = [argument.name for argument in func._schema.arguments]
            if "generator" not in names:  # such as rand(size): its sister rand(size, generator)
                sister = f"{func._overloadname}_generator".removeprefix("default_")
                func = getattr(func.overloadpacket, sister, func)
                names = [argument.name for argument in func._schema.arguments]
            if "generator" in names[len(args) :]:
                kwargs = kwargs | {"generator": self.stream}
        return func(*args, **kwargs)


def draw_anew(net: nn.Module, build: Callable[[], nn.Module], *, seed: int) -> None:
    """Give a network the weights that `build` gives a new one, in place, from the seed alone.

    Matrices of LoRA beside the layers start as `add_lora` starts them from zero: without effect.

    Raises
    ------
    ValueError
        If `build` makes another network.
    """
    with Drawing(generator(seed, "init")):
        new = build().state_dict()
    own = net.state_dict()
    names = {name: name.replace(".base_layer.", ".") for name in own if "lora_" not in name}
    if {name: own[kept].shape for kept, name in names.items()} != {
        name: tensor.shape for name, tensor in new.items()
    }:
        msg = f"fresh must build the same network again, {type(net).__name__}; it built another"
        raise ValueError(msg)
    with torch.no_grad():
        for name, tensor in own.items():
            if name in names:
                tensor.copy_(new[names[name]])
            elif "lora_B" in name:
                tensor.zero_()
    for module in net.modules():
        if isinstance(module, _BatchNorm):
            module.momentum = MOMENTUM
