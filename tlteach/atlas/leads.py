"""Sources held against the same network without one: run by run, and in words."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import pandas as pd

from tlteach.base import checked, one_of
from tlteach.measures import held_against, on_test, paired

PLACE = ["task", "source", "regime", "shots"]
TRIED = ("frozen", "fine_tune")
SMALL = ("resnet8", "small_cnn")  # from scratch; the first that a target has
RANDOM = {"lite0": "lite0-random"}  # frozen; of small networks resnet8's
Pair = tuple[tuple[Hashable, ...], pd.DataFrame, pd.DataFrame]


@checked
def gaps(transfer: pd.DataFrame, against: str = "scratch") -> pd.DataFrame:
    """Return for every source, run by run, accuracy minus that of a net without a source.

    Parameters
    ----------
    transfer : DataFrame
        The part "transfer" of the atlas.
    against : {"scratch", "frozen", "best"}
        The same network trained from scratch, its frozen random weights, or the best of what
        was run without a source, on validation (none with one label per class).

    Returns
    -------
    DataFrame
        task, source, regime, shots, seed, value. Lite0, which is larger than any net trained
        from scratch here, is measured against that target's small net.

    Raises
    ------
    ValueError
        For an unknown `against`.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> list(gaps(load("transfer").query("task == 'digits' and shots == 5")))
    ['task', 'source', 'regime', 'shots', 'seed', 'value']
    """
    tables = []
    for key, ours, theirs in _pairs(on_test(transfer), against):
        left, right = (rows.set_index("seed")["value"] for rows in (ours, theirs))
        found = (left - right).rename("value").sort_index().reset_index()
        tables.append(pd.DataFrame([key] * len(found), columns=PLACE).join(found))
    return pd.concat(tables, ignore_index=True)


@checked
def judged(transfer: pd.DataFrame, against: str = "scratch") -> pd.DataFrame:
    """Judge every source, at every number of labels, against a net without a source.

    Parameters
    ----------
    transfer : DataFrame
        The part "transfer" of the atlas.
    against : {"scratch", "frozen", "best"}
        As in `gaps`.

    Returns
    -------
    DataFrame
        task, source, regime, shots, then what `paired` tells, and `reached`, the mean accuracy:
        the intervals are over seeds and test images. Against "scratch" frozen random weights
        stand there too, as source "none".

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> table = judged(load("transfer").query("task == 'digits' and shots == 5"))
    >>> "none" in table["source"].tolist(), {*table["verdict"]} <= {"helps", "hurts", "cannot tell"}
    (True, True)
    """
    pairs = [*_pairs(transfer, against)]
    if against == "scratch":
        pairs += _controls(transfer)
    lines = []
    for key, ours, theirs in pairs:
        place = dict(zip(PLACE, key, strict=True))
        a = "frozen_random" if place["source"] == "none" else str(place["regime"])
        reached = on_test(ours)["value"].mean()
        told = held_against({a: ours, _without(theirs): theirs}, place)
        lines.append(place | told | {"reached": reached})
    return pd.DataFrame(lines)


def _pairs(transfer: pd.DataFrame, against: str) -> Iterator[Pair]:
    """Yield a place, all rows of a source there, and all of what it is held against."""
    one_of("against", against, ("scratch", "frozen", "best"))
    tried = transfer[(transfer["source"] != "none") & transfer["regime"].isin(TRIED)]
    for (task, shots), here in tried.groupby(["task", "shots"]):
        there = transfer[(transfer["task"] == task) & (transfer["shots"] == shots)]
        for (source, regime, net), ours in here.groupby(["source", "regime", "backbone"]):
            if against == "frozen":
                theirs = _random(there, str(net))
            else:
                theirs = _scratch(there) if against == "scratch" else _best(there)
            if len(theirs):  # large networks were tuned on fewer seeds
                mine = ours[ours["seed"].isin(theirs["seed"])]
                bare = theirs[theirs["seed"].isin(ours["seed"])]
                yield (task, source, regime, shots), mine, bare


def _scratch(here: pd.DataFrame) -> pd.DataFrame:
    rows = here[here["regime"] == "scratch"]
    nets = [net for net in SMALL if (rows["backbone"] == net).any()]
    return rows[rows["backbone"].isin(nets[:1])]


def _random(here: pd.DataFrame, net: str) -> pd.DataFrame:
    if net in RANDOM:
        return here[(here["regime"] == "frozen_random") & (here["backbone"] == RANDOM[net])]
    bare = (here["regime"] == "frozen") & (here["source"] == "none")
    return here[bare & (here["backbone"] == SMALL[0])]


def _best(here: pd.DataFrame) -> pd.DataFrame:
    """Return the runs without a source that have the best mean accuracy on validation."""
    bare = here[here["source"] == "none"]
    val = bare[(bare["split"] == "val") & (bare["metric"] == "accuracy")]
    if val.empty:
        return val
    means = val.groupby(["backbone", "regime"])["value"].mean()
    net, regime = means.index[int(means.argmax())]
    chosen: pd.DataFrame = bare[(bare["backbone"] == net) & (bare["regime"] == regime)]
    # pixels stand beside each of two networks: the same but for rounding
    return chosen.drop_duplicates(["seed", "split", "metric"])


def _without(rows: pd.DataFrame) -> str:
    """Name what was run without a source."""
    name = str(rows["regime"].iloc[0])
    return "frozen_random" if name == "frozen" else name


def _controls(transfer: pd.DataFrame) -> Iterator[Pair]:
    """Yield frozen random weights, held against the same network trained from scratch."""
    for (task, shots), here in transfer.groupby(["task", "shots"]):
        random, scratch = _random(here, ""), _scratch(here)
        if len(random) and (scratch["backbone"] == SMALL[0]).any():
            yield (task, "none", "frozen", shots), random, scratch


@checked
def statistics(rows: pd.DataFrame) -> pd.DataFrame:
    """Judge what moving BatchNorm statistics add in fine-tuning.

    Parameters
    ----------
    rows : DataFrame
        The part "statistics" of the atlas.

    Returns
    -------
    DataFrame
        task, source, shots, then what `paired` tells.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> statistics(load("statistics").query("task == 'digits'"))["shots"].tolist()
    [5, 50]
    """
    return paired(rows, "fine_tune_moving", "fine_tune_still", by=("task", "source", "shots"))


@checked
def by_size(sizes: pd.DataFrame, transfer: pd.DataFrame) -> pd.DataFrame:
    """Judge how far a source leads, by how many of its images were learnt.

    Parameters
    ----------
    sizes, transfer : DataFrame
        These parts of the atlas: networks that learnt a share of a source, and the same small
        network from scratch, on the same labels.

    Returns
    -------
    DataFrame
        task, source, regime, share, source_images, then what `paired` tells of the regime against
        scratch, and `against_all`: the verdict of this share against the whole source.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> sizes = load("sizes").query("task == 'digits' and regime == 'frozen'")
    >>> by_size(sizes, load("transfer"))["share"].unique().tolist()
    [0.0625, 0.125, 0.25, 0.5, 1.0]
    """
    lines = []
    for (task, source, regime), ours in sizes.groupby(["task", "source", "regime"]):
        shots, whole = ours["shots"].iloc[0], ours[ours["share"] == 1]
        there = transfer[(transfer["task"] == task) & (transfer["shots"] == shots)]
        scratch = _scratch(there[there["seed"].isin(ours["seed"])])
        for (share, images), part in ours.groupby(["share", "source_images"]):
            place = {"task": task, "source": source, "regime": regime, "share": share}
            told = held_against({str(regime): part, "scratch": scratch}, place)
            if share == 1:
                told["against_all"] = ""
            else:
                told["against_all"] = held_against({"part": part, "all": whole}, place)["verdict"]
            lines.append(place | {"source_images": images} | told)
    return pd.DataFrame(lines)
