"""What notebook 06 asks for: functions, typical wrong ones, and cases."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tlteach.base import rng
from tlteach.measures import on_test

Rows = list[list[float]]


def confident(probabilities: Rows, threshold: float) -> list[tuple[int, int]]:
    """Return place and class of every image whose largest probability exceeds a threshold."""
    found = []
    for place in range(len(probabilities)):
        row = probabilities[place]
        if max(row) > threshold:
            found.append((place, row.index(max(row))))
    return found


def likely() -> list[tuple[Rows, float]]:
    """Return probabilities of a few images, and a threshold that some of them reach exactly."""
    found: list[tuple[Rows, float]] = [
        ([[0.75, 0.25], [0.125, 0.875], [0.5, 0.5]], 0.75),
        ([[0.25, 0.5, 0.25], [0.0625, 0.0625, 0.875]], 0.5),
        ([[0.75, 0.25]], 0.75),
        ([[0.25, 0.75], [0.5, 0.5]], 0.875),
        ([[0.0, 1.0], [1.0, 0.0]], 0.0),
    ]
    return found + [(rows, 0.5) for rows, _ in _drawn(3)]


SURE: tuple[tuple[Rows, float], ...] = (([[0.25, 0.75], [0.875, 0.125]], 0.75),)


def asked() -> list[tuple[Rows, int]]:
    """Return probabilities of images, and how many of them are asked for."""
    return [
        ([[0.5, 0.25, 0.25], [0.5, 0.4375, 0.0625], [0.9, 0.05, 0.05]], 1),
        ([[0.5, 0.5]], 1),
        ([[0.25, 0.75], [0.5, 0.5]], 0),
        *_drawn(4),
    ]


UNCLEAR: tuple[tuple[Rows, int], ...] = (
    ([[0.5, 0.25, 0.25], [0.5, 0.4375, 0.0625], [0.875, 0.125, 0.0]], 2),
)


def _drawn(stream: int) -> list[tuple[Rows, int]]:
    """Return rows without equal margins or equal largest values: what is right there is open."""
    random = rng(stream, "test")
    found: list[tuple[Rows, int]] = []
    while len(found) < 20:
        counts = random.multinomial(64, random.dirichlet([0.5] * 4, size=5))
        ranked = np.sort(counts, axis=1)
        margins = ranked[:, -1] - ranked[:, -2]
        if margins.all() and len(set(margins)) == len(margins):
            found.append(((counts / 64).tolist(), int(random.integers(1, 5))))
    return found


def reached(probabilities: Rows, threshold: float) -> list[tuple[int, int]]:
    """Take those that just reach the threshold, too."""
    rows = enumerate(probabilities)
    return [(place, row.index(max(row))) for place, row in rows if max(row) >= threshold]


def everything(probabilities: Rows, threshold: float) -> list[tuple[int, int]]:
    """Take every image."""
    return reached(probabilities, 0.0)


def doubtful(probabilities: Rows, threshold: float) -> list[tuple[int, int]]:
    """Take those that the model is not sure of."""
    rows = enumerate(probabilities)
    return [(place, row.index(max(row))) for place, row in rows if max(row) <= threshold]


def places(probabilities: Rows, threshold: float) -> list[int]:
    """Forget the classes."""
    return [place for place, _ in confident(probabilities, threshold)]


def unsure(probabilities: Rows, n: int) -> list[int]:
    """Return the places of the n smallest margins, the smallest first."""
    margins = []
    for row in probabilities:
        ranked = sorted(row)
        margins.append(ranked[len(row) - 1] - ranked[len(row) - 2])
    return sorted(range(len(margins)), key=lambda place: margins[place])[:n]


def _smallest(probabilities: Rows, n: int, measure: Callable[[list[float]], float]) -> list[int]:
    values = [measure(row) for row in probabilities]
    return sorted(range(len(values)), key=lambda place: values[place])[:n]


def surest(probabilities: Rows, n: int) -> list[int]:
    """Ask for the largest margins."""
    return unsure(probabilities, len(probabilities))[::-1][:n]


def least_likely(probabilities: Rows, n: int) -> list[int]:
    """Look at the largest probability alone."""
    return _smallest(probabilities, n, max)


def least_known(probabilities: Rows, n: int) -> list[int]:
    """Look at all probabilities: the largest entropy first."""
    return _smallest(probabilities, n, lambda row: sum(p * math.log(p) for p in row if p))


def ends(probabilities: Rows, n: int) -> list[int]:
    """Subtract the smallest probability instead of the second."""
    return _smallest(probabilities, n, lambda row: max(row) - min(row))


def of_pool(results: pd.DataFrame, metric: str) -> float:
    """Return a mean over seeds after the last round, emoji with five labels."""
    rows = results.query("task == 'emoji' and shots == 5 and split == 'pool'")
    last = rows[(rows["round"] == rows["round"].max()) & (rows["metric"] == metric)]
    return float(last["value"].mean())


def share_of_pool(results: pd.DataFrame) -> float:
    """Return which part of the unlabelled images got a label."""
    rows = results.query("task == 'emoji' and shots == 5")
    return of_pool(results, "added") / float(rows["unlabelled"].mean())


def start(results: pd.DataFrame) -> float:
    """Return the test accuracy before any pseudo-label."""
    rows = on_test(results).query("task == 'emoji' and shots == 5 and regime == 'frozen'")
    return float(rows["value"].mean())


def pseudo_labelled() -> Mapping[str, Any]:
    """Return a table as `scarce.pseudo_label` gives it, made up."""
    place = {"task": "emoji", "shots": 5, "unlabelled": 1448}
    rows = []
    for seed, (added, correct, before) in enumerate([(210, 0.5, 0.36), (180, 0.46, 0.34)]):
        here = place | {"seed": seed}
        test = {"regime": "frozen", "round": 0, "split": "test", "metric": "accuracy"}
        pool = {"regime": "pseudo_label", "round": 3, "split": "pool"}
        rows += [
            here | test | {"value": before},
            here | pool | {"metric": "added", "value": float(added)},
            here | pool | {"metric": "correct", "value": correct},
        ]
    return {"results": pd.DataFrame(rows)}
