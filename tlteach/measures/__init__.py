"""Numbers about results: metrics, intervals, verdicts, distances, logistic regression.

Arrays or tables in, numbers out; it imports `base` alone and knows no network. Begin with `stats`,
where a difference over seeds becomes helps, hurts or cannot tell; `images` does so for seeds and
test images together.
"""

from tlteach.measures import distances
from tlteach.measures.calibration import Calibration, calibrate
from tlteach.measures.distances import cka, mmd, permuted_a_distance, proxy_a_distance
from tlteach.measures.images import TwoWay, false_words_expected, false_words_told, two_way
from tlteach.measures.metrics import (
    METRICS,
    accuracy,
    brier,
    confusion_table,
    ece,
    ece_floor,
    log_loss,
    reliability_table,
)
from tlteach.measures.packing import pack, pack_groups, unpack, unpack_groups
from tlteach.measures.probe import Probes, fit_probes
from tlteach.measures.stats import intervals, judge, on_test, paired, summarize, t_interval, told
from tlteach.measures.verdicts import LabelsSaved, Verdict, labels_saved, verdict

__all__ = [
    "METRICS",
    "Calibration",
    "LabelsSaved",
    "Probes",
    "TwoWay",
    "Verdict",
    "accuracy",
    "brier",
    "calibrate",
    "cka",
    "confusion_table",
    "distances",
    "ece",
    "ece_floor",
    "false_words_expected",
    "false_words_told",
    "fit_probes",
    "intervals",
    "judge",
    "labels_saved",
    "log_loss",
    "mmd",
    "on_test",
    "pack",
    "pack_groups",
    "paired",
    "permuted_a_distance",
    "proxy_a_distance",
    "reliability_table",
    "summarize",
    "t_interval",
    "told",
    "two_way",
    "unpack",
    "unpack_groups",
    "verdict",
]
