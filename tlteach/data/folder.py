"""Which files of a folder are images of which class: found, passed over and told, or refused.

Nothing is decoded here: `images` does that, `own` makes the task.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tlteach.data.names import IMAGES, JUNK, NO_IMAGES, count, natural, one_form, some, twins

SPLIT_NAMES = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
POOL_NAMES = {"test", "test1", "unlabelled", "unlabeled"}  # where they hold loose images
NUMBERED = re.compile(r"(.+)\.\d+\.[^.]+")  # Kaggle's cat.0.jpg


class File(NamedTuple):
    """One image file: `name` is relative, with forward slashes; `label` "" stands for none."""

    path: Path
    name: str
    label: str
    part: str  # "train", "val", "test", "pool" or "" where no folder says
    group: str | None = None  # the sub-folder of the class folder


@dataclass
class Found:
    """What a folder holds: the images, what cannot be one, and what a reader has to know."""

    root: Path
    files: list[File] = field(default_factory=list)
    classes: tuple[str, ...] = ()
    bad: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)

    def name(self, path: str | Path) -> str:
        """Return a path as the reader knows it: relative to the folder."""
        return Path(path).relative_to(self.root).as_posix()


def find_images(path: Path) -> Found:
    """Find the images of each class.

    Parameters
    ----------
    path : Path
        Holds ``cat/*.jpg dog/*.jpg``, or ``train/cat/*.jpg ... val/dog/*.jpg``, or
        ``cat.0.jpg dog.12.jpg``, or a single folder that does. Beside them a folder ``test`` or
        ``unlabelled`` of loose images is the pool. Hidden files and what systems leave behind
        are passed over.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    ValueError
        For fewer than two classes, empty classes, names that look the same, and split folders
        that do not fit together.
    """
    if not path.is_dir():
        msg = f"{path} is not a folder, nor a zip or tar archive"
        raise NotADirectoryError(msg)
    found = Found(path)
    root = _descended(found)
    folders = _folders(root)
    pool = [folder for folder in folders if folder.name.lower() in POOL_NAMES and _is_loose(folder)]
    folders = [folder for folder in folders if folder not in pool]
    parts = {SPLIT_NAMES.get(folder.name.lower(), ""): folder for folder in folders}
    parts.pop("", None)
    if pool and list(parts) == ["train"] and len(folders) == 1:
        root, folders, parts = folders[0], _folders(folders[0]), {}
    _check_parts(root, parts, folders)
    _list_classes(found, parts or {"": root}, folders)
    for folder in pool:
        files = [File(p, found.name(p), "", "pool") for p in _walk(folder, found)]
        found.files += files
        found.notes.append(
            f"{count(len(files), 'image')} in {found.name(folder)} without a class: the pool"
        )
    if found.passed:
        kinds = ", ".join(f"{n} {kind}" for kind, n in found.passed.most_common())
        found.notes.append(
            f"passed over {count(found.passed.total(), 'file')} without an image: {kinds}"
        )
    return found


def images_below(path: Path) -> Found:
    """Find every image in and below a folder, whatever its class.

    What cannot be an image is passed over as `find_images` does; `bad` names broken links.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("img10.png", "img2.png", "notes.txt", ".hidden"):
    ...     (folder / name).touch()
    >>> [file.name for file in images_below(folder).files]
    ['img2.png', 'img10.png']
    """
    found = Found(path)
    found.files = [File(file, found.name(file), "", "") for file in _walk(path, found)]
    return found


def _descended(found: Found) -> Path:
    """Return the folder that holds the classes: the first with more than one folder inside."""
    at = found.root
    while len(inner := _folders(at)) == 1 and not _loose(at):
        if inner[0].name.lower() in SPLIT_NAMES:
            break
        at = inner[0]
    if at == found.root or (len(inner) < 2 and not _numbered(at)):
        return found.root
    found.notes.append(f"the classes are those of {found.name(at)}, the only folder with images")
    return at


def _check_parts(path: Path, parts: dict[str, Path], folders: list[Path]) -> None:
    got = ", ".join(folder.name for folder in folders)
    if parts and len(parts) < len(folders):
        msg = f"{path.name} must hold split folders or class folders, not both; got {got}"
        raise ValueError(msg)
    if parts and ("train" not in parts or len(parts) < 2):
        msg = f"{path.name} must hold train and val or test folders; got {got}"
        raise ValueError(msg)


def _list_classes(found: Found, parts: dict[str, Path], folders: list[Path]) -> None:
    """Find the files of every class in every part, and check that the parts fit together."""
    classes: dict[str, set[str]] = {}
    for part, root in parts.items():
        here = _folders(root) if part else folders
        files = [file for folder in here for file in _in_class(found, folder, part)]
        if not here:
            files = _flat(found, root, part)
        elif beside := _loose(root):
            names = some(found.name(path) for path in beside)
            found.notes.append(
                f"{count(len(beside), 'image')} beside the class folders left out: {names}"
            )
        classes[part] = {one_form(folder.name) for folder in here} or {f.label for f in files}
        found.files += files
    _check_classes(found.root, classes)
    found.classes = tuple(sorted(set.union(*classes.values()), key=natural))
    for names in twins(found.classes):
        found.notes.append(f"{names} are different classes here; are they one?")
    _unwrap(found)


def _in_class(found: Found, folder: Path, part: str) -> list[File]:
    label = one_form(folder.name)
    if label != folder.name and (folder.parent / label).exists():
        msg = (
            f"two class folders are written {label!r}, once with composed accents and once with "
            "separate ones: put their images into one folder"
        )
        raise ValueError(msg)
    files, bad = [], len(found.bad)
    for path in _walk(folder, found):
        inner = path.relative_to(folder).parts
        group = inner[0] if len(inner) > 1 else None
        files.append(File(path, found.name(path), label, part, group))
    if not files and bad == len(found.bad):
        msg = f"class folder {found.name(folder)} holds no images"
        raise ValueError(msg)
    return files


def _flat(found: Found, root: Path, part: str) -> list[File]:
    """Take the classes from names as Kaggle writes them: cat.0.jpg, dog.12.jpg."""
    if not _numbered(root):
        return []
    files = []
    for path in _walk(root, found):
        numbered = NUMBERED.fullmatch(path.name)
        if numbered is None:
            found.bad[found.name(path)] = "has no class in its name, as cat.0.jpg has"
        else:
            label = one_form(numbered[1])
            files.append(File(path, found.name(path), label, part))
    counts = Counter(file.label for file in files)
    told = ", ".join(f"{label} {counts[label]}" for label in sorted(counts, key=natural))
    found.notes.append(f"the classes come from the names of the files: {told}")
    return files


def _unwrap(found: Found) -> None:
    """Forget sub-folders that group nothing: one in every class, all of its images inside.

    Sub-folders named as splits are refused: to draw splits from them would mix them up.
    """
    labelled = [file for file in found.files if file.label]
    groups = {str(file.group).lower() for file in labelled}
    if groups and groups <= SPLIT_NAMES.keys():
        msg = f"split folders must stand around the class folders; got {labelled[0].name}"
        raise ValueError(msg)
    inner: dict[tuple[str, str], set[str | None]] = {}
    for file in labelled:
        inner.setdefault((file.part, file.label), set()).add(file.group)
    if inner and all(len(names) == 1 and None not in names for names in inner.values()):
        found.files = [file._replace(group=None) for file in found.files]
        found.notes.append("every class folder holds one folder, whose images were taken")


def _check_classes(path: Path, classes: dict[str, set[str]]) -> None:
    everything = sorted(set.union(*classes.values()), key=natural)
    if len(everything) < 2:
        msg = (
            f"{path.name} must hold at least 2 class folders of images (or train and val folders "
            f"of them, or files named as cat.0.jpg, dog.12.jpg); got {len(everything)}: "
            f"{', '.join(everything) or 'none'}"
        )
        raise ValueError(msg)
    for part, names in classes.items():
        if missing := [name for name in everything if name not in names]:
            msg = f"{path.name}/{part} has no folder for class {', '.join(missing)}"
            raise ValueError(msg)


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name.lower() in JUNK


def _folders(path: Path) -> list[Path]:
    inside = (p for p in path.iterdir() if p.is_dir() and not _is_junk(p.name))
    return sorted(inside, key=lambda p: natural(p.name))


def _loose(path: Path) -> list[Path]:
    """Return the images that lie in the folder itself."""
    inside = (p for p in path.iterdir() if not p.is_dir() and not _is_junk(p.name))
    images = (p for p in inside if p.suffix.lower() in IMAGES)
    return sorted(images, key=lambda p: natural(p.name))


def _is_loose(folder: Path) -> bool:
    return not _folders(folder) and bool(_loose(folder)) and not _numbered(folder)


def _numbered(folder: Path) -> bool:
    """Return whether most images of a folder are named like cat.0.jpg."""
    images = _loose(folder)
    return 2 * sum(NUMBERED.fullmatch(path.name) is not None for path in images) > len(images)


def _walk(folder: Path, found: Found) -> list[Path]:
    """Return the files at any depth, links followed, in natural order; count and tell the rest."""
    files, seen = [], set()

    def refuse(error: OSError) -> None:
        found.bad[found.name(error.filename)] = f"cannot be opened: {error.strerror}"

    for where, inner, names in os.walk(folder, onerror=refuse, followlinks=True):
        here = Path(where)
        if here.resolve() in seen:  # a link that leads back
            inner.clear()
            continue
        seen.add(here.resolve())
        inner[:] = sorted((name for name in inner if not _is_junk(name)), key=natural)
        for name in sorted(names, key=natural):
            path = here / name
            if _is_junk(name):
                continue
            if path.suffix.lower() in NO_IMAGES:
                found.passed[path.suffix.lower()] += 1
            elif not path.is_file():
                found.bad[found.name(path)] = "is a broken link" if path.is_symlink() else "no file"
            else:
                files.append(path)
    return files
