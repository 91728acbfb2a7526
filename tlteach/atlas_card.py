"""What the atlas says: claims of the field put to its rows, and its data card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tlteach.atlas_plan import CONTROLS, SEEDS
from tlteach.atlas_runs import UPDATES
from tlteach.stats import AGREE, judge, t_interval

Tables = Mapping[str, pd.DataFrame]
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
    "every regime of a small network has as many updates and searches two configurations. "
    f"Updates by shots: {', '.join(f'{k}: {u}' for k, u in UPDATES.items())}. fine_tune keeps its "
    "source's BatchNorm statistics, here as everywhere. Lite0 does better so, small nets do not: "
    "letting them move gave 2.2 points more (fashion_5_9 from fashion_0_4, 10 and 50 shots, two "
    "learning rates, 3 seeds, 2026-11-21). So part of what fine_tune loses to scratch is that.",
    "scores": "- `scores`: transferability of every source for every target, on the labels of few "
    "shots, beside the same score on shuffled labels.",
    "overfitting": "- `overfitting`: curves of `small_cnn` (`width` times its channels), or of a "
    "net of letters fine-tuned, on few images of clothes. `train` is what it learns from, `val` "
    'what was watched: 500 other images ("pool"), or, to show what choosing on them does, the test '
    "split in two parts. No search.",
    "mismatch": "- `mismatch`: trained on clean images, tested with a dial turned, with no "
    "adaptation, with BatchNorm statistics of the target or with CORAL. No search: the middle of "
    "the range. fine_tune learned with its source's statistics, so others move it even at "
    "severity 0. `mmd` is the distance of the test features from the clean ones.",
}
HEAD = [
    "| part | rows | core seconds | columns |",
    "|---|---:|---:|---|",
]


@dataclass(frozen=True)
class Claim:
    """One claim, and what the rows say of it.

    Attributes
    ----------
    id, text : str
        Its number in the research notes, and what is claimed.
    low, high : float
        The claim holds if the true value lies between them.
    values : tuple of float
        One per seed.
    """

    id: str
    text: str
    values: tuple[float, ...]
    low: float = -np.inf
    high: float = np.inf

    @property
    def word(self) -> str:
        """Verdict: holds or fails, if the 95 % interval says so and 3 of 4 seeds agree."""
        _, low, high = t_interval(self.values)
        inside = np.mean([self.low <= value <= self.high for value in self.values])
        if low >= self.low and high <= self.high and inside >= AGREE:
            return "holds"
        if (low > self.high or high < self.low) and inside <= 1 - AGREE:
            return "fails"
        return "cannot tell"

    @property
    def row(self) -> str:
        """The claim as a row of a Markdown table."""
        mean, low, high = t_interval(self.values)
        interval = f"{mean:.3f} ({low:.3f} to {high:.3f})"
        return f"| {self.id} | {self.text} | {interval} | {len(self.values)} | {self.word} |"


def claims(tables: Tables) -> list[Claim]:
    """Put the claims A2, A5, A6, A8, A9 and A10 to the tables of the atlas that are there.

    A7 is about a model on paper and stands in the tests.

    Parameters
    ----------
    tables : dict of str to DataFrame
        From `tlteach.atlas.load`, by part.
    """
    ask = {
        "transfer": _of_transfer,
        "scores": _of_scores,
        "overfitting": _of_overfitting,
        "mismatch": _of_mismatch,
    }
    return [claim for part, of in ask.items() if part in tables for claim in of(tables[part])]


def _of_transfer(rows: pd.DataFrame) -> Iterator[Claim]:
    for shots in (5, 50):
        gap = differences(rows, "fashion_5_9", "fashion_0_4_shuffled", "frozen", shots)
        text = f"a frozen source of shuffled labels loses 5 points or more, {shots} shots"
        yield Claim("A2", text, gap, high=-0.05)
    for name, source, regime in (
        ("fashion_5_9", "fashion_0_4", "fine_tune"),
        ("emoji", "ImageNet-1k", "frozen"),
    ):
        text = f"the gap of {regime} from {source} over scratch closes on {name}, per e-fold shots"
        yield Claim("A6", text, slopes(rows, name, source, regime), high=0.0)
    text = "fine_tune from fashion_0_4 minus the small CNN from scratch is under 3 points, 50 shots"
    gap = differences(rows, "fashion_5_9", "fashion_0_4", "fine_tune", 50, "small_cnn")
    yield Claim("A10", text, gap, high=0.03)


def _of_scores(rows: pd.DataFrame) -> Iterator[Claim]:
    logme = rows[(rows["method"] == "logme") & (rows["task"] == "emoji")]
    for backbone, group in logme.groupby("backbone"):
        text = f"LogME of {backbone} falls when the labels of emoji are shuffled"
        yield Claim("A5", text, tuple(group.sort_values("seed")["gap"]), low=0.0)


def _of_overfitting(rows: pd.DataFrame) -> Iterator[Claim]:
    text = "accuracy gained by choosing the best of 20 moments on 200 test images"
    yield Claim("A8", text, selection(rows), low=0.0)


def _of_mismatch(rows: pd.DataFrame) -> Iterator[Claim]:
    for (dial, regime), values in severity(rows).items():
        text = f"rank correlation of severity and accuracy is -0.9 or less, {dial}, {regime}"
        yield Claim("A9", text, values, high=-0.9)


def differences(
    transfer: pd.DataFrame,
    target: str,
    source: str,
    regime: str,
    shots: int,
    against: str = "resnet8",
) -> tuple[float, ...]:
    """Return per seed the accuracy of a regime from a source, minus that of a net from scratch."""
    rows = transfer[
        (transfer["task"] == target)
        & (transfer["shots"] == shots)
        & (transfer["split"] == "test")
        & (transfer["metric"] == "accuracy")
    ]
    ours = (rows["source"] == source) & (rows["regime"] == regime)
    theirs = (rows["backbone"] == against) & (rows["regime"] == "scratch")
    one, other = (rows[mask].set_index("seed")["value"] for mask in (ours, theirs))
    return tuple((one - other.loc[one.index]).sort_index())


def slopes(transfer: pd.DataFrame, target: str, source: str, regime: str) -> tuple[float, ...]:
    """Return per seed the slope of the gap over scratch against log shots, from 5 shots on."""
    known = transfer[(transfer["task"] == target) & (transfer["regime"] == "scratch")]
    shots = sorted(k for k in known["shots"].unique() if k >= 5)
    gaps = [differences(transfer, target, source, regime, k) for k in shots]
    return tuple(np.polyfit(np.log(shots), np.array(gaps), 1)[0])


def selection(overfitting: pd.DataFrame) -> tuple[float, ...]:
    """Return per seed: the best accuracy on 200 test images, minus that of an honest choice.

    The honest choice is the moment that 500 other images prefer; the runs are bit for bit the
    same, only what is watched differs.
    """
    chosen = overfitting[
        (overfitting["shots"] == 20)
        & (overfitting["width"] == 1.0)
        & (overfitting["regime"] == "scratch")
        & (overfitting["augment"] == "none")
        & (overfitting["weight_decay"] == 0.0)
        & (overfitting["split"] == "val")
        & (overfitting["metric"] == "accuracy")
    ]
    curves = chosen.pivot(index=["seed", "step"], columns="watched", values="value")
    gains = []
    for _, curve in curves.groupby(level="seed"):
        honest = curve["pool"].argmax()
        gains.append(float(curve["test 200"].max() - curve["test 200"].iloc[honest]))
    return tuple(gains)


def severity(mismatch: pd.DataFrame) -> dict[tuple[str, str], tuple[float, ...]]:
    """Return per dial and regime the Spearman correlations of severity and accuracy, by seed."""
    rows = mismatch[
        (mismatch["adaptation"] == "none")
        & (mismatch["metric"] == "accuracy")
        & (mismatch["task"] == "fashion_5_9")
        & mismatch["dial"].isin(["noise", "blur", "contrast", "pixelate"])
    ]
    found: dict[tuple[str, str], tuple[float, ...]] = {}
    for key, group in rows.groupby(["dial", "regime"]):
        dial, regime = map(str, key)
        found[dial, regime] = tuple(
            curve["severity"].corr(curve["value"], method="spearman")
            for _, curve in group.groupby("seed")
        )
    return found


def sources(transfer: pd.DataFrame, shots: int = 10) -> pd.DataFrame:
    """Judge every source and regime against scratch on its target.

    Returns
    -------
    DataFrame
        task, source, regime, real (not a control), verdict, difference, ci_low, ci_high.
    """
    rows = transfer[(transfer["split"] == "test") & (transfer["metric"] == "accuracy")]
    rows = rows[rows["shots"] == shots]
    tried = rows[(rows["source"] != "none") & rows["regime"].isin(["frozen", "fine_tune"])]
    lines = []
    for task, source, regime in sorted(
        set(zip(tried["task"], tried["source"], tried["regime"], strict=True))
    ):
        known = rows[(rows["task"] == task) & (rows["regime"] == "scratch")]
        against = "resnet8" if "resnet8" in set(known["backbone"]) else "small_cnn"
        gap = differences(transfer, task, source, regime, shots, against)
        word, mean, low, high = judge(gap)
        lines.append(
            {
                "task": task,
                "source": source,
                "regime": regime,
                "real": source not in CONTROLS,
                "verdict": word,
                "difference": mean,
                "ci_low": low,
                "ci_high": high,
            }
        )
    return pd.DataFrame(lines)


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
        "interval knows no bounds, so that of a correlation may pass -1.",
    ]
    if "transfer" in tables:
        lines += _which_source(sources(tables["transfer"]))
    return "\n".join(lines) + "\n"


def _which_source(judged: pd.DataFrame) -> list[str]:
    rows = [
        f"| {r['task']} | {r['source']} | {r['regime']} | {100 * r['difference']:+.1f} "
        f"({100 * r['ci_low']:.1f} to {100 * r['ci_high']:.1f}) | {r['verdict']} |"
        for r in judged.to_dict("records")
    ]
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
    ]
