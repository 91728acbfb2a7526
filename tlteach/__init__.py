"""tlteach: the toolkit that people teach transfer learning with.

``import tlteach as tlt`` is quick: torch loads when the first name that needs it is used.
Plots, widgets and lessons load when imported by name (``from tlteach import plots``).
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

# GNU OpenMP spins at barriers; on a busy two-core laptop passive waiting is about six times
# faster and on an idle one 3 to 4 % slower. It is read once, when torch loads.
if "OMP_WAIT_POLICY" not in os.environ:
    if "torch" in sys.modules:
        warnings.warn(
            "torch was imported before tlteach, so OMP_WAIT_POLICY=PASSIVE comes too late: "
            "training may be slow on a busy machine; import tlteach first",
            RuntimeWarning,
            stacklevel=2,
        )
    else:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

if TYPE_CHECKING:
    from tlteach.backbones import Backbone, Classifier
    from tlteach.data import Split, Task, few_shot, from_folder, load_task
    from tlteach.estimators import FrozenFeatures
    from tlteach.experiment import compare
    from tlteach.inference import extract_features, predict
    from tlteach.metrics import accuracy, brier, confusion_table, ece, log_loss
    from tlteach.regimes import REGIMES, Regime
    from tlteach.settings import TrainConfig
    from tlteach.stats import paired, summarize
    from tlteach.training import Run, train
    from tlteach.verdicts import labels_saved, verdict
    from tlteach.warm import warmup
    from tlteach.zoo import load_backbone

__version__ = version("tlteach")

_HOME = {
    "Backbone": "backbones",
    "Classifier": "backbones",
    "load_backbone": "zoo",
    "Split": "data",
    "Task": "data",
    "few_shot": "data",
    "from_folder": "data",
    "load_task": "data",
    "FrozenFeatures": "estimators",
    "compare": "experiment",
    "extract_features": "inference",
    "predict": "inference",
    "accuracy": "metrics",
    "brier": "metrics",
    "confusion_table": "metrics",
    "ece": "metrics",
    "log_loss": "metrics",
    "REGIMES": "regimes",
    "Regime": "regimes",
    "labels_saved": "verdicts",
    "paired": "stats",
    "summarize": "stats",
    "verdict": "verdicts",
    "Run": "training",
    "TrainConfig": "settings",
    "train": "training",
    "warmup": "warm",
}

__all__ = [  # noqa: RUF022  (the order a reader meets them in)
    "load_task", "few_shot", "from_folder", "Task", "Split",
    "load_backbone", "Backbone", "Classifier", "extract_features", "predict",
    "REGIMES", "Regime", "TrainConfig", "train", "Run", "compare",
    "summarize", "paired", "verdict", "labels_saved",
    "accuracy", "log_loss", "brier", "ece", "confusion_table", "FrozenFeatures", "warmup",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        msg = f"module 'tlteach' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"tlteach.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
