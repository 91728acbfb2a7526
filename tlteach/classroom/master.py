"""A notebook source as the master notebook that otter-grader takes apart."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from tlteach.classroom.autograder import KERNEL
from tlteach.classroom.questions import Check, Piece, graded_once, judging_code, pieces

CUT = re.compile(r"^ *# solution\n", re.MULTILINE)
CONFIG = {
    # learners need no otter: lessons.check is their check, and never says "all passed"
    "init_cell": False,
    "export_cell": False,
    "tests": {"ok_format": False},
    "strip_solutions_from_all_cells": True,
    # where learners see results, as on Gradescope, the hidden ones are among them
    "generate": {"show_hidden": True, "force_public_test_summary": False},
}
HAND_IN = """## Hand in

{exercises} count {each:g} points each: {visible:g} for an answer of the right kind, {hidden:g}
more for a right one. Restart the kernel, run all cells, save, and hand in this file.

For the grade it is run again from top to bottom on another machine, and each answer is judged
where `lessons.check` stands: leave those cells in. Where you answer with something measured,
write the code that works it out rather than the number, for it may differ a little there."""


def master_notebook(source: Path, points: tuple[float, float]) -> tuple[NotebookNode, list[str]]:
    """Return the master notebook of a source, and the ids of its exercises.

    Raises
    ------
    ValueError
        Where it checks no exercise, one twice, one after its stand-in, or one in a solution.
    """
    import jupytext  # type: ignore[import-untyped]

    cells: list[NotebookNode] = []
    found: list[Piece] = []
    for cell in jupytext.read(source, fmt="py:percent").cells:
        known = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
        if cell.cell_type != "code":
            cells.append(new_markdown_cell(cell.source, metadata=known))
            continue
        for piece in _parts(cell.source):
            found.append(piece)
            part = _code(piece.source, known)
            cells += _question(part, piece.check, points) if piece.check else [part]
    ids = _checked_once(found, source.name)
    config = json.dumps({"name": source.stem} | CONFIG)  # JSON is YAML, and quotes its texts
    count = f"{len(ids)} exercises" if len(ids) > 1 else "One exercise"
    visible, hidden = points
    last = HAND_IN.format(exercises=count, each=visible + hidden, visible=visible, hidden=hidden)
    cells = [new_raw_cell(f"# ASSIGNMENT CONFIG\n{config}"), *cells, new_markdown_cell(last)]
    for number, cell in enumerate(cells):
        cell.id = f"{source.stem}-{number:03d}"
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return new_notebook(cells=cells, metadata=metadata), ids


def _parts(source: str) -> list[Piece]:
    """Return the pieces of a cell, with its solution as otter marks one."""
    before, *after = CUT.split(source, maxsplit=1)
    if not after:
        return pieces(source)
    if checks := [piece.check.id for piece in pieces(before + after[0]) if piece.check]:
        msg = f"{checks[0]} must be checked in a cell of its own, not in one with a solution"
        raise ValueError(msg)
    marked = f"{before}# BEGIN SOLUTION NO PROMPT\n{after[0]}\n# END SOLUTION"
    return [Piece(marked)]


def _checked_once(found: list[Piece], name: str) -> list[str]:
    ids = [piece.check.id for piece in found if piece.check]
    if not ids:
        msg = f'{name} must check an exercise, as in lessons.check("00.1", answer); it checks none'
        raise ValueError(msg)
    kept = Counter(piece.check.id for piece in graded_once(found) if piece.check)
    if wrong := sorted((Counter(ids) - kept).keys()):
        msg = (
            f"{name} must check each exercise once, and before lessons.use puts a stand-in into "
            f"its place; it does not do so with {', '.join(wrong)}"
        )
        raise ValueError(msg)
    return ids


def _question(cell: NotebookNode, check: Check, points: tuple[float, float]) -> list[NotebookNode]:
    config = json.dumps({"name": check.id, "check_cell": False})
    return [
        new_raw_cell(f"# BEGIN QUESTION\n{config}"),
        cell,
        new_raw_cell("# BEGIN TESTS"),
        _test(check, points[0], hidden=False),
        _test(check, points[1], hidden=True),
        new_raw_cell("# END TESTS"),
        new_raw_cell("# END QUESTION"),
    ]


def _test(check: Check, points: float, *, hidden: bool) -> NotebookNode:
    config = json.dumps({"hidden": hidden, "points": points})
    code = judging_code(check, right=hidden)
    return _code(f'""" # BEGIN TEST CONFIG\n{config}\n""" # END TEST CONFIG\n{code}', {})


def _code(source: str, metadata: dict[str, Any]) -> NotebookNode:
    cell: NotebookNode = new_code_cell(source, metadata=metadata)
    return cell


def clean_copy(path: Path) -> None:
    """Take out of a learners' copy what is not theirs: solution cells, and all tests.

    otter leaves the visible tests in, and where only those are, says "All test cases passed!"
    of a wrong answer.
    """
    notebook = nbformat.read(path, as_version=4)
    name = notebook.metadata["otter"]["assignment_name"]
    notebook.metadata["otter"] = {"assignment_name": name}
    notebook.cells = [
        cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])
    ]
    for cell in notebook.cells:
        cell.source = cell.source.strip("\n")
    nbformat.write(notebook, path)
