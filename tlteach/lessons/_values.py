"""Values as learners compute them: numpy, torch and pandas hold the numbers of plain Python."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

from tlteach.lessons._untrusted import shortened

MOST = 200  # characters of one value in a message


def scalar(value: Any) -> Any:
    """Return what an array, a tensor or a Series of one element holds; else the value itself.

    Examples
    --------
    >>> import numpy as np
    >>> scalar(np.float32(0.5)), scalar(np.array([60])), scalar("helps"), scalar([1, 2])
    (0.5, 60, 'helps', [1, 2])
    """
    if not hasattr(value, "item"):
        return value
    try:
        return value.item()
    except (ValueError, RuntimeError, TypeError):  # of many elements, or no array at all
        return value


def plain(value: Any) -> Any:
    """Return arrays, tensors and Series as lists, everything inside them as plain Python.

    Examples
    --------
    >>> import numpy as np
    >>> plain((np.arange(2), {"a": np.float64(0.5)}))
    ([0, 1], {'a': 0.5})
    """
    if hasattr(value, "tolist"):
        return plain(value.tolist()) if hasattr(value, "__len__") else value.tolist()
    if type(value) in (list, tuple):
        return type(value)(map(plain, value))
    if isinstance(value, Mapping):
        return {plain(key): plain(inner) for key, inner in value.items()}
    return value


def is_number(value: Any) -> bool:
    """Return whether a value is a real number, and no truth value.

    Examples
    --------
    >>> is_number(0.5), is_number(True), is_number("0.5")
    (True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def same(ours: Any, theirs: Any, tolerance: float) -> bool:
    """Return whether an answer is what is wanted, whichever library it came from.

    Examples
    --------
    >>> import numpy as np
    >>> same(np.array([0.1, 0.2]), [0.1, 0.2], 1e-6), same((0, 1), [0, 1], 0), same("1", 1, 0)
    (True, True, False)
    """
    if is_number(theirs):
        ours = scalar(ours)
        if not is_number(ours):
            return False
        return math.isclose(ours, theirs, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(theirs, str | bool):
        ours = scalar(ours)
        return type(ours) in (type(theirs), *type(theirs).__subclasses__()) and bool(ours == theirs)
    if isinstance(theirs, list | tuple):
        ours = plain(ours)
        return (
            isinstance(ours, list | tuple)
            and len(ours) == len(theirs)
            and all(same(one, other, tolerance) for one, other in zip(ours, theirs, strict=True))
        )
    return type(ours) is type(theirs) and bool(ours == theirs)


def told(value: Any) -> str:
    """Return a value as a message shows it: six digits, and not too long.

    Examples
    --------
    >>> told([1 / 3, 2.0]), told("helps")
    ('[0.333333, 2.0]', "'helps'")
    """
    return shortened(_text(plain(value)), MOST)


def _text(value: Any) -> str:
    if isinstance(value, float):
        text = f"{value:.6g}"
        return f"{text}.0" if text.lstrip("-").isdigit() else text
    if type(value) is list:
        return f"[{', '.join(map(_text, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(_text, value))}{',' if len(value) == 1 else ''})"
    if type(value) is dict:
        inner = (f"{_text(key)}: {_text(one)}" for key, one in value.items())
        return f"{{{', '.join(inner)}}}"
    return repr(value)
