"""`Run`: what one training gave, and its one look at the test set."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
import torch
from torch import Tensor

from tlteach.base import device as machine, warn_caller
from tlteach.data import Task
from tlteach.measures import METRICS
from tlteach.models import Classifier, predict
from tlteach.training.regimes import Regime
from tlteach.training.settings import TrainConfig
from tlteach.training.shown import CONVERGED, SAID, run_html


class TestReuseWarning(UserWarning):
    """The test set was looked at more than once by one run."""

    __test__ = False  # its name makes pytest look for tests in it


class DivergedWarning(UserWarning):
    """A training left the numbers: what it gave is no evidence."""


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
    diverged : int or None
        The first update whose loss, or whose weights after it, were no finite numbers: what the run
        gave is no evidence then.
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
    diverged: int | None = None
    test_scores: list[dict[str, float]] = field(default_factory=list, repr=False)

    def test(self, task: Task, *, device: str | torch.device | None = None) -> dict[str, float]:
        """Measure on the test split; once per run, a second look warns and is recorded.

        Returns
        -------
        dict of str to float
            accuracy, balanced_accuracy, log_loss, brier, ece.

        Raises
        ------
        ValueError
            For a run that diverged: it has no answers.
        """
        if self.diverged is not None:
            msg = f"{self.told_diverged()}: it has no answers to test"
            raise ValueError(msg)
        if self.test_scores:
            warn_caller(
                f"the test split of {task.name!r} was already used by this run: "
                "a choice made after looking at it is no longer a fair estimate",
                TestReuseWarning,
            )
        where = machine.pick(device)
        logits = predict(self.model.to(where), task.test.inputs, precision=self.config.precision)
        self.model.to("cpu")
        self.predictions["test"] = logits
        scores = {name: metric(logits, task.test.labels) for name, metric in METRICS.items()}
        self.test_scores.append(scores)
        return scores

    def told_diverged(self) -> str:
        """Say where a run diverged, and what to try."""
        rate = f"; try a lower learning rate than {self.config.lr:g}"
        why = rate if self.regime.solver == "sgd" else ""
        return f"the run of {self.regime.name!r} diverged at update {self.diverged}{why}"

    def _repr_html_(self) -> str:
        sizes = {name: len(logits) for name, logits in self.predictions.items()}
        return run_html(
            f"Run of {self.regime.name!r}, seed {self.seed}",
            {name: told for name, told in self.regime.in_words().items() if name in SAID}
            | {"data": ", ".join(f"{name} {n:,}" for name, n in sizes.items())}
            | {"learned": f"{self.trained:,} of {self.total:,} parameters", "stage": self.stage}
            | {"updates": f"{self.updates:,}", "converged": CONVERGED[self.converged]}
            | ({} if self.diverged is None else {"diverged": f"at update {self.diverged}"})
            | {"seconds": f"{self.seconds:.1f}"},
            self.history,
            self.test_scores,
        )
