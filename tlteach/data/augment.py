"""Augmentation: batches of uint8 images changed where they lie, each image in its own way.

A policy takes uint8 images (n, channels, height, width), float32 one-hot targets (n, n_classes)
and a generator, and returns new images and targets. The generator is on the CPU, so that a run
draws the same numbers whatever device the images are on. A policy that keeps the targets hands
back the very tensor it got. Your own policy joins by name: ``POLICIES["mine"] = mine``.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from tlteach.base import checked, one_of
from tlteach.base.device import channels

Policy = Callable[[Tensor, Tensor, torch.Generator], tuple[Tensor, Tensor]]

JITTER = 0.4  # brightness, contrast and saturation lie between 1 - JITTER and 1 + JITTER
LEFT_OUT = 0.1  # of the words
LUMA = (0.299, 0.587, 0.114)  # how bright red, green and blue look (ITU-R BT.601)


@checked
def apply(
    name: str, images: Tensor, labels: Tensor, n_classes: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Augment one batch; both answers suit ``F.cross_entropy``.

    Parameters
    ----------
    name : str
        A key of `POLICIES`.
    images : uint8 tensor of shape (n, channels, height, width)
        On any device. Or texts, (n, length): a key of `FOR_TEXTS`.
    labels : int64 tensor of shape (n,)
        On the same device.
    n_classes : int
        Number of classes.
    generator : torch.Generator
        On the CPU; every call moves it on.

    Returns
    -------
    images : uint8 tensor of the same shape
    targets : tensor
        The labels themselves, or, where the policy mixed them, float32 shares of shape
        (n, n_classes) that sum to 1. The loss on shares cannot fall below their entropy.

    Raises
    ------
    ValueError
        For an unknown policy.

    Examples
    --------
    >>> images, labels = torch.zeros(4, 1, 8, 8, dtype=torch.uint8), torch.tensor([0, 1, 0, 1])
    >>> g = torch.Generator().manual_seed(0)
    >>> apply("shift", images, labels, 2, g)[1].tolist()
    [0, 1, 0, 1]
    >>> apply("mixup", images, labels, 2, g)[1].sum(1).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    known = POLICIES if images.ndim == 4 else FOR_TEXTS
    policy = known[one_of("augment", name, known)]
    one_hot = F.one_hot(labels, n_classes).float()
    images, targets = policy(images, one_hot, generator)
    return images, labels if targets is one_hot else targets


def none(images: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Change nothing and draw nothing."""
    return images, targets


def shift(images: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Move each image by up to an eighth of its size; the edge fills what opens up.

    Examples
    --------
    >>> ramp = torch.arange(8, dtype=torch.uint8).expand(3, 1, 8, 8)
    >>> moved, _ = shift(ramp, torch.eye(3), torch.Generator().manual_seed(0))
    >>> {tuple(row) for row in moved.view(-1, 8).tolist()} <= {
    ...     (0, 0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4, 5, 6, 7), (1, 2, 3, 4, 5, 6, 7, 7)}
    True
    """
    height, width = images.shape[-2:]
    most = max(1, height // 8)
    ys = torch.arange(-most, height + most, device=images.device).clamp(0, height - 1)
    xs = torch.arange(-most, width + most, device=images.device).clamp(0, width - 1)
    padded = images.index_select(2, ys).index_select(3, xs)
    corners = torch.randint(2 * most + 1, (len(images), 2), generator=generator).tolist()
    moved = [
        image[:, y : y + height, x : x + width]
        for image, (y, x) in zip(padded, corners, strict=True)
    ]
    return torch.stack(moved), targets


def flip_crop(images: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Mirror each image left to right with probability one half, then shift it.

    Wrong for digits, letters and anything else that means something else in a mirror: the label
    is kept, so a mirrored 2 would be taught as a 2.

    Examples
    --------
    >>> image = torch.tensor([[[[0, 0, 9, 9]] * 4]], dtype=torch.uint8)
    >>> changed, _ = flip_crop(image, torch.ones(1, 1), torch.Generator().manual_seed(0))
    >>> changed.shape, sorted(changed.unique().tolist())
    (torch.Size([1, 1, 4, 4]), [0, 9])
    """
    flipped = torch.rand(len(images), generator=generator) < 0.5
    flipped = flipped.to(images.device).view(-1, 1, 1, 1)
    return shift(torch.where(flipped, images.flip(3), images), targets, generator)


def colour(images: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Change brightness, contrast and saturation by up to two fifths, in this order.

    Rounded and clipped to 0 to 255 once, at the end. A grey image has no saturation to change.

    Examples
    --------
    >>> grey = torch.full((2, 3, 4, 4), 100, dtype=torch.uint8)
    >>> changed, _ = colour(grey, torch.eye(2), torch.Generator().manual_seed(0))
    >>> [len(image.unique()) for image in changed], bool((changed[0] != changed[1]).all())
    ([1, 1], True)
    """
    factors = 1 + JITTER * (2 * torch.rand(len(images), 3, generator=generator) - 1)
    brightness, contrast, saturation = factors.to(images.device).view(-1, 3, 1, 1, 1).unbind(1)
    x = images.float() * brightness
    mean = luma(x).mean((2, 3), keepdim=True)
    x = mean + contrast * (x - mean)
    grey = luma(x)
    return _pixels(grey + saturation * (x - grey)), targets


def mixup(images: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Blend each image and its target with those of another image of the batch.

    The other image's share is uniform on [0, 1]: Beta(1, 1), as for CIFAR-10 in Zhang et al.
    2018, but drawn for each image. By chance an image may be its own partner.

    Examples
    --------
    >>> two = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1)
    >>> mixed, targets = mixup(two, torch.eye(2), torch.Generator().manual_seed(1))
    >>> torch.allclose(mixed.flatten() / 255, targets[:, 1], atol=0.002)  # share of white
    True
    """
    partner = torch.randperm(len(images), generator=generator).to(images.device)
    share = torch.rand(len(images), generator=generator).to(images.device)
    mixed = images.float().lerp(images[partner].float(), share.view(-1, 1, 1, 1))
    return _pixels(mixed), targets.lerp(targets[partner], share[:, None])


def cutmix(images: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Paste a box of another image of the batch; the targets mix by the share of pixels pasted.

    The box keeps the image's proportions. Its area is uniform and its centre anywhere, so that
    the edge may cut it (Yun et al. 2019, with parameters drawn for each image).

    Examples
    --------
    >>> two = torch.tensor([0, 1], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 1, 8, 8)
    >>> mixed, targets = cutmix(two, torch.eye(2), torch.Generator().manual_seed(1))
    >>> mixed.float().mean((1, 2, 3)).equal(targets[:, 1])  # share of white
    True
    """
    n, _, height, width = images.shape
    partner = torch.randperm(n, generator=generator).to(images.device)
    half = torch.rand(n, 1, generator=generator).sqrt() / 2
    centre = torch.rand(n, 2, generator=generator)
    size = torch.tensor([height, width])
    corners = torch.cat([centre - half, centre + half], 1).clamp(0, 1) * size.repeat(2)
    top, left, bottom, right = corners.round().to(images.device)[:, :, None].unbind(1)
    y, x = (torch.arange(length, device=images.device) for length in (height, width))
    box = ((top <= y) & (y < bottom))[:, :, None] & ((left <= x) & (x < right))[:, None]
    share = box.sum((1, 2)) / (height * width)  # of the box as it was drawn, rounded and cut
    pasted = torch.where(box[:, None], images[partner], images)
    return pasted, targets.lerp(targets[partner], share[:, None])


def style(images: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Give each image the channels' means and deviations of another image; keep its label.

    What MixStyle (Zhou et al. 2021) does to features, done to pixels and in full. It says that
    the class lies in shapes, not in colours: wrong where colour tells the classes apart.

    Examples
    --------
    >>> pair = torch.tensor([[[[0, 2]]], [[[100, 140]]]], dtype=torch.uint8)
    >>> restyled, _ = style(pair[[0, 1, 1, 1]], torch.eye(4), torch.Generator().manual_seed(0))
    >>> sorted(map(tuple, restyled.flatten(1).tolist()))
    [(0, 2), (100, 140), (100, 140), (100, 140)]
    """
    partner = torch.randperm(len(images), generator=generator).to(images.device)
    x = images.float()
    deviation, mean = torch.std_mean(x, (2, 3), correction=0, keepdim=True)
    plain = (x - mean) / deviation.clamp(min=1)  # an even channel stays even: no noise blown up
    return _pixels(plain * deviation[partner] + mean[partner]), targets


def mask(images: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Hide a band of rows and a stretch of columns of each, up to a quarter of the whole.

    For spectrograms (SpecAugment, Park et al. 2019): rows are frequencies, columns are time. What
    is hidden takes the mean of its image.

    Examples
    --------
    >>> image = torch.arange(64, dtype=torch.uint8).view(1, 1, 8, 8)
    >>> hidden, _ = mask(image, torch.ones(1, 1), torch.Generator().manual_seed(3))
    >>> bool((hidden == 32).sum() > 1), hidden.shape
    (True, torch.Size([1, 1, 8, 8]))
    """
    hidden = torch.zeros(images.shape[0], 1, *images.shape[2:], dtype=torch.bool)
    for dim in (2, 3):
        size = images.shape[dim]
        wide = torch.rand(len(images), 1, generator=generator) * size / 4
        start = torch.rand(len(images), 1, generator=generator) * (size - wide)
        place = torch.arange(size) + 0.5
        inside = (place >= start) & (place < start + wide)
        hidden |= inside.view(len(images), 1, *((size, 1) if dim == 2 else (1, size)))
    mean = _pixels(images.float().mean((1, 2, 3), keepdim=True))
    return torch.where(hidden.to(images.device), mean, images), targets


def words(texts: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    r"""Leave out each word of each text with probability one tenth (Wei & Zou 2019).

    The first word stays, so that no text ends up empty. Leaving out a "not" changes the label's
    meaning, and the label is kept.

    Examples
    --------
    >>> text = torch.tensor([[ord(letter) for letter in "a b c d e f g"]], dtype=torch.uint8)
    >>> fewer, _ = words(text, torch.ones(1, 1), torch.Generator().manual_seed(1))
    >>> bytes(fewer[0].tolist())
    b'a b c d e g\x00\x00'
    """
    shorter = torch.zeros_like(texts)
    for row, text in enumerate(texts.cpu().numpy()):
        first, *others = bytes(text).rstrip(b"\0").split(b" ")
        kept = torch.rand(len(others), generator=generator) >= LEFT_OUT
        left = b" ".join([first, *(word for word, keep in zip(others, kept, strict=True) if keep)])
        shorter[row, : len(left)] = torch.tensor(list(left), dtype=torch.uint8)
    return shorter, targets


POLICIES: dict[str, Policy] = {
    "none": none,
    "shift": shift,
    "flip_crop": flip_crop,
    "colour": colour,
    "mixup": mixup,
    "cutmix": cutmix,
    "style": style,
    "mask": mask,
}
# "shift" is everybody's default, and a text has nothing to move
FOR_TEXTS: dict[str, Policy] = {"none": none, "shift": none, "words": words}


@checked
def luma(x: Tensor) -> Tensor:
    """Return how bright each pixel of float images looks, shape (n, 1, height, width).

    Examples
    --------
    >>> luma(torch.tensor([255.0, 0.0, 0.0]).view(1, 3, 1, 1)).round().item()
    76.0
    """
    if x.shape[1] == 1:
        return x
    return (x * channels(LUMA, x.device)).sum(1, keepdim=True)


def _pixels(x: Tensor) -> Tensor:
    return x.round().clamp(0, 255).byte()
