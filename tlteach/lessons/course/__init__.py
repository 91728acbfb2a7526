"""What each notebook asks: one module ``nNN_topic`` for each, found by its name.

It may import the rest of `lessons` and what that may. Begin with `n00_start`; beside these modules
stand the functions that answers are judged with, such as `negative` and `museum`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Generic, TypeVar

from tlteach.base import one_of
from tlteach.lessons._exercise import Exercise
from tlteach.lessons._quiz import Question

__all__ = ["EXERCISES", "QUESTIONS", "TITLES", "number_of"]

T = TypeVar("T", Exercise, Question)
HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("n[0-9][0-9]_*.py"))
TITLES = {name[1:3]: name[4:] for name in NAMES}  # by the notebook's number


class Course(Mapping[str, T], Generic[T]):
    """All exercises, or all questions, by their ids, in the order in which they are asked.

    A notebook's module is imported when something of it is asked for: one lesson need not wait for
    the others, and who only wants to know which ids there are (`tlteach progress`) not for torch.
    So ids are read from the source, where each stands first in its ``Exercise(`` or ``Question(``.
    """

    def __init__(self, kind: type[T]) -> None:
        self._kind: type[T] = kind
        self._known: dict[str, T] = {}

    @cached_property
    def _modules(self) -> dict[str, str]:
        written = re.compile(rf'^    {self._kind.__name__}\(\s*(?:id=)?"(\d\d\.\w+)"', re.MULTILINE)
        return {
            id: name
            for name in NAMES
            for id in written.findall((HERE / f"{name}.py").read_text(encoding="utf-8"))
        }

    def __getitem__(self, id: str) -> T:
        if id not in self._known:
            module = import_module(f"{__name__}.{self._modules[id]}")
            asked = getattr(module, f"{self._kind.__name__.upper()}S")
            self._known |= {one.id: one for one in asked}
        return self._known[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, id: object) -> bool:
        return id in self._modules


EXERCISES = Course(Exercise)
QUESTIONS = Course(Question)


def number_of(notebook: str) -> str:
    """Return the number of a notebook that is called by its number, its name or its file's name.

    Examples
    --------
    >>> number_of("00"), number_of("00_start"), number_of("00_start.ipynb")
    ('00', '00', '00')
    """
    names = {f"{number}_{title}": number for number, title in TITLES.items()}
    return names.get(notebook.removesuffix(".ipynb")) or one_of("notebook", notebook, TITLES)
