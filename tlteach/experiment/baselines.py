"""What stands beside every comparison, by what a task holds: images or texts."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch.nn.functional as F
from torch import Tensor

from tlteach.base import checked, one_of
from tlteach.models import Backbone, ModelCard, bag_of_words, load_backbone, source_of
from tlteach.training import Regime, get_regime

MOST = 1_000_000  # parameters of a network that may be trained from a few labels
RANDOM = "-random"  # ends the name of a network whose weights were drawn anew


class Arm(NamedTuple):
    """One arm of a comparison: its name in the table, how it trains, what it starts from."""

    label: str
    regime: Regime
    net: Backbone | None


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

    def lineup(
        self,
        net: Backbone,
        regimes: Iterable[Regime],
        *,
        scratch: Any,
        wanted: bool | Iterable[str],
    ) -> list[Arm]:
        """Return the arms of a comparison: the regimes, then the baselines that are wanted.

        Parameters
        ----------
        net : Backbone
            What pretrained regimes start from.
        regimes : iterable of Regime
        scratch : as the backbone of `compare`, optional
            What the others train: see `compare`.
        wanted : bool or iterable of str
            All baselines, none or some.
        """
        if isinstance(wanted, bool):
            wanted = self.names if wanted else ()
        named = [one_of("baseline", name, self.names) for name in wanted]
        arms = [
            Arm(r.name, r, net if r.pretrained else self._scratch_net(net, scratch))
            for r in regimes
        ]
        beside = [self._arm(name, net, arms) for name in self.names if name in named]
        return arms + [arm for arm in beside if arm is not None]

    def _scratch_net(self, net: Backbone, asked: Any) -> Backbone:
        if asked is not None:
            return source_of(asked)
        few = sum(p.numel() for p in net.parameters()) <= MOST
        return net if few else load_backbone(self.small)

    def _arm(self, name: str, net: Backbone, arms: Sequence[Arm]) -> Arm | None:
        """Return a baseline's arm; None where it says nothing that `arms` do not say."""
        frozen, scratch = get_regime("frozen"), get_regime("scratch")
        if name == "frozen_random":
            if net.card.source == "none":
                return None
            random = redrawn(net, seed=0)
            random.card = ModelCard(net.card.name + RANDOM)
            return Arm(name, frozen, random)
        if name == self.small:
            held = any(a.regime == scratch and a.net and a.net.card.name == name for a in arms)
            return None if held else Arm(name, scratch, load_backbone(name))
        return Arm(name, frozen, None)


def redrawn(net: Backbone, *, seed: int) -> Backbone:
    """Return a copy of a network with weights drawn anew, as "frozen_random" has one a seed."""
    return copy.deepcopy(net).redraw(seed=seed)


@checked
def raw_pixels(images: Tensor, size: int = 32) -> Tensor:
    """Return pixels as features, larger images shrunk to `size`: the plainest baseline.

    Parameters
    ----------
    images : uint8 tensor of shape (n, channels, height, width)
        Any size.
    size : int, default 32
        Pixels a side.

    Returns
    -------
    float32 tensor of shape (n, channels * height * width)
        In [0, 1].

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
