"""Tables out of the atlas that charts show: scores, changes, verdicts, how far by when."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd

from tlteach.analysis.transferability import METHODS, agreement
from tlteach.atlas.plan import CONTROLS
from tlteach.atlas.runs import SCORED
from tlteach.base import checked
from tlteach.data import shipped_data
from tlteach.measures import judge

FEWEST = 4  # sources that can be ranked: over three, an interval says nothing


@checked
def measured_on(part: str) -> str:
    """Return where and when a part of the atlas was computed, as a line under a chart.

    Parameters
    ----------
    part : str
        A key of `PARTS` that ships.

    Returns
    -------
    str
        Processor, cores and date.

    Examples
    --------
    >>> measured_on("mismatch").startswith("Measured on ")
    True
    """
    known = json.loads((shipped_data() / "atlas" / "provenance.json").read_text())[part]
    machine = known["machine"]
    return f"Measured on {machine['processor']}, {machine['cores']} cores, {known['date']}."


@checked
def verdicts(differences: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the verdict's word of every group of differences, over seeds alone.

    For parts that do not keep which images were right; others have `judged`.

    Parameters
    ----------
    differences : DataFrame
        With the columns of `by`, and value: one row per seed; positive is better.
    by : sequence of str
        Columns that tell groups apart.

    Returns
    -------
    DataFrame
        The columns of `by`, then verdict; "" for fewer than five seeds, or where nothing differs.

    Examples
    --------
    >>> values = [0.1, 0.12, 0.09, 0.11, 0.1]
    >>> table = pd.DataFrame({"shots": 5, "seed": range(5), "value": values})
    >>> verdicts(table, ["shots"]).to_dict("records")
    [{'shots': 5, 'verdict': 'helps'}]
    """
    words = differences.groupby(list(by))["value"].agg(lambda values: judge(values)[0])
    return words.rename("verdict").reset_index()


def relation(source: str) -> str:
    """Return what a source of the atlas is to its target: real, or made to be bad.

    Examples
    --------
    >>> relation("glyphs"), relation("fashion_0_4_shuffled")
    ('real', 'control')
    """
    return "control" if source in CONTROLS else "real"


@checked
def since_clean(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Return for every run and severity the change since severity 0, on the same seed.

    Parameters
    ----------
    accuracies : DataFrame
        Rows of the part "mismatch" of the atlas, one metric and one way to adapt.

    Returns
    -------
    DataFrame
        The same rows; value is the change.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> rows = load("mismatch").query("metric == 'accuracy' and adaptation == 'none'")
    >>> float(since_clean(rows).query("severity == 0")["value"].abs().max())
    0.0
    """
    keys = ["task", "backbone", "regime", "dial", "seed"]
    clean = accuracies[accuracies["severity"] == 0].set_index(keys)["value"].rename("clean")
    both = accuracies.join(clean, on=keys)
    return accuracies.assign(value=both["value"] - both["clean"])


@checked
def won_by(accuracies: pd.DataFrame, way: str) -> pd.DataFrame:
    """Return for every run and severity what a way to adapt adds to not adapting.

    Parameters
    ----------
    accuracies : DataFrame
        Rows of the part "mismatch" of the atlas, one metric.
    way : str
        Of the column "adaptation", such as "statistics".

    Returns
    -------
    DataFrame
        The rows of that way; value is the difference.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> won = won_by(load("mismatch").query("metric == 'accuracy'"), "statistics")
    >>> won["adaptation"].unique().tolist()
    ['statistics']
    """
    keys = ["task", "backbone", "regime", "dial", "severity", "seed"]
    bare = accuracies[accuracies["adaptation"] == "none"].set_index(keys)["value"].rename("bare")
    both = accuracies[accuracies["adaptation"] == way].join(bare, on=keys)
    return both.assign(value=both["value"] - both["bare"]).drop(columns="bare")


@checked
def score_ranks(found: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return how well each transferability score ranks the real and made sources of a target.

    Parameters
    ----------
    found : DataFrame
        From `gaps`.
    scores : DataFrame
        The part "scores" of the atlas.

    Returns
    -------
    DataFrame
        task, regime, method, tau, low, high, n: as `agreement` tells them, means over seeds
        against means over seeds, at the shots that were scored. Where fewer than four sources
        have both: no row.

    Examples
    --------
    >>> from tlteach.atlas import gaps, load
    >>> found = gaps(load("transfer").query("task == 'digits'"))
    >>> score_ranks(found, load("scores"))["task"].unique().tolist()
    ['digits']
    """
    known = scores[scores["refused"] == ""]
    names = known["backbone"].str.removeprefix("small:").replace("lite0", "ImageNet-1k")
    said = known.assign(source=names).groupby(["task", "method", "source"])["value"].mean()
    same = found[found["shots"] == SCORED]
    gained = same.groupby(["task", "regime", "source"])["value"].mean()
    lines = []
    for (task, regime), gains in gained.groupby(["task", "regime"]):
        for method in METHODS:
            ours = gains.droplevel(["task", "regime"])
            theirs = said.get((task, method), pd.Series(dtype=float))
            both = ours.index.intersection(theirs.index)
            if len(both) < FEWEST:
                continue
            told = agreement(theirs[both], ours[both], seed=0)
            where = {"task": task, "regime": regime, "method": method}
            lines.append(where | {"tau": told.tau, "low": told.low, "high": told.high, "n": told.n})
    return pd.DataFrame(lines)


@checked
def by_share(progress: pd.DataFrame, points: int) -> pd.DataFrame:
    """Return the part "progress" with `share`, how much of all updates was done, in per cent.

    A head that is solved at once stands at every share.

    Parameters
    ----------
    progress : DataFrame
        The part "progress" of the atlas.
    points : int
        Shares at which a solved head is to stand.

    Returns
    -------
    DataFrame
        Its columns, and `share`.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> by_share(load("progress").query("regime == 'frozen'"), 4)["share"].unique().tolist()
    [25.0, 50.0, 75.0, 100.0]
    """
    every = range(100 // points, 101, 100 // points)
    whole = progress.groupby(["regime", "shots"])["step"].transform("max")
    share = (100 * progress["step"] / whole.where(whole > 0)).round()
    level = progress[whole == 0]
    parts = [progress.assign(share=share)[whole > 0], *(level.assign(share=s) for s in every)]
    return pd.concat(parts, ignore_index=True)


@checked
def by_seconds(
    progress: pd.DataFrame, transfer: pd.DataFrame, budgets: Sequence[float]
) -> pd.DataFrame:
    """Return what each run knew after so many seconds: the last accuracy measured by then.

    An update takes the median time of all updates of these networks on that target, whatever the
    regime, since all do the same work; a solved head takes the median time of its search.

    Parameters
    ----------
    progress, transfer : DataFrame
        These parts of the atlas.
    budgets : sequence of float
        Seconds.

    Returns
    -------
    DataFrame
        task, regime, shots, seed, seconds (the budget), value; no row before the first measure.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> table = by_seconds(load("progress"), load("transfer"), [1.0, 10.0])
    >>> table["seconds"].unique().tolist()
    [1.0, 10.0]
    """
    keys = ["task", "backbone", "regime", "shots"]
    rows = transfer.drop_duplicates([*keys, "seed"])
    rows = rows[rows["backbone"].isin(progress["backbone"])]
    stepped = rows[rows["updates"] > 0]
    update = (stepped["seconds"] / stepped["updates"]).groupby(stepped["task"]).median()
    head = rows[rows["updates"] == 0].groupby(keys)["seconds"].median()
    timed = progress.join(head.rename("head"), on=keys)
    took = (timed["step"] * timed["task"].map(update)).where(timed["step"] > 0, timed["head"])
    parts = []
    for budget in budgets:
        known = timed[took <= budget].sort_values("step")
        parts.append(known.drop_duplicates([*keys, "seed"], keep="last").assign(seconds=budget))
    columns = ["task", "regime", "shots", "seed", "seconds", "value"]
    return pd.concat(parts, ignore_index=True)[columns]
