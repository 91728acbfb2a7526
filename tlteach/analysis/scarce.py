"""Scarce labels: self-training and active learning on frozen features, every label counted.

Both are unreliable: pseudo-labels repeat the errors of the model that gave them, and asking for
the labels of hard images rarely beats asking at random while labels are few. So this promises
nothing. Validation images come out of the labels paid for, and none is a test image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Sized
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from tlteach.base import checked, device as machine, generator, in_range, one_of
from tlteach.data import Split, Task, few_shot, one_in_five
from tlteach.experiment import choose, score
from tlteach.experiment.logistic import edge, linear
from tlteach.measures import METRICS, Probes, fit_probes
from tlteach.models import Backbone, ModelCard, extract_features, load_backbone
from tlteach.training import REGIMES, TrainConfig, draw_configs

Features = str | Backbone | Callable[[Tensor], Tensor]
Parts = dict[str, dict[str, float]]  # split to metric to value


@checked
def budget(task: Task) -> dict[str, int]:
    """Count the labels of a task, those of validation too; test labels only measure.

    Examples
    --------
    >>> import tlteach as tlt
    >>> budget(tlt.few_shot(tlt.load_task("digits"), 5, seed=0))
    {'labels': 50, 'train': 40, 'val': 10, 'unlabelled': 747}
    """
    return _budget(task.train, task.val, task.pool)


def _budget(train: Sized, val: Sized, rest: Sized) -> dict[str, int]:
    counts = {"train": len(train), "val": len(val), "unlabelled": len(rest)}
    return {"labels": len(train) + len(val)} | counts


@checked
def pseudo_label(
    few: Task,
    backbone: Features = "lite0",
    *,
    threshold: float = 0.95,
    rounds: int = 3,
    search: int = 8,
) -> pd.DataFrame:
    """Train a probe on its own confident answers about the unlabelled images (Lee 2013).

    In each round the probe is fitted on the training labels and the pseudo-labels so far, C is
    chosen on validation, and every pool image whose confidence exceeds `threshold` gets the
    answer as its label, all anew, so that an early error may be taken back. The first probe and
    the last are fitted again with the validation labels and tested: "frozen", "pseudo_label".

    Parameters
    ----------
    few : Task
        From `few_shot`: its pool holds the unlabelled images.
    backbone : str, Backbone or callable, default "lite0"
        What gives the features; a callable turns uint8 images into a float tensor (n, width).
    threshold : float, default 0.95
        Fix it beforehand: choosing it on test results is a leak. With 1 nothing is added.
    rounds : int, default 3
        How often pseudo-labels are given.
    search : int, default 8
        Values of C to choose from.

    Returns
    -------
    DataFrame
        One row is one metric after one round: task, source, backbone, regime, shots, seed,
        round, the columns of `budget`, split, metric, value. Split "pool" holds "added", the
        number of pseudo-labels, and "correct", the share of them that is right (of those whose
        label is known): for the teacher to see, used by nothing. Nothing is random: the seed is
        that of `few`.

    Raises
    ------
    ValueError
        For a pool that is empty or holds test images.

    Examples
    --------
    >>> import tlteach as tlt
    >>> few = tlt.few_shot(tlt.load_task("digits"), 5, seed=0)
    >>> results = pseudo_label(few, "small_cnn", rounds=2)
    >>> results[results["metric"] == "added"]["round"].tolist()
    [0, 1, 2]
    """
    in_range("threshold", threshold, 0, 1)
    in_range("rounds", rounds, 1)
    in_range("number of pool images", len(few.pool), 1, because="few_shot fills the pool")
    data = _Data.of(few, backbone, search)
    train, val, pool, labelled = map(data.find, (few.train, few.val, few.pool, few.labelled))
    labels = torch.full_like(data.rows.labels, -1)  # unknown
    labels[labelled] = few.labelled.labels
    sure, lines = pool[:0], []
    for number in range(rounds + 1):
        probes, (best,), (parts,) = data.search(labels, [torch.cat([train, sure])], [val])
        known = sure[data.rows.labels[sure] >= 0]
        right = (labels[known] == data.rows.labels[known]).double().mean().item()
        parts["pool"] = {"added": float(len(sure)), "correct": right}
        if number in (0, rounds):
            final = data.fit(labels, [torch.cat([labelled, sure])])
            parts["test"] = data.test(final, 0, best)
        regime = "pseudo_label" if number else "frozen"
        place = {"regime": regime, "shots": few.shots, "seed": few.seed, "round": number}
        lines += data.lines(place | budget(few), parts)
        confidence, answer = linear(data.x[pool], probes, 0, best).softmax(1).max(1)
        sure = pool[confidence > threshold]
        labels[sure] = answer[confidence > threshold]
    return pd.DataFrame(lines)


@checked
def margin(logits: Tensor) -> Tensor:
    """Return the difference of the two largest probabilities, shape (n,): small means unsure.

    Examples
    --------
    >>> margin(torch.tensor([[0.0, 0.0, -9.0], [9.0, 0.0, 0.0]])).round(decimals=2).tolist()
    [0.0, 1.0]
    """
    first, second = logits.softmax(1).topk(2).values.unbind(1)
    return first - second


STRATEGIES: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {  # the smallest are asked for
    "random": lambda logits, draws: torch.rand(len(logits), generator=draws),
    "margin": lambda logits, draws: margin(logits),
}


@checked
def active_learning(
    task: Task,
    backbone: Features = "lite0",
    *,
    strategies: Iterable[str] = ("random", "margin"),
    seeds: Iterable[int] = range(5),
    start: int = 2,
    per_round: int | None = None,
    rounds: int = 10,
    search: int = 8,
) -> pd.DataFrame:
    """Let a probe choose which images get a label, and measure it after every round.

    All strategies of a seed start with the same labels. Validation images come out of the labels
    asked for: in the order of asking, each class gives its 2nd, 7th, 12th, ... image (or group
    of images) to validation, the rule of `few_shot`. C is chosen on them, then the probe is
    fitted again on all labels so far; that probe is tested and says what to ask for next. With
    so few images the choice of C is noisy, and a round can be worse than the one before:
    ``search=1`` takes that out, with C at the middle of its range for everyone.

    Parameters
    ----------
    task : Task
        Everything but its test split may be asked for; no label is known before. Pool images
        that have none (-1) cannot be asked for and are left out.
    backbone, search
        See `pseudo_label`.
    strategies : iterable of str
        Keys of `STRATEGIES`: "random", or "margin" for the images whose two likeliest classes
        are closest.
    seeds : iterable of int
        Each draws the first labels and the random ones (stream "query"); judge at 10 or more.
    start : int, default 2
        Labels per class to begin with.
    per_round : int, optional
        Labels asked for at once; default as many as there are classes.
    rounds : int, default 10
        How often labels are asked for.

    Returns
    -------
    DataFrame
        One row is one metric after one round: task, source, backbone, strategy, seed, round, the
        columns of `budget`, split, metric, value. Test rows only measure. The images asked for,
        as rows of the data file in this order, are in ``attrs["asked"]["margin 0"]`` and so on.

    Raises
    ------
    ValueError
        For an unknown strategy, an empty list, too many rounds, or test images in the pool.

    Examples
    --------
    >>> import tlteach as tlt
    >>> curve = active_learning(tlt.load_task("digits"), "small_cnn", seeds=[0], rounds=2)
    >>> curve["labels"].unique().tolist()
    [20, 30, 40]
    """
    names = [one_of("strategy", name, STRATEGIES) for name in strategies]
    pool = task.pool.select(task.pool.labels >= 0)
    data = _Data.of(replace(task, pool=pool), backbone, search)
    asked = {(name, seed): data.first(start, seed) for seed in seeds for name in names}
    in_range("number of strategies times seeds", len(asked), 1)
    draws = {(name, seed): generator(seed, "query") for name, seed in asked}
    each, n = task.n_classes if per_round is None else per_round, len(data.rows)
    most = (n - start * task.n_classes) // in_range("per_round", each, 1)
    in_range("rounds", rounds, 0, most, because=f"{n} images, {each} asked for in a round")
    lines = []
    for number in range(rounds + 1):
        trains, vals = zip(*map(data.divide, asked.values()), strict=True)
        _, best, parts = data.search(data.rows.labels, trains, vals)
        probes = data.fit(data.rows.labels, [*asked.values()])
        for i, (name, seed) in enumerate(asked):
            old, place = asked[name, seed], {"strategy": name, "seed": seed, "round": number}
            rest = torch.ones(n).index_fill(0, old, 0).nonzero().flatten()
            parts[i]["test"] = data.test(probes, i, best[i])
            lines += data.lines(place | _budget(trains[i], vals[i], rest), parts[i])
            if number < rounds:
                logits = linear(data.x[rest], probes, i, best[i])
                order = STRATEGIES[name](logits, draws[name, seed]).argsort(stable=True)
                asked[name, seed] = torch.cat([old, rest[order[:each]]])
    curve, file = pd.DataFrame(lines), data.rows.index
    curve.attrs["asked"] = {f"{name} {s}": file[rows].tolist() for (name, s), rows in asked.items()}
    return curve


@dataclass(frozen=True)
class _Data:
    """Every image outside the test split, in the order of the file, and features of all."""

    task: Task
    card: ModelCard
    rows: Split
    x: Tensor
    test_x: Tensor
    cs: list[float]

    @classmethod
    def of(cls, task: Task, backbone: Features, search: int) -> _Data:
        rows = task.labelled.joined(task.pool)
        rows = rows.select(rows.index.argsort())
        index = torch.cat([rows.index, task.test.index])
        if twice := len(index) - len(index.unique()):
            msg = f"no image may stand in two splits, such as pool and test; got {twice} that do"
            raise ValueError(msg)
        net = load_backbone(backbone).to(machine.pick()) if isinstance(backbone, str) else backbone
        x, test_x = (
            extract_features(net, images) if isinstance(net, Backbone) else net(images)
            for images in (rows.inputs, task.test.inputs)
        )
        card = net.card if isinstance(net, Backbone) else ModelCard("none")
        cs = [c.c for c in draw_configs(REGIMES["frozen"], TrainConfig(), search, seed=0)]
        return cls(task, card, rows, x, test_x, cs)

    def find(self, split: Split) -> Tensor:
        """Return where the images of a split stand among the rows."""
        return torch.searchsorted(self.rows.index, split.index)

    def first(self, shots: int, seed: int) -> Tensor:
        few = few_shot(self.task, shots, seed=seed)
        return torch.cat([self.find(few.train), self.find(few.val)])

    def divide(self, asked: Tensor) -> tuple[Tensor, Tensor]:
        """Return which of the rows asked for are for training and which for validation."""
        places, _ = pd.factorize(self.rows.groups[asked].numpy())  # in the order of asking
        held = torch.from_numpy(one_in_five(self.rows.labels[asked].tolist(), places.tolist()))
        return asked[~held], asked[held]

    def fit(self, labels: Tensor, subsets: Sequence[Tensor]) -> Probes:
        return fit_probes(self.x, labels, subsets, self.cs, n_classes=self.task.n_classes)

    def search(
        self, labels: Tensor, trains: Sequence[Tensor], vals: Sequence[Tensor]
    ) -> tuple[Probes, list[int], list[Parts]]:
        """Fit on each training subset; return also where the best C stands, and its scores."""
        probes, best, parts = self.fit(labels, trains), [], []
        for i, rows in enumerate(vals):
            scores = []
            for place in range(len(self.cs) if len(rows) else 0):
                scores.append(score(linear(self.x[rows], probes, i, place), labels[rows]))
            best.append(choose(scores, len(self.cs)))
            end = edge(best[i], [-found["log_loss"] for found in scores])
            chosen = {"c": self.cs[best[i]], "edge": end}
            parts.append({"search": chosen, "val": scores[best[i]] if scores else {}})
        return probes, best, parts

    def test(self, probes: Probes, subset: int, place: int) -> dict[str, float]:
        logits = linear(self.test_x, probes, subset, place)
        return {name: metric(logits, self.task.test.labels) for name, metric in METRICS.items()}

    def lines(self, place: dict[str, Any], parts: Parts) -> list[dict[str, Any]]:
        where = {"task": self.task.name, "source": self.card.source, "backbone": self.card.name}
        return [
            where | place | {"split": split, "metric": name, "value": value}
            for split, values in parts.items()
            for name, value in values.items()
        ]
