"""The chart of negative transfer: which sources help a target, which hurt, which cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tlteach import atlas
from tlteach.atlas import judged, measured_on, score_ranks
from tlteach.atlas.plan import SHOTS
from tlteach.atlas.runs import SCORED
from tlteach.plots.style import ADAPTATIONS, REGIMES
from tlteach.widgets._chart import Chart
from tlteach.widgets._cube import cube, placed
from tlteach.widgets._spec import Array, Control, Fact, Panel, Series, Spec

LEAD = (
    "Each point: accuracy from that source minus the same network from scratch, on the same "
    "labels. Above the line the source helped; ? means that it cannot be told. Freezing "
    "has a price of its own: whether a frozen source does harm, the row of random weights shows, "
    "which are frozen, too."
)
SOURCES = {  # from near to far; the last ones were made to be bad
    "fashion_0_4": "other clothes",
    "fashion": "clothes",
    "emoji_noto": "emoji, Noto",
    "emoji_twemoji": "emoji, Twemoji",
    "emoji_fluent_color": "emoji, Fluent colour",
    "glyphs": "letters",
    "ImageNet-1k": "ImageNet (Lite0)",
    "fashion_0_4_permuted": "clothes, pixels permuted",
    "fashion_0_4_shuffled": "clothes, labels shuffled",
    "fashion_0_4_conflict": "clothes, labels conflict",
    "none": "no source: random weights",
}
TARGETS = {
    "fashion_5_9": "shoes, bags and shirts",
    "digits": "digits",
    "emoji": "emoji, all styles",
    "emoji_fluent_flat": "emoji, Fluent flat",
    "photos": "photographs",
}
TRIED = {"frozen": "frozen", "fine_tune": "fine_tune"}
WORDS = ("hurts", "cannot tell", "helps")
METHODS = {"knn": "kNN", "probe": "the probe", "logme": "LogME", "leep": "LEEP"}
ORDERS = {"near": "from near to far, we think", "gain": "by gain"} | {
    method: f"by {label}" for method, label in METHODS.items()
}
PRESETS = {
    "near": "target=fashion_5_9;shots=5;regime=fine_tune;source=fashion_0_4",
    "far": "target=digits;shots=10;regime=frozen;source=glyphs",
    "shuffled labels": "target=fashion_5_9;shots=5;regime=frozen;source=fashion_0_4_shuffled",
    "many labels": "target=fashion_5_9;shots=100;regime=fine_tune;source=fashion_0_4",
}


def negative_transfer(state: str = "", *, predict: bool = False) -> Chart:
    """Show for every source whether it helps a target, hurts, or cannot be told.

    Parameters
    ----------
    state : str, default ""
        Where the controls stand: target, shots, regime, source and order.
    predict : bool, default False
        Ask for a guess first, on each source, target, regime and number of labels anew; results
        stay hidden until it is there.

    Returns
    -------
    Chart
    """
    scores, transfer = atlas.load("scores"), atlas.load("transfer")
    found = judged(transfer)
    axes: dict[str, Sequence[Any]] = {"task": list(TARGETS), "shots": SHOTS, "regime": list(TRIED)}
    values, codes = _told(found, axes | {"source": list(SOURCES)})
    by = ("target", "shots", "regime")
    controls = (
        Control("target", "target", tuple(TARGETS), tuple(TARGETS.values()), "choice"),
        Control("shots", "labels per class", SHOTS, start=SHOTS.index(10)),
        Control("regime", "regime", tuple(TRIED), tuple(TRIED.values()), "choice"),
        Control("source", "source", tuple(SOURCES), tuple(SOURCES.values()), "choice"),
        Control("order", "order of sources", tuple(ORDERS), tuple(ORDERS.values()), "choice"),
    )
    order_by, order = ("order", *by), _orders(values[..., 0], scores)
    panel = Panel(
        "gap",
        "Accuracy gained over training from scratch",
        "source",
        "gain",
        tuple(SOURCES.values()),
        (Series("gap", "this source", REGIMES["frozen"]),),
        by,
        values[..., None, :, :],
        "source",
        (-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5),
        "points",
        named=True,
        words=WORDS,
        codes=codes[..., None, :],
        order_by=order_by,
        order=order,
    )
    answer = Fact("verdict", "verdict", (*by, "source"), codes, "word", WORDS)
    spec = Spec(
        "Negative transfer",
        LEAD,
        controls,
        (panel, replace(_scores(scores), order_by=order_by, order=order)),
        (answer, *_ranks(found.rename(columns={"difference": "value"}), scores)),
        presets=PRESETS,
        footer=(
            f"Means and 95 % intervals over {found['n_seeds'].max()} seeds "
            f"({found['n_seeds'].min()} where Lite0 is fine-tuned) and the test images; a verdict "
            "follows the interval, and is withheld where a search ended at its edge. If nothing "
            "differed, one word in twenty would still be helps or hurts. "
            f"Scores: {SCORED} labels per class.",
            measured_on("transfer"),
        ),
        predict=("Does this source help?", WORDS[::-1], "verdict") if predict else None,
    )
    return Chart(spec, state=state)


def _told(found: pd.DataFrame, axes: Mapping[str, Sequence[Any]]) -> tuple[Array, Array]:
    """Return differences with intervals, and the place of each verdict in `WORDS` or NaN."""
    code = found["verdict"].map({word: float(i) for i, word in enumerate(WORDS)})
    table = found.assign(code=code).set_index(list(axes))
    values = placed(table[["difference", "ci_low", "ci_high", "n_seeds"]], axes)
    return values, placed(table[["code"]], axes)[..., 0]


def _orders(gains: Array, scores: pd.DataFrame) -> Array:
    """Return the places of the sources in each order, those without a number last."""
    said = _of_sources(scores).groupby(["task", "method", "source"])["value"].mean()
    near = -np.arange(len(SOURCES), dtype=float)
    by = {"near": np.broadcast_to(near, gains.shape), "gain": gains}
    for method in METHODS:
        known = [[said.get((t, method, s), np.nan) for s in SOURCES] for t in TARGETS]
        by[method] = np.broadcast_to(np.array(known)[:, None, None], gains.shape)
    # from high to low; argsort puts NaN last
    ranked = [np.argsort(-by[name], axis=-1, kind="stable") for name in ORDERS]
    return np.stack(ranked).astype(np.float32)


def _of_sources(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores that could be computed, with the name of their source."""
    known = scores[scores["refused"] == ""]
    names = known["backbone"].str.removeprefix("small:").replace("lite0", "ImageNet-1k")
    return known.assign(source=names)


def _scores(scores: pd.DataFrame) -> Panel:
    """Return the scores of every source, which were there before anything was trained."""
    known = _of_sources(scores)
    wide = known[known["method"].isin(["knn", "probe"])]
    rows = pd.concat(
        [
            wide.assign(line=wide["method"]),
            wide.assign(line="shuffled", value=wide["shuffled"])[wide["method"] == "probe"],
        ]
    )
    lines = ("knn", "probe", "shuffled")
    looks = (ADAPTATIONS["statistics"], ADAPTATIONS["labels"], ADAPTATIONS["none"])
    labels = ("kNN", "probe", "probe, labels shuffled")
    axes = {"task": list(TARGETS), "line": lines, "source": list(SOURCES)}
    return Panel(
        "scores",
        "What scores said of the frozen features beforehand",
        "source",
        "accuracy",
        tuple(SOURCES.values()),
        tuple(Series(i, label, look) for i, label, look in zip(lines, labels, looks, strict=True)),
        ("target",),
        cube(rows, axes),
        "source",
        (0, 0.2, 0.4, 0.6, 0.8, 1),
        named=True,
    )


def _ranks(found: pd.DataFrame, scores: pd.DataFrame) -> list[Fact]:
    """Return how well each score ranks the sources as the gains do."""
    axes = {"task": list(TARGETS), "regime": list(TRIED)}
    wanted = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    ranks = score_ranks(found, scores)
    facts = []
    for method, label in METHODS.items():
        mine = ranks[ranks["method"] == method].set_index(list(axes)).reindex(wanted)
        table = mine[["tau", "low", "high", "n"]].to_numpy(np.float32)
        shape = (len(TARGETS), len(TRIED), 4)
        name = f"weighted tau of {label} with the gain at {SCORED} labels"
        facts.append(Fact(method, name, ("target", "regime"), table.reshape(shape), "number"))
    return facts
