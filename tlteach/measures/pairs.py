"""Tables of results in, tables of means, differences and words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tlteach.base import checked, one_of
from tlteach.measures.balance import default_metric
from tlteach.measures.caveats import at_the_edge, own_recipes, stopped_by_cap
from tlteach.measures.estimate import Estimate, contrast, estimate
from tlteach.measures.once import counts, each_once, left_out
from tlteach.measures.rows import pick
from tlteach.measures.stats import LOWER_IS_BETTER


@checked
def summarize(
    results: pd.DataFrame,
    by: Sequence[str] = ("task", "backbone", "regime", "shots", "split"),
    metric: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the summary table: one row per group with mean, interval and number of seeds.

    The interval of a test accuracy is over seeds and test images, images that belong together
    counted as one draw; where the rows do not tell which images were right (other metrics and
    splits, results of older versions) it is over seeds alone.

    Parameters
    ----------
    results : DataFrame
        From `compare`.
    by : sequence of str
        Columns that tell groups apart.
    metric : str, optional
        Which rows; default accuracy, or balanced accuracy where one class has over ten times the
        test images of another (`default_metric`).
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    DataFrame
        The columns of `by`, then metric, mean, ci_low, ci_high, n_seeds, seeds_low and seeds_high
        (the ends over seeds alone) and over: "seeds and images", "seeds" or "seeds and
        splits" (`tlteach.resplit`), what the interval is over. NaN ends for one seed, or where
        nothing differs. Runs that diverged are left out; where there are any, the column
        "diverged" counts them.

    Raises
    ------
    ValueError
        If a seed stands twice in a group, or its seeds have several configurations: then `by`
        leaves out a column that differs. If runs of a group were tested on different images.

    Examples
    --------
    >>> results = pd.DataFrame({"regime": "frozen", "seed": [0, 1, 2], "metric": "accuracy",
    ...                         "value": [0.5, 0.6, 0.7]})
    >>> summarize(results, by=["regime"]).round(2).to_dict("records")
    [{'regime': 'frozen', 'metric': 'accuracy', 'mean': 0.6, 'ci_low': 0.35, 'ci_high': 0.85,
      'n_seeds': 3, 'seeds_low': 0.35, 'seeds_high': 0.85, 'over': 'seeds'}]
    """
    metric = metric or default_metric(results)
    rows = pick(results, metric)
    by = [one_of("column of by", name, results.columns) for name in by]
    each_once(rows, by)
    lines = []
    for key, group in rows.groupby(by):
        found = estimate(group.set_index("seed"), metric, level)
        place = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        ends = _ends(found) | {"diverged": found.lost}
        lines.append(place | {"metric": metric} | {"mean": found.mean} | ends)
    table = pd.DataFrame(lines)
    return table if table["diverged"].any() else table.drop(columns="diverged")


@checked
def paired(
    results: pd.DataFrame,
    a: str,
    b: str,
    *,
    by: Sequence[str] = ("task", "shots"),
    metric: str | None = None,
    split: str = "test",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare two regimes seed by seed and image by image, group by group.

    The interval of a test accuracy is over seeds and test images (`two_way`) where the rows of
    both regimes tell which images were right; else it is over seeds alone (`judge`).

    Parameters
    ----------
    results : DataFrame
        From `compare`.
    a, b : str
        Values of the column "regime".
    by : sequence of str
        Columns that tell groups apart.
    metric, split : str
        Which rows; the metric is by default that of `default_metric`.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    DataFrame
        The columns of `by`, then metric, a, b; difference, turned so that positive means a is
        better; its ci_low, ci_high; n_seeds; seeds_low, seeds_high, the ends over seeds alone;
        over ("seeds and images", "seeds" or "seeds and splits": what the ends are over);
        n_images, n_groups (0 unless over images); won (seeds in which a was better); verdict
        ("helps", "hurts", "cannot tell", or "" if there is no word); reason (why there is none, or
        why it is withheld: `at_the_edge`) and note (`stopped_by_cap`, `own_recipes`, and how many
        runs diverged: their seeds are left out).

    Raises
    ------
    ValueError
        For an unknown regime, a seed that stands twice, seeds of several configurations in one
        regime, or where the seeds or the test images of a and b differ.

    Examples
    --------
    >>> results = pd.DataFrame({"task": "emoji", "shots": 5, "split": "test",
    ...     "regime": ["a"] * 5 + ["b"] * 5, "seed": [0, 1, 2, 3, 4] * 2, "metric": "accuracy",
    ...     "value": [0.5, 0.6, 0.7, 0.6, 0.6, 0.4, 0.52, 0.6, 0.5, 0.51]})
    >>> paired(results, "a", "b")[["difference", "over", "verdict"]].round(3).to_dict("records")
    [{'difference': 0.094, 'over': 'seeds', 'verdict': 'helps'}]
    """
    if a == b:
        msg = f"a and b must be two regimes; got {a!r} twice"
        raise ValueError(msg)
    metric = metric or default_metric(results)
    rows = pick(results, metric)
    rows = rows[rows["split"] == one_of("split", split, rows["split"].unique())]
    for regime in (a, b):
        one_of("regime", regime, rows["regime"].unique())
    lines = []
    for key, runs in results.groupby(list(by)):
        place = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        here = runs[(runs["metric"] == metric) & (runs["split"] == split)]
        if {a, b} <= set(here["regime"]):  # else one was not run here: there is nothing to pair
            arms = {regime: runs[runs["regime"] == regime] for regime in (a, b)}
            lines.append(place | held_against(arms, place, metric=metric, split=split, level=level))
    return pd.DataFrame(lines)


@checked
def held_against(
    arms: Mapping[str, pd.DataFrame],
    place: Mapping[str, Any],
    *,
    metric: str = "accuracy",
    split: str = "test",
    level: float = 0.95,
) -> dict[str, Any]:
    """Compare two arms at one place: what `paired` returns for it, as a dict.

    Parameters
    ----------
    arms : mapping of str to DataFrame
        Two names, and all rows of each arm there: of every metric and split.
    place : mapping
        What to call the place in an error.
    metric : str, default "accuracy"
        What counts.
    split : str, default "test"
        Which rows.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    dict of str to object
        The columns that `paired` has behind those of its `by`.

    Raises
    ------
    ValueError
        Where a seed stands twice, or the seeds or the test images of the two differ.

    Examples
    --------
    >>> rows = pd.DataFrame({"split": "test", "metric": "accuracy", "seed": [0, 1, 2, 3, 4],
    ...     "value": [0.4, 0.52, 0.6, 0.5, 0.51]})
    >>> better = rows.assign(value=[0.5, 0.6, 0.7, 0.6, 0.6])
    >>> found = held_against({"a": better, "b": rows}, {"task": "emoji"})
    >>> round(found["difference"], 3), found["over"], found["verdict"]
    (0.094, 'seeds', 'helps')
    """
    a, b = arms
    left, right = (
        rows[(rows["metric"] == metric) & (rows["split"] == split)].set_index("seed").sort_index()
        for rows in arms.values()
    )
    _check_seeds(left, right, a, b, place)
    diverged = left_out({a: left, b: right})
    found = contrast(left, right, metric, level)
    word, reason = found.word, found.reason
    edge = at_the_edge(arms)
    if word and edge:
        word, reason = "cannot tell", edge
    notes = [stopped_by_cap(arms), own_recipes(arms), diverged]
    more, less = (right, left) if metric in LOWER_IS_BETTER else (left, right)
    return (
        {"metric": metric, "a": a, "b": b, "difference": found.mean}
        | _ends(found)
        | {"n_images": found.n_images, "n_groups": found.n_groups}
        | {"won": int((more["value"] > less["value"])[counts(more) & counts(less)].sum())}
        | {"verdict": word, "reason": reason, "note": "; ".join(filter(None, notes))}
    )


def _check_seeds(
    left: pd.DataFrame, right: pd.DataFrame, a: str, b: str, place: Mapping[str, Any]
) -> None:
    for arm in (left, right):
        each_once(arm, [name for name in ("regime", *place) if name in arm])
    seeds = left.index.tolist(), right.index.tolist()
    if seeds[0] != seeds[1]:
        msg = (
            f"{a} and {b} must have the same seeds at {dict(place)}; got {seeds[0]} and {seeds[1]}"
        )
        raise ValueError(msg)


def _ends(found: Estimate) -> dict[str, Any]:
    return {
        "ci_low": found.low,
        "ci_high": found.high,
        "n_seeds": found.n_seeds,
        "seeds_low": found.seeds_low,
        "seeds_high": found.seeds_high,
        "over": found.over,
    }
