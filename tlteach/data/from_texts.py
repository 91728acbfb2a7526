"""Tasks from a learner's own texts: a table with a row for each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tlteach.base import checked
from tlteach.data.columns import as_frame, groups_in, refuse_empty
from tlteach.data.from_memory import grouped, numbered
from tlteach.data.names import count, told_forms
from tlteach.data.own import Photos, make_task
from tlteach.data.task import Task
from tlteach.data.texts import rows_of


@checked
def from_texts(
    table: pd.DataFrame | str | Path | Any,
    text_column: str = "text",
    label_column: str = "label",
    group_column: str | None = None,
    *,
    name: str | None = None,
    seed: int = 0,
) -> Task:
    """Make a task from a table with a row for each text.

    About one text in five, of every class, is for testing. Texts that are the same stand in one
    split, and so does what a group names.

    Parameters
    ----------
    table : DataFrame, path of a CSV file, or Hugging Face Dataset
        A CSV file is read as text: "01" and "NA" are names like others.
    text_column, label_column : str
        Columns with the text and with the name of its class.
    group_column : str, optional
        Column that says what belongs together, such as the author or the thread; an empty cell
        stands alone.
    name : str, optional
        Default the file's, or "texts".
    seed : int, default 0
        Draws the splits.

    Returns
    -------
    Task
        Of kind "texts".

    Raises
    ------
    TypeError
        For a dict of several splits, or texts that are no text.
    ValueError
        For unknown columns, or empty cells, with their rows.

    Warns
    -----
    FolderNote
        What was taken for granted or looks odd.

    Examples
    --------
    >>> rows = {"text": [f"{i} {['bad', 'good'][i % 2]}" for i in range(20)],
    ...         "label": ["no", "yes"] * 10}
    >>> task = from_texts(pd.DataFrame(rows))
    >>> task.kind, task.classes, len(task.labelled), len(task.test.texts)
    ('texts', ('no', 'yes'), 16, 4)
    """
    columns = [text_column, label_column, *filter(None, [group_column])]
    rows, file = as_frame(table, list(dict.fromkeys(columns)))
    refuse_empty(rows, text_column, label_column)
    texts = rows[text_column].tolist()
    for at, text in enumerate(texts):
        if not isinstance(text, str):
            msg = f"column {text_column!r} must hold texts; got {text!r} in row {at}"
            raise TypeError(msg)
    written = rows[label_column].astype(str).to_numpy(object)
    labels, classes = numbered(written, None)
    kinds = pd.Series(labels).groupby(pd.Series(texts)).nunique()
    several = kinds[kinds > 1]
    notes = told_forms(written)
    if len(several):
        notes += [
            f"{count(len(several), 'text')} with more than one label, is one wrong? "
            f"{several.index[0][:60]!r}"
        ]
    groups = groups_in(rows[group_column]) if group_column else None
    photos = Photos(
        rows_of(texts),
        labels,
        classes,
        np.full(len(rows), ""),
        groups=grouped(groups, len(rows)),
        notes=notes,
    )
    name = name or file or "texts"
    return make_task(name, photos, seed=seed, source=f"table {name}", near_copies=False)
