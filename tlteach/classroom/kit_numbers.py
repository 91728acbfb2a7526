"""Numbers that a class may expect: rows of the atlas, picked in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Real

import pandas as pd

from tlteach import atlas
from tlteach.base import one_of
from tlteach.measures import PER_IMAGE, at_the_edge, contrast, estimate
from tlteach.measures.stats import LOWER_IS_BETTER

PARTS = (
    "transfer", "scores", "overfitting", "mismatch", "layers", "progress", "statistics",
    "text", "speech", "sizes",
)  # fmt: skip
USUAL = {"metric": "accuracy", "split": "test"}  # where a part has them and nothing else is said
MEASURED = ("value", "seconds", "updates", "images", "config", *PER_IMAGE)
MINUS = " minus "


@dataclass(frozen=True)
class Expectation:
    """What the atlas says, over its seeds.

    Attributes
    ----------
    what : str
        In words.
    part : str
        Of the atlas.
    rows : str
        How the rows were picked.
    mean, low, high : float
        With its 95 % interval: over seeds and test images where the rows tell which were right,
        else over seeds alone; NaN ends if all are alike.
    lowest, highest : float
        Of single seeds: the band in which one run may lie.
    n_seeds : int
    unit : {"%", "points", ""}
        What it is told in; the numbers themselves are fractions.
    verdict : str
        Of a difference: its word, or "no word"; else empty.
    """

    what: str
    part: str
    rows: str
    mean: float
    low: float
    high: float
    lowest: float
    highest: float
    n_seeds: int
    unit: str
    verdict: str

    @property
    def centre(self) -> str:
        """The mean in its unit, that of a difference with a sign."""
        sign = "+" if self.verdict and self.mean > 0 else ""
        return f"{sign}{self._told(self.mean)} {self.unit}".strip()

    @property
    def interval(self) -> str:
        """The ends of the interval of the mean."""
        ends = f"{self._told(self.low)} to {self._told(self.high)}"
        return ends if self.low <= self.high else "no interval"

    @property
    def band(self) -> str:
        """The lowest and the highest seed."""
        return f"{self._told(self.lowest)} to {self._told(self.highest)}"

    def _told(self, number: float) -> str:
        return f"{100 * number:.1f}" if self.unit else f"{number:.3f}"

    def __str__(self) -> str:
        end = f", {self.verdict}" if self.verdict else ""
        return f"{self.what}: {self.centre} ({self.interval}){end}"


def expect(what: str, rows: str) -> Expectation:
    """Return what the atlas says.

    Parameters
    ----------
    what : str
        In words, for the reader.
    rows : str
        A part of the atlas and columns with their values. After "minus" stand the columns in
        which the other side of a difference differs; both sides are paired by seed.

    Raises
    ------
    ValueError
        For an unknown part, column or value, or where a seed stands twice.

    Examples
    --------
    >>> told = expect("letters for clothes", "transfer task=fashion_5_9 source=glyphs shots=50 "
    ...     "regime=frozen minus source=none backbone=resnet8 regime=scratch")
    >>> told.n_seeds, told.unit, told.verdict
    (10, 'points', 'hurts')
    """
    first, minus, other = rows.partition(MINUS)
    part, *filters = first.split()
    table = _load(one_of("part of the atlas", part, PARTS))
    asked = _filters(filters)
    metric = asked.get("metric", "accuracy" if "metric" in table else "")
    ours, verdict = _pick(table, asked), ""
    values = ours["value"]
    if minus:
        turned = asked | _filters(other.split())
        theirs = _pick(table, turned)
        seeds = ours.index.intersection(theirs.index)
        ours, theirs = ours.loc[seeds], theirs.loc[seeds]
        values = ours["value"] - theirs["value"]
        mean, low, high, verdict = _difference(ours, theirs, metric)
        arms = {"ours": _of(table, asked), "theirs": _of(table, turned)}
        if verdict and at_the_edge(arms):
            verdict = "cannot tell"
    else:
        found = estimate(ours, metric)
        mean, low, high = found.mean, found.low, found.high
    share = "points" if minus else "%"
    return Expectation(
        what, part, rows, mean, low, high, float(values.min()), float(values.max()),
        len(values), share if metric == "accuracy" else "", verdict or "no word" * bool(minus),
    )  # fmt: skip


def _difference(
    ours: pd.DataFrame, theirs: pd.DataFrame, metric: str
) -> tuple[float, float, float, str]:
    """Return ours minus theirs with its interval, and the word, which knows what is better."""
    found = contrast(ours, theirs, metric)
    if metric in LOWER_IS_BETTER:
        return -found.mean, -found.high, -found.low, found.word
    return found.mean, found.low, found.high, found.word


@cache
def _load(part: str) -> pd.DataFrame:
    return atlas.load(part)


def _filters(words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    wrong = [name + equals for name, equals, value in pairs if not value]
    if wrong or not words:
        msg = f"rows of the atlas are picked by column=value; got {' '.join(wrong) or 'nothing'}"
        raise ValueError(msg)
    return {name: value for name, _, value in pairs}


def _pick(table: pd.DataFrame, filters: Mapping[str, str]) -> pd.DataFrame:
    """Return the one row of each seed, indexed by it."""
    usual = {
        name: value
        for name, value in USUAL.items()
        if name in table and (table[name] == value).any()
    }
    found = _of(table, usual | dict(filters), every=True)
    # entries of the atlas share baselines, which then stand there twice, alike but for rounding
    found = found.drop_duplicates([name for name in found.columns if name not in MEASURED])
    if found["seed"].duplicated().any():
        same = found[found["seed"] == found["seed"].iloc[0]]
        several = [f"{name}= ({', '.join(map(str, values))})" for name, values in _several(same)]
        msg = f"rows of the atlas must hold each seed once; say also {', '.join(several)}"
        raise ValueError(msg)
    return found.set_index("seed").sort_index()


def _of(table: pd.DataFrame, filters: Mapping[str, str], *, every: bool = False) -> pd.DataFrame:
    """Return the rows that fit; unless `every` filter counts, of all splits and metrics."""
    for name, value in filters.items():
        if every or name not in USUAL:
            column = table[one_of("column", name, [*table.columns])]
            written = {_written(one): one for one in column.unique()}
            table = table[column == written[one_of(name, value, written)]]
    return table


def _written(value: object) -> str:
    """Return a value as it stands in notes: 5, not 5.0."""
    return f"{value:g}" if isinstance(value, Real) else str(value)


def _several(rows: pd.DataFrame) -> list[tuple[str, list[object]]]:
    names = [name for name in rows.columns if name not in MEASURED]
    return [(name, rows[name].unique().tolist()) for name in names if rows[name].nunique() > 1]
