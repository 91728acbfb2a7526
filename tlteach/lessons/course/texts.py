"""What notebook 11 asks for: right answers, typical wrong ones, and cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.base import rng

ROOM = 0.5  # points that a rounded answer may lie away
ROUNDED = 0.05  # per cent


def balanced(answers: list[int], labels: list[int]) -> float:
    """Return the mean over the classes of the share of right answers."""
    shares = []
    for c in set(labels):
        right = [answers[i] == c for i, label in enumerate(labels) if label == c]
        shares.append(sum(right) / len(right))
    return sum(shares) / len(shares)


def cases() -> list[tuple[list[int], list[int]]]:
    """Return answers and labels, the classes in unequal shares, one of them without labels."""
    random = rng(0, "test")
    found = [([1, 1, 1, 0], [1, 1, 0, 0]), ([0], [0]), ([1], [0]), ([2, 2], [0, 1])]
    for _ in range(20):
        labels = random.choice(3, size=12, p=[0.2, 0.5, 0.3])
        answers = labels.copy()
        changed = random.random(12) < 0.4
        answers[changed] = random.integers(0, 4, int(changed.sum()))
        found.append((answers.tolist(), labels.tolist()))
    return found


SAID = (([1, 1, 1, 0, 2], [1, 1, 1, 0, 0]),)


def plain(answers: list[int], labels: list[int]) -> float:
    """Return plain accuracy."""
    return sum(a == label for a, label in zip(answers, labels, strict=True)) / len(labels)


def of_answers(answers: list[int], labels: list[int]) -> float:
    """Go by what was answered, not by the label."""
    return balanced(labels, answers)


def worst(answers: list[int], labels: list[int]) -> float:
    """Return the share of the worst class."""
    whole = list(zip(answers, labels, strict=True))
    mine = [[a == c for a, label in whole if label == c] for c in set(labels)]
    return min(sum(right) / len(right) for right in mine)


def of_two(answers: list[int], labels: list[int]) -> float:
    """Divide by the classes that were answered, not by those that stand in the labels."""
    return balanced(answers, labels) * len(set(labels)) / len(set(answers))


def _ratio(part: Any, whole: Any) -> float:
    return float(100 * part / whole)


def percent(results: pd.DataFrame) -> float:
    """Return how many numbers out of 100 learn under lora."""
    return _ratio(results["trained"]["lora"], results["total"]["lora"])


def percent_band(results: pd.DataFrame) -> tuple[float, float]:
    """Return the band of a rounded answer."""
    return percent(results) - ROUNDED, percent(results) + ROUNDED


def partial(results: pd.DataFrame) -> float:
    """Return the same of partial."""
    return _ratio(results["trained"]["partial"], results["total"]["partial"])


def seconds(results: pd.DataFrame) -> float:
    """Return the share of the seconds."""
    return _ratio(results["seconds"]["lora"], results["seconds"]["fine_tune"])


def counted() -> Mapping[str, Any]:
    """Return counts and seconds as the notebook has them, made up."""
    columns = {
        "trained": {"partial": 5_300_000, "fine_tune": 22_500_000, "lora": 660_000},
        "total": {"partial": 22_500_000, "fine_tune": 22_500_000, "lora": 23_160_000},
        "seconds": {"partial": 0.5, "fine_tune": 1.0, "lora": 0.9},
    }
    return {"results": pd.DataFrame(columns, dtype=float)}


def means(results: pd.DataFrame) -> tuple[float, float]:
    """Return the means at home and away, in points."""
    at_home = results["trained on"] == results["tested on"]
    home, away = results[at_home]["value"].mean(), results[~at_home]["value"].mean()
    return float(100 * home), float(100 * away)


def drop(results: pd.DataFrame) -> float:
    """Return what is lost away from home, in points."""
    home, away = means(results)
    return home - away


def drop_band(results: pd.DataFrame) -> tuple[float, float]:
    """Return the band of a rounded answer."""
    return drop(results) - ROOM, drop(results) + ROOM


def from_all(results: pd.DataFrame) -> float:
    """Leave the cells at home in the second mean."""
    return means(results)[0] - float(100 * results["value"].mean())


def largest(results: pd.DataFrame) -> float:
    """Return the loss of the worst pair."""
    losses = []
    for _, rows in results.groupby("tested on"):
        mean = rows.groupby(rows["trained on"] == rows["tested on"])["value"].mean()
        worst_head = rows.groupby("trained on")["value"].mean().min()
        losses.append(float(100 * (mean[True] - worst_head)))
    return max(losses)


def matrix() -> Mapping[str, Any]:
    """Return balanced accuracies of heads at home and away, made up."""
    names = ("tweets", "films", "products", "editorials")
    rows = [
        (home, away, seed, (0.8 if home == away else 0.66) - 0.02 * j - 0.01 * seed)
        for home in names
        for j, away in enumerate(names)
        for seed in range(3)
    ]
    columns = ["trained on", "tested on", "seed", "value"]
    return {"results": pd.DataFrame(rows, columns=columns)}
