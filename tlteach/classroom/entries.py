"""What lies in a folder that learners' files arrive in: every entry, with why one is no file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tlteach.base import visible

HIDDEN = (".", "__MACOSX")  # what zips from a Mac hold beside each file


class Entry(NamedTuple):
    """One entry of a folder.

    Attributes
    ----------
    path : Path
    name : str
        Its path in the folder, of letters that a terminal and a table can show.
    fault : str
        Why it is not read; nothing for a file.
    hidden : bool
        Whether it is none of a learner's: the system's, an editor's, or still being written.
    """

    path: Path
    name: str
    fault: str = ""
    hidden: bool = False


def entries(folder: Path) -> Iterator[Entry]:
    """Yield whatever lies in a folder and in the folders in it, in order; no link is followed.

    Folders are not entries of their own, unless they are empty, hidden, links or cannot be read.
    """
    faults: list[Entry] = []

    def fails(error: OSError) -> None:
        path = Path(error.filename)
        faults.append(Entry(path, _name(path, folder), _unread(error)))

    for place, folders, files in os.walk(folder, onerror=fails):
        if not folders and not files and Path(place) != folder:
            yield Entry(Path(place), _name(Path(place), folder), "is an empty folder", hidden=True)
        for name in sorted(folders):
            path = Path(place, name)
            if path.is_symlink() or name.startswith(HIDDEN):
                folders.remove(name)
                yield _entry(path, folder)
        folders.sort()
        yield from (_entry(Path(place, name), folder) for name in sorted(files))
    yield from faults


def _entry(path: Path, folder: Path) -> Entry:
    try:
        mode = path.lstat().st_mode
    except OSError as error:  # it may be gone by now
        return Entry(path, _name(path, folder), _unread(error))
    hidden = path.name.startswith(HIDDEN)
    if stat.S_ISLNK(mode):
        fault = "is a link, and links are not followed"
    elif hidden and stat.S_ISDIR(mode):
        fault = "is ignored: a hidden folder"
    elif hidden:
        fault = "is ignored: hidden, or still being written"
    else:
        fault = "" if stat.S_ISREG(mode) else "is no file"  # a pipe would be waited for
    return Entry(path, _name(path, folder), fault, hidden)


def _name(path: Path, folder: Path) -> str:
    return visible(path.relative_to(folder).as_posix())


def _unread(error: OSError) -> str:
    return f"could not be read: {error.strerror}"
