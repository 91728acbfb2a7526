"""Error helpers: every message says what was wrong, what was got and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real  # numpy's numbers are ones too
from typing import Any

import numpy as np


def one_of(name: str, value: Any, allowed: Iterable[Any]) -> Any:
    """Return `value` if it is one of `allowed`.

    Parameters
    ----------
    name : str
        What a message calls it.
    value : object
        What was got.
    allowed : iterable
        What may be got.

    Returns
    -------
    object
        `value`, as it is.

    Raises
    ------
    ValueError
        With the name, the value got and the values allowed.

    Examples
    --------
    >>> one_of("metric", "accuracy", ["accuracy", "log_loss"])
    'accuracy'
    >>> one_of("metric", "f7", ["accuracy", "log_loss"])
    Traceback (most recent call last):
        ...
    ValueError: metric must be one of 'accuracy', 'log_loss'; got 'f7'
    """
    choices = list(allowed)
    if value in choices:
        return value
    allowed = f"must be one of {', '.join(map(repr, choices))}" if choices else "has no choice here"
    msg = f"{name} {allowed}; got {value!r}"
    raise ValueError(msg)


def is_number(value: Any) -> bool:
    """Return whether a value is a real number; True and False are none.

    Examples
    --------
    >>> is_number(2.5), is_number(np.int64(2)), is_number(True), is_number("2")
    (True, True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def in_range(
    name: str,
    value: Any,
    low: float | None = None,
    high: float | None = None,
    *,
    because: str = "",
    whole: bool = False,
) -> Any:
    """Return `value` if ``low <= value <= high``; None leaves a side open.

    Parameters
    ----------
    name : str
        What a message calls it.
    value : number
        What was got; a bool is none.
    low, high : float, optional
        The least and the most that is allowed.
    because : str, optional
        The reason for the limit, shown in brackets.
    whole : bool, default False
        Whether it must be a whole number.

    Returns
    -------
    number
        `value`, as it is.

    Raises
    ------
    TypeError
        If `value` is not a number, or not a whole one.
    ValueError
        With the name, the range, the reason and the value got.

    Examples
    --------
    >>> in_range("shots", 5, 1, 42)
    5
    >>> in_range("shots", 50, 1, 42, because="class 'tool' has 42 training images")
    Traceback (most recent call last):
        ...
    ValueError: shots must be between 1 and 42 (class 'tool' has 42 training images); got 50
    """
    if not is_number(value) or (whole and not isinstance(value, Integral)):
        kind = "a whole number" if whole else "a number"
        msg = f"{name} must be {kind}; got {value!r} of type {type(value).__name__}"
        raise TypeError(msg)
    if (low is None or value >= low) and (high is None or value <= high):
        return value
    if low is None:
        allowed = f"at most {high}"
    elif high is None:
        allowed = f"at least {low}"
    else:
        allowed = f"between {low} and {high}"
    reason = f" ({because})" if because else ""
    msg = f"{name} must be {allowed}{reason}; got {value!r}"
    raise ValueError(msg)


def same_length(**named: Any) -> int:
    """Return the common length of the named sequences.

    Parameters
    ----------
    **named : sequence
        What has a length, by the name that a message calls it.

    Returns
    -------
    int
        Of all of them.

    Raises
    ------
    ValueError
        With every name and its length.

    Examples
    --------
    >>> same_length(logits=[[0, 1]], labels=[1])
    1
    >>> same_length(logits=[[0, 1]], labels=[1, 0])
    Traceback (most recent call last):
        ...
    ValueError: logits and labels must have the same length; got logits 1, labels 2
    """
    lengths = {name: len(value) for name, value in named.items()}
    if len(set(lengths.values())) == 1:
        return next(iter(lengths.values()))
    got = ", ".join(f"{name} {n}" for name, n in lengths.items())
    msg = f"{' and '.join(lengths)} must have the same length; got {got}"
    raise ValueError(msg)


def finite(name: str, values: Any) -> Any:
    """Return `values`, an array or a tensor, if none of them is NaN or infinite.

    Parameters
    ----------
    name : str
        What a message calls them.
    values : array or tensor
        Of any shape and kind of number, on any device.

    Returns
    -------
    array or tensor
        `values`, the same object.

    Raises
    ------
    ValueError
        With how many are not, and the place of the first: its row, its column and so on.

    Examples
    --------
    >>> finite("X", np.array([[0.0, 1.0], [2.0, np.nan]]))
    Traceback (most recent call last):
        ...
    ValueError: X must be finite; got 1 NaN or infinite, the first, nan, at [1, 1]
    """
    if isinstance(values, np.ndarray):
        given = values
        bad = ~np.isfinite(given) if given.dtype.kind in "fc" else np.zeros(0, bool)
    else:  # a tensor, of which the answer alone leaves its device
        given = values.detach()
        bad = (~given.isfinite()).cpu().numpy()
    if bad.any():
        place = np.unravel_index(int(bad.argmax()), bad.shape)
        at, n, first = ", ".join(map(str, place)), np.count_nonzero(bad), float(given[place])
        msg = f"{name} must be finite; got {n} NaN or infinite, the first, {first}, at [{at}]"
        raise ValueError(msg)
    return values
