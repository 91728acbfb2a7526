"""A hand on a running training: settings that act from the next update on."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from tlteach.base import generator, in_range, one_of
from tlteach.data import Task
from tlteach.data.augment import POLICIES
from tlteach.training.settings import TrainConfig


class Level:
    """A learning rate that stays where the hand puts it, for a known number of updates.

    Examples
    --------
    >>> pace = Level(cap=2)
    >>> pace.see(torch.tensor(1.0))
    >>> pace.factor, pace.over
    (1.0, False)
    """

    converged = None  # nobody asked
    factor = 1.0

    def __init__(self, cap: int) -> None:
        self.cap, self.step = cap, 0

    @property
    def over(self) -> bool:
        """Whether no update is left."""
        return self.step >= self.cap

    def see(self, loss: Tensor) -> None:
        """Count an update."""
        self.step += 1


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
    lr, weight_decay, noise : float
        Label noise is the share of training labels that are wrong. More noise keeps what was
        wrong, less noise puts labels right again.
    augment : str

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
        self.lr, self.weight_decay = config.lr, config.weight_decay
        self.augment, self.noise = config.augment or "none", 0.0
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
        if lr is not None:
            self.lr = in_range("lr", lr, 0)
        if weight_decay is not None:
            self.weight_decay = in_range("weight_decay", weight_decay, 0)
        if augment is not None:
            self.augment = one_of("augment", augment, POLICIES)
        if noise is not None:
            self.noise = in_range("noise", noise, 0, 1)

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
            group["lr"] = rate * self.lr / self._first
            group["weight_decay"] = self.weight_decay
