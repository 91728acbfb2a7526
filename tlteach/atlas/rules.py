"""What starts from a source beside what needs none, and a learner's rules put to all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from tlteach.atlas.leads import PLACE, SMALL
from tlteach.base import checked
from tlteach.measures import held_against, on_test, only

RUN = ["task", "shots", "source", "backbone", "regime", "seed"]


@checked
def starts(transfer: pd.DataFrame, target: str, source: str) -> pd.DataFrame:
    """Return test accuracies of what starts from one source, and of what needs none.

    Parameters
    ----------
    transfer : DataFrame
        The part "transfer" of the atlas.
    target, source : str
        Values of its columns "task" and "source".

    Returns
    -------
    DataFrame
        Its rows; frozen random weights have a regime of their own, "frozen_random".

    Raises
    ------
    ValueError
        For a target or source that is not there.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> runs = starts(load("transfer"), "digits", "glyphs")
    >>> sorted(runs["regime"].unique())
    ['fine_tune', 'frozen', 'frozen_random', 'majority', 'raw_pixels', 'scratch']
    """
    rows = only(on_test(transfer), task=target, source=[source, "none"])
    rows = rows[~rows["backbone"].isin(SMALL[1:])]
    alone = (rows["source"] == "none") & (rows["regime"] == "frozen")
    rows = rows.assign(regime=rows["regime"].mask(alone, "frozen_random"))
    return rows.drop_duplicates(["regime", "shots", "seed"])


@checked
def worth(
    transfer: pd.DataFrame,
    words: pd.DataFrame,
    lead: Callable[[list[float], dict[str, list[float]]], float],
) -> pd.DataFrame:
    """Return the lead of every source over all ways without one, as a learner's function says it.

    Parameters
    ----------
    transfer : DataFrame
        The part "transfer" of the atlas.
    words : DataFrame
        From `judged`.
    lead : callable
        Of the accuracies with the source, a list, and those of each way without one, a dict.

    Returns
    -------
    DataFrame
        task, source, regime, shots, "against scratch" (the word), lead.

    Examples
    --------
    >>> from tlteach.atlas import judged, load
    >>> transfer = load("transfer")
    >>> transfer = transfer[(transfer["task"] == "digits") & (transfer["shots"] == 1)]
    >>> table = worth(transfer, judged(transfer), lambda mine, others: float(len(others)))
    >>> table["lead"].unique().tolist()
    [4.0]
    """
    runs = on_test(transfer).drop_duplicates(RUN).set_index(RUN)["value"].sort_index()
    found = words[words["source"] != "none"].rename(columns={"verdict": "against scratch"})
    leads = []
    for task, source, regime, shots in found[PLACE].to_numpy():
        bare = runs.loc[task, shots, "none"].groupby(level=["backbone", "regime"])
        without = {" ".join(way): one.tolist() for way, one in bare}
        mine = runs.loc[task, shots, source].xs(regime, level="regime").tolist()
        leads.append(lead(mine, without))
    return found[[*PLACE, "against scratch"]].assign(lead=leads)


@checked
def chosen(
    transfer: pd.DataFrame,
    choose: Callable[[dict[str, float], float, float], str],
    margin: float,
    *,
    tasks: Sequence[str] = ("digits", "emoji", "fashion_5_9"),
    shots: Sequence[int] = (5, 10, 50),
) -> pd.DataFrame:
    """Return which frozen source a rule picks on validation, and what that wins on the test.

    Parameters
    ----------
    transfer : DataFrame
        The part "transfer" of the atlas.
    choose : callable
        Of the validation accuracy of each source (a dict), that of the network without one, and
        the margin; returns a source, or "none".
    margin : float
        How far ahead a source must be.
    tasks, shots : sequence
        Where.

    Returns
    -------
    DataFrame
        task, shots, seed, pick, won: test accuracy of the pick minus that of scratch.

    Raises
    ------
    ValueError
        For a task or a number of shots that is not there.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> picks = chosen(load("transfer"), lambda found, alone, margin: "none", 0)
    >>> float(picks["won"].abs().max())
    0.0
    """
    runs = only(transfer, metric="accuracy", task=[*tasks], shots=[*shots]).drop_duplicates(
        [*RUN, "split"]
    )
    frozen = (runs["regime"] == "frozen") & (runs["source"] != "none")
    alone = (runs["regime"] == "scratch") & (runs["backbone"] == SMALL[0])
    runs = runs[frozen | alone]
    places = ["task", "shots", "seed"]
    wide = runs.pivot_table("value", places, ["split", "source"])
    rows = []
    for (task, k, seed), one in wide.groupby(places):
        run = one.iloc[0]
        found = run["val"].dropna().to_dict()
        bare = found.pop("none")
        pick = choose(found, bare, margin)
        rows.append((task, k, seed, pick, run["test"][pick] - run["test"]["none"]))
    return pd.DataFrame(rows, columns=[*places, "pick", "won"])


@checked
def rescues(
    transfer: pd.DataFrame, words: pd.DataFrame, pairs: Iterable[tuple[str, str, str]]
) -> pd.DataFrame:
    """Judge three ways out for a bad source: another one, fine-tuning, more labels.

    Parameters
    ----------
    transfer : DataFrame
        The part "transfer" of the atlas.
    words : DataFrame
        From `judged`.
    pairs : iterable of (str, str, str)
        A target, a bad source, another source.

    Returns
    -------
    DataFrame
        place, way, what ("gain": against the bad source, frozen, ten labels; "left": against
        scratch), then what `paired` tells.

    Examples
    --------
    >>> from tlteach.atlas import judged, load
    >>> transfer = load("transfer").query("task == 'digits'")
    >>> table = rescues(transfer, judged(transfer), [("digits", "fashion", "glyphs")])
    >>> table["way"].unique().tolist()
    ['another source', '50 labels', 'fine_tune']
    """
    runs = dict([*transfer.groupby(PLACE)])
    placed = {
        place: rows.drop(columns=PLACE).to_dict("records")[0]
        for place, rows in words.groupby(PLACE)
    }
    rows = []
    for task, bad, other in pairs:
        before = runs[task, bad, "frozen", 10]
        ways = {
            "another source": (other, "frozen", 10),
            "50 labels": (bad, "frozen", 50),
            "fine_tune": (bad, "fine_tune", 10),
        }
        for name, way in ways.items():
            if (task, *way) in placed:
                arms = {"rescue": runs[task, *way], "before": before}
                place = {"place": f"{task}, {bad}", "way": name}
                rows.append(place | {"what": "gain"} | held_against(arms, {"task": task}))
                rows.append(place | {"what": "left"} | placed[task, *way])
    return pd.DataFrame(rows)


@checked
def favourites(scores: pd.DataFrame, tasks: Sequence[str]) -> pd.DataFrame:
    """Return the source that each transferability score puts first, by task and method.

    Parameters
    ----------
    scores : DataFrame
        The part "scores" of the atlas.
    tasks : sequence of str
        Targets.

    Returns
    -------
    DataFrame
        Names of sources: a row per task, a column per method.

    Examples
    --------
    >>> from tlteach.atlas import load
    >>> sorted(favourites(load("scores"), ["emoji"]).loc["emoji"])[:1]
    ['ImageNet-1k']
    """
    names = scores["backbone"].str.removeprefix("small:").replace("lite0", "ImageNet-1k")
    rows = scores.assign(source=names)
    mean = rows.groupby(["task", "method", "source"])["value"].mean().dropna()
    best = mean.groupby(["task", "method"]).idxmax().map(lambda place: place[-1])
    return best.unstack("method").loc[[*tasks]]
