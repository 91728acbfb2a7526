"""The functions that notebook 04 asks for: right ones, typical wrong ones, and cases."""

from __future__ import annotations

from itertools import product
from statistics import fmean, stdev

from tlteach.base import rng

SEEN = ("labels", "images", "nothing")


def setting(same_classes: bool, same_images: bool, seen: str) -> str:
    """Return what a transfer is called, if the source has labels."""
    if same_classes and same_images:
        return "no transfer"
    if not same_classes:
        return "inductive" if seen == "labels" else "neither"
    if seen == "labels":
        return "supervised adaptation"
    return "transductive" if seen == "images" else "domain generalisation"


def settings() -> list[tuple[bool, bool, str]]:
    """Return every case that the table has a word for."""
    return list(product((True, False), (True, False), SEEN))


NAMED = (  # one call for each name
    (True, False, "nothing"),
    (False, True, "labels"),
    (False, False, "images"),
    (True, True, "labels"),
    (True, False, "labels"),
    (True, False, "images"),
)


def swapped(same_classes: bool, same_images: bool, seen: str) -> str:
    """Let the two words of Pan and Yang change places."""
    said = setting(same_classes, same_images, seen)
    return {"inductive": "transductive", "transductive": "inductive"}.get(said, said)


def nothing_seen(same_classes: bool, same_images: bool, seen: str) -> str:
    """Call it transductive, though training saw nothing of the target."""
    said = setting(same_classes, same_images, seen)
    return "transductive" if said == "domain generalisation" else said


def by_labels(same_classes: bool, same_images: bool, seen: str) -> str:
    """Let what was seen of the target decide alone."""
    if same_classes and same_images:
        return "no transfer"
    names = ("inductive", "transductive", "domain generalisation")
    return names[SEEN.index(seen)]


def by_classes(same_classes: bool, same_images: bool, seen: str) -> str:
    """Let the classes decide alone."""
    if same_classes and same_images:
        return "no transfer"
    return "transductive" if same_classes else "inductive"


def by_images(same_classes: bool, same_images: bool, seen: str) -> str:
    """Let the looks of the images decide alone."""
    if same_classes and same_images:
        return "no transfer"
    return "inductive" if same_images else "transductive"


def aligned(value: float, source: list[float], target: list[float]) -> float:
    """Return a value of the source, moved and stretched to the target's mean and deviation."""
    steps = (value - fmean(source)) / stdev(source)
    return steps * stdev(target) + fmean(target)


def features() -> list[tuple[float, list[float], list[float]]]:
    """Return values of one feature, on images of the source and of the target."""
    random = rng(0, "test")
    found = [
        (1.0, [0.0, 2.0], [5.0, 5.5]),
        (9.0, [0.0, 2.0], [5.0, 5.0]),
        (0.0, [1.0, 0.0], [1.0, 3.0]),
    ]
    for _ in range(20):
        drawn = random.normal(random.normal(), random.uniform(0.5, 3), (2, 6)).round(2)
        source, other = drawn.tolist()
        found.append((source[0], source, [3 * value + 1 for value in other]))
    return found  # two lists of the same length: then both kinds of deviation give the same


MOVED = ((22.0, [0.0, 11.0, 13.0], [4.0, 26.0, 30.0]),)
