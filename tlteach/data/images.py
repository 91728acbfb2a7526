"""Image files into squares of bytes: upright, on white, RGB; every file read or named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps


def read_images(
    files: Sequence[tuple[Path, str]], size: int
) -> tuple[torch.Tensor, dict[str, str], list[str]]:
    """Read files, each with the name to call it by.

    Returns
    -------
    images : (n, 3, size, size) uint8 tensor
        Those that can be read.
    bad : dict
        Name of each other file, and why.
    notes : list of str
        What was done to images that their owner should know.
    """
    images, bad = [], {}
    for path, name in files:
        try:
            images.append(read_image(path, size))
        except Exception as error:  # decoders raise nearly anything on damaged files
            bad[name] = f"{type(error).__name__}: {error}".replace(str(path), path.name)
    stacked = torch.stack(images) if images else torch.empty(0, 3, size, size, dtype=torch.uint8)
    return stacked, bad, []


def read_image(file: Path, size: int) -> torch.Tensor:
    """Read one image upright, on white where transparent, centre-cropped to a square.

    Parameters
    ----------
    file : Path
    size : int
        The short side is scaled to it, then the middle is cut out.

    Returns
    -------
    (3, size, size) uint8 tensor, RGB
    """
    with Image.open(file) as opened:
        image = ImageOps.exif_transpose(opened)
        if image.has_transparency_data:
            rgba = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
        square = ImageOps.fit(image.convert("RGB"), (size, size), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1).contiguous()
