"""The results table: its columns, and a store that survives being killed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from tlteach.base import DamagedError, atomic_write, read_sealed, warn_caller, write_sealed
from tlteach.base.whole import left_over
from tlteach.measures import PER_IMAGE

COLUMNS = [
    "task", "source", "backbone", "regime", "shots", "seed", "split", "metric", "value",
    "updates", "images", "seconds", "config", *PER_IMAGE,
]  # fmt: skip
RUN = ["config", "shots", "seed"]  # what tells one run from another


class Store:
    """Rows of finished runs, in memory or in Parquet, which any number of processes may share.

    Each finished run is written at once as a part of its own and renamed into place, so that a
    kill loses only what was still training; `finish` merges the parts into one file. Every file is
    read and written under a lock and holds a hash of itself.

    Parameters
    ----------
    path : str or Path, optional
        The Parquet file; None keeps everything in memory.

    Raises
    ------
    ValueError
        If the file cannot be written, is damaged, or is another one.

    Warns
    -----
    UserWarning
        If a part is damaged: its run is repeated.

    Examples
    --------
    >>> store = Store(None)
    >>> store.add([dict.fromkeys(COLUMNS, 0) | {"config": "a", "shots": 5, "seed": 1}])
    >>> ("a", 5, 1) in store.done
    True
    """

    def __init__(self, path: str | Path | None) -> None:
        self.path = None if path is None else Path(path).expanduser()
        self._rows: list[dict[str, Any]] = []
        self.done: set[tuple[str, int, int]] = set()
        if self.path is None:
            return
        there = next(place for place in self.path.absolute().parents if place.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            why = "cannot be written to" if there.is_dir() else "is no folder"
            msg = f"out must be a file that can be written; got {self.path}: {there} {why}"
            raise ValueError(msg)
        if self.path.exists() or self._parts.exists():  # else a call that is refused leaves nothing
            with self._locked():
                self._read(self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes out."""
        assert self.path is not None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_name(f".{self.path.stem}.lock")):
            yield

    def _read(self, path: Path) -> list[Path]:
        """Take up what is on the disk; return the parts of it. What was cut off by a kill goes."""
        beside = path.with_suffix(".json")
        for half in [*left_over(path), *left_over(beside), *self._parts.glob(".*")]:
            half.unlink()  # whoever writes holds the lock
        if path.exists():
            try:
                self._remember(read_sealed(path))
            except DamagedError as error:
                msg = f"{error}; move it away, or give another out=, and its runs are repeated"
                raise ValueError(msg) from error
        read = []
        for part in sorted(self._parts.glob("*.parquet")):
            try:
                self._remember(read_sealed(part))
                read.append(part)
            except DamagedError as error:
                warn_caller(f"{error}; its run is repeated", UserWarning)
                part.unlink()
        return read

    @property
    def _parts(self) -> Path:
        assert self.path is not None
        return self.path.with_suffix(".parts")

    def _remember(self, rows: pd.DataFrame) -> None:
        missing = [n for n in COLUMNS if n not in rows.columns and n not in PER_IMAGE]
        if missing:
            msg = f"{self.path} must hold the columns of results; missing: {', '.join(missing)}"
            raise ValueError(msg)
        known = pd.Series([key in self.done for key in _keys(rows)], index=rows.index, dtype=bool)
        fresh = rows.loc[~known].reindex(columns=COLUMNS).astype(dict.fromkeys(PER_IMAGE, object))
        fresh[PER_IMAGE] = fresh[PER_IMAGE].where(fresh[PER_IMAGE].notna(), None)
        self._rows += [
            dict(zip(COLUMNS, row, strict=True)) for row in fresh.itertuples(index=False)
        ]
        self.done.update(_keys(fresh))

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Keep the rows of one finished run."""
        table = pd.DataFrame(rows, columns=COLUMNS)
        if self.path is not None:
            name = "-".join(str(table[column].iloc[0]) for column in RUN)
            with self._locked():
                write_sealed(table, self._parts / f"{name}.parquet")
        self._remember(table)

    def table(self, keys: set[tuple[str, int, int]] | None = None) -> pd.DataFrame:
        """Return the rows of all runs, or of some, in a fixed order.

        Parameters
        ----------
        keys : set of (config, shots, seed), optional
            The runs wanted; a file may hold others.
        """
        table = pd.DataFrame(self._rows, columns=COLUMNS)
        if keys is not None:
            table = table[[key in keys for key in _keys(table)]]
        order = ["task", "backbone", "regime", "shots", "seed", "config", "split", "metric"]
        return table.sort_values(order, ignore_index=True)

    def finish(self, provenance: dict[str, Any]) -> None:
        """Merge the parts into one file, with the provenance as JSON beside it.

        Settings that an earlier call left there stay, as its rows do.
        """
        if self.path is None:
            return
        with self._locked():
            merged = self._read(self.path)  # others may have written since
            write_sealed(self.table(), self.path)
            self._note(self.path.with_suffix(".json"), provenance)
            for part in merged:
                part.unlink()
            if self._parts.exists():
                with suppress(OSError):  # somebody keeps something there
                    self._parts.rmdir()

    def _note(self, beside: Path, provenance: dict[str, Any]) -> None:
        """Write the provenance, with the settings that stand there already."""
        if beside.exists():
            try:
                known = dict(json.loads(beside.read_text(encoding="utf-8")).get("configs", {}))
                provenance = provenance | {"configs": known | provenance.get("configs", {})}
            except (ValueError, AttributeError, TypeError):
                aside = beside.with_suffix(".json.damaged")
                beside.replace(aside)
                told = f"{beside.name} is damaged, and is {aside.name} now: settings of rows that "
                warn_caller(f"{told}an earlier call wrote may be in it alone", UserWarning)
        with atomic_write(beside, lasting=True) as temporary:
            temporary.write_text(json.dumps(provenance, indent=1, sort_keys=True) + "\n")


def _keys(rows: pd.DataFrame) -> list[tuple[str, int, int]]:
    return list(
        zip(rows["config"], rows["shots"].astype(int), rows["seed"].astype(int), strict=True)
    )
