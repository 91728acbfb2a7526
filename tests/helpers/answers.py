"""Results tables whose rows tell which test images each run got right."""

import numpy as np
import pandas as pd

from tlteach.measures import pack, pack_groups


def runs(matrices, groups=None, **columns):
    """Return a results table: (regime, shots) -> bools of shape (seeds, images)."""
    rows = []
    for (regime, shots), matrix in matrices.items():
        together = np.arange(matrix.shape[1]) if groups is None else groups
        rows += [
            {"task": "emoji", "backbone": "lite0", "regime": regime, "shots": shots, "seed": seed}
            | {"split": "test", "metric": "accuracy", "value": right.mean()}
            | {"right": pack(right), "groups": pack_groups(together)}
            | columns
            for seed, right in enumerate(matrix)
        ]
    return pd.DataFrame(rows)


def answers(random, share, S=5, n=200):
    """Return which images each of S runs got right: some images are hard, some seeds bad."""
    hard = random.normal(size=n) + 0.1 * random.normal(size=(S, 1)) + random.normal(size=(S, n))
    return hard < np.quantile(hard, share)
