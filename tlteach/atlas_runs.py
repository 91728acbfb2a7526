"""How each row of the atlas comes about: by the package's own functions, on the CPU, in fp32."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch

from tlteach.adaptation import adapt, reestimate_statistics, unlabelled
from tlteach.backbones import Backbone, Classifier
from tlteach.cells import all_labels
from tlteach.cells import score as answered
from tlteach.data import Split, Task, few_shot, load_task
from tlteach.distances import mmd
from tlteach.experiment import compare
from tlteach.inference import extract_features, predict
from tlteach.probe import fit_probes
from tlteach.regimes import get_regime
from tlteach.seeding import generator
from tlteach.settings import TrainConfig
from tlteach.shift import shifted, style_mix
from tlteach.small import load_small, small_cnn
from tlteach.sources import only_classes
from tlteach.training import train
from tlteach.transferability import METHODS, score
from tlteach.zoo import load_backbone

SOURCE_SEEDS = 5  # run s starts from the source's run s modulo 5
FP32 = TrainConfig(precision="fp32")  # the same numbers on processors with and without bfloat16
# The same for every regime of a small network, so that none has more than another; more labels
# need more before a network from scratch stops gaining.
UPDATES = {1: 300, 2: 300, 5: 300, 10: 600, 20: 600, 50: 1200, 100: 1200}  # by shots
LITE0_SIZE = 64
SCORED = 10  # labels per class at which transferability is scored
WATCHED = 500  # images whose labels only draw a curve
CURVE = TrainConfig(lr=0.05, updates=300, precision="fp32", measure_every=15)
MISMATCH_SHOTS = 10
SEVERITIES = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
STYLES = ("noto", "fluent_flat")  # learnt, and mixed in by the dial "style"


def target(name: str) -> Task:
    """Return a target of the atlas.

    Examples
    --------
    >>> target("fashion_5_9").classes
    ('sandal', 'shirt', 'sneaker', 'bag', 'ankle boot')
    """
    if name == "fashion_5_9":
        fashion = load_task("fashion")
        return replace(only_classes(fashion, fashion.classes[5:]), name=name)
    style = name.removeprefix("emoji_")
    if style != name:
        return replace(load_task("emoji", domains=[style]), name=name)
    return load_task(name)


def possible(task: Task, shots: Sequence[int]) -> list[int]:
    """Return the numbers of shots that the smallest class allows."""
    most = int(torch.bincount(task.labelled.labels, minlength=task.n_classes).min())
    return [k for k in shots if k <= most]


def run_transfer(
    path: Path | None,
    name: str,
    backbone: str,
    seeds: tuple[int, ...],
    regimes: tuple[str, ...],
    shots: tuple[int, ...],
    baselines: tuple[str, ...],
) -> pd.DataFrame:
    """Compare regimes on one target; two configurations are searched for each."""
    task = target(name)
    steps: dict[int | None, list[int]] = {}
    for k in possible(task, shots):
        steps.setdefault(None if backbone == "lite0" else UPDATES[k], []).append(k)
    tables = [
        compare(
            task,
            backbone=atlas_backbone(backbone, seeds[0]),
            regimes=regimes,
            shots=group,
            seeds=seeds,
            search="smoke",
            config=replace(FP32, updates=updates),
            baselines=baselines,
            out=path,
            n_jobs=1,
            device="cpu",
            progress=False,
        )
        for updates, group in steps.items()
    ]
    return pd.concat(tables, ignore_index=True)


def atlas_backbone(name: str, seed: int) -> Backbone:
    """Load the backbone that run `seed` of the atlas starts from."""
    size = LITE0_SIZE if name == "lite0" else None
    return load_backbone(name, seed=_source_run(name, seed), size=size)


def _source_run(name: str, seed: int) -> int:
    return 0 if name == "lite0" else seed % SOURCE_SEEDS


def run_scores(path: Path | None, name: str, backbone: str, seeds: Sequence[int]) -> pd.DataFrame:
    """Score a backbone on the labels of each seed, with shuffled labels as control."""
    task = target(name)
    tables = []
    for seed in seeds:
        few = few_shot(task, SCORED, seed=seed)
        net = atlas_backbone(backbone, seed)
        features = extract_features(net, few.labelled.images, precision="fp32")
        said = None
        if backbone.startswith("small:"):
            model = load_small(net.card.source, seed=_source_run(backbone, seed))
            said = predict(model, few.labelled.images, precision="fp32").softmax(1)
        table = score(features, few, METHODS, seed=seed, source_probabilities=said)
        tables.append(table.assign(task=name, backbone=backbone, shots=SCORED, seed=seed))
    return pd.concat(tables, ignore_index=True)


def run_overfitting(
    path: Path | None,
    watched: str,
    shots: int,
    width: float,
    augment: str,
    weight_decay: float,
    seeds: Sequence[int],
) -> pd.DataFrame:
    """Train `small_cnn` on few images of clothes and measure along the way."""
    task = load_task("fashion")
    tables = []
    config = replace(CURVE, weight_decay=weight_decay, augment=augment)
    for seed in seeds:
        few = few_shot(task, shots, seed=seed)
        few = replace(few, train=few.labelled, val=watched_images(few, watched))
        net = small_cnn(width)
        history = train(net, few, "scratch", config, seed=seed, device="cpu").history
        measured = history[history["metric"].isin(["accuracy", "log_loss"])]
        parameters = sum(p.numel() for p in net.parameters())
        tables.append(
            measured.assign(
                watched=watched,
                shots=shots,
                width=width,
                parameters=parameters,
                augment=augment,
                weight_decay=weight_decay,
                seed=seed,
            )
        )
    return pd.concat(tables, ignore_index=True)


def watched_images(few: Task, name: str) -> Split:
    """Return images to draw a curve on; of the test split only to show what choosing there does."""
    if name == "pool":
        every = max(1, len(few.pool) // WATCHED)
        return few.pool.select(few.pool.index.argsort()[::every][:WATCHED])
    rows = torch.arange(len(few.test))
    order = torch.randperm(len(rows), generator=generator(0, "test"))
    return few.test.select(order[:200] if name == "test 200" else order[200:])


def run_mismatch(
    path: Path | None, task: str, backbone: str, regime: str, dial: str, seeds: Sequence[int]
) -> pd.DataFrame:
    """Train on clean images, then test at each severity, with and without adapting to it.

    Nothing is searched: the learning rate or C is the middle of the regime's range.
    """
    how = get_regime(regime)
    middle = (how.low * how.high) ** 0.5
    updates = None if how.solver == "logistic" else CURVE.updates
    config = replace(FP32, lr=middle, c=middle, updates=updates)
    tasks = {severity: moved(task, dial, severity) for severity in SEVERITIES}
    fews = {s: all_labels(few_shot(tasks[0.0], MISMATCH_SHOTS, seed=s)) for s in seeds}
    rows = []
    if how.solver == "logistic":
        nets = {_source_run(backbone, s): atlas_backbone(backbone, s) for s in seeds}
        for severity, moved_task in tasks.items():
            for number, net in nets.items():
                mine = {s: f.train for s, f in fews.items() if _source_run(backbone, s) == number}
                rows += [(severity, *found) for found in _frozen(net, moved_task, mine, middle)]
                far = _distance(net, tasks[0.0], moved_task)
                rows.append((severity, number, "none", "mmd", far))
    else:
        for seed, few in fews.items():
            model = train(
                atlas_backbone(backbone, seed), few, how, config, seed=seed, device="cpu"
            ).model
            for severity, moved_task in tasks.items():
                rows += [(severity, seed, *found) for found in _trained(model, moved_task)]
    columns = ["severity", "seed", "adaptation", "metric", "value"]
    place = {"task": task, "backbone": backbone, "regime": regime, "dial": dial}
    return pd.DataFrame(rows, columns=columns).assign(**place, shots=MISMATCH_SHOTS)


def _frozen(
    net: Backbone, task: Task, labelled: dict[int, Split], c: float
) -> Iterator[tuple[int, str, str, float]]:
    """Yield what heads on frozen features get, by seed and way to adapt."""
    for way in ("none", "statistics", "coral"):
        fitted = adapt(net, task, way, precision="fp32")
        test = extract_features(fitted.backbone, task.test.images, precision="fp32")
        for seed, split in labelled.items():
            known, rows = fitted.labelled(split.images), [torch.arange(len(split))]
            probes = fit_probes(known, split.labels, rows, [c], n_classes=task.n_classes)
            for metric, value in answered(probes.logits(test)[0, 0], task.test.labels).items():
                yield seed, way, metric, value


def _trained(model: Classifier, task: Task) -> Iterator[tuple[str, str, float]]:
    """Yield what a trained network gets, with its own statistics and with the target's."""
    backbones = {
        "none": model.backbone,
        "statistics": reestimate_statistics(model.backbone, unlabelled(task)),
    }
    for way, backbone in backbones.items():
        features = predict(backbone, task.test.images, precision="fp32")
        with torch.no_grad():
            logits = model.head(features)
        for metric, value in answered(logits, task.test.labels).items():
            yield way, metric, value


def _distance(backbone: Backbone, clean: Task, task: Task) -> float:
    near, far = (extract_features(backbone, t.test.images, precision="fp32") for t in (clean, task))
    return mmd(near, far, permutations=1, seed=0)[0]


def moved(name: str, dial: str, severity: float) -> Task:
    """Return a target of the mismatch grid with its test and pool images dialled.

    Examples
    --------
    >>> moved("fashion_5_9", "noise", 3).domains
    ('clean', 'noise 3')
    """
    if dial == "style":
        source, other = STYLES
        return style_mix(load_task("emoji"), severity, source=source, to=other)
    return shifted(target(name), dial, severity)
