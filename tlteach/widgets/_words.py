"""Numbers of a chart as text; `static/chart/words.js` writes the same, a test compares."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal


def fixed(value: float, digits: int) -> str:
    """Write a number with so many digits, halves away from zero, as a browser does.

    Examples
    --------
    >>> fixed(0.25, 1), f"{0.25:.1f}"
    ('0.3', '0.2')
    """
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _points(value: float) -> str:
    return f"{'' if value < 0 else '+'}{fixed(100 * value, 1)} points"


FORMS: dict[str, Callable[[float], str]] = {
    "percent": lambda value: f"{fixed(100 * value, 1)}%",
    "points": _points,
    "number": lambda value: fixed(value, 3),
    "whole": lambda value: fixed(value, 0),
    "seconds": lambda value: f"{fixed(value, 2)} s",
}
BARE: dict[str, Callable[[float], str]] = FORMS | {
    "percent": lambda value: fixed(100 * value, 1),
    "points": lambda value: fixed(100 * value, 1),
    "seconds": lambda value: fixed(value, 2),
}


def told(values: Iterable[float], form: str) -> str:
    """Write mean, low and high.

    Examples
    --------
    >>> told([0.5, 0.4, 0.6], "percent"), told([0.5, math.nan, math.nan], "number")
    ('50.0% (40.0 to 60.0)', '0.500')
    """
    mean, low, high = (float(value) for value in itertools.islice(values, 3))
    if math.isnan(mean):
        return "not run"
    between = "" if math.isnan(low) else f" ({BARE[form](low)} to {BARE[form](high)})"
    return FORMS[form](mean) + between
