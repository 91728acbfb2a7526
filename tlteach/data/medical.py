"""Medical images by name: PathMNIST and PatchCamelyon, from a folder or downloaded on request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from tlteach.base import in_range
from tlteach.data.card import Card
from tlteach.data.medical_files import (
    PATHMNIST,
    PCAM,
    SIDE,
    SPLITS,
    check_md5,
    check_rows,
    found,
    library,
    read_h5,
    read_npz,
)
from tlteach.data.task import Split, Task

TISSUES = (
    "adipose",
    "background",
    "debris",
    "lymphocytes",
    "mucus",
    "smooth muscle",
    "normal colon mucosa",
    "cancer-associated stroma",
    "colorectal adenocarcinoma epithelium",
)  # in the order of medmnist.INFO
MOST = {"train": 20_000, "val": 5_000, "test": 5_000}  # all at 64 pixels would be 4 GB

NO_PATIENTS = """
The files do not say which patient an image is of, so `groups` has every image alone, and
`few_shot`, which draws its own validation images, may put one patient on both sides: what is
measured on validation images may flatter. The test split is the official one.
Not for diagnosis, nor for any decision about a patient.
"""


def pathmnist(name: str, root: Path | None) -> Task:
    """Return PathMNIST: tissue of the colon in nine classes, 28 pixels wide, official splits.

    With `medmnist` installed the file must have the MD5 that its INFO gives. MD5 tells damage;
    it is no shield against somebody who forges a file. Keys and shapes are always checked.

    Parameters
    ----------
    name : str
        The task's.
    root : Path, optional
        Folder with pathmnist.npz. Where it is missing, the cache folder is asked, then
        `medmnist` downloads it there (about 210 MB).

    Raises
    ------
    ValueError
        For a root that is no folder, a file that is damaged or one of another layout.
    ConnectionError
        If the file is absent and cannot be downloaded.
    ImportError
        If it must be downloaded and `medmnist` is missing.
    """
    path = found(PATHMNIST, root) / PATHMNIST.files[0]
    check_md5(path)
    splits, start = {}, 0
    for split, (images, labels) in read_npz(path).items():
        check_rows(f"{path.name}, {split}", images, labels, (28, 28, 3), len(TISSUES))
        inputs = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
        splits[split] = _split(inputs, labels, start, domain=int(split == "test"))
        start += len(labels)
    domains = ("NCT-CRC-HE-100K", "CRC-VAL-HE-7K")  # train and val; test, of another centre
    return _task(name, TISSUES, domains, splits, PATH_CARD)


def pcam(name: str, root: Path | None, *, most: Mapping[str, int] = MOST) -> Task:
    """Return PatchCamelyon: lymph nodes with a tumour in the middle or not, official splits.

    Images are shrunk from 96 to 64 pixels. All 327,680 would fill 4 GB, so at most 20,000 train,
    5,000 val and 5,000 test images are kept: the first ones of a random order that never
    changes. torchvision checks a download by MD5; files from elsewhere only by keys and shapes.

    Parameters
    ----------
    name : str
        The task's.
    root : Path, optional
        Folder with the six h5 files, or one whose folder "pcam" has them. Where they are missing,
        the cache folder is asked, then torchvision downloads them there (about 8 GB).
    most : mapping of str to int
        How many images of train, val and test to keep.

    Raises
    ------
    ValueError
        For a root that is no folder, a file that is damaged or one of another layout.
    ConnectionError
        If files are absent and cannot be downloaded.
    ImportError
        If h5py is missing.
    """
    for split in SPLITS:
        in_range(f"most[{split!r}]", most[split], 1)
    folder = found(PCAM, root)
    h5py = library("h5py")
    splits, start = {}, 0
    for i, split in enumerate(SPLITS):
        x, y = (folder / file for file in PCAM.files[2 * i : 2 * i + 2])
        try:
            inputs, labels, kept, n = read_h5(h5py, x, y, most[split])
        except (OSError, KeyError, RuntimeError) as error:
            msg = f"{x.name} or {y.name} is not a readable data file: {error}"
            raise ValueError(msg) from error
        splits[split] = _split(inputs, labels, start, rows=kept)
        start += n
    return _task(name, ("normal", "tumour"), ("pcam",), splits, _pcam_card(splits))


def _split(
    inputs: torch.Tensor,
    labels: np.ndarray,
    start: int,
    *,
    domain: int = 0,
    rows: np.ndarray | None = None,
) -> Split:
    """Return a split whose rows count on from those of the splits before."""
    numbers = np.arange(len(labels)) if rows is None else rows
    index = torch.from_numpy(start + numbers)
    targets = torch.from_numpy(labels.reshape(-1).astype(np.int64))
    return Split(inputs, targets, torch.full_like(index, domain), index, index)


def _task(
    name: str,
    classes: tuple[str, ...],
    domains: tuple[str, ...],
    splits: Mapping[str, Split],
    card: Card,
) -> Task:
    train, val, test = (splits[split] for split in SPLITS)
    pool = train.select(torch.arange(0))
    return Task(name, classes, domains, train, val, test, pool, card)


def _card(title: str, source: str, licence: str, attribution: str, more: str) -> Card:
    fields = {"Source": source, "Licence": licence, "Attribution": attribution}
    told = "\n\n".join(f"**{field}:** {said}" for field, said in fields.items())
    text = f"# {title}\n\n{told}\n{more}{NO_PATIENTS}"
    return Card(title, source, licence, attribution, text)


PATH_CARD = _card(
    "PathMNIST",
    "MedMNIST v2; train and val from NCT-CRC-HE-100K, test from CRC-VAL-HE-7K",
    "CC BY 4.0",
    "Kather et al. 2019; Yang et al. 2023",
    "\nThe test images come from another clinical centre than those of train and val.\n",
)


def _pcam_card(splits: Mapping[str, Split]) -> Card:
    counts = ", ".join(f"{len(splits[split]):,} {split}" for split in SPLITS)
    return _card(
        "PatchCamelyon",
        "Camelyon16, by way of the PatchCamelyon benchmark",
        "CC0",
        "Bejnordi et al. 2017; Veeling et al. 2018",
        f"\nKept: {counts} images, the first of a fixed random order, shrunk to {SIDE} pixels.\n",
    )
