"""What learners hand in, made ready for otter-grader, and the zip that grades it."""

from __future__ import annotations

import json
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlteach.classroom.questions import Piece, graded_once, pieces
from tlteach.lessons import EXERCISES

LARGEST = 50_000_000
CARD = "tlteach.json"  # in an autograder zip: whose it is, and what it is worth
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# A widget talks to a page. Here is none, and nbclient may wait for it for ever.
NO_WIDGET_TRAFFIC = "import comm\ncomm.create_comm = comm.DummyComm"


@dataclass(frozen=True)
class Autograder:
    """An autograder zip as `write_assignment` writes it.

    Attributes
    ----------
    path : Path
    name : str
        The notebook's, such as "01_three_ways".
    possible : dict of str to float
        Points by exercise.
    """

    path: Path
    name: str
    possible: dict[str, float]

    @classmethod
    def read(cls, path: str | Path) -> Autograder:
        """Open a zip.

        Raises
        ------
        FileNotFoundError
            Where there is none.
        ValueError
            Where it is no autograder of this package.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                card = json.loads(archive.read(CARD))
            possible = {str(id): float(points) for id, points in card["points"].items()}
            return cls(Path(path).resolve(), str(card["name"]), possible)
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
            msg = f"autograder must be a zip from write_assignment; got {Path(path).name}: {error}"
            raise ValueError(msg) from error

    def write_card(self) -> None:
        """Add to the zip what `read` wants to know."""
        with zipfile.ZipFile(self.path, "a") as archive:
            archive.writestr(CARD, json.dumps({"name": self.name, "points": self.possible}))

    @property
    def measured(self) -> bool:
        """Return whether what is right depends on what a notebook measured."""
        return any(EXERCISES[id].given for id in self.possible if id in EXERCISES)


def read_pieces(path: Path) -> list[Piece]:
    """Return the code of a notebook, cut at the checks; at most one check per exercise.

    Raises
    ------
    ValueError
        Where it cannot be read as a notebook.
    """
    if path.suffix.lower() != ".ipynb":
        msg = f"it is no notebook but a file of type {path.suffix or 'unknown'!r}"
        raise ValueError(msg)
    if (size := path.stat().st_size) > LARGEST:
        msg = f"it has {size:,} bytes; at most {LARGEST:,} are read: clear its outputs"
        raise ValueError(msg)
    if not stat.S_ISREG(path.lstat().st_mode):  # it was a file when the folder was read
        msg = "it is no file, or a link, and links are not followed"
        raise ValueError(msg)
    try:
        cells = json.loads(path.read_text(encoding="utf-8-sig"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        told = f"{type(error).__name__}: {error}"[:80]
        msg = f"it cannot be read as a notebook ({told})"
        raise ValueError(msg) from error
    return graded_once(piece for source in sources for piece in pieces(source))


def prepare(
    found: list[Piece], autograder: Autograder, after_tests: str = ""
) -> tuple[dict[str, Any], str]:
    """Return a notebook for otter, and a note on exercises whose check is not there.

    Only code is taken over: no tests from a learner's metadata, no saved widgets, no kernel of
    their own. Where a check is gone, its exercise is judged before anything has run: at the end
    of the notebook a stand-in could pass for an answer. `after_tests` is code that runs, in a cell
    of its own, wherever otter has tested.

    Raises
    ------
    ValueError
        Where it checks none of the exercises.
    """
    there = {piece.check.id for piece in found if piece.check}
    missing = [id for id in autograder.possible if id not in there]
    if len(missing) == len(autograder.possible):
        msg = f"it checks no exercise of {autograder.name}: is it another notebook?"
        raise ValueError(msg)
    cells = [_cell(NO_WIDGET_TRAFFIC, missing)]
    for piece in found:
        cells.append(_cell(piece.source, [piece.check.id] if piece.check else []))
        if piece.check and after_tests:
            cells.append(_cell(after_tests, []))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:04d}"
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": KERNEL, "otter": {"assignment_name": autograder.name}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return notebook, f"no check of {', '.join(missing)} found" if missing else ""


def _cell(source: str, tests: list[str]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {"otter": {"tests": tests}} if tests else {},
        "outputs": [],
        "execution_count": None,
    }
