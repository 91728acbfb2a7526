"""The training loop: one function that reads like the textbook, and what it is made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tlteach.base import checked, device as machine, generator
from tlteach.data import Split, Task, augment
from tlteach.measures import scores
from tlteach.models import Backbone, Classifier, predict
from tlteach.training.graphed import Graphed, tensor_rates
from tlteach.training.order import batches
from tlteach.training.pace import WINDOW, Cosine, Level, Pace, guessing, n_open
from tlteach.training.regimes import Regime, settled
from tlteach.training.settings import DEFAULT, TrainConfig, most_updates
from tlteach.training.stagemaps import shortcut
from tlteach.training.steering import Steering

THAWING = 100
Row = tuple[int, float, str, str, float]  # of a history: step, epoch, split, metric, value


@checked
def fit(
    model: Classifier,
    task: Task,
    regime: Regime,
    config: TrainConfig,
    *,
    seed: int,
    pace: Pace | Level | None = None,
) -> pd.DataFrame:
    """Train in place by stochastic gradient descent; return the history.

    Parameters
    ----------
    model : Classifier
        Changed in place; it trains where its parameters are.
    task : Task
        Learnt from: ``task.train``.
    regime : Regime
        What trains, and its knobs.
    config : TrainConfig
        The settings.
    seed : int
        Draws the order and the augmentation.
    pace : Pace or Level, optional
        How fast and how long; default what `config` says.

    Returns
    -------
    DataFrame
        Columns step, epoch, split, metric, value.

    Examples
    --------
    >>> from tlteach import few_shot, load_backbone, load_task
    >>> from tlteach.training import get_regime
    >>> few = few_shot(load_task("digits"), 5, seed=0)
    >>> model = Classifier(load_backbone("small_cnn"), few.n_classes, seed=0)
    >>> history = fit(model, few, get_regime("fine_tune"), TrainConfig(updates=2), seed=0)
    >>> history["step"].unique().tolist(), history["metric"].unique().tolist()
    ([1, 2], ['loss'])
    """
    losses, rows = [], []
    for loss, measured in updates(model, task, regime, config, seed=seed, pace=pace):
        losses.append(loss)
        rows += measured
    return history_of(losses, rows, config.batch_size / len(task.train))


@checked
def updates(
    model: Classifier,
    task: Task,
    regime: Regime,
    config: TrainConfig,
    *,
    seed: int,
    pace: Pace | Level | None = None,
    steering: Steering | None = None,
) -> Iterator[tuple[Tensor, list[Row]]]:
    """Train in place, one update for each item: its loss, and what was measured after it.

    Parameters
    ----------
    model : Classifier
        Changed in place; it trains where its parameters are.
    task : Task
        Learnt from: ``task.train``.
    regime : Regime
        What trains, and its knobs.
    config : TrainConfig
        The settings.
    seed : int
        Draws the order and the augmentation.
    pace : Pace or Level, optional
        How fast and how long; default what `config` says.
    steering : Steering, optional
        What may be turned meanwhile.

    Yields
    ------
    loss : float32 tensor of shape ()
        Of the batch, before the update.
    measured : list of tuple
        Step, epoch, split, metric, value; empty where ``measure_every`` asks for none.

    Examples
    --------
    >>> from tlteach import few_shot, load_backbone, load_task
    >>> from tlteach.training import get_regime
    >>> few = few_shot(load_task("digits"), 5, seed=0)
    >>> model = Classifier(load_backbone("small_cnn"), few.n_classes, seed=0)
    >>> config = TrainConfig(updates=2, measure_every=2)
    >>> [len(rows) > 0 for _, rows in updates(model, few, get_regime("fine_tune"), config, seed=0)]
    [False, True]
    """
    where, backbone = next(model.parameters()).device, model.backbone
    images, labels = task.train.inputs.to(where), task.train.labels.to(where)
    model.to(memory_format=torch.channels_last)
    dtype = machine.precision(config.precision, images.device, training=True)
    pace = pace or pace_for(task, regime, config)
    n_stages, opening = len(backbone.stages), thawing(pace.cap, config)
    if regime.uses("thaw"):
        open_stages(backbone, n_stages)  # the optimizer needs them all
    optimizer = sgd(model, regime, config)
    repeats = where.type == "cuda" and steering is None and not regime.uses("thaw")
    if repeats:  # each update asks the GPU for the same
        tensor_rates(optimizer, where)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: pace.factor)
    draws = generator(seed, "augmentation")
    model.train()
    start = anchors(backbone) if regime.uses("anchor") else {}
    inputs, network, policy, known = images, model, config.augment or DEFAULT, task
    rates = [group["lr"] for group in optimizer.param_groups]
    if policy == "none" and steering is None and len(labels) <= pace.cap * config.batch_size:
        inputs, network = shortcut(model, images, dtype)

    def update(x: Tensor, y: Tensor) -> Tensor:
        with torch.autocast(where.type, dtype, enabled=dtype != torch.float32):
            logits = network(x)
        loss = F.cross_entropy(logits.float(), y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip)
        pull_back(start, config.anchor)
        optimizer.step()
        return loss.detach()

    step = Graphed(update, optimizer) if repeats else update
    for batch in batches(len(labels), config.batch_size, pace.cap, seed=seed, where=where):
        if regime.uses("thaw"):
            open_stages(backbone, n_open(pace.step, opening, n_stages, config.thaw))
        if steering is not None:
            steering.act(optimizer, rates)
            policy, known = steering.config.augment or "none", steering.learnt(task)
            labels = known.train.labels.to(where)
        x, y = augment.apply(policy, inputs[batch], labels[batch], task.n_classes, draws)
        loss = step(x, y)
        pace.see(loss)
        schedule.step()
        due = config.measure_every and pace.step % config.measure_every == 0
        yield loss, _measured(model, known, config, pace.step) if due else []
        if pace.over:
            break


def pace_for(task: Task, regime: Regime, config: TrainConfig) -> Pace | Level:
    """Return how fast and how long a training goes, before its first update."""
    n, batch = len(task.train), config.batch_size
    cap = config.updates or most_updates(n, batch)
    if not config.ends_flat:
        return Cosine(cap, config.warmup)
    window = max(WINDOW, math.ceil(n / batch))
    begin = math.ceil(config.thaw * thawing(cap, config)) if regime.uses("thaw") else 0
    return Pace(cap, config.warmup, window, guessing(task.n_classes), begin=begin)


def thawing(cap: int, config: TrainConfig) -> int:
    """Return the updates of which `thaw` is a share: where the end is open, the first hundred."""
    return min(cap, THAWING) if config.ends_flat else cap


def history_of(losses: Sequence[Tensor], rows: Sequence[Row], epochs: float) -> pd.DataFrame:
    """Return a history; `epochs` is how much of the training images one update sees."""
    values = torch.stack([*losses]).tolist() if losses else []  # the one wait for the device
    told = [(i, i * epochs, "train", "loss", value) for i, value in enumerate(values, 1)]
    return pd.DataFrame([*rows, *told], columns=["step", "epoch", "split", "metric", "value"])


def sgd(model: Classifier, regime: Regime, config: TrainConfig) -> torch.optim.SGD:
    """Return the optimizer of what may move: the head learns `head_factor` times faster.

    With the knob `decay` every stage learns more slowly than the one above it; with `anchor` the
    backbone has no weight decay, since it is pulled to its start and not to zero.
    """
    stages = from_the_top(model.backbone)
    if not regime.uses("decay"):
        stages = [[p for p in model.backbone.parameters() if p.requires_grad]]
    shrink = 0.0 if regime.uses("anchor") else config.weight_decay
    groups: list[dict[str, Any]] = [
        {"params": stage, "lr": config.lr * config.decay**depth, "weight_decay": shrink}
        for depth, stage in enumerate(stages)
    ]
    factor = settled(regime, config).head_factor or 0.0
    groups.append({"params": [*model.head.parameters()], "lr": config.lr * factor})
    return torch.optim.SGD(
        groups,
        lr=config.lr,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
        nesterov=config.momentum > 0,
        # on a GPU one launch for all parameters; it cannot take up some of them later
        fused=(next(model.parameters()).is_cuda and not regime.uses("thaw")) or None,
    )


def from_the_top(backbone: Backbone) -> list[list[nn.Parameter]]:
    """Return what learns in each stage, the last stage first; the lowest takes what has none."""
    stages = list(reversed(backbone.stages.values()))
    depth = {p: i for i, stage in enumerate(stages) for m in stage for p in m.parameters()}
    learns: list[list[nn.Parameter]] = [[] for _ in stages]
    for parameter in backbone.parameters():
        if parameter.requires_grad:
            learns[depth.get(parameter, -1)].append(parameter)
    return learns


def open_stages(backbone: Backbone, n: int) -> None:
    """Let the last n stages learn, and no other."""
    for i, stage in enumerate(reversed(backbone.stages.values())):
        for module in stage:
            module.requires_grad_(i < n)


def anchors(backbone: Backbone) -> dict[nn.Parameter, Tensor]:
    """Return where everything that learns in a backbone starts."""
    return {p: p.detach().clone() for p in backbone.parameters() if p.requires_grad}


def pull_back(start: Mapping[nn.Parameter, Tensor], strength: float) -> None:
    """Add the gradient of ``strength / 2 * |w - start|**2`` (L2-SP, Li et al. 2018).

    After clipping, where weight decay is added too.
    """
    for parameter, origin in start.items():
        if parameter.grad is not None:
            parameter.grad.add_(parameter.detach() - origin, alpha=strength)


def measure(model: nn.Module, split: Split, precision: str = "auto") -> dict[str, float]:
    """Return every metric of `METRICS` on one split; NaN once a training has diverged."""
    return scores(predict(model, split.inputs, precision=precision), split.labels)


def _measured(model: Classifier, task: Task, config: TrainConfig, step: int) -> list[Row]:
    epoch = step * config.batch_size / len(task.train)
    return [
        (step, epoch, name, metric, value)
        for name, split in (("train", task.train), ("val", task.val))
        if len(split)
        for metric, value in measure(model, split, config.precision).items()
    ]
