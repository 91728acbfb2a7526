"""Read a network without changing it: eval mode, no gradients, the mode put back after."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from tlteach.base import atomic_write, bar, cache, checked, device, finite, in_range
from tlteach.models.backbone import Backbone

BATCH = 64
LOG = logging.getLogger(__name__)


@contextmanager
def reading(model: nn.Module) -> Iterator[None]:
    """Switch every module to eval mode without gradients; put each mode back after.

    Examples
    --------
    >>> layer = nn.Dropout()
    >>> with reading(layer):
    ...     layer.training
    False
    >>> layer.training
    True
    """
    modes = {module: module.training for module in model.modules()}
    try:
        for module in modes:
            module.training = False
        with torch.inference_mode():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@checked
def predict(
    model: nn.Module,
    inputs: Tensor,
    *,
    batch_size: int = BATCH,
    precision: str = "auto",
    progress: bool = False,
) -> Tensor:
    """Return what `model` says about inputs, wherever its parameters are.

    Parameters
    ----------
    model : nn.Module
        A `Classifier` (logits) or a `Backbone` (features).
    inputs : uint8 tensor
        A split's `inputs`, on any device.
    batch_size : int, default 64
        Inputs at once; halved, with a warning, when memory runs out.
    precision : {"auto", "fp32", "bf16"}
        "auto" uses bfloat16 on a GPU and on processors with instructions for it.
    progress : bool, default False
        Show a bar.

    Returns
    -------
    float32 tensor of shape (n, width), on the CPU
        One row per input.

    Raises
    ------
    TypeError, ValueError
        For what is no uint8 tensor of a shape that the model takes; NaN is named with its place.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> predict(load_backbone("small_cnn"), torch.zeros(3, 1, 8, 8, dtype=torch.uint8)).shape
    torch.Size([3, 96])
    """
    _check(inputs)
    in_range("batch_size", batch_size, 1)
    where = next(model.parameters()).device
    model.to(memory_format=torch.channels_last)
    with reading(model):
        dtype = device.precision(precision, where)

        def run(size: int) -> Tensor:
            batches = bar(inputs.split(size), shown=progress, leave=False)
            return torch.cat([_forward(model, batch, where, dtype).cpu() for batch in batches])

        answers = device.halve_on_out_of_memory(run, batch_size)
    return answers.clone()  # an ordinary tensor: inference tensors cannot be trained on


def _forward(model: nn.Module, inputs: Tensor, where: torch.device, dtype: torch.dtype) -> Tensor:
    with torch.autocast(where.type, dtype, enabled=dtype != torch.float32):
        answer: Tensor = model(inputs.to(where))
    return answer.float()


@checked
def extract_features(
    backbone: Backbone,
    inputs: Tensor,
    *,
    batch_size: int = BATCH,
    precision: str = "auto",
    cached: bool = True,
    progress: bool = False,
) -> Tensor:
    """Return frozen features, computed once and kept in the cache (`TLTEACH_HOME`).

    The file's name is a hash of the weights, the preprocessing, the inputs and the number format,
    so nothing stale can be read; two processes may write it at once. It holds a hash of itself: one
    that is damaged, or of another shape, is computed again. Where `TLTEACH_SHARED` has it, nothing
    is computed; where the cache cannot be written, that is told once, and it goes on without.

    Parameters
    ----------
    backbone : Backbone
        Gives the features; its mode and statistics stay as they are.
    inputs : uint8 tensor
        What to describe: a split's `inputs`.
    batch_size : int, default 64
        Inputs at once.
    precision : {"auto", "fp32", "bf16"}
        See `predict`.
    cached : bool, default True
        Whether to look for a file and write one.
    progress : bool, default False
        Show a bar.

    Returns
    -------
    float32 tensor of shape (n, n_features), on the CPU
        One row per input.

    Raises
    ------
    TypeError, ValueError
        As `predict` does; and where features are NaN or infinite, as of weights that diverged.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> inputs = torch.zeros(3, 1, 8, 8, dtype=torch.uint8)
    >>> extract_features(load_backbone("small_cnn"), inputs).shape
    torch.Size([3, 96])
    """

    def compute() -> Tensor:
        found = predict(
            backbone, inputs, batch_size=batch_size, precision=precision, progress=progress
        )
        return finite(f"features of {backbone.card.name!r}", found)  # type: ignore[no-any-return]

    _check(inputs)
    if not cached:
        return compute()
    used = str(device.precision(precision, next(backbone.parameters()).device))
    name = "|".join((backbone.fingerprint(), backbone.preprocessing.id, _hash(inputs), used))
    shape = (len(inputs), backbone.n_features)
    return _through_file(f"{hashlib.sha256(name.encode()).hexdigest()}.safetensors", compute, shape)


def _check(inputs: object) -> None:
    if not isinstance(inputs, Tensor):
        msg = f"inputs must be a tensor, as a split's inputs are; got {type(inputs).__name__}"
        raise TypeError(msg)
    in_range("number of inputs", len(finite("inputs", inputs)), 1)


def _hash(rows: Tensor) -> str:
    digest = hashlib.sha256(str(tuple(rows.shape)).encode())
    digest.update(rows.cpu().contiguous().numpy().data)
    return digest.hexdigest()


def _through_file(name: str, compute: Callable[[], Tensor], shape: tuple[int, int]) -> Tensor:
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    found = cache.kept("features", name)
    if found.is_file():
        if (features := _read(found, shape)) is not None:
            return features
        LOG.warning("%s is damaged and computed again", found)
    features = compute()
    with cache.going_on("features"), atomic_write(cache.home() / "features" / name) as path:
        try:
            save_file({"features": features}, path, metadata={"sha256": _hash(features)})
        except SafetensorError as error:  # its word for a full disk
            raise OSError(str(error)) from error
    return features


def _read(path: Path, shape: tuple[int, int]) -> Tensor | None:
    """Return the features in a file; None if they are not, whole, what was written."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            features: Tensor = file.get_tensor("features")
            told = (file.metadata() or {}).get("sha256")
    except (SafetensorError, OSError):
        return None
    right = features.dtype == torch.float32 and features.shape == shape
    return features if right and told == _hash(features) else None
