"""What a folder holds, file by file: found, passed over and counted, or refused."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tlteach.data.names import IMAGES, JUNK, NO_IMAGES, count, natural, some


class File(NamedTuple):
    """One image file: `name` is relative, with forward slashes; `label` "" stands for none."""

    path: Path
    name: str
    label: str
    part: str  # "train", "val", "test", "pool" or "" where no folder says
    group: str | None = None  # the sub-folder of the class folder
    domain: str = ""  # the folder around the class folders, where there are several


@dataclass
class Found:
    """What a folder holds: the images, what cannot be one, and what a reader has to know.

    `wanted` are the endings of what is looked for, where it is no image; `junk` names what is
    hidden or left behind by systems.
    """

    root: Path
    files: list[File] = field(default_factory=list)
    classes: tuple[str, ...] = ()
    bad: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    junk: set[str] = field(default_factory=set)
    wanted: Collection[str] = ()

    def name(self, path: str | Path) -> str:
        """Return a path as the reader knows it: relative to the folder."""
        return Path(path).relative_to(self.root).as_posix()

    def told_passed(self, what: str) -> list[str]:
        """Return the notes on what was passed over; `what` it lacks is "an image" or the like."""
        notes = []
        if self.passed:
            kinds = ", ".join(f"{n} {kind}" for kind, n in self.passed.most_common())
            notes = [f"passed over {count(self.passed.total(), 'file')} without {what}: {kinds}"]
        if self.junk:
            names = (name.rpartition("/")[2] for name in sorted(self.junk))
            same = Counter("._*" if name.startswith("._") else name for name in names)
            kinds = some(f"{n} {name}" for name, n in same.most_common())
            notes.append(f"passed over what is hidden or systems leave behind: {kinds}")
        return notes


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
    found.files = [File(file, found.name(file), "", "") for file in walk(path, found)]
    return found


def is_junk(name: str) -> bool:
    """Return whether a name is hidden, or what systems leave behind."""
    return name.startswith(".") or name.lower() in JUNK


def folders_in(path: Path) -> list[Path]:
    """Return the folders in a folder, in natural order."""
    inside = (p for p in path.iterdir() if p.is_dir() and not is_junk(p.name))
    return sorted(inside, key=lambda p: natural(p.name))


def loose_in(path: Path, endings: Collection[str] = IMAGES) -> list[Path]:
    """Return the images, or files of other endings, that lie in the folder itself."""
    inside = (p for p in path.iterdir() if not p.is_dir() and not is_junk(p.name))
    images = (p for p in inside if p.suffix.lower() in endings)
    return sorted(images, key=lambda p: natural(p.name))


def look_beside(folder: Path, found: Found) -> None:
    """Note junk beside class folders, and links that lead nowhere: one may have been a class."""
    for path in folder.iterdir():
        if is_junk(path.name):
            found.junk.add(found.name(path))
        elif path.suffix.lower() in IMAGES | NO_IMAGES:  # of no class here, whatever it is
            continue
        elif path.is_symlink() and not path.exists():
            found.bad[found.name(path)] = "is a broken link"


def walk(folder: Path, found: Found) -> list[Path]:
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
        found.junk |= {found.name(here / name) for name in (*inner, *names) if is_junk(name)}
        inner[:] = sorted((name for name in inner if not is_junk(name)), key=natural)
        for name in sorted((name for name in names if not is_junk(name)), key=natural):
            path = here / name
            ending = path.suffix.lower()
            if ending not in found.wanted if found.wanted else ending in NO_IMAGES:
                found.passed[ending or name] += 1
            elif not path.is_file():
                found.bad[found.name(path)] = "is a broken link" if path.is_symlink() else "no file"
            else:
                files.append(path)
    return files
