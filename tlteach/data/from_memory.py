"""Tasks from a learner's own arrays and tensors."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from PIL import Image

from tlteach.base import checked, in_range, one_of, same_length
from tlteach.data.found import File
from tlteach.data.images import upright
from tlteach.data.names import natural, one_form, told_forms
from tlteach.data.own import Photos, make_task
from tlteach.data.pixels import as_bytes, told_dark
from tlteach.data.task import Task


@checked
def from_arrays(
    images: Any,
    labels: Any,
    *,
    classes: Sequence[str] | None = None,
    groups: Sequence[Hashable | None] | None = None,
    name: str = "arrays",
    seed: int = 0,
    near_copies: bool = True,
) -> Task:
    """Make a task from arrays or tensors of images and their labels.

    Parameters
    ----------
    images : array or tensor of shape (n, h, w), (n, c, h, w) or (n, h, w, c), c being 1 or 3
        Bytes; 16 bits (uint16); or floats, all 0 to 1 or all 0 to 255. A list of PIL's images of
        one size is read as RGB.
    labels : (n,) whole numbers or text
        Class of each image.
    classes : sequence of str, optional
        Names that the numbers point into; default the labels themselves, in natural order.
    groups : (n,) sequence, optional
        What names each image's group, kept in one split; None stands alone.
    name : str, default "arrays"
        What results call the task.
    seed : int, default 0
        Draws the splits.
    near_copies : bool, default True
        See `from_folder`.

    Returns
    -------
    Task
        Of which about one image in five is for testing.

    Raises
    ------
    TypeError
        For what are neither numbers nor labels.
    ValueError
        For other shapes, lengths that differ, NaN, numbers out of range, unknown labels.

    Warns
    -----
    FolderNote
        What looks odd.

    Examples
    --------
    >>> images = np.arange(12 * 64).reshape(12, 8, 8) % 251
    >>> from_arrays(images, ["up", "down"] * 6, near_copies=False)
    Task 'arrays'
      2 classes: down, up
      domains: arrays
      images: train 8, val 2, test 2, pool 0; each (1, 8, 8) torch.uint8
      differences cannot be told (2 test images or groups, 5 seeds)
    """
    if isinstance(images, Sequence) and any(isinstance(image, Image.Image) for image in images):
        # as arrays those of a palette are numbers of colours
        images = [upright(im) if isinstance(im, Image.Image) else im for im in images]
    pixels = channels_first(as_array("images", images))
    labels = _label_array(labels)
    same_length(images=pixels, labels=labels)
    numbers, names = numbered(labels, classes)
    photos = Photos(
        torch.from_numpy(np.ascontiguousarray(as_bytes(pixels))),
        numbers,
        names,
        np.full(len(numbers), ""),
        groups=grouped(groups, len(numbers)),
        notes=told_dark(pixels) + told_forms(label for label in labels if isinstance(label, str)),
    )
    return make_task(name, photos, seed=seed, source="arrays", near_copies=near_copies)


def as_array(what: str, values: Any) -> np.ndarray:
    """Return values as an array; say so in words where they have no common shape."""
    if isinstance(values, torch.Tensor):
        return values.detach().cpu().numpy()
    try:
        return np.asarray(values)
    except ValueError as error:
        msg = f"{what} must be one array, each item of the same shape: {error}"
        raise ValueError(msg) from error


def _label_array(labels: Any) -> np.ndarray:
    array = as_array("labels", labels)
    if array.ndim == 0:
        msg = f"labels must be a sequence, one label for each image; got {labels!r:.40}"
        raise TypeError(msg)
    if array.dtype.kind == "U" and not isinstance(labels, np.ndarray):
        return np.array(list(labels), dtype=object)  # else NaN among words becomes the word "nan"
    return array


def channels_first(images: np.ndarray) -> np.ndarray:
    """Return images as (n, c, h, w).

    Examples
    --------
    >>> channels_first(np.zeros((2, 8, 9, 3))).shape, channels_first(np.zeros((2, 8, 9))).shape
    ((2, 3, 8, 9), (2, 1, 8, 9))
    """
    if images.ndim == 3 and images.size:
        return images[:, None]
    first, last = (images.ndim == 4 and images.shape[axis] in (1, 3) for axis in (1, -1))
    if first == last or not images.size:
        msg = (
            "images must have the shape (n, h, w), (n, c, h, w) or (n, h, w, c), c being 1 or 3, "
            f"and must not be empty; got {images.shape}"
        )
        raise ValueError(msg)
    return images if first else images.transpose(0, 3, 1, 2)


def numbered(
    labels: np.ndarray, classes: Iterable[str] | None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return labels as numbers, and the names that these point into, accents composed.

    Examples
    --------
    >>> numbered(np.array([10, 2, 10]), None)
    (array([1, 0, 1]), ('2', '10'))
    """
    if labels.ndim != 1 or not len(labels):
        msg = f"labels must have the shape (n,), and must not be empty; got {labels.shape}"
        raise ValueError(msg)
    values: list[Any] = [
        one_form(value) if isinstance(value, str) else value for value in labels.tolist()
    ]
    whole = all(isinstance(value, int) for value in values)
    if not whole and not all(isinstance(value, str) for value in values):
        others = [i for i, value in enumerate(values) if not isinstance(value, str)]
        at = next((i for i in others if not isinstance(values[i], int)), others[0])
        odd = values[at]
        msg = f"labels must be whole numbers or text, not both; got {odd!r} for image {at}"
        raise TypeError(msg)
    names = tuple(map(one_form, classes or sorted(map(str, set(values)), key=natural)))
    if len(set(names)) < max(2, len(names)):
        msg = f"classes must be at least 2 different names; got {', '.join(names)}"
        raise ValueError(msg)
    if whole and classes:
        for i, value in enumerate(values):
            in_range(
                f"label of image {i}", value, 0, len(names) - 1, because=f"{len(names)} classes"
            )
        return np.array(values), names
    place = {name: number for number, name in enumerate(names)}
    if whole and min(values) < 0:
        in_range(f"label of image {int(np.argmin(values))}", min(values), 0)
    for i, value in enumerate(values):
        one_of(f"label of image {i}", str(value), place)
    return np.array([place[str(value)] for value in values]), names


def grouped(groups: Sequence[Hashable | None] | None, n: int) -> list[Hashable | None]:
    """Return a group for each of n images; NaN, a table's empty cell, stands for None."""
    if groups is None:
        return []
    same_length(images=range(n), groups=groups)
    values = groups.tolist() if hasattr(groups, "tolist") else groups  # no scalars of numpy's
    return [None if isinstance(g, float | type(pd.NA)) and pd.isna(g) else g for g in values]


def groups_of(
    files: Sequence[File], groups: Callable[[str], Hashable | None] | None
) -> list[Hashable | None]:
    """Return a group for each file: its sub-folder's, or what a function of its name gives."""
    return grouped([f.group if groups is None else groups(f.name) for f in files], len(files))
