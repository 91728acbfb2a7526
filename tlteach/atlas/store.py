"""The atlas: precomputed real runs that ship, how they are built and loaded."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import joblib
import pandas as pd

from tlteach.atlas.card import describe
from tlteach.atlas.plan import PARTS, Entry
from tlteach.base import (
    DamagedError,
    atomic_write,
    bar,
    check_hash,
    checked,
    device as machine,
    one_of,
    read_json,
    read_sealed,
    read_sums,
    room,
    rounding,
    sha256,
    write_sealed,
)
from tlteach.base.workers import Call, until_done
from tlteach.data import shipped_data
from tlteach.data.shipped import made_here
from tlteach.training import versions

__all__ = ["PARTS", "build", "load"]

ARM = ("task", "source", "backbone", "regime", "shots", "share")  # what is repeated by seeds


@checked
def build(
    parts: Iterable[str] = PARTS,
    *,
    out: str | Path | None = None,
    work: str | Path | None = None,
    n_jobs: int | None = None,
    progress: bool = True,
) -> None:
    """Run every entry of the plan that is not done yet; write tables, hashes and the card.

    Finished entries, and finished runs within an entry, stay in `work`, so that a build killed
    at any point goes on there. One process and one thread for each core; the same call runs on
    a cluster inside ``joblib.parallel_config(backend="dask")``.

    Parameters
    ----------
    parts : iterable of str
        Keys of `PARTS`.
    out : str or Path, optional
        Folder; default in a clone the one that ships. An installed package stays as it is: there
        the default is ``made/atlas`` in the cache folder, from which `load` reads by its `folder`.
    work : str or Path, optional
        Where pieces are kept; default in the cache folder, in a place of this plan's own.
    n_jobs : int, optional
        Processes; default as in `compare`.
    progress : bool, default True
        Show a bar.

    Raises
    ------
    ValueError
        For an unknown part, before anything is run.

    Examples
    --------
    >>> build(["weather"])
    Traceback (most recent call last):
        ...
    ValueError: part must be one of 'transfer', ...; got 'weather'
    """
    folder = Path(out) if out is not None else made_here() / "atlas"
    pieces = Path(work) if work is not None else room("atlas", _plan_id())
    chosen = [one_of("part", part, PARTS) for part in parts]
    plan = {part: list(PARTS[part]()) for part in chosen}
    places = {_path(pieces, part, entry): entry for part in plan for entry in plan[part]}
    missing = {path: entry for path, entry in places.items() if not _is_whole(path)}

    def left() -> list[Call]:
        call = joblib.delayed(machine.as_worker)
        return [call(_piece, entry, path) for path, entry in missing.items()]

    with machine.workers_may_be_replaced():
        done = until_done(left, n_jobs)
        for path in bar(done, total=len(missing), shown=progress, unit="entry"):
            del missing[path]
    for part, entries in plan.items():
        paths = [_path(pieces, part, entry) for entry in entries]
        table = pd.concat([read_sealed(path) for path in paths], ignore_index=True)
        with atomic_write(folder / f"{part}.parquet") as temporary:
            table.to_parquet(temporary, index=False, compression="zstd")
        seconds = sum(json.loads(path.with_suffix(".seconds").read_text()) for path in paths)
        _note(folder, part, table, len(entries), seconds)
    _seal(folder)


def _plan_id() -> str:
    """Tell plans apart, so that no piece of an older one is taken for new."""
    names = ("plan", "runs", "curves", "shifted", "featuremap", "sized")
    return "-".join(sha256(Path(__file__).with_name(f"{name}.py"))[:6] for name in names)


def _path(pieces: Path, part: str, entry: Entry) -> Path:
    return pieces / part / f"{entry.name}.parquet"


def _is_whole(path: Path) -> bool:
    """Return whether a piece is there, and as it was written; else it is computed again."""
    try:
        read_sealed(path)
        json.loads(path.with_suffix(".seconds").read_text())
    except (FileNotFoundError, ValueError):
        return False
    return True


def _piece(entry: Entry, path: Path) -> Path:
    """Compute one entry with one thread; a file of rows appears only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with machine.threads(1):
        table = entry.run(path.with_suffix(".sweep.parquet"))
    path.with_suffix(".seconds").write_text(json.dumps(time.perf_counter() - start))
    write_sealed(table, path)
    return path


def _note(folder: Path, part: str, table: pd.DataFrame, entries: int, seconds: float) -> None:
    """Keep beside the tables what made them."""
    path = folder / "provenance.json"
    advice = "move it away, and build all parts again"
    known = read_json(path, advice=advice) if path.exists() else {}
    known[part] = {
        "command": f"tlteach atlas build {part}",
        "rows": len(table),
        "entries": entries,
        "core_seconds": round(seconds),
        "versions": versions(),
        "machine": {
            "processor": machine.processor(),
            "cores": joblib.cpu_count(),
            "rounding": rounding(),
        },
        "date": date.today().isoformat(),
    }
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def _seal(folder: Path) -> None:
    """Write the hashes, then the card that tells what the tables say."""
    files = sorted(folder.glob("*.parquet"))
    with atomic_write(folder / "SHA256") as temporary:
        temporary.write_text("".join(f"{sha256(file)}  {file.name}\n" for file in files))
    tables = {file.stem: _read(file) for file in files}
    known = json.loads((folder / "provenance.json").read_text())
    with atomic_write(folder / "README.md") as temporary:
        temporary.write_text(describe(tables, known))


@checked
def load(part: str, *, folder: str | Path | None = None) -> pd.DataFrame:
    """Load one table of the atlas, checked by SHA-256.

    Parameters
    ----------
    part : str
        A key of `PARTS`; its card tells the columns.
    folder : str or Path, optional
        Default the one that ships.

    Returns
    -------
    DataFrame
        One row for each number that was measured. All seeds of an arm have the config of its
        first: each starts from a pretraining of its own, which is part of what is repeated.

    Raises
    ------
    ValueError
        For an unknown part, or a file that was changed.
    FileNotFoundError
        For a part that is not built.

    Examples
    --------
    >>> sorted(load("mismatch")["dial"].unique())[:3]
    ['blur', 'contrast', 'grey']
    """
    where = Path(folder) if folder is not None else shipped_data() / "atlas"
    path = where / f"{one_of('part', part, PARTS)}.parquet"
    if not path.exists():
        msg = f"the part {part!r} of the atlas is not built yet: `tlteach atlas build {part}`"
        raise FileNotFoundError(msg)
    expected = read_sums(where / "SHA256").get(path.name)
    if expected is None:
        msg = f"SHA256 in {where.name} is damaged: it does not name {path.name}; install it again"
        raise DamagedError(msg)
    check_hash(path, expected)
    return _read(path)


def _read(path: Path) -> pd.DataFrame:
    """Read a table; where each seed of an arm has a config of its own, all get that of the first.

    By the plan run `s` starts from the source's pretraining `s` modulo 5, and a config tells
    weights apart. That is repetition here, and no change of settings. Baselines that two entries
    of the plan ran keep both.
    """
    table = pd.read_parquet(path)
    if "config" in table:
        arm = [name for name in ARM if name in table]
        of_seed = table.groupby([*arm, "seed"], dropna=False)["config"].transform("nunique")
        arms = table.assign(of_seed=of_seed).groupby(arm, dropna=False)
        twice = arms["of_seed"].transform("max") > 1
        table["config"] = table["config"].where(twice, arms["config"].transform("first"))
    return table
