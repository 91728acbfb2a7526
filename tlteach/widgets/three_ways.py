"""The chart of the contrast itself: accuracy against labels, against updates, against seconds."""

from __future__ import annotations

import pandas as pd

from tlteach import atlas
from tlteach.atlas import by_seconds, by_share, measured_on
from tlteach.atlas.curves import POINTS
from tlteach.atlas.plan import PAIRS, PROGRESS_SHOTS
from tlteach.measures import on_test
from tlteach.plots.style import BASELINES, REGIMES
from tlteach.widgets._chart import Chart
from tlteach.widgets._cube import cube
from tlteach.widgets._spec import Control, Panel, Series, Spec

LEAD = (
    "The same network, the same labels, the same search: from scratch, with a frozen backbone, "
    "fine-tuned. What do labels, updates and seconds buy?"
)
NAMES = {
    "fashion_5_9": "shoes, bags and shirts, from other clothes",
    "digits": "digits, from letters",
}
LINES = ("scratch", "frozen", "fine_tune")
BUDGETS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
SHARES = tuple(range(100 // POINTS, 101, 100 // POINTS))
PRESETS = {
    "few labels": "target=fashion_5_9;shots=5",
    "more labels": "target=fashion_5_9;shots=50",
    "far source": "target=digits;shots=5",
}
Y = (0, 0.2, 0.4, 0.6, 0.8, 1)


def three_ways(state: str = "") -> Chart:
    """Show the three regimes against labels, updates and seconds.

    Parameters
    ----------
    state : str, default ""
        Where the controls stand: target, shots, share and seconds.

    Returns
    -------
    Chart
    """
    transfer, progress = atlas.load("transfer"), atlas.load("progress")
    tasks = list(PAIRS)
    controls = (
        Control("target", "target and source", tuple(tasks), tuple(NAMES.values()), "choice"),
        Control("shots", "labels per class", PROGRESS_SHOTS),
        Control("share", "updates done, %", SHARES, start=POINTS - 1),
        Control("seconds", "seconds", BUDGETS, start=len(BUDGETS) - 1),
    )
    lines = tuple(Series(name, name, REGIMES[name]) for name in LINES)
    pixels = Series("raw_pixels", "logistic regression on pixels", BASELINES["raw_pixels"])
    on_test = _of_pairs(transfer)
    axes = {"task": tasks, "regime": [*LINES, "raw_pixels"], "shots": PROGRESS_SHOTS}
    grown = {"task": tasks, "shots": PROGRESS_SHOTS, "regime": LINES}
    panels = (
        Panel(
            "shots",
            "Accuracy against labels",
            "labels per class",
            "test accuracy",
            PROGRESS_SHOTS,
            (*lines, pixels),
            ("target",),
            cube(on_test, axes),
            "shots",
            Y,
            log=True,
        ),
        Panel(
            "updates",
            "Accuracy against updates",
            "updates done, %",
            "accuracy on other images",
            SHARES,
            lines,
            ("target", "shots"),
            cube(by_share(progress, POINTS), grown | {"share": SHARES}),
            "share",
            Y,
        ),
        Panel(
            "seconds",
            "Accuracy against seconds",
            "seconds",
            "accuracy on other images",
            BUDGETS,
            lines,
            ("target", "shots"),
            cube(by_seconds(progress, transfer, BUDGETS), grown | {"seconds": BUDGETS}),
            "seconds",
            Y,
            log=True,
        ),
    )
    spec = Spec(
        "Three ways",
        LEAD,
        controls,
        panels,
        presets=PRESETS,
        footer=(
            f"Means and 95 % intervals over {progress['seed'].nunique()} seeds. "
            "Against labels: settings searched, measured on the test split, intervals over its "
            "images, too. Against updates and seconds: nothing searched, 500 images of the pool, "
            "seeds alone; one core.",
            measured_on("progress"),
        ),
    )
    return Chart(spec, state=state)


def _of_pairs(transfer: pd.DataFrame) -> pd.DataFrame:
    """Return test accuracies of each target from its source, and of what needs none."""
    rows = on_test(transfer)
    bare = (rows["backbone"] == "resnet8") & (rows["regime"] == "scratch")
    pixels = rows["regime"] == "raw_pixels"
    from_source = rows["source"] == rows["task"].map(PAIRS)
    keys = ["task", "regime", "shots", "seed"]
    return rows[bare | pixels | from_source].drop_duplicates(keys)
