"""The chart of domain mismatch: what is tested walks away from what was learnt."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from torch import Tensor

from tlteach import atlas
from tlteach.atlas import measured_on, since_clean, won_by
from tlteach.atlas.plan import MISMATCH, dials_of
from tlteach.atlas.shifted import LABELS_THERE, SEVERITIES, SHOTS, moved
from tlteach.data import Task, load_task
from tlteach.data.shift import apply
from tlteach.plots.style import ADAPTATIONS, REGIMES
from tlteach.widgets._chart import Chart
from tlteach.widgets._cube import cube
from tlteach.widgets._pictures import sheet
from tlteach.widgets._spec import Control, Fact, Panel, Series, Spec, Strip

LEAD = (
    "Trained on clean images, tested with a dial turned. Which dials hurt, and does adapting "
    "without a single new label help?"
)
PAIRS = {  # target and backbone of the atlas, as people would call them
    "clothes": ("fashion_5_9", "small:fashion_0_4"),
    "emoji": ("emoji_noto", "lite0"),
}
NAMES = (
    "clothes, small network that knows other clothes",
    "emoji, Lite0 that knows ImageNet",
)
ADAPTED = (
    Series("none", "not adapted", ADAPTATIONS["none"]),
    Series("statistics", "BatchNorm statistics of the target", ADAPTATIONS["statistics"]),
    Series("coral", "CORAL", ADAPTATIONS["coral"]),
    Series("labels", f"{LABELS_THERE} labels per class from there", ADAPTATIONS["labels"]),
)
PRESETS = {
    "contrast": "pair=clothes;regime=frozen;dial=contrast;severity=4",
    "noise": "pair=clothes;regime=fine_tune;dial=noise;severity=3",
    "another style": "pair=emoji;regime=frozen;dial=style;severity=5",
    "adapting harms": "pair=clothes;regime=frozen;dial=rotation;severity=1",
}
PLACES = tuple(map(int, SEVERITIES))
EXAMPLES, SIDE = 3, 32


def domain_mismatch(state: str = "") -> Chart:
    """Show accuracy while a dial moves the test images away from the training images.

    Parameters
    ----------
    state : str, default ""
        Where the controls stand: pair, regime, dial and severity.

    Returns
    -------
    Chart

    Examples
    --------
    >>> chart = domain_mismatch("dial=contrast;severity=4")
    >>> sorted(chart.table()["panel"].unique())
    ['Accuracy on the moved images', 'Distance of the moved features']
    """
    rows = _named(atlas.load("mismatch"))
    dials = tuple(dials_of("emoji_noto"))
    regimes = MISMATCH[PAIRS["clothes"]]
    controls = (
        Control("pair", "images and network", tuple(PAIRS), NAMES, "choice"),
        Control("regime", "regime", regimes, (), "choice", regimes.index("frozen")),
        Control("dial", "dial", dials, (), "choice", dials.index("contrast")),
        Control("severity", "severity", PLACES),
    )
    by = ("pair", "regime", "dial")
    axes = {"pair": list(PAIRS), "regime": regimes, "dial": dials}
    accuracy = rows[rows["metric"] == "accuracy"]
    ways = {"adaptation": [series.id for series in ADAPTED], "severity": PLACES}
    far = rows[rows["metric"] == "mmd"]
    panels = (
        Panel(
            "accuracy",
            "Accuracy on the moved images",
            "severity",
            "accuracy",
            PLACES,
            ADAPTED,
            by,
            cube(accuracy, axes | ways),
            "severity",
            (0, 0.2, 0.4, 0.6, 0.8, 1),
        ),
        Panel(
            "mmd",
            "Distance of the moved features",
            "severity",
            "squared MMD",
            PLACES,
            (Series("mmd", "unbiased squared MMD", REGIMES["frozen"]),),
            by,
            cube(far, axes | {"adaptation": ["none"], "severity": PLACES}),
            "severity",
            (0, 0.2, 0.4, 0.6, 0.8, 1, 1.2),
            "number",
        ),
    )
    places = axes | {"severity": PLACES}
    lost = since_clean(accuracy[accuracy["adaptation"] == "none"])
    won, paid = (won_by(accuracy, way) for way in ("statistics", "labels"))
    told_apart = rows[rows["metric"] == "a_distance"]
    every = (*by, "severity")
    facts = (
        Fact("shift", "change since severity 0, not adapted", every, cube(lost, places), "points"),
        Fact("won", "BatchNorm statistics bring", every, cube(won, places), "points"),
        Fact("paid", "labels from there bring", every, cube(paid, places), "points"),
        Fact(
            "a_distance", "proxy A-distance, from 0 to 2", every, cube(told_apart, places), "number"
        ),
    )
    spec = Spec(
        "Domain mismatch",
        LEAD,
        controls,
        panels,
        facts,
        (_examples(dials),),
        presets=PRESETS,
        footer=(
            f"Means and 95 % t intervals over {rows['seed'].nunique()} seeds alone, {SHOTS} "
            "labels per class; distances over the "
            "source's 5 networks. Lite0 has one, so no interval.",
            measured_on("mismatch"),
        ),
    )
    return Chart(spec, state=state)


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    pairs = {where: name for name, where in PAIRS.items()}
    known = zip(rows["task"], rows["backbone"], strict=True)
    return rows.assign(pair=[pairs.get(where, "") for where in known])


def _examples(dials: tuple[str, ...]) -> Strip:
    """Return the first test images under every dial at every severity."""
    tiles: list[Tensor] = []
    names: list[str] = []
    shape = (len(PAIRS), len(dials), len(PLACES), EXAMPLES)
    places = np.full(shape, np.nan, np.float32)
    for p, (task, _) in enumerate(PAIRS.values()):
        clean = load_task(task)
        for d, dial in enumerate(dials):
            if dial not in dials_of(task):
                continue
            for s, severity in enumerate(PLACES):
                for e, (name, tile) in enumerate(_moved(clean, dial, severity)):
                    places[p, d, s, e] = len(tiles)
                    tiles.append(tile)
                    names.append(f"{name}, {dial} {severity:g}")
    picture, columns, lines = sheet(tiles, SIDE)
    by = ("pair", "dial", "severity")
    return Strip("examples", "Test images", by, picture, columns, lines, places, tuple(names))


def _moved(clean: Task, dial: str, severity: float) -> Iterator[tuple[str, Tensor]]:
    task = moved(clean.name, dial, severity) if dial == "style" else clean
    spread = range(0, len(task.test), len(task.test) // EXAMPLES)[:EXAMPLES]
    few = task.test.select(Tensor(list(spread)).long())
    images = few.images if dial == "style" else apply(few.images, dial, severity)
    for image, label in zip(images, few.labels.tolist(), strict=True):
        yield task.classes[label], image
