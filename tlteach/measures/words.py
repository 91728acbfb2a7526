"""The one order in which a word, a mean and its interval are read; what a table of them says."""

from __future__ import annotations

from tlteach.base import checked, in_range

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

    Returns
    -------
    str
        The interval in brackets.

    Examples
    --------
    >>> effect("helps", 32.2, 19.8, 44.1, unit=" points", digits=0)
    'helps, +32 points (20 to 44)'
    """
    return f"{said or NO_WORD}, {mean:+.{digits}f}{unit} ({span(low, high, digits)})"


@checked
def false_words_expected(k: int, level: float = 0.95) -> float:
    """Return how many of k verdicts say "helps" or "hurts" if nothing differs at all.

    An expectation, so it holds too for verdicts that share seeds and images and go wrong together.

    Parameters
    ----------
    k : int
        Verdicts with a word, "cannot tell" among them.
    level : float, default 0.95
        Of their intervals.

    Returns
    -------
    float
        Zero or larger, at most `k`.

    Raises
    ------
    ValueError
        For a negative number, or a level outside [0, 1].

    Examples
    --------
    >>> round(false_words_expected(40), 3)
    2.0
    """
    return float(in_range("number of verdicts", k, 0) * (1 - in_range("level", level, 0, 1)))


@checked
def false_words_told(k: int, level: float = 0.95) -> str:
    """Return the sentence for below a table of k verdicts.

    Parameters
    ----------
    k : int
        Verdicts with a word, "cannot tell" among them.
    level : float, default 0.95
        Of their intervals.

    Returns
    -------
    str
        With the number from `false_words_expected`.

    Raises
    ------
    ValueError
        As `false_words_expected` does.

    Examples
    --------
    >>> false_words_told(12)
    'Verdicts: 12. If nothing differed, 0.6 of them would still say helps or hurts, on average.'
    """
    expected = false_words_expected(k, level)
    number = f"{expected:.2g}" if expected < 10 else f"{expected:.0f}"
    return (
        f"Verdicts: {k}. If nothing differed, {number} of them would still say helps or hurts, "
        "on average."
    )
