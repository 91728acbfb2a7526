"""Images from folders: one folder per class, every file read or reported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps

SPLIT_NAMES = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
SYSTEM_FILES = {"thumbs.db", "desktop.ini"}


class Folder(NamedTuple):
    """What was read: `splits` says train, val or test for each image, or is empty.

    `files` are relative to the folder, with forward slashes on every system.
    """

    images: torch.Tensor
    labels: np.ndarray
    classes: tuple[str, ...]
    splits: np.ndarray
    files: tuple[str, ...]


def read_folder(path: Path, size: int) -> Folder:
    """Read class folders, or split folders of class folders, of images.

    Parameters
    ----------
    path : Path
        Holds ``cat/*.jpg dog/*.jpg`` or ``train/cat/*.jpg ... val/dog/*.jpg``. Hidden files are
        passed over; every other file must be an image.
    size : int
        Side of the square images, in pixels.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    ValueError
        For fewer than two classes, empty classes, split folders that do not fit together, and
        unreadable files, all named in one message.
    """
    if not path.is_dir():
        msg = f"{path} is not a folder"
        raise NotADirectoryError(msg)
    roots = [folder for folder in _folders(path) if folder.name.lower() in SPLIT_NAMES]
    parts = {SPLIT_NAMES[folder.name.lower()]: folder for folder in roots}
    found = _list_images(path, parts)
    classes = tuple(sorted({name for _, name, _ in found}))
    images, bad = _read_all([file for file, _, _ in found], size)
    if bad:
        msg = f"{len(bad)} of {len(found)} files are not readable images; repair or remove them:"
        for file, why in bad.items():
            msg += f"\n  {file.relative_to(path)}: {why}"
        raise ValueError(msg)
    labels = np.array([classes.index(name) for _, name, _ in found])
    splits = np.array([part for _, _, part in found if part], dtype=str)
    files = tuple(file.relative_to(path).as_posix() for file, _, _ in found)
    return Folder(torch.stack(images), labels, classes, splits, files)


def _list_images(path: Path, parts: dict[str, Path]) -> list[tuple[Path, str, str]]:
    """Return every file with its class and split (empty without split folders)."""
    _check_parts(path, parts)
    found = []
    classes: dict[str, set[str]] = {}
    for part, root in (parts or {"": path}).items():
        classes[part] = {folder.name for folder in _folders(root)}
        for folder in _folders(root):
            files = [file for file in sorted(folder.rglob("*")) if _is_wanted(file, folder)]
            if not files:
                msg = f"class folder {folder.relative_to(path)} holds no images"
                raise ValueError(msg)
            found += [(file, folder.name, part) for file in files]
    _check_classes(path, classes)
    return found


def _check_parts(path: Path, parts: dict[str, Path]) -> None:
    got = ", ".join(folder.name for folder in _folders(path))
    if parts and len(parts) < len(_folders(path)):
        msg = f"{path.name} must hold split folders or class folders, not both; got {got}"
        raise ValueError(msg)
    if parts and ("train" not in parts or len(parts) < 2):
        msg = f"{path.name} must hold train and val or test folders; got {got}"
        raise ValueError(msg)


def _check_classes(path: Path, classes: dict[str, set[str]]) -> None:
    everything = set.union(*classes.values())
    if len(everything) < 2:
        msg = (
            f"{path.name} must hold at least 2 class folders of images (or train and val folders "
            f"of them); got {len(everything)}: {', '.join(everything) or 'none'}"
        )
        raise ValueError(msg)
    for part, names in classes.items():
        if missing := everything - names:
            msg = f"{path.name}/{part} has no folder for class {', '.join(sorted(missing))}"
            raise ValueError(msg)


def _folders(path: Path) -> list[Path]:
    return sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))


def _is_wanted(file: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return file.is_file() and not hidden and file.name.lower() not in SYSTEM_FILES


def _read_all(files: Iterable[Path], size: int) -> tuple[list[torch.Tensor], dict[Path, str]]:
    images, bad = [], {}
    for file in files:
        try:
            images.append(read_image(file, size))
        except Exception as error:  # decoders raise nearly anything on damaged files
            bad[file] = f"{type(error).__name__}: {error}".replace(str(file), file.name)
    return images, bad


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
