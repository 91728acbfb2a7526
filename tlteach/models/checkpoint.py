"""Files of weights as people have them: wrapped, with prefixes, another head; filled into a net."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from torch import Tensor, nn

from tlteach.models.statefile import put, read_state

State = dict[str, Tensor]
# torch.compile, FSDP and activation checkpointing put these anywhere into a name
WRAPPED = re.compile(r"(?<![^.])(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")


def fill(
    net: nn.Module,
    path: Path,
    *,
    heads: Collection[str] = (),
    adapt: Callable[[State], State] | None = None,
) -> None:
    """Load a file's tensors into a network without its head, or say what does not fit.

    Parameters
    ----------
    net : nn.Module
    path : Path
        What stands before every name (``module.``, ``model.``, ``backbone.``) is taken off.
    heads : collection of str
        Where a head would stand: such tensors may be missing, or be another head's.
    adapt : callable, optional
        Asked where the tensors do not fit as they are: old names, another size of image.

    Raises
    ------
    ValueError
        If names or shapes differ, or the file holds two such networks.
    """
    # densenet's official files have names that torch no longer allows
    state = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))\.(\d)", r"\1\2", WRAPPED.sub("", name)): tensor
        for name, tensor in read_state(path).items()
    }
    state = without_prefix(state, net.state_dict().keys(), path.name)
    inside = tuple(f"{head}." for head in heads)
    state = {name: tensor for name, tensor in state.items() if not name.startswith(inside)}
    if adapt and not _fits(net, state):
        state = _try(adapt, state)
        state = {name: tensor for name, tensor in state.items() if not name.startswith(inside)}
    put(net, state, path.name)


def without_prefix(state: Mapping[str, Tensor], names: Collection[str], file: str) -> State:
    """Take off what stands before every name, and leave out what stands beside the network.

    Parameters
    ----------
    state : mapping of str to tensor
    names : collection of str
        What the network calls its tensors.
    file : str
        For the error message.

    Raises
    ------
    ValueError
        If two networks of that kind are in it.

    Examples
    --------
    >>> import torch
    >>> state = {"module.net.weight": torch.ones(2), "module.loss.scale": torch.ones(1)}
    >>> without_prefix(state, ["weight"], "mine.pth")
    {'weight': tensor([1., 1.])}
    """
    found: Counter[str] = Counter()
    for name in names:
        ends = name if name in state else f".{name}"
        if name in state:
            found[""] += 1
        else:
            found.update(key.removesuffix(name) for key in state if key.endswith(ends))
    if not found:
        return dict(state)
    most = max(found.values())
    best = [prefix for prefix, n in found.items() if n == most]
    if "" in best:
        return dict(state)
    if len(best) > 1:
        told = " and ".join(repr(prefix) for prefix in sorted(best)[:3])
        msg = f"{file} holds more than one such network, under {told}; save the one you mean alone"
        raise ValueError(msg)
    prefix = best[0]
    return {key.removeprefix(prefix): t for key, t in state.items() if key.startswith(prefix)}


def _fits(net: nn.Module, state: Mapping[str, Tensor]) -> bool:
    shapes = {name: tensor.shape for name, tensor in net.state_dict().items()}
    return shapes == {name: tensor.shape for name, tensor in state.items()}


def _try(adapt: Callable[[State], State], state: State) -> State:
    """Adapt; where that fails the file is no older or larger one, and `put` says what differs."""
    try:
        return adapt(state)
    except Exception:  # of several libraries, for files of anything
        return state
