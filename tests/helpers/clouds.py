"""A map as drawn, against the points of Python's table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

FAR = 0.2  # pixels


def cloud_faults(drawn: Any, cloud: Any, chart: Any) -> Iterator[str]:
    """Yield where a map and its points do not agree; one scale serves both axes."""
    points = chart.points()
    points = points[points["map"] == cloud.title]
    if drawn["seen"] != bool(len(points)):
        yield f"{cloud.title}: it is there, or is not"
    if not drawn["seen"] or not len(points):
        return
    if drawn["title"] != cloud.title or drawn["keys"] != [cloud.was, cloud.now]:
        yield f"{cloud.title}: its words"
    ways, was, now = drawn["paths"]
    if not len(points) == was.count("M") == now.count("M") == ways.count("L"):
        yield f"{cloud.title}: how many points"
        return
    there = np.array(places(was) + places(now))
    if there.min() < 0 or (there > drawn["size"]).any():
        yield f"{cloud.title}: points outside"
    ours = there * (1, -1)
    columns = (["was_x", "was_y"], ["x", "y"])
    theirs = np.concatenate([points[names].to_numpy() for names in columns])
    ours, theirs = ours - ours.mean(0), theirs - theirs.mean(0)
    scale = (ours * theirs).sum() / (theirs**2).sum()
    if scale <= 0 or np.abs(ours - scale * theirs).max() > FAR:
        yield f"{cloud.title}: where the points lie"


def places(d: str) -> list[list[float]]:
    """Return where the marks of a path begin."""
    return [[float(n) for n in part.split("m")[0].split(",")] for part in d.split("M")[1:]]
