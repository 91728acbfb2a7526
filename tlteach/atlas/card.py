"""The data card of the atlas: every number read from its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tlteach.atlas.claims import Tables, beyond, claims, sources, statistics
from tlteach.atlas.plan import SEEDS
from tlteach.atlas.runs import UPDATES
from tlteach.measures import false_words_told

ABOUT = f"""# The atlas: real runs, precomputed

Widgets and notebooks read these tables instead of training. {len(SEEDS)} seeds; run s starts from
the small network that its source gave with seed s modulo 5, so intervals hold some of the
pretraining's luck, and two runs share each network. All in fp32 with one thread.
`tlteach atlas build` makes the tables again and may be killed at any point; `tlteach atlas check`
runs random rows again.
"""
PART = {
    "layers": "- `layers`: as `transfer`, with the last stages learning: none (frozen), one, two, "
    "three, all (fine_tune).",
    "progress": "- `progress`: accuracy on 500 other images update by update, for as many updates "
    "as `transfer` takes. No search: the middle of the range.",
    "memorised": "- `memorised`: what the first run of each setting of `overfitting` says of its "
    "training images at the end: loss, and as `value` the confidence in the label.",
    "transfer": "- `transfer`: sources, targets, regimes, shots. A results table of `compare`; "
    "every regime of a small network has as many updates and searches two configurations. These "
    "rows, and all others of gradient steps here, were made by the FIRST recipe, in which each "
    "regime had a range of its own: learning rates of 0.01 to 0.3 from scratch, of 0.0003 to 0.03 "
    "for fine_tune, whose best choice was most often its highest. So what stands here against "
    "fine_tune is the recipe's as much as the source's; `compare` has one recipe for all since, "
    "and under it fine_tune does better (CHANGELOG, Results). The rows will be made again. "
    f"Updates by shots: {', '.join(f'{k}: {u}' for k, u in UPDATES.items())}. fine_tune keeps its "
    "source's BatchNorm statistics, here as everywhere; what that costs small networks, and where, "
    "the part `moving` tells.",
    "moving": "- `moving`: small networks fine-tuned as in `transfer`, but BatchNorm statistics "
    "move with the batches (regime fine_tune_moving).",
    "text": "- `text`: as `transfer`, on reviews: `minilm` against `small_text` from scratch, a "
    "bag of words and MiniLM's shape with random weights. MiniLM takes 40 updates.",
    "speech": "- `speech`: as `transfer`, on spoken words (SYNTHETIC): networks that learned the "
    "source accents, on mild and on strong target accents.",
    "scores": "- `scores`: transferability of every source for every target, on the labels of few "
    "shots, beside the same score on shuffled labels.",
    "overfitting": "- `overfitting`: curves of `small_cnn` (`width` times its channels), or of a "
    "net of letters fine-tuned, on few images of clothes. `train` is what it learns from, `val` "
    'what was watched: 500 other images ("pool"), or, to show what choosing on them does, the test '
    "split in two parts. No search.",
    "mismatch": "- `mismatch`: trained on clean images, tested with a dial turned, with no "
    "adaptation, with BatchNorm statistics of the target, with CORAL, or with a head fitted anew "
    "once 2 labels per class of the moved images are added. No search: the middle of "
    "the range. fine_tune learned with its source's statistics, so others move it even at "
    "severity 0. `mmd` (squared) and `a_distance` (proxy A-distance: clipped, so positive "
    "on average between samples of one distribution) tell how far the test features are from the "
    "clean ones.",
}
BEYOND = {"text": "Texts", "speech": "Spoken words, SYNTHETIC"}
HEAD = [
    "| part | rows | core seconds | columns |",
    "|---|---:|---:|---|",
]


def describe(tables: Tables, provenance: Mapping[str, Any]) -> str:
    """Return the card of the atlas as Markdown, every number read from its rows."""
    lines = [ABOUT, *(PART[part] for part in sorted(tables)), "", *HEAD]
    lines += [
        f"| {part} | {len(table)} | {provenance[part]['core_seconds']} "
        f"| {', '.join(map(str, table))} |"
        for part, table in sorted(tables.items())
    ]
    lines += [
        "",
        "Licence: BSD-3-Clause. What made them: `provenance.json`.",
        "",
        "## Claims of the field, put to these rows",
        "",
        "| | claim | mean and 95 % interval | seeds | verdict |",
        "|---|---|---|---:|---|",
        *(claim.row for claim in claims(tables)),
        "",
        "A claim holds, or fails, if the interval says so and three of four seeds agree. A t",
        "interval knows no bounds, so that of a correlation may pass -1. Intervals and verdicts of",
        "this card are over seeds alone: its rows do not keep which test images were right.",
    ]
    if "transfer" in tables:
        lines += _which_source(sources(tables["transfer"]))
    if {"transfer", "moving"} <= set(tables):
        lines += _what_moves(statistics(tables["transfer"], tables["moving"]))
    for part, title in BEYOND.items():
        if part in tables:
            lines += _beyond(title, beyond(tables[part]))
    return "\n".join(lines) + "\n"


def _beyond(title: str, judged: pd.DataFrame) -> list[str]:
    return [
        "",
        f"## {title}: pretrained against scratch",
        "",
        "Accuracy minus that of the small network trained from scratch on the same labels.",
        "",
        "| target | network | regime | labels per class | points | verdict |",
        "|---|---|---|---|---|---|",
        *_judged(judged, ("task", "backbone", "regime", "shots")),
        *_below(judged),
    ]


def _which_source(judged: pd.DataFrame) -> list[str]:
    rows = _judged(judged, ("task", "source", "regime"))
    return [
        "",
        "## Which source helps, 10 labels per class",
        "",
        "Accuracy minus that of the same network trained from scratch with the same search and as",
        "many updates. Names that end in permuted, shuffled or conflict are controls, made to be",
        "bad sources. Lite0 (ImageNet-1k) is larger than what it is compared with.",
        "",
        "| target | source | regime | points | verdict |",
        "|---|---|---|---|---|",
        *rows,
        *_below(judged),
    ]


def _what_moves(judged: pd.DataFrame) -> list[str]:
    return [
        "",
        "## What moving BatchNorm statistics add to fine_tune",
        "",
        "fine_tune_moving minus fine_tune: the same source, labels, search and updates.",
        "",
        "| target | source | labels per class | points | verdict |",
        "|---|---|---|---|---|",
        *_judged(judged, ("task", "source", "shots")),
        *_below(judged),
    ]


def _judged(table: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return rows of Markdown: names, the difference with its interval, the verdict."""
    return [
        f"| {' | '.join(str(row[name]) for name in names)} | {100 * row['difference']:+.1f} "
        f"({100 * row['ci_low']:.1f} to {100 * row['ci_high']:.1f}) | {row['verdict']} |"
        for row in table.replace({"verdict": {"": "no word"}}).to_dict("records")
    ]


def _below(judged: pd.DataFrame) -> list[str]:
    """Return what stands below a table of verdicts."""
    return ["", false_words_told(int((judged["verdict"] != "").sum()))]
