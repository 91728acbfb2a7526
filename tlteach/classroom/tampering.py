"""Whether a notebook changed what judges it: its functions as they are, beside a fresh process's.

Everything that judging an answer calls is walked through and hashed by the place it stands at. The
notebook's process runs this file's own text, so that nothing imported there answers for it. It
names a patch of the checker, of otter or of what both call; it is no proof against more effort.
"""

from __future__ import annotations

import builtins
import dataclasses
import functools
import hashlib
import importlib
import json
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

OURS = ("tlteach", "otter")  # walked through; of others a function is hashed, and no further
ROOTS = (
    "tlteach.classroom.assignments.demand",
    "otter.check.notebook.Notebook",
    "otter.execute.checker.Checker",
    "otter.test_files.GradingResults",
)
PLAIN = (str, int, float, bool, type(None), bytes, complex, type(...))
WRAPPED = (staticmethod, classmethod, property, functools.cached_property)


def state(ids: list[str]) -> dict[str, str]:
    """Return a hash of everything that judges these exercises, by its place."""
    found: dict[str, str] = {}
    left: list[tuple[str, Any]] = []
    for root in ROOTS:
        module, _, name = root.rpartition(".")
        left.append((root, getattr(importlib.import_module(module), name)))
    exercises = importlib.import_module("tlteach.classroom.questions").EXERCISES
    left += [(f"exercise {id}", exercises[id]) for id in ids]
    while left:
        place, value = left.pop()
        if place not in found:
            told, inside = _look(place, value)
            found[place] = hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:16]
            left += inside
    return found


def differing(expected: dict[str, str], line: str) -> list[str]:
    """Return the places that are not what they are in a fresh process.

    Examples
    --------
    >>> differing({"a.f": "1", "a.g": "2"}, '{"a.f": "1", "a.g": "3", "a.h": "4"}')
    ['a.g']
    """
    here = json.loads(line)
    changed = sorted(
        place for place, hashed in expected.items() if here.get(place, hashed) != hashed
    )
    return changed or sorted(expected.keys() - here.keys())


def cell(path: str, ids: list[str]) -> str:
    """Return the code of a cell that adds one line to a file: the state of its process."""
    code = f"""{Path(__file__).read_text(encoding="utf-8")}
with open({path!r}, "a") as file:
    file.write(json.dumps(state({ids!r})) + chr(10))
"""
    return f"exec({code!r}, {{'__name__': 'compare', '__file__': ''}})"


@functools.cache
def fresh(ids: tuple[str, ...]) -> dict[str, str]:
    """Return the state of a process in which nothing ran."""
    code = f"from tlteach.classroom import tampering as t; print(t.json.dumps(t.state({[*ids]!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _look(place: str, value: Any) -> tuple[str, list[tuple[str, Any]]]:
    """Return what a value is, as text, and what it leads to."""
    if isinstance(value, functools.partial):
        return "partial", [(f"{place}.func", value.func), (f"{place}.args", value.args)]
    if isinstance(value, types.MethodType):
        return "method", [(f"{place}.function", value.__func__)]
    if isinstance(value, types.FunctionType):
        ours = (value.__module__ or "").startswith(OURS)
        return _code(value.__code__) + repr(_told(value.__defaults__)), (
            _called(place, value) if ours else []
        )
    if isinstance(value, type):
        return f"class {value.__module__}.{value.__qualname__}", _members(value)
    if hasattr(value, "__wrapped__"):
        return "wrapped", [(f"{place}.wrapped", value.__wrapped__)]
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        if "cases" in names:  # the calls that an answer is tried with, should they be cached
            names.append("calls")
        kind = type(value)
        inside = [(f"{place}.{name}", getattr(value, name)) for name in names]
        return kind.__qualname__, [(f"{kind.__module__}.{kind.__qualname__}", kind), *inside]
    if isinstance(value, tuple | list) and not all(isinstance(one, PLAIN) for one in value):
        return type(value).__name__, [(f"{place}[{i}]", one) for i, one in enumerate(value)]
    return _told(value), []


def _called(place: str, function: types.FunctionType) -> list[tuple[str, Any]]:
    """Return what a function's names stand for: globals, builtins, parts of modules, closures."""
    names = _names(function.__code__)
    inside: list[tuple[str, Any]] = []
    spaces = {function.__module__: function.__globals__}
    for owner in (todo := list(spaces)):  # grows while it is walked
        for name in sorted(names & spaces[owner].keys()):
            value = spaces[owner][name]
            if not isinstance(value, types.ModuleType):
                inside += [(f"{owner}.{name}", value)] * _is_fixed(value, owner)
            elif value.__name__ not in spaces:
                spaces[value.__name__] = vars(value)
                todo.append(value.__name__)
    built_in = (names - function.__globals__.keys()) & vars(builtins).keys()
    inside += [(f"builtins.{name}", vars(builtins)[name]) for name in sorted(built_in)]
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    for name, cell in cells:
        try:
            value = cell.cell_contents
        except ValueError:  # empty so far
            continue
        if callable(value):
            inside.append((f"{place}.{name}", value))
    return inside


def _is_fixed(value: Any, owner: str) -> bool:
    """Return whether a global must not change: code, and plain data of the checker itself."""
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | type):
        return True
    if hasattr(value, "__wrapped__"):
        return True
    return owner.startswith("tlteach") and isinstance(value, (*PLAIN, tuple, frozenset))


def _members(kind: type) -> list[tuple[str, Any]]:
    if not kind.__module__.startswith(OURS):
        return []
    place = f"{kind.__module__}.{kind.__qualname__}"
    inside: list[tuple[str, Any]] = [
        (f"{base.__module__}.{base.__qualname__}", base) for base in kind.__bases__
    ]
    for name, value in sorted(vars(kind).items()):
        if isinstance(value, WRAPPED):
            parts = (getattr(value, part, None) for part in ("__func__", "fget", "func"))
            value = next((part for part in parts if part is not None), None)
        if isinstance(value, types.FunctionType):
            inside.append((f"{place}.{name}", value))
    return inside


def _names(code: types.CodeType) -> set[str]:
    nested = [_names(one) for one in code.co_consts if isinstance(one, types.CodeType)]
    return set(code.co_names).union(*nested)


def _code(code: types.CodeType) -> str:
    constants = [
        _code(one) if isinstance(one, types.CodeType) else _told(one) for one in code.co_consts
    ]
    return repr((code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars))


def _told(value: Any) -> str:
    """Return plain data as text that is the same in every process; of the rest, what it is."""
    if isinstance(value, PLAIN):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"{type(value).__name__}({', '.join(map(_told, value))})"
    if isinstance(value, frozenset | set):
        return f"set({', '.join(sorted(map(_told, value)))})"
    if isinstance(value, dict):
        return f"dict({', '.join(f'{_told(k)}: {_told(v)}' for k, v in value.items())})"
    if isinstance(value, types.BuiltinFunctionType | type):
        return f"{value.__module__}.{value.__qualname__}"
    return type(value).__qualname__
