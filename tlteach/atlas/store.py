"""The atlas: precomputed real runs that ship, how they are built, loaded and checked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from tqdm.auto import tqdm

from tlteach.atlas.card import describe
from tlteach.atlas.curves import run_memorised, run_overfitting, run_progress
from tlteach.atlas.featuremap import run_map
from tlteach.atlas.plan import PARTS, Entry
from tlteach.atlas.runs import run_scores, run_transfer
from tlteach.atlas.shifted import run_answers, run_mismatch
from tlteach.base import (
    atomic_write,
    check_hash,
    device as machine,
    home,
    in_range,
    one_of,
    rng,
    sha256,
)
from tlteach.data import shipped_data
from tlteach.training import REGIMES, Regime, partial, versions

__all__ = ["BAND", "PARTS", "build", "check", "load"]

TABLES = ("transfer", "statistics", "layers", "text", "speech")  # made by `run_transfer`
BAND = 0.05  # how far an accuracy, or a score of the same order, may move on another machine


def build(
    parts: Iterable[str] = PARTS,
    *,
    out: str | Path | None = None,
    work: str | Path | None = None,
    n_jobs: int = -1,
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
        Folder; default the one that ships.
    work : str or Path, optional
        Where pieces are kept; default in the cache folder, in a place of this plan's own.
    n_jobs : int, default -1
        Processes.
    progress : bool, default True
        Show a bar.
    """
    folder = Path(out) if out is not None else shipped_data() / "atlas"
    pieces = Path(work) if work is not None else home() / "atlas" / _plan_id()
    chosen = [one_of("part", part, PARTS) for part in parts]
    plan = {part: list(PARTS[part]()) for part in chosen}
    todo = [
        joblib.delayed(machine.as_worker)(_piece, entry, _path(pieces, part, entry))
        for part, entries in plan.items()
        for entry in entries
        if not _path(pieces, part, entry).exists()
    ]
    with machine.workers_may_be_replaced():
        done = joblib.Parallel(n_jobs, return_as="generator_unordered")(todo)
        for _ in tqdm(done, total=len(todo), disable=not progress, unit="entry"):
            pass
    for part, entries in plan.items():
        paths = [_path(pieces, part, entry) for entry in entries]
        table = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
        with atomic_write(folder / f"{part}.parquet") as temporary:
            table.to_parquet(temporary, index=False, compression="zstd")
        seconds = sum(json.loads(path.with_suffix(".seconds").read_text()) for path in paths)
        _note(folder, part, table, len(entries), seconds)
    _seal(folder)


def _plan_id() -> str:
    """Tell plans apart, so that no piece of an older one is taken for new."""
    names = ("plan", "runs", "curves", "shifted", "featuremap")
    return "-".join(sha256(Path(__file__).with_name(f"{name}.py"))[:6] for name in names)


def _path(pieces: Path, part: str, entry: Entry) -> Path:
    return pieces / part / f"{entry.name}.parquet"


def _piece(entry: Entry, path: Path) -> None:
    """Compute one entry with one thread; a file of rows appears only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with machine.threads(1):
        table = entry.run(path.with_suffix(".sweep.parquet"))
    path.with_suffix(".seconds").write_text(json.dumps(time.perf_counter() - start))
    with atomic_write(path) as temporary:
        table.to_parquet(temporary, index=False)


def _note(folder: Path, part: str, table: pd.DataFrame, entries: int, seconds: float) -> None:
    """Keep beside the tables what made them."""
    path = folder / "provenance.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known[part] = {
        "command": f"tlteach atlas build {part}",
        "rows": len(table),
        "entries": entries,
        "core_seconds": round(seconds),
        "versions": versions(),
        "machine": {"processor": machine.processor(), "cores": joblib.cpu_count()},
        "date": date.today().isoformat(),
    }
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def _seal(folder: Path) -> None:
    """Write the hashes, then the card that tells what the tables say."""
    files = sorted(folder.glob("*.parquet"))
    with atomic_write(folder / "SHA256") as temporary:
        temporary.write_text("".join(f"{sha256(file)}  {file.name}\n" for file in files))
    tables = {file.stem: pd.read_parquet(file) for file in files}
    known = json.loads((folder / "provenance.json").read_text())
    with atomic_write(folder / "README.md") as temporary:
        temporary.write_text(describe(tables, known))


def load(part: str, *, folder: str | Path | None = None) -> pd.DataFrame:
    """Load one table of the atlas, checked by SHA-256.

    Parameters
    ----------
    part : str
        A key of `PARTS`; its card tells the columns.
    folder : str or Path, optional
        Default the one that ships.

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
    lines = (line.split() for line in (where / "SHA256").read_text().splitlines())
    check_hash(path, {name: digest for digest, name in lines}[path.name])
    return pd.read_parquet(path)


def check(
    sample: int = 20,
    *,
    seed: int = 0,
    parts: Iterable[str] | None = None,
    seconds: float = 60.0,
    gradients: bool | None = None,
) -> pd.DataFrame:
    """Run random rows of the atlas again and compare.

    Parameters
    ----------
    sample : int, default 20
        How many rows, dealt out over the parts in turn.
    seed : int, default 0
        Draws them (stream "test").
    parts : iterable of str, optional
        Keys of `PARTS`; default those that ship.
    seconds : float, default 60
        Leave out runs that took longer than this when the atlas was built; and parts that then
        have no row left.
    gradients : bool, optional
        Whether to run what takes gradient steps, too. With few labels another rounding may lead to
        other settings, and these to another accuracy. Default: in parts built on this processor.

    Returns
    -------
    DataFrame
        part, what, stored, again, ok: whether both agree within `BAND`. On the machine that
        built the atlas they agree to rounding; another processor rounds differently, and
        training by gradient steps lets that grow.
    """
    in_range("sample", sample, 1)
    in_range("seconds", seconds, 0)
    folder = shipped_data() / "atlas"
    there = [part for part in PARTS if (folder / f"{part}.parquet").exists()]
    chosen = there if parts is None else [one_of("part", part, there) for part in parts]
    made = json.loads((folder / "provenance.json").read_text())
    here = {p: made[p]["machine"]["processor"] == machine.processor() for p in chosen}
    found = {
        part: _checkable(part, load(part), seconds, here[part] if gradients is None else gradients)
        for part in chosen
    }
    tables = {part: table for part, table in found.items() if len(table)}
    in_range("number of parts with such rows", len(tables), 1)
    random = rng(seed, "test")
    rows = []
    for i in tqdm(range(sample), unit="row"):
        part, table = [*tables.items()][i % len(tables)]
        row = table.iloc[int(random.integers(len(table)))]
        with machine.threads(1):
            again = _again(part, row)
        ok = abs(again - row["value"]) <= BAND
        what = " ".join(str(row[c]) for c in table.columns if c not in ("value", "seconds"))
        rows.append({"part": part, "what": what, "stored": row["value"], "again": again, "ok": ok})
    return pd.DataFrame(rows)


def _checkable(part: str, table: pd.DataFrame, seconds: float, gradients: bool) -> pd.DataFrame:
    """Keep rows that one call makes again."""
    if part in TABLES:
        keep = ["task", "backbone", "regime", "shots", "seed", "split", "metric", "value"]
        known = table["regime"].map(_is_regime) & (table["metric"] == "accuracy")
        known &= (table["seconds"] <= seconds) & (gradients | (table["updates"] == 0))
        table = table.loc[known & (table["split"] == "test"), keep]
    elif part == "scores":
        table = table[(table["refused"] == "") & table["method"].isin(["knn", "probe"])]
    elif part not in ("memorised", "answers", "map"):
        table = table[table["metric"] == "accuracy"]
    if part == "overfitting":
        table = table[table["step"] == table["step"].max()]
    if not gradients and part not in TABLES and "regime" in table:
        table = table[table["regime"] == "frozen"]
    return table


def _is_regime(name: str) -> bool:
    return name in REGIMES or name.startswith("partial_")


def _regime(name: str) -> Regime:
    stages = name.removeprefix("partial_")
    return REGIMES[name] if stages == name else partial(int(stages))


def _again(part: str, row: pd.Series[Any]) -> float:
    """Compute the value of one row anew, by the function that made it."""
    seeds = (int(row.get("seed", 0)),)
    if part in TABLES:
        regimes, few = (_regime(row["regime"]),), (int(row["shots"]),)
        table = run_transfer(None, row["task"], row["backbone"], seeds, regimes, few, ())
        same = ["split", "metric"]
    elif part == "scores":
        table = run_scores(None, row["task"], row["backbone"], seeds)
        same = ["method"]
    elif part == "overfitting":
        names = ["watched", "shots", "width", "augment", "weight_decay", "regime"]
        names = [name for name in names if name in row.index]
        table = run_overfitting(None, **{name: row[name] for name in names}, seeds=seeds)
        same = ["step", "split", "metric"]
    elif part == "memorised":
        names = ["shots", "width", "augment", "weight_decay", "regime", "seed"]
        table, same = run_memorised(None, **{name: row[name] for name in names}), ["image"]
    elif part == "map":
        names = ["task", "backbone", "dial"]
        table = run_map(None, **{name: row[name] for name in names})
        same = ["severity", "adaptation", "image"]
    elif part == "answers":
        names = ["task", "backbone", "regime", "dial"]
        table = run_answers(None, **{name: row[name] for name in names})
        same = ["severity", "adaptation", "image"]
    elif part == "progress":
        shots = int(row["shots"])
        table = run_progress(None, row["task"], row["backbone"], row["regime"], shots, seeds)
        same = ["step"]
    else:
        names = ["task", "backbone", "regime", "dial"]
        table = run_mismatch(None, **{name: row[name] for name in names}, seeds=seeds)
        same = ["severity", "adaptation", "metric"]
    for column in same:
        table = table[table[column] == row[column]]
    return float(table["value"].iloc[0])
