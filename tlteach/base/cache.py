"""Files checked by SHA-256: where they lie, and the only network access."""

from __future__ import annotations

import atexit
import functools
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

from tlteach.base.edge import warn_caller
from tlteach.base.whole import (
    CHUNK as CHUNK,
    atomic_write,
    check_hash as check_hash,
    sha256 as sha256,
    what_else as what_else,
)

LOG = logging.getLogger(__name__)
_told: set[Path] = set()  # caches that cannot be written, of which the user knows


class CacheWarning(UserWarning):
    """The cache cannot be written, and it goes on without."""


def home() -> Path:
    """Return the cache folder: `TLTEACH_HOME`, or the user's cache folder.

    What lies there can be computed or fetched again, so several people may share it.

    Returns
    -------
    Path
        It may not be there yet.

    Examples
    --------
    >>> home().name
    'tlteach...'
    """
    import pooch

    return Path(os.environ.get("TLTEACH_HOME") or pooch.os_cache("tlteach"))


def progress_home() -> Path:
    """Return where a learner's progress and seed lie: `TLTEACH_PROGRESS`, or the user's own home.

    Never in the cache, which learners may share.

    Returns
    -------
    Path
        It may not be there yet.

    Examples
    --------
    >>> progress_home().is_absolute()
    True
    """
    told = os.environ.get("TLTEACH_PROGRESS")
    return Path(told).expanduser() if told else Path.home() / ".tlteach" / "progress"


def shared() -> Path | None:
    """Return the folder that `tlteach prefetch` filled for many: `TLTEACH_SHARED`, or none.

    Returns
    -------
    Path or None
        As it was told; it may not be there.

    Examples
    --------
    >>> folder = shared()
    >>> folder is None or folder.is_absolute() or bool(str(folder))
    True
    """
    told = os.environ.get("TLTEACH_SHARED")
    return Path(told).expanduser() if told else None


def kept(*parts: str) -> Path:
    """Return where something is kept: in the cache, else in the shared folder if it is there.

    What is not there yet goes into the cache: nothing is written into the shared folder.

    Parameters
    ----------
    *parts : str
        The path inside the cache.

    Returns
    -------
    Path
        It may not be there yet.

    Examples
    --------
    >>> kept("features", "none.safetensors") == home() / "features" / "none.safetensors"
    True
    """
    own, layer = home().joinpath(*parts), shared()
    # not Path.exists, which raises where one may not look
    if os.path.exists(own) or layer is None:
        return own
    there = layer.joinpath(*parts)
    return there if os.path.exists(there) else own


def is_offline() -> bool:
    """Return whether `TLTEACH_OFFLINE` forbids the network.

    Returns
    -------
    bool
        False where it is unset, empty, "0", "false" or "no".

    Examples
    --------
    >>> is_offline() in (True, False)
    True
    """
    return os.environ.get("TLTEACH_OFFLINE", "0").lower() not in ("", "0", "false", "no")


@contextmanager
def going_on(what: str) -> Iterator[None]:
    """Let a block fail to write `what` into the cache: say so once, and go on without.

    Only for what can do without: a full disk, a folder that is not ours or a file in its place must
    not end a lesson.

    Parameters
    ----------
    what : str
        What is not kept, such as "features".

    Warns
    -----
    CacheWarning
        Once for each cache, with the reason and the way out.

    Examples
    --------
    >>> with going_on("features"):
    ...     pass
    """
    try:
        yield
    except OSError as error:
        _tell(f"{what} are not kept", error)


def room(*parts: str) -> Path:
    """Return a folder of the cache to write to, or one that ends with Python if that cannot be.

    Parameters
    ----------
    *parts : str
        The path inside the cache.

    Returns
    -------
    Path
        It is there.

    Warns
    -----
    CacheWarning
        As `going_on` does.

    Examples
    --------
    >>> room("folders").is_dir()
    True
    """
    folder = home().joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        _tell("files are kept until Python ends", error)
    folder = _instead().joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@functools.cache
def _instead() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tlteach-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _tell(what: str, error: OSError) -> None:
    """Warn once for each cache."""
    where = home()
    if where in _told:
        return
    _told.add(where)
    msg = (
        f"{what}, since {where} cannot be written: {error.strerror or error}; nothing is lost but "
        "time, and TLTEACH_HOME may name another folder"
    )
    warn_caller(msg, CacheWarning)


def fetch(url: str, expected: str, *, folder: Path | None = None) -> Path:
    """Return the local copy of `url`, downloaded at most once and checked every time.

    Parameters
    ----------
    url : str
        An http or https address.
    expected : str
        SHA-256 of the file, whole or its first eight or more digits.
    folder : Path, optional
        Where to keep it; default "downloads" of the cache, after a look into the shared folder.

    Returns
    -------
    Path
        The checked file.

    Raises
    ------
    ConnectionError
        If the file is absent and the network is forbidden, missing or breaks off.
    ValueError
        If the file is not the one expected; it is not kept.
    """
    import pooch

    name = f"{expected[:8]}-{Path(urlparse(url).path).name}"
    path = folder / name if folder else kept("downloads", name)
    if is_offline() and not path.exists():
        msg = f"TLTEACH_OFFLINE is set and {path.name} is not in {path.parent}; needed from {url}"
        raise ConnectionError(msg)
    if folder is None and not path.exists():
        path = room("downloads") / name
    if path.exists():
        check_hash(path, expected)
        return path
    LOG.info("downloading %s to %s", url, path)
    download = pooch.HTTPDownloader(progressbar=False, timeout=30)
    with atomic_write(path) as temporary:
        try:
            download(url, str(temporary), None)
        except OSError as error:  # every error of requests is one
            msg = f"could not download {url}: {error}"
            raise ConnectionError(msg) from error
        check_hash(temporary, expected)
    return path
