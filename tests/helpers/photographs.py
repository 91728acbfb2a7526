"""Generated photographs of two kinds: rings and stripes, alike in colour, size and brightness."""

from pathlib import Path

import numpy as np
from PIL import Image

KINDS = ("rings", "stripes")


def photograph(kind, seed, size=(96, 80)):
    """Return a picture whose mean and contrast are drawn in the same way for every kind."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    wide, high = size
    y, x = np.mgrid[:high, :wide] / high
    turn, wave, phase = random.uniform(0, np.pi), random.uniform(5, 8), random.uniform(0, 6)
    if kind == "stripes":
        way = x * np.cos(turn) + y * np.sin(turn)
    else:
        way = np.hypot(x - random.uniform(0.3, 0.9), y - random.uniform(0.3, 0.7))
    shape = np.sin(2 * np.pi * wave * way + phase)[..., None] * random.uniform(0.5, 1, 3)
    shape = shape + random.normal(0, 0.15, (high, wide, 3))
    shape = (shape - shape.mean((0, 1))) / shape.std((0, 1))
    pixels = random.uniform(100, 150, 3) + random.uniform(25, 40) * shape
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write_photographs(root: Path, n=30, *, first=0, ending="jpg", kinds=KINDS) -> Path:
    """Write n of each kind into a folder each."""
    for kind, name in zip(KINDS, kinds, strict=True):
        (root / name).mkdir(parents=True, exist_ok=True)
        for i in range(first, first + n):
            size = (96 + i % 7, 80 + i % 5)
            photograph(kind, i, size).save(root / name / f"{kind}{i}.{ending}")
    return root
