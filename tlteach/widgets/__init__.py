"""Charts to turn: precomputed real runs that answer at once, in the browser.

Every chart has ``.table()``, ``.describe()``, ``.figure()`` and ``.state``.
"""

from tlteach.widgets._chart import Chart
from tlteach.widgets.mismatch import domain_mismatch
from tlteach.widgets.negative import negative_transfer
from tlteach.widgets.overfitting import overfitting
from tlteach.widgets.training import TrainLive, train_live

__all__ = [
    "Chart",
    "TrainLive",
    "domain_mismatch",
    "negative_transfer",
    "overfitting",
    "train_live",
]
