"""Dials: turn a task away from the images a model was trained on, a little or a lot.

A dial changes the small stored image, before anything resizes or normalises it. The idea is from
Hendrycks & Dietterich 2019; our strengths follow the image's size, theirs are for 224 or 32 px.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tlteach.base import checked, in_range, one_of, rng, same_length
from tlteach.data.augment import luma
from tlteach.data.task import Split, Task

MOST = 5  # the highest severity
# What severity 5 does; in sides, so that digits of 8 px and emoji of 64 px suffer alike
DEGREES = 60.0
BLUR = 0.1  # standard deviation, in sides of the image
NOISE = 0.4  # standard deviation, in full ranges of 255
CONTRAST = 0.9  # share of the contrast that is lost
BLOCKS = 4  # along each side
Randoms = Iterator[np.random.Generator]  # one for each image, made when asked for
Change = Callable[[Split], Split]


def _rotation(x: Tensor, share: float, randoms: Randoms) -> Tensor:
    """Turn about the centre, to the left or to the right; the edge fills what opens up."""
    h, w = x.shape[-2:]
    angle = math.radians(DEGREES * share)
    signs = torch.tensor([random.choice((-1.0, 1.0)) for random in randoms])
    matrix = torch.zeros(len(x), 2, 3)
    matrix[:, 0, 0] = matrix[:, 1, 1] = math.cos(angle)
    matrix[:, 0, 1] = -signs * math.sin(angle) * h / w  # places are counted in half sides
    matrix[:, 1, 0] = signs * math.sin(angle) * w / h
    places = F.affine_grid(matrix.to(x), list(x.shape), align_corners=False)
    return F.grid_sample(x, places, padding_mode="border", align_corners=False)


def _blur(x: Tensor, share: float, randoms: Randoms) -> Tensor:
    """Blur by a Gaussian whose variance grows evenly: two blurs of 1 are one of 2."""
    deviation = BLUR * min(x.shape[-2:]) * math.sqrt(share)
    return _averaged(x, lambda p: torch.exp(-((p[:, None] - p) / deviation).square() / 2))


def _noise(x: Tensor, share: float, randoms: Randoms) -> Tensor:
    """Add Gaussian noise, its own for each pixel and channel."""
    drawn = np.empty(x.shape, np.float32)
    for image, random in zip(drawn, randoms, strict=True):
        random.standard_normal(dtype=np.float32, out=image)
    return x + 255 * NOISE * share * torch.from_numpy(drawn).to(x.device)


def _pixelate(x: Tensor, share: float, randoms: Randoms) -> Tensor:
    """Average over blocks that double from a pixel to a quarter of the side; blend between.

    Blocks are nested, so further on the dial is never nearer to the original (in squares).
    """
    doublings = math.ceil(math.log2(max(*x.shape[-2:], BLOCKS) / BLOCKS))
    done, rest = divmod(doublings * share, 1)

    def blocks(n: float) -> Tensor:
        return _averaged(x, lambda p: (p[:, None] * n // len(p) == p * n // len(p)).to(p))

    n = BLOCKS * 2 ** (doublings - done)
    return blocks(n).lerp(blocks(n / 2), rest)


def _averaged(x: Tensor, weights: Callable[[Tensor], Tensor]) -> Tensor:
    """Average along both sides; `weights` turns s positions into (s, s), a row for each pixel."""
    rows, columns = (weights(torch.arange(float(s), device=x.device)) for s in x.shape[-2:])
    return rows / rows.sum(1, keepdim=True) @ x @ (columns / columns.sum(1, keepdim=True)).T


# float images of 0 to 255, the share of severity 5 and the images' generators in, images out
DIALS: dict[str, Callable[[Tensor, float, Randoms], Tensor]] = {
    "rotation": _rotation,
    "blur": _blur,
    "noise": _noise,
    "contrast": lambda x, share, _: x.lerp(x.mean((2, 3), keepdim=True), CONTRAST * share),
    "inversion": lambda x, share, _: x.lerp(255 - x, share),
    "grey": lambda x, share, _: x.lerp(luma(x), share),
    "pixelate": _pixelate,
}


@checked
def apply(
    images: Tensor, dial: str, severity: float, *, seed: int = 0, rows: Tensor | None = None
) -> Tensor:
    """Turn one dial on small images; an image keeps its random numbers at every severity.

    ========= =============== ===============================================================
    dial      at 1 2 3 4 5    strength
    ========= =============== ===============================================================
    rotation  12 24 36 48 60  degrees, to the left or right at random; the edge fills the gap
    blur      45 63 77 89 100 thousandths of the side: a Gaussian's standard deviation
    noise     8 16 24 32 40   per cent of the range 0 to 255: a Gaussian's standard deviation
    contrast  18 36 54 72 90  per cent of the distance to the channel's mean is lost
    inversion 20 40 60 80 100 per cent of the way to the negative; at 2.5 all is one grey
    grey      20 40 60 80 100 per cent of the colour is lost
    pixelate  20 40 60 80 100 per cent of the doublings from 1 pixel a block to 4 blocks a side
    ========= =============== ===============================================================

    Parameters
    ----------
    images : uint8 tensor of shape (n, 1 or 3, height, width)
        On any device.
    dial : str
        A key of `DIALS`.
    severity : float
        From 0 (the same bits) to 5.
    seed : int, default 0
        Draws noise and the sense of rotation (stream "shift").
    rows : int64 tensor of shape (n,), default 0 to n - 1
        Number of each image in the random stream: a part of a batch that keeps the numbers it
        had in the whole gets the same bits.

    Returns
    -------
    uint8 tensor of the same shape

    Raises
    ------
    ValueError
        For an unknown dial, a severity out of range, images of another kind, or "grey" on grey
        images, which it would not change.

    Examples
    --------
    >>> images = torch.full((1, 1, 8, 8), 200, dtype=torch.uint8)
    >>> [int(apply(images, "inversion", s)[0, 0, 0, 0]) for s in (0, 1, 2.5, 5)]
    [200, 171, 128, 55]
    """
    turn = DIALS[one_of("dial", dial, DIALS)]
    share = in_range("severity", severity, 0, MOST) / MOST
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] not in (1, 3):
        got = f"{images.dtype} of shape {tuple(images.shape)}"
        msg = f"images must be a uint8 tensor of shape (n, 1 or 3, height, width); got {got}"
        raise ValueError(msg)
    if dial == "grey" and images.shape[1] == 1:
        msg = "the dial 'grey' changes nothing on grey images: it needs 3 channels; got 1"
        raise ValueError(msg)
    rows = torch.arange(len(images)) if rows is None else rows
    same_length(images=images, rows=rows)
    if share == 0 or len(images) == 0:
        return images.clone()
    randoms = (rng(seed, "shift", row) for row in rows.tolist())
    return turn(images.float(), share, randoms).round().clamp(0, 255).to(torch.uint8)


@checked
def shifted(task: Task, dial: str, severity: float, *, seed: int = 0) -> Task:
    """Turn a dial on what is tested, and leave what is learnt from clean.

    One task, two domains, labels in the source alone. Who trains without the pool does domain
    generalisation; who uses its images, without labels, does transductive transfer (Pan & Yang
    2010). `few_shot` of the result moves the clean images that it leaves to the pool, as domain 0.

    Parameters
    ----------
    task : Task
    dial : str
        A key of `DIALS`, or "style": `style_mix` from the task's first domain to its last.
    severity : float
        From 0 to 5.
    seed : int, default 0
        See `apply`; the row number of an image is its row in the data file.

    Returns
    -------
    Task
        Its domains are "clean" and, for example, "noise 3". The pool holds all training and
        validation images dialled, to adapt to without labels: nobody may use those it carries.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> shifted(load_task("digits"), "noise", 3)
    Task 'digits noise 3'
      10 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
      domains: clean, noise 3
      images: train 637, val 160, test 1000, pool 797; each (1, 8, 8) torch.uint8
    """
    if one_of("dial", dial, (*DIALS, "style")) == "style":
        return style_mix(task, severity, source=task.domains[0], to=task.domains[-1], seed=seed)

    def dialled(split: Split) -> Split:
        images = apply(split.images, dial, severity, seed=seed, rows=split.index)
        return replace(split, inputs=images)

    name = f"{dial} {severity:g}"
    return _apart(task, name, ("clean", name), lambda split: split, dialled)


@checked
def style_mix(task: Task, severity: float, *, source: str, to: str, seed: int = 0) -> Task:
    """Learn from one drawing style; be tested on a mix with the same concepts in another.

    Each step of severity draws another fifth of the images in the style `to`. What is replaced
    at one severity (stream "shift") stays so at every higher one.

    Returns
    -------
    Task
        As from `shifted`; train and val are all of `source`.

    Raises
    ------
    ValueError
        If a concept (a number in `groups`) is not drawn once in each of the two domains.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> mix = style_mix(load_task("emoji"), 5, source="noto", to="twemoji")
    >>> mix.domains, len(mix.train), len(mix.test)
    (('clean', 'style 5'), 263, 224)
    """
    share = in_range("severity", severity, 0, MOST) / MOST
    in_source, in_other = _two_domains(task, source, to)

    def mixed(split: Split) -> Split:
        plain, drawn = (r.select(r.groups.argsort()) for r in (in_source(split), in_other(split)))
        n, once = len(plain), len(plain.groups.unique()) == len(plain)
        if not (once and torch.equal(plain.groups, drawn.groups)):
            both = f"{n} and {len(drawn)} drawings that do not pair up"
            msg = f"each concept must be drawn once in {source!r} and once in {to!r}; got {both}"
            raise ValueError(msg)
        rows = torch.arange(n)
        rows[rng(seed, "shift").permutation(n)[: round(share * n)]] += n
        return plain.joined(drawn).select(rows)

    name = f"style {severity:g}"
    return _apart(task, f"{source} to {to}, {name}", ("clean", name), in_source, mixed)


@checked
def between(task: Task, source: str, target: str) -> Task:
    """Learn from one domain and be tested on another.

    Returns
    -------
    Task
        Train and val are of the source, test and pool of the target; the pool's images come from
        train and val, so it shares no concept with the test split.

    Raises
    ------
    ValueError
        If source and target are not two different domains of the task.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> between(load_task("emoji"), "noto", "fluent_flat")
    Task 'emoji noto to fluent_flat'
      12 classes: mammal, ...
      domains: noto, fluent_flat
      images: train 263, val 72, test 224, pool 335; each (3, 64, 64) torch.uint8
    """
    picked = _two_domains(task, source, target)
    return _apart(task, f"{source} to {target}", (source, target), *picked)


def _two_domains(task: Task, source: str, target: str) -> tuple[Change, Change]:
    """Return what picks a split's rows of the one domain, and what picks those of the other."""
    a, b = (task.domains.index(one_of("domain", name, task.domains)) for name in (source, target))
    if a == b:
        msg = f"source and target must be two domains of {task.name!r}; got {source!r} twice"
        raise ValueError(msg)

    def only(domain: int) -> Change:
        return lambda split: split.select(split.domains == domain)

    return only(a), only(b)


def _apart(task: Task, name: str, domains: tuple[str, str], learnt: Change, tested: Change) -> Task:
    """Change what is learnt from, domain 0, and what is tested or has no labels, domain 1."""

    def part(split: Split, change: Change, domain: int) -> Split:
        changed = change(split)
        return replace(changed, domains=torch.full_like(changed.domains, domain))

    return replace(
        task,
        name=f"{task.name} {name}",
        domains=domains,
        train=part(task.train, learnt, 0),
        val=part(task.val, learnt, 0),
        test=part(task.test, tested, 1),
        pool=part(task.labelled.joined(task.pool), tested, 1),
    )
