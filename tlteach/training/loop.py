"""The training loop: one function that reads like the textbook, and what it is made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tlteach.base import device as machine, generator
from tlteach.data import Split, Task, augment
from tlteach.measures import METRICS
from tlteach.models import Backbone, Classifier, predict
from tlteach.training.graphed import Graphed, tensor_rates
from tlteach.training.pace import WINDOW, Cosine, Level, Pace, guessing
from tlteach.training.regimes import Regime, settled
from tlteach.training.settings import DEFAULT, TrainConfig, most_updates
from tlteach.training.stagemaps import shortcut
from tlteach.training.steering import Steering

THAWING = 100
Row = tuple[int, float, str, str, float]  # of a history: step, epoch, split, metric, value


def fit(
    model: Classifier,
    task: Task,
    regime: Regime,
    config: TrainConfig,
    *,
    seed: int,
    pace: Pace | Level | None = None,
) -> pd.DataFrame:
    """Train in place by stochastic gradient descent; return the history."""
    losses, rows = [], []
    for loss, measured in updates(model, task, regime, config, seed=seed, pace=pace):
        losses.append(loss)
        rows += measured
    return history_of(losses, rows, config.batch_size / len(task.train))


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
    """Train in place, one update for each item: its loss, and what was measured after it."""
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


def n_open(step: int, steps: int, stages: int, thaw: float) -> int:
    """Return how many stages, from the last down, learn at a step counted from 0.

    The head begins alone; then they open at equal distances, and all are open after the share
    `thaw` of the steps (Howard & Ruder 2018, with steps in place of epochs).

    Examples
    --------
    >>> [n_open(step, 8, 2, 0.5) for step in range(8)]
    [0, 0, 1, 1, 2, 2, 2, 2]
    """
    last = thaw * steps
    return stages if step >= last else math.floor(stages * step / last)


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


def batches(
    n: int, batch_size: int, steps: int, *, seed: int, where: torch.device | None = None
) -> Iterator[Tensor]:
    """Yield `steps` full batches of row numbers, one shuffled pass over n rows after another.

    They are drawn on the processor, so that every device sees the same, and lie on `where`.

    Examples
    --------
    >>> [len(batch) for batch in batches(5, 4, 3, seed=0)]
    [4, 4, 4]
    """
    g = generator(seed, "order")
    passes = math.ceil(steps * batch_size / n)
    order = torch.cat([torch.randperm(n, generator=g) for _ in range(passes)])
    yield from order[: steps * batch_size].to(where or "cpu").split(batch_size)


def measure(model: nn.Module, split: Split, precision: str = "auto") -> dict[str, float]:
    """Return every metric of `METRICS` on one split."""
    logits = predict(model, split.inputs, precision=precision)
    return {name: metric(logits, split.labels) for name, metric in METRICS.items()}


def _measured(model: Classifier, task: Task, config: TrainConfig, step: int) -> list[Row]:
    epoch = step * config.batch_size / len(task.train)
    return [
        (step, epoch, name, metric, value)
        for name, split in (("train", task.train), ("val", task.val))
        if len(split)
        for metric, value in measure(model, split, config.precision).items()
    ]
