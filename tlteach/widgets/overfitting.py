"""The chart of overfitting: how training and validation part, and what narrows the gap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

from tlteach import atlas
from tlteach.atlas import early_stopping, generalisation_gap, hardest, measured_on
from tlteach.atlas.watched import SETTING
from tlteach.base import checked
from tlteach.data import load_task
from tlteach.measures import intervals
from tlteach.plots.style import SPLITS
from tlteach.widgets._chart import Chart
from tlteach.widgets._cube import cube
from tlteach.widgets._pictures import sheet
from tlteach.widgets._spec import Control, Fact, Panel, Series, Spec, Strip
from tlteach.widgets._words import FORMS, fixed

LEAD = (
    "A small network learns clothes from few labels. Watch where the two lines part, and which "
    "controls keep them together."
)
FALLS = {True: "falls, too", False: "does not fall", None: "cannot be told to fall"}
PRESETS = {
    "loss rises": "shots=2;width=1.0;regime=scratch;augment=shift;weight_decay=0.0;step=300",
    "fifty labels": "shots=50;width=1.0;regime=scratch;augment=none;weight_decay=0.0;step=300",
    "all brakes": "shots=5;width=0.5;regime=scratch;augment=shift;weight_decay=0.005;step=300",
    "fine-tuned": "shots=5;width=1.0;regime=fine_tune;augment=none;weight_decay=0.0;step=300",
}
SHOWN, SIDE = 10, 28  # images of the data view, and their pixels


@checked
def overfitting(state: str = "") -> Chart:
    """Show training and validation curves of a small network on few labels.

    Parameters
    ----------
    state : str, default ""
        Where the controls stand: shots, width, regime, augment, weight_decay and step. A net of
        letters, as large as the middle width, was fine-tuned; no other was.

    Returns
    -------
    Chart
        Over the part "overfitting" of the atlas.

    Examples
    --------
    >>> chart = overfitting("shots=2")
    >>> chart.state
    'shots=2;width=1.0;regime=scratch;augment=shift;weight_decay=0.0;step=300'
    >>> chart.table().columns[:3].tolist()
    ['panel', 'line', 'at']
    """
    curves = atlas.load("overfitting")
    curves = curves[curves["watched"] == "pool"]
    values = {name: tuple(sorted(curves[name].unique().tolist())) for name in SETTING}
    values["regime"] = ("scratch", "fine_tune")
    steps = tuple(sorted(curves["step"].unique().tolist()))
    bare = curves[curves["regime"] == "scratch"].drop_duplicates("width")
    sizes = bare.set_index("width")["parameters"]
    controls = (
        Control("shots", "labels per class", values["shots"]),
        Control(
            "width",
            "network",
            values["width"],
            tuple(f"{sizes[w]:,} parameters" for w in values["width"]),
            "choice",
            1,
        ),
        Control("regime", "regime", values["regime"], (), "choice"),
        Control("augment", "augmentation", values["augment"], ("none", "shifted"), "choice", 1),
        Control("weight_decay", "weight decay", values["weight_decay"], (), "choice"),
        Control("step", "updates", steps, start=len(steps) - 1),
    )
    by = tuple(SETTING)
    axes = values | {"split": ["train", "val"], "step": steps}
    lines = (
        Series("train", "what it learns from", SPLITS["train"]),
        Series("val", "other images", SPLITS["val"]),
    )

    def panel(metric: str, title: str, label: str, y: tuple[float, ...], form: str) -> Panel:
        numbers = cube(curves[curves["metric"] == metric], axes)
        return Panel(metric, title, "updates", label, steps, lines, by, numbers, "step", y, form)

    stopped = early_stopping(curves)
    spec = Spec(
        "Overfitting",
        LEAD,
        controls,
        (
            panel("accuracy", "Accuracy", "accuracy", (0, 0.2, 0.4, 0.6, 0.8, 1), "percent"),
            panel("log_loss", "Loss", "nats per image", (0, 0.5, 1, 1.5, 2, 2.5, 3), "number"),
        ),
        (
            Fact(
                "gap",
                "gap",
                (*by, "step"),
                cube(generalisation_gap(curves), values | {"step": steps}),
                "points",
            ),
            Fact(
                "stop",
                "early stopping stops at update",
                by,
                cube(stopped, values, value="step"),
                "whole",
            ),
            Fact(
                "lost",
                "accuracy then, minus at the end",
                by,
                cube(stopped, values, value="lost"),
                "points",
            ),
            _sentences(curves, stopped, values),
        ),
        (_hardest(values),),
        presets=PRESETS,
        play="step",
        headline="rise",
        footer=(
            f"Means and 95 % t intervals over {curves['seed'].nunique()} seeds alone; other "
            "images: 500 that no run learns from. Training images: of the first seed.",
            measured_on("overfitting"),
        ),
    )
    return Chart(spec, state=state)


def _sentences(
    curves: pd.DataFrame, stopped: pd.DataFrame, values: dict[str, tuple[Any, ...]]
) -> Fact:
    """Return for every setting what the loss of other images does, and whether accuracy falls."""
    other = curves[(curves["split"] == "val") & (curves["metric"] == "log_loss")]
    means = other.groupby([*SETTING, "step"])["value"].mean().unstack("step")
    ends = {"at": means.idxmin(axis=1), "least": means.min(axis=1), "last": means.iloc[:, -1]}
    lost = intervals(stopped, SETTING, value="lost").merge(pd.DataFrame(ends).reset_index())
    codes = np.full([len(values[name]) for name in SETTING], np.nan, np.float32)
    told: list[str] = []
    for row in lost.to_dict("records"):
        falls = True if row["ci_low"] > 0 else None
        if row["mean"] <= 0 or row["ci_high"] <= 0:
            falls = False
        least, last = fixed(row["least"], 2), fixed(row["last"], 2)
        rise = f"the loss of other images rises from {least} at update {row['at']} to {last}"
        if least == last:
            rise = f"the loss of other images ends where it is lowest, at {last}"
        codes[tuple(values[name].index(row[name]) for name in SETTING)] = len(told)
        since = f"{FORMS['points'](-row['mean'])} since the lowest loss"
        told.append(f"{rise}; their accuracy {FALLS[falls]} ({since})")
    return Fact("rise", "in one sentence", tuple(SETTING), codes, "word", tuple(told))


def _hardest(values: dict[str, tuple[Any, ...]]) -> Strip:
    """Return the training images that are fitted worst, with their losses."""
    task = load_task("fashion")
    rows = hardest(atlas.load("memorised"), SHOWN)
    place = {row: i for i, row in enumerate(task.labelled.index.tolist())}
    tiles = {image: i for i, image in enumerate(rows["image"].unique().tolist())}
    shape = (*(len(values[name]) for name in SETTING), SHOWN)
    shown, losses = (np.full(shape, np.nan, np.float32) for _ in range(2))
    for row in rows.to_dict("records"):
        where = (*(values[name].index(row[name]) for name in SETTING), row["rank"])
        shown[where], losses[where] = tiles[row["image"]], row["loss"]
    chosen = task.labelled.select(torch.tensor([place[image] for image in tiles]))
    names = tuple(task.classes[label] for label in chosen.labels.tolist())
    picture, columns, lines = sheet(list(chosen.images), SIDE)
    return Strip(
        "memorised",
        "Training images that are fitted worst, at the end",
        tuple(SETTING),
        picture,
        columns,
        lines,
        shown,
        names,
        "loss",
        "number",
        losses,
    )
