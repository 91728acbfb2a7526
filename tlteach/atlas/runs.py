"""How each row of the atlas comes about: by the package's own functions, on the CPU, in fp32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch

from tlteach.analysis.transferability import METHODS, score
from tlteach.data import Task, few_shot, load_task
from tlteach.experiment import Search, compare
from tlteach.models import Backbone, extract_features, load_backbone, load_small, predict
from tlteach.training import Regime, TrainConfig, partial

SOURCE_SEEDS = 5  # run s starts from the source's run s modulo 5
# fp32: the same numbers on processors with and without bfloat16
CONFIG = TrainConfig(precision="fp32", augment="shift")
SEARCH = Search(drawn=4, further=2, first=32, cs=12)
# An update of these costs forty times as much: shorter heats, and statistics stay at their default.
LARGE = ("lite0", "minilm")
SHORT = replace(SEARCH, first=10, variants=False)
LITE0_SIZE = 64
SCORED = 10  # labels per class at which transferability is scored


def possible(task: Task, shots: Sequence[int]) -> list[int]:
    """Return the numbers of shots that the smallest class allows."""
    most = int(torch.bincount(task.labelled.labels, minlength=task.n_classes).min())
    return [k for k in shots if k <= most]


def run_transfer(
    path: Path | None,
    name: str,
    backbone: str | Backbone,
    seeds: tuple[int, ...],
    regimes: tuple[str | Regime, ...],
    shots: tuple[int, ...],
    baselines: tuple[str, ...],
) -> pd.DataFrame:
    """Compare regimes on one target by the package's own recipe."""
    task = load_task(name)
    net = atlas_backbone(backbone, seeds[0]) if isinstance(backbone, str) else backbone
    return compare(
        task,
        backbone=net,
        regimes=regimes,
        shots=possible(task, shots),
        seeds=seeds,
        search=SHORT if backbone in LARGE else SEARCH,
        config=CONFIG,
        baselines=baselines,
        out=path,
        n_jobs=1,
        device="cpu",
        progress=False,
    )


def run_layers(
    path: Path | None, name: str, backbone: str, seeds: tuple[int, ...], shots: tuple[int, ...]
) -> pd.DataFrame:
    """Let the last stages learn: none, one, two, ..., all."""
    some = [partial(k) for k in range(1, len(load_backbone(backbone).stages))]
    return run_transfer(path, name, backbone, seeds, ("frozen", *some, "fine_tune"), shots, ())


def atlas_backbone(name: str, seed: int) -> Backbone:
    """Load the backbone that run `seed` of the atlas starts from."""
    size = LITE0_SIZE if name == "lite0" else None
    return load_backbone(name, seed=source_run(name, seed), size=size)


def source_run(name: str, seed: int) -> int:
    """Return which pretraining of a source run `seed` starts from."""
    return 0 if name in LARGE else seed % SOURCE_SEEDS


def run_scores(path: Path | None, name: str, backbone: str, seeds: Sequence[int]) -> pd.DataFrame:
    """Score a backbone on the labels of each seed, with shuffled labels as control."""
    task = load_task(name)
    tables = []
    for seed in seeds:
        few = few_shot(task, SCORED, seed=seed)
        net = atlas_backbone(backbone, seed)
        features = extract_features(net, few.labelled.inputs, precision="fp32")
        said = None
        if backbone.startswith("small:"):
            model = load_small(net.card.source, seed=source_run(backbone, seed))
            said = predict(model, few.labelled.inputs, precision="fp32").softmax(1)
        table = score(features, few, METHODS, seed=seed, source_probabilities=said)
        tables.append(table.assign(task=name, backbone=backbone, shots=SCORED, seed=seed))
    return pd.concat(tables, ignore_index=True)
