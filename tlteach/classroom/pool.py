"""What a class finds out: each learner is one seed, and the class is the error bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tlteach.base import checked, counted, one_of
from tlteach.classroom.pool_rows import (
    PLACE,
    Said,
    flatten,
    learners,
    measured_once,
    one_run_one_seed,
    one_seed_each,
    same_config,
    same_data,
    version_notes,
)
from tlteach.classroom.submission import collect
from tlteach.experiment import COLUMNS
from tlteach.measures import PER_IMAGE, Verdict, false_words_told, judge, verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Check = Callable[[pd.DataFrame], tuple[pd.DataFrame, Said]]
SHOWN = 12  # lines of a kind on a terminal


@dataclass(frozen=True)
class Pool:
    """A class's runs.

    Attributes
    ----------
    runs : DataFrame
        The runs that are used, in order of arrival: alias, file and the columns of results.
    left_out : DataFrame
        alias, file, reason: everything that is not used.
    notes : DataFrame
        alias, file, note: what is odd about runs or files that are used.

    Examples
    --------
    >>> import tempfile
    >>> pool(tempfile.mkdtemp()).results.empty
    True
    """

    runs: pd.DataFrame
    left_out: pd.DataFrame
    notes: pd.DataFrame

    @property
    def results(self) -> pd.DataFrame:
        """The runs as a results table: one learner is one seed."""
        order = ["task", "backbone", "regime", "shots", "seed"]
        return self.runs[COLUMNS].sort_values(order, ignore_index=True)

    def differences(self, a: str, b: str, **where: Any) -> pd.DataFrame:
        """Return regime `a` minus regime `b` for every learner who has both.

        Parameters
        ----------
        a, b : str
            Values of the column "regime".
        **where
            Picks rows by column, such as ``task="emoji", shots=5``.

        Returns
        -------
        DataFrame
            alias, task, shots, seed, a, b (their accuracies), difference; in order of arrival.

        Raises
        ------
        ValueError
            For an unknown regime, task or number of shots.
        """
        rows = self._of(a, b, where)
        keys = ["alias", *PLACE, "seed"]
        left, right = (rows[rows["regime"] == r].set_index(keys)["value"] for r in (a, b))
        both = pd.concat([left.rename("a"), right.rename("b")], axis=1, join="inner")
        return both.assign(difference=both["a"] - both["b"]).reset_index()

    def unpaired(self, a: str, b: str, **where: Any) -> pd.DataFrame:
        """Return who has only one of two regimes, and so is not in their differences.

        Returns
        -------
        DataFrame
            alias, task, shots, missing.
        """
        keys = ["alias", *PLACE]
        rows = self._of(a, b, where)
        alone = rows[~rows.duplicated(keys, keep=False)]
        missing = alone["regime"].map({a: b, b: a}).rename("missing")
        return alone[keys].assign(missing=missing).reset_index(drop=True)

    def verdict(self, a: str, b: str, **where: Any) -> Verdict:
        """Say in words whether `a` is better than `b`, over all learners who have both.

        What learners hand in does not tell which test images were right, so the interval is over
        learners alone. Fewer than five are too few for a word.
        """
        pairs = self._one_place("verdict", a, b, where)
        rows = self.results.merge(pairs[[*PLACE, "seed"]])
        return verdict(rows, a, b)

    def growth(self, a: str, b: str, **where: Any) -> pd.DataFrame:
        """Return the verdict as it grew with the number of learners, from the second on.

        Who looks after every learner and stops at the first "helps" is wrong more often than the
        interval says: how many learners there will be is decided before.

        Returns
        -------
        DataFrame
            n, alias (who came last), mean, ci_low, ci_high, verdict ("" for fewer than five).
        """
        pairs = self._one_place("growth", a, b, where)
        rows = []
        for n in range(2, len(pairs) + 1):
            word, mean, low, high = judge(pairs["difference"][:n])
            rows.append((n, pairs["alias"][n - 1], mean, low, high, word))
        table = pd.DataFrame(rows, columns=["n", "alias", "mean", "ci_low", "ci_high", "verdict"])
        return table.astype({"n": int, "mean": float, "ci_low": float, "ci_high": float})

    def told_since(self, a: str, b: str, **where: Any) -> int | None:
        """Return with how many learners the verdict became helps or hurts; None: it is neither."""
        table = self.growth(a, b, **where)
        word = table["verdict"].iloc[-1] if len(table) else ""
        if word not in ("helps", "hurts"):
            return None
        return int(table.loc[table["verdict"] != word, "n"].max()) + 1  # two learners have no word

    def figure(self, a: str, b: str, ax: Axes | None = None, **where: Any) -> Axes:
        """Draw one dot per learner, and the interval as it grew with their number.

        Parameters
        ----------
        a, b : str
            Values of the column "regime".
        ax : Axes, optional
            Where to draw; default a new figure.
        **where
            As for `differences`.

        Returns
        -------
        Axes
            `tlteach.plots.describe` tells what they show.
        """
        from tlteach.classroom.pool_figure import draw_growth

        pairs = self._one_place("figure", a, b, where)
        since = self.told_since(a, b, **where)
        said = self.verdict(a, b, **where)
        return draw_growth(pairs, self.growth(a, b, **where), said, since, ax)

    def told(self, a: str, b: str) -> str:
        """Return for every task and number of shots what the class can say, and since when.

        Returns
        -------
        str
            One line each; below several, how many words may be false.
        """
        lines, words = [], 0
        for task, shots in self.differences(a, b)[PLACE].drop_duplicates().to_numpy():
            where = {"task": task, "shots": shots}
            since = self.told_since(a, b, **where)
            held = f"; so from {learners(since)} on" if since else ""
            alone = len(self.unpaired(a, b, **where))
            rest = f"; {learners(alone)} with only one of the two" if alone else ""
            said = self.verdict(a, b, **where)
            words += bool(said.word)
            lines.append(f"{task}, {counted(shots, 'shot')}: {said}{held}{rest}")
        if words > 1:
            lines.append(false_words_told(words))
        return "\n".join(lines) or f"no learner has both {a} and {b} so far"

    def _of(self, a: str, b: str, where: dict[str, Any]) -> pd.DataFrame:
        """Return the runs of two regimes, at one place or at all."""
        rows = self.runs
        for column, value in where.items():
            one_of("column", column, PLACE)
            rows = rows[rows[column] == one_of(column, value, rows[column].unique().tolist())]
        for regime in (a, b) if len(rows) else ():  # nothing has arrived: that is no error
            one_of("regime", regime, rows["regime"].unique().tolist())
        return rows[rows["regime"].isin([a, b])]

    def _one_place(self, what: str, a: str, b: str, where: dict[str, Any]) -> pd.DataFrame:
        pairs = self.differences(a, b, **where)
        places = pairs[PLACE].drop_duplicates()
        if len(places) != 1:
            got = ", ".join(f"task={r.task!r} shots={r.shots}" for r in places.itertuples())
            msg = f"{what} must be asked for one task and number of shots; got {got or 'none'}"
            raise ValueError(msg)
        return pairs

    def __str__(self) -> str:
        unused = int((self.left_out["alias"] == "").sum())
        told = learners(self.runs["alias"].nunique())
        lines = [f"{told} in the class's table; files not used: {unused}"]
        for (task, shots), rows in self.runs.groupby(PLACE):
            counts = rows.groupby("regime")["alias"].nunique()
            told = ", ".join(f"{regime} {n}" for regime, n in counts.items())
            lines.append(f"  {task}, {counted(shots, 'shot')}: {told}")
        for title, table in (("left out", self.left_out), ("notes", self.notes)):
            said = [f"  {r[0] or r[1]}: {r[2]}" for r in table.itertuples(index=False)]
            more = [f"  and {len(said) - SHOWN} more"] if len(said) > SHOWN else []
            lines += [title, *said[:SHOWN], *more] if said else []
        return "\n".join(lines)

    __repr__ = __str__


@checked
def pool(
    folder: str | Path,
    *,
    regimes: Iterable[str] = (),
    task: str | None = None,
    shots: int | None = None,
    source: str | None = None,
) -> Pool:
    """Merge the runs of a folder of submissions into one results table.

    One learner is one seed. Runs are used where images, splits and config are those of most
    learners; each seed is used once; whatever is not used is listed with its reason. The folder
    may still be filling: call again, and a file that was half written is read then.

    Parameters
    ----------
    folder : str or Path
        Where files of `tlteach submit` arrive.
    regimes : iterable of str, optional
        What a learner must have measured with one seed, such as ``["frozen", "scratch"]``;
        default: a learner's seed with the most regimes is used.
    task, shots : str and int, optional
        Only these runs.
    source : str, optional
        Only runs that start from this source, or from none.

    Returns
    -------
    Pool
        Print it.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> print(pool(tempfile.mkdtemp()))
    0 learners in the class's table; files not used: 0
    """
    arrived = collect(folder)
    files = {one.alias: one.file for one in arrived.submissions}
    odd = [("", *remark) for remark in arrived.remarks(used=True)]
    left = [("", *remark) for remark in arrived.remarks(used=False)]
    rows = _asked(flatten(arrived.submissions), task=task, shots=shots, source=source)
    measured = set(rows["alias"])
    left += [(a, f, "no runs of this kind") for a, f in files.items() if a not in measured]
    checks: list[Check] = [same_data, same_config, measured_once, one_run_one_seed]
    said: Said = []
    for check in checks:
        rows, found = check(rows)
        said += found
    rows, unused, notes = one_seed_each(rows, list(regimes))
    notes += version_notes(rows)
    left += [(alias, files[alias], why) for alias, why in said + unused]
    odd += [(alias, files[alias], note) for alias, note in notes]
    known = rows.assign(split="test", metric="accuracy", images=0, **dict.fromkeys(PER_IMAGE))
    return Pool(
        known[["alias", "file", *COLUMNS]].reset_index(drop=True),
        pd.DataFrame(left, columns=["alias", "file", "reason"]),
        pd.DataFrame(odd, columns=["alias", "file", "note"]),
    )


def _asked(
    rows: pd.DataFrame, *, task: str | None, shots: int | None, source: str | None
) -> pd.DataFrame:
    """Return the runs that were asked for."""
    for column, value in (("task", task), ("shots", shots)):
        if value is not None:
            rows = rows[rows[column] == value]
    return rows if source is None else rows[rows["source"].isin([source, "none"])]
