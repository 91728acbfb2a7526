"""`train`: one model, one task, one regime, one seed; and `Run`, what it returns."""

from __future__ import annotations

import copy
import time
import warnings
from dataclasses import dataclass, field, replace

import pandas as pd
import torch
from torch import Tensor

from tlteach.base import device as machine, in_range
from tlteach.data import Task
from tlteach.measures import METRICS
from tlteach.models import Backbone, Classifier, predict
from tlteach.training.adaptation import adapt
from tlteach.training.loop import fit, pace_for
from tlteach.training.pace import Level, Pace
from tlteach.training.packages import versions
from tlteach.training.preparing import fit_head, leave_one_stage, prepare
from tlteach.training.regimes import Regime, get_regime, settled
from tlteach.training.settings import DEFAULT, TrainConfig, most_updates
from tlteach.training.shown import CONVERGED, SAID, run_html


class TestReuseWarning(UserWarning):
    """The test set was looked at more than once by one run."""

    __test__ = False  # its name makes pytest look for tests in it


@dataclass(frozen=True)
class Run:
    """What one training gave.

    Attributes
    ----------
    model : Classifier
        On the CPU, in eval mode; of a regime that adapts for images of the test's domains.
    regime : Regime
    config : TrainConfig
        The numbers that were used.
    seed : int
    history : DataFrame
        Columns step, epoch, split, metric, value.
    predictions : dict of str to float32 tensor of shape (n, n_classes)
        Logits on train and val at the end, of a regime that adapts as images of their domain; on
        test once `test` was called.
    updates, images : int
        Gradient steps, and training images seen.
    seconds : float
        Wall time of the training.
    memory : int
        Most memory used so far, bytes: the GPU's, or the process's.
    trained, total : int
        Parameters that learned, and all.
    before, after : str
        Fingerprints of the backbone; after adapting, if the regime does.
    versions : dict of str to str
        Of Python and the packages that matter.
    stage : str or None
        The stage that `one_stage` chose.
    converged : bool or None
        Whether the training loss was flat before the cap on updates; None where a number of
        updates was asked for, or none taken.
    test_scores : list of dict
        One entry for each look at the test set; more than one is a fault.

    Examples
    --------
    >>> import tlteach as tlt
    >>> few, net = tlt.few_shot(tlt.load_task("digits"), 5, seed=0), tlt.load_backbone("small_cnn")
    >>> [*tlt.train(net, few, "frozen", seed=0).test(few)]
    ['accuracy', 'balanced_accuracy', 'log_loss', 'brier', 'ece']
    """

    model: Classifier = field(repr=False)
    regime: Regime
    config: TrainConfig
    seed: int
    history: pd.DataFrame = field(repr=False)
    predictions: dict[str, Tensor] = field(repr=False)
    updates: int
    images: int
    seconds: float
    memory: int
    trained: int
    total: int
    before: str = field(repr=False)
    after: str = field(repr=False)
    versions: dict[str, str] = field(repr=False)
    stage: str | None = None
    converged: bool | None = None
    test_scores: list[dict[str, float]] = field(default_factory=list, repr=False)

    def test(self, task: Task, *, device: str | torch.device | None = None) -> dict[str, float]:
        """Measure on the test split; once per run, a second look warns and is recorded.

        Returns
        -------
        dict of str to float
            accuracy, balanced_accuracy, log_loss, brier, ece.
        """
        if self.test_scores:
            warnings.warn(
                f"the test split of {task.name!r} was already used by this run: "
                "a choice made after looking at it is no longer a fair estimate",
                TestReuseWarning,
                stacklevel=2,
            )
        where = machine.pick(device)
        logits = predict(self.model.to(where), task.test.inputs, precision=self.config.precision)
        self.model.to("cpu")
        self.predictions["test"] = logits
        scores = {name: metric(logits, task.test.labels) for name, metric in METRICS.items()}
        self.test_scores.append(scores)
        return scores

    def _repr_html_(self) -> str:
        sizes = {name: len(logits) for name, logits in self.predictions.items()}
        return run_html(
            f"Run of {self.regime.name!r}, seed {self.seed}",
            {name: told for name, told in self.regime.in_words().items() if name in SAID}
            | {"data": ", ".join(f"{name} {n:,}" for name, n in sizes.items())}
            | {"learned": f"{self.trained:,} of {self.total:,} parameters", "stage": self.stage}
            | {"updates": f"{self.updates:,}", "converged": CONVERGED[self.converged]}
            | {"seconds": f"{self.seconds:.1f}"},
            self.history,
            self.test_scores,
        )


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

    Examples
    --------
    >>> import tlteach as tlt
    >>> few = tlt.few_shot(tlt.load_task("digits"), 5, seed=0)
    >>> run = tlt.train(tlt.load_backbone("small_cnn"), few, "frozen", seed=0)
    >>> run.before == run.after, run.trained, run.total
    (True, 970, 80154)
    """
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
        )

    def _answers(self, inputs: Tensor, precision: str) -> Tensor:
        if self.regime.adapt == "none":
            return predict(self.model, inputs, precision=precision)
        with torch.no_grad():
            logits: Tensor = self.model.head(self.adapted.labelled(inputs).to(self.where))
        return logits.cpu()


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
