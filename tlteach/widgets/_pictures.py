"""Images for charts: many small tiles in one picture."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

COLUMNS = 24


def sheet(tiles: Sequence[Tensor], side: int, *, quality: int = 80) -> tuple[str, int, int]:
    """Arrange images in rows of one picture.

    Parameters
    ----------
    tiles : sequence of uint8 tensor of shape (1 or 3, height, width)
    side : int
        Pixels of a tile.
    quality : int, default 80
        Of the WebP file, in per cent; tiles are to be looked at, not to be learnt from.

    Returns
    -------
    str, int, int
        A data URI, and how many columns and lines it has.

    Examples
    --------
    >>> picture, columns, lines = sheet([torch.zeros(1, 8, 8, dtype=torch.uint8)] * 30, 16)
    >>> picture[:22], columns, lines
    ('data:image/webp;base64', 24, 2)
    """
    columns = min(COLUMNS, len(tiles))
    lines = math.ceil(len(tiles) / columns)
    whole = torch.full((lines * side, columns * side, 3), 255, dtype=torch.uint8)
    for i, tile in enumerate(tiles):
        x = tile.expand(3, -1, -1)[None].float()
        if max(x.shape[-2:]) > side:
            x = F.interpolate(x, (side, side), mode="bilinear", antialias=True)
        else:
            x = F.interpolate(x, (side, side), mode="nearest")
        top, left = side * (i // columns), side * (i % columns)
        whole[top : top + side, left : left + side] = x[0].round().to(torch.uint8).permute(1, 2, 0)
    buffer = io.BytesIO()
    Image.fromarray(whole.numpy()).save(buffer, format="webp", quality=quality)
    text = base64.b64encode(buffer.getvalue()).decode()
    return f"data:image/webp;base64,{text}", columns, lines
