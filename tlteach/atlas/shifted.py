"""The atlas under domain mismatch: learned clean, tested with a dial turned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from tlteach.atlas.curves import SAME
from tlteach.atlas.runs import atlas_backbone, source_run
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
LOOKED = 12  # test images whose answers are kept, of the first seed
Said = tuple[int, str, Tensor]  # seed, way to adapt, logits on the test split


def run_mismatch(
    path: Path | None, task: str, backbone: str, regime: str, dial: str, seeds: Sequence[int]
) -> pd.DataFrame:
    """Train on clean images, then test at each severity, with and without adapting to it.

    Nothing is searched: the learning rate or C is the middle of the regime's range.
    """
    tasks = {severity: moved(task, dial, severity) for severity in SEVERITIES}
    rows: list[tuple[float, int, str, str, float]] = []
    for severity, there in tasks.items():
        for seed, way, logits in _said(task, backbone, regime, (tasks[0.0], there), seeds):
            for metric, value in answered(logits, there.test.labels).items():
                rows.append((severity, seed, way, metric, value))
        if get_regime(regime).solver == "logistic":
            for number, net in _nets(backbone, seeds).items():
                for metric, far in _distances(net, tasks[0.0], there).items():
                    rows.append((severity, number, "none", metric, far))
    columns = ["severity", "seed", "adaptation", "metric", "value"]
    place = {"task": task, "backbone": backbone, "regime": regime, "dial": dial}
    return pd.DataFrame(rows, columns=columns).assign(**place, shots=SHOTS)


def run_answers(
    path: Path | None, task: str, backbone: str, regime: str, dial: str
) -> pd.DataFrame:
    """Return what the first seed of `run_mismatch` says of a dozen test images, moved."""
    rows, clean = [], moved(task, dial, 0.0)
    at = looked_at(len(clean.test))
    for severity in SEVERITIES:
        there = moved(task, dial, severity)
        for _, way, logits in _said(task, backbone, regime, (clean, there), (0,)):
            sure, said = logits.softmax(1)[at].max(1)
            labels = there.test.labels[at].tolist()
            for image, answer in enumerate(zip(labels, said.tolist(), sure.tolist(), strict=True)):
                rows.append((severity, way, image, *answer))
    columns = ["severity", "adaptation", "image", "label", "said", "value"]
    place = {"task": task, "backbone": backbone, "regime": regime, "dial": dial}
    return pd.DataFrame(rows, columns=columns).assign(**place)


def looked_at(n: int) -> Tensor:
    """Return which of n test images are shown, drawn before anybody saw an answer.

    Examples
    --------
    >>> len(looked_at(100)), bool((looked_at(100) == looked_at(100)).all())
    (12, True)
    """
    return torch.from_numpy(rng(0, "test").permutation(n)[:LOOKED])


def _said(
    task: str, backbone: str, regime: str, sides: tuple[Task, Task], seeds: Sequence[int]
) -> Iterator[Said]:
    """Yield what every seed says of moved test images, with each way to adapt to them.

    `sides` are the task as it was learnt and as it is tested.
    """
    clean, there = sides
    fews = {s: all_labels(few_shot(clean, SHOTS, seed=s)).train for s in seeds}
    if get_regime(regime).solver == "logistic":
        for number, net in _nets(backbone, seeds).items():
            mine = {s: few for s, few in fews.items() if source_run(backbone, s) == number}
            yield from _frozen(net, there, mine)
    else:
        for seed, few in fews.items():
            yield from _trained(_learnt(task, backbone, regime, seed), there, few, seed)


def _nets(backbone: str, seeds: Sequence[int]) -> dict[int, Backbone]:
    """Return the backbones that the seeds start from, by the number of their pretraining."""
    return {source_run(backbone, seed): atlas_backbone(backbone, seed) for seed in seeds}


@cache
def _learnt(task: str, backbone: str, regime: str, seed: int) -> Classifier:
    """Train on clean images, the same whichever dial is turned later."""
    how, few = get_regime(regime), all_labels(few_shot(load_task(task), SHOTS, seed=seed))
    config = replace(SAME, lr=(how.low * how.high) ** 0.5, updates=STEPS)
    return train(atlas_backbone(backbone, seed), few, how, config, seed=seed, device="cpu").model


def _frozen(net: Backbone, task: Task, labelled: dict[int, Split]) -> Iterator[Said]:
    """Yield what heads on frozen features say, by seed and way to adapt."""
    for way in ("none", "statistics", "coral"):
        fitted = adapt(net, task, way, precision="fp32")
        test = extract_features(fitted.backbone, task.test.inputs, precision="fp32")
        for seed, split in labelled.items():
            yield seed, way, _head(fitted.labelled(split.inputs), split.labels, test, task)
    test = extract_features(net, task.test.inputs, precision="fp32")
    for seed, split in labelled.items():
        both = (split, labels_there(task, seed))
        # each by itself: what was learnt clean is read once for all severities
        known = torch.cat([extract_features(net, one.inputs, precision="fp32") for one in both])
        yield seed, "labels", _head(known, torch.cat([one.labels for one in both]), test, task)


def _trained(model: Classifier, task: Task, labelled: Split, seed: int) -> Iterator[Said]:
    """Yield what a trained network says: its own statistics, the target's, and a few labels."""
    backbones = {
        "none": model.backbone,
        "statistics": reestimate_statistics(model.backbone, unlabelled(task)),
    }
    for way, backbone in backbones.items():
        features = predict(backbone, task.test.inputs, precision="fp32")
        with torch.no_grad():
            yield seed, way, model.head(features)
    both = labelled.joined(labels_there(task, seed))
    known, test = (
        predict(model.backbone, images, precision="fp32")
        for images in (both.inputs, task.test.inputs)
    )
    yield seed, "labels", _head(known, both.labels, test, task)


def _head(known: Tensor, labels: Tensor, test: Tensor, task: Task) -> Tensor:
    """Return what a head by logistic regression says; C is the middle of the range of "frozen"."""
    frozen = get_regime("frozen")
    c = (frozen.low * frozen.high) ** 0.5
    rows = [torch.arange(len(labels))]
    return fit_probes(known, labels, rows, [c], n_classes=task.n_classes).logits(test)[0, 0]


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
