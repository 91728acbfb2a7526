"""What each notebook asks: one module ``nNN_topic`` for each, found by its name.

It may import the rest of `lessons` and what that may. Begin with `n00_start`; beside these modules
stand the functions that answers are judged with, such as `negative` and `museum`.
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from pathlib import Path

from tlteach.base import one_of
from tlteach.lessons._exercise import Exercise
from tlteach.lessons._quiz import Question

__all__ = ["EXERCISES", "QUESTIONS", "TITLES", "number_of"]

NAMES = sorted(
    module.name
    for module in pkgutil.iter_modules([str(Path(__file__).parent)])
    if re.fullmatch(r"n\d\d_\w+", module.name)
)
PARTS = [import_module(f"{__name__}.{name}") for name in NAMES]
TITLES = {name[1:3]: name[4:] for name in NAMES}  # by the notebook's number
EXERCISES: dict[str, Exercise] = {e.id: e for part in PARTS for e in part.EXERCISES}
QUESTIONS: dict[str, Question] = {q.id: q for part in PARTS for q in part.QUESTIONS}


def number_of(notebook: str) -> str:
    """Return the number of a notebook that is called by its number, its name or its file's name.

    Examples
    --------
    >>> number_of("00"), number_of("00_start"), number_of("00_start.ipynb")
    ('00', '00', '00')
    """
    names = {f"{number}_{title}": number for number, title in TITLES.items()}
    return names.get(notebook.removesuffix(".ipynb")) or one_of("notebook", notebook, TITLES)
