"""What notebook 14 asks for: functions, right ones and typical wrong ones, and cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tlteach.base import rng


def words(leads: pd.DataFrame) -> pd.Series[str]:
    """Return the verdict's word by number of labels, fewest first."""
    return leads.set_index("shots")["verdict"].sort_index()


def vanishes(leads: pd.DataFrame) -> int:
    """Return the fewest labels per class from which on no lead is told."""
    found = words(leads)
    last = max((shots for shots in found.index if found[shots] == "helps"), default=0)
    return int(min(shots for shots in found.index if shots > last))


def last_lead(leads: pd.DataFrame) -> int:
    """Return the most labels per class with a lead that is told."""
    found = words(leads)
    return int(max((shots for shots in found.index if found[shots] == "helps"), default=-1))


def first_harm(leads: pd.DataFrame) -> int:
    """Return the fewest labels per class at which it hurts."""
    found = words(leads)
    return int(min((shots for shots in found.index if found[shots] == "hurts"), default=-1))


def mean_below(leads: pd.DataFrame) -> int:
    """Return the fewest labels per class with a mean below zero."""
    means = leads.set_index("shots")["difference"]
    return int(min((shots for shots in means.index if means[shots] < 0), default=-1))


def leads_example() -> Mapping[str, Any]:
    """Return leads over scratch, made up and clear-cut."""
    leads = {1: ("helps", 0.1), 2: ("cannot tell", 0.004), 5: ("cannot tell", -0.004)}
    leads |= {10: ("hurts", -0.05), 50: ("hurts", -0.02)}
    rows = [(k, word, mean) for k, (word, mean) in leads.items()]
    return {"leads": pd.DataFrame(rows, columns=["shots", "verdict", "difference"])}


def loss_example() -> Mapping[str, Any]:
    """Return what a hospital that nobody trained on costs, seed by seed, made up."""
    return {"differences": [-0.03, -0.02, -0.04, -0.025, -0.03]}


def ppv(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Return the share of positive answers that are right: the positive predictive value."""
    true = sensitivity * prevalence
    false = (1 - specificity) * (1 - prevalence)
    return true / (true + false)


def tests_and_places() -> list[tuple[float, float, float]]:
    """Return sensitivities, specificities and prevalences."""
    random = rng(0, "test")
    found = [(0.9, 0.9, 0.01), (0.8, 0.95, 0.5), (0.5, 0.75, 0.1), (0.5, 0.5, 0.5)]
    found += [(1.0, 0.5, 1.0), (0.5, 1.0, 0.25)]
    low, high = (0.4, 0.5, 0.02), (0.95, 0.98, 0.6)
    drawn = random.uniform(low, high, (20, 3)).round(2)
    return found + [(float(a), float(b), float(c)) for a, b, c in drawn]


def everywhere_alike(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Forget the prevalence."""
    return sensitivity / (sensitivity + 1 - specificity)


def share_right(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Return the accuracy."""
    return sensitivity * prevalence + specificity * (1 - prevalence)


def false_alarms(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Return the share of positive answers that are wrong."""
    return 1 - ppv(sensitivity, specificity, prevalence)


def share_positive(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Return how many answers are positive."""
    return sensitivity * prevalence + (1 - specificity) * (1 - prevalence)


def sensitivity_at(healthy: list[float], sick: list[float], specificity: float) -> float:
    """Return the share of the sick above the lowest threshold that keeps the specificity."""
    enough = specificity * len(healthy)
    threshold = min(t for t in healthy if sum(score <= t for score in healthy) >= enough)
    return sum(score > threshold for score in sick) / len(sick)


def scores() -> list[tuple[list[float], list[float], float]]:
    """Return scores of healthy and sick ones, some alike, and a specificity."""
    random = rng(1, "test")
    found = [([0.1, 0.2, 0.3, 0.4], [0.2, 0.3, 0.35, 0.9], 0.75), ([0.2], [0.1, 0.9, 0.2], 0.5)]
    found += [([0.3, 0.1, 0.2], [0.15, 0.25, 0.35], share) for share in (0.25, 0.5, 0.75, 1.0)]
    found += [([0.2, 0.2, 0.1, 0.2], [0.1, 0.2, 0.3], share) for share in (0.25, 0.5)]
    for n, specificity in ((10, 0.9), (20, 0.75), (8, 0.5), (20, 0.9), (40, 0.95), (30, 0.8)):
        healthy = random.normal(0.4, 0.15, n).round(2).tolist()
        sick = random.normal(0.55, 0.15, 37).round(2).tolist()
        found.append((healthy, [*sick, *healthy], specificity))
    for n in range(2, 8):  # few: a quantile that is drawn between two scores is another threshold
        healthy = random.uniform(0, 1, n).round(2).tolist()
        sick = [0.5 * (a + b) for a in healthy for b in healthy]
        found += [(healthy, sick, share) for share in (0.125, 0.375, 0.625, 0.875)]
    return found


SCORES = (([0.1, 0.2, 0.3, 0.4], [0.3, 0.35, 0.6, 0.9], 0.75),)


def by_the_sick(healthy: list[float], sick: list[float], specificity: float) -> float:
    """Choose the threshold on the sick."""
    return sensitivity_at(sick, sick, specificity)


def wrong_end(healthy: list[float], sick: list[float], specificity: float) -> float:
    """Let the share of false alarms be the specificity."""
    return sensitivity_at(healthy, sick, 1 - specificity)


def at_or_above(healthy: list[float], sick: list[float], specificity: float) -> float:
    """Count scores that are just at the threshold."""
    enough = specificity * len(healthy)
    threshold = min(t for t in healthy if sum(score <= t for score in healthy) >= enough)
    return float(np.mean([score >= threshold for score in sick]))


def of_everybody(healthy: list[float], sick: list[float], specificity: float) -> float:
    """Return the share of all, healthy or sick, that are called sick."""
    return sensitivity_at(healthy, healthy + sick, specificity)


def missed(healthy: list[float], sick: list[float], specificity: float) -> float:
    """Return the share of the sick that are missed."""
    return 1 - sensitivity_at(healthy, sick, specificity)
