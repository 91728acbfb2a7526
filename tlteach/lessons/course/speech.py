"""The functions that notebook 12 asks for: right ones, typical wrong ones, and cases."""

from __future__ import annotations

import numpy as np

from tlteach.base import rng

Picture = list[list[int]]


def decibels(value: float) -> float:
    """Return how far a byte of a spectrogram lies below the loudest, in decibels."""
    return 4 * (value - 255) / 17


def bytes_of_cells() -> list[tuple[float]]:
    """Return all values that a cell can take."""
    return [(float(value),) for value in range(0, 256, 17)]


def lag(by_accent: dict[str, list[float]]) -> float:
    """Return how far the worst accent lies behind the mean over accents."""
    means = [sum(values) / len(values) for values in by_accent.values()]
    return sum(means) / len(means) - min(means)


def accents() -> list[tuple[dict[str, list[float]]]]:
    """Return accuracies by accent, one for each seed."""
    random = rng(0, "test")
    found: list[tuple[dict[str, list[float]]]] = [
        ({"Scottish": [0.75, 0.85], "German": [0.5, 0.6], "Japanese": [0.2, 0.4]},),
        ({"Scottish": [0.75]},),
        ({"Scottish": [0.5, 0.25], "German": [0.25, 0.5]},),
        ({"Scottish": [0.75], "German": [0.25]},),
    ]
    for _ in range(20):
        rows = random.uniform(0.2, 0.9, (4, 3)).round(2).tolist()
        found.append((dict(zip(("Scottish", "German", "French", "Hindi"), rows, strict=True)),))
    return found


HEARD = (({"Scottish": [0.75, 1.0], "German": [0.25, 0.5], "Japanese": [0.0, 0.5]},),)


def spread(by_accent: dict[str, list[float]]) -> float:
    """Take the best accent for the mean."""
    means = [float(np.mean(values)) for values in by_accent.values()]
    return max(means) - min(means)


def single_run(by_accent: dict[str, list[float]]) -> float:
    """Take the worst single run for the worst accent."""
    every = np.array(list(by_accent.values()))
    return float(every.mean() - every.min())


def middle(by_accent: dict[str, list[float]]) -> float:
    """Take the median accent for the mean."""
    means = [float(np.mean(values)) for values in by_accent.values()]
    return float(np.median(means)) - min(means)


def hide(picture: Picture, start: int, width: int, level: int) -> Picture:
    """Return the picture with `width` frames from `start` on at one level."""
    hidden = []
    for row in picture:
        end = start + width
        hidden.append(row[:start] + [level] * width + row[end:])
    return hidden


def pictures() -> list[tuple[Picture, int, int, int]]:
    """Return small pictures and what to hide of each."""
    random = rng(1, "test")
    found: list[tuple[Picture, int, int, int]] = [
        ([[1, 2, 3, 4], [5, 6, 7, 8]], 1, 2, 0),
        ([[1, 2, 3]], 0, 1, 9),
        ([[1, 2, 3]], 2, 1, 9),
        ([[1, 2, 3]], 1, 0, 9),
        ([[1, 2]], 0, 2, 9),
    ]
    for _ in range(20):
        picture = (17 * random.integers(0, 16, (3, 6))).tolist()
        start, level = int(random.integers(1, 4)), int(random.integers(300, 400))
        found.append((picture, start, int(random.integers(1, 3)), level))
    return found


HIDDEN: tuple[tuple[Picture, int, int, int], ...] = (([[1, 2, 3, 4], [5, 6, 7, 8]], 1, 2, 9),)


def hide_mels(picture: Picture, start: int, width: int, level: int) -> Picture:
    """Hide rows instead of columns."""
    inside = range(start, start + width)
    return [[level] * len(row) if i in inside else row for i, row in enumerate(picture)]


def hide_one_more(picture: Picture, start: int, width: int, level: int) -> Picture:
    """Hide one frame too many."""
    return hide(picture, start, width + 1, level)


def width_as_end(picture: Picture, start: int, width: int, level: int) -> Picture:
    """Take the width for the frame where hiding ends."""
    inside = range(start, width)
    return [[level if t in inside else v for t, v in enumerate(row)] for row in picture]


def cut_out(picture: Picture, start: int, width: int, level: int) -> Picture:
    """Leave the frames out, so that the picture shrinks."""
    return [row[:start] + row[start + width :] for row in picture]


def with_zeros(picture: Picture, start: int, width: int, level: int) -> Picture:
    """Hide with silence instead of the level."""
    return hide(picture, start, width, 0)
