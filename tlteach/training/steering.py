"""A hand on a running training: settings that act from the next update on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from tlteach.base import generator, in_range
from tlteach.data import Task
from tlteach.training.settings import TrainConfig


class Steering:
    """Learning rate, weight decay, augmentation and label noise, to be turned while it trains.

    Parameters
    ----------
    config : TrainConfig
        Where they stand at first; no label is noisy.
    seed : int
        Draws which labels become wrong, and which wrong ones they become (stream "noise").

    Attributes
    ----------
    config : TrainConfig
        Its lr, weight_decay and augment are those of the next update.
    noise : float
        The share of training labels that are wrong. More noise keeps what was wrong, less noise
        puts labels right again.

    Examples
    --------
    >>> steering = Steering(TrainConfig(lr=0.1), seed=0)
    >>> steering.turn(noise=0.5)
    >>> labels = torch.zeros(1000, dtype=torch.int64)
    >>> wrong = steering.labels(labels, n_classes=4) != labels
    >>> 450 < int(wrong.sum()) < 550
    True
    """

    def __init__(self, config: TrainConfig, *, seed: int) -> None:
        self.config, self.noise = config, 0.0
        self._first, self._seed = config.lr, seed

    def turn(
        self,
        *,
        lr: float | None = None,
        weight_decay: float | None = None,
        augment: str | None = None,
        noise: float | None = None,
    ) -> None:
        """Set one or several; the others stay.

        Raises
        ------
        ValueError
            For a value out of range, or an unknown augmentation.
        """
        asked: dict[str, Any] = {"lr": lr, "weight_decay": weight_decay, "augment": augment}
        config = replace(self.config, **{k: v for k, v in asked.items() if v is not None})
        if noise is not None:
            self.noise = in_range("noise", noise, 0, 1)
        self.config = config

    def labels(self, labels: Tensor, n_classes: int) -> Tensor:
        """Return labels with as many wrong ones as asked for now."""
        draws = generator(self._seed, "noise")
        chance = torch.rand(len(labels), generator=draws)
        away = torch.randint(1, n_classes, (len(labels),), generator=draws)
        wrong = (labels + away.to(labels.device)) % n_classes
        return torch.where(chance.to(labels.device) < self.noise, wrong, labels)

    def learnt(self, task: Task) -> Task:
        """Return a task with its training labels as they are learnt now."""
        labels = self.labels(task.train.labels, task.n_classes)
        return replace(task, train=replace(task.train, labels=labels))

    def act(self, optimizer: torch.optim.Optimizer, rates: list[float]) -> None:
        """Bring learning rate and weight decay into an optimizer whose groups began at `rates`."""
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * self.config.lr / self._first
            group["weight_decay"] = self.config.weight_decay
