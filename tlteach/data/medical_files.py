"""Files of medical images: found in a folder, or downloaded by their library; read and checked."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from tlteach.base import adding, home, in_range, is_offline, kept, rng, room, same_length

SPLITS = ("train", "val", "test")
SIDE = 64  # of PatchCamelyon's images here; the files hold 96
BLOCK = 500  # images shrunk at a time


@dataclass(frozen=True)
class Source:
    """Files of a task, how large they are, and how to get them by hand or by a library."""

    name: str
    files: tuple[str, ...]
    size: str
    command: str
    get: Callable[[Path], object]


def found(source: Source, root: Path | None) -> Path:
    """Return the folder that has all files: `root`, the cache, or the cache after a download."""
    if root is not None and not root.is_dir():
        msg = f"root must be a folder, with {' and '.join(source.files[:2])} in it; got {root}"
        raise ValueError(msg)
    places = [home() / "medical" / source.name, kept("medical", source.name)]
    if root is not None:
        places = [root, root / source.name, *places]
    for place in places:
        if all((place / file).is_file() for file in source.files):
            return place
    return _download(source)


def _download(source: Source) -> Path:
    """Let the library download into a folder of its own, and move what is whole."""
    there = home() / "medical" / source.name
    missing = [file for file in source.files if not (there / file).is_file()]
    what = f"{', '.join(missing)} of task {source.name!r} ({source.size})"
    advice = f"get the data with `{source.command}` and pass that folder as root"
    if is_offline():
        msg = f"TLTEACH_OFFLINE is set and nothing here has {what}; {advice}"
        raise ConnectionError(msg)
    cached = room("medical", source.name)
    with tempfile.TemporaryDirectory(dir=cached) as temporary:
        try:
            source.get(Path(temporary))
        except (RuntimeError, OSError, ValueError) as error:
            msg = f"could not download {what}: {error}; {advice}"
            raise ConnectionError(msg) from error
        for file in source.files:
            next(Path(temporary).rglob(file)).replace(cached / file)
    return cached


def library(name: str) -> Any:
    """Return a package, or say how to install it."""
    try:
        return import_module(name)
    except ImportError as error:
        msg = f"this needs {name}: {adding('medical')}"
        raise ImportError(msg) from error


def check_md5(path: Path) -> None:
    """Raise where `medmnist` is installed and gives another MD5 for this file."""
    try:
        expected = import_module("medmnist").INFO["pathmnist"]["MD5"]
    except ImportError:
        return
    with path.open("rb") as file:
        got = hashlib.file_digest(file, "md5").hexdigest()
    if got != expected:
        msg = (
            f"{path} is damaged or another file: expected MD5 {expected}, got {got}; "
            "remove it and get it again"
        )
        raise ValueError(msg)


def read_npz(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return images and labels of every split, as MedMNIST stores them."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {split: (file[f"{split}_images"], file[f"{split}_labels"]) for split in SPLITS}
    except KeyError as error:
        keys = ", ".join(f"{split}_images, {split}_labels" for split in SPLITS)
        msg = f"{path.name} must hold {keys}; {error}"
        raise ValueError(msg) from error
    except (OSError, EOFError, ValueError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        msg = f"{path.name} is not a readable data file: {error}"
        raise ValueError(msg) from error


def read_h5(
    h5py: Any, x: Path, y: Path, most: int
) -> tuple[torch.Tensor, np.ndarray, np.ndarray, int]:
    """Return shrunk images, labels, the rows that were kept, and how many there are."""
    with h5py.File(x, "r") as images, h5py.File(y, "r") as targets:
        pixels, labels = images["x"], targets["y"][:]
        check_rows(x.name, pixels, labels, (96, 96, 3), 2)
        kept = np.sort(rng(0, "subset").permutation(len(labels))[:most])
        shrunk = [
            _shrunk(np.stack([pixels[row] for row in kept[at : at + BLOCK]]))
            for at in range(0, len(kept), BLOCK)
        ]
        return torch.cat(shrunk), labels[kept], kept, len(labels)


def _shrunk(images: np.ndarray) -> torch.Tensor:
    inputs = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    small = F.interpolate(inputs, (SIDE, SIDE), mode="bilinear", antialias=True)
    return small.round().clamp(0, 255).to(torch.uint8)


def check_rows(
    where: str, images: Any, labels: np.ndarray, shape: tuple[int, ...], n_classes: int
) -> None:
    """Raise unless these are uint8 images of this shape, each with a label."""
    if images.dtype != np.uint8 or tuple(images.shape[1:]) != shape:
        got = f"{images.dtype} of shape {tuple(images.shape)}"
        msg = f"{where}: images must be uint8 of shape (n, {str(shape)[1:]}; got {got}"
        raise ValueError(msg)
    n = len(images)
    if labels.dtype.kind not in "iu" or labels.size != len(labels):
        got = f"{labels.dtype} of shape {labels.shape}"
        msg = f"{where}: labels must be whole numbers, one for each image; got {got}"
        raise ValueError(msg)
    same_length(**{f"images of {where}": images, "labels": labels})
    in_range(f"{where}: number of images", n, 1)
    in_range(f"{where}: smallest label", int(labels.min()), 0)
    in_range(f"{where}: largest label", int(labels.max()), 0, n_classes - 1)


def _get_pathmnist(folder: Path) -> None:
    library("medmnist").PathMNIST(split="train", download=True, root=str(folder))


def _get_pcam(folder: Path) -> None:
    for needed in ("h5py", "gdown"):  # before 8 GB are on their way
        library(needed)
    datasets = import_module("torchvision.datasets")
    for split in SPLITS:
        datasets.PCAM(str(folder), split=split, download=True)


PATHMNIST = Source(
    "pathmnist",
    ("pathmnist.npz",),
    "about 210 MB",
    "python -c \"import medmnist; medmnist.PathMNIST('train', download=True, root='.')\"",
    _get_pathmnist,
)
PCAM = Source(
    "pcam",
    tuple(
        f"camelyonpatch_level_2_split_{split}_{part}.h5"
        for split in ("train", "valid", "test")
        for part in "xy"
    ),
    "about 8 GB",
    'python -c "from torchvision.datasets import PCAM; '
    "[PCAM('.', split, download=True) for split in ('train', 'val', 'test')]\"",
    _get_pcam,
)
