"""What a learner hands in: one small JSON file, written whole, and read as if from a stranger.

It is for an overview and for a class's pool of runs. It is no proof: its digest tells accidents
and edits, and nothing against someone who wants to cheat. So no state in it is ever trusted for a
grade; grades come from otter.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tlteach.base import atomic_write, checked, without_ignorables
from tlteach.classroom.aliases import copies, look_alikes, newest
from tlteach.classroom.entries import entries
from tlteach.classroom.gathered import gathered
from tlteach.classroom.handed_in import Attempt, Runs, Submission, parse
from tlteach.lessons import Journal
from tlteach.lessons._untrusted import Refused, check_alias, megabytes, read_json

__all__ = [
    "Attempt",
    "Collected",
    "Refused",
    "Runs",
    "Submission",
    "collect",
    "file_name",
    "read",
    "submit",
]

MOST_BYTES = 5_000_000


@checked
def submit(alias: str, out: str | Path | None = None, *, journal: Journal | None = None) -> Path:
    """Write what a learner did to a small file that can be handed in.

    It holds the alias, the date, the version of tlteach, answers, states of checks, hints used,
    solutions looked at, choices in quizzes and the runs that the learner kept, with the versions
    and the machine that made them. It holds no user name, no host name and no path. Its digest
    tells accidents and edits; it proves nothing against someone who wants to cheat.

    Parameters
    ----------
    alias : str
        A name of the learner's own choice.
    out : str or Path, optional
        The folder to write to; default the current one.
    journal : Journal, optional
        Default: the learner's own.

    Returns
    -------
    Path
        The file, ``tlteach-ALIAS.json``.

    Raises
    ------
    ValueError
        For an alias that cannot be used, or where the file is there and not this alias's own.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> journal = Journal(folder / "journal.jsonl")
    >>> _ = journal.add("check", id="00.1", state="correct", trap=None, answer="60")
    >>> submit("Ana M.", folder, journal=journal).name
    'tlteach-Ana-M.json'
    """
    # what a learner typed is mended, what a file says is not
    alias = check_alias(without_ignorables(alias).strip() if isinstance(alias, str) else alias)
    known = gathered(alias, journal or Journal())
    parse(known)  # what is written here can be read there
    text = json.dumps(known, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    path = Path(out or ".") / file_name(alias)
    if len(text.encode()) > MOST_BYTES:
        msg = f"{path.name} must have at most {megabytes(MOST_BYTES)}; got {megabytes(len(text))}"
        raise ValueError(msg)
    if os.path.lexists(path) and _owner(path) != alias:
        msg = f"{path.name} is there and is no submission of {alias!r}; move it, or choose another"
        raise ValueError(msg)
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def file_name(alias: str) -> str:
    """Return the name of an alias's file: letters, digits, dots and dashes.

    Examples
    --------
    >>> file_name("Ana M."), file_name("a@b.org")
    ('tlteach-Ana-M.json', 'tlteach-a-b.org.json')
    """
    # marks belong to the letters of many scripts
    plain = "".join(c if unicodedata.category(c)[0] in "LMN" or c == "." else "-" for c in alias)
    return f"tlteach-{re.sub('-+', '-', plain)[:40].strip('-.')}.json"


def read(path: str | Path) -> Submission:
    """Read one file as if from a stranger: JSON only, never run, every part checked.

    Parameters
    ----------
    path : str or Path
        A file that `submit` wrote, of this format or an older one.

    Returns
    -------
    Submission

    Raises
    ------
    Refused
        With the reason, in a sentence.
    OSError
        For a file that is not there or cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tlteach-ana.json"
    >>> path.write_bytes(b"")
    0
    >>> read(path)
    Traceback (most recent call last):
        ...
    tlteach.lessons._untrusted.Refused: is empty
    """
    return parse(read_json(Path(path), MOST_BYTES))


class Collected(NamedTuple):
    """What a folder holds.

    Attributes
    ----------
    submissions : list of Submission
        Those that are used, by date.
    reasons : dict of str to str
        What there is to say of a file, by its name in the folder: why it is not used, or what is
        odd about it.
    """

    submissions: list[Submission]
    reasons: dict[str, str]

    def remarks(self, *, used: bool) -> list[tuple[str, str]]:
        """Return name and reason: of files that are used though odd, or of those that are not."""
        names = {one.file for one in self.submissions}
        return [(name, says) for name, says in self.reasons.items() if (name in names) == used]


@checked
def collect(folder: str | Path) -> Collected:
    """Read all files of a folder and of the folders in it; links are not followed.

    Of one alias's files the newest is used; one from the future counts as the oldest. The same
    runs, to the bit, under two aliases are both used here and both named; `pool` counts them once.
    Aliases that look alike, such as with a Cyrillic letter, are used and named, too.

    Parameters
    ----------
    folder : str or Path
        Where files arrive.

    Returns
    -------
    Collected
        The submissions, and by file why others are not used or are odd.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = submit("ana", folder, journal=Journal(folder / "journal.jsonl"))
    >>> _ = (folder / "notes.txt").write_text("")
    >>> submissions, reasons = collect(folder)
    >>> [learner.alias for learner in submissions], reasons
    (['ana'], {'notes.txt': 'is ignored: a submission ends in .json'})
    """
    base = Path(folder)
    if not base.is_dir():
        msg = f"folder must be a folder with submissions; got {str(folder)!r}"
        raise FileNotFoundError(msg)
    found: list[Submission] = []
    reasons: dict[str, str] = {}
    for path, name in _files(base, reasons):
        try:
            found.append(replace(read(path), file=name))
        except Refused as reason:
            reasons[name] = str(reason)
        except OSError as error:  # it may be gone by now
            reasons[name] = f"could not be read: {error.strerror}"
    used, dates = newest(found)
    for told in (dates, copies(used), look_alikes(used)):
        for name, says in told.items():
            reasons[name] = f"{reasons[name]}; {says}" if name in reasons else says
    return Collected(used, dict(sorted(reasons.items())))


def _files(base: Path, reasons: dict[str, str]) -> Iterator[tuple[Path, str]]:
    """Yield what may be submissions; note the rest."""
    for path, name, fault, _ in entries(base):
        if fault:
            reasons[name] = fault
        elif path.suffix.lower() != ".json":
            reasons[name] = "is ignored: a submission ends in .json"
        else:
            yield path, name


def _owner(path: Path) -> str:
    try:
        return read(path).alias
    except Refused:
        return ""
