"""The functions that notebook 03 asks for: right ones, typical wrong ones, and cases."""

from __future__ import annotations

from collections.abc import Mapping

from tlteach.base import rng

Accuracies = Mapping[str, list[float]]


def cut(validation: Accuracies) -> str:
    """Return the stage with the highest mean accuracy, the earliest of equals."""
    mean = {stage: sum(values) / len(values) for stage, values in validation.items()}
    return max(mean, key=lambda stage: mean[stage])


def validations() -> list[tuple[Accuracies]]:
    """Return validation accuracies of stages, a list for each."""
    random = rng(0, "test")
    cases: list[tuple[Accuracies]] = [
        ({"stem": [0.2, 0.3], "middle": [0.5, 0.75], "late": [0.75, 0.5], "last": [0.4, 0.6]},),
        ({"stem": [0.2, 0.2], "middle": [0.7, 0.7], "late": [0.9, 0.1], "last": [0.6, 0.6]},),
        ({"stem": [0.1], "middle": [0.9, 0.8], "last": [0.7, 0.7, 0.7]},),
        ({"only": [0.5]},),
        ({"late": [0.25, 0.25], "early": [0.25, 0.25]},),
    ]
    for _ in range(30):
        height = random.uniform(0.3, 0.6, 5) + 0.1 * random.normal(size=(3, 5))
        height = height.round(3)
        cases.append(({f"stage{i + 1}": height[:, i].tolist() for i in range(5)},))
    return cases


BY_HAND = ({"stem": [0.25], "middle": [0.5], "late": [0.25, 0.75], "last": [0.125, 0.875, 0.0]},)


def cut_at_the_latest(validation: Accuracies) -> str:
    """Take the latest of equal stages."""
    return cut(dict(reversed([*validation.items()])))


def cut_at_a_lucky_seed(validation: Accuracies) -> str:
    """Trust the luckiest seed."""
    return max(validation, key=lambda stage: max(validation[stage]))


def rate(stage: int, stages: int, lr: float, decay: float) -> float:
    """Return the learning rate of one stage, counted from 0 at the image."""
    return lr * decay ** (stages - 1 - stage)


def rates() -> list[tuple[int, int, float, float]]:
    """Return a stage, the number of stages, a rate and its decay."""
    random = rng(1, "test")
    cases = [(3, 4, 0.01, 0.5), (0, 4, 0.01, 0.5), (2, 4, 0.01, 0.5), (0, 1, 0.1, 0.5)]
    cases += [(0, 3, 0.01, 1.0)]
    for _ in range(30):
        stages = int(random.integers(2, 9))
        lr, decay = (float(random.integers(low, 100) / 100) for low in (10, 50))
        cases.append((int(random.integers(stages)), stages, lr, decay))
    return cases


def rate_from_the_bottom(stage: int, stages: int, lr: float, decay: float) -> float:
    """Let the first stage learn fastest."""
    return lr * decay**stage


def rate_one_too_low(stage: int, stages: int, lr: float, decay: float) -> float:
    """Slow down the last stage as well."""
    return lr * decay ** (stages - stage)


def rate_once(stage: int, stages: int, lr: float, decay: float) -> float:
    """Slow all lower stages alike."""
    return lr if stage == stages - 1 else lr * decay
