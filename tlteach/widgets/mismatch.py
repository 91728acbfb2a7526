"""The chart of domain mismatch: what is tested walks away from what was learnt."""

from __future__ import annotations

import numpy as np
import pandas as pd
from torch import Tensor

from tlteach import atlas
from tlteach.atlas import measured_on, since_clean, won_by
from tlteach.atlas.featuremap import MAPPED
from tlteach.atlas.plan import MISMATCH, dials_of
from tlteach.atlas.shifted import LABELS_THERE, LOOKED, SEVERITIES, SHOTS, looked_at, moved
from tlteach.base import checked
from tlteach.data import Task, load_task
from tlteach.data.shift import apply
from tlteach.plots.style import ADAPTATIONS, REGIMES
from tlteach.widgets._chart import Chart
from tlteach.widgets._cube import cube, placed
from tlteach.widgets._moved import sentences
from tlteach.widgets._pictures import sheet
from tlteach.widgets._spec import Array, Cloud, Control, Fact, Panel, Series, Spec, Strip

LEAD = (
    "Trained on clean images, tested with a dial turned. Which dials hurt, and does adapting "
    "without a single new label help?"
)
PAIRS = {  # target and backbone of the atlas, as people would call them
    "photographs": ("photos", "lite0"),
    "clothes": ("fashion_5_9", "small:fashion_0_4"),
    "emoji": ("emoji_noto", "lite0"),
}
NAMES = (
    "photographs, Lite0 that knows ImageNet",
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
    "photographs": "pair=photographs;regime=frozen;dial=contrast;severity=5",
    "contrast": "pair=clothes;regime=frozen;dial=contrast;severity=4",
    "noise": "pair=clothes;regime=fine_tune;dial=noise;severity=3",
    "another style": "pair=emoji;regime=frozen;dial=style;severity=5",
    "adapting harms": "pair=photographs;regime=frozen;dial=contrast;severity=1",
}
PLACES = tuple(map(int, SEVERITIES))
SIDE = 32  # pixels of an image
MAPPED_WAYS = {"none": "nothing", "statistics": "BatchNorm statistics", "coral": "CORAL"}
SAID = {"none": "not adapted", "statistics": "adapted"}  # under the images


@checked
def domain_mismatch(state: str = "") -> Chart:
    """Show accuracy while a dial moves the test images away from the training images.

    Parameters
    ----------
    state : str, default ""
        Where the controls stand: pair, regime, dial and severity.

    Returns
    -------
    Chart
        Over the part "mismatch" of the atlas.

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
        Control(
            "way",
            "on the map, adapted by",
            tuple(MAPPED_WAYS),
            tuple(MAPPED_WAYS.values()),
            "choice",
        ),
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
        sentences(accuracy, places),
    )
    cloud, on_map = _map(dials)
    spec = Spec(
        "Domain mismatch",
        LEAD,
        controls,
        panels,
        (*facts, *on_map),
        (_examples(regimes, dials),),
        presets=PRESETS,
        play="severity",
        once=PLACES.index(4),
        clouds=(cloud,),
        headline="found",
        footer=(
            f"Means and 95 % t intervals over {rows['seed'].nunique()} seeds alone, {SHOTS} "
            "labels per class; distances over the "
            "source's 5 networks. Lite0 has one, so no interval.",
            measured_on("mismatch"),
        ),
    )
    return Chart(spec, state=state)


def _map(dials: tuple[str, ...]) -> tuple[Cloud, tuple[Fact, Fact]]:
    """Return where images lie in the features, and how much of those is on the map."""
    rows = _named(atlas.load("map"))
    by = ("pair", "dial", "way", "severity")
    axes = {"pair": list(PAIRS), "dial": dials, "adaptation": list(MAPPED_WAYS), "severity": PLACES}
    points = placed(
        rows.set_index([*axes, "image"])[["clean_x", "clean_y", "value", "moved_y"]],
        axes | {"image": range(MAPPED)},
    )
    told = rows.drop_duplicates([*axes]).set_index([*axes])
    bare = np.full((*points.shape[:4], 4), np.nan, np.float32)
    mmd, share = bare.copy(), bare.copy()
    mmd[..., 0], share[..., 0] = (placed(told[[name]], axes)[..., 0] for name in ("mmd", "share"))
    cloud = Cloud(
        "map", "The features of test images, on two axes that stay", "clean", "moved", by, points
    )
    return cloud, (
        Fact("mapped", "squared MMD on the map", by, mmd, "number"),
        Fact("share", "variance that the two axes show", by, share),
    )


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    pairs = {where: name for name, where in PAIRS.items()}
    known = zip(rows["task"], rows["backbone"], strict=True)
    return rows.assign(pair=[pairs.get(where, "") for where in known])


def _examples(regimes: tuple[str, ...], dials: tuple[str, ...]) -> Strip:
    """Return a dozen test images under every dial at every severity, and what was said of them."""
    tiles: dict[bytes, int] = {}  # at severity 0 every dial shows the same
    shown: list[Tensor] = []
    names: list[str] = []
    where = (len(PAIRS), len(dials), len(PLACES), LOOKED)
    places, truth = (np.full(where, np.nan, np.float32) for _ in range(2))
    words: list[str] = []
    for p, (task, _) in enumerate(PAIRS.values()):
        clean = load_task(task)
        called = [name.replace("_", " ") for name in clean.classes]
        for d, dial in enumerate(dials):
            if dial not in dials_of(task):
                continue
            for s, severity in enumerate(PLACES):
                images, labels = _moved(clean, dial, severity)
                truth[p, d, s] = labels.numpy() + len(words)
                how = f"{dial} {severity:g}" if severity else "not moved"
                for i, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
                    bits = image.numpy().tobytes()
                    if bits not in tiles:
                        shown.append(image)
                        names.append(f"{called[label]}, {how}")
                    places[p, d, s, i] = tiles.setdefault(bits, len(tiles))
        words += called
    picture, columns, lines = sheet(shown, SIDE, quality=60)
    shape = (len(PAIRS), len(regimes), *where[1:])  # regimes differ in answers, not in images
    answers = _answers(regimes, dials, shape)
    run = ~np.isnan(answers[SAID["none"]])  # a setting that was not run shows no images either
    tiled, right = (np.where(run, array[:, None], np.nan) for array in (places, truth))
    return Strip(
        "examples",
        "Test images, and what the network of the first seed says",
        ("pair", "regime", "dial", "severity"),
        picture, columns, lines, tiled, tuple(names),
        words=tuple(words), truth=right, answers=answers,
    )  # fmt: skip


def _moved(clean: Task, dial: str, severity: float) -> tuple[Tensor, Tensor]:
    """Return the images that are shown, the same bits as in the atlas, and their labels."""
    style = dial == "style"
    test = (moved(clean.name, dial, severity) if style else clean).test
    few = test.select(looked_at(len(test)))
    images = few.images if style else apply(few.images, dial, severity, rows=few.index)
    return images, few.labels


def _answers(
    regimes: tuple[str, ...], dials: tuple[str, ...], shape: tuple[int, ...]
) -> dict[str, Array]:
    """Return what was said without adapting and with BatchNorm statistics, as places of words."""
    rows = _named(atlas.load("answers"))
    first = np.cumsum([0, *(load_task(task).n_classes for task, _ in PAIRS.values())])
    found = {}
    for way, label in SAID.items():
        codes = np.full(shape, np.nan, np.float32)
        for row in rows[rows["adaptation"] == way].to_dict("records"):
            pair = list(PAIRS).index(row["pair"])
            place = (pair, regimes.index(row["regime"]), dials.index(row["dial"]))
            codes[(*place, PLACES.index(int(row["severity"])), row["image"])] = (
                row["said"] + first[pair]
            )
        found[label] = codes
    return found
