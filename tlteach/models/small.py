"""Small networks of our own: quick to train from scratch, and pretrained on shipped sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tlteach.base import DamagedError, cache, checked, in_range, one_of, read_json
from tlteach.data import shipped_data
from tlteach.data.sound import MELS
from tlteach.models.backbone import Backbone, Classifier, ModelCard
from tlteach.models.preprocessing import Preprocessing, Recipe
from tlteach.models.speech import Spectrogram, deepspeech_mini
from tlteach.models.statefile import read_state

CARDS = "cards.json"
TOLD = ("source", "seed", "sha256", "classes")  # by each card
PICTURES = Preprocessing(32)


def _conv(n_in: int, n_out: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False), nn.BatchNorm2d(n_out)
    )


@checked
def small_cnn(width: float = 1.0) -> Backbone:
    """Four convolutions, 79k parameters, quick enough to train from scratch in seconds.

    Parameters
    ----------
    width : float, default 1.0
        Multiplies the channels of every layer.

    Returns
    -------
    Backbone
        For images of 32 pixels.

    Examples
    --------
    >>> small_cnn().n_features, small_cnn(width=0.5).n_features
    (96, 48)
    """
    in_range("width", width, 1 / 16)
    widths = (3, *(round(width * channels) for channels in (16, 32, 64, 96)))
    return _own("small_cnn", _convolutions(widths), widths[-1])


def speech_cnn() -> Backbone:
    """Four convolutions over time and frequency of a log-mel spectrogram, 79k parameters."""
    stages = _convolutions((1, 16, 32, 64, 96))
    return _own("speech_cnn", stages, 96, Spectrogram(MELS))


def _convolutions(widths: Sequence[int]) -> dict[str, nn.Module]:
    return {
        f"stage{i}": nn.Sequential(*_conv(n_in, n_out, stride=2), nn.ReLU(inplace=True))
        for i, (n_in, n_out) in enumerate(pairwise(widths), start=1)
    }


class _Residual(nn.Module):
    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = _conv(n_in, n_out, stride), _conv(n_out, n_out)
        same = n_in == n_out and stride == 1
        self.skip = nn.Identity() if same else nn.Conv2d(n_in, n_out, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Add the input to what two convolutions make of it."""
        return torch.relu(self.second(torch.relu(self.first(x))) + self.skip(x))


def resnet8() -> Backbone:
    """Three residual blocks, 77k parameters; the stem's stride makes it three times quicker."""
    stages = {
        "stem": nn.Sequential(*_conv(3, 16, stride=2), nn.ReLU(inplace=True)),
        "block1": _Residual(16, 16, 1),
        "block2": _Residual(16, 32, 2),
        "block3": _Residual(32, 64, 2),
    }
    return _own("resnet8", stages, 64)


def _own(
    name: str,
    stages: Mapping[str, nn.Module],
    n_features: int,
    recipe: Recipe = PICTURES,
) -> Backbone:
    net = nn.Sequential()
    for stage, module in stages.items():
        net.add_module(stage, module)
    net.add_module("pool", nn.AdaptiveAvgPool2d(1))
    return Backbone(net, recipe, ModelCard(name), n_features)


# These have a name of their own, and learn the same source accents.
SPEECH: dict[str, Callable[[], Backbone]] = {
    "speech_cnn": speech_cnn,
    "deepspeech_mini": deepspeech_mini,
}
ACCENTS = "spoken_source"


def net_for(source: str) -> Backbone:
    """Return the small network, not trained, that learns a source.

    Examples
    --------
    >>> net_for("glyphs").card.name, net_for("speech_cnn").card.name
    ('resnet8', 'speech_cnn')
    """
    return SPEECH.get(source, resnet8)()


@checked
def small_file(source: str, seed: int) -> str:
    """Return the name of the file that holds one small pretrained network.

    Parameters
    ----------
    source : str
        A key of `SOURCES`.
    seed : int
        That it was pretrained with.

    Returns
    -------
    str
        Without a folder.

    Examples
    --------
    >>> small_file("glyphs", 2)
    'small-glyphs-2.safetensors'
    """
    return f"small-{source}-{seed}.safetensors"


def small_sources(folder: Path | None = None) -> dict[str, list[int]]:
    """Return the sources whose small networks are at hand, each with its seeds.

    Examples
    --------
    >>> small_sources()["glyphs"]
    [0, 1, 2, 3, 4]
    """
    seeds = _seeds(cards_in(folder or shipped_data() / "weights"))
    return {source: known for source, known in seeds.items() if source not in SPEECH}


def _seeds(cards: Mapping[str, Mapping[str, Any]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for card in cards.values():
        found.setdefault(card["source"], []).append(card["seed"])
    return {source: sorted(seeds) for source, seeds in sorted(found.items())}


@checked
def load_small(source: str, *, seed: int = 0, folder: Path | None = None) -> Classifier:
    """Load a small pretrained network together with the head it had on its source.

    Parameters
    ----------
    source : str
        A key of `small_sources` or of `SPEECH`.
    seed : int, default 0
        Which of its runs.
    folder : Path, optional
        Where the weights are; default the folder that ships.

    Returns
    -------
    Classifier
        Its logits are about ``backbone.card.classes``.

    Raises
    ------
    ValueError
        For an unknown source or seed, or a file that is not the one on the card.

    Examples
    --------
    >>> load_small("fashion_0_4").head.out_features
    5
    """
    folder = folder or shipped_data() / "weights"
    cards = cards_in(folder)
    known = _seeds(cards)
    one_of("seed", seed, known[one_of("source", source, known)])
    path = folder / small_file(source, seed)
    card = cards[path.name]
    cache.check_hash(path, card["sha256"])
    classes = tuple(card["classes"])
    model = Classifier(net_for(source), len(classes), seed=0)
    state = read_state(path)
    model.load_state_dict(
        {name if name.startswith("head.") else f"backbone.{name}": t for name, t in state.items()}
    )
    origin = f"tlteach pretrain {source}, seed {seed}"
    named = (source, ACCENTS) if source in SPEECH else (f"small:{source}", source)
    model.backbone.card = ModelCard(*named, classes, origin=origin)
    return model.eval()


def cards_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the cards of a folder of weights, by file; none is fine."""
    path = folder / CARDS
    if not path.exists():
        return {}
    advice = "install tlteach again, or train them again: tlteach pretrain"
    cards: dict[str, dict[str, Any]] = read_json(path, advice=advice)
    for name, card in cards.items():
        if not (isinstance(card, dict) and card.keys() >= {*TOLD}):
            msg = f"{CARDS} is damaged: the card of {name} must tell {', '.join(TOLD)}; {advice}"
            raise DamagedError(msg)
    return cards
