"""Train on all labels, and again at half the rate where that training dies."""

from __future__ import annotations

from dataclasses import replace

import torch

from tlteach.data import Task
from tlteach.experiment.race import LATEST, has_begun
from tlteach.models import Backbone
from tlteach.training import Regime, Run, TrainConfig
from tlteach.training.run import attempt

HALVINGS = 3  # of the rate of a training that dies, at most


def train_alive(
    net: Backbone,
    whole: Task,
    regime: str | Regime,
    config: TrainConfig,
    *,
    learns: bool,
    seed: int,
    device: str | torch.device | None = None,
) -> list[Run]:
    """Train with a setting that was chosen on fewer labels; return every attempt, the last to keep.

    A rate near the top may carry a few labels and kill the network on all of them. A training that
    stays at guessing, where the setting `learns` on fewer, goes again at half the rate.

    Examples
    --------
    >>> from tlteach.data import all_labels, few_shot, load_task
    >>> from tlteach.models import small_cnn
    >>> whole = all_labels(few_shot(load_task("digits"), 5, seed=0))
    >>> short = TrainConfig(lr=0.1, updates=2)
    >>> len(train_alive(small_cnn(), whole, "scratch", short, learns=False, seed=0))
    1
    """
    runs = [attempt(net, whole, regime, config, seed=seed, device=device)]
    while learns and not learnt(runs[-1], whole.n_classes) and len(runs) <= HALVINGS:
        slower = replace(config, lr=config.lr / 2 ** len(runs))
        runs.append(attempt(net, whole, regime, slower, seed=seed, device=device))
    return runs


def learnt(run: Run, n_classes: int) -> bool:
    """Return whether a run had begun to learn at its end: without gradient steps always."""
    if run.diverged is not None:
        return False
    if run.regime.solver != "sgd":
        return True
    losses = run.history.query("split == 'train' and metric == 'loss'")["value"]
    return has_begun(float(losses.tail(LATEST).mean()), n_classes)
