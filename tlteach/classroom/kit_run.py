"""Run a solved notebook once, as learners do, for its figures."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from tlteach.classroom.kit_pictures import drawn

LONGEST = 1200  # seconds of a cell


def run(path: Path, tier: str = "class", *, home: Path | None = None) -> NotebookNode:
    """Return a solved notebook as it comes out on this machine: promises, pictures, tables.

    Parameters
    ----------
    path : Path
        Of the solved copy; it is left as it is.
    tier : {"class", "smoke", "full"}
        How much is trained. "class" takes minutes and is what learners see.
    home : Path, optional
        The cache; default an empty one that goes afterwards.

    Raises
    ------
    ValueError
        If a cell fails, with the notebook's name and the error.
    """
    notebook = executed(nbformat.read(path, as_version=4), path, tier, home=home)
    for cell in notebook.cells:
        if cell.cell_type == "code" and "keep_output" not in cell.metadata.get("tags", []):
            cell.outputs = drawn(cell.outputs)
    return notebook


def executed(
    notebook: NotebookNode, path: Path, tier: str, *, home: Path | None = None
) -> NotebookNode:
    """Return a notebook with all that its cells showed; `path` is where it lies, for errors.

    Raises
    ------
    ValueError
        If a cell fails, with the notebook's name and the error.
    """
    with tempfile.TemporaryDirectory() as own_place:  # a lecturer's own progress is not touched
        cache = str(home.resolve()) if home else f"{own_place}/home"
        progress = f"{own_place}/progress"
        own = {"TLTEACH_TIER": tier, "TLTEACH_HOME": cache, "TLTEACH_PROGRESS": progress}
        quiet = {"TLTEACH_OFFLINE": "1", "TQDM_DISABLE": "1"}
        place = {"metadata": {"path": str(path.parent.parent)}}
        try:
            client = NotebookClient(notebook, timeout=LONGEST, resources=place)
            client.execute(env={**os.environ, **own, **quiet})
        except CellExecutionError as error:
            msg = f"{path.name} must run to be drawn; got {error.ename}: {error.evalue}"
            raise ValueError(msg) from error
    return notebook
