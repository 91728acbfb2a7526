"""Files that are written whole or not at all, and whether one is what it was."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHUNK = 1 << 20


class DamagedError(ValueError):
    """A file of ours is not what was written."""


@contextmanager
def atomic_write(path: str | Path, *, lasting: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it when the block ends well.

    A reader sees the old file or the new one, never half of one, and a failure leaves the
    old file as it was.

    Parameters
    ----------
    path : str or Path
        The file to write; its folder is made where it is not there.
    lasting : bool, default False
        Whether it must outlive a power cut: for what cannot be computed again in seconds.

    Yields
    ------
    Path
        What to write to; it has the ending of `path`.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic_write(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("done")
    >>> (folder / "a.txt").read_text()
    'done'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # not mkstemp: its files are closed to other users, and these are meant to be shared
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(8)}{path.suffix}")
    try:
        yield temporary
        if lasting:
            to_disk(temporary)
        temporary.replace(path)
        if lasting and os.name == "posix":  # the new name, too; Windows cannot open a folder
            to_disk(path.parent)
    finally:
        with suppress(OSError):  # where nothing can be written nothing stands
            temporary.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, outlive a power cut."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def left_over(path: Path) -> list[Path]:
    """Return the temporary files that a kill left beside `path`, for whoever holds its lock.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / ".a.0123456789abcdef.txt").touch()
    >>> [one.name for one in left_over(folder / "a.txt")]
    ['.a.0123456789abcdef.txt']
    """
    name = re.compile(rf"\.{re.escape(path.stem)}\.[0-9a-f]{{16}}{re.escape(path.suffix)}")
    return [one for one in path.parent.glob(".*") if name.fullmatch(one.name)]


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits.

    Parameters
    ----------
    path : str or Path
        The file, read in blocks.

    Returns
    -------
    str
        In lower case.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "empty.bin"
    >>> _ = path.write_bytes(b"")
    >>> sha256(path)[:8]
    'e3b0c442'
    """
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def check_hash(path: Path, expected: str) -> None:
    """Raise unless the file's SHA-256 starts with `expected`.

    Parameters
    ----------
    path : Path
        The file.
    expected : str
        All 64 hexadecimal digits, or the first eight or more, as in torchvision's file names.

    Raises
    ------
    ValueError
        With the expected and the actual hash.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "empty.bin"
    >>> _ = path.write_bytes(b"")
    >>> check_hash(path, "e3b0c442")
    >>> check_hash(path, "00000000")
    Traceback (most recent call last):
        ...
    ValueError: empty.bin is not the expected file: ...
    """
    got = sha256(path)
    if len(expected) < 8 or not got.startswith(expected.lower()):
        what = what_else(path)
        told = f"it is {what}; its " if what else ""
        msg = f"{path.name} is not the expected file: {told}SHA-256 should be {expected}, got {got}"
        raise ValueError(msg)


def what_else(path: Path) -> str:
    """Say what often comes in a file's place; empty if it may be the file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "net.pth"
    >>> _ = path.write_text("<!DOCTYPE html><title>Please log in</title>")
    >>> what_else(path)
    'an HTML page, as a proxy or a login sends in place of a file'
    """
    with path.open("rb") as file:
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml", b"<!--")):
        return "an HTML page, as a proxy or a login sends in place of a file"
    if start.startswith(b"version https://git-lfs"):
        return "a pointer of Git LFS, the file itself was not fetched (git lfs pull)"
    return ""


def read_json(path: Path, *, advice: str) -> dict[str, Any]:
    """Return the mapping that a JSON file holds.

    Parameters
    ----------
    path : Path
        The file.
    advice : str
        What to do where it is damaged.

    Returns
    -------
    dict
        By name.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    DamagedError
        If it holds anything else, with `advice`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "card.json"
    >>> _ = path.write_text("{")
    >>> read_json(path, advice="make it again")
    Traceback (most recent call last):
        ...
    tlteach.base.whole.DamagedError: card.json is damaged: Expecting ...; make it again
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        msg = f"{path.name} is damaged: {error}; {advice}"
        raise DamagedError(msg) from error
    if not isinstance(held, dict):
        msg = f"{path.name} is damaged: it must hold a mapping, got {type(held).__name__}; {advice}"
        raise DamagedError(msg)
    return held


def read_sums(path: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that a list of them names, as `sha256sum` writes it.

    Parameters
    ----------
    path : Path
        The list.

    Returns
    -------
    dict of str to str
        By the name of the file; a line that is no such pair is left out, and so is a list that
        cannot be read, so that what it is about does not pass.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "SHA256"
    >>> _ = path.write_text("e3b0c442  empty.bin")
    >>> read_sums(path)
    {'empty.bin': 'e3b0c442'}
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.split() for line in lines)
    return {words[1]: words[0] for words in pairs if len(words) == 2}
