"""Columns of tables that other libraries hold: DataFrames, CSV files, Hugging Face's Dataset.

Such a Dataset is known by what it has, `features` and `column_names`; `datasets` is not imported.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tlteach.base import one_of


def has_features(table: Any) -> bool:
    """Return whether this is a Dataset of Hugging Face; say so if it is several.

    Raises
    ------
    TypeError
        For a DatasetDict: which of its splits is meant?
    """
    splits = table if isinstance(table, Mapping) else {}
    if any(hasattr(split, "features") for split in splits.values()):
        names = ", ".join(map(repr, splits))
        msg = f"pass one split, such as dataset[{next(iter(splits))!r}]; got a dict of {names}"
        raise TypeError(msg)
    return isinstance(getattr(table, "features", None), Mapping)


def only_of(table: Any, kind: str, asked: str | None, argument: str) -> str:
    """Return the column asked for, or else the only one of a kind, such as "Image".

    Examples
    --------
    >>> class Image: ...
    >>> class Table:
    ...     features = {"photo": Image(), "n": 1}
    >>> only_of(Table, "Image", None, "image_column")
    'photo'
    """
    known = dict(table.features)
    if asked is not None:
        return str(one_of(argument, asked, known))
    found = [name for name, feature in known.items() if type(feature).__name__ == kind]
    if len(found) != 1:
        got = ", ".join(f"{name} ({type(feature).__name__})" for name, feature in known.items())
        msg = f"{argument} must be given where not just one column is of kind {kind}; got {got}"
        raise ValueError(msg)
    return str(found[0])


def names_of(table: Any, column: str) -> tuple[str, ...] | None:
    """Return the class names that a column of numbers points into, if it has any."""
    names = getattr(table.features[column], "names", None)
    return tuple(names) if names else None


def as_frame(table: Any, columns: list[str]) -> tuple[pd.DataFrame, str | None]:
    """Return some columns of a table, and the name of its file; labels as names.

    A CSV file is read as text: "01" and "NA" are names like others.
    """
    name: str | None = None
    if not isinstance(table, pd.DataFrame) and not has_features(table):
        if not isinstance(table, str | os.PathLike):
            msg = (
                "table must be a table (DataFrame), a Dataset of Hugging Face or the path of a CSV "
                f"file; got {table!r:.60} of type {type(table).__name__}"
            )
            raise TypeError(msg)
        path = Path(table).expanduser()
        table, name = read_table(path), path.stem
    known = table.columns if isinstance(table, pd.DataFrame) else table.features
    for column in columns:
        one_of("column", column, list(known))
    if isinstance(table, pd.DataFrame):
        return table[columns].reset_index(drop=True), name
    frame = pd.DataFrame({column: list(table[column]) for column in columns})
    for column in columns:
        if names := names_of(table, column):
            unlabelled = frame.index[~frame[column].between(0, len(names) - 1)].tolist()
            if unlabelled:
                msg = f"column {column!r} must hold labels; none in row {unlabelled[0]}"
                raise ValueError(msg)
            frame[column] = [names[number] for number in frame[column]]
    return frame, name


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV file as text.

    Raises
    ------
    ValueError
        If it is not in UTF-8, as spreadsheets may write it.
    """
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except UnicodeDecodeError as error:
        msg = f"{path.name} must be a CSV file in UTF-8, so save it as that; got {error}"
        raise ValueError(msg) from error


def groups_in(column: pd.Series) -> list[Any]:
    """Return the cells of a column of groups; None, which stands alone, for an empty one.

    Examples
    --------
    >>> groups_in(pd.Series(["anna", " ", pd.NA, "ben"], dtype="string"))
    ['anna', None, None, 'ben']
    """
    empty = column.isna() | (column.astype(str).str.strip() == "")
    return [None if out else cell for cell, out in zip(column.tolist(), empty, strict=True)]


def refuse_empty(rows: pd.DataFrame, *columns: str) -> None:
    """Raise if a cell names nothing, with every row where that is so."""
    for column in columns:
        empty = rows[column].isna() | (rows[column].astype(str).str.strip() == "")
        if empty.any():
            at = ", ".join(map(str, empty.to_numpy().nonzero()[0][:8]))
            msg = f"column {column!r} must name something in every row; empty in row {at}"
            raise ValueError(msg)
