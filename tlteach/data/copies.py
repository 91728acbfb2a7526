"""Copies and near copies among images, and what else belongs together: numbers for groups."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

CELLS = 8  # the hash compares neighbours among 9 x 9 cells: 128 bits
HAMMING = 10  # bits of 128 that may differ: see `near_pairs` for why
ALIKE = 0.99  # correlation of colours in 16 x 16 cells
PLAIN = 2.0  # grey levels: less contrast than this, and there is nothing to compare
MOST = 50_000  # images: every pair is looked at, which takes a minute then
BATCH = 512

Pairs = list[tuple[int, int]]


def near_pairs(images: Tensor) -> Pairs:
    """Find pairs of images that show one moment: bursts, and files that were saved again.

    Two images are near copies if their difference hashes differ in at most 10 of 128 bits and
    their colours correlate at 0.99 or more. Of 396 photographs of ants and bees no two do: the
    closest pairs differ in 23 bits and correlate at 0.82. Of the drawings in `emoji` under 1 %
    do, of the clothes in `fashion`, cut out on black at 28 pixels, under 4 %. Found are photographs
    saved again, nine in ten made brighter, nearly all moved by 1 %, a quarter of those by 2 %.

    Parameters
    ----------
    images : (n, channels, height, width) uint8 tensor

    Returns
    -------
    list of (int, int)
        The smaller position first.

    Examples
    --------
    >>> torch.manual_seed(0)
    <torch...>
    >>> one, other = torch.randint(256, (2, 3, 16, 16), dtype=torch.uint8)
    >>> near_pairs(torch.stack([one, other, one // 2 + 40]))
    [(0, 2)]
    """
    signs, colours = difference_hash(images).float() * 2 - 1, _colours(images)
    pairs: Pairs = []
    for start in range(0, len(images), BATCH):
        apart = (signs.shape[1] - signs[start : start + BATCH] @ signs[start:].T) / 2
        for candidates in (apart <= HAMMING).triu(1).nonzero().add(start).split(BATCH):
            i, j = candidates.unbind(1)
            alike = (colours[i] * colours[j]).sum(1) >= ALIKE
            pairs += [(int(a), int(b)) for a, b in candidates[alike]]
    return pairs


def copy_pairs(
    images: Tensor, looks: Tensor | None = None, *, near: bool = True
) -> tuple[Pairs, Pairs]:
    """Return pairs of the same pixels and, if asked for, near copies that are not the same.

    Parameters
    ----------
    images : (n, channels, height, width) uint8 tensor
    looks : tensor of that kind, optional
        What near copies are compared by, where the images have margins.
    near : bool, default True

    Examples
    --------
    >>> copy_pairs(torch.zeros(2, 3, 16, 16, dtype=torch.uint8))
    ([(0, 1)], [])
    """
    same = same_pairs(hashlib.sha256(image.numpy()).digest() for image in images)
    exact = tied(len(images), same)
    found = near_pairs(images if looks is None else looks) if near else []
    return same, [(i, j) for i, j in found if exact[i] != exact[j]]


def difference_hash(images: Tensor) -> Tensor:
    """Return 128 bits per image: whether a cell is brighter than its neighbours left and above.

    The cells are means over a 9 x 9 grid of grey values (dHash, both directions).

    Examples
    --------
    >>> ramp = torch.arange(0, 180, 20, dtype=torch.uint8).expand(1, 1, 9, 9)
    >>> difference_hash(ramp).sum().item()  # brighter to the right, 8 x 8 times; never downwards
    64
    """
    grey = _cells(images, CELLS + 1).mean(1)
    right = grey[:, :-1, 1:] > grey[:, :-1, :-1]
    down = grey[:, 1:, :-1] > grey[:, :-1, :-1]
    return torch.cat([right.flatten(1), down.flatten(1)], 1)


def _colours(images: Tensor) -> Tensor:
    """Return 16 x 16 colours, of mean 0 per channel and length 1, or 0 for plain images."""
    cells = _cells(images, 16)
    cells = (cells - cells.mean((2, 3), keepdim=True)).flatten(1)
    plain = cells.square().mean(1, keepdim=True).sqrt() < PLAIN
    return F.normalize(cells).masked_fill(plain, 0)


def _cells(images: Tensor, n: int) -> Tensor:
    """Shrink images to n x n means, in batches, since floats take four times the memory."""
    shrunk = [
        F.interpolate(part.float(), (n, n), mode="bilinear", antialias=True)
        for part in images.split(BATCH)
    ]
    return torch.cat(shrunk) if shrunk else images.new_empty(0, 3, n, n).float()


def same_pairs(keys: Iterable[Hashable | None]) -> Pairs:
    """Return pairs of positions that tie together all with one key; None ties to nothing.

    Examples
    --------
    >>> same_pairs(["anna", "ben", "anna", None, None, "anna"])
    [(0, 2), (0, 5)]
    """
    first: dict[Hashable, int] = {}
    pairs = []
    for i, key in enumerate(keys):
        if key is not None and first.setdefault(key, i) != i:
            pairs.append((first[key], i))
    return pairs


def tied(n: int, pairs: Iterable[tuple[int, int]]) -> np.ndarray:
    """Return the number of each image's group, where pairs tie n images together.

    Examples
    --------
    >>> tied(5, [(1, 3), (3, 4)]).tolist()
    [0, 1, 2, 1, 1]
    """
    leader = list(range(n))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    for i, j in pairs:
        one, other = sorted((find(i), find(j)))
        leader[other] = one
    return np.unique([find(i) for i in range(n)], return_inverse=True)[1]


def sets(groups: Sequence[int] | np.ndarray) -> list[list[int]]:
    """Return the positions of each group that has several members.

    Examples
    --------
    >>> sets([0, 1, 2, 1])
    [[1, 3]]
    """
    members: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(int(group), []).append(i)
    return [several for several in members.values() if len(several) > 1]
