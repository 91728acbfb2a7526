"""Named random streams: one seed gives independent numbers for each purpose.

Changing how many numbers one purpose draws never shifts another: a run with augmentation
sees the same subset, the same initial head and the same order as the run without.
"""

from __future__ import annotations

import hashlib
from numbers import Integral

import numpy as np
import torch

from tlteach.base.validate import in_range, one_of

PURPOSES = (
    "subset", "split", "init", "order", "augmentation", "search", "test",
    "source", "shift", "query", "noise",
)  # fmt: skip


def derive(seed: int, purpose: str) -> int:
    """Return the 63-bit seed of one purpose.

    Parameters
    ----------
    seed : int
        The run's seed, 0 or larger.
    purpose : str
        One of `PURPOSES`.

    Returns
    -------
    int
        In [0, 2**63), the same on every machine and Python version.

    Raises
    ------
    TypeError
        If the seed is not a whole number.
    ValueError
        If it is negative, or the purpose unknown.

    Examples
    --------
    >>> derive(0, "init") == derive(0, "init"), derive(0, "init") == derive(0, "order")
    (True, False)
    """
    in_range("seed", seed, 0)
    is_whole = isinstance(seed, Integral)
    if not is_whole:
        msg = f"seed must be a whole number; got {seed!r}"
        raise TypeError(msg)
    one_of("purpose", purpose, PURPOSES)
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(seed: int, purpose: str, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a fresh torch generator for one purpose.

    Parameters
    ----------
    seed : int
        The run's seed, 0 or larger.
    purpose : str
        One of `PURPOSES`.
    device : device or str, default "cpu"
        Where it draws.

    Returns
    -------
    Generator
        In the state that seed and purpose alone decide.

    Examples
    --------
    >>> a = torch.rand(2, generator=generator(0, "order"))
    >>> torch.equal(a, torch.rand(2, generator=generator(0, "order")))
    True
    """
    return torch.Generator(device=device).manual_seed(derive(seed, purpose))


def rng(seed: int, purpose: str, *place: int) -> np.random.Generator:
    """Return a fresh numpy generator for one purpose, or for one place within it.

    A place of its own, such as an image's row, gives an image the same numbers whatever stands
    beside it in the batch.

    Parameters
    ----------
    seed : int
        The run's seed, 0 or larger.
    purpose : str
        One of `PURPOSES`.
    *place : int
        Where within it, 0 or larger.

    Returns
    -------
    Generator
        In the state that seed, purpose and place alone decide.

    Examples
    --------
    >>> int(rng(3, "subset").integers(10)) == int(rng(3, "subset").integers(10))
    True
    >>> float(rng(3, "shift", 0).random()) == float(rng(3, "shift", 1).random())
    False
    """
    return np.random.default_rng((derive(seed, purpose), *place))
