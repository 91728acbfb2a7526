"""The chart of negative transfer: which sources help a target, which hurt, which cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from tlteach import atlas
from tlteach.atlas import gaps, judged, measured_on, score_ranks
from tlteach.atlas.plan import SHOTS
from tlteach.atlas.runs import SCORED
from tlteach.base import checked
from tlteach.data import load_task
from tlteach.measures import NO_WORD
from tlteach.models import SOURCES as IMAGES, load_source
from tlteach.plots.style import ADAPTATIONS, REGIMES
from tlteach.widgets._chart import Chart
from tlteach.widgets._cube import cube, placed
from tlteach.widgets._pictures import strip_of
from tlteach.widgets._spec import Array, Control, Fact, Panel, Series, Spec, Strip
from tlteach.widgets._words import FORMS, told as told_of

LEAD = (
    "Each line runs from accuracy without a source, at zero, to accuracy with it, on the same "
    "labels. Which sources help, which hurt? Move the labels and watch dots pass zero."
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
QUESTIONS = {
    "source": "Does it harm? Against the same without it",
    "worth": "Is it worth it? Against the best without any",
}
WITHOUT = {
    "scratch": "the same network from scratch",
    "frozen_random": "random weights, frozen too",
    "raw_pixels": "logistic regression on pixels",
}
METHODS = {"knn": "kNN", "probe": "the probe", "logme": "LogME", "leep": "LEEP"}
FOLD = "Could one have known?"
MANY, SIDE = 6, 32  # images of a source or a target, and their pixels
PRESETS = {
    "helped and hurt": "against=source;target=fashion_5_9;shots=10;regime=frozen",
    "not worth it": "against=worth;target=fashion_5_9;shots=20;regime=frozen;source=fashion_0_4",
    "shuffled labels": "against=source;target=fashion_5_9;shots=10;regime=frozen;"
    "source=fashion_0_4_shuffled",
    "worth it": "against=worth;target=photos;shots=5;regime=frozen;source=ImageNet-1k",
}
BY = ("against", "target", "shots", "regime")


@checked
def negative_transfer(state: str = "", *, predict: bool = False) -> Chart:
    """Show which sources helped a target, which hurt it, and of which it cannot be told.

    Parameters
    ----------
    state : str, default ""
        Where the controls stand: against, target, shots, regime and source.
    predict : bool, default False
        Ask for a guess first, on each question, source, target, regime and number of labels
        anew; results stay hidden until it is there.

    Returns
    -------
    Chart
        Over the part "transfer" of the atlas.

    Examples
    --------
    >>> chart = negative_transfer("source=fashion_0_4_shuffled")
    >>> chart.describe().split(" found: ")[1].split("; ")[0]
    'clothes, labels shuffled against random weights, frozen too: hurts, -4.3 points (-6.6 to -2.0)'
    """
    spec = _spec()
    if predict:
        spec = replace(spec, predict=("Does this source help?", WORDS[::-1], "verdict"))
    return Chart(spec, state=state)


@cache
def _spec() -> Spec:
    scores, transfer = atlas.load("scores"), atlas.load("transfer")
    found = _asked(transfer)
    axes = {
        "against": list(QUESTIONS),
        "task": list(TARGETS),
        "shots": SHOTS,
        "regime": list(TRIED),
        "source": list(SOURCES),
    }
    values, codes = _told(found, axes)
    controls = (
        Control("against", "question", tuple(QUESTIONS), tuple(QUESTIONS.values()), "cards"),
        Control("target", "target", tuple(TARGETS), tuple(TARGETS.values()), "choice"),
        Control("shots", "labels per class", SHOTS, start=SHOTS.index(10)),
        Control("regime", "regime", tuple(TRIED), tuple(TRIED.values()), "choice"),
        Control("source", "source", tuple(SOURCES), tuple(SOURCES.values()), "choice"),
    )
    order = _order(values[..., 0], codes)
    panel = Panel(
        "gap",
        "Accuracy gained over having no source",
        "source",
        "gain",
        tuple(SOURCES.values()),
        (Series("gap", "with the source", REGIMES["frozen"]),),
        BY,
        values[..., None, :, :],
        "source",
        _ticks(values[..., 1], values[..., 2]),
        "points",
        named=True,
        words=WORDS,
        codes=codes[..., None, :],
        order_by=BY,
        order=order,
        drawn="dumbbell",
    )
    before = replace(_scores(scores), order_by=BY, order=order, fold=FOLD)
    return Spec(
        "Negative transfer",
        LEAD,
        controls,
        (panel, before),
        (
            Fact("verdict", "verdict", (*BY, "source"), codes, "word", WORDS),
            _sentences(found, axes),
            *_ranks(gaps(transfer[transfer["shots"] == SCORED]), scores),
        ),
        _pictures(),
        presets=PRESETS,
        footer=(
            f"Means and 95 % intervals over {found['n_seeds'].max()} seeds "
            f"({found['n_seeds'].min()} where Lite0 is fine-tuned) and the test images; a verdict "
            "follows the interval, and is withheld where a search ended at its edge. If nothing "
            "differed, one word in twenty would still be helps or hurts. The best without a "
            f"source: chosen on validation. Scores: {SCORED} labels per class, beside the gain "
            "over scratch.",
            measured_on("transfer"),
        ),
        play="shots",
        headline="found",
    )


def _asked(transfer: pd.DataFrame) -> pd.DataFrame:
    """Return both questions' answers: without a source, fine-tuning is training from scratch."""
    tuned, frozen = (
        judged(transfer[(transfer["source"] == "none") | (transfer["regime"] == regime)], against)
        for regime, against in (("fine_tune", "scratch"), ("frozen", "frozen"))
    )
    same = pd.concat([tuned[tuned["source"] != "none"], frozen])
    parts = {"source": same, "worth": judged(transfer, "best")}
    return pd.concat([part.assign(against=name) for name, part in parts.items()], ignore_index=True)


def _sentences(found: pd.DataFrame, axes: Mapping[str, Sequence[Any]]) -> Fact:
    """Return for every source the sentence on what it did."""
    codes = np.full([len(values) for values in axes.values()], np.nan, np.float32)
    told: list[str] = []
    for row in found.to_dict("records"):
        if row["task"] not in TARGETS or row["source"] not in SOURCES:
            continue
        without = row["reached"] - row["difference"]
        gain = told_of((row["difference"], row["ci_low"], row["ci_high"]), "points")
        both = f"{FORMS['percent'](row['reached'])} with it, {FORMS['percent'](without)} without"
        word = row["verdict"] or NO_WORD
        codes[tuple([*values].index(row[name]) for name, values in axes.items())] = len(told)
        told.append(f"{SOURCES[row['source']]} against {WITHOUT[row['b']]}: {word}, {gain}; {both}")
    return Fact("found", "found", (*BY, "source"), codes, "word", tuple(told))


def _pictures() -> tuple[Strip, Strip]:
    """Return a few images of each source and each target, with what they are called there."""
    sources = {name: load_source(name) for name in SOURCES if name in IMAGES}
    targets = {name: load_task(name) for name in TARGETS}
    return (
        strip_of("source", "The source, and what it is called there", SOURCES, sources, MANY, SIDE),
        strip_of("target", "The target", TARGETS, targets, MANY, SIDE),
    )


def _told(found: pd.DataFrame, axes: Mapping[str, Sequence[Any]]) -> tuple[Array, Array]:
    """Return differences with intervals, and the place of each verdict in `WORDS` or NaN."""
    code = found["verdict"].map({word: float(i) for i, word in enumerate(WORDS)})
    table = found.assign(code=code).set_index(list(axes))
    values = placed(table[["difference", "ci_low", "ci_high", "n_seeds"]], axes)
    return values, placed(table[["code"]], axes)[..., 0]


def _ticks(lows: Array, highs: Array) -> tuple[float, ...]:
    """Return ticks that hold every interval, ten points apart."""
    low, high = np.floor(10 * np.nanmin(lows)), np.ceil(10 * np.nanmax(highs))
    return tuple(float(tenth) / 10 for tenth in np.arange(low, high + 1))


def _order(gains: Array, codes: Array) -> Array:
    """Return the places of the sources: helped, cannot tell, hurt, by gain within each."""
    area = np.where(np.isnan(codes), 1, codes)
    # from high to low; argsort puts NaN last
    ranked = np.argsort(-(10 * area + gains), axis=-1, kind="stable")
    return ranked.astype(np.float32)


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
    facts, by = [], ("target", "regime")
    for method, label in METHODS.items():
        mine = ranks[ranks["method"] == method].set_index(list(axes)).reindex(wanted)
        table = mine[["tau", "low", "high", "n"]].to_numpy(np.float32)
        shape = (len(TARGETS), len(TRIED), 4)
        name = f"weighted tau of {label} with the gain over scratch, {SCORED} labels"
        facts.append(Fact(method, name, by, table.reshape(shape), "number", fold=FOLD))
    return facts
