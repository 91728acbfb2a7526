"""The functions that notebook 02 asks for: right ones, typical wrong ones, and cases."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tlteach.base import rng

NEVER = float("inf")


def stop(losses: Sequence[float], patience: int) -> int:
    """Return the place of the lowest loss known when training ends."""
    best = 0
    for place, loss in enumerate(losses):
        if loss < losses[best]:
            best = place
        elif place - best >= patience:
            break
    return best


def losses_of_runs() -> list[tuple[list[float], int]]:
    """Return losses, many of them equal, and how long to wait."""
    random = rng(0, "test")
    cases = [([0.5], 1), ([0.5, 0.5], 1), ([0.5, 0.4], 3), ([0.4, 0.5, 0.4, 0.3], 2)]
    cases += [([1.0, 0.8, 0.9, 0.7], 1), ([1.0, 0.8, 0.9, 0.7], 2), ([0.5, 0.6, 0.7, 0.4], 2)]
    for _ in range(60):  # of one decimal, so that many are equal
        n = int(random.integers(4, 20))
        falling = 1 + random.normal(0, 0.3, n) - 0.05 * pd.RangeIndex(n)
        cases.append((falling.round(1).tolist(), int(random.integers(1, 5))))
    return cases


STOPS = (([0.8, 0.6, 0.8, 0.5, 0.9, 0.5, 0.4], 2),)


def all_seen(losses: Sequence[float], patience: int) -> int:
    """Look at losses after the end, too."""
    return min(range(len(losses)), key=lambda place: losses[place])


def ended(losses: Sequence[float], patience: int) -> int:
    """Return where training ends."""
    return min(stop(losses, patience) + patience, len(losses) - 1)


def impatient(losses: Sequence[float], patience: int) -> int:
    """End at the first loss that is no new lowest."""
    return stop(losses, 1)


def neighbours(losses: Sequence[float], patience: int) -> int:
    """Count rises over the measurement before, not over the lowest."""
    best, rises = 0, 0
    for place in range(1, len(losses)):
        rises = rises + 1 if losses[place] >= losses[place - 1] else 0
        if rises >= patience:
            break
        best = place if losses[place] < losses[best] else best
    return best


def highest(losses: Sequence[float], patience: int) -> int:
    """Keep the highest loss."""
    return stop([-loss for loss in losses], patience)


def time_to(steps: Sequence[int], values: Sequence[float], final: float) -> float:
    """Return the first step at which a curve reaches 90 % of `final`, infinity for never."""
    reached = [steps[place] for place in range(len(values)) if values[place] >= 0.9 * final]
    return min(reached) if reached else float("inf")


def curves() -> list[tuple[list[int], list[float], float]]:
    """Return steps, values of a curve, and a final value."""
    random = rng(1, "test")
    cases = [([15, 30, 45, 60], [0.2, 0.9, 0.7, 1.0], 1.0), ([10], [0.45], 0.5), ([10], [0.4], 0.5)]
    for _ in range(40):
        n, final = int(random.integers(2, 12)), int(random.integers(50, 100))
        values = random.integers(20, 50, n) + 50 * pd.RangeIndex(n) // n
        if all(10 * values != 9 * final):  # 0.9 times a float may lie on either side of a value
            steps = [15 * i for i in range(1, n + 1)]
            cases.append((steps, (values / 100).tolist(), final / 100))
    return cases


TIMES = (([10, 20, 30, 40], [0.42, 0.45, 0.9, 0.4], 0.5), ([10, 20], [0.1, 0.2], 0.9))


def absolute(steps: Sequence[int], values: Sequence[float], final: float) -> float:
    """Ask for 0.9, whatever the final value."""
    return time_to(steps, values, 1.0)


def whole(steps: Sequence[int], values: Sequence[float], final: float) -> float:
    """Ask for all of the final value."""
    return time_to(steps, values, final / 0.9)


def place_of(steps: Sequence[int], values: Sequence[float], final: float) -> float:
    """Return the place in the list instead of the step."""
    return time_to(range(len(values)), values, final)


def last(steps: Sequence[int], values: Sequence[float], final: float) -> float:
    """Return the last step up there."""
    pairs = zip(steps, values, strict=True)
    return max((step for step, value in pairs if value >= 0.9 * final), default=NEVER)


def never_is_the_end(steps: Sequence[int], values: Sequence[float], final: float) -> float:
    """Take the end for never."""
    return min(time_to(steps, values, final), steps[-1])
