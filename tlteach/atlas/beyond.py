"""Texts and speech: pretrained networks held against the strongest one from scratch."""

from __future__ import annotations

import pandas as pd

from tlteach.base import checked, one_of
from tlteach.measures import held_against


@checked
def beyond(part: pd.DataFrame) -> pd.DataFrame:
    """Judge every pretrained network and regime of a part against scratch.

    Parameters
    ----------
    part : DataFrame
        The part "text" or "speech" of the atlas.

    Returns
    -------
    DataFrame
        task, backbone, regime, shots, then what `paired` tells, and `opponent`: the network from
        scratch, of several the one that does best on validation.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> table = beyond(load("speech").query("task == 'spoken_mild' and shots == 5"))
    >>> sorted(table["regime"].unique())
    ['fine_tune', 'frozen']
    """
    lines = []
    for task, rows in part.groupby("task"):
        opponent = strongest(rows)
        scratch = rows[(rows["regime"] == "scratch") & (rows["backbone"] == opponent)]
        tried = rows[rows["source"] != "none"]
        for (net, regime, shots), ours in tried.groupby(["backbone", "regime", "shots"]):
            seeds = ours["seed"].unique()
            theirs = scratch[(scratch["shots"] == shots) & scratch["seed"].isin(seeds)]
            place = {"task": task, "backbone": net, "regime": regime, "shots": shots}
            if len(theirs):
                told = held_against({str(regime): ours, "scratch": theirs}, place)
                lines.append(place | told | {"opponent": opponent})
    return pd.DataFrame(lines)


@checked
def strongest(rows: pd.DataFrame) -> str:
    """Return the network that from scratch has the best mean accuracy on validation.

    Parameters
    ----------
    rows : DataFrame
        Results on one task; networks that were tried at the same shots and seeds.

    Returns
    -------
    str
        A value of the column "backbone".

    Examples
    --------
    >>> rows = pd.DataFrame({"regime": "scratch", "backbone": ["a", "a", "b", "b"],
    ...     "split": "val", "metric": "accuracy", "value": [0.5, 0.6, 0.7, 0.5]})
    >>> strongest(rows)
    'b'
    """
    known = rows[(rows["regime"] == "scratch") & (rows["split"] == "val")]
    means = known[known["metric"] == "accuracy"].groupby("backbone")["value"].mean()
    return str(means.idxmax())


@checked
def arms(part: pd.DataFrame, task: str, backbone: str) -> pd.DataFrame:
    """Return what meets on a task: a network, the same with random weights, and what needs none.

    Parameters
    ----------
    part : DataFrame
        The part "text" or "speech" of the atlas.
    task, backbone : str
        One of each that stands there.

    Returns
    -------
    DataFrame
        Accuracies, each run once. `scratch` is the `strongest` network from scratch; the column
        backbone names `backbone` in every row, since `summarize` takes a table of one.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> sorted(arms(load("speech"), "spoken_mild", "speech_cnn")["regime"].unique())
    ['fine_tune', 'frozen', 'frozen_random', 'majority', 'raw_pixels', 'scratch']
    """
    one_of("task", task, sorted(part["task"].unique()))
    one_of("backbone", backbone, sorted(part["backbone"].unique()))
    here = part[(part["task"] == task) & (part["metric"] == "accuracy")]
    fresh = here["regime"] == "scratch"
    mine = here["backbone"].isin([backbone, f"{backbone}-random", "none"])
    rows = here[(mine & ~fresh) | (fresh & (here["backbone"] == strongest(here)))]
    rows = rows.drop_duplicates(["regime", "shots", "seed", "split"])
    return rows.assign(backbone=backbone)
