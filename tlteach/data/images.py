"""Image files into squares of bytes: upright, on white, RGB; every file read or named."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps

from tlteach.base import one_of
from tlteach.data import store
from tlteach.data.names import count, some
from tlteach.data.pixels import DARK, as_bytes

SIZE = 128  # pixels: what `lite0` looks at, 96, and room for crops; 49 MB for 1,000 images
LONG = 3.0  # times the other side: more than this is told
FITS: dict[str, Callable[[Image.Image, tuple[int, int]], Image.Image]] = {
    "crop": lambda image, to: ImageOps.fit(image, to, Image.Resampling.BICUBIC),
    "pad": lambda image, to: ImageOps.pad(image, to, Image.Resampling.BICUBIC, color="white"),
    "squish": lambda image, to: image.resize(to, Image.Resampling.BICUBIC),
}
TOLD = {"crop": "only their middle is kept", "pad": "most is margin", "squish": "they are squeezed"}


class Read(NamedTuple):
    """What came of files.

    `images` are those that can be read, (n, 3, size, size) uint8, and `looks` the same to compare
    them by, without margins; `bad` says of each other file, by name, why not; `notes` say what was
    done to images that their owner should know.
    """

    images: torch.Tensor
    looks: torch.Tensor
    bad: dict[str, str]
    notes: list[str]


def read_images(files: Sequence[tuple[Path, str]], size: int, fit: str = "crop") -> Read:
    """Read files, each with the name to call it by.

    Parameters
    ----------
    files : sequence of (Path, str)
    size, fit
        See `read_image`.

    Raises
    ------
    MemoryError
        If they are too many for this machine, before any is read.
    """
    one_of("fit", fit, FITS)
    check_memory(len(files), size)
    images = store.empty(len(files), 3, size, size)
    looks = torch.empty(len(files), 3, 32, 32, dtype=torch.uint8) if fit == "pad" else images
    good, bad, several, long, dim = [], {}, [], [], []
    for i, (path, name) in enumerate(files):
        try:
            image, frames, mode = _opened(path)
            images[i] = square(image, size, fit)
            if fit == "pad":
                looks[i] = square(image, 32, "squish")
        except Exception as error:  # decoders raise nearly anything on damaged files
            bad[name] = _why(error, path)
            continue
        good.append(i)
        several += [name] if frames > 1 else []
        long += [name] if is_long(image) else []
        dim += [name] if is_dim(image, mode) else []
    notes = told_long(long, fit) + told_dim(dim)
    if several:
        what = f"{count(len(several), 'file')} of several pages or frames"
        notes.append(f"{what}, of which the first is taken: {some(several)}")
    if bad:
        rows = torch.tensor(good, dtype=torch.int64)
        images, looks = store.take(images, rows), store.take(looks, rows)
    return Read(images, looks, bad, notes)


def read_image(file: Path, size: int, fit: str = "crop") -> torch.Tensor:
    """Read one image: upright, on white where transparent, its first frame, as a square.

    Parameters
    ----------
    file : Path
    size : int
        Side of the square.
    fit : str, default "crop"
        "crop" scales the short side and cuts out the middle, "pad" scales the long side and adds
        white, "squish" scales both.

    Returns
    -------
    (3, size, size) uint8 tensor, RGB
    """
    return square(_opened(file)[0], size, fit)


def _opened(file: Path) -> tuple[Image.Image, int, str]:
    """Return an image as RGB, how many frames the file has, and its mode there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on tags and on large panoramas
        with Image.open(file) as opened:
            # the further pictures in a phone's MPO are its depth and the like: no pages
            frames = 1 if opened.format == "MPO" else getattr(opened, "n_frames", 1)
            return upright(opened), frames, opened.mode


def upright(image: Image.Image) -> Image.Image:
    """Return an image as its camera held it, as RGB: what comes before `square`.

    Examples
    --------
    >>> upright(Image.new("L", (9, 6), 7)).getpixel((0, 0))
    (7, 7, 7)
    """
    return to_rgb(ImageOps.exif_transpose(image))


def to_rgb(image: Image.Image) -> Image.Image:
    """Return an image as RGB, on white where transparent, 16 bits and floats by their range."""
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:  # as files go, "I" is 16 bits too
            msg = f"must have 8 or 16 bits; got {values.min()} to {values.max()}"
            raise ValueError(msg)
        image = Image.fromarray(as_bytes(values.astype(np.uint16)))
    elif image.mode == "F":
        image = Image.fromarray(as_bytes(np.asarray(image)))
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return image.convert("RGB")


def square(image: Image.Image, size: int, fit: str) -> torch.Tensor:
    """Return an RGB image as a (3, size, size) uint8 tensor."""
    fitted = FITS[fit](image, (size, size))
    return torch.from_numpy(np.array(fitted)).permute(2, 0, 1).contiguous()


def is_long(image: Image.Image) -> bool:
    """Return whether one side is over three times the other."""
    return max(image.size) > LONG * min(image.size)


def told_long(names: list[str], fit: str) -> list[str]:
    """Return the note on images that are much longer than wide, if there are any."""
    what = f"{count(len(names), 'image')} over {LONG:g}:1, {TOLD[fit]} (fit={fit!r})"
    return [f"{what}: {some(names)}; plots.fits shows what each fit leaves"] if names else []


def is_dim(image: Image.Image, mode: str) -> bool:
    """Return whether an image of 16 bits or floats, by its mode, became dark as RGB."""
    return mode[0] in "IF" and int(np.asarray(image).max()) <= DARK


def told_dim(names: list[str]) -> list[str]:
    """Return the note on images whose white may be another number, such as 4095 of 12 bits."""
    what = f"{count(len(names), 'image')} of 16 bits or floats without a pixel over half of white"
    told = f"{what}; are they that dark, or is their white another number, such as 4095?"
    return [f"{told} {some(names)}"] if names else []


def _why(error: Exception, path: Path) -> str:
    if path.suffix.lower() in {".heic", ".heif"}:
        return "HEIC: save it as JPEG, or install pillow-heif and call its register_heif_opener()"
    return f"{type(error).__name__}: {error}".replace(str(path), path.name)


def check_memory(n: int, size: int) -> None:
    """Raise unless n images fit twice, as they are read, and in their splits.

    In memory; or, where `store` keeps them in a file, on the disk of the cache.
    """
    need, has = 2 * n * 3 * size**2, memory()
    if need > 2 * store.MOST:
        store.check_disk(need)
        return
    if has is not None and need > 0.8 * has:
        smaller = int(size * math.sqrt(0.8 * has / need))
        msg = (
            f"{n:,} images of {size} x {size} pixels need {need / 1e9:.3g} GB of memory, and this "
            f"machine has {has / 1e9:.3g} GB: pass size={smaller} or less, or fewer images"
        )
        raise MemoryError(msg)


def memory() -> int | None:
    """Return the bytes of memory of this machine or container, where the system tells."""
    try:
        has = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    limit = Path("/sys/fs/cgroup/memory.max")
    told = limit.read_text().strip() if limit.is_file() else ""
    return min(has, int(told)) if told.isdigit() else has
