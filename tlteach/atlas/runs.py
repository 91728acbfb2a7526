"""How each row of the atlas comes about: by the package's own functions, on the CPU, in fp32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from tlteach.analysis.transferability import METHODS, score
from tlteach.data import Task, few_shot, load_task
from tlteach.experiment import Search, compare
from tlteach.models import Backbone, extract_features, load_backbone, load_small, predict
from tlteach.training import Regime, TrainConfig, get_regime, partial

SOURCE_SEEDS = 5  # run s starts from the source's run s modulo 5
FP32 = TrainConfig(precision="fp32")  # the same numbers on processors with and without bfloat16
# The rows that ship were made by the first recipe: each regime its own range of learning rates, two
# settings tried, a fixed number of updates. They say so on their card, and are made again by it.
FIRST: dict[str, dict[str, Any]] = {
    "scratch": {"statistics": "move", "head_factor": 1.0, "low": 1e-2, "high": 3e-1},
    "lora": {"statistics": "still", "head_factor": 1.0, "low": 3e-3, "high": 3e-1},
    "fine_tune_moving": {"statistics": "move", "head_factor": 10.0, "low": 3e-4, "high": 3e-2},
}
SOLVED: dict[str, Any] = {"low": 1e-6, "high": 1e2}  # of C
TUNED: dict[str, Any] = {"statistics": "still", "head_factor": 10.0, "low": 3e-4, "high": 3e-2}
TWO = Search(drawn=2, further=0, first=0, cs=2, variants=False, folds=False, by="accuracy")
# The same for every regime of a small network, so that none has more than another; more labels
# need more before a network from scratch stops gaining.
UPDATES = {1: 300, 2: 300, 5: 300, 10: 600, 20: 600, 50: 1200, 100: 1200}  # by shots
LITE0_SIZE = 64
LARGE = ("lite0", "minilm")
BRIEF = 40  # updates of these
SCORED = 10  # labels per class at which transferability is scored


def possible(task: Task, shots: Sequence[int]) -> list[int]:
    """Return the numbers of shots that the smallest class allows."""
    most = int(torch.bincount(task.labelled.labels, minlength=task.n_classes).min())
    return [k for k in shots if k <= most]


def first_recipe(regime: str | Regime) -> Regime:
    """Return a regime as the rows that ship were made.

    Examples
    --------
    >>> first_recipe("fine_tune").high, first_recipe("scratch").high, first_recipe("frozen").high
    (0.03, 0.3, 100.0)
    """
    found = get_regime(regime)
    usual = SOLVED if found.solver == "logistic" else TUNED
    return replace(found, **FIRST.get(found.name, usual))


def run_transfer(
    path: Path | None,
    name: str,
    backbone: str,
    seeds: tuple[int, ...],
    regimes: tuple[str | Regime, ...],
    shots: tuple[int, ...],
    baselines: tuple[str, ...],
) -> pd.DataFrame:
    """Compare regimes on one target; two configurations are searched for each."""
    task = load_task(name)
    steps: dict[int, list[int]] = {}
    for k in possible(task, shots):
        steps.setdefault(BRIEF if backbone in LARGE else UPDATES[k], []).append(k)
    tables = [
        compare(
            task,
            backbone=atlas_backbone(backbone, seeds[0]),
            regimes=[first_recipe(regime) for regime in regimes],
            shots=group,
            seeds=seeds,
            search=TWO,
            config=replace(FP32, updates=updates, until="end", augment="shift"),
            baselines=baselines,
            out=path,
            n_jobs=1,
            device="cpu",
            progress=False,
        )
        for updates, group in steps.items()
    ]
    return pd.concat(tables, ignore_index=True)


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
