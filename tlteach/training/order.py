"""In which order rows are learnt from."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from tlteach.base import checked, generator


@checked
def batches(
    n: int, batch_size: int, steps: int, *, seed: int, where: torch.device | None = None
) -> Iterator[Tensor]:
    """Yield `steps` full batches of row numbers, one shuffled pass over n rows after another.

    They are drawn on the processor, so that every device sees the same, and lie on `where`.

    Parameters
    ----------
    n : int
        Rows to draw from.
    batch_size : int
        Rows in a batch; may be more than `n`.
    steps : int
        Batches.
    seed : int
        Draws the order.
    where : torch.device, optional
        Default the CPU.

    Yields
    ------
    int64 tensor of shape (batch_size,)
        Row numbers.

    Examples
    --------
    >>> [len(batch) for batch in batches(5, 4, 3, seed=0)]
    [4, 4, 4]
    """
    g = generator(seed, "order")
    passes = math.ceil(steps * batch_size / n)
    order = torch.cat([torch.randperm(n, generator=g) for _ in range(passes)])
    yield from order[: steps * batch_size].to(where or "cpu").split(batch_size)
