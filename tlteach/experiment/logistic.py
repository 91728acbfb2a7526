"""Cells solved by logistic regression: every subset, seed and C as one batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tlteach.data import Split, Task, few_shot
from tlteach.experiment.cells import Cell, Grid, Rows, choose, rows_of
from tlteach.experiment.chosen import numbers_of
from tlteach.experiment.folds import folds, sparse
from tlteach.experiment.race import score
from tlteach.measures import Probes, fit_probes
from tlteach.training import TrainConfig, draw_configs

RISE = 0.02  # a smaller gain at an end of C, as a share of the log loss, is level ground


def run_logistic(
    task: Task,
    cell: Cell,
    grid: Grid,
    features: Callable[[float], tuple[Tensor, Tensor]],
    *,
    standardise: bool = True,
    known: Split | None = None,
) -> Iterator[Rows]:
    """Solve every number of shots, seed and C as one batch, then yield run by run.

    C is chosen on validation images; where a class has only one of them, by cross-validation over
    all labels.

    Parameters
    ----------
    features : callable
        Turns a `blend` into the features of `known` and of ``task.test``, float tensors of shape
        (n, width). Called once for each value: one, unless the regime searches it.
    standardise : bool, default True
        Whether each feature is scaled to deviation 1; words that hardly occur must not be.
    known : Split, optional
        What the labels of the grid come from; default ``task.labelled``.
    """
    start = time.perf_counter()
    known = task.labelled if known is None else known
    fews = [few_shot(task, shots, seed=seed) for shots, seed in grid]
    plan = _Plan(known, fews, folded=cell.search.folds)
    configs = draw_configs(cell.regime, cell.base, cell.search.cs, seed=0)
    solved: dict[float, _Solved] = {}
    for blend in dict.fromkeys(config.blend for config in configs):
        pool, test = features(blend)
        cs = [config.c for config in configs if config.blend == blend]

        def solve(rows: list[Tensor], pool: Tensor = pool, cs: list[float] = cs) -> Probes:
            return fit_probes(
                pool, known.labels, rows, cs, n_classes=task.n_classes, standardise=standardise
            )

        solved[blend] = _Solved(pool, test, cs, solve(plan.kept), solve(plan.all))
    seconds = (time.perf_counter() - start) / len(grid)
    for i, few in enumerate(plan.fews):
        scores = [plan.score(solved[config.blend], i, config) for config in configs]
        scores = [found for found in scores if found]
        best = choose(scores, len(configs), cell.search)
        config = configs[best]
        tested = solved[config.blend].tested(i, config)
        cost = {"updates": 0, "images": len(few.labelled), "seconds": seconds}
        chosen = numbers_of(cell.regime, config) | {
            "edge": edge(best, [cell.search.rank(found)[0] for found in scores])
        }
        trained = task.n_classes * (solved[config.blend].pool.shape[1] + 1)
        told = {"parameters_trained": float(trained)}
        yield rows_of(cell, few, tested, scores[best] if scores else {}, chosen, told, cost)


class _Plan:
    """Which rows each subset is fitted on, and which it is then asked about.

    Attributes
    ----------
    all : list of Tensor
        All labels of each subset.
    kept : list of Tensor
        What the search fits: the training part of each subset, or all but one fold.
    """

    def __init__(self, known: Split, fews: list[Task], *, folded: bool) -> None:
        place = torch.full((int(known.index.max()) + 1,), -1)
        place[known.index] = torch.arange(len(known))
        self.labels, self.fews = known.labels, fews
        self.all = [place[few.labelled.index] for few in fews]
        self.kept: list[Tensor] = []
        self._asked: list[list[tuple[int, Tensor]]] = []  # by subset: fit, rows
        for few, rows in zip(fews, self.all, strict=True):
            held = folds(few) if folded and sparse(few) else []
            if not held:
                held = [torch.isin(rows, place[few.val.index]).nonzero().flatten()]
            first = len(self.kept)
            for fold in held:
                left = torch.ones(len(rows), dtype=torch.bool)
                left[fold] = False
                self.kept.append(rows[left])
            self._asked.append([(first + k, rows[fold]) for k, fold in enumerate(held)])

    def score(self, solved: _Solved, subset: int, config: TrainConfig) -> dict[str, float]:
        """Return what one setting scores on what was held back; nothing if that is nothing."""
        asked = [(fit, rows) for fit, rows in self._asked[subset] if len(rows)]
        if not asked:
            return {}
        logits = torch.cat([solved.validated(rows, fit, config) for fit, rows in asked])
        return score(logits, self.labels[torch.cat([rows for _, rows in asked])])


@dataclass(frozen=True)
class _Solved:
    """Probes on one kind of features, before and after the search, for every subset and C."""

    pool: Tensor
    test: Tensor
    cs: list[float]
    searched: Probes
    final: Probes

    def validated(self, rows: Tensor, fit: int, config: TrainConfig) -> Tensor:
        return linear(self.pool[rows], self.searched, fit, self.cs.index(config.c))

    def tested(self, subset: int, config: TrainConfig) -> Tensor:
        return linear(self.test, self.final, subset, self.cs.index(config.c))


def edge(best: int, ranks: Sequence[float]) -> float:
    """Return 1 or -1 if things still get better at the highest or lowest of the values, else 0.

    Examples
    --------
    >>> edge(2, [0.2, 0.5, 0.6]), edge(1, [0.2, 0.5, 0.6]), edge(0, [0.5, 0.5])
    (1.0, 0.0, 0.0)
    """
    last = len(ranks) - 1
    inner = {0: 1, last: last - 1}.get(best)
    if last < 1 or inner is None:
        return 0.0
    more = rises(ranks[best], ranks[inner])
    return float(more if best else -more)


def rises(end: float, inner: float) -> bool:
    """Return whether a rank at the end of what was tried tells that more lies beyond it.

    Examples
    --------
    >>> rises(-0.50, -0.60), rises(-0.599, -0.60)
    (True, False)
    """
    return end - inner > RISE * abs(inner)


def linear(features: Tensor, probes: Probes, subset: int, place: int) -> Tensor:
    """Return the logits of one probe of a batch."""
    weight, bias = probes.weight[subset, place], probes.bias[subset, place]
    logits: Tensor = features.to(weight.dtype) @ weight.T + bias
    return logits
