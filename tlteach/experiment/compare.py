"""`compare`: regimes x shots x seeds under one fair protocol, into one tidy table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import torch

from tlteach.base import checked, counted, device as machine, warn_caller
from tlteach.base.workers import Call, at_once, configured, until_done
from tlteach.data import Task, at_seed, few_shot
from tlteach.experiment.baselines import BASELINES
from tlteach.experiment.cells import Cell, Grid, Plan, Rows, run_majority, run_sgd
from tlteach.experiment.early import Early
from tlteach.experiment.features import features_of, run_random
from tlteach.experiment.forecast import Progress, in_order
from tlteach.experiment.logistic import run_logistic
from tlteach.experiment.place import Place, identity, place_of, provenance
from tlteach.experiment.results import Store
from tlteach.experiment.search import Search, get_search
from tlteach.measures import crowded
from tlteach.measures.once import BF16
from tlteach.models import Backbone, TrainedModel, source_of
from tlteach.training import (
    DivergedWarning,
    Regime,
    TrainConfig,
    config_id,
    get_regime,
    unlabelled,
)

PROTOCOL = 2  # raise when the meaning of a result changes, so that no old row is reused


class RangeEdgeWarning(UserWarning):
    """Most seeds still gained at the same end of what was tried."""


@checked
def compare(
    task: Task,
    *,
    backbone: str | Path | Backbone | TrainedModel = "lite0",
    regimes: Iterable[str | Regime] = ("scratch", "frozen", "fine_tune"),
    shots: Iterable[int] = (5, 20),
    seeds: Iterable[int] = range(5),
    search: str | int | Search = "standard",
    config: TrainConfig | None = None,
    scratch_backbone: str | Path | Backbone | TrainedModel | None = None,
    baselines: bool | Iterable[str] = True,
    out: str | Path | None = None,
    n_jobs: int | None = None,
    device: str | torch.device | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Run every regime on the same splits with the same search budget; test once per run.

    For each number of shots and each seed: the same labelled images for every regime; the same
    settings to choose from, searched with the same budget on validation images that come out of
    the labels; training again on all labels until the loss is flat, under one cap; one look at the
    test split. Between "scratch" and "fine_tune" one thing differs: how the network starts. What a
    paper prescribes for a regime of its own stands in ``attrs["prescribed"]``.

    Parameters
    ----------
    task : Task
        From `load_task` or `from_folder`.
    backbone : str, Path, TrainedModel or Backbone, default "lite0"
        What pretrained regimes start from: a name for `load_backbone`, a model that you kept or
        its folder, or a network of your own as a `Backbone`.
    regimes : iterable of str or Regime
        Names from `REGIMES`, or your own.
    shots : iterable of int
        Labelled images per class, validation included.
    seeds : iterable of int
        Each sets subset, split, initialisation, order and augmentation; all regimes share it.
    search : {"standard", "quick", "brief", "smoke"}, int or Search
        Settings drawn per regime: 8, 4, 2, 2 or the number given; then some are tried beside the
        best, and, unless it is "brief" or "smoke", the other augmentations and the other way with
        BatchNorm statistics. See `Search`.
    config : TrainConfig, optional
        Everything that is not searched. ``updates`` is the most that any regime takes; an
        augmentation, statistics or head factor named here holds for all and is not searched.
    scratch_backbone : as `backbone`, optional
        The network that "scratch" trains. Default: the backbone's own architecture if it has at
        most a million parameters, else "small_cnn" (texts: "small_text"): a large network trained
        from a few labels always loses, and beating it proves little.
    baselines : bool or iterable of str, default True
        Add "majority" class, logistic regression on "raw_pixels" (texts: "bag_of_words"),
        "frozen_random" weights and, where "scratch" is another network, "small_cnn" (texts:
        "small_text") from scratch: all, none or some.
    out : str or Path, optional
        A Parquet file. Rows go there as runs finish, and runs found there are not repeated.
    n_jobs : int, optional
        Processes side by side through joblib, one thread each. Default: what
        ``joblib.parallel_config`` says, which also sends the same runs to a cluster
        (``backend="dask"``); else one on a GPU or under JupyterHub, and elsewhere one per core, as
        far as memory goes.
    device : str or torch.device, optional
        Default: the best one here.
    progress : bool, default True
        Show a bar and, below it, each verdict against scratch as soon as its seeds are in.

    Returns
    -------
    DataFrame
        The results table: one row is one metric of one run. ``updates``, ``images`` and
        ``seconds`` count the search too. Rows of split "search" hold what was chosen. Its
        ``attrs`` hold "provenance", "edges", "prescribed" and "diverged". A run that diverged has
        NaN for its test metrics and the update in a row "diverged"; verdicts leave it out.

    Raises
    ------
    ValueError
        For unknown names, too many shots or an empty list.

    Warns
    -----
    RangeEdgeWarning
        If most of three or more seeds still gained at the lowest, or the highest, setting tried.
    FewerWorkersWarning
        If the system ended a process. Its runs begin again, in fewer processes.
    DivergedWarning
        If the loss of some runs was no finite number any more.

    Examples
    --------
    >>> import tlteach as tlt
    >>> results = compare(tlt.load_task("digits"), backbone="small_cnn", regimes=["frozen"],
    ...                   shots=[5], seeds=range(2), search="smoke", progress=False)
    >>> sorted(results.regime.unique())
    ['frozen', 'majority', 'raw_pixels', 'small_cnn']
    """
    budget = get_search(search)
    base = config or TrainConfig()
    place = place_of(device, base.precision)
    base = replace(base, until=base.until or "flat")
    net = source_of(backbone)
    chosen = _some("regimes", [get_regime(regime) for regime in regimes])
    grid = [(k, s) for k in _some("shots", shots) for s in _some("seeds", seeds)]
    for k, s in grid if task.resplit else [*dict(grid).items()]:
        few_shot(task, k, seed=s)  # too many shots: say so before anything runs
    store = Store(out)

    def cell(label: str, regime: Regime, net: Backbone | None) -> Cell:
        data = identity(task)
        parts = (PROTOCOL, *data, label, regime, base, budget, place.device.type)
        weights = (net.fingerprint(), net.preprocessing.id) if net else ()
        if task.resplit:
            weights = (*weights, "resplit")
        config = config_id(*parts, *weights) + (BF16 if net is not None and place.bf16 else "")
        return Cell(label, regime, net, base, budget, config)

    arms = BASELINES[task.kind].lineup(net, chosen, scratch=scratch_backbone, wanted=baselines)
    cells = [cell(*arm) for arm in arms]

    def left() -> Plan:
        return {c: [g for g in grid if (c.config, *g) not in store.done] for c in cells}

    if n_jobs is None and place.device.type == "cuda" and not configured():
        n_jobs = 1
    keys = {(c.config, *g) for c in cells for g in grid}
    asked = [c for c in cells if c.label in {regime.name for regime in chosen}]
    there = store.table(keys).to_dict("records") if progress and store.done else ()
    early = Early(asked, grid, there)
    counter = Progress(left(), at_once(n_jobs), shown=progress, early=early)
    with counter, machine.workers_may_be_replaced():
        for rows in _run(task, left, place, n_jobs):
            store.add(rows)
            counter.see(rows)
    table = store.table(keys)
    table.attrs["provenance"] = provenance(task, cells, place)
    store.finish(table.attrs["provenance"])
    table.attrs["edges"] = _edges(table)
    table.attrs["prescribed"] = [
        f"{c.label} has {c.regime.prescribed}" for c in cells if c.regime.prescribed
    ]
    table.attrs["diverged"] = _diverged(table)
    for told in table.attrs["diverged"]:
        warn_caller(told, DivergedWarning)
    for edge in table.attrs["edges"]:
        warn_caller(edge, RangeEdgeWarning)
    return table


def _some(name: str, values: Iterable[Any]) -> list[Any]:
    values = list(dict.fromkeys(values))
    if not values:
        msg = f"{name} must hold at least one value; got none"
        raise ValueError(msg)
    return values


def _run(task: Task, left: Callable[[], Plan], place: Place, n_jobs: int | None) -> Iterator[Rows]:
    """Yield the rows of each run: of solved ones here, while others train by steps elsewhere."""
    plan, where = left(), place.device
    if any(cell.regime.adapt != "none" for cell in plan):
        unlabelled(task)  # none: say so before anything runs
    call = joblib.delayed(machine.as_worker)

    def probes() -> list[Call]:  # features are computed where their cell is
        parts = [(c, part) for c, g in left().items() for _, part in _splits(task, g)]
        return [
            call(place.work, _solved_there, task, cell, part, where)
            for cell, part in parts
            if cell.label != "majority" and cell.regime.solver != "sgd"
        ]

    def loops() -> list[Call]:
        runs = [(c, g) for c, grid in left().items() if c.regime.solver == "sgd" for g in grid]
        return [call(place.work, run_sgd, task, cell, *g, where) for cell, g in in_order(runs)]

    for runs in until_done(probes, n_jobs) if place.far else ():
        yield from runs
    # threads of one process would wait for each other: small networks spend their time in Python
    trained = until_done(loops, n_jobs)
    for cell, grid in plan.items():
        if cell.label == "majority":
            yield from run_majority(task, cell, grid)
        elif cell.regime.solver != "sgd" and not place.far:
            for split, part in _splits(task, grid):
                yield from _solved(split, cell, part, where)
    yield from trained


def _splits(task: Task, grid: Grid) -> Iterator[tuple[Task, Grid]]:
    """Yield the parts of a grid that have the same splits: all of it, or a seed each."""
    if not task.resplit:
        yield from [(task, grid)] if grid else []
    for seed in dict.fromkeys(seed for _, seed in grid) if task.resplit else ():
        yield at_seed(task, seed), [(k, s) for k, s in grid if s == seed]


def _solved(task: Task, cell: Cell, grid: Grid, where: torch.device) -> Iterator[Rows]:
    """Yield the runs that are solved by logistic regression."""
    if cell.label == "frozen_random":
        yield from run_random(task, cell, grid, where)
        return
    found = features_of(task, cell, where)
    yield from run_logistic(task, cell, grid, found.of, standardise=found.standardise)


def _solved_there(task: Task, cell: Cell, grid: Grid, where: torch.device) -> list[Rows]:
    """Return the runs that a worker solves in one go: a task is sent once, and split there."""
    parts = _splits(task, grid)
    return [rows for split, part in parts for rows in _solved(split, cell, part, where)]


def _diverged(results: pd.DataFrame) -> list[str]:
    """Tell which runs diverged, and where."""
    rows = results[(results["split"] == "model") & (results["metric"] == "diverged")]
    told = []
    for (regime, shots), lost in rows.groupby(["regime", "shots"]):
        pairs = zip(lost["seed"], lost["value"], strict=True)
        where = [f"seed {seed} at update {int(at)}" for seed, at in pairs]
        told.append(
            f"{regime} at {counted(shots, 'shot')} diverged in {counted(len(lost), 'run')} "
            f"({', '.join(where)}); verdicts and means leave them out"
        )
    return told


def _edges(results: pd.DataFrame) -> list[str]:
    """Tell where most of three or more seeds still gained at the same end of what was tried."""
    rows = results[(results["split"] == "search") & (results["metric"] == "edge")]
    told = []
    for (regime, shots), edges in rows.groupby(["regime", "shots"])["value"]:
        end, n = crowded(edges), len(edges)
        if end and n > 2:
            word = "highest" if end > 0 else "lowest"
            told.append(
                f"{regime} at {counted(shots, 'shot')}: "
                f"in {int((edges == end).sum())} of {n} seeds it was "
                f"still better at the {word} setting tried than next to it, so its range is too "
                "narrow"
            )
    return told
