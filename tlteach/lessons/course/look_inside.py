"""The functions that notebook 07 asks for: right ones, typical wrong ones, and cases."""

from __future__ import annotations

from itertools import compress

import numpy as np
import pandas as pd

from tlteach.base import rng
from tlteach.measures import judge

Bins = tuple[list[int], list[float], list[float]]


def share(heat: list[float], inside: list[bool]) -> float:
    """Return the share of a map's heat that lies inside a region; 0 for a map without heat."""
    total = sum(heat)
    if total > 0:
        return sum(compress(heat, inside)) / total
    return 0.0


def maps() -> list[tuple[list[float], list[bool]]]:
    """Return maps, pixel by pixel, and which of their pixels lie inside."""
    random = rng(0, "test")
    found = [
        ([0.0, 0.0, 0.0], [True, False, True]),
        ([0.0], [True]),
        ([0.5], [True]),
        ([0.5, 0.25], [False, False]),
        ([0.25, 0.5], [True, True]),
        ([0.05, 0.0, 0.05], [False, True, True]),
        ([1.0, 0.5, 0.25, 0.25], [True, False, False, True]),
    ]
    for _ in range(20):
        heat = random.uniform(0, 1, 6).round(2)
        found.append((heat.tolist(), (random.uniform(0, 1, 6) < 0.4).tolist()))
    return found


HEATS = (([1.0, 0.5, 0.25, 0.25], [True, True, False, True]), ([0.0, 0.0], [True, False]))


def area(heat: list[float], inside: list[bool]) -> float:
    """Count pixels, not heat."""
    return float(np.mean(inside))


def mean_inside(heat: list[float], inside: list[bool]) -> float:
    """Return the mean heat inside."""
    return float(sum(compress(heat, inside)) / max(1, sum(inside)))


def over_outside(heat: list[float], inside: list[bool]) -> float:
    """Divide by what lies outside, not by all."""
    within = share(heat, inside)
    return within / (1 - within) if within < 1 else 0.0


def error(counts: list[int], confidence: list[float], accuracy: list[float]) -> float:
    """Return the mean distance between confidence and accuracy, weighted by images."""
    bins = zip(counts, confidence, accuracy)  # noqa: B905
    return sum(n * abs(sure - right) for n, sure, right in bins) / sum(counts)


def bins_of_answers() -> list[Bins]:
    """Return numbers of images, mean confidences and accuracies of bins."""
    random = rng(1, "test")
    found: list[Bins] = [([10, 30], [0.5, 0.9], [0.7, 0.8]), ([1, 1], [0.5, 1.0], [0.75, 0.5])]
    found += [([5], [0.5], [0.75]), ([5], [0.5], [0.5]), ([0, 4], [0.0, 1.0], [0.0, 0.5])]
    for _ in range(20):
        counts = random.integers(1, 60, 3).tolist()
        found.append((counts, *random.uniform(0.2, 1, (2, 3)).round(2).tolist()))
    return found


BINS: tuple[Bins, ...] = (([1, 3], [0.5, 1.0], [0.75, 0.5]),)


def unweighted(counts: list[int], confidence: list[float], accuracy: list[float]) -> float:
    """Count each bin once."""
    return float(np.mean(np.abs(np.subtract(confidence, accuracy))))


def signed(counts: list[int], confidence: list[float], accuracy: list[float]) -> float:
    """Let bins that are too sure and too modest cancel."""
    gaps = np.subtract(confidence, accuracy)
    return float(abs(np.dot(counts, gaps) / sum(counts)))


def largest(counts: list[int], confidence: list[float], accuracy: list[float]) -> float:
    """Take the worst bin."""
    return float(np.max(np.abs(np.subtract(confidence, accuracy))))


def squared(counts: list[int], confidence: list[float], accuracy: list[float]) -> float:
    """Square the distances."""
    gaps = np.subtract(confidence, accuracy)
    return float(np.dot(counts, gaps**2) / sum(counts))


def moved_most(results: pd.DataFrame) -> str:
    """Return the stage of fine_tune that is least like the pretrained one."""
    tuned = results[results["net"] == "fine_tune"]
    return str(tuned.groupby("stage")["cka"].mean().idxmin())


def place_of_error(results: pd.DataFrame) -> str:
    """Return where the calibration error of fine_tune lies against its floor."""
    tuned = results[results["regime"] == "fine_tune"]
    word = judge(tuned["ece"] - tuned["floor"])[0]
    return {"helps": "above", "hurts": "below"}.get(word, word)


def left_over(results: pd.DataFrame) -> float:
    """Return the accuracy that is left when no bag is known without its mark."""
    mean = results.mean(numeric_only=True)
    return float(mean["accuracy"] - mean["bags"] * mean["of_all"])
