"""Backbone: inputs to features, with its own preprocessing, card, stages and freezing."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from tlteach.base import checked, generator, in_range, one_of
from tlteach.models.fresh import draw_anew
from tlteach.models.layers import find_stages, initialise, suits
from tlteach.models.preprocessing import Recipe
from tlteach.models.shown import backbone_html, numbers


@dataclass(frozen=True)
class ModelCard:
    """Where weights come from.

    Attributes
    ----------
    name : str
        The name that `load_backbone` knows.
    source : str
        The data they were trained on; "none" for random weights.
    classes : tuple of str
        The source's class names, to state overlap with a target.
    licence, origin : str
        The licence, and the package, address or file they were read from.

    Examples
    --------
    >>> card = ModelCard("mine", "birds", ("owl", "wren"))
    >>> card
    ModelCard(name='mine', source='birds', licence='BSD-3-Clause', origin='tlteach, random weights')
    """

    name: str
    source: str = "none"
    classes: tuple[str, ...] = field(default=(), repr=False)
    licence: str = "BSD-3-Clause"
    origin: str = "tlteach, random weights"

    def overlap(self, classes: Iterable[str]) -> str:
        """Say which of a target's class names are also names of the source's classes.

        Examples
        --------
        >>> ModelCard("mine", "zoo", ("lion", "bee")).overlap(["bee", "ant"])
        'Overlap with the source zoo: 1 of 2 class names (bee); things may overlap more than names.'
        """
        names = list(classes)
        if not self.classes:
            return f"Overlap with the source {self.source}: its class names are not known."
        shared = [name for name in names if name in self.classes]
        told = f" ({', '.join(shared)})" if shared else ""
        return (
            f"Overlap with the source {self.source}: {len(shared)} of {len(names)} class names"
            f"{told}; things may overlap more than names."
        )


class Backbone(nn.Module):
    """A network without its head: uint8 inputs in, features out.

    Parameters
    ----------
    net : nn.Module
        Maps what the recipe makes, of images float32 (n, 3, size, size), to (n, n_features), or
        to maps that get flattened.
    preprocessing : Recipe
        Belongs to the weights; applied inside `forward`, so nobody forgets it at test time.
    card : ModelCard
        Where the weights come from.
    n_features : int
        Width of the features.
    stages : mapping of str to list of nn.Module, optional
        Default: what `find_stages` finds.
    fresh : callable, optional
        Builds the same network with new weights by its own rules, from torch's global stream.
        Default: fresh weights are those of `initialise`.

    Attributes
    ----------
    stages : dict of str to list of nn.Module
        The parts in the order inputs pass them.
    architecture : str
        The name by which `load_backbone` builds the same network without weights, so that it can
        be saved and built again; empty for a network of your own.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> backbone = load_backbone("small_cnn", seed=0)
    >>> backbone(torch.zeros(2, 3, 32, 32, dtype=torch.uint8)).shape
    torch.Size([2, 96])
    >>> list(backbone.stages)
    ['stage1', 'stage2', 'stage3', 'stage4']
    """

    def __init__(
        self,
        net: nn.Module,
        preprocessing: Recipe,
        card: ModelCard,
        n_features: int,
        *,
        stages: Mapping[str, list[nn.Module]] | None = None,
        fresh: Callable[[], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.net = net
        self.preprocessing = preprocessing
        self.card = card
        self.n_features = n_features
        self.stages = find_stages(net) if stages is None else dict(stages)
        self.fresh = fresh
        self.architecture = ""
        self._still: set[nn.Module] = set()  # kept in eval mode whatever train() says

    def forward(self, inputs: Tensor) -> Tensor:
        """Return float features of shape (n, n_features) for uint8 inputs."""
        features: Tensor = self.net(self.preprocessing(inputs))
        features = features.flatten(1)
        if features.shape[1] != self.n_features:
            msg = (
                f"{self.card.name!r} was told to give n_features={self.n_features}; "
                f"it gives {features.shape[1]} for inputs of {self.preprocessing.size} "
                f"{self.preprocessing.unit}"
            )
            raise ValueError(msg)
        return features

    def redraw(self, *, seed: int) -> Backbone:
        """Draw all weights anew, in place, from the seed alone and safe beside other threads.

        By the network's own rules where it can be built again (`fresh`), unless it consists of
        convolutions and BatchNorm alone, else as `initialise` does. BatchNorm statistics move at
        PyTorch's usual pace afterwards.

        Returns
        -------
        Backbone
            Itself.

        Raises
        ------
        ValueError
            For a network without `fresh` that holds parameters which `initialise` does not know.

        Examples
        --------
        >>> from tlteach import load_backbone
        >>> net = load_backbone("small_cnn", seed=0)
        >>> net.redraw(seed=1).fingerprint() == load_backbone("small_cnn", seed=1).fingerprint()
        True
        """
        if self.fresh is None or suits(self.net):
            initialise(self.net, seed=seed)
        else:
            draw_anew(self.net, self.fresh, seed=seed)
        return self

    def freeze(self, stages: Iterable[str] | None = None, *, norm: bool = True) -> Backbone:
        """Stop parameters and BatchNorm statistics; later calls of `train` keep them still.

        Parameters
        ----------
        stages : iterable of str, optional
            Names from `stages`; default all.
        norm : bool, default True
            False leaves the BatchNorm statistics moving: the classic bug, to look at.

        Returns
        -------
        Backbone
            Itself.
        """
        chosen = [self.net]
        if stages is not None:
            chosen = [m for name in stages for m in self.stages[one_of("stage", name, self.stages)]]
        for module in chosen:
            module.requires_grad_(False)
            if norm:
                self._still.update(module.modules())
        return self.train(self.training)

    def freeze_statistics(self) -> Backbone:
        """Keep every BatchNorm layer in eval mode; its weight and bias may still train."""
        self._still.update(m for m in self.net.modules() if isinstance(m, _BatchNorm))
        return self.train(self.training)

    def unfreeze(self) -> Backbone:
        """Let every parameter and statistic move again."""
        self._still.clear()
        self.requires_grad_(True)
        return self.train(self.training)

    def train(self, mode: bool = True) -> Backbone:
        """Set the mode as PyTorch does, except for what is frozen."""
        super().train(mode)
        for module in self._still:
            module.training = False
        return self

    def fingerprint(self) -> str:
        """Return a SHA-256 over all parameters and buffers, bit for bit.

        Examples
        --------
        >>> from tlteach import load_backbone
        >>> a, b = load_backbone("small_cnn", seed=0), load_backbone("small_cnn", seed=1)
        >>> a.fingerprint() == a.fingerprint(), a.fingerprint() == b.fingerprint()
        (True, False)
        """
        digest = hashlib.sha256()
        for name, tensor in self.net.state_dict().items():
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            data = tensor.detach().cpu().contiguous().view(-1).view(torch.uint8)
            digest.update(data.numpy().data)
        return digest.hexdigest()

    def __repr__(self) -> str:
        parameters = sum(p.numel() for p in self.parameters())
        return (
            f"Backbone {self.card.name!r}: {self.n_features} features, {parameters:,} parameters, "
            f"{len(self.stages)} stages, {self.preprocessing.size} {self.preprocessing.unit}, "
            f"source {self.card.source}"
        )

    def _repr_html_(self) -> str:
        card, recipe = self.card, self.preprocessing
        every, free = numbers(self)
        known = {
            "trained on": card.source + f", {len(card.classes):,} classes" * bool(card.classes),
            "licence": card.licence,
            "origin": card.origin,
            "takes": f"inputs of {recipe.size} {recipe.unit}, by its {type(recipe).__name__}",
            "gives": f"{self.n_features:,} features",
            "parameters": f"{every:,}, of which {free:,} may learn",
            "fingerprint": f"{self.fingerprint()[:16]}…",
        }
        return backbone_html(card.name, known, self.stages)


class Classifier(nn.Module):
    """A backbone and a linear head: uint8 inputs in, logits out.

    Parameters
    ----------
    backbone : Backbone
        Gives the features.
    n_classes : int
        Number of classes.
    seed : int
        Draws the head's first weights (stream "init").

    Raises
    ------
    ValueError
        For fewer than two classes.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> model = Classifier(load_backbone("small_cnn", seed=0), 10, seed=0)
    >>> model(torch.zeros(2, 3, 32, 32, dtype=torch.uint8)).shape
    torch.Size([2, 10])
    """

    @checked
    def __init__(self, backbone: Backbone, n_classes: int, *, seed: int) -> None:
        super().__init__()
        in_range("n_classes", n_classes, 2)
        self.backbone = backbone
        self.head = nn.Linear(backbone.n_features, n_classes)
        bound = 1 / math.sqrt(backbone.n_features)
        nn.init.uniform_(self.head.weight, -bound, bound, generator=generator(seed, "init"))
        nn.init.zeros_(self.head.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return logits of shape (n, n_classes)."""
        logits: Tensor = self.head(self.backbone(inputs))
        return logits
