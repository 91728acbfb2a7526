"""What was graded before, one file for each notebook, believed only if it is whole and fits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from tlteach.base import atomic_write, unformula
from tlteach.classroom.handed_in import digest
from tlteach.classroom.otter import Mark, fitting


def note(path: Path, learner: str, got: Mark) -> None:
    """Write what a notebook got, with a hash of it."""
    known = {"learner": learner} | asdict(got)
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(known | {"digest": digest(known)}, indent=1))


def noted(path: Path, possible: Mapping[str, float]) -> Mark | None:
    """Return what was noted; None for no file, and for one that is cut, edited or does not fit."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if known["digest"] != digest(known) or known["scores"].keys() != possible.keys():
            return None
        scores = {id: fitting(id, score, possible[id]) for id, score in known["scores"].items()}
        return Mark(scores, known["says"], known["note"], float(known["seconds"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def note_aside(folder: Path, aside: Mapping[str, str]) -> dict[str, str]:
    """Write which entries of a folder are no learner's, and why; return them."""
    with atomic_write(folder / "aside.csv") as temporary:
        table = pd.DataFrame({"entry": map(unformula, aside), "note": [*aside.values()]})
        table.to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")
    return dict(aside)
