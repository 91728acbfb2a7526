"""Tasks from data sets of other libraries: torchvision's, Hugging Face's and the like."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from tlteach.base import checked, in_range, one_of
from tlteach.data import store
from tlteach.data.columns import has_features, names_of, only_of
from tlteach.data.from_memory import as_array, channels_first, grouped, numbered
from tlteach.data.images import (
    FITS,
    SIZE,
    check_memory,
    is_dim,
    is_long,
    square,
    told_dim,
    told_long,
    upright,
)
from tlteach.data.names import natural
from tlteach.data.own import Photos, make_task
from tlteach.data.pixels import as_bytes
from tlteach.data.task import Task


@checked
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
    image_column: str | None = None,
    label_column: str | None = None,
) -> Task:
    """Make a task from a map-style data set, such as those of torchvision and of Hugging Face.

    Parameters
    ----------
    dataset : object with a length, whose items are (image, whole number), or a Dataset
        An image is one of PIL, or an array or tensor as in `from_arrays`, without the n: take
        ``transform=None`` or ``ToTensor()``, but no normalisation. What PIL gives is turned
        upright as its camera held it. Of Hugging Face's: one split, as
        ``load_dataset(...)["train"]``.
    classes : sequence of str, optional
        Default ``dataset.classes``, the names of a label column, or else the labels themselves,
        as where a ``target_transform`` makes other labels of them.
    groups : (n,) sequence, optional
        What names each item's group, kept in one split; None stands alone.
    size : int, default 128
        Side of the square RGB images, in pixels.
    fit : str, default "crop"
        See `from_folder`.
    name : str, optional
        Default the name of the data set's class.
    seed : int, default 0
        Draws the splits.
    near_copies : bool, default True
        See `from_folder`.
    image_column, label_column : str, optional
        Of a Hugging Face Dataset; default its only columns of kind Image and ClassLabel.

    Returns
    -------
    Task
        Its `files` are those of ``dataset.samples``, where it is a folder's.

    Raises
    ------
    TypeError, ValueError, OSError
        Naming the item that is no image with a label, or what `from_arrays` refuses.

    Examples
    --------
    >>> items = [(Image.new("L", (9, 6), 20 * i), i % 2) for i in range(10)]
    >>> from_dataset(items, classes=["cat", "dog"], size=16, name="pets")
    Task 'pets'
      2 classes: cat, dog
      domains: pets
      images: train 6, val 2, test 2, pool 0; each (3, 16, 16) torch.uint8
      differences cannot be told (2 test images or groups, 5 seeds)
    """
    in_range("size", size, 1)
    one_of("fit", fit, FITS)
    n = _length(dataset)
    take, named = _reader(dataset, image_column, label_column)
    check_memory(n, size)
    images = store.empty(n, 3, size, size)
    looks = torch.empty(n, 3, 32, 32, dtype=torch.uint8) if fit == "pad" else images
    labels: list[int] = []
    long: list[str] = []
    dim: list[str] = []
    files = _files(dataset, n)
    for i in range(n):
        try:
            given, label = _item(take(dataset[i]))
            image = upright(given)
        except (TypeError, ValueError, OSError, SyntaxError) as error:  # PIL's are the last two
            msg = f"item {i} of the data set must be (image, whole number): {error}"
            raise type(error)(msg) from error
        images[i] = square(image, size, fit)
        if fit == "pad":
            looks[i] = square(image, 32, "squish")
        labels.append(label)
        called = files[i] if files else f"item {i}"
        long += [called] if is_long(image) else []
        dim += [called] if is_dim(image, given.mode) else []
    numbers, names = numbered(np.array(labels), classes or named)
    photos = Photos(
        images,
        numbers,
        names,
        np.full(n, ""),
        files,
        grouped(groups, n),
        told_long(long, fit) + told_dim(dim),
        looks,
        fit,
    )
    name = name or type(dataset).__name__
    return make_task(name, photos, seed=seed, source=f"data set {name}", near_copies=near_copies)


def _length(dataset: Any) -> int:
    try:
        n = len(dataset)
    except TypeError as error:
        msg = f"a data set must have a length and items; {type(dataset).__name__} has none: {error}"
        raise TypeError(msg) from error
    in_range("length of the data set", n, 1)
    return n


def _reader(
    dataset: Any, image_column: str | None, label_column: str | None
) -> tuple[Callable[[Any], Any], Iterable[str] | None]:
    """Return what takes an (image, label) out of an item, and the class names."""
    if not has_features(dataset):
        return (lambda item: item), _class_names(dataset)
    image = only_of(dataset, "Image", image_column, "image_column")
    label = only_of(dataset, "ClassLabel", label_column, "label_column")
    names = names_of(dataset, label)
    if names or not all(isinstance(value, str) for value in dataset[label]):
        return (lambda item: (item[image], item[label])), names
    words = sorted(set(dataset[label]), key=natural)
    number = {word: i for i, word in enumerate(words)}
    return (lambda item: (item[image], number[item[label]])), words


def _class_names(dataset: Any) -> list[str] | None:
    """Return the names that a data set of torchvision gives its labels, if it still does."""
    if getattr(dataset, "target_transform", None) is not None:
        return None
    names = getattr(dataset, "classes", None) or ()
    # ImageNet's are tuples of words for one thing
    return [", ".join(name) if isinstance(name, tuple) else str(name) for name in names] or None


def _item(item: Any) -> tuple[Image.Image, int]:
    image, label = item
    if not isinstance(image, Image.Image):
        if not isinstance(image, (np.ndarray, torch.Tensor)):
            msg = f"got an image of type {type(image).__name__}"
            raise TypeError(msg)
        pixels = as_bytes(channels_first(as_array("image", image)[None]))[0]
        image = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)).squeeze())
    return image, operator.index(label)


def _files(dataset: Any, n: int) -> tuple[str, ...]:
    samples, root = getattr(dataset, "samples", ()), getattr(dataset, "root", None)
    if root is None or len(samples) != n:
        return ()
    files = [Path(file) for file, *_ in samples]
    if not all(file.is_relative_to(root) for file in files):
        return ()
    return tuple(file.relative_to(root).as_posix() for file in files)
