"""Sources: what the small backbones are pretrained on, real ones and controls made from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from tlteach.base import checked, generator, one_of
from tlteach.data import Split, Task, load_task, with_splits

LEVELS = 5  # kinds of brightness in the conflicting control


@checked
def load_source(name: str, *, seed: int = 0) -> Task:
    """Load the task that a small backbone learns before it meets a target.

    Parameters
    ----------
    name : str
        A key of `SOURCES`. Real sources: "glyphs", "fashion", "fashion_0_4" (its first five
        classes) and one drawing style of emoji, such as "emoji_noto". Controls on the images of
        "fashion_0_4": "..._permuted" (every image's pixels in one random order), "..._shuffled"
        (labels dealt out anew) and "..._conflict" (labels say how bright an image is within its
        class, so whoever learns them must look past what a target asks for). "speech_cnn" and
        "deepspeech_mini" are the networks that learn the source accents of spoken.
    seed : int, default 0
        Draws the order of the pixels and the shuffled labels; real sources do not change.

    Returns
    -------
    Task
        All training labels in ``train``; ``val`` is empty, since nothing is chosen.

    Raises
    ------
    ValueError
        For an unknown name.

    Examples
    --------
    >>> load_source("fashion_0_4").classes
    ('t-shirt', 'trouser', 'pullover', 'dress', 'coat')
    """
    task = SOURCES[one_of("source", name, SOURCES)](seed)
    return replace(task, name=name, train=task.labelled, val=task.val.select(torch.arange(0)))


def _clothes(seed: int) -> Task:
    return load_task("fashion_0_4")


def _permuted(seed: int) -> Task:
    order = torch.randperm(28 * 28, generator=generator(seed, "source"))

    def permute(split: Split) -> Split:
        return replace(split, inputs=split.images.flatten(2)[..., order].view_as(split.images))

    return with_splits(_clothes(seed), permute)


def _shuffled(seed: int) -> Task:
    random = generator(seed, "source")

    def shuffle(split: Split) -> Split:
        return replace(split, labels=split.labels[torch.randperm(len(split), generator=random)])

    return with_splits(_clothes(seed), shuffle)


def _conflict(seed: int) -> Task:
    def brightness(split: Split) -> Split:
        labels = torch.empty_like(split.labels)
        means = split.images.float().mean((1, 2, 3))
        for label in split.labels.unique():
            rows = (split.labels == label).nonzero()[:, 0]
            rank = means[rows].argsort(stable=True).argsort()
            labels[rows] = rank * LEVELS // len(rows)
        return replace(split, labels=labels)

    names = tuple(f"brightness {level}" for level in range(1, LEVELS + 1))
    return replace(with_splits(_clothes(seed), brightness), classes=names)


def _style(name: str) -> Callable[[int], Task]:
    return lambda seed: load_task(name)


def _accents(seed: int) -> Task:
    spoken = load_task("spoken")
    return load_task("spoken", domains=[d for d in spoken.domains if d.startswith("source")])


SOURCES: dict[str, Callable[[int], Task]] = {
    "glyphs": lambda seed: load_task("glyphs"),
    "fashion": lambda seed: load_task("fashion"),
    "fashion_0_4": _clothes,
    "emoji_noto": _style("emoji_noto"),
    "emoji_twemoji": _style("emoji_twemoji"),
    "emoji_fluent_flat": _style("emoji_fluent_flat"),
    "emoji_fluent_color": _style("emoji_fluent_color"),
    "fashion_0_4_permuted": _permuted,
    "fashion_0_4_shuffled": _shuffled,
    "fashion_0_4_conflict": _conflict,
    "speech_cnn": _accents,
    "deepspeech_mini": _accents,
}
