"""Tasks from a learner's own arrays, tensors and data sets of other libraries."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from PIL import Image

from tlteach.base import in_range, one_of, same_length
from tlteach.data.images import FITS, SIZE, check_memory, is_long, square, to_rgb, told_long
from tlteach.data.names import natural
from tlteach.data.own import Photos, make_task
from tlteach.data.pixels import as_bytes, told_dark
from tlteach.data.task import Task


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
        Bytes; 16 bits (uint16); or floats, all 0 to 1 or all 0 to 255.
    labels : (n,) whole numbers or text
    classes : sequence of str, optional
        Names that the numbers point into; default the labels themselves, in natural order.
    groups : (n,) sequence, optional
        What names each image's group, kept in one split; None stands alone.
    name : str, default "arrays"
    seed, near_copies
        See `from_folder`.

    Returns
    -------
    Task

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
    """
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
        notes=told_dark(pixels),
    )
    return make_task(name, photos, seed=seed, source="arrays", near_copies=near_copies)


def from_dataset(
    dataset: Any,
    *,
    classes: Sequence[str] | None = None,
    groups: Sequence[Hashable | None] | None = None,
    size: int = SIZE,
    fit: str = "crop",
    name: str | None = None,
    seed: int = 0,
    near_copies: bool = True,
) -> Task:
    """Make a task from a map-style data set, such as those of torchvision.

    Parameters
    ----------
    dataset : object with a length, whose items are (image, whole number)
        An image is one of PIL, or an array or tensor as in `from_arrays`, without the n: take
        ``transform=None`` or ``ToTensor()``, but no normalisation.
    classes : sequence of str, optional
        Default ``dataset.classes``, or else the numbers themselves.
    groups : (n,) sequence, optional
        What names each item's group, kept in one split; None stands alone.
    size, fit
        See `from_folder`.
    name : str, optional
        Default the name of the data set's class.
    seed, near_copies
        See `from_folder`.

    Returns
    -------
    Task
        Its `files` are those of ``dataset.samples``, where it is a folder's.

    Raises
    ------
    TypeError, ValueError
        Naming the item that is no image with a label, or what `from_arrays` refuses.

    Examples
    --------
    >>> items = [(Image.new("L", (9, 6), 20 * i), i % 2) for i in range(10)]
    >>> from_dataset(items, classes=["cat", "dog"], size=16, name="pets")
    Task 'pets'
      2 classes: cat, dog
      domains: pets
      images: train 6, val 2, test 2, pool 0; each (3, 16, 16) torch.uint8
    """
    in_range("size", size, 1)
    one_of("fit", fit, FITS)
    n = _length(dataset)
    check_memory(n, size)
    images = torch.empty(n, 3, size, size, dtype=torch.uint8)
    looks = torch.empty(n, 3, 32, 32, dtype=torch.uint8) if fit == "pad" else images
    labels: list[int] = []
    long: list[str] = []
    files = _files(dataset, n)
    for i in range(n):
        try:
            image, label = _item(dataset[i])
        except (TypeError, ValueError) as error:
            msg = f"item {i} of the data set must be (image, whole number): {error}"
            raise type(error)(msg) from error
        images[i] = square(image, size, fit)
        if fit == "pad":
            looks[i] = square(image, 32, "squish")
        labels.append(label)
        long += [files[i] if files else f"item {i}"] if is_long(image) else []
    numbers, names = numbered(np.array(labels), classes or getattr(dataset, "classes", None))
    photos = Photos(
        images,
        numbers,
        names,
        np.full(n, ""),
        files,
        grouped(groups, n),
        told_long(long, fit),
        looks,
        fit,
    )
    name = name or type(dataset).__name__
    return make_task(name, photos, seed=seed, source=f"data set {name}", near_copies=near_copies)


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
    first, last = (
        images.ndim == 4 and images.shape[axis] in (1, 3) for axis in (1, 3 % images.ndim)
    )
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
    """Return labels as numbers, and the names that these point into.

    Examples
    --------
    >>> numbered(np.array([10, 2, 10]), None)
    (array([1, 0, 1]), ('2', '10'))
    """
    if labels.ndim != 1 or not len(labels):
        msg = f"labels must have the shape (n,), and must not be empty; got {labels.shape}"
        raise ValueError(msg)
    values = labels.tolist()
    whole = all(isinstance(value, int) for value in values)
    if not whole and not all(isinstance(value, str) for value in values):
        at, odd = next((i, v) for i, v in enumerate(values) if not isinstance(v, (int, str)))
        msg = f"labels must be whole numbers or text, not both; got {odd!r} for image {at}"
        raise TypeError(msg)
    names = tuple(classes or sorted(map(str, set(values)), key=natural))
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


def _length(dataset: Any) -> int:
    try:
        n = len(dataset)
    except TypeError as error:
        msg = f"a data set must have a length and items; {type(dataset).__name__} has none: {error}"
        raise TypeError(msg) from error
    in_range("length of the data set", n, 1)
    return n


def _item(item: Any) -> tuple[Image.Image, int]:
    image, label = item
    if not isinstance(image, Image.Image):
        if not isinstance(image, (np.ndarray, torch.Tensor)):
            msg = f"got an image of type {type(image).__name__}"
            raise TypeError(msg)
        pixels = as_bytes(channels_first(as_array("image", image)[None]))[0]
        image = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)).squeeze())
    return to_rgb(image), operator.index(label)


def _files(dataset: Any, n: int) -> tuple[str, ...]:
    samples, root = getattr(dataset, "samples", ()), getattr(dataset, "root", None)
    if root is None or len(samples) != n:
        return ()
    files = [Path(file) for file, *_ in samples]
    if not all(file.is_relative_to(root) for file in files):
        return ()
    return tuple(file.relative_to(root).as_posix() for file in files)
