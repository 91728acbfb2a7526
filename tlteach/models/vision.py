"""Every classifier of torchvision and timm by name: built at a size, without its head."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from tlteach.base import check_hash, generator, read_json
from tlteach.models.backbone import Backbone, ModelCard
from tlteach.models.checkpoint import fill
from tlteach.models.fresh import Drawing
from tlteach.models.layers import without_dropout
from tlteach.models.preprocessing import Preprocessing
from tlteach.models.statefile import WEIGHTS, fetch_from_hub, locate

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
SIZE = 224
DESCRIBES = "config.json"
EXTRA_HEADS = ("googlenet", "inception_v3")  # used in training only; both also rescale their input


class Built(NamedTuple):
    """A network without its head, and the names under which the head's tensors stood."""

    net: nn.Module
    heads: tuple[str, ...]


def torchvision_model(
    name: str, weights: str | None, size: int | None, sha256: str | None
) -> Backbone:
    """Return a classification model of torchvision; `name` is one of them."""
    from torchvision import models

    available = models.get_model_weights(name)
    entry = None
    if weights == "default":
        entry = available.DEFAULT
    elif weights in available.__members__:
        entry = available[weights]
    scale, card = Preprocessing(SIZE, *IMAGENET), ModelCard(name)
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
    elif weights is not None:
        card = ModelCard(name, "see origin", licence="see origin", origin=weights)
    with _told(name, usual := scale.size, size):
        built = build_torchvision(name, size or usual)
    if weights is not None:
        path = locate(weights, [known.name for known in available], sha256=sha256)
        resize = partial(_resize_tokens, size or usual, built.net)
        fill(built.net, path, heads=built.heads, adapt=resize)
    if name in EXTRA_HEADS:
        net: Any = built.net
        net.transform_input = weights is not None
    return _backbone(name, built, scale, card, size, partial(build_torchvision, name))


def build_torchvision(name: str, size: int) -> Built:
    """Return a torchvision model as it initialises itself."""
    from torchvision import models

    how: dict[str, Any] = {}
    if name in EXTRA_HEADS:
        how = {"init_weights": True}
    elif name.startswith("vit_"):
        how = {"image_size": size}
    elif name.startswith("maxvit"):
        how = {"input_size": (size, size)}
    net = models.get_model(name, weights=None, **how)
    whole = net.state_dict()
    if name in EXTRA_HEADS:
        net.aux_logits = False
        net.aux1 = net.aux2 = net.AuxLogits = None
    if name.startswith("squeezenet"):  # its head is a convolution
        net.classifier = nn.AdaptiveAvgPool2d(1)
    else:
        path, _ = [(path, m) for path, m in net.named_modules() if isinstance(m, nn.Linear)][-1]
        net.set_submodule(path, nn.Identity())
    return Built(net, _heads(whole, net))


def _resize_tokens(size: int, net: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a ViT's tensors with its places interpolated; other networks' as they are."""
    from torchvision.models import VisionTransformer
    from torchvision.models.vision_transformer import interpolate_embeddings

    if isinstance(net, VisionTransformer) and "encoder.pos_embedding" in state:
        return dict(interpolate_embeddings(size, net.patch_size, dict(state)))
    return state


def timm_model(name: str, weights: str | None, size: int | None, sha256: str | None) -> Backbone:
    """Return "timm:NAME", "timm:hf-hub:REPOSITORY" or "timm:local-dir:FOLDER"."""
    import timm

    plain = name.removeprefix("timm:")
    folder = _folder_of(plain)
    if folder is None and not timm.is_model(plain):
        msg = (
            "backbone must be a model that timm knows, such as 'timm:resnet18', "
            f"'timm:hf-hub:REPOSITORY' or 'timm:local-dir:FOLDER'; got {name!r}"
        )
        raise ValueError(msg)
    known = plain if folder is None else _described(folder)
    config: Any
    if folder is None:
        told = timm.get_pretrained_cfg(plain)
        assert told is not None, "timm describes every model that it knows"
        config = told.to_dict()
    else:
        config = timm.create_model(f"local-dir:{folder}", pretrained=False).pretrained_cfg
    path, card = None, ModelCard(name)
    if weights is not None:
        path, origin = _timm_file(plain, weights, folder, config, sha256)
        card = ModelCard(name, "see origin", (), "see origin", origin)
        if weights == "default":
            source, licence = (config.get(key) or "see origin" for key in ("tag", "license"))
            card = ModelCard(name, source, tuple(config.get("label_names") or ()), licence, origin)
    scale = Preprocessing(
        config["input_size"][-1],
        tuple(config["mean"]),
        tuple(config["std"]),
        config["interpolation"],
    )
    with _told(name, scale.size, size):
        built = build_timm(known, size or scale.size)
    if path is not None:
        fill(built.net, path, heads=built.heads, adapt=partial(_as_timm_reads, built.net))
    backbone = _backbone(name, built, scale, card, size, partial(build_timm, known))
    backbone.architecture = f"timm:{known}"
    return backbone


def _folder_of(plain: str) -> Path | None:
    """Return the folder whose config.json describes a model; None for one that timm lists."""
    kind, _, where = plain.partition(":")
    if kind == "hf-hub":
        return fetch_from_hub(where, DESCRIBES).parent
    if kind != "local-dir":
        return None
    folder = Path(where).expanduser()
    if not (folder / DESCRIBES).is_file():
        msg = f"timm:local-dir:FOLDER needs a folder with {DESCRIBES}; got {where!r}"
        raise ValueError(msg)
    return folder


def _described(folder: Path) -> str:
    """Return the name by which timm builds the model that a folder describes."""
    facts = read_json(folder / DESCRIBES, advice=f"save the model again into {folder}")
    if not isinstance(facts.get("architecture"), str):
        msg = f"{DESCRIBES} in {folder} must name an architecture of timm; got {facts!r:.80}"
        raise ValueError(msg)
    return f"local-dir:{folder}" if facts.get("model_args") else str(facts["architecture"])


def _timm_file(
    plain: str, weights: str, folder: Path | None, config: Mapping[str, Any], sha256: str | None
) -> tuple[Path, str]:
    """Return the file of weights, and where it is from."""
    hub, url = config.get("hf_hub_id"), config.get("url")
    if weights != "default":
        return locate(weights, sha256=sha256), weights
    if folder is not None and plain.startswith("local-dir:"):
        files = [folder / name for name in (WEIGHTS, "pytorch_model.bin")]
        path = next((path for path in files if path.is_file()), files[0])
        return locate(path, sha256=sha256), str(path)
    origin = plain.partition(":")[2] if folder is not None else hub or url
    if not origin:
        msg = f"timm has no weights for {plain!r}; weights must be an address, a file or None"
        raise ValueError(msg)
    path = locate(origin, sha256=sha256) if origin == url else fetch_from_hub(origin)
    if sha256 is not None:
        check_hash(path, sha256)
    return path, origin


def build_timm(name: str, size: int) -> Built:
    """Return a model of timm as it initialises itself."""
    import timm

    net: Any = timm.create_model(name, pretrained=False)
    config = net.pretrained_cfg
    if size != config["input_size"][-1] and config.get("fixed_input_size"):
        net = timm.create_model(name, pretrained=False, img_size=size)
    whole = net.state_dict()
    net.reset_classifier(0)
    return Built(net, _heads(whole, net))


def _as_timm_reads(net: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return what timm makes of older names and other sizes before it loads a file."""
    read = getattr(sys.modules[type(net).__module__], "checkpoint_filter_fn", None)
    return dict(read(state, net)) if read else state


def _heads(whole: Mapping[str, Tensor], net: nn.Module) -> tuple[str, ...]:
    """Return the outermost modules that hold tensors of the head alone."""
    left = net.state_dict().keys()
    heads = set()
    for name in whole.keys() - left:
        owner = name.rpartition(".")[0]
        while "." in owner and not any(n.startswith(owner.rpartition(".")[0] + ".") for n in left):
            owner = owner.rpartition(".")[0]
        heads.add(owner)
    return tuple(sorted(heads))


def _backbone(
    name: str,
    built: Built,
    scale: Preprocessing,
    card: ModelCard,
    size: int | None,
    build: Callable[[int], Built],
) -> Backbone:
    """Return the backbone; the width of its features is found by trying one image."""
    without_dropout(built.net)
    at = size or scale.size
    with _told(name, scale.size, size), torch.no_grad():
        width = built.net.eval()(torch.zeros(1, 3, at, at)).flatten(1).shape[1]
    return Backbone(built.net, scale, card, width, fresh=partial(_net_of, build, at))


def _net_of(build: Callable[[int], Built], size: int) -> nn.Module:
    return build(size).net


@contextmanager
def _told(name: str, usual: int, size: int | None) -> Iterator[None]:
    """Say which network cannot take which size; what it draws is not from the global stream."""
    try:
        with Drawing(generator(0, "init")):
            yield
    except Exception as error:  # networks fail in many ways
        said = str(error).strip().split("\n")[0] or type(error).__name__
        msg = f"{name} cannot take images of {size or usual} px ({said}); its usual size is {usual}"
        raise ValueError(msg) from error
