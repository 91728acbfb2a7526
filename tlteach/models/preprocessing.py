"""Recipes: what turns a task's inputs into the input that some weights were trained on."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from tlteach.base import in_range, one_of
from tlteach.base.device import channels


@dataclass(frozen=True)
class Recipe(ABC):
    """What turns a task's uint8 inputs into the input that the weights were trained on.

    Attributes
    ----------
    size : int
        How much of an input the network gets, in `unit`.
    """

    size: int
    unit: ClassVar[str]

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that change with any setting."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]

    def settings(self) -> dict[str, Any]:
        """Return what to write down about it."""
        return asdict(self)

    @abstractmethod
    def __call__(self, inputs: Tensor) -> Tensor:
        """Return what the network takes, row for row."""


@dataclass(frozen=True)
class Preprocessing(Recipe):
    """The recipe for images: resized, scaled and shifted.

    Attributes
    ----------
    size : int
        Height and width fed to the network, pixels.
    mean, std : tuple of 3 float
        Subtracted from and divided into pixel values scaled to [0, 1].
    interpolation : {"bilinear", "bicubic", "nearest"}
        How images are resized.
    antialias : bool
        Whether shrinking averages over the pixels it drops.

    Raises
    ------
    ValueError
        For a size outside 8 to 1024, or an unknown interpolation.

    Examples
    --------
    >>> recipe = Preprocessing(size=32)
    >>> recipe(torch.full((1, 3, 8, 8), 255, dtype=torch.uint8)).unique().tolist()
    [2.0]
    >>> recipe.id == Preprocessing(size=64).id
    False
    """

    unit = "px"
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.25, 0.25, 0.25)
    interpolation: str = "bilinear"
    antialias: bool = True

    def __post_init__(self) -> None:
        in_range("size", self.size, 8, 1024)
        one_of("interpolation", self.interpolation, ("bilinear", "bicubic", "nearest"))

    def __call__(self, images: Tensor) -> Tensor:
        """Resize and normalise.

        Parameters
        ----------
        images : uint8 tensor of shape (n, 1 or 3, height, width)
            Grey images get three equal channels.

        Returns
        -------
        float32 tensor of shape (n, 3, size, size)

        Examples
        --------
        >>> Preprocessing(size=32)(torch.zeros(2, 1, 8, 8, dtype=torch.uint8)).shape
        torch.Size([2, 3, 32, 32])
        """
        if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] not in (1, 3):
            msg = (
                "images must be a uint8 tensor of shape (n, 1 or 3, height, width); "
                f"got {images.dtype} of shape {tuple(images.shape)}"
            )
            raise ValueError(msg)
        x = images.float().div_(255)
        if x.shape[-2:] != (self.size, self.size):
            smooth = self.interpolation != "nearest"
            shrinks = self.size < max(x.shape[-2:])
            # enlarging, antialias changes bicubic only: to Pillow's kernel, which weights expect
            antialias = smooth and self.antialias and (shrinks or self.interpolation == "bicubic")
            x = F.interpolate(
                x,
                (self.size, self.size),
                mode=self.interpolation,
                align_corners=False if smooth else None,
                antialias=antialias,
            )
        x = x.expand(-1, 3, -1, -1)
        return (x - channels(self.mean, x.device)) / channels(self.std, x.device)
