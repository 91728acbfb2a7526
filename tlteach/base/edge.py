"""The public edge: what a caller hands in is held against what a function says that it takes."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math
import os
import re
import types
import warnings
from collections.abc import Callable, Collection, Iterable
from numbers import Integral
from typing import Any, ParamSpec, TypeVar

import numpy as np

from tlteach.base.validate import is_number

P = ParamSpec("P")
T = TypeVar("T")
TOLD = {
    "int": ("a whole number", "whole numbers, such as [0, 1]"),
    "float": ("a finite number", "finite numbers, such as [0.5, 1.0]"),
    "bool": ("True or False", ""),
    "str": ("text", "texts, such as ['a', 'b']"),
    "Path": ("a path", "paths"),
    "Tensor": ("a tensor, such as torch.as_tensor makes", "tensors"),
    "DataFrame": ("a table (DataFrame)", "tables (DataFrames)"),
    "Task": ("a Task, such as from load_task or from_folder", "Tasks"),
    "Backbone": ("a Backbone, such as from load_backbone", "Backbones"),
    "Classifier": ("a Classifier", ""),
    "TrainedModel": ("a TrainedModel, such as from train_best or load_model", ""),
    "TrainConfig": ("a TrainConfig", ""),
    "Regime": ("a Regime", "Regimes"),
    "Search": ("a Search", ""),
    "Split": ("a Split, such as task.train", ""),
    "device": ("a device, such as 'cpu' or 'cuda'", ""),
    "Module": ("a network (nn.Module)", ""),
    "None": ("None", ""),
}
INSIDE = ("tlteach.", "contextlib")  # what stands between a caller and a reason to warn
SEVERAL = re.compile(r"(?:Iterable|Sequence|Collection)\[(\w+)(?: \| (\w+))?\]")
# of what takes a name or a place, an empty one means nothing
NOT_EMPTY = ("name", "folder", "path", "root", "out", "source", "text_column", "label_column")


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """Refuse arguments of another kind than the function's annotations say, in words.

    A whole number is no float and no bool; a float is finite; several texts are not one text; a
    path and a name are not empty. What else an argument must be, the function says itself.

    Parameters
    ----------
    function : callable
        With annotations.

    Returns
    -------
    callable
        The function, which raises TypeError or ValueError before it begins.

    Examples
    --------
    >>> @checked
    ... def double(shots: int, seeds: Iterable[int] = (0,)) -> int:
    ...     return 2 * shots
    >>> double(2.0)
    Traceback (most recent call last):
        ...
    TypeError: shots must be a whole number; got 2.0 of type float
    >>> double(2, seeds=3)
    Traceback (most recent call last):
        ...
    TypeError: seeds must be several whole numbers, such as [0, 1]; got 3 of type int
    """
    signature = inspect.signature(function)
    known = [
        (name, kinds)
        for name, one in signature.parameters.items()
        if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
        and (kinds := _alternatives(one.annotation))
    ]

    def checks(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            got = bind(*args, **kwargs).arguments
        except TypeError:  # arguments that are missing or unknown: the call below says so
            got = {}
        for name, kinds in known:
            if name in got:
                hold(name, got[name], kinds)
        return function(*args, **kwargs)

    bind, hold = signature.bind, _hold
    # the function's own globals, by which doctest knows where it comes from
    made = types.FunctionType(
        checks.__code__, function.__globals__, function.__name__, None, checks.__closure__
    )
    return functools.wraps(function)(made)


def check_fields(made: Any) -> None:
    """Refuse fields of a dataclass of another kind than their annotations say, as `checked` does.

    Parameters
    ----------
    made : dataclass
        To be called in its ``__post_init__``.

    Raises
    ------
    TypeError, ValueError
        For the first field that does not fit.

    Examples
    --------
    >>> @dataclasses.dataclass
    ... class Made:
    ...     n: int
    >>> check_fields(Made(True))
    Traceback (most recent call last):
        ...
    TypeError: n must be a whole number; got True of type bool
    """
    kind: Any = type(made)
    for name, kinds in _fields(kind):
        _hold(name, getattr(made, name), kinds)


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn at the line that called into this package, however deep inside the reason was found.

    Parameters
    ----------
    message : str
        What to know.
    category : type
        A kind of warning.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(action="always", record=True) as told:
    ...     warn_caller("look", UserWarning)
    >>> len(told)
    1
    """
    level, frame = 2, inspect.currentframe()
    while frame := frame.f_back if frame else None:
        if not frame.f_globals.get("__name__", "").startswith(INSIDE):
            break
        level += 1
    warnings.warn(message, category, stacklevel=level)


@functools.cache
def _fields(kind: Any) -> list[tuple[str, list[str]]]:
    return [
        (field.name, kinds)
        for field in dataclasses.fields(kind)
        if (kinds := _alternatives(field.type))
    ]


def _alternatives(annotation: Any) -> list[str]:
    """Return what an annotation allows; nothing where that cannot be told from here."""
    text = str(getattr(annotation, "__name__", annotation))
    parts = [part.strip() for part in re.split(r"\|(?![^\[]*\])", text)]
    short = [part if "[" in part else part.rsplit(".", 1)[-1] for part in parts]
    return short if all(part in TOLD or _items(part) for part in short) else []


def _items(kind: str) -> list[str]:
    """Return what "Iterable[int | str]" holds; nothing for what is not several of known kinds."""
    found = SEVERAL.fullmatch(kind)
    items = [one for one in found.groups() if one] if found else []
    return items if all(one in TOLD for one in items) else []


def _hold(name: str, value: Any, kinds: list[str]) -> None:
    if not any(_is(value, kind) for kind in kinds):
        told = [
            f"several {' or '.join(TOLD[one][1] for one in items)}" if items else TOLD[kind][0]
            for kind, items in zip(kinds, map(_items, kinds), strict=True)
            if kind != "None"
        ]
        msg = f"{name} must be {' or '.join(dict.fromkeys(told))}; got {_shown(value)}"
        if "Backbone" in kinds and _is(value, "Module"):
            msg += "; wrap a network without its head: tlt.Backbone(net, Preprocessing(size), ...)"
        raise ValueError(msg) if is_number(value) and "float" in kinds else TypeError(msg)
    if isinstance(value, str) and not value.strip() and name in NOT_EMPTY:
        msg = f"{name} must not be empty; got {value!r}"
        raise ValueError(msg)
    if name == "n_jobs" and value == 0:
        msg = "n_jobs must be at least 1, or below 0 to count from the number of cores; got 0"
        raise ValueError(msg)


def _shown(value: Any) -> str:
    kind = type(value).__name__
    if shape := getattr(value, "shape", ()):
        return f"{kind} of shape {tuple(shape)}"
    text = repr(value).split("\n")[0]
    return f"{text if len(text) <= 60 else f'{text[:57]}...'} of type {kind}"


def _is(value: Any, kind: str) -> bool:
    if items := _items(kind):
        if isinstance(value, str | bytes) or not isinstance(value, Iterable):
            return False
        if isinstance(value, np.ndarray) or not isinstance(value, Collection):
            return True  # an iterator would be used up
        return all(any(_is(one, item) for item in items) for one in value)
    if kind == "None":
        return value is None
    if kind == "int":
        return isinstance(value, Integral) and is_number(value)
    if kind == "float":
        return is_number(value) and math.isfinite(value)
    if kind == "bool":
        return isinstance(value, bool | np.bool_)
    if kind == "str":
        return isinstance(value, str)
    if kind == "Path":
        return isinstance(value, os.PathLike)
    # torch, pandas and what is above this wing are not imported for a check
    return any(one.__name__ == kind for one in type(value).__mro__)
