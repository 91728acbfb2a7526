"""What the size of a source buys: networks that learnt a share of it, on one target."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch

from tlteach.atlas.runs import run_transfer
from tlteach.base import in_range
from tlteach.data import Task, all_labels, few_shot
from tlteach.models import Backbone, load_small, load_source
from tlteach.models.small import net_for
from tlteach.training import train
from tlteach.training.pretrain import RECIPE

SHOTS = 10
REGIMES = ("frozen", "fine_tune")


def run_sizes(path: Path | None, name: str, source: str, share: float, seed: int) -> pd.DataFrame:
    """Pretrain on a share of a source, then meet the target as in "transfer"."""
    part = share_of(source, share, seed=seed)
    net, seconds = learnt(part, source, share, seed)
    rows = run_transfer(path, name, net, (seed,), REGIMES, (SHOTS,), ())
    return rows.assign(share=share, source_images=len(part.train), pretrain_seconds=seconds)


def share_of(source: str, share: float, *, seed: int) -> Task:
    """Keep a share of a source: as many images of every class, the larger holding the smaller.

    Parameters
    ----------
    source : str
        A key of `SOURCES`.
    share : float
        0 to 1, of the images of its smallest class, and at least one. 1 keeps every image.
    seed : int
        Draws the images (stream "subset").

    Examples
    --------
    >>> len(share_of("fashion_0_4", 0.25, seed=0).train)
    750
    """
    in_range("share", share, 0, 1)
    whole = load_source(source, seed=seed)
    if share == 1:
        return whole
    fewest = int(torch.bincount(whole.train.labels, minlength=whole.n_classes).min())
    return all_labels(few_shot(whole, max(1, round(share * fewest)), seed=seed))


def learnt(part: Task, source: str, share: float, seed: int) -> tuple[Backbone, float]:
    """Train the small network by the recipe of the shipped ones, as many updates for any share.

    All of a source is what the shipped one learnt: nothing is trained, in 0 seconds.
    """
    shipped = load_small(source, seed=seed).backbone
    if share == 1:
        return shipped, 0.0
    run = train(net_for(source), part, "scratch", RECIPE, seed=seed, device="cpu")
    net = run.model.backbone
    net.card = replace(shipped.card, origin=f"{shipped.card.origin}, {len(part.train)} images")
    return net, run.seconds
