"""The training loop: one function that reads like the textbook, and what it is made of."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tlteach import device as machine
from tlteach.backbones import Classifier
from tlteach.data import Split, Task
from tlteach.inference import predict
from tlteach.metrics import METRICS
from tlteach.regimes import Regime, TrainConfig
from tlteach.seeding import generator


def fit(
    model: Classifier, task: Task, regime: Regime, config: TrainConfig, *, seed: int
) -> pd.DataFrame:
    """Train in place by stochastic gradient descent; return the history."""
    where = next(model.parameters()).device
    images, labels = task.train.images.to(where), task.train.labels.to(where)
    model.to(memory_format=torch.channels_last)
    dtype = _precision(model, images[: config.batch_size], config)
    optimizer = sgd(model, regime, config)
    steps = config.updates or regime.updates
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate(step, steps, config.warmup)
    )
    shifts = generator(seed, "augmentation")
    losses, rows = [], []
    model.train()
    for step, batch in enumerate(batches(len(labels), config.batch_size, steps, seed=seed), 1):
        x = images[batch]
        if config.augment == "shift":
            x = shift(x, shifts)
        with torch.autocast(where.type, dtype, enabled=dtype != torch.float32):
            logits = model(x)
        loss = F.cross_entropy(logits.float(), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip)
        optimizer.step()
        schedule.step()
        losses.append(loss.detach())
        if config.measure_every and step % config.measure_every == 0:
            rows += _measured(model, task, config, step)
    epochs = config.batch_size / len(labels)
    rows += [
        (i, i * epochs, "train", "loss", value)
        for i, value in enumerate(torch.stack(losses).tolist(), 1)
    ]
    return pd.DataFrame(rows, columns=["step", "epoch", "split", "metric", "value"])


def sgd(model: Classifier, regime: Regime, config: TrainConfig) -> torch.optim.SGD:
    """Return the optimizer of what may move: the head learns `head_factor` times faster."""
    body = [p for p in model.backbone.parameters() if p.requires_grad]
    head = {"params": list(model.head.parameters()), "lr": config.lr * regime.head_factor}
    groups: list[dict[str, Any]] = [{"params": body}, head]
    return torch.optim.SGD(
        groups,
        lr=config.lr,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
        nesterov=config.momentum > 0,
    )


def learning_rate(step: int, steps: int, warmup: float) -> float:
    """Return the factor on the learning rate: a linear climb, then half a cosine to zero.

    Examples
    --------
    >>> [round(learning_rate(step, 10, 0.2), 2) for step in (0, 1, 2, 6)]
    [0.5, 1.0, 1.0, 0.5]
    """
    climb = warmup * steps
    if step < climb:
        return (step + 1) / math.ceil(climb)
    return (1 + math.cos(math.pi * (step - climb) / max(steps - climb, 1))) / 2


def batches(n: int, batch_size: int, steps: int, *, seed: int) -> Iterator[Tensor]:
    """Yield `steps` full batches of row numbers, one shuffled pass over n rows after another.

    Examples
    --------
    >>> [len(batch) for batch in batches(5, 4, 3, seed=0)]
    [4, 4, 4]
    """
    g = generator(seed, "order")
    passes = math.ceil(steps * batch_size / n)
    order = torch.cat([torch.randperm(n, generator=g) for _ in range(passes)])
    yield from order[: steps * batch_size].split(batch_size)


def shift(images: Tensor, g: torch.Generator) -> Tensor:
    """Move each image by up to an eighth of its size; the edge fills what opens up.

    Parameters
    ----------
    images : uint8 tensor of shape (n, channels, height, width)
        A batch; every image gets its own shift.
    g : torch.Generator
        On the CPU.
    """
    height, width = images.shape[-2:]
    most = max(1, height // 8)
    ys = torch.arange(-most, height + most, device=images.device).clamp(0, height - 1)
    xs = torch.arange(-most, width + most, device=images.device).clamp(0, width - 1)
    padded = images.index_select(2, ys).index_select(3, xs)
    corners = torch.randint(2 * most + 1, (len(images), 2), generator=g).tolist()
    return torch.stack(
        [
            image[:, y : y + height, x : x + width]
            for image, (y, x) in zip(padded, corners, strict=True)
        ]
    )


def measure(model: nn.Module, split: Split, precision: str = "auto") -> dict[str, float]:
    """Return every metric of `METRICS` on one split."""
    logits = predict(model, split.images, precision=precision)
    return {name: metric(logits, split.labels) for name, metric in METRICS.items()}


def _measured(
    model: Classifier, task: Task, config: TrainConfig, step: int
) -> list[tuple[int, float, str, str, float]]:
    epoch = step * config.batch_size / len(task.train)
    return [
        (step, epoch, name, metric, value)
        for name, split in (("train", task.train), ("val", task.val))
        if len(split)
        for metric, value in measure(model, split, config.precision).items()
    ]


def _precision(model: Classifier, images: Tensor, config: TrainConfig) -> torch.dtype:
    """Time one step of a copy in each number format, where that can matter."""
    twin = copy.deepcopy(model)

    def step(dtype: torch.dtype) -> None:
        with torch.autocast(images.device.type, dtype, enabled=dtype != torch.float32):
            logits = twin(images)
        logits.float().logsumexp(1).sum().backward()

    backbone = model.backbone
    key = f"{backbone.card.name}|{backbone.preprocessing.size} px|training"
    return machine.precision(config.precision, images.device, key, step)
