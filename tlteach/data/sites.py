"""Folders around the class folders, such as hospitals or cities: domains, not classes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tlteach.data.names import some

FEWEST = 2  # places, and classes that all of them share
NUMBER = re.compile(r"\d")


def are_sites(inner: Mapping[str, Sequence[str]]) -> bool:
    """Return whether folders are places with the same classes in each, rather than classes.

    They are if every folder holds at least two folders of names that all of them share, without
    a number in any name: object1 and object2 in every class are groups.

    Parameters
    ----------
    inner : mapping of str to sequence of str
        The folders in each folder; none where images lie in it.

    Examples
    --------
    >>> are_sites({"berlin": ["cat", "dog"], "rome": ["cat", "dog"]})
    True
    >>> are_sites({"cat": ["anna", "ben"], "dog": ["carl", "dora"]})
    False
    >>> are_sites({"cat": ["object1", "object2"], "dog": ["object1", "object2"]})
    False
    """
    if len(inner) < FEWEST:
        return False
    shared = set.intersection(*map(set, inner.values()))
    return len(shared) >= FEWEST and not any(NUMBER.search(n) for ns in inner.values() for n in ns)


def told_sites(inner: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the notes on what was taken for places, and which classes each of them lacks."""
    classes = dict.fromkeys(name for names in inner.values() for name in names)
    notes = [
        f"{some(inner)} hold the same folders: taken for places (domains) with the classes "
        f"{some(classes)} in each; if they are the classes themselves, pass domains=False"
    ]
    lacking = [
        f"{site} has no {some(name for name in classes if name not in names)}"
        for site, names in inner.items()
        if len(names) < len(classes)
    ]
    return notes + ([f"places without some class: {some(lacking, '; ')}"] if lacking else [])
