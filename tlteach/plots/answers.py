"""Test images with what each arm answered (public through `tlteach.plots`)."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from torch import Tensor

from tlteach.base import checked, in_range, rng, same_length
from tlteach.data import Task
from tlteach.plots.style import GREY, INK, TICK, TITLE, new_axes, place_image
from tlteach.plots.words import plain, spoken, tell

MARKS = {True: "\u2713", False: "\u2717"}  # tick and cross, both in matplotlib's own font
# Colours belong to regimes, so right and wrong differ by mark, weight and ground instead; both are
# read from afar, so neither is pale.
STYLES: dict[bool, dict[str, Any]] = {
    True: {"color": INK, "weight": "bold", "bbox": {"fc": "#cfe6f5", "ec": "none", "pad": 3}},
    False: {"color": INK},
}
GAP, LINE, NAMES = 0.18, 0.21, 0.75  # in widths of an image; NAMES holds the names of the arms
LONGEST = 16  # letters of a class beside its mark that fit under an image


@checked
def answer_grid(
    task: Task,
    answers: Mapping[str, Tensor],
    *,
    n: int = 12,
    seed: int = 0,
    columns: int = 6,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Show test images, what they are, and what each arm took them for, right or wrong.

    The images are drawn by `seed`, as equal in number per class as can be. Answers play no part
    in the choice, so a picture of a dozen is a fair sample of all.

    Parameters
    ----------
    task : Task
        Of images.
    answers : mapping of str to int tensor of shape (n_test,)
        By arm, such as "scratch" and "frozen": the number of the class answered to each image of
        ``task.test``.
    n : int, default 12
        How many images, at most.
    seed : int, default 0
        Draws them.
    columns : int, default 6
        Images side by side.
    title : str, optional
        What the picture shows.
    ax : Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    Axes
        With the picture; `describe` tells it in words.

    Raises
    ------
    ValueError
        For no arm, answers of another number than the test images, or a class that is not there.

    Examples
    --------
    >>> import tlteach as tlt
    >>> from tlteach.plots import describe
    >>> task = tlt.load_task("digits")
    >>> right = task.test.labels
    >>> ax = answer_grid(task, {"none": 0 * right, "all": right}, n=10, columns=5)
    >>> print(describe(ax))
    10 of ... answers. none: 1 of 10 right; all: 10 of 10 right. Each ...
    """
    in_range("n", n, 1)
    in_range("columns", columns, 1)
    in_range("number of arms", len(answers), 1)
    for arm, classes in answers.items():
        same_length(test_images=task.test.images, **{f"answers_of_{arm}": classes})
        in_range(f"lowest class of {arm}", int(classes.min()), 0)
        in_range(f"highest class of {arm}", int(classes.max()), 0, task.n_classes - 1)
    rows = drawn(task.test.labels, n, seed)
    columns = min(columns, len(rows))
    _, _, height, width = task.test.images.shape
    tall = height / width + LINE * (len(answers) + 1.9)
    across, down = NAMES + columns * (1 + GAP), -(-len(rows) // columns) * tall
    ax = new_axes(ax, 1.75 * across, 1.75 * (down + 0.5))
    for place, row in enumerate(rows):
        left = NAMES + (place % columns) * (1 + GAP)
        _column(ax, task, answers, row, left, (place // columns) * tall)
        if place % columns == 0:
            _names(ax, list(answers), (place // columns) * tall + height / width)
    ax.set(xlim=(0, across - GAP), ylim=(down - LINE / 2, 0))
    ax.set_axis_off()
    ax.set_title(title, fontsize=TITLE, loc="left", pad=14, color=INK)
    test = len(task.test)
    caption = (
        f"{len(rows)} of {test} test images, drawn by chance, each class as often as any other"
    )
    caption = textwrap.fill(f"{caption} or once more; no answer was looked at", int(15 * across))
    ax.text(0, down, caption, fontsize=TICK - 2, va="top", color=GREY)
    return tell(ax, _said(task, answers, rows, title))


def drawn(labels: Tensor, n: int, seed: int) -> list[int]:
    """Return positions of `n` images in the order of their classes, each class in turn.

    Examples
    --------
    >>> import torch
    >>> labels = torch.tensor([0, 0, 0, 0, 1, 1, 2])
    >>> labels[drawn(labels, 5, seed=0)].bincount().tolist()
    [2, 2, 1]
    """
    random = rng(seed, "test")
    turns = random.permutation(int(labels.max()) + 1).tolist()  # which class comes once more
    of_class = [0] * len(turns)
    queue = []
    for row in random.permutation(len(labels)).tolist():
        label = int(labels[row])
        queue.append((of_class[label], turns[label], row))
        of_class[label] += 1
    return sorted((row for _, _, row in sorted(queue)[:n]), key=lambda row: int(labels[row]))


def _column(
    ax: Axes, task: Task, answers: Mapping[str, Tensor], row: int, left: float, top: float
) -> None:
    """Draw one image, its class, and the answer of every arm below it."""
    bottom = place_image(ax, task.test.images[row], left, top)
    truth = int(task.test.labels[row])
    ax.text(left, bottom + LINE, _short(task, truth), fontsize=TICK, va="baseline", color=INK)
    for i, classes in enumerate(answers.values()):
        answer = int(classes[row])
        right = answer == truth
        text = f"{MARKS[right]} {_short(task, answer)}"
        height = bottom + LINE * (i + 2.1)
        ax.text(left, height, text, fontsize=TICK - 1, va="baseline", **STYLES[right])


def _names(ax: Axes, arms: Sequence[str], bottom: float) -> None:
    """Write what each line under a row of images holds."""
    ax.text(0, bottom + LINE, "it is", fontsize=TICK, va="baseline", color=INK)
    for i, arm in enumerate(arms):
        height = bottom + LINE * (i + 2.1)
        ax.text(0, height, spoken(arm), fontsize=TICK, va="baseline", color=INK)


def _short(task: Task, label: int) -> str:
    name = plain(task.classes[label])
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _said(task: Task, answers: Mapping[str, Tensor], rows: list[int], title: str) -> str:
    truth, names = task.test.labels[rows], [plain(name) for name in task.classes]
    right = {arm: int((classes[rows] == truth).sum()) for arm, classes in answers.items()}
    counts = "; ".join(f"{spoken(arm)}: {n} of {len(rows)} right" for arm, n in right.items())
    each = [
        f"{names[int(task.test.labels[row])]}: "
        + ", ".join(f"{spoken(arm)} {names[int(c[row])]}" for arm, c in answers.items())
        for row in rows
    ]
    about = f"{title.rstrip('.')}. " if title else ""
    chosen = f"{len(rows)} of {len(task.test)} test images, chosen without looking at answers"
    return f"{about}{chosen}. {counts}. Each image and its answers: {'; '.join(each)}."
