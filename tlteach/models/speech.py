"""Log-mel spectrograms: their recipe, and DeepSpeech in miniature."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tlteach.data.sound import MELS
from tlteach.models.backbone import Backbone, ModelCard
from tlteach.models.preprocessing import Recipe

AROUND = 2  # frames on either side that DeepSpeech's first layer sees too
WIDTH = 128


@dataclass(frozen=True)
class Spectrogram(Recipe):
    """The recipe for log-mel spectrograms: bytes to about -1 to 1, nothing resized."""

    unit = "mels"

    def __call__(self, inputs: Tensor) -> Tensor:
        """Return float32 of shape (n, 1, size, frames) for uint8 of that shape.

        Raises
        ------
        ValueError
            For another type, or another number of mels.
        """
        if inputs.dtype != torch.uint8 or inputs.ndim != 4 or inputs.shape[1:3] != (1, self.size):
            msg = (
                f"spectrograms must be a uint8 tensor of shape (n, 1, {self.size}, frames); "
                f"got {inputs.dtype} of shape {tuple(inputs.shape)}"
            )
            raise ValueError(msg)
        return inputs.float().div(127.5).sub(1)


def deepspeech_mini() -> Backbone:
    """DeepSpeech's shape (Hannun et al. 2014, section 2), much smaller.

    Three dense layers that see one frame and its neighbours, one recurrent layer that goes both
    ways through time, one more dense layer; then the mean over time, where DeepSpeech spells
    letters. Its recurrent layer is a GRU, and each layer's outputs are normalised.
    """
    net = nn.Sequential()
    widths = (MELS * (2 * AROUND + 1), WIDTH, WIDTH, WIDTH)
    net.add_module("frames", _Frames())
    for i, (n_in, n_out) in enumerate(pairwise(widths), start=1):
        net.add_module(f"dense{i}", _dense(n_in, n_out))
    net.add_module("recurrent", _BothWays(WIDTH))
    net.add_module("dense5", _dense(WIDTH, WIDTH))
    net.add_module("mean", _MeanOverTime())
    names = ("dense1", "dense2", "dense3", "recurrent", "dense5")
    stages: dict[str, list[nn.Module]] = {name: [net.get_submodule(name)] for name in names}
    card = ModelCard("deepspeech_mini")
    return Backbone(net, Spectrogram(MELS), card, WIDTH, stages=stages)


def _dense(n_in: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(n_in, n_out), nn.LayerNorm(n_out), nn.ReLU())


class _Frames(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        """Return each frame beside its neighbours, (n, frames, values)."""
        padded = F.pad(x[:, 0], (AROUND, AROUND), mode="replicate")
        return padded.unfold(2, 2 * AROUND + 1, 1).transpose(1, 2).flatten(2)


class _BothWays(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.rnn = nn.GRU(width, width // 2, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        """Return what was heard before, beside what comes after, (n, frames, width)."""
        both: Tensor = self.rnn(x)[0]
        return both


class _MeanOverTime(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        """Return the mean over the frames."""
        return x.mean(1)
