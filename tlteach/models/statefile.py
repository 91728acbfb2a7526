"""Files of weights: found or fetched, checked, read without running code, filled in."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from torch import Tensor, nn

from tlteach.base import cache, checked

WEIGHTS = "model.safetensors"
INSIDE = ("state_dict", "model", "model_state_dict", "weights", "net", "network")  # usual names


def fetch_from_hub(repository: str, name: str = WEIGHTS) -> Path:
    """Fetch a file of a repository, or of REPOSITORY@REVISION.

    Weights are checked: the hub names their file by its SHA-256.
    """
    import huggingface_hub as hub

    plain, _, revision = repository.partition("@")
    asked: dict[str, Any] = {"revision": revision} if revision else {}
    path = Path(_asked(repository, lambda **how: hub.hf_hub_download(plain, name, **asked, **how)))
    if name == WEIGHTS:
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


def locate(weights: str | Path, names: Iterable[str] = (), *, sha256: str | None = None) -> Path:
    """Return the local file of an address or path; an address must come with its hash.

    Torch's own cache is looked at first: its files are named as the addresses are.

    Parameters
    ----------
    weights : str or Path
        The address or path.
    names : iterable of str
        Names allowed besides, for the error message.
    sha256 : str, optional
        The file's, whole or its first eight or more digits. Default: what the address ends in.

    Raises
    ------
    ValueError
        For what is neither address nor file, an address without a hash, or another file.
    ConnectionError
        If it must be downloaded and cannot be.
    """
    weights = str(weights)
    if not weights.startswith(("http://", "https://")):
        path = Path(weights).expanduser()
        if path.is_file():
            if sha256 is not None:
                cache.check_hash(path, sha256)
            return path
        allowed = ", ".join(map(repr, ["default", *names]))
        msg = f"weights must be {allowed}, an http address, a file or None; got {weights!r}"
        raise ValueError(msg)
    named = re.search(r"-([0-9a-f]{8,64})\.(?:pth|pt|safetensors)$", weights)
    if named is None and sha256 is None:
        msg = (
            "an address of weights must end in NAME-HASH.pth or .safetensors, or come with "
            f"sha256=; got {weights!r}"
        )
        raise ValueError(msg)
    expected = [digits for digits in (sha256, named and named[1]) if digits]
    known = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(weights).path).name
    path = known if _is_that(known, expected) else cache.fetch(weights, expected[0])
    for digits in expected:
        cache.check_hash(path, digits)
    return path


def _is_that(path: Path, expected: Iterable[str]) -> bool:
    if not path.is_file():
        return False
    got = cache.sha256(path)
    return all(got.startswith(digits.lower()) for digits in expected)


@checked
def read_state(path: Path) -> dict[str, Tensor]:
    """Read tensors from a .safetensors or .pth file; never run code from it.

    What stands around them in a checkpoint, such as ``{"epoch": 3, "state_dict": ...}``, is left.

    Parameters
    ----------
    path : Path
        The ending ".safetensors" tells what it is; any other is read as torch's.

    Returns
    -------
    dict of str to Tensor
        By name, on the CPU.

    Raises
    ------
    ValueError
        If the file holds more than tensors, is damaged or something else, or holds several such
        dicts of which none has a usual name.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "net.pth"
    >>> torch.save({"epoch": 3, "state_dict": {"head.bias": torch.zeros(2)}}, path)
    >>> read_state(path)
    {'head.bias': tensor([0., 0.])}
    """
    what = cache.what_else(path)
    if what:
        msg = f"{path.name} is refused: it is {what}; it holds no weights"
        raise ValueError(msg)
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's word on TorchScript files; ours follows
            held: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # a damaged file fails in many ways; torch's text advises to run its code
        msg = (
            f"{path.name} is refused: it is damaged or holds more than tensors, and opening such "
            "a file can run code that hides in it. If it is your own, open it where it was made "
            f'and save the tensors alone: torch.save(model.state_dict(), "{path.stem}-tensors.pth")'
        )
        raise ValueError(msg) from None
    return _tensors_in(held, path.name)


def _tensors_in(held: Any, name: str) -> dict[str, Tensor]:
    """Return the dict of tensors that a checkpoint is, or has inside."""
    if _is_state(held):
        return dict(held)
    inside = {}
    if isinstance(held, Mapping):
        inside = {key: value for key, value in held.items() if _is_state(value)}
        deeper = [held[key] for key in INSIDE if isinstance(held.get(key), Mapping)]
        if not inside and deeper:
            return _tensors_in(deeper[0], name)
    for key in (*INSIDE, *(inside if len(inside) == 1 else ())):
        if key in inside:
            return dict(inside[key])
    if inside:
        msg = (
            f"{name} holds several networks, {', '.join(map(repr, inside))}; save the one you mean "
            "alone"
        )
        raise ValueError(msg)
    msg = f"{name} must hold a dict from names to tensors, at most inside another dict"
    raise ValueError(msg)


def _is_state(held: Any) -> bool:
    return (
        isinstance(held, Mapping)
        and bool(held)
        and all(isinstance(n, str) and isinstance(t, Tensor) for n, t in held.items())
    )


def put(net: nn.Module, state: Mapping[str, Tensor], name: str) -> None:
    """Load tensors into a network, or say what does not fit; `name` is the file's.

    Raises
    ------
    ValueError
        If names or shapes differ, or numbers are NaN or infinite.
    """
    own = net.state_dict()
    bad = [key for key, tensor in state.items() if not bool(tensor.isfinite().all())]
    if bad:
        msg = (
            f"{name} is refused: {len(bad)} of its {len(state)} tensors hold NaN or infinity, the "
            f"first {bad[0]}: its training diverged, or the file is damaged"
        )
        raise ValueError(msg)
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
