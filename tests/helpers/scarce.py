"""What a table of scarce labels tells, and scikit-learn's probe on pixels."""

from dataclasses import replace

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tlteach.base import rng

NAMES = ["labels", "train", "val", "unlabelled"]


def values(table, split, **where):
    """Return one metric after another of one run, as metric to value."""
    for column, value in (where | {"split": split}).items():
        table = table[table[column] == value]
    return table.set_index("metric")["value"].to_dict()


def relabelled(split):
    """Return a split with its labels shuffled."""
    order = torch.from_numpy(rng(0, "test").permutation(len(split)))
    return replace(split, labels=split.labels[order])


def probe(c):
    return make_pipeline(StandardScaler(), LogisticRegression(C=c, solver="newton-cg", tol=1e-8))


def pixels(split):
    return split.images.flatten(1).numpy() / 255
