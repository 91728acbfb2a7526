"""How a score and the accuracy rank the same candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import weightedtau

from tlteach.base import checked, in_range, rng

Candidates = Sequence[float] | Mapping[str, float] | pd.Series


@dataclass(frozen=True)
class Agreement:
    """A weighted Kendall tau, its 95 % bootstrap interval and the number of candidates."""

    tau: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        told = "the score ranks them as accuracy does, more or less"
        if self.low <= 0 <= self.high:
            told = "the interval holds 0, so cannot tell whether the score ranks them"
        elif self.high < 0:
            told = "the score ranks them the wrong way round"
        interval = f"({self.low:.2f} to {self.high:.2f})"
        return f"weighted tau {self.tau:+.2f} {interval} over {self.n} candidates: {told}"


@checked
def agreement(scores: Candidates, accuracies: Candidates, *, seed: int) -> Agreement:
    """Compare how a score and the accuracy rank the same candidates, at least 3.

    Mappings and Series are matched by name. The tau weighs the top of the rankings most (Vigna
    2015); the percentile bootstrap draws candidates (stream "test"), so it shows how much hangs
    on this choice of a few.

    Examples
    --------
    >>> print(agreement([1, 2, 3, 4], [0.4, 0.7, 0.5, 0.6], seed=0))
    weighted tau +0.20 (-1.00 to 1.00) over 4 candidates: the interval holds 0, ...
    """
    pairs = pd.DataFrame({"scores": pd.Series(scores), "accuracies": pd.Series(accuracies)})
    if missing := pairs.index[pairs.isna().any(axis=1)].tolist():
        msg = f"every candidate needs a score and an accuracy; one is missing for {missing}"
        raise ValueError(msg)
    in_range("number of candidates", len(pairs), 3)
    for column, n_values in pairs.nunique().items():
        in_range(f"number of different {column}", n_values, 2)
    n, values = len(pairs), pairs.to_numpy(dtype=float)
    drawn = np.sort(rng(seed, "test").integers(n, size=(2000, n)), axis=1)
    picks, times = np.unique(drawn, axis=0, return_counts=True)  # few candidates: few samples
    taus = [float(weightedtau(*values[rows].T).statistic) for rows in (range(n), *picks)]
    low, high = np.nanquantile(np.repeat(taus[1:], times), [0.025, 0.975])  # one drawn: NaN
    return Agreement(taus[0], float(low), float(high), n)
