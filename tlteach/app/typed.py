"""Numbers as typed on a command line: refused before anything runs, with what is allowed."""

from __future__ import annotations

import argparse
import math


def count(text: str) -> int:
    """Return a whole number of at least 1.

    Examples
    --------
    >>> count("3")
    3
    >>> count("-1")
    Traceback (most recent call last):
        ...
    argparse.ArgumentTypeError: must be a whole number of at least 1; got '-1'
    """
    return _whole(text, 1)


def seed(text: str) -> int:
    """Return a whole number of at least 0.

    Examples
    --------
    >>> seed("0")
    0
    """
    return _whole(text, 0)


def positive(text: str) -> float:
    """Return a finite number above 0, such as seconds.

    Examples
    --------
    >>> positive("0.5")
    0.5
    >>> positive("-5")
    Traceback (most recent call last):
        ...
    argparse.ArgumentTypeError: must be a number above 0; got '-5'
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        msg = f"must be a number above 0; got {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return number


def _whole(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        msg = f"must be a whole number of at least {least}; got {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return number
