"""The chart of freezing: how many stages learn, what that costs and what it brings."""

from __future__ import annotations

import numpy as np

from tlteach import atlas
from tlteach.atlas import measured_on
from tlteach.atlas.plan import LAYER_SHOTS, PAIRS
from tlteach.base import checked
from tlteach.plots.style import REGIMES
from tlteach.widgets._chart import Chart
from tlteach.widgets._cube import cube
from tlteach.widgets._spec import Control, Fact, Panel, Series, Spec

NAMES = {
    "fashion_5_9": "shoes, bags and shirts, from other clothes",
    "digits": "digits, from letters",
}
LEAD = (
    "The last stages of a small pretrained network learn, the first ones stay as they were. "
    "How many should?"
)
STAGES = {"frozen": 0, "partial_1": 1, "partial_2": 2, "partial_3": 3, "fine_tune": 4}
PLACES = tuple(STAGES.values())
PRESETS = {
    "near source": "target=fashion_5_9;shots=5;stages=4",
    "far source": "target=digits;shots=5;stages=4",
    "more labels": "target=digits;shots=20;stages=4",
}


@checked
def layers(state: str = "") -> Chart:
    """Show accuracy, trained parameters and seconds against the number of stages that learn.

    Parameters
    ----------
    state : str, default ""
        Where the controls stand: target, shots and stages.

    Returns
    -------
    Chart
        Over the part "layers" of the atlas.

    Examples
    --------
    >>> chart = layers("target=digits")
    >>> chart.state
    'target=digits;shots=...;stages=...'
    """
    rows = atlas.load("layers")
    rows = rows.assign(stages=rows["regime"].map(STAGES))
    axes = {"task": list(PAIRS), "shots": LAYER_SHOTS}
    places = axes | {"stages": PLACES}
    of_test = rows["metric"].eq("accuracy") & rows["split"].eq("test")
    accuracy, size = rows[of_test], rows[rows["metric"] == "parameters_trained"]
    by = ("target", "shots")
    sizes = cube(size, places)
    sizes[..., 1:3] = np.nan  # every seed trains as many: no interval
    panel = Panel(
        "accuracy",
        "Accuracy",
        "stages that learn",
        "test accuracy",
        PLACES,
        (Series("test", "test accuracy", REGIMES["partial"]),),
        by,
        cube(accuracy.assign(line="test"), axes | {"line": ["test"], "stages": PLACES}),
        "stages",
        (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1),
    )
    spec = Spec(
        "Which layers learn",
        LEAD,
        (
            Control("target", "target and source", tuple(PAIRS), tuple(NAMES.values()), "choice"),
            Control("shots", "labels per class", LAYER_SHOTS),
            Control("stages", "stages that learn", PLACES, ("none", "1", "2", "3", "all 4")),
        ),
        (panel,),
        (
            Fact("trained", "parameters that learn", (*by, "stages"), sizes, "whole"),
            Fact(
                "seconds",
                "seconds, search included",
                (*by, "stages"),
                cube(accuracy, places, value="seconds"),
                "seconds",
            ),
        ),
        presets=PRESETS,
        footer=(
            f"Means and 95 % intervals over {rows['seed'].nunique()} seeds and the test images; "
            "one core. With none the head is solved by logistic regression, else trained by "
            "gradient steps.",
            measured_on("layers"),
        ),
    )
    return Chart(spec, state=state)
