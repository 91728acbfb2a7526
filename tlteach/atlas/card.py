"""The data card of the atlas: every number read from its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tlteach.atlas.beyond import beyond
from tlteach.atlas.claims import Tables, claims
from tlteach.atlas.curves import CURVE, UPDATES
from tlteach.atlas.leads import PLACE, by_size, judged, statistics
from tlteach.atlas.plan import CONTROLS, SEEDS, TUNED_SEEDS
from tlteach.atlas.runs import LARGE, SEARCH, SHORT
from tlteach.measures import false_words_told
from tlteach.training import REGIMES

ABOUT = f"""# The atlas: real runs, precomputed

Widgets and notebooks read these tables instead of training. {len(SEEDS)} seeds; run s starts from
the small network that its source gave with seed s modulo 5, so intervals hold some of the
pretraining's luck, and two runs share each network. All in fp32 with one thread.
`tlteach atlas build` makes the tables again and may be killed at any point; `tlteach atlas check`
runs random rows again. Rows with emoji in them were made after the rest, since some labels of
emoji had been wrong: key "emoji" of `provenance.json`. Those of photos in `mismatch`, `answers`
and `map` came later, too (key "photos"); the moved images there are few, and most of those whose
labels are paid for were learnt clean as well.

One recipe for all that takes gradient steps: learning rates
of {REGIMES["scratch"].low} to {REGIMES["scratch"].high} and beyond, {SEARCH.drawn} settings drawn,
{SEARCH.further} further rates tried beside the best, head factor and BatchNorm statistics
searched, images shifted, training until
the loss is flat. Where large networks ({", ".join(LARGE)}) take gradient steps there are
{len(TUNED_SEEDS)} seeds, first heats take {SHORT.first} updates instead of {SEARCH.first}, and
statistics are not searched: they stay. What that costs, it costs the pretrained side. With one
label per class nothing can be searched: the middle rate is taken, statistics move from scratch and
stay if pretrained, and a pretrained network's new head learns ten times as fast as the rest. A
training on all labels that dies goes again at half the rate (metric halved). Rows of test accuracy
tell which test images were right (columns right and groups).
"""
PART = {
    "answers": "- `answers`: what the first seed of each setting of `mismatch` says of a dozen "
    "test images, drawn before anybody saw an answer; `value` is the confidence.",
    "map": "- `map`: where 40 test images lie in the frozen features of the first seed, clean "
    "(clean_x, clean_y) and moved (value, moved_y), on the first two principal axes of all clean "
    "ones, with each way to adapt; `share` is the variance on these axes, `mmd` that of all test "
    "images, clean and moved.",
    "layers": "- `layers`: as `transfer`, with the last stages learning: none (frozen), one, two, "
    "three, all (fine_tune); five seeds.",
    "progress": "- `progress`: accuracy on 500 other images update by update. No search: every "
    "regime takes the middle of the common range, moving statistics and as many updates: by shots "
    f"{', '.join(f'{k}: {u}' for k, u in UPDATES.items())}.",
    "memorised": "- `memorised`: what the first run of each setting of `overfitting` says of its "
    "training images at the end: loss, and as `value` the confidence in the label.",
    "transfer": "- `transfer`: sources, targets, regimes, shots. A results table of `compare`.",
    "statistics": "- `statistics`: small networks fine-tuned as in `transfer`, but with BatchNorm "
    "statistics that stay as the source's (fine_tune_still) or move with the batches "
    "(fine_tune_moving), and no choice; five seeds.",
    "text": "- `text`: as `transfer`, on reviews: `minilm` against `small_text` from scratch, a "
    "bag of words and MiniLM's shape with random weights. Tuned are films alone, five seeds.",
    "speech": "- `speech`: as `transfer`, on spoken words (SYNTHETIC): networks that learned the "
    "source accents, on mild and on strong target accents, against `speech_cnn` and `small_cnn` "
    "from scratch. Held against is the better one, chosen on validation clips.",
    "sizes": "- `sizes`: as `transfer`, at 10 labels, from networks that learnt a share of their "
    "source (column source_images), as many updates for any share; five seeds.",
    "scores": "- `scores`: transferability of every source for every target, on the labels of few "
    "shots, beside the same score on shuffled labels.",
    "overfitting": "- `overfitting`: curves of `small_cnn` (`width` times its channels), or of a "
    "net of letters fine-tuned, on few images of clothes. `train` is what it learns from, `val` "
    'what was watched: 500 other images ("pool"), or, to show what choosing on them does, the test '
    "split in two parts. No search: every curve has "
    f"a learning rate of {CURVE.lr} and {CURVE.updates} updates.",
    "mismatch": "- `mismatch`: trained on clean images, tested with a dial turned, with no "
    "adaptation, with BatchNorm statistics of the target, with CORAL, or with a head fitted anew "
    "once 2 labels per class of the moved images are added. No search: the middle of "
    "the range, and statistics move while it learns. `mmd` (squared) and `a_distance` (proxy "
    "A-distance: clipped, so positive on average between samples of one distribution) tell how far "
    "the test features are from the clean ones.",
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
        "| | claim | mean and 95 % interval | over | verdict |",
        "|---|---|---|---|---|",
        *(claim.row for claim in claims(tables)),
        "",
        "A claim holds, or fails, if the interval says so. A t interval knows no bounds, so that",
        "of a correlation may pass -1.",
    ]
    if "transfer" in tables:
        lines += _which_source(judged(tables["transfer"]))
    if "sizes" in tables and "transfer" in tables:
        lines += _section(
            "How large a source, 10 labels per class",
            "Accuracy minus that of the same network trained from scratch with the same search.",
            by_size(tables["sizes"], tables["transfer"]),
            ("task", "source", "regime", "source_images"),
        )
    if "statistics" in tables:
        lines += _section(
            "What moving BatchNorm statistics add in fine-tuning",
            "fine_tune_moving minus fine_tune_still: the same source, labels and search.",
            statistics(tables["statistics"]),
            ("task", "source", "shots"),
        )
    for part, title in BEYOND.items():
        if part in tables:
            lines += _section(
                f"{title}: pretrained against scratch",
                "Accuracy minus that of a small network trained from scratch on the same labels.",
                beyond(tables[part]),
                ("task", "backbone", "regime", "shots", "opponent"),
            )
    return "\n".join(lines) + "\n"


def _section(title: str, about: str, found: pd.DataFrame, names: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", about, "", *_table(found, names)]


def _which_source(found: pd.DataFrame) -> list[str]:
    real = found[(found["shots"] == 10) & (found["source"] != "none")]
    return [
        "",
        "## Which source helps, 10 labels per class",
        "",
        "Accuracy minus that of the same network trained from scratch with the same search. Lite0",
        "(ImageNet-1k) is larger than what it is compared with.",
        "",
        *_table(real, ("task", "source", "regime")),
        "",
        "## Controls: sources made to be bad, 5 labels per class",
        "",
        *_table(found[found["source"].isin(CONTROLS) & (found["shots"] == 5)], PLACE[:3]),
    ]


def _table(found: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return a table of verdicts, and below it how many false words to expect."""
    lines = [
        f"| {' | '.join(str(row[name]) for name in names)} | {100 * row['difference']:+.1f} "
        f"({100 * row['ci_low']:.1f} to {100 * row['ci_high']:.1f}) "
        f"| {'; '.join(filter(None, (row['verdict'] or 'no word', row['reason'], row['note'])))} |"
        for row in found.to_dict("records")
    ]
    heads = {
        "task": "target",
        "backbone": "network",
        "shots": "labels per class",
        "source_images": "images of the source",
    }
    return [
        f"| {' | '.join(heads.get(name, name) for name in names)} | points | verdict |",
        "|---" * (len(names) + 2) + "|",
        *lines,
        "",
        false_words_told(int((found["verdict"] != "").sum())),
    ]
