"""Whose file is whose, where names are free: one alias written in two ways, look-alikes, copies."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

from tlteach.base import without_ignorables
from tlteach.classroom.handed_in import Submission

MARK = "\u200e"  # of direction, around letters in the table
SKEW = timedelta(hours=1)  # by which the clock of somebody's machine may be ahead


def alias_key(alias: str) -> str:
    """Return what two ways of writing one alias have in common.

    Examples
    --------
    >>> alias_key("Ana") == alias_key("ANA") == alias_key("A" + chr(0x34F) + "na")
    True
    """
    return without_ignorables(unicodedata.normalize("NFKC", alias).casefold())


def look(alias: str) -> str:
    """Return what aliases that look alike have in common, by Unicode's table of confusables.

    Examples
    --------
    >>> look("Ana") == look(chr(0x410) + "na"), look("bern") == look("bem"), look("a") == look("b")
    (True, True, False)
    """
    plain = without_ignorables(unicodedata.normalize("NFKC", alias))
    return "".join(map(_shape, plain)).casefold().replace("rn", "m")


@cache
def _shape(letter: str) -> str:
    """Return the letter that stands for all of this shape."""
    from confusable_homoglyphs.confusables import confusables_data as table  # reads a large file

    alike: list[str] = [one["c"].strip(MARK) for one in table.get(letter, [])]
    if len(alike) != 1:  # the table holds the others against this one, or knows none
        return letter
    return alike[0] if len(table.get(alike[0], [])) > 1 else min(letter, alike[0])


def is_ahead(date: datetime) -> bool:
    """Return whether a date is in the future, by more than clocks differ."""
    return date > datetime.now(UTC) + SKEW


def newest(found: Iterable[Submission]) -> tuple[list[Submission], dict[str, str]]:
    """Return the newest file of each alias, by date; and what there is to say of files.

    A date in the future proves nothing, so such a file counts as its alias's oldest.
    """
    kept: dict[str, Submission] = {}
    says: dict[str, str] = {}
    for one in sorted(found, key=lambda each: (not is_ahead(each.date), each.date, each.file)):
        before = kept.get(alias_key(one.alias))
        kept[alias_key(one.alias)] = one
        if before is not None:
            says[before.file] = f"is not used: {one.file} is {_why(before, one)}"
    used = sorted(kept.values(), key=lambda each: (each.date, each.file))
    ahead = {one.file: f"is used, but its date is in the future: {one.date}" for one in used}
    return used, says | {one.file: ahead[one.file] for one in used if is_ahead(one.date)}


def _why(before: Submission, after: Submission) -> str:
    if is_ahead(before.date) and not is_ahead(after.date):
        return f"of the same alias, and this one's date is in the future: {before.date}"
    if before.date == after.date:
        return "of the same alias and the same date, and later by name"
    return "of the same alias and newer"


def copies(used: Iterable[Submission]) -> dict[str, str]:
    """Tell who handed in the same runs, down to the seconds that each took."""
    groups: dict[str, list[Submission]] = {}
    for one in used:
        rows = sorted(json.dumps(row, sort_keys=True) for runs in one.runs for row in runs.rows)
        if rows:  # without runs, two learners may well agree in all they did
            groups.setdefault("".join(rows), []).append(one)
    return _told(groups, "is used, but its runs and their seconds are those of")


def look_alikes(used: Iterable[Submission]) -> dict[str, str]:
    """Tell whose alias looks like another's."""
    groups: dict[str, list[Submission]] = {}
    for one in used:
        groups.setdefault(look(one.alias), []).append(one)
    return _told(groups, "is used, but its alias looks like that of")


def _told(groups: dict[str, list[Submission]], what: str) -> dict[str, str]:
    return {
        one.file: f"{what} {', '.join(other.file for other in group if other is not one)}"
        for group in groups.values()
        for one in group
        if len(group) > 1
    }
