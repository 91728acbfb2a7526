"""Tasks by name, parts of them, and tasks from a learner's own folder."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from tlteach.base import in_range, one_of, rng, sha256
from tlteach.data.elsewhere import ELSEWHERE
from tlteach.data.folder import read_folder
from tlteach.data.subset import divided, one_in_five, only_classes, only_domains, places
from tlteach.data.task import Card, Split, Task


def load_task(
    name: str, *, domains: Iterable[str] | None = None, root: str | Path | None = None
) -> Task:
    """Load a task: one that ships with tlteach, offline and checked by SHA-256, or one elsewhere.

    The test split is fixed; of the other inputs about one group in five is validation.

    Parameters
    ----------
    name : str
        A key of `TASKS`, which ship; of `SUBTASKS`, parts of those, such as "fashion_5_9" or
        "emoji_noto"; or of `ELSEWHERE`, which come from `root`, a folder of yours: "pathmnist" and
        "pcam" are downloaded where no folder has them.
    domains : iterable of str, default all
        Keep only images of these domains, for example ``["noto"]`` of emoji.
    root : path, default the folder that ships
        Folder that holds one folder per task; for a task elsewhere, the folder with its data.

    Returns
    -------
    Task

    Raises
    ------
    ValueError
        For an unknown name or domain, and for a data file that is damaged or was changed.
    FileNotFoundError
        If the data are not under `root`.
    ConnectionError
        If data must be downloaded and cannot be.

    Examples
    --------
    >>> load_task("digits")
    Task 'digits'
      10 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
      domains: digits
      images: train 637, val 160, test 1000, pool 0; each (1, 8, 8) torch.uint8
    """
    folder = None if root is None else Path(root)
    one_of("task", name, [*TASKS, *SUBTASKS, *ELSEWHERE])
    if name in TASKS:
        task = TASKS[name](name, folder or shipped_data())
    elif name in SUBTASKS:
        task = replace(SUBTASKS[name].of(folder), name=name)
    else:
        task = ELSEWHERE[name](name, folder)
    return task if domains is None else only_domains(task, domains)


def shipped_data() -> Path:
    """Return the folder of data sets: inside an installed wheel, or the repository's."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_datasets"
    return installed if installed.is_dir() else package.parent / "datasets"


def _shipped(name: str, root: Path) -> Task:
    arrays = _read_checked(root / name / f"{name}.npz")
    labels, domains, groups = (
        torch.from_numpy(arrays[key].astype(np.int64)) for key in ("labels", "domains", "groups")
    )
    images, index = torch.from_numpy(arrays["images"]), torch.arange(len(labels))
    rows = Split(images, labels, domains, groups, index)
    return divided(
        name,
        tuple(map(str, arrays["classes"])),
        tuple(map(str, arrays["domain_names"])),
        rows,
        test=arrays["split"] == 1,
        card=_read_card(root / name / "README.md"),
    )


TASKS: dict[str, Callable[[str, Path], Task]] = {
    "emoji": _shipped,
    "fashion": _shipped,
    "digits": _shipped,
    "glyphs": _shipped,
    "reviews": _shipped,
    "spoken": _shipped,
    "photos": _shipped,
}


@dataclass(frozen=True)
class Part:
    """A part of a task that ships: some of its classes, or of its domains.

    Attributes
    ----------
    whole : str
        A key of `TASKS`.
    classes, domains : tuple of str
        What is kept; empty: all.
    """

    whole: str
    classes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    def of(self, root: Path | None) -> Task:
        """Load the whole and keep the part."""
        task = load_task(self.whole, domains=self.domains or None, root=root)
        return only_classes(task, self.classes) if self.classes else task


STYLES = ("noto", "twemoji", "fluent_flat", "fluent_color")
REVIEWED = ("tweets", "films", "products", "editorials")
MILD = ("scottish", "west_midlands", "caribbean")
STRONG = ("german", "french", "spanish", "italian", "russian", "hindi", "japanese")
SUBTASKS = {
    "fashion_0_4": Part("fashion", classes=("t-shirt", "trouser", "pullover", "dress", "coat")),
    "fashion_5_9": Part("fashion", classes=("sandal", "shirt", "sneaker", "bag", "ankle boot")),
    **{f"emoji_{style}": Part("emoji", domains=(style,)) for style in STYLES},
    **{f"reviews_{what}": Part("reviews", domains=(what,)) for what in REVIEWED},
    "spoken_mild": Part("spoken", domains=tuple(f"target_{accent}" for accent in MILD)),
    "spoken_strong": Part("spoken", domains=tuple(f"target_{accent}" for accent in STRONG)),
}


def _read_checked(path: Path) -> dict[str, np.ndarray]:
    sums = path.parent / "SHA256"
    for needed in (path, sums):
        if not needed.is_file():
            msg = f"{needed} is missing; install tlteach again, or run {path.parent.name}/build.py"
            raise FileNotFoundError(msg)
    expected = (sums.read_text().split() or ["none"])[0]
    got = sha256(path)
    if got != expected:
        msg = (
            f"{path} is damaged or was changed: expected SHA-256 {expected}, got {got}; "
            "restore the file or install tlteach again"
        )
        raise ValueError(msg)
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        msg = f"{path} is not a readable data file: {error}"
        raise ValueError(msg) from error


def _read_card(path: Path) -> Card:
    text = path.read_text(encoding="utf-8")
    title = text.splitlines()[0].removeprefix("# ")
    fields = dict(re.findall(r"^\*\*(\w+):\*\* (.+?)\n\n", text, re.MULTILINE | re.DOTALL))
    source, licence, attribution = (
        " ".join(fields.get(key, "not stated").split())
        for key in ("Source", "Licence", "Attribution")
    )
    return Card(title, source, licence, attribution, text)


def from_folder(path: str | Path, *, size: int = 64, seed: int = 0) -> Task:
    """Make a task from a folder with one folder of images per class.

    ``train`` and ``val`` or ``test`` folders around the class folders are understood: without
    ``test``, the images in ``val`` are the test split. Without such folders about one image in
    five, of every class, is for testing. Files with the same pixels never stand in two splits
    that are drawn here.

    Parameters
    ----------
    path : path
    size : int, default 64
        Side of the square RGB images, in pixels: the short side is scaled to it, then the
        middle is cut out.
    seed : int, default 0
        Draws the splits.

    Returns
    -------
    Task
        Its `files` are relative to `path`; `Task.files_of` names those of a split.

    Raises
    ------
    ValueError
        Naming every file that is not a readable image, or what else is wrong with the folder.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> folder = Path(tempfile.mkdtemp()) / "pets"
    >>> for i, name in enumerate(["cat", "cat", "cat", "dog", "dog", "dog"]):
    ...     (folder / name).mkdir(parents=True, exist_ok=True)
    ...     Image.new("RGB", (90, 60), (40 * i, 0, 0)).save(folder / name / f"{i}.png")
    >>> from_folder(folder)
    Task 'pets'
      2 classes: cat, dog
      domains: pets
      images: train 2, val 2, test 2, pool 0; each (3, 64, 64) torch.uint8
    """
    in_range("size", size, 1)
    path = Path(path).resolve()
    found = read_folder(path, size)
    labels = torch.from_numpy(found.labels)
    groups = torch.from_numpy(_same_pixels(found.images))
    rows = Split(found.images, labels, 0 * labels, groups, torch.arange(len(labels)))
    val = None
    if len(found.splits):
        held_out = "test" if "test" in found.splits else "val"
        test = found.splits == held_out
        val = found.splits == "val" if held_out == "test" and "val" in found.splits else None
        _warn_of_leaks(groups.numpy(), test)
    else:
        order = places(groups.numpy(), rng(seed, "test"))
        test = one_in_five(labels.tolist(), order.tolist())
    names = found.classes
    task = divided(
        path.name, names, (path.name,), rows, test=test, card=_own(path.name), val=val, seed=seed
    )
    _check_enough(task)
    return replace(task, files=found.files)


def _own(name: str) -> Card:
    text = f"# {name}\n\nImages from the folder {name}: see its owner for source and licence.\n"
    return Card(name, f"folder {name}", "not stated", "not stated", text)


def _same_pixels(images: torch.Tensor) -> np.ndarray:
    """Give images numbers so that equal ones share a number."""
    numbers: dict[bytes, int] = {}
    return np.array([numbers.setdefault(im.numpy().tobytes(), len(numbers)) for im in images])


def _warn_of_leaks(groups: np.ndarray, test: np.ndarray) -> None:
    shared = np.isin(groups, groups[~test]) & test
    if shared.any():
        msg = f"{shared.sum()} of {test.sum()} test images also stand in train or val"
        warnings.warn(msg, UserWarning, stacklevel=3)


def _check_enough(task: Task) -> None:
    splits = {"train": task.train, "val": task.val, "test": task.test}
    for word, split in splits.items():
        counts = torch.bincount(split.labels, minlength=task.n_classes)
        short = [c for c, n in zip(task.classes, counts.tolist(), strict=True) if n == 0]
        if short:
            msg = (
                f"every class needs different images for train, val and test, at least 3; "
                f"no {word} image for {', '.join(short)}"
            )
            raise ValueError(msg)
