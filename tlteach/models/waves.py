"""Networks for sound itself, from torchaudio by name: wav2vec 2.0 and its relatives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tlteach.base import cache
from tlteach.data.sound import SAMPLES
from tlteach.models.backbone import Backbone, ModelCard
from tlteach.models.layers import encoder_stages, without_dropout
from tlteach.models.preprocessing import Recipe


@dataclass(frozen=True)
class Waves(Recipe):
    """The recipe for sound: bytes of `sound.mu_law` to samples in -1..1 at 16 kHz."""

    unit = "samples"

    def __call__(self, inputs: Tensor) -> Tensor:
        """Return float32 of shape (n, size) for uint8 of shape (n, 1, 1, size).

        Raises
        ------
        ValueError
            For another type or shape: spectrograms hold no sound.
        """
        shape = tuple(inputs.shape)
        if inputs.dtype != torch.uint8 or shape[1:] != (1, 1, self.size):
            msg = (
                f"sounds must be a uint8 tensor of shape (n, 1, 1, {self.size}), as of the task "
                f"'fsdd_waves'; got {inputs.dtype} of shape {shape}"
            )
            raise ValueError(msg)
        bent = inputs[:, 0, 0].float() / 127.5 - 1
        return bent.sign() * torch.expm1(bent.abs() * math.log(256)) / 255


class MeanOfFrames(nn.Module):
    """A speech model whose features are the mean over a sound of its last layer."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, waves: Tensor) -> Tensor:
        """Return features (n, width) for samples (n, length)."""
        model: Any = self.model
        mean: Tensor = model.extract_features(waves)[0][-1].mean(1)
        return mean


def torchaudio_model(name: str, weights: str | None) -> Backbone:
    """Any self-supervised pipeline of torchaudio by name: "torchaudio:WAV2VEC2_BASE".

    torchaudio publishes no hashes of its weights, so nothing can be checked but that the file
    holds tensors alone and fits.
    """
    try:
        from torchaudio import models, pipelines
    except ImportError as error:
        msg = f"{name} needs torchaudio; run: pip install torchaudio"
        raise ImportError(msg) from error
    plain = name.removeprefix("torchaudio:")
    bundle: Any = getattr(pipelines, plain, None)
    if type(bundle).__name__ != "Wav2Vec2Bundle":
        msg = f"backbone must be a Wav2Vec2Bundle, such as torchaudio:WAV2VEC2_BASE; got {name!r}"
        raise ValueError(msg)
    if weights is None:
        model, card = models.wav2vec2_model(**bundle._params), ModelCard(name)
    else:
        _must_be_here(bundle._path)
        try:
            model = bundle.get_model()
        except OSError as error:
            msg = f"could not download the weights of {name}: {error}"
            raise ConnectionError(msg) from error
        card = ModelCard(name, "see origin", (), "see origin", f"torchaudio, {bundle._path}")
    without_dropout(model)
    net, width = MeanOfFrames(model), bundle._params["encoder_embed_dim"]
    inner = getattr(model, "model", model)  # some are wrapped to normalise their input
    return Backbone(net, Waves(SAMPLES), card, width, stages=encoder_stages(inner))


def _must_be_here(file: str) -> None:
    known = Path(torch.hub.get_dir()) / "checkpoints" / Path(file).name
    if cache.is_offline() and not known.exists():
        msg = f"TLTEACH_OFFLINE is set and {known.name} is not in torch's cache"
        raise ConnectionError(msg)
