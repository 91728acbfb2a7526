"""Tasks by name, and parts of them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from tlteach.base import checked, clone, home, one_of, sha256
from tlteach.data.card import Card
from tlteach.data.elsewhere import ELSEWHERE, SPOKEN
from tlteach.data.parts import only_classes, only_domains
from tlteach.data.subset import divided
from tlteach.data.task import Split, Task


@checked
def load_task(
    name: str,
    *,
    domains: str | Iterable[str] | None = None,
    root: str | Path | None = None,
    groups: str | None = None,
) -> Task:
    """Load a task: one that ships with tlteach, offline and checked by SHA-256, or one elsewhere.

    The test split is fixed; of the other inputs about one group in five is validation.

    Parameters
    ----------
    name : str
        A key of `TASKS`, which ship; of `SUBTASKS`, parts of those, such as "fashion_5_9" or
        "emoji_noto"; or of `ELSEWHERE`, which come from `root`, a folder of yours: "pathmnist" and
        "pcam" are downloaded where no folder has them.
    domains : str or iterable of str, default all
        Keep only images of these domains, for example ``["noto"]`` of emoji.
    root : path, default the folder that ships
        Folder that holds one folder per task; for a task elsewhere, the folder with its data.
    groups : {"speaker"}, optional
        Of "fsdd" and "fsdd_waves": no speaker stands in two splits. By default all stand in each.

    Returns
    -------
    Task
        With all its labels; `few_shot` leaves a few.

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
    if groups is not None:
        one_of("task whose groups can be chosen", name, SPOKEN)
    if name in TASKS:
        task = TASKS[name](name, folder or shipped_data())
    elif name in SUBTASKS:
        task = replace(SUBTASKS[name].of(folder), name=name)
    else:
        task = ELSEWHERE[name](name, folder, *[groups] * (groups is not None))
    return task if domains is None else only_domains(task, domains)


@checked
def shipped_data() -> Path:
    """Return the folder of data sets: inside an installed wheel, or the repository's.

    Returns
    -------
    Path
        It holds one folder per task.

    Examples
    --------
    >>> (shipped_data() / "digits" / "SHA256").is_file()
    True
    """
    package = Path(__file__).resolve().parents[1]
    installed = package / "_datasets"
    return installed if installed.is_dir() else package.parent / "datasets"


def made_here() -> Path:
    """Return where `pretrain` and `atlas.build` write where nobody says where.

    In a clone that is what ships. An installed package is not written into: others may use it, it
    may be read-only, and pip would no longer know its files. So it is a folder of the user's own,
    which nothing reads unless it is told to.

    Returns
    -------
    Path
        It may not be there yet.

    Examples
    --------
    >>> made_here() == shipped_data() or made_here().is_relative_to(home())
    True
    """
    return shipped_data() if clone() is not None else home() / "made"


def _shipped(name: str, root: Path) -> Task:
    arrays = _read_checked(root / name / f"{name}.npz")
    labels, domains, groups = (
        torch.from_numpy(arrays[key].astype(np.int64)) for key in ("labels", "domains", "groups")
    )
    images, index = torch.from_numpy(arrays["images"]), torch.arange(len(labels))
    rows = Split(images, labels, domains, groups, index)
    task = divided(
        name,
        tuple(map(str, arrays["classes"])),
        tuple(map(str, arrays["domain_names"])),
        rows,
        test=arrays["split"] == 1,
        card=_read_card(root / name / "README.md"),
    )
    return replace(task, mirrored=name in MIRRORED)


MIRRORED = ("emoji", "fashion", "photos")  # what they show keeps its name in a mirror


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
    expected = (sums.read_text(encoding="utf-8", errors="replace").split() or ["none"])[0]
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
    text = path.read_text(encoding="utf-8", errors="replace")
    title = text.partition("\n")[0].removeprefix("# ")
    fields = dict(re.findall(r"^\*\*(\w+):\*\* (.+?)\n\n", text, re.MULTILINE | re.DOTALL))
    source, licence, attribution = (
        " ".join(fields.get(key, "not stated").split())
        for key in ("Source", "Licence", "Attribution")
    )
    return Card(title, source, licence, attribution, text)
