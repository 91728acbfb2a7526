"""Questions beyond the comparison: why, how well it transfers, and what to do with few labels.

It may import `experiment` and everything below. Begin with `explain` (where a network looks, what
its layers share), `stages` (what a probe reads from each), `audit` (what is wrong in someone's
images; `grouped` keeps together what belongs together), `transferability` (scores before
training) or `scarce` (label budgets, with `self_train` for whole networks); `FrozenFeatures` is
scikit-learn's way in.
"""

from tlteach.analysis import explain, scarce, transferability
from tlteach.analysis.audit import audit
from tlteach.analysis.estimators import FrozenFeatures
from tlteach.analysis.grouped import grouped
from tlteach.analysis.self_training import self_train
from tlteach.analysis.stages import feature_maps, probe_accuracies, probe_stages, stage_features

__all__ = [
    "FrozenFeatures",
    "audit",
    "explain",
    "feature_maps",
    "grouped",
    "probe_accuracies",
    "probe_stages",
    "scarce",
    "self_train",
    "stage_features",
    "transferability",
]
