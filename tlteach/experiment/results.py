"""The results table: its columns, and a store that survives being killed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from tlteach.base import atomic_write
from tlteach.measures import PER_IMAGE

COLUMNS = [
    "task", "source", "backbone", "regime", "shots", "seed", "split", "metric", "value",
    "updates", "images", "seconds", "config", *PER_IMAGE,
]  # fmt: skip
BF16 = "-bf16"  # ends the config of runs whose answers were computed in this number format
RUN = ["config", "shots", "seed"]  # what tells one run from another


class Store:
    """Rows of finished runs, in memory or in Parquet.

    Each finished run is written at once as a part of its own and renamed into place, so that a
    kill loses only what was still training; `finish` merges the parts into one file.

    Parameters
    ----------
    path : str or Path, optional
        The Parquet file; None keeps everything in memory.

    Examples
    --------
    >>> store = Store(None)
    >>> store.add([dict.fromkeys(COLUMNS, 0) | {"config": "a", "shots": 5, "seed": 1}])
    >>> ("a", 5, 1) in store.done
    True
    """

    def __init__(self, path: str | Path | None) -> None:
        self.path = None if path is None else Path(path)
        self._rows: list[dict[str, Any]] = []
        self.done: set[tuple[str, int, int]] = set()
        if self.path is not None:
            # a name with a dot in front is a part that a kill cut off
            for part in [self.path, *sorted(self._parts.glob("[!.]*.parquet"))]:
                if part.exists():
                    self._remember(pd.read_parquet(part))

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
            with atomic_write(self._parts / f"{name}.parquet") as temporary:
                table.to_parquet(temporary, index=False)
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
        with atomic_write(self.path) as temporary:
            self.table().to_parquet(temporary, index=False)
        beside = self.path.with_suffix(".json")
        if beside.exists():
            known = json.loads(beside.read_text()).get("configs", {})
            provenance = provenance | {"configs": known | provenance.get("configs", {})}
        with atomic_write(beside) as temporary:
            temporary.write_text(json.dumps(provenance, indent=1, sort_keys=True) + "\n")
        for part in self._parts.glob("*.parquet"):
            part.unlink()
        if self._parts.exists():
            self._parts.rmdir()


def _keys(rows: pd.DataFrame) -> list[tuple[str, int, int]]:
    return list(
        zip(rows["config"], rows["shots"].astype(int), rows["seed"].astype(int), strict=True)
    )
