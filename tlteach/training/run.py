"""`train`: one model, one task, one regime, one seed; it gives a `Run` (record.py)."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from tlteach.base import checked, device as machine, in_range, warn_caller
from tlteach.data import Task
from tlteach.models import Backbone, Classifier, predict
from tlteach.training.adaptation import adapt
from tlteach.training.loop import fit, pace_for
from tlteach.training.pace import Level, Pace
from tlteach.training.packages import versions
from tlteach.training.preparing import fit_head, leave_one_stage, prepare
from tlteach.training.record import DivergedWarning, Run
from tlteach.training.regimes import Regime, get_regime, settled
from tlteach.training.settings import DEFAULT, TrainConfig, most_updates


@checked
def train(
    backbone: Backbone,
    task: Task,
    regime: str | Regime,
    config: TrainConfig | None = None,
    *,
    seed: int,
    device: str | torch.device | None = None,
) -> Run:
    """Train a copy of `backbone` with a new head on ``task.train``.

    Parameters
    ----------
    backbone : Backbone
        Stays as it is.
    task : Task
        Usually from `few_shot`.
    regime : str or Regime
        How to start and what trains, such as "scratch", "frozen" or "fine_tune".
    config : TrainConfig, optional
        The settings.
    seed : int
        Sets the fresh weights, the head, the order and the augmentation.
    device : str or torch.device, optional
        Default: the best one here.

    Returns
    -------
    Run
        Same seed, same bits on the CPU.

    Raises
    ------
    ValueError
        For a task without training images, settings out of range, or a regime that adapts where
        there is nothing to adapt to.
    RuntimeError
        If a frozen backbone changed.

    Warns
    -----
    DivergedWarning
        If the loss or the answers are no finite numbers at the end; `Run.diverged` says from where.

    Examples
    --------
    >>> import tlteach as tlt
    >>> few = tlt.few_shot(tlt.load_task("digits"), 5, seed=0)
    >>> run = tlt.train(tlt.load_backbone("small_cnn"), few, "frozen", seed=0)
    >>> run.before == run.after, run.trained, run.total
    (True, 970, 80154)
    """
    run = attempt(backbone, task, regime, config, seed=seed, device=device)
    if run.diverged is not None:
        warn_caller(run.told_diverged(), DivergedWarning)
    return run


def attempt(
    backbone: Backbone,
    task: Task,
    regime: str | Regime,
    config: TrainConfig | None = None,
    *,
    seed: int,
    device: str | torch.device | None = None,
) -> Run:
    """Train as `train` does, for a caller that sees to a run which diverged."""
    begun = Begun(backbone, task, get_regime(regime), config, seed=seed, device=device)
    if begun.regime.solver == "sgd":
        return begun.finish(*_fit_or_halve(begun))
    return begun.finish(pd.DataFrame(), begun.config)


class Begun:
    """A training that has everything it needs for its first update; see `train`.

    Parameters
    ----------
    backbone : Backbone
        Stays as it is.
    task : Task
        With at least one training image.
    regime : Regime
        How to start and what trains.
    config : TrainConfig, optional
        The settings.
    seed : int
        Sets the fresh weights, the head, the order and the augmentation.
    device : str or torch.device, optional
        Default: the best one here.

    Examples
    --------
    >>> import tlteach as tlt
    >>> task, net = tlt.load_task("digits"), tlt.load_backbone("small_cnn")
    >>> Begun(net, task, tlt.REGIMES["scratch"], None, seed=0).config.statistics
    'move'
    """

    def __init__(
        self,
        backbone: Backbone,
        task: Task,
        regime: Regime,
        config: TrainConfig | None,
        *,
        seed: int,
        device: str | torch.device | None = None,
    ) -> None:
        config = config or TrainConfig()
        in_range("number of training images", len(task.train), 1)
        self.task, self.seed, self.where = task, seed, machine.pick(device)
        machine.keep_memory()
        self.asked, regime = regime, settled(regime, config)
        model = Classifier(copy.deepcopy(backbone), task.n_classes, seed=seed)
        if not regime.pretrained:
            model.backbone.redraw(seed=seed)
        prepare(model, regime, seed=seed)
        self.start = time.perf_counter()
        model.to(self.where)
        self.adapted = adapt(
            model.backbone, task, regime.adapt, blend=config.blend, precision=config.precision
        )
        model.backbone = self.adapted.backbone
        self.before = model.backbone.fingerprint()
        if regime.solver == "logistic" or regime.head_first:
            fit_head(model, self.adapted.labelled(task.train.inputs), task.train.labels, config.c)
        self.stage = leave_one_stage(model, task) if regime.trains == "one_stage" else None
        self.model, self.regime = model, regime
        self.config = self._used(config) if regime.solver == "sgd" else config

    def _used(self, config: TrainConfig) -> TrainConfig:
        """Return the settings with nothing left open."""
        return replace(
            config,
            updates=config.updates or most_updates(len(self.task.train), config.batch_size),
            until="flat" if config.ends_flat else "end",
            statistics=self.regime.statistics,
            head_factor=self.regime.head_factor,
            augment=config.augment or DEFAULT,
        )

    def pace(self, config: TrainConfig | None = None) -> Pace | Level:
        """Return how fast and how long it goes, with other settings if they are given."""
        return pace_for(self.task, self.regime, config or self.config)

    def finish(
        self, history: pd.DataFrame, used: TrainConfig, pace: Pace | Level | None = None
    ) -> Run:
        """Return what the training gave, after the updates that `pace` counted."""
        seconds = time.perf_counter() - self.start
        model, regime, task = self.model, self.regime, self.task
        model.eval()
        after = model.backbone.fingerprint()
        if regime.trains == "head" and regime.statistics == "still" and self.before != after:
            msg = f"the backbone of regime {regime.name!r} must not change, but its fingerprint did"
            raise RuntimeError(msg)
        splits = {n: s for n, s in (("train", task.train), ("val", task.val)) if len(s)}
        predictions = {n: self._answers(s.inputs, used.precision) for n, s in splits.items()}
        updates = pace.step if pace else 0
        return Run(
            model=model.to("cpu"),
            regime=self.asked,
            config=used,
            seed=self.seed,
            history=history,
            predictions=predictions,
            updates=updates,
            images=updates * used.batch_size or len(task.train),
            seconds=seconds,
            memory=machine.peak_memory(self.where),
            trained=sum(p.numel() for p in model.parameters() if p.requires_grad),
            total=sum(p.numel() for p in model.parameters()),
            before=self.before,
            after=after,
            versions=versions(),
            stage=self.stage,
            converged=pace.converged if pace else None,
            diverged=diverged_at(history, predictions, updates),
        )

    def _answers(self, inputs: Tensor, precision: str) -> Tensor:
        if self.regime.adapt == "none":
            return predict(self.model, inputs, precision=precision)
        with torch.no_grad():
            logits: Tensor = self.model.head(self.adapted.labelled(inputs).to(self.where))
        return logits.cpu()


def diverged_at(
    history: pd.DataFrame, predictions: Mapping[str, Tensor], updates: int
) -> int | None:
    """Return the first update whose loss is no finite number; the last, if only answers are not.

    Examples
    --------
    >>> losses = [(1, "train", "loss", 2.3), (2, "train", "loss", float("nan"))]
    >>> history = pd.DataFrame(losses, columns=["step", "split", "metric", "value"])
    >>> diverged_at(history, {}, 2)
    2
    >>> diverged_at(history[:1], {"train": torch.tensor([[0.0, float("inf")]])}, 1)
    1
    """
    if len(history):
        losses = history[(history["split"] == "train") & (history["metric"] == "loss")]
        lost = losses.loc[~np.isfinite(losses["value"]), "step"]
        if len(lost):
            return int(lost.iloc[0])
    finite = all(bool(logits.isfinite().all()) for logits in predictions.values())
    return None if finite else updates


def _fit_or_halve(begun: Begun) -> tuple[pd.DataFrame, TrainConfig, Pace | Level]:
    """Fit; where memory runs out, start again from the same weights with half the batch."""
    model, task, start = begun.model, begun.task, copy.deepcopy(begun.model.state_dict())

    def attempt(batch_size: int) -> tuple[pd.DataFrame, TrainConfig, Pace | Level]:
        model.load_state_dict(start)
        smaller = replace(begun.config, batch_size=batch_size)
        pace = begun.pace(smaller)
        history = fit(model, task, begun.regime, smaller, seed=begun.seed, pace=pace)
        return history, smaller, pace

    return machine.halve_on_out_of_memory(attempt, begun.config.batch_size)
