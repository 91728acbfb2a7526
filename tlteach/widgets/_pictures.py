"""Images for charts: many small tiles in one picture."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from tlteach.data import Task
from tlteach.widgets._spec import Strip

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


def strip_of(
    control: str,
    title: str,
    values: Iterable[str],
    tasks: Mapping[str, Task],
    count: int,
    side: int,
) -> Strip:
    """Return a few images of each task, with their labels, chosen by a control.

    Parameters
    ----------
    control, title : str
    values : iterable of str
        What the control can be; those without a task show no images.
    tasks : mapping of str to Task
    count, side : int
        Images of each, and pixels of one.
    """
    values = list(values)
    tiles: list[Tensor] = []
    names: list[str] = []
    places, called = (np.full((len(values), count), np.nan, np.float32) for _ in range(2))
    words = list(dict.fromkeys(name for task in tasks.values() for name in task.classes))
    for row, task in enumerate(map(tasks.get, values)):
        if task is None:
            continue
        for column, image in enumerate(_of_all_classes(task, count)):
            label = task.classes[int(task.train.labels[image])]
            places[row, column], called[row, column] = len(tiles), words.index(label)
            tiles.append(task.train.images[image])
            names.append(label)
    picture, columns, lines = sheet(tiles, side, quality=60)
    answers = {"called": called}
    return Strip(
        control, title, (control,), picture, columns, lines, places, tuple(names),
        words=tuple(words), answers=answers,
    )  # fmt: skip


def _of_all_classes(task: Task, count: int) -> list[int]:
    """Return the places of training images, one a class in turn."""
    by_class = [
        (task.train.labels == c).nonzero().flatten().tolist() for c in range(task.n_classes)
    ]
    order = torch.linspace(0, task.n_classes - 1, min(count, task.n_classes)).round().long()
    return [by_class[order[i % len(order)]][i // len(order)] for i in range(count)]
