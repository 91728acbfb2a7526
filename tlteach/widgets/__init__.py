"""Charts to turn: precomputed real runs that answer at once, in the browser.

Every chart has ``.table()``, ``.describe()``, ``.figure()`` and ``.state``.
"""

from tlteach.widgets._chart import Chart
from tlteach.widgets.mismatch import domain_mismatch
from tlteach.widgets.negative import negative_transfer
from tlteach.widgets.overfitting import overfitting

__all__ = ["Chart", "domain_mismatch", "negative_transfer", "overfitting"]
