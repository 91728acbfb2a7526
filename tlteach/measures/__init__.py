"""Numbers about results: metrics, intervals, verdicts, distances, logistic regression.

Arrays or tables in, numbers out; it imports `base` alone and knows no network. Begin with `images`,
where differences over seeds and test images become helps, hurts or cannot tell; `stats` does so
over seeds alone, `pairs` and `verdicts` for tables of results.
"""

from tlteach.measures import distances
from tlteach.measures.balance import default_metric
from tlteach.measures.calibration import Calibration, calibrate, softened_log_loss
from tlteach.measures.caveats import at_the_edge, crowded
from tlteach.measures.distances import (
    cka,
    domain_gap,
    mmd,
    permuted_a_distance,
    proxy_a_distance,
)
from tlteach.measures.estimate import PER_IMAGE, by_image, contrast, estimate
from tlteach.measures.images import TwoWay, two_way
from tlteach.measures.metrics import (
    METRICS,
    accuracy,
    accuracy_by,
    balanced_accuracy,
    brier,
    confusion_table,
    log_loss,
    scores,
)
from tlteach.measures.packing import pack, pack_groups, unpack, unpack_groups
from tlteach.measures.pairs import held_against, paired, summarize
from tlteach.measures.probe import Probes, fit_probes
from tlteach.measures.reliability import ece, ece_floor, reliability_table
from tlteach.measures.rows import by_seed, on_test, only
from tlteach.measures.saved import LabelsSaved, labels_saved
from tlteach.measures.stats import (
    intervals,
    judge,
    mean_and_interval,
    no_word,
    t_interval,
    told,
    word,
)
from tlteach.measures.suspects import label_suspects, outlyingness
from tlteach.measures.verdicts import Verdict, verdict
from tlteach.measures.words import NO_WORD, effect, false_words_expected, false_words_told

__all__ = [
    "METRICS",
    "NO_WORD",
    "PER_IMAGE",
    "Calibration",
    "LabelsSaved",
    "Probes",
    "TwoWay",
    "Verdict",
    "accuracy",
    "accuracy_by",
    "at_the_edge",
    "balanced_accuracy",
    "brier",
    "by_image",
    "by_seed",
    "calibrate",
    "cka",
    "confusion_table",
    "contrast",
    "crowded",
    "default_metric",
    "distances",
    "domain_gap",
    "ece",
    "ece_floor",
    "effect",
    "estimate",
    "false_words_expected",
    "false_words_told",
    "fit_probes",
    "held_against",
    "intervals",
    "judge",
    "label_suspects",
    "labels_saved",
    "log_loss",
    "mean_and_interval",
    "mmd",
    "no_word",
    "on_test",
    "only",
    "outlyingness",
    "pack",
    "pack_groups",
    "paired",
    "permuted_a_distance",
    "proxy_a_distance",
    "reliability_table",
    "scores",
    "softened_log_loss",
    "summarize",
    "t_interval",
    "told",
    "two_way",
    "unpack",
    "unpack_groups",
    "verdict",
    "word",
]
