"""How many minutes a learner needs for each part of a notebook: worked out from what stands there.

A person's minutes, not a machine's: those are measured and stand in the notebook's header. They are
the sum of four things, rounded up:

- words of prose, divided by `READING` words a minute. Carver (1992, Journal of Reading 36(2)) puts
  reading in order to learn at about 200 words a minute for students in their first language. That
  it is three quarters of that in a second one is our assumption.
- code cells: `CELL` seconds to run one and look at what comes out, `LINE` seconds to read a line.
- questions: `QUESTION` minutes to think, besides reading what is asked and all options.
- exercises: minutes by what is asked for, in `EXERCISE`, hints and second tries included.

All but the first number are assumptions of the people who wrote the course; no class was timed. Who
teaches it can time one and change them here: plans and pages follow.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from tlteach.classroom.kit_deck import questions_of
from tlteach.lessons import EXERCISES, QUESTIONS

READING = 150  # words a minute
CELL, LINE = 20, 3  # seconds
QUESTION = 0.5  # minutes
EXERCISE = {"Word": 2.0, "Number": 3.0, "Function": 7.0}  # minutes, by the kind of answer
OTHER = 5.0  # a run, a model, a text: what is no word, number or function
PARTS = re.compile(r"^## ", re.MULTILINE)
CHECK = re.compile(r"""(?:check|use)\(["'](\d\d\.\d)["']""")
WORD = re.compile(r"[^\W_]+(?:['.-][^\W_]+)*")
REFERENCES = re.compile(r"\*\*References\.\*\*.*|^#* ?References\n.*", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"\]\([^)]*\)")


@dataclass(frozen=True)
class Section:
    """A part of a notebook and what a learner does in it.

    Attributes
    ----------
    name : str
        Its heading.
    words : int
        Of prose, without references.
    cells, lines : int
        Of code.
    questions, exercises : tuple of str
        Their ids.
    """

    name: str
    words: int
    cells: int
    lines: int
    questions: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()

    @property
    def minutes(self) -> int:
        """Whole minutes of a learner, rounded up.

        Examples
        --------
        >>> Section("Read", words=300, cells=3, lines=20).minutes  # 2 + 1 + 1
        4
        """
        asked = [QUESTIONS[id] for id in self.questions]
        options = [" ".join([question.ask, *question.options]) for question in asked]
        words = self.words + sum(len(WORD.findall(text)) for text in options)
        kinds = [type(EXERCISES[id].kind).__name__ for id in self.exercises]
        code = (CELL * self.cells + LINE * self.lines) / 60
        tried = QUESTION * len(options) + sum(EXERCISE.get(kind, OTHER) for kind in kinds)
        return math.ceil(words / READING + code + tried)


def sections(learner: Sequence[NotebookNode]) -> list[Section]:
    r"""Return the parts of a notebook, cut at its headings of the second level.

    Parameters
    ----------
    learner : sequence of NotebookNode
        The cells of the learner's copy: solutions are not read.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_markdown_cell
    >>> text = "# A title\n\nTwo words.\n\n## Next"
    >>> cells = [new_markdown_cell(text), new_code_cell("1 + 1")]
    >>> [(part.name, part.words, part.cells) for part in sections(cells)]
    [('Opening', 4, 0), ('Next', 1, 1)]
    """
    gathered: list[tuple[str, list[str], list[str]]] = [("Opening", [], [])]
    for cell in learner:
        if cell.cell_type == "code":
            if source := cell.source.strip():
                gathered[-1][2].append(source)
            continue
        before, *parts = PARTS.split(cell.source)
        gathered[-1][1].append(before)
        gathered += [(part.partition("\n")[0].strip(), [part], []) for part in parts]
    seen: set[str] = set()  # an exercise is checked in one part and may be used in others
    return [_section(name, prose, code, seen) for name, prose, code in gathered]


def _section(name: str, prose: list[str], code: list[str], seen: set[str]) -> Section:
    plain = REFERENCES.sub("", ADDRESS.sub("]", "\n\n".join(prose)))
    checked = dict.fromkeys(id for source in code for id in CHECK.findall(source))
    new = tuple(id for id in checked if id in EXERCISES and id not in seen)
    seen.update(new)
    return Section(
        name=name,
        words=len(WORD.findall(plain)),
        cells=len(code),
        lines=sum(bool(line.strip()) for source in code for line in source.splitlines()),
        questions=tuple(q.id for source in code for q in questions_of(source)),
        exercises=new,
    )
