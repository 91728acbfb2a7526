"""An album: every image of a task or a folder with all that is known of it, before any split."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from tlteach.data.archives import is_archive, stem, unpacked
from tlteach.data.folder import find_images
from tlteach.data.found import File
from tlteach.data.images import read_image, read_images
from tlteach.data.names import told_twins
from tlteach.data.task import UNKNOWN, Task

PARTS = ("train", "val", "test", "pool")
FACTS = ("format", "width", "height", "bytes")


@dataclass(frozen=True, eq=False)
class Album:
    """Images with what is known of each; row i of everything is one image.

    Attributes
    ----------
    name : str
    images : (n, channels, height, width) uint8 tensor
    labels : (n,) int array
        `UNKNOWN` for those without, and for a task's pool, whose labels are not used.
    parts : (n,) array of str
        "train", "val", "test", "pool", or "" where a draw will decide.
    names : tuple of str
        The files; of a task without files "test 12", the split and the row in it.
    groups : (n,) int array
        Images with one number belong together.
    classes : tuple of str
    facts : DataFrame
        Of files alone: format, width, height, bytes, a row each; no rows for a task.
    bad : dict
        Why a file is no image, by its name.
    notes : list of str
        What was passed over or taken for granted in the folder.

    Examples
    --------
    >>> import tlteach as tlt
    >>> album = Album.of(tlt.load_task("photos"))
    >>> len(album.names), album.names[0], sorted(set(album.parts.tolist()))
    (264, 'train 0', ['test', 'train', 'val'])
    """

    name: str
    images: torch.Tensor
    labels: np.ndarray
    parts: np.ndarray
    names: tuple[str, ...]
    groups: np.ndarray
    classes: tuple[str, ...]
    facts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*FACTS]))
    bad: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, task: Task) -> Album:
        """Return the images of all splits of a task, in the order train, val, test, pool."""
        splits = {part: getattr(task, part) for part in PARTS}
        known = {part: split for part, split in splits.items() if len(split)}
        labels = [UNKNOWN + 0 * s.labels if p == "pool" else s.labels for p, s in known.items()]
        return cls(
            task.name,
            torch.cat([split.images for split in known.values()]),
            torch.cat(labels).numpy(),
            np.repeat([*known], [len(split) for split in known.values()]),
            tuple(name for part in known for name in names_of(task, part)),
            torch.cat([split.groups for split in known.values()]).numpy(),
            task.classes,
        )

    @classmethod
    def read(cls, path: str | Path, *, size: int) -> Album:
        """Return the images of a folder or archive as `from_folder` finds them, squares of `size`.

        Raises
        ------
        NotADirectoryError, ValueError
            As `find_images` does; ValueError if not one file is a readable image.
        """
        path = Path(path).expanduser().resolve()
        found = find_images(_root(path))
        read = read_images([(file.path, file.name) for file in found.files], size)
        files = [file for file in found.files if file.name not in read.bad]
        bad = found.bad | read.bad
        if not files:
            told = "".join(f"\n  {file}: {why}" for file, why in bad.items())
            msg = f"{path.name} must hold readable images; got none of {len(bad)} files:{told}"
            raise ValueError(msg)
        number = {label: i for i, label in enumerate(found.classes)} | {"": UNKNOWN}
        return cls(
            stem(path) if is_archive(path) else path.name,
            read.images,
            np.array([number[file.label] for file in files]),
            np.array([file.part for file in files], dtype=str),
            tuple(file.name for file in files),
            _grouped(files),
            found.classes,
            facts_of(file.path for file in files),
            bad,
            found.notes + told_twins(found.classes) + read.notes,
        )


def pictures(
    what: Task | str | Path, names: Iterable[str], *, size: int = 96, fit: str = "crop"
) -> list[torch.Tensor]:
    """Return single images of a task or folder by the names that an `Album` gives them.

    Parameters
    ----------
    what : Task or path
    names : iterable of str
    size : int, default 96
        Side of the squares that files become.
    fit : {"crop", "pad", "squish"}
        How they become squares, see `read_image`.

    Raises
    ------
    ValueError
        For a name that is not there.

    Examples
    --------
    >>> import tlteach as tlt
    >>> [tuple(image.shape) for image in pictures(tlt.load_task("digits"), ["test 3", "val 0"])]
    [(1, 8, 8), (1, 8, 8)]
    """
    if isinstance(what, Task):
        splits = {part: getattr(what, part) for part in PARTS}
        known = {
            name: splits[part].images[i]
            for part in PARTS
            for i, name in enumerate(names_of(what, part) if len(splits[part]) else ())
        }
        return [known[_there(name, name in known)] for name in names]
    root = _root(what)
    return [read_image(root / _there(name, (root / name).is_file()), size, fit) for name in names]


def longest(what: str | Path, n: int) -> list[str]:
    """Return the names of the n images of a folder or archive that are farthest from squares.

    Raises
    ------
    NotADirectoryError, ValueError
        As `find_images` does; ValueError if not one file is a readable image.
    """
    root, shapes = _root(what), {}
    for file in find_images(root).files:
        try:
            _, width, height, _ = _facts(file.path)
        except OSError:
            continue  # no image: `from_folder` names it
        shapes[file.name] = max(width, height) / min(width, height)
    if not shapes:
        msg = f"{root.name} must hold readable images; got none"
        raise ValueError(msg)
    return sorted(shapes, key=lambda name: -shapes[name])[:n]


def _root(what: str | Path) -> Path:
    """Return the folder that a path leads to, unpacked where it is an archive."""
    path = Path(what).expanduser().resolve()
    return unpacked(path) if is_archive(path) else path


def _there(name: str, is_there: bool) -> str:
    if not is_there:
        msg = f"names must be those of the task or folder; got {name!r}, which is not there"
        raise ValueError(msg)
    return name


def names_of(task: Task, part: str) -> list[str]:
    """Return the names of the images of one split, in its order."""
    split = getattr(task, part)
    return task.files_of(split) if task.files else [f"{part} {i}" for i in range(len(split))]


def facts_of(files: Iterable[Path]) -> pd.DataFrame:
    """Return format, width, height and bytes of files of images, by their headers alone."""
    return pd.DataFrame([_facts(file) for file in files], columns=[*FACTS])


def _grouped(files: list[File]) -> np.ndarray:
    """Return a number for each sub-folder of a class folder, and one for each file in none."""
    keys = [file.group if file.group is not None else (i,) for i, file in enumerate(files)]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys])


def _facts(path: Path) -> tuple[str, int, int, int]:
    with Image.open(path) as image:
        return str(image.format), *image.size, path.stat().st_size
