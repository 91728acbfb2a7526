"""Build photos.npz: photographs of things cut out on white, from a Debian package."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import common
from stamps import CLASSES

PACKAGE = {"tuxpaint-stamps-default": "2022.06.04-1"}
FOLDER = "usr/share/tuxpaint/stamps"
# of the bytes of all chosen files, in the order of stamps.py
READ_SHA256 = "7f031bb70696b7dfc3a8c22ef6108e85be434a1d446478d7a0daa7a02acf2b70"
SIZE = 96
MARGIN = 4  # pixels of white that stay free around the longer side
TEST_SHARE = 0.45


class Photo(NamedTuple):
    """One row of the table: class number, group and file, both by path without `.png`."""

    label: int
    group: str
    file: str


def main() -> None:
    options = common.arguments(__file__, __doc__)
    folder = common.fetch_deb(options.cache, PACKAGE)["tuxpaint-stamps-default"] / FOLDER
    photos = list(chosen())
    check(folder, photos)
    groups = list(dict.fromkeys(photo.group for photo in photos))
    arrays = {
        "images": np.stack([on_white(folder / f"{photo.file}.png") for photo in photos]),
        "labels": np.array([photo.label for photo in photos], np.uint8),
        "domains": np.zeros(len(photos), np.uint8),
        "groups": np.array([groups.index(photo.group) for photo in photos], np.int32),
        "split": split(photos),
    }
    keep = common.distinct(arrays["images"], arrays["labels"], arrays["split"])
    arrays = {key: array[keep] for key, array in arrays.items()}
    arrays["classes"] = np.array(list(CLASSES))
    arrays["domain_names"] = np.array(["photos"])
    arrays["file_names"] = np.array([photo.file for photo in photos])[keep]
    common.write(options.out, "photos", arrays)


def chosen() -> Iterator[Photo]:
    """Yield the photographs in the table's order."""
    for label, folders in enumerate(CLASSES.values()):
        for folder, words in folders.items():
            for word in words.split():
                for stem in word.split("+"):
                    yield Photo(label, f"{folder}/{word}", f"{folder}/{stem}")


def check(folder: Path, photos: list[Photo]) -> None:
    """Raise unless the package's files are the ones that were looked at."""
    digest = hashlib.sha256()
    for photo in photos:
        digest.update((folder / f"{photo.file}.png").read_bytes())
    if digest.hexdigest() != READ_SHA256:
        msg = (
            f"the {len(photos)} files of the table have SHA-256 {digest.hexdigest()}, expected "
            f"{READ_SHA256}: look at the photographs again before using another package"
        )
        raise ValueError(msg)


def on_white(path: Path) -> np.ndarray:
    """Return a picture as uint8 (3, SIZE, SIZE): what is not clear, in the middle of a square."""
    picture = Image.open(path).convert("RGBA")
    picture = picture.crop(picture.getchannel("A").getbbox())
    side = -(-max(picture.size) * SIZE // (SIZE - 2 * MARGIN))
    square = Image.new("RGB", (side, side), "white")
    corner = ((side - picture.width) // 2, (side - picture.height) // 2)
    square.paste(picture, corner, mask=picture)
    small = square.resize((SIZE, SIZE), Image.Resampling.LANCZOS)  # antialiased where it shrinks
    return np.asarray(small, np.uint8).transpose(2, 0, 1)


def split(photos: list[Photo]) -> np.ndarray:
    """Mark the test photographs: whole groups, in the order of their hashes, up to a share."""
    side = np.full(len(photos), common.TRAIN, np.uint8)
    sizes = np.bincount([photo.label for photo in photos])
    quotas = common.quotas(sizes.tolist(), round(TEST_SHARE * len(photos)))
    for label, left in enumerate(quotas):
        names = [photo.group for photo in photos if photo.label == label]
        for group in common.shuffled(names, "photos"):
            if names.count(group) <= left:  # a group too large for what is left stays in training
                left -= names.count(group)
                side[[photo.group == group for photo in photos]] = common.TEST
    return side


if __name__ == "__main__":
    main()
