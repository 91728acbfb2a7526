"""Tables of curves: gaps, moments to stop, the images that a net fits worst."""

from __future__ import annotations

import pandas as pd

from tlteach.base import checked

SETTING = ["shots", "width", "regime", "augment", "weight_decay"]


@checked
def generalisation_gap(curves: pd.DataFrame) -> pd.DataFrame:
    """Return training minus validation accuracy of every run at every step.

    Parameters
    ----------
    curves : DataFrame
        The part "overfitting" of the atlas, one value of "watched".

    Returns
    -------
    DataFrame
        The columns of a setting, step, seed, value.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> gap = generalisation_gap(load("overfitting").query("watched == 'pool'"))
    >>> bool(gap["value"].mean() > 0)
    True
    """
    wide = _by_split(curves, "accuracy")
    return (wide["train"] - wide["val"]).rename("value").reset_index()


@checked
def early_stopping(curves: pd.DataFrame) -> pd.DataFrame:
    """Return when each run would have been stopped, and what going on cost.

    The moment is the one of the lowest validation loss. Each run is judged on the images that
    chose its moment, so what is won by stopping is flattered a little.

    Parameters
    ----------
    curves : DataFrame
        The part "overfitting" of the atlas, one value of "watched".

    Returns
    -------
    DataFrame
        The columns of a setting, seed, step, lost: validation accuracy then, minus at the end.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> list(early_stopping(load("overfitting").query("watched == 'pool'")))[-3:]
    ['seed', 'step', 'lost']
    """
    loss = _by_split(curves, "log_loss")["val"].unstack("step")
    accuracy = _by_split(curves, "accuracy")["val"].unstack("step")
    step = loss.idxmin(axis=1)
    then = pd.Series([accuracy.at[key, at] for key, at in step.items()], index=step.index)
    lost = then - accuracy[accuracy.columns.max()]
    return pd.DataFrame({"step": step, "lost": lost}).reset_index()


@checked
def hardest(memorised: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the training images that a net of each setting fits worst.

    Parameters
    ----------
    memorised : DataFrame
        The part of the atlas of that name.
    count : int
        How many of each setting.

    Returns
    -------
    DataFrame
        Its rows of the largest losses, with `rank` from 0.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> hardest(load("memorised"), 2)["rank"].unique().tolist()
    [0, 1]
    """
    rows = memorised.sort_values("loss", ascending=False, kind="stable")
    ranked = rows.assign(rank=rows.groupby(SETTING).cumcount())
    return ranked[ranked["rank"] < count].reset_index(drop=True)


def _by_split(curves: pd.DataFrame, metric: str) -> pd.DataFrame:
    rows = curves[curves["metric"] == metric]
    keys = [*SETTING, "step", "seed"]
    return rows.set_index([*keys, "split"])["value"].unstack("split")
