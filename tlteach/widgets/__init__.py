"""Charts to turn, precomputed real runs that answer at once in the browser; and the camera.

Every chart has ``.table()``, ``.describe()``, ``.figure()`` and ``.state``. `collect` takes
pictures into class folders, `try_model` shows what models say of them. It may import `atlas`
and everything below, and loads only when asked for by name, since it needs Jupyter. Begin with
`three_ways`, which turns tables into what `static/chart/` draws.
"""

from collections.abc import Callable

from tlteach.widgets._chart import Chart
from tlteach.widgets.collecting import Collect, collect
from tlteach.widgets.explorer import Explorer, look, overlay
from tlteach.widgets.layers import layers
from tlteach.widgets.mismatch import domain_mismatch
from tlteach.widgets.negative import negative_transfer
from tlteach.widgets.overfitting import overfitting
from tlteach.widgets.three_ways import three_ways
from tlteach.widgets.training import TrainLive, train_live
from tlteach.widgets.trying import TryModel, try_model

CHARTS: dict[str, Callable[..., Chart]] = {
    "three_ways": three_ways,
    "overfitting": overfitting,
    "layers": layers,
    "domain_mismatch": domain_mismatch,
    "negative_transfer": negative_transfer,
}

__all__ = [
    "CHARTS",
    "Chart",
    "Collect",
    "Explorer",
    "TrainLive",
    "TryModel",
    "collect",
    "domain_mismatch",
    "layers",
    "look",
    "negative_transfer",
    "overfitting",
    "overlay",
    "three_ways",
    "train_live",
    "try_model",
]
