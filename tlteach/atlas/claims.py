"""Claims of the field, put to the rows of the atlas, seed by seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tlteach.atlas.plan import CONTROLS
from tlteach.measures import judge, no_word, on_test, t_interval
from tlteach.measures.stats import AGREE

Tables = Mapping[str, pd.DataFrame]
WORDS = ("verdict", "difference", "ci_low", "ci_high")


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
        """Verdict: holds or fails, if the 95 % interval says so and 3 of 4 seeds agree.

        "" for fewer than five seeds, or where all have the same value: there is no interval then.
        """
        if no_word(self.values):
            return ""
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
        ends = f"{low:.3f} to {high:.3f}" if low <= high else "no interval"
        said = self.word or f"no word: {no_word(self.values)}"
        return f"| {self.id} | {self.text} | {mean:.3f} ({ends}) | {len(self.values)} | {said} |"


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
    rows = on_test(transfer)
    rows = rows[rows["shots"] == shots]
    tried = rows[(rows["source"] != "none") & rows["regime"].isin(["frozen", "fine_tune"])]
    lines = []
    for task, source, regime in sorted(
        set(zip(tried["task"], tried["source"], tried["regime"], strict=True))
    ):
        known = rows[(rows["task"] == task) & (rows["regime"] == "scratch")]
        against = "resnet8" if "resnet8" in set(known["backbone"]) else "small_cnn"
        gap = differences(transfer, task, source, regime, shots, against)
        told = dict(zip(WORDS, judge(gap), strict=True))
        where = {"task": task, "source": source, "regime": regime}
        lines.append(where | {"real": source not in CONTROLS} | told)
    return pd.DataFrame(lines)


def statistics(transfer: pd.DataFrame, moving: pd.DataFrame) -> pd.DataFrame:
    """Judge what moving BatchNorm statistics add to fine_tune, on the same seeds.

    Parameters
    ----------
    transfer, moving : DataFrame
        The parts of the atlas of those names.

    Returns
    -------
    DataFrame
        task, source, shots, verdict, difference, ci_low, ci_high.
    """
    keys = ["task", "source", "shots", "seed"]
    still, move = (
        on_test(rows[rows["regime"] == regime]).set_index(keys)["value"]
        for rows, regime in ((transfer, "fine_tune"), (moving, "fine_tune_moving"))
    )
    return _judged((move - still).dropna(), keys[:3])


def beyond(part: pd.DataFrame) -> pd.DataFrame:
    """Judge every pretrained network and regime of a part against scratch, on the same seeds.

    Parameters
    ----------
    part : DataFrame
        The part "text" or "speech" of the atlas.

    Returns
    -------
    DataFrame
        task, backbone, regime, shots, verdict, difference, ci_low, ci_high.
    """
    rows, keys = on_test(part), ["task", "shots", "seed"]
    scratch = rows[rows["regime"] == "scratch"].set_index(keys)["value"].rename("bare")
    tried = rows[rows["source"] != "none"].join(scratch, on=keys, how="inner")
    names = ["task", "backbone", "regime", "shots"]
    tried = tried.set_index(names)
    return _judged(tried["value"] - tried["bare"], names)


def _judged(differences: pd.Series[float], names: list[str]) -> pd.DataFrame:
    """Judge the differences of each group of these levels of the index."""
    return pd.DataFrame(
        dict(zip(names, key, strict=True)) | dict(zip(WORDS, judge(values), strict=True))
        for key, values in differences.groupby(names)
    )
