"""Many images: in memory while they are few, in a file that is read where it is needed beyond."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from pathlib import Path

import torch
from torch import Tensor

from tlteach.base import cache

MOST = 1 << 30  # bytes held in memory: 20,000 images of 128 x 128 pixels
ROWS = 256  # copied at once


def empty(n: int, *shape: int) -> Tensor:
    """Return room for n rows of uint8: in memory, or beyond 1 GB in a file.

    The file lies in the cache and has no name: it ends with the last tensor that shows it. The
    system keeps in memory what is used of it, and forgets what is not.

    Examples
    --------
    >>> empty(2, 3, 8, 8).shape
    torch.Size([2, 3, 8, 8])
    """
    size = n * torch.Size(shape).numel()
    if size <= MOST:
        return torch.empty(n, *shape, dtype=torch.uint8)
    check_disk(size)  # a file that outgrows its disk would end Python without a word
    path = _folder() / f"{secrets.token_hex(8)}.rows"
    try:
        flat = torch.from_file(str(path), shared=True, size=size, dtype=torch.uint8)
    finally:
        with contextlib.suppress(PermissionError):  # Windows: it stays in the cache
            path.unlink(missing_ok=True)
    return flat.view(n, *shape)


def take(rows: Tensor, chosen: Tensor) -> Tensor:
    """Return ``rows[chosen]``, without more than 1 GB of it in memory.

    Parameters
    ----------
    rows : tensor of shape (n, ...)
    chosen : int64 tensor of positions, or bool mask

    Examples
    --------
    >>> take(torch.arange(6, dtype=torch.uint8).view(3, 2), torch.tensor([2, 0])).tolist()
    [[4, 5], [0, 1]]
    """
    if rows.dtype != torch.uint8 or rows.device.type != "cpu" or rows.nbytes <= MOST:
        return rows[chosen]
    places = chosen.nonzero()[:, 0] if chosen.dtype == torch.bool else chosen
    found = empty(len(places), *rows.shape[1:])
    for start in range(0, len(places), ROWS):
        part = places[start : start + ROWS]
        found[start : start + ROWS] = rows[part]
    return found


def joined(one: Tensor, other: Tensor) -> Tensor:
    """Return ``torch.cat([one, other])``, without more than 1 GB of it in memory.

    Examples
    --------
    >>> joined(torch.zeros(1, 2, dtype=torch.uint8), torch.ones(1, 2, dtype=torch.uint8)).tolist()
    [[0, 0], [1, 1]]
    """
    if one.dtype != torch.uint8 or one.device.type != "cpu" or one.nbytes + other.nbytes <= MOST:
        return torch.cat([one, other])
    found = empty(len(one) + len(other), *one.shape[1:])
    found[: len(one)] = one
    found[len(one) :] = other
    return found


def check_disk(size: int) -> None:
    """Raise unless the cache's disk has so many bytes left.

    Raises
    ------
    MemoryError
        With what is needed and what there is.
    """
    left = shutil.disk_usage(_folder()).free
    if size > left:
        msg = (
            f"so many images are kept in a file: {size / 1e9:.3g} GB in TLTEACH_HOME, whose disk "
            f"has {left / 1e9:.3g} GB left: pass a smaller size, or fewer images"
        )
        raise MemoryError(msg)


def _folder() -> Path:
    return cache.room("images")
