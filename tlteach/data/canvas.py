"""Several pictures on one canvas, and which of its places are not white."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from tlteach.base import checked, in_range

WHITE = 245  # a pixel is white if its darkest channel is at least this bright


@checked
def collage(images: Tensor, columns: int) -> Tensor:
    """Put pictures of one size side by side, row by row, into one picture.

    Parameters
    ----------
    images : uint8 tensor of shape (n, channels, height, width)
        The first goes to the top left.
    columns : int
        Pictures in a row; n must be a multiple of it.

    Returns
    -------
    uint8 tensor of shape (1, channels, rows * height, columns * width)
        A copy.

    Raises
    ------
    ValueError
        If the last row would not be full.

    Examples
    --------
    >>> collage(torch.zeros(6, 3, 8, 8, dtype=torch.uint8), 3).shape
    torch.Size([1, 3, 16, 24])
    """
    in_range("columns", columns, 1)
    if not len(images) or len(images) % columns:
        msg = f"images must fill rows of {columns}; got {len(images)}"
        raise ValueError(msg)
    rows = [torch.cat([*row], 2) for row in images.split(columns)]
    return torch.cat(rows, 1)[None]


@checked
def covered(picture: Tensor, cell: int) -> Tensor:
    """Return how much of each place of a picture is not white.

    For things cut out on white: what is not white belongs to a thing. White fur does not count.

    Parameters
    ----------
    picture : uint8 tensor of shape (1, channels, height, width)
        One picture, such as from `collage`.
    cell : int
        Pixels along one side of a place; both sides of the picture must be multiples of it.

    Returns
    -------
    float32 tensor of shape (height / cell, width / cell)
        Shares of pixels, in [0, 1].

    Raises
    ------
    ValueError
        If places do not fill the picture.

    Examples
    --------
    >>> picture = torch.full((1, 3, 4, 4), 255, dtype=torch.uint8)
    >>> picture[..., :2, :1] = 0
    >>> covered(picture, 2).tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    in_range("cell", cell, 1)
    if picture.shape[-2] % cell or picture.shape[-1] % cell:
        size = " by ".join(map(str, picture.shape[-2:]))
        msg = f"places of {cell} pixels must fill the picture; got {size} pixels"
        raise ValueError(msg)
    dark = (picture.amin(1, keepdim=True) < WHITE).float()
    shares: Tensor = F.avg_pool2d(dark, cell)[0, 0]
    return shares
