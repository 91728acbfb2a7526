"""Build digits.npz from the handwritten digits inside scikit-learn (no network)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common

N_TEST = 1_000


def main() -> None:
    options = common.arguments(__file__, __doc__)
    raw = load_digits()
    images = np.rint(raw.images * (255 / 16)).astype(np.uint8)[:, None]
    labels = raw.target.astype(np.uint8)
    arrays = {
        "images": images,
        "labels": labels,
        "domains": np.zeros(len(labels), np.uint8),
        "groups": np.arange(len(labels), dtype=np.int32),
        "split": split(images, labels),
        "classes": np.array([str(digit) for digit in range(10)]),
        "domain_names": np.array(["digits"]),
    }
    keep = common.distinct(images, labels, arrays["split"])
    for key in ("images", "labels", "domains", "groups", "split"):
        arrays[key] = arrays[key][keep]
    common.write(options.out, "digits", arrays)


def split(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mark exactly `N_TEST` test images, stratified, in the order of their content hashes."""
    side = np.full(len(labels), common.TRAIN, np.uint8)
    content = common.hashes(images)
    for digit, quota in enumerate(common.quotas(np.bincount(labels).tolist(), N_TEST)):
        rows = np.flatnonzero(labels == digit)
        side[rows[np.argsort(content[rows], kind="stable")][:quota]] = common.TEST
    return side


if __name__ == "__main__":
    main()
