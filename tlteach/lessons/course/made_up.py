"""Results made up and clear-cut, to try an exercise with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd


def made_up(
    values: Mapping[str, Sequence[float]], *, task: str, shots: int, **known: Any
) -> Mapping[str, Any]:
    """Return what a check is given: test accuracies by regime, one for each seed.

    Examples
    --------
    >>> made_up({"frozen": (0.4, 0.5)}, task="emoji", shots=10)["results"]["seed"].tolist()
    [0, 1]
    """
    place = {"task": task, "shots": shots, "split": "test", "metric": "accuracy"} | known
    rows = [
        place | {"regime": regime, "seed": seed, "value": value}
        for regime, accuracies in values.items()
        for seed, value in enumerate(accuracies)
    ]
    return {"results": pd.DataFrame(rows)}
