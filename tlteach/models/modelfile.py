"""A folder that holds a trained model: safetensors, JSON and a card; checked, never executed."""

from __future__ import annotations

import copy
import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from tlteach.base import read_sums, sha256
from tlteach.base.whole import to_disk
from tlteach.models.backbone import Backbone, Classifier, ModelCard
from tlteach.models.inference import predict
from tlteach.models.lora import add_lora
from tlteach.models.preprocessing import Recipe
from tlteach.models.statefile import WEIGHTS, put, read_state

FORMAT = 1  # raise when an older tlteach would misread the folder
FACTS, CARD, SUMS = "model.json", "card.md", "SHA256"
FILES = (CARD, FACTS, WEIGHTS)
Build = Callable[..., Backbone]  # `load_backbone`; handed in, for it loads such folders itself


def write(
    folder: Path,
    classifier: Classifier,
    facts: Mapping[str, Any],
    card: str,
    *,
    overwrite: bool,
    sample: Tensor,
    build: Build,
) -> None:
    """Write a model beside `folder`, load it again to compare, then rename it into place.

    Parameters
    ----------
    folder : Path
    classifier, facts, card
        The weights, everything else as JSON, and the card.
    overwrite : bool
        Whether a model that is there gives way. A folder of anything else never does.
    sample : uint8 tensor
        Inputs on which the model that was loaded again must give the same bits.
    build : callable
        `load_backbone`.

    Raises
    ------
    ValueError
        If the model that was loaded again is another one.
    FileExistsError
        If something is there that must stay.
    """
    must_be_free(folder, overwrite=overwrite)
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = secrets.token_hex(8)
    new, old = (folder.with_name(f".{folder.name}.{mark}.{word}") for word in ("new", "old"))
    try:
        new.mkdir()
        _fill(new, classifier, facts, card)
        _check(new, classifier, sample, build)
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)  # the old model stays
            raise
    finally:
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)


def must_be_free(folder: Path, *, overwrite: bool) -> None:
    """Raise if something is there that a model must not replace."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not folder.is_dir() or {path.name for path in folder.iterdir()} - {*FILES, SUMS}:
        msg = f"{folder} exists and holds something else than a model; choose another folder"
        raise FileExistsError(msg)
    if not overwrite:
        msg = f"{folder} holds a model already; choose another folder, or say overwrite=True"
        raise FileExistsError(msg)


def _fill(folder: Path, classifier: Classifier, facts: Mapping[str, Any], card: str) -> None:
    from safetensors.torch import save_file

    state = {name: t.detach().cpu().contiguous() for name, t in classifier.state_dict().items()}
    save_file(state, folder / WEIGHTS)
    told = json.dumps({"format": FORMAT, **facts}, indent=1, allow_nan=False)
    (folder / FACTS).write_text(f"{told}\n", encoding="utf-8")
    (folder / CARD).write_text(card, encoding="utf-8")
    sums = "".join(f"{sha256(folder / name)}  {name}\n" for name in FILES)
    (folder / SUMS).write_text(sums, encoding="utf-8")  # as `sha256sum --check` reads it
    for name in (*FILES, SUMS):
        to_disk(folder / name)  # the old model goes when the folder is renamed


def _check(folder: Path, classifier: Classifier, sample: Tensor, build: Build) -> None:
    ours, theirs = (
        predict(model, sample, precision="fp32")
        for model in (classifier, rebuild(*read(folder), build))
    )
    if not torch.equal(ours, theirs):
        msg = (
            f"{classifier.backbone.card.name!r} cannot be saved: built again by load_backbone it "
            "gives other answers"
        )
        raise ValueError(msg)


def read(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return the facts and the tensors of a model's folder, after checking every file.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    ValueError
        If a file is missing or changed, or a newer tlteach wrote it.
    """
    if not folder.is_dir():
        msg = f"{folder} is not a folder that holds a model"
        raise NotADirectoryError(msg)
    missing = [name for name in (*FILES, SUMS) if not (folder / name).is_file()]
    if missing:
        msg = f"{folder.name} must hold {', '.join((*FILES, SUMS))}; missing: {', '.join(missing)}"
        raise ValueError(msg)
    sums = read_sums(folder / SUMS)
    for name in FILES:
        got, expected = sha256(folder / name), sums.get(name, "none")
        if got != expected:
            msg = (
                f"{name} in {folder.name} was changed or is damaged: its SHA-256 should be "
                f"{expected}, got {got}; save the model again"
            )
            raise ValueError(msg)
    facts: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    if facts["format"] > FORMAT:
        msg = (
            f"{folder.name} was written in format {facts['format']} by a newer tlteach; this one "
            f"reads formats up to {FORMAT}: install a newer tlteach"
        )
        raise ValueError(msg)
    return facts, read_state(folder / WEIGHTS)


def built(backbone: Backbone) -> dict[str, Any]:
    """Return what it takes to build a backbone again, beside its weights.

    Raises
    ------
    ValueError
        For a network that `load_backbone` does not know.
    """
    if not backbone.architecture:
        msg = (
            "a model can be saved if load_backbone knows its network; "
            f"{backbone.card.name!r} is a network of your own"
        )
        raise ValueError(msg)
    return {
        "architecture": backbone.architecture,
        "card": asdict(backbone.card),
        "preprocessing": backbone.preprocessing.settings(),
        "momenta": [norm.momentum for norm in _norms(backbone)],
    }


def rebuild(facts: Mapping[str, Any], state: Mapping[str, Tensor], build: Build) -> Classifier:
    """Return the network of a model's folder, in eval mode.

    Raises
    ------
    ValueError
        If this version builds another network or another preprocessing under that name.
    """
    told = facts["backbone"]
    # some networks are built for a size
    backbone = build(told["architecture"], weights=None, size=told["preprocessing"]["size"])
    backbone.preprocessing = _restored(backbone.preprocessing, told["preprocessing"])
    if any("lora_" in name for name in state):
        add_lora(backbone, seed=0)
    backbone.card = ModelCard(**told["card"] | {"classes": tuple(told["card"]["classes"])})
    # drawing fresh weights sets the pace of the statistics too, and no tensor holds it
    for norm, momentum in zip(_norms(backbone), told["momenta"], strict=True):
        norm.momentum = momentum
    classifier = Classifier(backbone, len(facts["classes"]), seed=0)
    put(classifier, state, WEIGHTS)
    return classifier.eval()


def _norms(backbone: Backbone) -> list[_BatchNorm]:
    return [module for module in backbone.modules() if isinstance(module, _BatchNorm)]


def _restored(recipe: Recipe, told: Mapping[str, Any]) -> Recipe:
    def plain(settings: Mapping[str, Any]) -> Any:
        return json.loads(json.dumps(settings))

    own = recipe.settings()
    known = {field.name for field in fields(recipe)}
    changed: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in told.items()
        if name in known
    }
    recipe = replace(recipe, **changed)
    if plain(recipe.settings()) != plain(told):
        msg = f"the preprocessing should be {plain(told)}; this tlteach has {plain(own)}"
        raise ValueError(msg)
    return recipe


def as_source(classifier: Classifier, facts: Mapping[str, Any], name: str) -> Backbone:
    """Return a copy of a trained network as something to start from; its card says what it learnt.

    Parameters
    ----------
    classifier : Classifier
    facts : mapping
        "classes", and "data" with the name and licence of what it learnt from.
    name : str
        For its card.
    """
    backbone = copy.deepcopy(classifier.backbone).unfreeze().eval()
    before, data = backbone.card, facts["data"]
    start = "" if before.source == "none" else f", after {before.source} ({before.name})"
    licence = f"data: {data['licence']}; weights: {before.licence}"
    origin = f"trained on {data['name']}{start}"
    backbone.card = ModelCard(name, data["name"], tuple(facts["classes"]), licence, origin)
    return backbone
