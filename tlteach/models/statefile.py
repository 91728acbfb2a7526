"""Files of weights: found or fetched, checked, read without running code, filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tlteach.base import cache

WEIGHTS = "model.safetensors"


def fetch_from_hub(repository: str) -> Path:
    """Fetch timm's safetensors file; the hub names the file by its SHA-256, so check it."""
    import huggingface_hub as hub

    path = Path(_asked(repository, lambda **how: hub.hf_hub_download(repository, WEIGHTS, **how)))
    cache.check_hash(path.resolve(), path.resolve().name)
    return path


def fetch_files(repository: str, *, names: Iterable[str]) -> Path:
    """Return the folder of the hub's cache that holds these files of a repository.

    Parameters
    ----------
    repository : str
        Such as "roberta-base".
    names : iterable of str
        Names or patterns. A weight file is checked: the hub names it by its SHA-256.

    Raises
    ------
    ConnectionError
        If files must be downloaded and cannot be.
    ValueError
        If a weight file is not the one that its name says.
    """
    import huggingface_hub as hub

    wanted = [*names]
    folder = Path(
        _asked(
            repository,
            lambda **how: hub.snapshot_download(repository, allow_patterns=wanted, **how),
        )
    )
    for path in folder.glob("*.safetensors"):
        cache.check_hash(path.resolve(), path.resolve().name)
    return folder


def _asked(repository: str, get: Callable[..., str]) -> str:
    """Ask the hub, or its cache alone where the network is forbidden."""
    try:
        return get(local_files_only=cache.is_offline())
    except Exception as error:  # of several libraries
        if cache.is_offline():
            msg = f"TLTEACH_OFFLINE is set and the hub's cache has no weights of {repository}"
            raise ConnectionError(msg) from error
        msg = f"could not download the weights of {repository}: {error}"
        raise ConnectionError(msg) from error


def locate(weights: str, names: Iterable[str] = ()) -> Path:
    """Return the local file of an address or path; an address must carry the hash.

    Parameters
    ----------
    weights : str
        The address or path.
    names : iterable of str
        Names allowed besides, for the error message.
    """
    if not weights.startswith(("http://", "https://")):
        path = Path(weights)
        if path.is_file():
            return path
        allowed = ", ".join(map(repr, ["default", *names]))
        msg = f"weights must be {allowed}, an http address, a file or None; got {weights!r}"
        raise ValueError(msg)
    match = re.search(r"-([0-9a-f]{8,64})\.(?:pth|pt|safetensors)$", weights)
    if match is None:
        msg = f"an address of weights must end in NAME-HASH.pth or .safetensors; got {weights!r}"
        raise ValueError(msg)
    return cache.fetch(weights, match[1])


def read_state(path: Path) -> dict[str, Tensor]:
    """Read tensors from a .safetensors or .pth file; never run code from it.

    Raises
    ------
    ValueError
        If the file holds more than tensors or is damaged.
    """
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # a damaged file fails in many ways; torch's text advises to run its code
        msg = f"{path.name} is refused: it is damaged or holds more than tensors"
        raise ValueError(msg) from None
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items()
    ):
        msg = f"{path.name} must hold a dict from names to tensors and nothing else"
        raise ValueError(msg)
    return state


def fill(net: nn.Module, path: Path) -> None:
    """Load a file's tensors into a network, or say what does not fit."""
    # densenet's official files have names that torch no longer allows
    state = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))\.(\d)", r"\1\2", name): tensor
        for name, tensor in read_state(path).items()
    }
    put(net, state, path.name)


def put(net: nn.Module, state: Mapping[str, Tensor], name: str) -> None:
    """Load tensors into a network, or say what does not fit; `name` is the file's.

    Raises
    ------
    ValueError
        If names or shapes differ.
    """
    own = net.state_dict()
    try:
        net.load_state_dict(state)
    except RuntimeError:
        differ = [
            f"{key} has shape {tuple(state[key].shape)}, not {tuple(own[key].shape)}"
            for key in own
            if key in state and own[key].shape != state[key].shape
        ]
        differ += [f"{key} is missing" for key in sorted(own.keys() - state.keys())]
        differ += [f"{key} is unknown" for key in sorted(state.keys() - own.keys())]
        msg = (
            f"{name} does not fit {type(net).__name__}, {len(differ)} tensors differ: "
            f"{'; '.join(differ[:3])}{', ...' if len(differ) > 3 else ''}"
        )
        raise ValueError(msg) from None
