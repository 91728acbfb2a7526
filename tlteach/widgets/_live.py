"""What a running training shows in a chart: its lines, the gap between them, marks, images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tlteach.data import Split, Task
from tlteach.models import Classifier, predict
from tlteach.plots.style import SPLITS
from tlteach.training import LiveTraining, Steering, TrainConfig
from tlteach.widgets._pictures import sheet
from tlteach.widgets._spec import Control, Panel, Series, Spec
from tlteach.widgets._words import FORMS

SIDES = {"train": "what it learns from", "val": "other images"}
PANELS = {"accuracy": "percent", "log_loss": "number"}
POINTS, MANY, SIDE = 60, 6, 32  # of a curve; images of each kind, and their pixels
LEAD = (
    "Can you make it overfit? Train, then turn label noise up, or weight decay and augmentation: "
    "they act from the next update on."
)


def axes(config: TrainConfig) -> Spec:
    """Return empty panels for a training of so many updates."""
    updates = config.updates or 300
    steps = tuple(updates * i // POINTS for i in range(1, POINTS + 1))
    series = tuple(Series(split, label, SPLITS[split]) for split, label in SIDES.items())
    nothing = np.full((len(series), POINTS, 4), np.nan, np.float32)

    def panel(metric: str, title: str, label: str, y: tuple[float, ...]) -> Panel:
        return Panel(
            metric, title, "updates", label, steps, series, (), nothing, "step", y, PANELS[metric]
        )

    return Spec(
        "Overfitting to provoke",
        LEAD,
        (Control("step", "updates", steps, kind="none", start=POINTS - 1),),
        (
            panel("accuracy", "Accuracy", "accuracy", (0, 0.2, 0.4, 0.6, 0.8, 1)),
            panel("log_loss", "Loss", "nats per image", (0, 0.5, 1, 1.5, 2, 2.5, 3)),
        ),
        footer=("One run, no interval: another seed gives other curves.",),
    )


def lines(training: LiveTraining, last: int) -> list[dict[str, Any]]:
    """Return the curves of a training, panel by panel: one of each side."""
    found = []
    for panel in PANELS:
        for split in SIDES:
            points = [
                (step, value)
                for step, _, where, metric, value in training.rows
                if where == split and metric == panel and math.isfinite(value)
            ]
            if len(points) == 1 and not points[0][0]:  # solved at once: a level line
                points = [(0, points[0][1]), (last, points[0][1])]
            x, y = [p[0] for p in points], [p[1] for p in points]
            if x:
                found.append({"panel": panel, "series": split, "x": x, "y": y})
    return found


def sentence(known: list[dict[str, Any]]) -> str:
    """Say how far the two sides are apart, and what the loss of other images has done.

    Examples
    --------
    >>> side = {"panel": "accuracy", "x": [10]}
    >>> sentence([side | {"series": "train", "y": [1.0]}, side | {"series": "val", "y": [0.7]}])
    'After 10 updates the gap is +30.0 points'
    """
    curve = {(line["panel"], line["series"]): line for line in known if "series" in line}
    ours, other = (curve.get(("accuracy", split)) for split in SIDES)
    if not ours or not other:
        return ""
    gap = FORMS["points"](ours["y"][-1] - other["y"][-1])
    said = f"After {other['x'][-1]} updates the gap is {gap}"
    loss = curve.get(("log_loss", "val"))
    if loss and loss["y"][-1] > min(loss["y"]):
        least = int(np.argmin(loss["y"]))
        low, now = (FORMS["number"](loss["y"][i]) for i in (least, -1))
        said += f"; the loss of other images rose from {low} at {loss['x'][least]} to {now}"
    return said


class Looks:
    """Some training images, and others that are wrong now, with their losses.

    Parameters
    ----------
    few : Task
        What is learnt, and in ``val`` other images.
    steering : Steering
        Knows which labels are learnt now.
    """

    def __init__(self, few: Task, steering: Steering) -> None:
        self._few, self._steering = few, steering
        order = few.train.labels.argsort(stable=True)
        self._ours = order[torch.linspace(0, len(order) - 1, MANY).round().long()]
        self._wrong: list[int] = []  # stays while it is wrong, so that images do not jump
        self.groups: list[dict[str, Any]] = []

    def __call__(self, model: Classifier, step: int) -> None:
        """Look at the images after an update."""
        learnt = self._steering.learnt(self._few).train
        ours = learnt.select(self._ours)
        others = self._few.val
        said = predict(model, others.inputs)
        if not said.isfinite().all():  # it diverged: what stood there stays
            return
        wrong = (said.argmax(1) != others.labels).nonzero().flatten().tolist()
        still = [place for place in self._wrong if place in set(wrong)]
        self._wrong = (still + [place for place in wrong if place not in still])[:MANY]
        rows = torch.tensor(self._wrong, dtype=torch.int64)
        title = f"Other images that are wrong now: {len(wrong)} of {len(others)}"
        self.groups = [
            self._group("Images it learns from", ours, predict(model, ours.inputs)),
            self._group(title, others.select(rows), said[rows]),
        ]

    def _group(self, title: str, split: Split, said: Tensor) -> dict[str, Any]:
        losses = F.cross_entropy(said, split.labels, reduction="none")
        answers, classes = said.argmax(1), self._few.classes
        tiles = [
            {
                "src": sheet([image], SIDE)[0],
                "is": classes[int(label)],
                "said": classes[int(answer)],
                "loss": float(loss),
            }
            for image, label, answer, loss in zip(
                split.images, split.labels, answers, losses, strict=True
            )
        ]
        return {"title": title, "tiles": tiles}
