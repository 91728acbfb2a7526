"""How a model starts and what then moves: the regimes, the training loop, one run.

It may import `models`, `measures`, `data` and `base`. Begin with `regimes`, then `loop`, where the
gradient steps are; `run` puts one training together, and `settings` holds every number of it.
"""

from tlteach.training.adaptation import adapt, reestimate_statistics, tracked_norms, unlabelled
from tlteach.training.drawing import config_id, draw_configs
from tlteach.training.gradients import relative_gradient_norms
from tlteach.training.live import LiveTraining
from tlteach.training.loop import fit, updates
from tlteach.training.order import batches
from tlteach.training.pace import BEGUN, Cosine, Level, Pace, guessing, n_open
from tlteach.training.packages import versions
from tlteach.training.pretrain import pretrain_all
from tlteach.training.record import DivergedWarning, Run
from tlteach.training.regimes import REGIMES, Regime, get_regime, partial
from tlteach.training.run import Begun, train
from tlteach.training.settings import STATISTICS, TrainConfig
from tlteach.training.steering import Steering

__all__ = [
    "BEGUN",
    "REGIMES",
    "STATISTICS",
    "Begun",
    "Cosine",
    "DivergedWarning",
    "Level",
    "LiveTraining",
    "Pace",
    "Regime",
    "Run",
    "Steering",
    "TrainConfig",
    "adapt",
    "batches",
    "config_id",
    "draw_configs",
    "fit",
    "get_regime",
    "guessing",
    "n_open",
    "partial",
    "pretrain_all",
    "reestimate_statistics",
    "relative_gradient_norms",
    "tracked_norms",
    "train",
    "unlabelled",
    "updates",
    "versions",
]
