"""One cell of a comparison: search, train again on all labels, test once, return rows."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from tlteach.base import checked, device as machine
from tlteach.data import Task, all_labels, few_shot
from tlteach.experiment.alive import train_alive
from tlteach.experiment.chosen import numbers_of
from tlteach.experiment.race import Won, race
from tlteach.experiment.search import SEARCH, Search
from tlteach.measures import pack, pack_groups, scores as metrics
from tlteach.models import Backbone
from tlteach.training import Regime, TrainConfig

Rows = list[dict[str, Any]]
Grid = Sequence[tuple[int, int]]  # (shots, seed)


@dataclass(frozen=True)
class Cell:
    """What is run for every number of shots and every seed.

    Attributes
    ----------
    label : str
        The name in the column "regime": a regime's, or a baseline's.
    regime : Regime
        How it trains.
    net : Backbone or None
        What it starts from; None for baselines without a network.
    base : TrainConfig
        Everything that is not searched.
    search : Search
        How much is tried.
    config : str
        The id of all settings together.
    """

    label: str
    regime: Regime
    net: Backbone | None
    base: TrainConfig
    search: Search
    config: str

    def __sizeof__(self) -> int:  # as in `Task`: Dask asks
        tensors = self.net.state_dict().values() if self.net else ()
        return super().__sizeof__() + sum(int(tensor.nbytes) for tensor in tensors)

    def row(self, task: Task, shots: int, seed: int, **columns: object) -> dict[str, Any]:
        """Return one row of the results table."""
        pretrained = self.net is not None and self.regime.pretrained
        return {
            "task": task.name,
            "source": self.net.card.source if self.net and pretrained else "none",
            "backbone": self.net.card.name if self.net else "none",
            "regime": self.label,
            "shots": shots,
            "seed": seed,
            "config": self.config,
        } | columns


Plan = dict[Cell, list[tuple[int, int]]]  # what is left to run: shots and seeds


def run_sgd(task: Task, cell: Cell, shots: int, seed: int, where: torch.device) -> Rows:
    """Search, train again on all labels and test once, by gradient descent; all attempts cost."""
    assert cell.net is not None
    few, net, regime = few_shot(task, shots, seed=seed), cell.net, cell.regime
    cores = 1 if where.type == "cpu" else torch.get_num_threads()
    with machine.threads(cores):  # the same bits however many runs stand side by side
        start = time.perf_counter()

        def search(batch_size: int) -> Won:
            base = replace(cell.base, batch_size=batch_size)
            return race(net, few, regime, base, cell.search, seed=seed, where=where)

        won = machine.halve_on_out_of_memory(search, cell.base.batch_size)
        whole, learns = all_labels(few), won.learns
        runs = train_alive(net, whole, regime, won.config, learns=learns, seed=seed, device=where)
        final = runs[-1]
        seconds = time.perf_counter() - start
        if final.diverged is None:
            final.test(few, device=where)
    cost = {
        "updates": sum(run.updates for run in runs) + won.updates,
        "images": sum(run.images for run in runs) + won.images,
        "seconds": seconds,
    }
    chosen = numbers_of(regime, final.config) | {"edge": won.edge}
    if final.stage:
        chosen["stage"] = list(net.stages).index(final.stage)
    told = {"parameters_trained": float(final.trained)}
    if final.converged is not None:
        told["converged"] = float(final.converged)
    if regime.prescribed:
        told["own_recipe"] = 1.0
    if len(runs) > 1:
        told["halved"] = len(runs) - 1.0
    if final.diverged is not None:
        told["diverged"] = float(final.diverged)
    nothing = torch.full((len(few.test), few.n_classes), math.nan)
    tested = final.predictions.get("test", nothing)
    return rows_of(cell, few, tested, won.score, chosen, told, cost)


def run_majority(task: Task, cell: Cell, grid: Grid) -> Iterator[Rows]:
    """Answer the commonest class of the labels, with the labels' shares as confidence."""
    for shots, seed in grid:
        few = few_shot(task, shots, seed=seed)
        counts = torch.bincount(few.labelled.labels, minlength=task.n_classes)
        tested = (counts / counts.sum()).log().expand(len(few.test), -1)
        cost = {"updates": 0, "images": len(few.labelled), "seconds": 0.0}
        yield rows_of(cell, few, tested, {}, {}, {"parameters_trained": 0.0}, cost)


@checked
def choose(scores: Sequence[dict[str, float]], n: int, search: Search | None = None) -> int:
    """Return the best configuration: lowest log loss, ties by accuracy.

    Without validation images (one shot) nothing can be chosen: the middle one is taken.

    Parameters
    ----------
    scores : sequence of dict
        Of each configuration: what `score` returns; empty without validation images.
    n : int
        How many configurations there are.
    search : Search, optional
        Ranks; default that of the standard search.

    Returns
    -------
    int
        Its place.

    Examples
    --------
    >>> choose([{"accuracy": 0.7, "log_loss": 1.2}, {"accuracy": 0.7, "log_loss": 0.9}], 2)
    1
    >>> choose([], 3)
    1
    """
    rank = (search or SEARCH["standard"]).rank
    return max(range(len(scores)), key=lambda i: rank(scores[i]), default=n // 2)


def rows_of(
    cell: Cell,
    few: Task,
    tested: Tensor,
    validated: dict[str, float],
    chosen: dict[str, float],
    told: dict[str, float],
    cost: dict[str, float],
) -> Rows:
    """Return the rows of one run; `tested` are its logits on the test split."""
    assert few.shots is not None
    assert few.seed is not None
    measured = metrics(tested, few.test.labels)
    parts = {
        "test": measured,
        "val": validated,
        "search": chosen,
        "model": told,
    }
    right = (tested.argmax(1) == few.test.labels).numpy()
    lost = math.isnan(measured["accuracy"])
    per_image: dict[str, bytes | None] = {
        "right": None if lost else pack(right),
        "groups": pack_groups(few.test.groups),
        "classes": pack_groups(few.test.labels),
    }
    rows = [
        cell.row(few, few.shots, few.seed, split=split, metric=metric, value=float(value), **cost)
        for split, values in parts.items()
        for metric, value in values.items()
    ]
    per_run = {"resplit": few.test_share}
    for row in rows:
        row |= per_run
        tells = row["split"] == "test" and row["metric"] in ("accuracy", "balanced_accuracy")
        row |= per_image if tells and few.test_share is None else dict.fromkeys(per_image)
    return rows


def settings(cell: Cell) -> dict[str, Any]:
    """Return everything behind a config id, for the provenance file."""
    return {
        "label": cell.label,
        "regime": asdict(cell.regime),
        "base": asdict(cell.base),
        "search": asdict(cell.search),
        "backbone": cell.net
        and asdict(cell.net.card)
        | {
            "preprocessing": cell.net.preprocessing.settings(),
            "weights": cell.net.fingerprint(),
        },
    }
