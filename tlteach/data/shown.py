"""What a notebook shows of a task: what it holds, its classes with counts, a few of its inputs."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from PIL import Image
from torch import Tensor

from tlteach.base import counted
from tlteach.base.markup import Html, facts, picture, shorter, shown, table, tag, text
from tlteach.data.texts import texts_of

CLASSES = 12  # shown by row; a task may have hundreds
EACH = 5  # inputs of a class
SIDE = 40  # pixels: how high an image stands on the page, and half of how wide at most
OWN = 28  # pixels: an image no larger than that is shown pixel by pixel
MOST = 33_000  # bytes of all pictures: as text, 44 kB
LONG = 300  # letters of what a card says
LETTERS = 90  # of a text that is shown


def task_html(
    title: str,
    about: Mapping[str, object],
    classes: Sequence[str],
    labels: Mapping[str, Tensor],
    inputs: Tensor,
    told: str,
) -> str:
    """Return what a notebook shows of a task.

    Parameters
    ----------
    title : str
        Stands above everything.
    about : mapping of str to str
        What is known, by name.
    classes : sequence of str
    labels : mapping of str to (n,) int64 tensor
        Of each split, "train" first.
    inputs : uint8 tensor
        Those of train: no test image is looked at here.
    told : str
        What stands in the last line; may be empty.
    """
    heads, columns = ["class", *labels], [*labels.values()]
    counts = [[int((column == j).sum()) for column in columns] for j in range(len(classes))]
    few = [(labels["train"] == j).nonzero()[:EACH, 0] for j in range(min(CLASSES, len(classes)))]
    seen = _texts(inputs, few) if inputs.ndim == 2 else _strips(inputs, few, classes)
    if seen:
        heads.append("from train")
    rows: list[Sequence[object]] = [
        (shorter(name), *n, *seen[j : j + 1])
        for j, (name, n) in enumerate(zip(classes[:CLASSES], counts, strict=False))
    ]
    if hidden := len(classes) - len(rows):
        sums = [sum(column) for column in zip(*counts[len(rows) :], strict=True)]
        rows.append((f"and {hidden} more", *sums, *[""] * bool(seen)))
    caption = f"{counted(len(classes), 'class', 'classes')}, and how many of each"
    last = [tag("p", told)] if told else []
    return shown(
        facts(shorter(title), {name: shorter(value, LONG) for name, value in about.items()}),
        table(caption, heads, rows),
        *last,
    )


def _texts(rows: Tensor, few: Sequence[Tensor]) -> list[Html]:
    """Return the first text of each class."""
    first = [texts_of(rows[places[:1]]) for places in few]
    return [text(shorter("".join(one), LETTERS)) for one in first]


def _strips(images: Tensor, few: Sequence[Tensor], classes: Sequence[str]) -> list[Html]:
    """Return a strip of images for each class, as many of each as all of it may weigh."""
    if images.shape[1] not in (1, 3) or not any(map(len, few)):
        return []
    for each in range(EACH, 0, -1):
        taken = [places[:each] for places in few]
        files = [_strip(images[places]) if len(places) else None for places in taken]
        if sum(len(file[0]) for file in files if file) <= MOST:
            break
    return [
        picture(*file[:2], _words(len(places), name), *file[2], enlarged=file[3])
        if file
        else text("")
        for file, places, name in zip(files, taken, classes, strict=False)
    ]


def _words(n: int, name: str) -> str:
    return f"{counted(n, 'training image')} of {shorter(name)}"


def _strip(images: Tensor) -> tuple[bytes, str, tuple[int, int], bool]:
    """Return images side by side as a file, its type, its size on the page, whether it is enlarged.

    Small images keep their pixels, each a whole number of times as large on the page; large ones
    are shrunk, and become a JPEG.
    """
    height, width = images.shape[2:]
    own = max(height, width) <= OWN
    times = max(1, SIDE // height) if own else 1
    scale = 1.0 if own else min(SIDE / height, 2 * SIDE / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    gap = 1 if times > 1 else 2
    strip = Image.new("RGB", (len(images) * (size[0] + gap) - gap, size[1]), "#888")
    for i, image in enumerate(images.expand(-1, 3, -1, -1).permute(0, 2, 3, 1)):
        one = Image.fromarray(image.contiguous().cpu().numpy())
        place = (i * (size[0] + gap), 0)
        strip.paste(one if own else one.resize(size, Image.Resampling.LANCZOS), place)
    file, kind = io.BytesIO(), "png" if own else "jpeg"
    strip.save(file, kind, **({"optimize": True} if own else {"quality": 80, "optimize": True}))
    return file.getvalue(), kind, (strip.width * times, strip.height * times), times > 1
