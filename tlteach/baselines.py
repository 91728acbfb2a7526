"""What stands beside every comparison, by what a task holds: images or texts."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from tlteach.base import one_of
from tlteach.cells import Cell
from tlteach.models import Backbone, ModelCard, bag_of_words, initialise, load_backbone
from tlteach.training import Regime, get_regime

MOST = 1_000_000  # parameters of a network that may be trained from a few labels


@dataclass(frozen=True)
class Baselines:
    """What needs no source.

    Attributes
    ----------
    plain : str
        Name of the features that need no network.
    features : callable
        Turns the inputs of ``task.labelled`` and of ``task.test`` into them, without a label.
    small : str
        Name of the small network to train from scratch.
    standardise : bool, default True
        Whether the features are scaled to deviation 1 before logistic regression.
    """

    plain: str
    features: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    small: str
    standardise: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """All baselines of this kind of task."""
        return "majority", self.plain, "frozen_random", self.small

    def asked(self, wanted: bool | Iterable[str]) -> tuple[str, ...]:
        """Return the names that `compare` was asked for."""
        if isinstance(wanted, bool):
            return self.names if wanted else ()
        return tuple(one_of("baseline", name, self.names) for name in wanted)

    def scratch_net(self, net: Backbone, asked: str | Backbone | None) -> Backbone:
        """Return the network to train from scratch: see `compare`."""
        if isinstance(asked, Backbone):
            return asked
        if asked is not None:
            return load_backbone(asked)
        few = sum(p.numel() for p in net.parameters()) <= MOST
        return net if few else load_backbone(self.small)

    def beside(
        self, net: Backbone, cells: Sequence[Cell]
    ) -> list[tuple[str, Regime, Backbone | None]]:
        """Return name, regime and network of each, less those that the cells hold already."""
        frozen, scratch = get_regime("frozen"), get_regime("scratch")
        rows: list[tuple[str, Regime, Backbone | None]] = [
            ("majority", frozen, None),
            (self.plain, frozen, None),
        ]
        if net.card.source != "none":
            random = copy.deepcopy(net)
            random.card = ModelCard(f"{net.card.name}-random")
            initialise(random.net, seed=0)
            rows.append(("frozen_random", frozen, random))
        if not any(c.net and c.regime == scratch and c.net.card.name == self.small for c in cells):
            rows.append((self.small, scratch, load_backbone(self.small)))
        return rows


def raw_pixels(images: Tensor, size: int = 32) -> Tensor:
    """Return pixels as features, larger images shrunk to `size`: the plainest baseline.

    Examples
    --------
    >>> import torch
    >>> raw_pixels(torch.zeros(2, 3, 64, 64, dtype=torch.uint8)).shape
    torch.Size([2, 3072])
    """
    x = images.float() / 255
    if max(x.shape[-2:]) > size:
        x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    return x.flatten(1)


def _pixels(known: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    return raw_pixels(known), raw_pixels(test)


def _words(known: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    first, second = bag_of_words(known, test)
    return first, second


BASELINES = {
    "images": Baselines("raw_pixels", _pixels, "small_cnn"),
    "texts": Baselines("bag_of_words", _words, "small_text", standardise=False),
}
