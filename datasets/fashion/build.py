"""Build fashion.npz, a stratified subset of Fashion-MNIST, from a Debian package."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common

PACKAGE = {"dataset-fashion-mnist": "0.0~git20200523.55506a9-1"}
FOLDER = "usr/share/datasets/fashion-mnist"
FILES = {common.TRAIN: ("train", 600), common.TEST: ("t10k", 200)}  # images per class
CLASSES = [
    "t-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
]  # fmt: skip


def main() -> None:
    options = common.arguments(__file__, __doc__)
    folder = common.fetch_deb(options.cache, PACKAGE)["dataset-fashion-mnist"] / FOLDER
    parts = [subset(folder, side) for side in (common.TRAIN, common.TEST)]
    images, labels, split, groups = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    keep = common.distinct(images, labels, split)
    arrays = {
        "images": images[keep],
        "labels": labels[keep],
        "domains": np.zeros(keep.sum(), np.uint8),
        "groups": groups[keep],
        "split": split[keep],
        "classes": np.array(CLASSES),
        "domain_names": np.array(["fashion"]),
    }
    common.write(options.out, "fashion", arrays)


def subset(folder: Path, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read one of the two original files; take the first images of a class by content hash."""
    prefix, per_class = FILES[side]
    images = read_idx(folder / f"{prefix}-images-idx3-ubyte.gz")[:, None]
    labels = read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz")
    order = np.argsort(common.hashes(images), kind="stable")
    rows = [order[labels[order] == label][:per_class] for label in range(len(CLASSES))]
    chosen = np.sort(np.concatenate(rows))
    groups = chosen.astype(np.int32) + (0 if side == common.TRAIN else 60_000)
    return images[chosen], labels[chosen], np.full(len(chosen), side, np.uint8), groups


def read_idx(path: Path) -> np.ndarray:
    """Read the idx format: two zero bytes, the type (8 = uint8), the rank, the shape, the data."""
    data = gzip.decompress(path.read_bytes())
    if data[:3] != b"\0\0\x08":
        msg = f"{path.name} is not an idx file of unsigned bytes: it starts with {data[:4]!r}"
        raise ValueError(msg)
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


if __name__ == "__main__":
    main()
