"""One cell of a comparison: search, train again on all labels, test once, return rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from tlteach.base import device as machine
from tlteach.data import Split, Task, all_labels, few_shot
from tlteach.measures import METRICS, Probes, accuracy, fit_probes, log_loss, pack, pack_groups
from tlteach.models import Backbone
from tlteach.training import Regime, TrainConfig, draw_configs, train

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
    budget : int
        Configurations to search.
    config : str
        The id of all settings together.
    """

    label: str
    regime: Regime
    net: Backbone | None
    base: TrainConfig
    budget: int
    config: str

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


def run_sgd(task: Task, cell: Cell, shots: int, seed: int, where: torch.device) -> Rows:
    """Search, train again on all labels and test once, by gradient descent."""
    assert cell.net is not None
    few = few_shot(task, shots, seed=seed)
    configs = draw_configs(cell.regime, cell.base, cell.budget, seed=seed)
    cores = 1 if where.type == "cpu" else torch.get_num_threads()
    with machine.threads(cores):  # the same bits however many runs stand side by side
        start = time.perf_counter()
        runs, scores = [], []
        for config in configs if len(few.val) else []:
            runs.append(train(cell.net, few, cell.regime, config, seed=seed, device=where))
            scores.append(score(runs[-1].predictions["val"], few.val.labels))
        best = choose(scores, len(configs))
        everything = all_labels(few)
        final = train(cell.net, everything, cell.regime, configs[best], seed=seed, device=where)
        seconds = time.perf_counter() - start
        final.test(few, device=where)
    cost = {
        "updates": final.updates + sum(run.updates for run in runs),
        "images": final.images + sum(run.images for run in runs),
        "seconds": seconds,
    }
    chosen = {"lr": final.config.lr, "weight_decay": final.config.weight_decay}
    if cell.regime.head_first:
        chosen["c"] = final.config.c
    if final.stage:
        chosen["stage"] = list(cell.net.stages).index(final.stage)
    chosen |= _turned(cell.regime, final.config) | {"edge": edge(best, len(configs))}
    tested = final.predictions["test"]
    return _rows(cell, few, tested, scores[best] if scores else {}, chosen, final.trained, cost)


def run_logistic(
    task: Task,
    cell: Cell,
    grid: Grid,
    features: Callable[[float], tuple[Tensor, Tensor]],
    *,
    standardise: bool = True,
) -> Iterator[Rows]:
    """Solve every number of shots, seed and C as one batch, then yield run by run.

    Parameters
    ----------
    features : callable
        Turns a `blend` into the features of ``task.labelled`` and of ``task.test``, float tensors
        of shape (n, width). Called once for each value: one, unless the regime searches it.
    standardise : bool, default True
        Whether each feature is scaled to deviation 1; words that hardly occur must not be.
    """
    start = time.perf_counter()
    fews = [few_shot(task, shots, seed=seed) for shots, seed in grid]
    place = torch.full((int(task.labelled.index.max()) + 1,), -1)
    place[task.labelled.index] = torch.arange(len(task.labelled))
    configs = draw_configs(cell.regime, cell.base, cell.budget, seed=0)

    def solve(pool: Tensor, splits: list[Split], cs: list[float]) -> Probes:
        rows = [place[split.index] for split in splits]
        return fit_probes(
            pool,
            task.labelled.labels,
            rows,
            cs,
            n_classes=task.n_classes,
            standardise=standardise,
        )

    solved: dict[float, _Solved] = {}
    for blend in dict.fromkeys(config.blend for config in configs):
        pool, test = features(blend)
        cs = [config.c for config in configs if config.blend == blend]
        searched = solve(pool, [few.train for few in fews], cs)
        final = solve(pool, [few.labelled for few in fews], cs)
        solved[blend] = _Solved(pool, test, cs, searched, final)
    seconds = (time.perf_counter() - start) / len(grid)
    for i, few in enumerate(fews):
        scores = [
            score(solved[config.blend].validated(place[few.val.index], i, config), few.val.labels)
            for config in configs
            if len(few.val)
        ]
        best = choose(scores, len(configs))
        config = configs[best]
        tested = solved[config.blend].tested(i, config)
        cost = {"updates": 0, "images": len(few.labelled), "seconds": seconds}
        chosen = {"c": config.c} | _turned(cell.regime, config) | {"edge": edge(best, len(configs))}
        trained = task.n_classes * (solved[config.blend].pool.shape[1] + 1)
        yield _rows(cell, few, tested, scores[best] if scores else {}, chosen, trained, cost)


@dataclass(frozen=True)
class _Solved:
    """Probes on one kind of features, before and after the search, for every subset and C."""

    pool: Tensor
    test: Tensor
    cs: list[float]
    searched: Probes
    final: Probes

    def validated(self, rows: Tensor, subset: int, config: TrainConfig) -> Tensor:
        return linear(self.pool[rows], self.searched, subset, self.cs.index(config.c))

    def tested(self, subset: int, config: TrainConfig) -> Tensor:
        return linear(self.test, self.final, subset, self.cs.index(config.c))


def _turned(regime: Regime, config: TrainConfig) -> dict[str, float]:
    """Return the knob's name and value, where the regime has one."""
    return {regime.knob.name: getattr(config, regime.knob.name)} if regime.knob else {}


def run_majority(task: Task, cell: Cell, grid: Grid) -> Iterator[Rows]:
    """Answer the commonest class of the labels, with the labels' shares as confidence."""
    for shots, seed in grid:
        few = few_shot(task, shots, seed=seed)
        counts = torch.bincount(few.labelled.labels, minlength=task.n_classes)
        tested = (counts / counts.sum()).log().expand(len(task.test), -1)
        cost = {"updates": 0, "images": len(few.labelled), "seconds": 0.0}
        yield _rows(cell, few, tested, {}, {}, 0, cost)


def choose(scores: Sequence[dict[str, float]], n: int) -> int:
    """Return the best configuration: highest accuracy, ties by lowest log loss.

    Without validation images (one shot) nothing can be chosen: the middle one is taken.

    Examples
    --------
    >>> choose([{"accuracy": 0.7, "log_loss": 1.2}, {"accuracy": 0.7, "log_loss": 0.9}], 2)
    1
    >>> choose([], 3)
    1
    """

    def rank(i: int) -> tuple[float, float]:
        return scores[i]["accuracy"], -scores[i]["log_loss"]

    return max(range(len(scores)), key=rank, default=n // 2)


def edge(best: int, n: int) -> float:
    """Return -1 for the lowest of n settings, 1 for the highest, 0 between.

    Examples
    --------
    >>> [edge(best, 4) for best in range(4)]
    [-1.0, 0.0, 0.0, 1.0]
    """
    return float(best == n - 1) - float(best == 0)


def linear(features: Tensor, probes: Probes, subset: int, place: int) -> Tensor:
    """Return the logits of one probe of a batch."""
    weight, bias = probes.weight[subset, place], probes.bias[subset, place]
    logits: Tensor = features.to(weight.dtype) @ weight.T + bias
    return logits


def score(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Return what settings are chosen by: accuracy, and log loss for ties."""
    return {"accuracy": accuracy(logits, labels), "log_loss": log_loss(logits, labels)}


def _rows(
    cell: Cell,
    few: Task,
    tested: Tensor,
    validated: dict[str, float],
    chosen: dict[str, float],
    trained: int,
    cost: dict[str, float],
) -> Rows:
    """Return the rows of one run; `tested` are its logits on the test split."""
    assert few.shots is not None
    assert few.seed is not None
    parts = {
        "test": {name: metric(tested, few.test.labels) for name, metric in METRICS.items()},
        "val": validated,
        "search": chosen,
        "model": {"parameters_trained": float(trained)},
    }
    right = (tested.argmax(1) == few.test.labels).numpy()
    per_image = {"right": pack(right), "groups": pack_groups(few.test.groups)}
    rows = [
        cell.row(few, few.shots, few.seed, split=split, metric=metric, value=float(value), **cost)
        for split, values in parts.items()
        for metric, value in values.items()
    ]
    for row in rows:
        told = (row["split"], row["metric"]) == ("test", "accuracy")
        row |= per_image if told else dict.fromkeys(per_image)
    return rows


def settings(cell: Cell) -> dict[str, Any]:
    """Return everything behind a config id, for the provenance file."""
    return {
        "label": cell.label,
        "regime": asdict(cell.regime),
        "base": asdict(cell.base),
        "search": cell.budget,
        "backbone": cell.net
        and asdict(cell.net.card)
        | {
            "preprocessing": cell.net.preprocessing.settings(),
            "weights": cell.net.fingerprint(),
        },
    }
