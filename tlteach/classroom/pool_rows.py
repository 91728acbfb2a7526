"""Which of the learners' runs make the class's table, and why the others do not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from tlteach.base import counted
from tlteach.classroom.submission import Submission
from tlteach.lessons._runs import ROWS
from tlteach.measures.once import BF16

PLACE = ["task", "shots"]
ABOUT = ["alias", "file", "task", "fingerprint", "torch", "tlteach", "format"]
Said = list[tuple[str, str]]  # alias and reason
Seeds = dict[int, dict[str, float]]  # values by regime, by seed


def flatten(submissions: Sequence[Submission]) -> pd.DataFrame:
    """Return all runs of all learners, in order of arrival.

    Parameters
    ----------
    submissions : sequence of Submission
        From `collect`, so by date.
    """
    rows = [
        {
            "alias": one.alias,
            "file": one.file,
            "task": runs.task,
            "fingerprint": runs.fingerprint,
            "torch": minor(runs.versions.get("torch", "unknown")),
            "tlteach": minor(runs.versions.get("tlteach", "unknown")),
            "format": "bf16" if any(r["config"].endswith(BF16) for r in runs.rows) else "fp32",
            **row,
        }
        for one in submissions
        for runs in one.runs
        for row in runs.rows
    ]
    return pd.DataFrame(rows, columns=[*ABOUT, *ROWS])


def minor(version: str) -> str:
    """Return major and minor of a version.

    Examples
    --------
    >>> minor("2.15.0+cpu")
    '2.15'
    """
    return ".".join(version.split("+")[0].split(".")[:2])


def commonest(rows: pd.DataFrame, column: str) -> Any:
    """Return the value that most learners have; of several, the one that arrived first."""
    one_each = rows.drop_duplicates(["alias", column])[column]
    return Counter(one_each).most_common(1)[0][0]


def same_data(rows: pd.DataFrame) -> tuple[pd.DataFrame, Said]:
    """Keep runs on the images and splits that most learners have."""
    usual = {task: commonest(group, "fingerprint") for task, group in rows.groupby("task")}
    kept = rows["fingerprint"] == rows["task"].map(usual)
    others = rows[~kept].drop_duplicates(["alias", "task", "fingerprint"])
    return rows[kept], [
        (
            alias,
            f"{task} has other images or splits: fingerprint {got[:8]}, and the class has "
            f"{usual[task][:8]}",
        )
        for alias, task, got in others[["alias", "task", "fingerprint"]].to_numpy()
    ]


def same_config(rows: pd.DataFrame) -> tuple[pd.DataFrame, Said]:
    """Keep runs with the settings that most learners have, regime by regime.

    A config id covers data, regime, settings, search, backbone and kind of device. Behind it may
    stand a number format, which is the processor's and not the learner's choice.
    """
    cell = [*PLACE, "regime"]
    rows = rows.assign(config=rows["config"].str.removesuffix(BF16))
    usual = {key: commonest(group, "config") for key, group in rows.groupby(cell)}
    wanted = pd.Series(
        [usual[key] for key in zip(*(rows[c] for c in cell), strict=True)], rows.index
    )
    kept = rows["config"] == wanted
    others = rows[~kept].assign(wanted=wanted).drop_duplicates(["alias", *cell, "config"])
    said = []
    for key, group in others.groupby(["alias", *PLACE], sort=False):
        alias, task, shots = map(str, key)
        told = ", ".join(f"{r.regime} {r.config}, not {r.wanted}" for r in group.itertuples())
        why = f"other settings than the class {place(task, shots)}: config of {told}"
        said.append((alias, why))
    return rows[kept], said


def measured_once(rows: pd.DataFrame) -> tuple[pd.DataFrame, Said]:
    """Keep of each learner's repeats the last one; tell where the values differ."""
    run = ["alias", *PLACE, "regime", "seed"]
    differ = rows.groupby(run, sort=False)["value"].nunique()
    said = [
        (alias, f"{regime} {place(task, shots)}, seed {seed}: measured again; the last one is used")
        for alias, task, shots, regime, seed in differ[differ > 1].index
    ]
    return rows.drop_duplicates(run, keep="last"), said


def one_run_one_seed(rows: pd.DataFrame) -> tuple[pd.DataFrame, Said]:
    """Keep a run under the seed that arrived first, where another learner has it under another.

    Values of two seeds may be equal, and so may those of two machines; values and seconds, to the
    last digit, are not. What costs no time (majority) has no seconds to tell by.
    """
    run = [*PLACE, "regime", "value", "seconds", "updates"]
    first = rows.groupby(run)[["alias", "seed"]].transform("first")
    again = (first["alias"] != rows["alias"]) & (first["seed"] != rows["seed"])
    again &= rows["seconds"] > 0
    told = rows.assign(owner=first["alias"], number=first["seed"])[again]
    said = [
        (
            str(row.alias),
            f"{row.regime} {place(row.task, row.shots)}, seed {row.seed}: value and seconds are "
            f"those of seed {row.number} of {row.owner}, so it is one run, counted once",
        )
        for row in told.itertuples()
    ]
    return rows[~again], said


def place(task: object, shots: object) -> str:
    """Return a task and a number of shots in words."""
    return f"on {task} at {counted(shots, 'shot')}"


def learners(n: int) -> str:
    """Return a number of learners in words.

    Examples
    --------
    >>> learners(1), learners(2)
    ('1 learner', '2 learners')
    """
    return f"{n} learner{'' if n == 1 else 's'}"


def one_seed_each(rows: pd.DataFrame, wanted: Collection[str]) -> tuple[pd.DataFrame, Said, Said]:
    """Keep one seed of each learner, and each seed once: task by task, shots by shots.

    Returns
    -------
    kept : DataFrame
    left_out : list of (alias, reason)
    notes : list of (alias, note)
    """
    parts, left_out, notes = [rows[:0]], [], []
    for (task, shots), group in rows.groupby(PLACE, sort=False):
        values: dict[str, Seeds] = {}
        columns = (group[name] for name in ("alias", "seed", "regime", "value"))
        for alias, seed, regime, value in zip(*columns, strict=True):
            values.setdefault(alias, {}).setdefault(seed, {})[regime] = value
        seats = Seats(wanted)
        taken = {alias: seats.seat(alias, seeds) for alias, seeds in values.items()}
        parts.append(group[group["alias"].map(taken) == group["seed"]])
        where = place(task, shots)
        left_out += [(alias, f"{told} {where}: {why}") for alias, told, why in seats.left_out]
        notes += [(alias, f"{told} {where}: {why}") for alias, told, why in seats.notes]
    return pd.concat(parts), left_out, notes


class Seats:
    """Learners take a seed each, in order of arrival.

    A learner takes the first seed that is complete, free, and not to the bit what an earlier
    learner measured; if all free ones are, the first of those, which then counts here and nowhere
    else. Values never decide.

    Parameters
    ----------
    wanted : collection of str
        Regimes that a complete seed has; none: the seed with the most regimes is taken.
    """

    def __init__(self, wanted: Collection[str]) -> None:
        self.wanted = set(wanted)
        self.taken: dict[int, str] = {}
        self.arrived: list[str] = []
        self.seen: dict[tuple[int, str, float], set[int]] = defaultdict(set)  # numbers of arrival
        self.left_out: list[tuple[str, str, str]] = []
        self.notes: list[tuple[str, str, str]] = []

    def seat(self, alias: str, values: Seeds) -> int | None:
        """Return the seed that a learner takes, or none; note what becomes of the others."""
        complete = [seed for seed in values if self.wanted <= set(values[seed])]
        free = [seed for seed in complete if seed not in self.taken]
        copied = {seed: self._original(seed, values[seed]) for seed in values}
        fresh = [seed for seed in free if not copied[seed]]
        seed = max(fresh or free, key=lambda s: 0 if self.wanted else len(values[s]), default=None)
        reasons = defaultdict(list)
        for other in values:
            if other != seed:
                reasons[self._why_not(other, values[other], copied[other], seed)].append(other)
        self.left_out += [(alias, _seeds(which), why) for why, which in reasons.items()]
        if seed is not None:
            self.taken[seed] = alias
            if copied[seed]:
                why = f"same bits as {copied[seed]}'s, and no other is free; it counts once, here"
                self.notes.append((alias, _seeds([seed]), why))
        for number, known in values.items():
            for regime, value in known.items():
                self.seen[number, regime, value].add(len(self.arrived))
        self.arrived.append(alias)
        return seed

    def _original(self, seed: int, values: Mapping[str, float]) -> str:
        """Return who measured all of this before, to the bit; or nothing."""
        regimes = self.wanted or values.keys()
        if not set(regimes) <= set(values):
            return ""
        same = set.intersection(*(self.seen[seed, r, values[r]] for r in regimes))
        return self.arrived[min(same)] if same else ""

    def _why_not(
        self, seed: int, values: Mapping[str, float], original: str, used: int | None
    ) -> str:
        if missing := sorted(self.wanted - set(values)):
            return f"no run of {', '.join(missing)}"
        if original:
            return f"same bits as {original}, counted once (a copy, or the same run again)"
        if seed in self.taken:
            return f"same seed as {self.taken[seed]}, whose run is used"
        return f"one learner is one seed, and {used} is used"


def _seeds(which: Iterable[int]) -> str:
    listed = list(map(str, which))
    return f"{'seed' if len(listed) == 1 else 'seeds'} {', '.join(listed)}"


def version_notes(rows: pd.DataFrame) -> Said:
    """Tell whose versions, or number format, differ from the class's."""
    said = []
    for name in ("torch", "tlteach", "format"):
        if rows[name].nunique() < 2:
            continue
        usual = commonest(rows, name)
        others = rows[rows[name] != usual].drop_duplicates(["alias", name])
        said += [
            (row.alias, f"{name} {getattr(row, name)}, the class has {usual}; used, same settings")
            for row in others.itertuples()
        ]
    return said
