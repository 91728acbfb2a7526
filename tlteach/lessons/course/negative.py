"""The functions that notebook 05 asks for: right ones, typical wrong ones, and cases."""

from __future__ import annotations

from itertools import product

import numpy as np

from tlteach.base import rng


def lead(with_source: list[float], without: dict[str, list[float]]) -> float:
    """Return the mean accuracy with a source, minus that of the strongest way without one."""
    means = [sum(values) / len(values) for values in without.values()]
    return sum(with_source) / len(with_source) - max(means)


def ways() -> list[tuple[list[float], dict[str, list[float]]]]:
    """Return accuracies with a source and without, seed by seed."""
    random = rng(0, "test")
    found = [
        ([0.6, 0.8], {"raw_pixels": [0.5, 0.7], "scratch": [0.9, 0.1]}),
        ([0.5], {"scratch": [0.75]}),
        ([0.5, 0.25], {"majority": [0.5, 0.25], "scratch": [0.25, 0.5]}),
    ]
    for _ in range(20):
        source, *others = random.uniform(0.2, 0.9, (4, 5)).round(2).tolist()
        found.append(
            (source, dict(zip(("majority", "raw_pixels", "scratch"), others, strict=True)))
        )
    return found


LEAD = (([0.5, 0.75], {"raw_pixels": [0.25, 0.5], "scratch": [0.75, 0.25]}),)


def weakest(with_source: list[float], without: dict[str, list[float]]) -> float:
    """Compare with the weakest way."""
    return float(np.mean(with_source) - min(np.mean(v) for v in without.values()))


def average(with_source: list[float], without: dict[str, list[float]]) -> float:
    """Compare with the average way."""
    return float(np.mean(with_source) - np.mean(list(without.values())))


def anew(with_source: list[float], without: dict[str, list[float]]) -> float:
    """Choose the best way anew in every seed."""
    return float(np.mean(with_source) - np.max(list(without.values()), axis=0).mean())


def choose(found: dict[str, float], alone: float, margin: float) -> str:
    """Return the best source if it is ahead of no source by more than a margin, else "none"."""
    best = max(found, key=lambda source: found[source])
    if found[best] - alone > margin:
        return best
    return "none"


def candidates() -> list[tuple[dict[str, float], float, float]]:
    """Return validation accuracies of sources, of no source, and a margin."""
    random = rng(1, "test")
    names = ("letters", "clothes", "emoji")
    found: list[tuple[dict[str, float], float, float]] = [
        ({"letters": 0.75, "clothes": 0.5}, 0.75, 0.0),
        ({"letters": 0.5, "clothes": 0.75}, 0.25, 0.125),
        ({"letters": 0.5, "clothes": 0.75}, 0.6875, 0.125),
        ({"emoji": 0.25}, 0.75, -1.0),  # with such a margin a rule never says none
        ({"emoji": 0.25}, 0.25, -1.0),
    ]
    for _ in range(20):
        *accuracies, alone = (random.permutation(60)[:4] / 100 + 0.3).round(2).tolist()
        margin = float(random.integers(0, 10) / 100 + 0.005)  # a margin that nothing just reaches
        found.append((dict(zip(names, accuracies, strict=True)), alone, margin))
    return found


CHOICES = (
    ({"letters": 0.75, "clothes": 0.875}, 0.5, 0.125),
    ({"letters": 0.75}, 0.625, 0.125),
)


def first_ahead(found: dict[str, float], alone: float, margin: float) -> str:
    """Take the first source that is far enough ahead."""
    return next((s for s, value in found.items() if value - alone > margin), "none")


def any_lead(found: dict[str, float], alone: float, margin: float) -> str:
    """Forget the margin."""
    return choose(found, alone, 0.0)


def rescue(gain_low: float, left_low: float, left_high: float) -> str:
    """Return what a rescue achieved, from the ends of two intervals."""
    if gain_low <= 0:
        return "not shown"
    if left_high < 0:
        return "less harm"
    if left_low > 0:
        return "helps now"
    return "harm may be left"


def pairs_of_intervals() -> list[tuple[float, float, float]]:
    """Return lower ends of gains, and intervals of what is left."""
    random = rng(2, "test")
    left = (-0.1, -0.02), (-0.1, 0.1), (0.02, 0.1), (-0.1, 0.0), (0.0, 0.1), (0.0, 0.0)
    ends = product((-0.05, 0.0, 0.05), left)
    found = [(gain, *two) for gain, two in ends]
    for _ in range(20):
        gain, low = (int(one) for one in random.integers(-15, 15, 2))
        found.append((gain / 100, low / 100, (low + 8) / 100))
    return found


ENDS = ((0.01, 0.0, 0.02), (0.01, -0.1, -0.02), (0.01, 0.02, 0.1), (0.0, 0.02, 0.1))


def no_harm_told(gain_low: float, left_low: float, left_high: float) -> str:
    """Take what cannot be told for help."""
    said = rescue(gain_low, left_low, left_high)
    return "helps now" if said == "harm may be left" else said


def gain_alone(gain_low: float, left_low: float, left_high: float) -> str:
    """Look at the gain alone."""
    return "helps now" if gain_low > 0 else "not shown"


def end_alone(gain_low: float, left_low: float, left_high: float) -> str:
    """Look at what is left alone."""
    return rescue(1.0, left_low, left_high)


def still_bad(gain_low: float, left_low: float, left_high: float) -> str:
    """Take what cannot be told for harm."""
    said = rescue(gain_low, left_low, left_high)
    return "less harm" if said == "harm may be left" else said
