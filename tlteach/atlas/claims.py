"""Claims of the field, put to the rows of the atlas, seed by seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tlteach.base import checked
from tlteach.measures import TwoWay, by_image, no_word, on_test, t_interval, two_way
from tlteach.measures.words import span

Tables = Mapping[str, pd.DataFrame]
Answers = tuple[NDArray[np.float64], NDArray[np.intp]]  # seeds x images, and the images' groups


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
    both : TwoWay, optional
        The same over seeds and test images, where the rows tell which images were right.
    """

    id: str
    text: str
    values: tuple[float, ...]
    low: float = -np.inf
    high: float = np.inf
    both: TwoWay | None = None

    @classmethod
    def by_image(cls, id: str, text: str, answers: Answers, **bounds: float) -> Claim:
        """Put a claim to a number for every seed and test image."""
        matrix, groups = answers
        both = two_way(matrix, groups)
        return cls(id, text, tuple(matrix.mean(1).tolist()), both=both, **bounds)

    @property
    def ends(self) -> tuple[float, float, float]:
        """Mean and 95 % interval: over seeds and test images, or over seeds alone."""
        if self.both:
            return self.both.mean, self.both.low, self.both.high
        return t_interval(self.values)

    @property
    def reason(self) -> str:
        """Why there is no word; "" if there is one."""
        return self.both.reason if self.both else no_word(self.values)

    @property
    def word(self) -> str:
        """Verdict: holds or fails, if the 95 % interval says so.

        "" for fewer than five seeds, or where all have the same value: there is no interval then.
        """
        if self.reason:
            return ""
        _, low, high = self.ends
        if low >= self.low and high <= self.high:
            return "holds"
        if low > self.high or high < self.low:
            return "fails"
        return "cannot tell"

    @property
    def row(self) -> str:
        """The claim as a row of a Markdown table."""
        mean, low, high = self.ends
        over = "seeds and images" if self.both else "seeds"
        said = self.word or f"no word: {self.reason}"
        return f"| {self.id} | {self.text} | {mean:.3f} ({span(low, high, 3)}) | {over} | {said} |"


@checked
def claims(tables: Tables) -> list[Claim]:
    """Put the claims A2, A5, A6, A8, A9 and A10 to the tables of the atlas that are there.

    A7 is about a model on paper and stands in the tests.

    Parameters
    ----------
    tables : dict of str to DataFrame
        From `tlteach.atlas.load`, by part.

    Returns
    -------
    list of Claim
        In the order of their parts.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> sorted({claim.id for claim in claims({"mismatch": load("mismatch")})})
    ['A9']
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
        gap = lead(rows, "fashion_5_9", "fashion_0_4_shuffled", "frozen", shots)
        text = f"a frozen source of shuffled labels loses 5 points or more, {shots} shots"
        yield Claim.by_image("A2", text, gap, high=-0.05)
    for name, source, regime in (
        ("fashion_5_9", "fashion_0_4", "fine_tune"),
        ("emoji", "ImageNet-1k", "frozen"),
    ):
        text = f"the gap of {regime} from {source} over scratch closes on {name}, per e-fold shots"
        yield Claim.by_image("A6", text, slopes(rows, name, source, regime), high=0.0)
    text = "fine_tune from fashion_0_4 minus the small CNN from scratch is under 3 points, 50 shots"
    gap = lead(rows, "fashion_5_9", "fashion_0_4", "fine_tune", 50, "small_cnn")
    yield Claim.by_image("A10", text, gap, high=0.03)


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


@checked
def claim_table(claims: Iterable[Claim]) -> pd.DataFrame:
    """Return claims as a table to read: what is claimed, what came out, and the word.

    Parameters
    ----------
    claims : iterable of Claim
        Such as those of `claims`.

    Returns
    -------
    DataFrame
        One row per claim, all of it text.

    Examples
    --------
    >>> table = claim_table([Claim("A0", "it is above 0", (0.1, 0.2, 0.1, 0.2, 0.15), low=0.0)])
    >>> table.iloc[0].tolist()
    ['it is above 0', '0.150 (0.088 to 0.212)', 'seeds', 'holds']
    """
    names = ["claim", "mean and 95 % interval", "over", "verdict"]
    return pd.DataFrame([claim.row.strip("| ").split(" | ")[1:] for claim in claims], columns=names)


def lead(
    transfer: pd.DataFrame,
    target: str,
    source: str,
    regime: str,
    shots: int,
    against: str = "resnet8",
) -> Answers:
    """Return what a regime from a source got right, minus what a net from scratch did.

    Returns
    -------
    array of shape (seeds, test images), array of shape (test images,)
        -1, 0 or 1; and which images belong together.
    """
    rows = on_test(transfer[(transfer["task"] == target) & (transfer["shots"] == shots)])
    ours = (rows["source"] == source) & (rows["regime"] == regime)
    theirs = (rows["backbone"] == against) & (rows["regime"] == "scratch")
    one, other = (rows[mask].set_index("seed").sort_index() for mask in (ours, theirs))
    found = by_image(pd.concat([one, other]))
    assert found is not None, "rows of this part tell which images were right"
    answers, groups = found[:2]
    return answers[: len(one)] - answers[len(one) :], groups


def slopes(transfer: pd.DataFrame, target: str, source: str, regime: str) -> Answers:
    """Return the slope of the gap over scratch against log shots, from 5 shots on.

    A least-squares slope is a weighted sum of the gaps, so every seed and image has its own.
    """
    known = transfer[(transfer["task"] == target) & (transfer["regime"] == "scratch")]
    shots = sorted(k for k in known["shots"].unique() if k >= 5)
    x = np.log(shots) - np.log(shots).mean()
    found = [lead(transfer, target, source, regime, k) for k in shots]
    gaps = np.stack([answers for answers, _ in found])
    return np.tensordot(x / (x**2).sum(), gaps, axes=1), found[0][1]


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


@checked
def severity(mismatch: pd.DataFrame) -> dict[tuple[str, str], tuple[float, ...]]:
    """Return per dial and regime the Spearman correlations of severity and accuracy, by seed.

    Parameters
    ----------
    mismatch : DataFrame
        The part of the atlas of that name.

    Returns
    -------
    dict of (str, str) to tuple of float
        By dial and regime; -1 where accuracy falls at every step.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> float(max(severity(load("mismatch"))["blur", "frozen"])) < 0
    True
    """
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
