"""`train_best`: what a comparison found best on validation, trained on every label, to keep."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pandas as pd
import torch
from scipy.stats import binomtest
from torch import Tensor

from tlteach.base import checked, counted, one_of
from tlteach.data import Task, all_labels
from tlteach.experiment.alive import learnt, train_alive
from tlteach.experiment.candidates import Candidate, arms_of, network_of
from tlteach.measures import METRICS, Calibration, calibrate, estimate
from tlteach.models import Backbone, Intake, ModelCard, TrainedModel
from tlteach.models.trained import SCORES
from tlteach.training import TrainConfig
from tlteach.training.run import attempt


@checked
def train_best(
    results: pd.DataFrame,
    task: Task,
    *,
    regime: str | None = None,
    backbone: str | Backbone | TrainedModel | None = None,
    shots: int | None = None,
    seed: int = 0,
    device: str | torch.device | None = None,
) -> TrainedModel:
    """Train what a comparison found best on all labels of a task, and hand over a model to keep.

    The best regime is the one with the highest mean validation accuracy, never test; between
    equals the cheaper one, in updates, then images, then parameters that learn. It gets the
    setting that the search of its middle seed chose. A first training on ``task.train`` alone
    gives the answers on ``task.val`` that calibrate its confidence; a second one, on all labels,
    gives the model, which is tested once; where it stays at guessing and the first did not, it goes
    again at half the rate. Both compute in float32, as the model will when used.

    Parameters
    ----------
    results : DataFrame
        From `compare`, with the provenance in its ``attrs``.
    task : Task
        Named as the one that was compared; it may hold more labels.
    regime : str, optional
        A value of the column "regime". Default: the best of those with a network.
    backbone : str, Backbone or TrainedModel, optional
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
        results without provenance or validation, or another network than the one compared; and
        where the training on all labels diverges.

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
    if isinstance(backbone, TrainedModel):
        backbone = backbone.as_backbone()
    name = backbone.card.name if isinstance(backbone, Backbone) else backbone
    arms = arms_of(results, task, name, shots)
    arm, why = _best(arms, regime)
    net = network_of(arm, backbone)
    middle, setting = arm.setting()
    shots_told = counted(arm.shots, "shot")
    config = TrainConfig(**arm.settings["base"] | setting | {"precision": "fp32"})
    calibration, learns = Calibration(), True  # without validation: the search said so
    if len(task.val):
        held = attempt(net, task, arm.regime, config, seed=seed, device=device)
        calibration = Calibration(reason="the training before it diverged")
        if held.diverged is None:
            calibration = calibrate(held.predictions["val"], task.val.labels)
        learns = learnt(held, task.n_classes)
    runs = train_alive(
        net, all_labels(task), arm.regime, config, learns=learns, seed=seed, device=device
    )
    run = runs[-1]
    if run.diverged is not None:
        msg = f"there is no model to keep: {run.told_diverged()}, or choose another regime"
        raise ValueError(msg)
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
        "why": f"{why} Its setting is what the search of seed {middle} chose at {shots_told}.",
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
    """Return what the comparison measured: test accuracy over seeds and images, else seeds."""
    lines = []
    rows = arm.rows[arm.rows["split"].isin(["val", "test"])]
    for (split, metric), runs in rows.groupby(["split", "metric"]):
        what = f"comparison at {counted(arm.shots, 'shot')}"
        found = estimate(runs.set_index("seed"), str(metric))
        ends = found.mean, found.low, found.high
        lines.append((what, split, metric, *ends, found.n_seeds, found.over))
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
