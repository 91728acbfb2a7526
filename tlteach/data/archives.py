"""Folders that come as one file: zip and tar archives, unpacked into the cache, once and safely."""

from __future__ import annotations

import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from tlteach.base import kept, room, sha256

LARGEST = 16 << 30  # bytes unpacked: what a disk holds, and no bomb's thousand-fold
MOST = 2_000_000  # files
DRIVE = re.compile("[A-Za-z]:")
UTF8 = 0x800  # the flag of a zip's entry whose name is UTF-8
SUFFIXES = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")


class Member(NamedTuple):
    """One entry of an archive."""

    name: str
    size: int
    kind: str  # "file", "folder" or "link"
    entry: Any  # what the archive itself calls it


def is_archive(path: Path) -> bool:
    """Return whether a path is a zip or tar file, by what is in it."""
    return path.is_file() and (zipfile.is_zipfile(path) or tarfile.is_tarfile(path))


def stem(path: Path) -> str:
    """Return the name without what says that it is an archive.

    Examples
    --------
    >>> stem(Path("pets.2024.tar.gz"))
    'pets.2024'
    """
    endings = [end for end in SUFFIXES if path.name.lower().endswith(end)]
    return path.name[: -len(max(endings, key=len))] if endings else path.name


def unpacked(path: Path) -> Path:
    """Return the folder with an archive's files, unpacked into the cache at most once.

    Parameters
    ----------
    path : Path
        A zip or tar file; its SHA-256 is part of the folder's name.

    Raises
    ------
    ValueError
        If it is damaged or encrypted, too large, or holds links or files that would land elsewhere;
        nothing is kept then.
    """
    folder = kept("folders", sha256(path)[:32], stem(path))
    if folder.is_dir():
        return folder
    folder = room("folders", folder.parent.name) / folder.name
    if folder.is_dir():
        return folder
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as temporary:
        fresh = Path(temporary) / "files"
        fresh.mkdir()
        try:
            _unpack(path, fresh)
        except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
            msg = f"{path.name} cannot be unpacked: {error}"
            raise ValueError(msg) from error
        except (RuntimeError, NotImplementedError) as error:  # zipfile's words for both
            msg = f"{path.name} is encrypted or packed in an unknown way: {error}"
            raise ValueError(msg) from error
        if not folder.is_dir():  # another process may have been quicker
            shutil.move(fresh, folder)
    return folder


def _unpack(path: Path, folder: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for entry in _checked(path, map(_zipped, archive.infolist()), folder):
                archive.extract(entry, folder)  # never more bytes than the size that was checked
    else:
        with tarfile.open(path) as tar:
            for entry in _checked(path, map(_tarred, tar), folder):
                tar.extract(entry, folder, filter="data")


def _zipped(entry: zipfile.ZipInfo) -> Member:
    entry.filename = _told_name(entry)
    link = stat.S_ISLNK(entry.external_attr >> 16)
    kind = "folder" if entry.is_dir() else "link" if link else "file"
    return Member(entry.filename, entry.file_size, kind, entry)


def _told_name(entry: zipfile.ZipInfo) -> str:
    """Return the name that was meant, whatever system wrote it."""
    name = entry.filename
    if not entry.flag_bits & UTF8:  # then it is read as cp437, but macOS writes UTF-8 all the same
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")  # as old Windows wrote them


def _tarred(entry: tarfile.TarInfo) -> Member:
    kind = "folder" if entry.isdir() else "file" if entry.isfile() else "link"
    return Member(entry.name, entry.size, kind, entry)


def _checked(path: Path, members: Iterable[Member], folder: Path) -> list[Any]:
    """Return an archive's files, once none of them can do harm."""
    files, total = [], 0
    for member in members:
        if member.kind == "link" or not _stays(member.name, folder):
            what = "a link or device" if member.kind == "link" else "a file outside of its folder"
            msg = f"{path.name} is refused, since it holds {what}: {member.name}"
            raise ValueError(msg)
        if member.kind == "file":
            files.append(member.entry)
            total += member.size
        if total > LARGEST or len(files) > MOST:
            msg = (
                f"{path.name} must unpack to at most {LARGEST / 2**30:.3g} GB in {MOST:,} files; "
                "got more; unpack it yourself and pass the folder"
            )
            raise ValueError(msg)
    return files


def _stays(name: str, folder: Path) -> bool:
    pure = PurePosixPath(name.replace("\\", "/"))
    inside = not pure.is_absolute() and ".." not in pure.parts and not DRIVE.match(name)
    return inside and (folder / pure).resolve().is_relative_to(folder.resolve())
