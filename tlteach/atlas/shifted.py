"""The atlas under domain mismatch: learned clean, tested with a dial turned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from tlteach.atlas.runs import FP32, atlas_backbone, first_recipe, source_run
from tlteach.base import rng
from tlteach.data import Split, Task, all_labels, few_shot, load_task
from tlteach.data.shift import shifted, style_mix
from tlteach.experiment import score as answered
from tlteach.measures import fit_probes, mmd, proxy_a_distance
from tlteach.models import Backbone, Classifier, extract_features, predict
from tlteach.training import adapt, get_regime, reestimate_statistics, train, unlabelled

SHOTS = 10
LABELS_THERE = 2  # per class, moved, on top of the clean ones: the way to adapt "labels"
STEPS = 300
SEVERITIES = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
STYLES = ("noto", "fluent_flat")  # learnt, and mixed in by the dial "style"
Found = tuple[int, str, str, float]  # seed, way to adapt, metric, value


def run_mismatch(
    path: Path | None, task: str, backbone: str, regime: str, dial: str, seeds: Sequence[int]
) -> pd.DataFrame:
    """Train on clean images, then test at each severity, with and without adapting to it.

    Nothing is searched: the learning rate or C is the middle of the regime's range.
    """
    how = first_recipe(regime)
    middle = (how.low * how.high) ** 0.5
    updates = None if how.solver == "logistic" else STEPS
    config = replace(FP32, lr=middle, c=middle, updates=updates)
    tasks = {severity: moved(task, dial, severity) for severity in SEVERITIES}
    fews = {s: all_labels(few_shot(tasks[0.0], SHOTS, seed=s)) for s in seeds}
    rows: list[tuple[float, int, str, str, float]] = []
    if how.solver == "logistic":
        nets = {source_run(backbone, s): atlas_backbone(backbone, s) for s in seeds}
        for severity, there in tasks.items():
            for number, net in nets.items():
                mine = {s: f.train for s, f in fews.items() if source_run(backbone, s) == number}
                rows += [(severity, *found) for found in _frozen(net, there, mine)]
                for metric, far in _distances(net, tasks[0.0], there).items():
                    rows.append((severity, number, "none", metric, far))
    else:
        for seed, few in fews.items():
            net = atlas_backbone(backbone, seed)
            model = train(net, few, how, config, seed=seed, device="cpu").model
            for severity, there in tasks.items():
                rows += [(severity, *found) for found in _trained(model, there, few.train, seed)]
    columns = ["severity", "seed", "adaptation", "metric", "value"]
    place = {"task": task, "backbone": backbone, "regime": regime, "dial": dial}
    return pd.DataFrame(rows, columns=columns).assign(**place, shots=SHOTS)


def _frozen(net: Backbone, task: Task, labelled: dict[int, Split]) -> Iterator[Found]:
    """Yield what heads on frozen features get, by seed and way to adapt."""
    for way in ("none", "statistics", "coral"):
        fitted = adapt(net, task, way, precision="fp32")
        test = extract_features(fitted.backbone, task.test.inputs, precision="fp32")
        for seed, split in labelled.items():
            yield from _answers(fitted.labelled(split.inputs), split.labels, test, task, seed, way)
    test = extract_features(net, task.test.inputs, precision="fp32")
    for seed, split in labelled.items():
        both = split.joined(labels_there(task, seed))
        known = extract_features(net, both.inputs, precision="fp32")
        yield from _answers(known, both.labels, test, task, seed, "labels")


def _trained(model: Classifier, task: Task, labelled: Split, seed: int) -> Iterator[Found]:
    """Yield what a trained network gets: its own statistics, the target's, and a few labels."""
    backbones = {
        "none": model.backbone,
        "statistics": reestimate_statistics(model.backbone, unlabelled(task)),
    }
    for way, backbone in backbones.items():
        features = predict(backbone, task.test.inputs, precision="fp32")
        with torch.no_grad():
            logits = model.head(features)
        for metric, value in answered(logits, task.test.labels).items():
            yield seed, way, metric, value
    both = labelled.joined(labels_there(task, seed))
    known, test = (
        predict(model.backbone, images, precision="fp32")
        for images in (both.inputs, task.test.inputs)
    )
    yield from _answers(known, both.labels, test, task, seed, "labels")


def _answers(
    known: Tensor, labels: Tensor, test: Tensor, task: Task, seed: int, way: str
) -> Iterator[Found]:
    """Yield what a head by logistic regression gets; C is the middle of the range of "frozen"."""
    frozen = get_regime("frozen")
    c = (frozen.low * frozen.high) ** 0.5
    rows = [torch.arange(len(labels))]
    probes = fit_probes(known, labels, rows, [c], n_classes=task.n_classes)
    for metric, value in answered(probes.logits(test)[0, 0], task.test.labels).items():
        yield seed, way, metric, value


def labels_there(task: Task, seed: int) -> Split:
    """Return a few moved images of every class, whose labels are paid for (stream "subset").

    Examples
    --------
    >>> few = labels_there(moved("fashion_5_9", "noise", 3), seed=0)
    >>> torch.bincount(few.labels).tolist()
    [2, 2, 2, 2, 2]
    """
    order = torch.from_numpy(rng(seed, "subset").permutation(len(task.pool)))
    labels = task.pool.labels[order]
    rows = [order[labels == c][:LABELS_THERE] for c in range(task.n_classes)]
    return task.pool.select(torch.cat(rows))


def _distances(backbone: Backbone, clean: Task, task: Task) -> dict[str, float]:
    near, far = (extract_features(backbone, t.test.inputs, precision="fp32") for t in (clean, task))
    return {
        "mmd": mmd(near, far, permutations=1, seed=0)[0],
        "a_distance": proxy_a_distance(near, far, seed=0),
    }


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
    return shifted(load_task(name), dial, severity)
