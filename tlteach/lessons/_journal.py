"""What a learner did, as lines of one local file that outlives kernels and crashes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from tlteach.base import progress_home, warn_caller

COURSE = "tlteach"
_told: set[Path] = set()
_unsaved: dict[Path, list[dict[str, Any]]] = {}  # what could not be written, until Python ends


class JournalWarning(UserWarning):
    """What a learner does cannot be noted; it counts in this kernel all the same."""


def journal_path() -> Path:
    """Return where progress is kept: in `TLTEACH_PROGRESS`, or in ``.tlteach`` of the user's home.

    Learners who share a cache (`TLTEACH_HOME`) have a journal, and a seed, each.

    Examples
    --------
    >>> journal_path().name
    'tlteach.jsonl'
    """
    return progress_home() / f"{COURSE}.jsonl"


class Journal:
    """Events, one line of JSON each; only ever appended to.

    Appending is one locked write, so two notebooks lose nothing of each other's, and a kill loses
    no more than the line at hand. Where nothing can be written (a full disk, a folder that is not
    one's own) events stay in memory until Python ends, and that is told once: nothing that a
    learner does may fail for it.

    Parameters
    ----------
    path : str or Path, optional
        Default: `journal_path`.

    Examples
    --------
    >>> import tempfile
    >>> journal = Journal(Path(tempfile.mkdtemp()) / "a.jsonl")
    >>> _ = journal.add("hint", id="00.1", rung=1)
    >>> [event["id"] for event in journal.events("hint")]
    ['00.1']
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else journal_path()

    def add(self, event: str, **what: Any) -> str:
        """Append an event with the time; numbers, texts, lists and dicts only.

        Returns
        -------
        str
            Why it is not noted, such as "No space left on device"; "" where it is.
        """
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        noted = {"at": now, "event": event} | what
        line = json.dumps(noted, allow_nan=False)
        try:
            self._append(line)
        except OSError as error:
            _unsaved.setdefault(self.path, []).append(json.loads(line))
            return self._tell(error)
        return ""

    def _append(self, line: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_suffix(".lock")), self.path.open("a+b") as file:
            if file.tell() > 0:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # what a kill cut off must not swallow this line
                    line = "\n" + line
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())

    def _tell(self, error: OSError) -> str:
        """Say once for each journal that it cannot be used; return why."""
        why = error.strerror or str(error)
        if self.path not in _told:
            _told.add(self.path)
            msg = (
                f"not noted: {why} ({self.path}); answers are judged all the same and count until "
                "this kernel ends, and TLTEACH_PROGRESS may name another folder"
            )
            warn_caller(msg, JournalWarning)
        return why

    def events(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """Yield events in order, of some kinds or all; a damaged line is left out."""
        for event in [*self._read(), *_unsaved.get(self.path, [])]:
            if not kinds or event["event"] in kinds:
                yield event

    def _read(self) -> Iterator[dict[str, Any]]:
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            self._tell(error)
            return
        for line in text.splitlines():
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):  # cut off, or written by something else
                continue
            if isinstance(event, dict) and isinstance(event.get("event"), str):
                yield event
