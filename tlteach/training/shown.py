"""What a notebook shows of a run: what was asked, what it took, its loss, its scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tlteach.base.markup import MARK, Html, drawing, facts, letters, shown, stroke, table, tag

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 420, 120, 48, 10, 24  # pixels
POINTS = 120  # of a line: more updates are averaged
SAID = ("starts from", "learns", "by", "adapts")  # of the regime; the rest is in its own view
CONVERGED = {
    True: "yes, the training loss was flat",
    False: "no, stopped by the cap on updates",
    None: "",
}
OTHERS = "4 3"  # the dash of the line of other images


def run_html(
    title: str,
    known: Mapping[str, object],
    history: pd.DataFrame,
    scores: Sequence[Mapping[str, float]],
) -> str:
    """Return what a notebook shows of a run.

    Parameters
    ----------
    title : str
        Stands above everything.
    known : mapping
        What is known, by name.
    history : DataFrame
        See `Run`; may have no rows.
    scores : sequence of mapping of str to float
        A row each: what the looks at the test set gave.
    """
    parts = [facts(title, known)]
    curve = loss_curve(history)
    parts += [curve] if curve else []
    if scores:
        heads = ["on the test split", *(name.replace("_", " ") for name in scores[0])]
        rows = [
            (f"look {i}", *(tag("span", f"{value:.3f}") for value in look.values()))
            for i, look in enumerate(scores, 1)
        ]
        parts.append(table("Test scores", heads, rows))
    return shown(*parts)


def loss_curve(history: pd.DataFrame) -> Html | None:
    """Return the training loss by update as a drawing; None where no step was taken.

    Beside it, broken, the loss of val, where it was measured.
    """
    if history.empty:
        return None
    train = _line(history, "train", "loss")
    val = _line(history, "val", "log_loss")
    both = pd.concat([train, val])
    if len(train) < 2:
        return None
    most, last = max(both.max(), 1e-9), float(history["step"].max())

    def place(step: float, value: float) -> tuple[float, float]:
        across = (WIDTH - LEFT - 10) * step / last
        return LEFT + across, TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most)

    marks = [
        stroke(place(0, most), place(0, 0), place(last, 0)),
        letters(f"{most:.2g}", LEFT - 6, TOP + 8, "end"),
        letters("0", LEFT - 6, HEIGHT - BOTTOM, "end"),
        letters(f"{last:,.0f} updates", WIDTH - 10, HEIGHT - 6, "end"),
        letters("loss", LEFT - 6, HEIGHT / 2, "end"),
        stroke(*map(place, train.index, train), colour=MARK, width=2),
    ]
    told = [f"Training loss {train.iloc[0]:.2f} at first, {train.iloc[-1]:.2f} at the end"]
    if len(val):
        marks.append(stroke(*map(place, val.index, val), width=2, dash=OTHERS))
        marks.append(letters("broken: validation", LEFT + 8, HEIGHT - 6))
        told.append(
            f"validation, broken, {val.iloc[0]:.2f} at first, {val.iloc[-1]:.2f} at the end"
        )
    if lost := int((~np.isfinite(history["value"])).sum()):
        told.append(f"{lost} values are no numbers and are left out")
    words = f"{'; '.join(told)}; {last:,.0f} updates."
    return drawing("Loss by update", words, WIDTH, HEIGHT, *marks)


def _line(history: pd.DataFrame, split: str, metric: str) -> pd.Series[float]:
    """Return finite values by step, at most `POINTS`: stretches of more are averaged."""
    rows = history[(history["split"] == split) & (history["metric"] == metric)]
    rows = rows[np.isfinite(rows["value"])]
    stretch = np.arange(len(rows)) // max(1, math.ceil(len(rows) / POINTS))
    means = rows.groupby(stretch)[["step", "value"]].mean()
    line: pd.Series[float] = means.set_index("step")["value"]
    return line
