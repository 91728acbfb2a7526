"""`train_best`: what a comparison found best on validation, trained on every label, to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import torch
from scipy.stats import binomtest
from torch import Tensor

from tlteach.base import one_of
from tlteach.data import Task, all_labels
from tlteach.measures import METRICS, Calibration, calibrate, t_interval
from tlteach.models import Backbone, Intake, ModelCard, TrainedModel, load_backbone
from tlteach.models.trained import SCORES
from tlteach.training import Regime, TrainConfig, train
from tlteach.training.settings import KNOBS, Knob

SEARCHED = ("lr", "weight_decay", "c", *KNOBS)  # rows of split "search" that are settings


@dataclass(frozen=True)
class Candidate:
    """One arm at one number of shots, with its rows and what its provenance tells."""

    label: str
    backbone: str
    shots: int
    rows: pd.DataFrame
    settings: Mapping[str, Any]

    @property
    def regime(self) -> Regime:
        """How it trains."""
        told = dict(self.settings["regime"])
        knob = told["knob"] and Knob(**told["knob"])
        return Regime(**told | {"knob": knob, "weight_decays": tuple(told["weight_decays"])})

    @property
    def accuracy(self) -> float:
        """Mean accuracy on validation; NaN where there was none."""
        rows = self.rows[(self.rows["split"] == "val") & (self.rows["metric"] == "accuracy")]
        return float(rows["value"].mean())

    @property
    def cost(self) -> tuple[float, ...]:
        """What it takes, the weightiest first; no times, which change from run to run."""
        learned = self.rows[self.rows["metric"] == "parameters_trained"]["value"]
        columns = (self.rows["updates"], self.rows["images"], learned)
        return tuple(float(column.mean()) for column in columns)

    def setting(self) -> tuple[int, dict[str, float]]:
        """Return the middle seed, and the setting that its search chose.

        Seeds are ranked by the searched setting, learning rate or C; the lower median's whole
        setting is taken, since it was tried and chosen together. One lucky seed out of few
        validation images does not decide. Between seeds that chose alike: the better validated.
        """
        chosen = self._table("search")
        by = chosen[self.regime.searched].sort_values(kind="stable")
        alike = chosen.index[chosen[self.regime.searched] == by.iloc[(len(by) - 1) // 2]]
        scores = self._table("val")
        if len(scores):
            ranked = scores.loc[alike].sort_values(
                ["accuracy", "log_loss"], ascending=[False, True], kind="stable"
            )
            alike = ranked.index
        seed = int(alike.tolist()[0])
        names = [name for name in SEARCHED if name in chosen.columns]
        return seed, {name: float(chosen[name][seed]) for name in names}

    def _table(self, split: str) -> pd.DataFrame:
        rows = self.rows[self.rows["split"] == split]
        return rows.pivot_table(index="seed", columns="metric", values="value")


def train_best(
    results: pd.DataFrame,
    task: Task,
    *,
    regime: str | None = None,
    backbone: str | Backbone | None = None,
    shots: int | None = None,
    seed: int = 0,
    device: str | torch.device | None = None,
) -> TrainedModel:
    """Train what a comparison found best on all labels of a task, and hand over a model to keep.

    The best regime is the one with the highest mean validation accuracy, never test; between
    equals the cheaper one, in updates, then images, then parameters that learn. It gets the
    setting that the search of its middle seed chose. A first training on ``task.train`` alone
    gives the answers on ``task.val`` that calibrate its confidence; a second one, on all labels,
    gives the model, which is tested once. Both compute in float32, as the model will when used.

    Parameters
    ----------
    results : DataFrame
        From `compare`, with the provenance in its ``attrs``.
    task : Task
        Named as the one that was compared; it may hold more labels.
    regime : str, optional
        A value of the column "regime". Default: the best of those with a network.
    backbone : str or Backbone, optional
        A value of the column "backbone"; or the network itself, which is needed where
        `load_backbone` does not give the same weights by that name alone.
    shots : int, optional
        The settings chosen with so many labels per class. Default: the most that were tried.
    seed : int, default 0
        Sets fresh weights, order and augmentation.
    device : str or torch.device, optional
        Default: the best one here.

    Returns
    -------
    TrainedModel
        Same seed, same bits on the CPU.

    Raises
    ------
    ValueError
        For another task, names that the results do not hold, a baseline without a network,
        results without provenance or validation, or another network than the one compared.

    Examples
    --------
    >>> import tlteach as tlt
    >>> task = tlt.load_task("digits")
    >>> results = tlt.compare(task, backbone="small_cnn", regimes=["frozen"], shots=[5],
    ...                       seeds=range(2), search="smoke", baselines=False, progress=False)
    >>> model = train_best(results, task)
    >>> model.training["label"], model.data["labels"], model.calibration.n
    ('frozen', 797, 160)
    """
    name = backbone.card.name if isinstance(backbone, Backbone) else backbone
    arms = _arms(results, task, name, shots)
    arm, why = _best(arms, regime)
    net = _network(arm, backbone)
    middle, setting = arm.setting()
    config = TrainConfig(**arm.settings["base"] | setting | {"precision": "fp32"})
    calibration = Calibration()
    if len(task.val):
        held = train(net, task, arm.regime, config, seed=seed, device=device)
        calibration = calibrate(held.predictions["val"], task.val.labels)
    run = train(net, all_labels(task), arm.regime, config, seed=seed, device=device)
    if not arm.regime.pretrained:  # whatever the network knew was drawn anew
        run.model.backbone.card = ModelCard(net.card.name)
    decays = [*arm.regime.weight_decays]  # a list, as JSON gives it back
    training = {
        "label": arm.label,
        "regime": asdict(arm.regime) | {"weight_decays": decays},
        "config": asdict(run.config),
        "searched": [*setting],
        "seed": seed,
        "stage": run.stage,
        "trained": run.trained,
        "total": run.total,
        "why": f"{why} Its setting is what the search of seed {middle} chose at {arm.shots} shots.",
        "notes": _notes(arm, arms),
    }
    provenance = {
        "date": date.today().isoformat(),
        "versions": run.versions,
        "weights": run.after,
        "compared": results.attrs["provenance"]["task"]["fingerprint"],
    }
    model = TrainedModel(
        run.model,
        task.classes,
        Intake.of(task, net.preprocessing),
        calibration,
        training,
        _data(task),
        _compared(arm),
        provenance,
    )
    tested = _tested(model.logits(task.test.inputs, device=device), calibration, task)
    return replace(model, metrics=pd.concat([model.metrics, tested], ignore_index=True))


def _arms(
    results: pd.DataFrame, task: Task, backbone: str | None, shots: int | None
) -> list[Candidate]:
    """Return the arms to choose from: of this task, at one number of shots."""
    configs = results.attrs.get("provenance", {}).get("configs")
    if configs is None:
        msg = (
            "results must carry their settings in attrs['provenance'], as compare returns them; "
            "of a table read from a file, take the JSON file beside it"
        )
        raise ValueError(msg)
    rows = results[results["task"] == one_of("task", task.name, results["task"].unique())]
    if backbone is not None:
        one_of("backbone", backbone, rows["backbone"].unique())
        rows = rows[rows["backbone"].isin([backbone, "none"])]  # what needs none stands beside
    tried = sorted(rows["shots"].unique().tolist())
    k = tried[-1] if shots is None else one_of("shots", shots, tried)
    groups = rows[rows["shots"] == k].groupby(["regime", "backbone", "config"])
    return [Candidate(label, net, k, of, configs[config]) for (label, net, config), of in groups]


def _best(arms: list[Candidate], regime: str | None) -> tuple[Candidate, str]:
    """Return the arm to train, and why it is this one."""
    if regime is not None:
        one_of("regime", regime, [arm.label for arm in arms])
        arms = [arm for arm in arms if arm.label == regime]
        if all(arm.settings["backbone"] is None for arm in arms):
            msg = (
                f"{regime!r} is a baseline without a network: it is there to compare with, and "
                "leaves no model that could be kept; choose another regime"
            )
            raise ValueError(msg)
    able = [arm for arm in arms if arm.settings["backbone"] is not None]
    validated = [arm for arm in able if arm.accuracy == arm.accuracy]
    if regime is None and not validated:
        msg = "results hold no validation accuracy of a network to choose by; name a regime"
        raise ValueError(msg)
    arm = max(validated or able, key=lambda arm: (arm.accuracy, [-x for x in arm.cost], arm.label))
    if regime is not None:
        return arm, "Named by its user, not chosen."
    return arm, f"Chosen among {len(validated)} by validation accuracy, {arm.accuracy:.3f}."


def _notes(arm: Candidate, arms: list[Candidate]) -> list[str]:
    """Return what the comparison says against the model."""
    plain = [a for a in arms if a.settings["backbone"] is None and a.accuracy > arm.accuracy]
    return [
        f"{a.label}, which needs no network, had the higher validation accuracy "
        f"({a.accuracy:.3f} against {arm.accuracy:.3f})."
        for a in plain
    ]


def _network(arm: Candidate, asked: str | Backbone | None) -> Backbone:
    """Return what the arm started from, and make sure of it."""
    told = arm.settings["backbone"]
    if isinstance(asked, Backbone):
        net = asked
    else:
        try:
            net = load_backbone(arm.backbone, size=told["preprocessing"]["size"])
        except ValueError:
            net = None
    alike = net is not None and net.preprocessing.settings() == told["preprocessing"]
    if (
        net is None
        or not alike
        or (arm.regime.pretrained and net.fingerprint() != told.get("weights"))
    ):
        given = (
            "the backbone given" if isinstance(asked, Backbone) else "load_backbone by that name"
        )
        msg = (
            f"the comparison started from {arm.backbone!r} with other weights or preprocessing "
            f"than {given} has; pass the network that was compared: backbone=..."
        )
        raise ValueError(msg)
    return net


def _data(task: Task) -> dict[str, Any]:
    counts = torch.bincount(task.labelled.labels, minlength=task.n_classes).tolist()
    card = task.card
    return {
        "name": task.name,
        "title": card.title,
        "source": card.source,
        "licence": card.licence,
        "attribution": card.attribution,
        "labels": len(task.labelled),
        "counts": dict(zip(task.classes, counts, strict=True)),
        "domains": list(task.domains),
        "fingerprint": task.fingerprint,
    }


def _compared(arm: Candidate) -> pd.DataFrame:
    """Return what the comparison measured, with intervals over its seeds."""
    lines = []
    rows = arm.rows[arm.rows["split"].isin(["val", "test"])]
    for (split, metric), values in rows.groupby(["split", "metric"])["value"]:
        what, n = f"comparison at {arm.shots} shots", len(values)
        lines.append((what, split, metric, *t_interval(values), n, "seeds"))
    return pd.DataFrame(lines, columns=[*SCORES])


def _tested(logits: Tensor, calibration: Calibration, task: Task) -> pd.DataFrame:
    """Return the model's one look at the test split; Wilson's interval, over inputs."""
    lines = []
    n = len(task.test)
    for name, metric in METRICS.items():
        value = metric(logits / calibration.temperature, task.test.labels)
        low = high = float("nan")
        if name == "accuracy":
            low, high = binomtest(round(value * n), n).proportion_ci(method="wilson")
        lines.append(("this model", "test", name, value, low, high, n, "inputs"))
    return pd.DataFrame(lines, columns=[*SCORES])
