"""Run rows of the atlas again, to see whether what ships still comes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from tlteach.atlas.curves import run_memorised, run_overfitting, run_progress
from tlteach.atlas.featuremap import run_map
from tlteach.atlas.plan import PARTS
from tlteach.atlas.runs import run_scores, run_transfer
from tlteach.atlas.shifted import run_answers, run_mismatch
from tlteach.atlas.sized import run_sizes
from tlteach.atlas.store import load
from tlteach.base import bar, checked, device as machine, in_range, one_of, rng, rounding
from tlteach.data import shipped_data
from tlteach.measures.once import RUN
from tlteach.training import REGIMES, Regime, partial

TABLES = ("transfer", "statistics", "layers", "text", "speech")  # made by `run_transfer`
BAND = 0.05  # how far an accuracy, or a score of the same order, may move on another machine
AGAIN: dict[str, tuple[Callable[..., pd.DataFrame], tuple[str, ...], tuple[str, ...]]] = {
    # what makes a part, the columns it is told, and those that tell its rows apart
    "sizes": (run_sizes, ("task", "source", "share", "seed"), ("regime", "split", "metric")),
    "scores": (run_scores, ("task", "backbone", "seeds"), ("method",)),
    "overfitting": (
        run_overfitting,
        ("watched", "shots", "width", "augment", "weight_decay", "seeds", "regime"),
        ("step", "split", "metric"),
    ),
    "memorised": (
        run_memorised,
        ("shots", "width", "augment", "weight_decay", "regime", "seed"),
        ("image",),
    ),
    "map": (run_map, ("task", "backbone", "dial"), ("severity", "adaptation", "image")),
    "answers": (
        run_answers,
        ("task", "backbone", "regime", "dial"),
        ("severity", "adaptation", "image"),
    ),
    "progress": (run_progress, ("task", "backbone", "regime", "shots", "seeds"), ("step",)),
    "mismatch": (
        run_mismatch,
        ("task", "backbone", "regime", "dial", "seeds"),
        ("severity", "adaptation", "metric"),
    ),
}


@checked
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
        other settings, and these to another accuracy. Default: in parts whose builder rounded
        as this machine does (`tlteach.base.rounding`).

    Returns
    -------
    DataFrame
        part, what, stored, again, ok: whether both agree within `BAND`. On the machine that
        built the atlas they agree to rounding; where vectors are wider or narrower, sums round
        differently, and training by gradient steps lets that grow.

    Raises
    ------
    ValueError
        For less than one row, an unknown part, or parts without a row that is quick enough.

    Examples
    --------
    >>> check(0)
    Traceback (most recent call last):
        ...
    ValueError: sample must be at least 1; got 0
    """
    in_range("sample", sample, 1)
    in_range("seconds", seconds, 0)
    folder = shipped_data() / "atlas"
    there = [part for part in PARTS if (folder / f"{part}.parquet").exists()]
    chosen = there if parts is None else [one_of("part", part, there) for part in parts]
    made = json.loads((folder / "provenance.json").read_text())
    here = {p: made[p]["machine"].get("rounding") == rounding() for p in chosen}
    found = {
        part: _checkable(part, load(part), seconds, here[part] if gradients is None else gradients)
        for part in chosen
    }
    tables = {part: table for part, table in found.items() if len(table)}
    in_range("number of parts with such rows", len(tables), 1)
    random = rng(seed, "test")
    rows = []
    for i in bar(range(sample), unit="row"):
        part, table = [*tables.items()][i % len(tables)]
        row = table.iloc[int(random.integers(len(table)))]
        with machine.threads(1):
            again = _again(part, row)
        ok = abs(again - row["value"]) <= BAND
        told = {"what": _named(part, row), "stored": row["value"], "again": again, "ok": ok}
        rows.append({"part": part} | told)
    return pd.DataFrame(rows)


def _named(part: str, row: pd.Series[Any]) -> str:
    """Return what tells a row apart, without what was measured in it."""
    _, asked, same = AGAIN.get(part, (None, RUN, ()))
    columns = dict.fromkeys("seed" if name == "seeds" else name for name in (*asked, *same))
    return " ".join(str(row[name]) for name in columns if name in row.index)


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
    if part == "sizes":  # every row of it began with gradient steps
        quick = table["seconds"] + table["pretrain_seconds"] <= seconds
        table = table[quick & (table["split"] == "test") & gradients]
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
    told = row.to_dict() | {"seeds": (int(row.get("seed", 0)),)}
    told |= {name: int(row[name]) for name in ("seed", "shots") if name in row.index}
    if part in TABLES:
        regimes, few = (_regime(row["regime"]),), (told["shots"],)
        table = run_transfer(None, row["task"], row["backbone"], told["seeds"], regimes, few, ())
        same: tuple[str, ...] = ("split", "metric")
    else:
        work, names, same = AGAIN[part]
        table = work(None, *(told[name] for name in names))
    for column in same:
        table = table[table[column] == row[column]]
    return float(table["value"].iloc[0])
