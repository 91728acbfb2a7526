"""The search of settings: a race that drops the worse half, then steps from the winner."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tlteach.base import checked
from tlteach.data import Task
from tlteach.experiment.search import Search
from tlteach.measures import scores, softened_log_loss
from tlteach.models import Backbone, predict
from tlteach.training import (
    BEGUN,
    STATISTICS,
    Begun,
    Regime,
    TrainConfig,
    draw_configs,
    guessing,
    tracked_norms,
    updates,
)

LOWEST, HIGHEST = 1e-7, 2.0  # learning rates beyond these are not tried
LATEST = 10  # updates whose mean loss tells whether a training has begun to learn


class Entrant:
    """One setting in the race: a training that goes on where it was, and its score so far."""

    def __init__(
        self, net: Backbone, few: Task, regime: Regime, config: TrainConfig, search: Search, *,
        seed: int, where: torch.device,
    ) -> None:  # fmt: skip
        self.config, self.few, self.search = config, few, search
        self.score: dict[str, float] = {}
        self.softened = math.inf
        self.losses: deque[Tensor] = deque(maxlen=LATEST)
        self.begun = Begun(net, few, regime, config, seed=seed, device=where)
        self.pace = self.begun.pace()
        self._loop = updates(
            self.begun.model, few, self.begun.regime, self.begun.config, seed=seed, pace=self.pace
        )

    def run(self, goal: int) -> None:
        """Train up to `goal` updates, or to the end; 0: to the end. Then look at validation."""
        while not self.pace.over and (not goal or self.pace.step < goal):
            loss, _ = next(self._loop)
            self.losses.append(loss)
        logits = predict(
            self.begun.model, self.few.val.inputs, precision=self.begun.config.precision
        )
        self.score = score(logits, self.few.val.labels)
        self.softened = softened_log_loss(logits, self.few.val.labels)

    @property
    def learns(self) -> bool:
        """Whether its training has begun to learn."""
        return has_begun(float(torch.stack([*self.losses]).mean()), self.few.n_classes)

    def leave(self) -> None:
        """Let go of the network: a large one takes gigabytes."""
        del self.begun, self._loop

    @property
    def rank(self) -> tuple[float, float]:
        """What orders entrants, the best highest."""
        return self.search.rank(self.score | {"log_loss": self.softened})


def has_begun(loss: float, n_classes: int) -> bool:
    """Return whether the mean training loss of the latest updates has left that of guessing."""
    return loss < BEGUN * guessing(n_classes)


@dataclass(frozen=True)
class Won:
    """What a search chose.

    Attributes
    ----------
    config : TrainConfig
    score : dict of str to float
        On validation, when it was chosen; empty where there was none.
    edge : float
        1 if the highest learning rate tried was better than the next one below it, -1 if the lowest
        was better than the next one above, 0 otherwise.
    updates, images : int
        What the search took.
    learns : bool
        Whether the training that was chosen had begun to learn.
    """

    config: TrainConfig
    score: dict[str, float]
    edge: float
    updates: int
    images: int
    learns: bool


def race(
    net: Backbone,
    few: Task,
    regime: Regime,
    base: TrainConfig,
    search: Search,
    *,
    seed: int,
    where: torch.device,
) -> Won:
    """Choose settings on the validation images of a few-shot task.

    Without validation images (one shot) nothing can be chosen: the middle learning rate is taken,
    and the defaults of what else is open.
    """
    configs = draw_configs(regime, base, search.drawn, seed=seed)
    if not len(few.val):
        middle = replace(
            configs[len(configs) // 2],
            augment=base.augment,
            statistics=base.statistics,
            head_factor=base.head_factor,
        )
        return Won(middle, {}, 0.0, 0, 0, learns=False)

    def enter(config: TrainConfig) -> Entrant:
        return Entrant(net, few, regime, config, search, seed=seed, where=where)

    best, goal, tried = _halved([enter(config) for config in configs], search.first)
    width = (regime.high / regime.low) ** (1 / search.drawn)
    best = _stepped_on(best, tried, goal, search.further, width, enter)
    end = edge(best, tried)
    if search.variants:
        best = _varied(best, tried, _variants(net, few, regime, base), enter)
    steps = sum(e.pace.step for e in tried)
    images = sum(e.pace.step * e.config.batch_size for e in tried)
    return Won(best.config, best.score, end, steps, images, best.learns)


def _halved(field: Sequence[Entrant], first: int) -> tuple[Entrant, int, list[Entrant]]:
    """Drop the worse half again and again; return the winner, its updates, and all."""
    tried, goal = [*field], first
    while True:
        for entrant in field:
            entrant.run(goal)
        if not any(e.learns for e in field) and not all(e.pace.over for e in field):
            goal *= 2
            continue
        ranked = sorted(field, key=lambda e: e.rank, reverse=True)
        kept = (len(ranked) + 1) // 2 if first else 1
        for entrant in ranked[kept:]:
            entrant.leave()
        if kept == 1:
            return ranked[0], goal, tried
        field, goal = ranked[:kept], 2 * goal


def _stepped_on(
    best: Entrant,
    tried: list[Entrant],
    goal: int,
    steps: int,
    width: float,
    enter: Callable[[TrainConfig], Entrant],
) -> Entrant:
    """Try learning rates beside the best one, outwards where it stands at an end.

    All else stays as in the best setting. Where neither side is better, steps get shorter.
    """
    failed: set[int] = set()
    for _ in range(steps):
        lr = best.config.lr
        while not (free := _free(lr, width) - failed):
            width, failed = math.sqrt(width), set()
        way = -1 if lr == min(e.config.lr for e in tried) and len(tried) > 1 else 1
        way = way if way in free else -way
        other = enter(replace(best.config, lr=lr * width**way))
        other.run(goal)
        tried.append(other)
        if other.rank > best.rank:
            best.leave()
            best, failed = other, {-way}
        else:
            other.leave()
            failed.add(way)
    return best


def _free(lr: float, width: float) -> set[int]:
    """Return which ways a step leads to a learning rate that may be tried."""
    up, down = lr * width <= HIGHEST, lr / width >= LOWEST
    return {way for way, free in ((1, up), (-1, down)) if free}


def _variants(
    net: Backbone, few: Task, regime: Regime, base: TrainConfig
) -> dict[str, Sequence[str]]:
    """Return what is left open beside numbers: BatchNorm statistics and augmentation."""
    found: dict[str, Sequence[str]] = {}
    settled = regime.statistics != "any" or base.statistics is not None
    if not settled and tracked_norms(net):
        found["statistics"] = STATISTICS
    if base.augment is None and len(few.augments) > 1:
        found["augment"] = few.augments
    return found


def _varied(
    best: Entrant,
    tried: list[Entrant],
    variants: Mapping[str, Sequence[str]],
    enter: Callable[[TrainConfig], Entrant],
) -> Entrant:
    """Try the other ways to do what is left open, with all else as in the best setting.

    Every one is trained to its end. Without augmentation a network learns its images sooner, and
    with statistics that stay still too: they would win a short race that they lose in the long run.
    """
    if variants:
        best.run(0)
    for name, values in variants.items():
        had = getattr(best.begun.config, name)
        for value in (value for value in values if value != had):
            other = enter(replace(best.config, **{name: value}))  # type: ignore[arg-type]
            other.run(0)
            tried.append(other)
            better = other.rank > best.rank
            (best if better else other).leave()
            best = other if better else best
    return best


def edge(best: Entrant, tried: Sequence[Entrant]) -> float:
    """Return 1 or -1 if things still get better at the highest or lowest learning rate, else 0."""
    others = sorted((e.config.lr, e.rank) for e in tried if e is not best)
    if others and best.config.lr > others[-1][0]:
        return float(best.rank > others[-1][1])
    if others and best.config.lr < others[0][0]:
        return float(-(best.rank > others[0][1]))
    return 0.0


@checked
def score(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Return what settings are chosen by.

    Parameters
    ----------
    logits, labels : tensor
        As in `tlteach.accuracy`.

    Returns
    -------
    dict of str to float
        Accuracy and log loss; NaN of a training that diverged.

    Examples
    --------
    >>> import torch
    >>> score(torch.zeros(2, 4), torch.tensor([0, 1]))
    {'accuracy': 0.5, 'log_loss': 1.386...}
    """
    return scores(logits, labels, ("accuracy", "log_loss"))
