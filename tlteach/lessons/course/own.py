"""Scores, choices and doubts: what notebook 15 asks for, right and typically wrong."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pandas as pd

Runs = Sequence[tuple[str, float, int]]
# calls to try by hand
SCORES = (([9, 0], [9, 1]), ([3, 1], [4, 2]))
RUNS = (
    ([("a", 0.5, 9), ("b", 0.5, 3)],),
    ([("a", 0.75, 9), ("b", 0.5, 3), ("c", 0.25, 0)],),
)
ANSWERS = (([0.9, 0.9, 0.2], 0.5), ([0.5, 0.75, 0.25], 0.5))


def balanced(right: Sequence[int], counts: Sequence[int]) -> float:
    """Return the mean over classes of the share of its photographs that were named right.

    Examples
    --------
    >>> balanced([9, 0], [9, 1])
    0.5
    """
    return sum(right[i] / counts[i] for i in range(len(counts))) / len(counts)


def plain(right: Sequence[int], counts: Sequence[int]) -> float:
    """Return the accuracy, in which large classes count for more."""
    return sum(right) / sum(counts)


def worst(right: Sequence[int], counts: Sequence[int]) -> float:
    """Return the share of the worst class alone."""
    return min(r / n for r, n in zip(right, counts, strict=True))


def summed(right: Sequence[int], counts: Sequence[int]) -> float:
    """Return the sum of the shares, which nobody divided."""
    return sum(r / n for r, n in zip(right, counts, strict=True))


def to_keep(runs: Runs) -> str:
    """Return the regime with the highest validation accuracy; between equals the cheaper one.

    Examples
    --------
    >>> to_keep([("scratch", 0.5, 300), ("fine_tune", 0.8, 300), ("frozen", 0.8, 0)])
    'frozen'
    """
    return max(runs, key=lambda run: (run[1], -run[2]))[0]


def dearest(runs: Runs) -> str:
    """Return the best regime, between equals the one of more updates."""
    return max(runs, key=lambda run: (run[1], run[2]))[0]


def cheapest(runs: Runs) -> str:
    """Return the regime of fewest updates, however good."""
    return min(runs, key=lambda run: (run[2], -run[1]))[0]


def lowest(runs: Runs) -> str:
    """Return the regime with the lowest accuracy, as if it were an error."""
    return min(runs, key=lambda run: (run[1], run[2]))[0]


def expected_wrong(confidences: Sequence[float], sure: float) -> float:
    """Return how many wrong answers to expect among those of at least this confidence.

    Examples
    --------
    >>> expected_wrong([0.9, 0.9, 0.5, 0.2], 0.5)
    0.7
    """
    kept = [c for c in confidences if c >= sure]
    return sum(1 - c for c in kept)


def expected_right(confidences: Sequence[float], sure: float) -> float:
    """Return how many right answers to expect instead."""
    return sum(c for c in confidences if c >= sure)


def of_all(confidences: Sequence[float], sure: float) -> float:
    """Return the wrong ones to expect among all answers."""
    return sum(1 - c for c in confidences)


def held_back(confidences: Sequence[float], sure: float) -> int:
    """Return how many answers are not sure enough."""
    return sum(c < sure for c in confidences)


def doubt(confidences: Sequence[float], sure: float) -> float:
    """Return the mean doubt of the answers that are kept, a share and no number."""
    kept = [1 - c for c in confidences if c >= sure]
    return sum(kept) / max(1, len(kept))


def severe(found: pd.DataFrame) -> str:
    """Return the kind of the first finding that must be mended before anything else."""
    return str(found.loc[found["severity"] == "error", "kind"].iloc[0])


def class_scores() -> list[tuple[Any, ...]]:
    """Return right answers and photographs of one class, then of a few, twenty times."""
    draw = random.Random(15)
    cases = [([1], [2])]
    for _ in range(20):
        counts = [draw.randint(2, 40) for _ in range(draw.randint(2, 6))]
        cases.append(([draw.randint(1, n) for n in counts], counts))
    return cases


def some_runs() -> list[tuple[Any, ...]]:
    """Return regimes with validation accuracy and updates; some are equally good.

    None takes as many updates as another, and they stand in no order.
    """
    draw = random.Random(15)
    names = ("scratch", "frozen", "fine_tune", "lp_ft")
    shares = (0.25, 0.5, 0.75)
    cases: list[tuple[Any, ...]] = [([("frozen", 0.5, 100)],)]
    for _ in range(40):
        took = draw.sample((0, 100, 200, 300), 4)
        cases.append(
            ([(name, draw.choice(shares), n) for name, n in zip(names, took, strict=True)],)
        )
    return cases


def some_answers() -> list[tuple[Any, ...]]:
    """Return confidences and how sure an answer has to be; some are just as sure as that."""
    draw = random.Random(15)
    tenths = [i / 10 for i in range(1, 11)]
    drawn = [
        ([draw.choice(tenths) for _ in range(12)], draw.choice(tenths[3:8])) for _ in range(20)
    ]
    return [([0.75], 0.5), *drawn]


def audit_example() -> dict[str, Any]:
    """Return a table as `tlt.audit` gives it, to try the exercise with."""
    rows = [
        ("error", "label conflict"), ("warning", "shortcut"), ("note", "wrong label"),
        ("note", "overlap with the source"),
    ]  # fmt: skip
    return {"found": pd.DataFrame(rows, columns=["severity", "kind"])}
