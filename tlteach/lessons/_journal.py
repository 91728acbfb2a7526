"""What a learner did, as lines of one local file that outlives kernels and crashes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from tlteach.base import progress_home

COURSE = "tlteach"


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
    no more than the line at hand.

    Parameters
    ----------
    path : str or Path, optional
        Default: `journal_path`.

    Examples
    --------
    >>> import tempfile
    >>> journal = Journal(Path(tempfile.mkdtemp()) / "a.jsonl")
    >>> journal.add("hint", id="00.1", rung=1)
    >>> [event["id"] for event in journal.events("hint")]
    ['00.1']
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else journal_path()

    def add(self, event: str, **what: Any) -> None:
        """Append an event with the time; numbers, texts, lists and dicts only."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        line = json.dumps({"at": now, "event": event} | what, allow_nan=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_suffix(".lock")), self.path.open("a+b") as file:
            if file.tell() > 0:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # what a kill cut off must not swallow this line
                    line = "\n" + line
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())

    def events(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """Yield events in order, of some kinds or all; a line that was cut off is left out."""
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and (not kinds or event.get("event") in kinds):
                yield event
