"""Curves of the atlas: what is learned and what other images show, update by update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch
import torch.nn.functional as F

from tlteach.atlas.runs import CONFIG, atlas_backbone
from tlteach.base import checked, generator
from tlteach.data import Split, Task, all_labels, few_shot, load_task
from tlteach.measures import accuracy
from tlteach.models import Backbone, small_cnn
from tlteach.training import get_regime, train

WATCHED = 500  # images whose labels only draw a curve
# Nothing is searched, so what a search would settle is the same for all.
SAME = replace(CONFIG, statistics="move", head_factor=1.0)
CURVE = replace(SAME, lr=0.05, updates=300, measure_every=15)
UPDATES = {5: 300, 10: 600, 50: 1200}  # of "progress", by shots
POINTS = 20  # of a curve
COLUMNS = ["step", "split", "metric", "value"]
FROM = "small:glyphs"  # what the curves of overfitting are fine-tuned from


def overfitting_net(regime: str, width: float, seed: int) -> Backbone:
    """Return the network that a curve of overfitting starts from."""
    return small_cnn(width) if regime == "scratch" else atlas_backbone(FROM, seed)


def run_overfitting(
    path: Path | None,
    watched: str,
    shots: int,
    width: float,
    augment: str,
    weight_decay: float,
    seeds: Sequence[int],
    regime: str = "scratch",
) -> pd.DataFrame:
    """Train on few images of clothes and measure along the way."""
    tables = []
    for seed in seeds:
        few = few_shot(load_task("fashion"), shots, seed=seed)
        few = replace(few, train=few.labelled, val=watched_images(few, watched))
        net = overfitting_net(regime, width, seed)
        config = replace(CURVE, weight_decay=weight_decay, augment=augment)
        history = train(net, few, regime, config, seed=seed, device="cpu").history
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
                regime=regime,
            )
        )
    return pd.concat(tables, ignore_index=True)


def run_memorised(
    path: Path | None,
    shots: int,
    width: float,
    augment: str,
    weight_decay: float,
    regime: str = "scratch",
    seed: int = 0,
) -> pd.DataFrame:
    """Return what a net says of every training image at the end of a curve of overfitting."""
    few = all_labels(few_shot(load_task("fashion"), shots, seed=seed))
    net = overfitting_net(regime, width, seed)
    config = replace(CURVE, weight_decay=weight_decay, augment=augment, measure_every=0)
    logits = train(net, few, regime, config, seed=seed, device="cpu").predictions["train"]
    losses = F.cross_entropy(logits, few.train.labels, reduction="none")
    return pd.DataFrame(
        {
            "image": few.train.index.numpy(),
            "label": few.train.labels.numpy(),
            "said": logits.argmax(1).numpy(),
            "loss": losses.numpy(),
            "value": losses.neg().exp().numpy(),  # the confidence in the label
        }
    ).assign(
        shots=shots,
        width=width,
        augment=augment,
        weight_decay=weight_decay,
        regime=regime,
        seed=seed,
    )


def run_progress(
    path: Path | None,
    name: str,
    backbone: str,
    regime: str,
    shots: int,
    seeds: Sequence[int],
) -> pd.DataFrame:
    """Train with the middle of the range and measure along the way."""
    how, task, tables = get_regime(regime), load_task(name), []
    middle, updates = (how.low * how.high) ** 0.5, UPDATES[shots]
    config = replace(SAME, lr=middle, c=middle, updates=updates, measure_every=updates // POINTS)
    for seed in seeds:
        few = few_shot(task, shots, seed=seed)
        few = replace(few, train=few.labelled, val=watched_images(few, "pool"))
        net = atlas_backbone(backbone, seed)
        run = train(net, few, how, config, seed=seed, device="cpu")
        measured = run.history
        if measured.empty:  # solved at once
            known = accuracy(run.predictions["val"], few.val.labels)
            measured = pd.DataFrame([(0, "val", "accuracy", known)], columns=COLUMNS)
        measured = measured[(measured["metric"] == "accuracy") & (measured["split"] == "val")]
        measured = measured[COLUMNS]
        where = measured.assign(task=name, backbone=backbone, regime=regime, shots=shots)
        tables.append(where.assign(seed=seed))
    return pd.concat(tables, ignore_index=True)


@checked
def watched_images(few: Task, name: str) -> Split:
    """Return images to draw a curve on; of the test split only to show what choosing there does.

    Parameters
    ----------
    few : Task
        Such as from `few_shot`.
    name : {"pool", "test 200", "test rest"}
        Which images.

    Returns
    -------
    Split
        At most 500 of the pool; else 200 of the test split, or its others.

    Examples
    --------
    >>> few = few_shot(load_task("fashion_5_9"), 5, seed=0)
    >>> len(watched_images(few, "pool")), len(watched_images(few, "test 200"))
    (500, 200)
    """
    if name == "pool":
        every = max(1, len(few.pool) // WATCHED)
        return few.pool.select(few.pool.index.argsort()[::every][:WATCHED])
    rows = torch.arange(len(few.test))
    order = torch.randperm(len(rows), generator=generator(0, "test"))
    return few.test.select(order[:200] if name == "test 200" else order[200:])
