"""The one order in which a word, a mean and its interval are read."""

from __future__ import annotations

NO_WORD = "no word"  # said where there is none


def span(low: float, high: float, digits: int = 1) -> str:
    """Return the ends of an interval in words; NaN ends: that there is none.

    Examples
    --------
    >>> span(0.25, 1.5, 2), span(float("nan"), float("nan"))
    ('0.25 to 1.50', 'no interval')
    """
    return f"{low:.{digits}f} to {high:.{digits}f}" if low <= high else "no interval"


def effect(
    said: str, mean: float, low: float, high: float, *, unit: str = "", digits: int = 1
) -> str:
    """Return a word, a mean and its interval in the one order in which all verdicts are read.

    Parameters
    ----------
    said : str
        The word; "" for none.
    mean, low, high : float
        Of the difference, in the unit to be shown; NaN ends if there is no interval.
    unit : str, optional
        What follows the mean, such as " points".
    digits : int, default 1
        Behind the point.

    Examples
    --------
    >>> effect("helps", 32.2, 19.8, 44.1, unit=" points", digits=0)
    'helps, +32 points (20 to 44)'
    """
    return f"{said or NO_WORD}, {mean:+.{digits}f}{unit} ({span(low, high, digits)})"
