"""A task from a learner's own images: what was found and read becomes splits, and is told.

Everything that the owner has to know, but that stops nothing, is a note: all notes of a task are
one `FolderNote`, a warning, and stand in its card as well, so that they travel with the task.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from tlteach.base import in_range, rng
from tlteach.data.archives import is_archive, stem, unpacked
from tlteach.data.folder import find_images
from tlteach.data.images import read_images
from tlteach.data.subset import divided, one_in_five, places
from tlteach.data.task import Card, Split, Task

UNKNOWN = -1  # the label of a pool image that has none


class FolderNote(UserWarning):
    """What was passed over, taken for granted or looks odd in someone's own images.

    It stops nothing. ``warnings.simplefilter("ignore", tlteach.data.FolderNote)`` silences it; the
    same text stays in ``task.card.text``.
    """


@dataclass(frozen=True)
class Photos:
    """Images with what is known of each: label `UNKNOWN` and part "pool" for those without."""

    images: torch.Tensor
    labels: np.ndarray
    classes: tuple[str, ...]
    parts: np.ndarray  # "train", "val", "test", "pool", or "" where a draw decides
    files: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def from_folder(path: str | Path, *, size: int = 64, seed: int = 0, skip_bad: bool = False) -> Task:
    """Make a task from a folder, or a zip or tar archive, with one folder of images per class.

    ``train`` and ``val`` or ``test`` folders around the class folders are understood: without
    ``test``, the images in ``val`` are the test split. Without such folders about one image in
    five, of every class, is for testing. Files with the same pixels never stand in two splits
    that are drawn here. Class names that look the same are an error; those that differ by case
    alone are a note, since A and a may be letters. Names are in natural order, img2 before img10.

    A single folder around the class folders is entered, ``cat.0.jpg dog.12.jpg`` in one folder
    are classes too, and a folder ``test`` or ``unlabelled`` of loose images beside the class
    folders is the pool, with label -1. Hidden files, what systems leave behind, and annotations,
    films and texts beside the images are passed over.

    Parameters
    ----------
    path : path
        ``~`` is your home. An archive is unpacked into the cache, unless it holds links or files
        that would land elsewhere.
    size : int, default 64
        Side of the square RGB images, in pixels: the short side is scaled to it, then the
        middle is cut out.
    seed : int, default 0
        Draws the splits.
    skip_bad : bool, default False
        Go on without files that cannot be read, and name them in a note.

    Returns
    -------
    Task
        Its `files` are relative to `path`; `Task.files_of` names those of a split.

    Raises
    ------
    NotADirectoryError
        If there is neither a folder nor an archive.
    ValueError
        Naming every file that is not a readable image, or what else is wrong with the folder.

    Warns
    -----
    FolderNote
        What was passed over, taken for granted or looks odd; all of it in one warning.
    UserWarning
        If images of the test folder stand in the other folders too.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> folder = Path(tempfile.mkdtemp()) / "pets"
    >>> for i, name in enumerate(["cat", "cat", "cat", "dog", "dog", "dog"]):
    ...     (folder / name).mkdir(parents=True, exist_ok=True)
    ...     Image.new("RGB", (90, 60), (40 * i, 0, 0)).save(folder / name / f"{i}.png")
    >>> from_folder(folder)
    Task 'pets'
      2 classes: cat, dog
      domains: pets
      images: train 2, val 2, test 2, pool 0; each (3, 64, 64) torch.uint8
    """
    in_range("size", size, 1)
    path = Path(path).expanduser().resolve()
    name = stem(path) if is_archive(path) else path.name
    found = find_images(unpacked(path) if is_archive(path) else path)
    images, unread, notes = read_images([(file.path, file.name) for file in found.files], size)
    bad = found.bad | unread
    told = "".join(f"\n  {file}: {why}" for file, why in bad.items())
    of = f"{len(bad)} of {len(found.files) + len(found.bad)} files are not readable images"
    if bad and not skip_bad:
        msg = f"{of}; repair or remove them, or pass skip_bad=True:{told}"
        raise ValueError(msg)
    notes = found.notes + notes + ([f"{of} and left out:{told}"] if bad else [])
    files = [file for file in found.files if file.name not in unread]
    number = {label: i for i, label in enumerate(found.classes)} | {"": UNKNOWN}
    photos = Photos(
        images,
        np.array([number[file.label] for file in files]),
        found.classes,
        np.array([file.part for file in files], dtype=str),
        tuple(file.name for file in files),
        notes,
    )
    return make_task(name, photos, seed=seed, source=f"folder {name}")


def make_task(name: str, photos: Photos, *, seed: int, source: str) -> Task:
    """Divide labelled images into splits, tell the notes, and write them into the card.

    It must be called by the function that the user called: the warnings name the user's line.
    """
    labels = torch.from_numpy(photos.labels)
    groups = torch.from_numpy(_same_pixels(photos.images))
    everything = Split(photos.images, labels, 0 * labels, groups, torch.arange(len(labels)))
    known = photos.parts != "pool"
    rows = everything.select(torch.from_numpy(known))
    parts, val = photos.parts[known], None
    leaks = ""
    if (parts != "").any():
        held_out = "test" if "test" in parts else "val"
        test = parts == held_out
        val = parts == "val" if held_out == "test" and "val" in parts else None
        leaks = _leaks(rows.groups.numpy(), test)
    else:
        order = places(rows.groups.numpy(), rng(seed, "test"))
        test = one_in_five(rows.labels.tolist(), order.tolist())
    task = divided(
        name, photos.classes, (name,), rows, test=test, card=_card(name, source, photos.notes),
        val=val, seed=seed,
    )  # fmt: skip
    _check_enough(task)
    if leaks:
        warnings.warn(leaks, UserWarning, stacklevel=3)
    if photos.notes:
        warnings.warn(_listed(f"{name}:", photos.notes), FolderNote, stacklevel=3)
    return replace(task, pool=everything.select(torch.from_numpy(~known)), files=photos.files)


def _listed(head: str, notes: list[str]) -> str:
    return "\n- ".join([head, *notes])


def _card(name: str, source: str, notes: list[str]) -> Card:
    text = f"# {name}\n\nImages from the {source}: see its owner for source and licence.\n"
    if notes:
        text += _listed("\nWhat was noted when they were read:\n", notes) + "\n"
    return Card(name, source, "not stated", "not stated", text)


def _same_pixels(images: torch.Tensor) -> np.ndarray:
    """Give images numbers so that equal ones share a number."""
    numbers: dict[bytes, int] = {}
    return np.array([numbers.setdefault(im.numpy().tobytes(), len(numbers)) for im in images])


def _leaks(groups: np.ndarray, test: np.ndarray) -> str:
    shared = np.isin(groups, groups[~test]) & test
    told = f"{shared.sum()} of {test.sum()} test images also stand in train or val"
    return told if shared.any() else ""


def _check_enough(task: Task) -> None:
    splits = {"train": task.train, "val": task.val, "test": task.test}
    for word, split in splits.items():
        counts = torch.bincount(split.labels, minlength=task.n_classes)
        short = [c for c, n in zip(task.classes, counts.tolist(), strict=True) if n == 0]
        if short:
            msg = (
                f"every class needs different images for train, val and test, at least 3; "
                f"no {word} image for {', '.join(short)}"
            )
            raise ValueError(msg)
