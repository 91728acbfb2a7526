"""The chart of the contrast itself: what a source is worth, told in labels, updates and seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from tlteach import atlas
from tlteach.atlas import by_seconds, by_share, measured_on
from tlteach.atlas.curves import POINTS
from tlteach.atlas.leads import SMALL
from tlteach.atlas.plan import SHOTS
from tlteach.base import checked, one_of
from tlteach.data import SUBTASKS, TASKS, Task, load_task
from tlteach.measures import on_test
from tlteach.plots.style import BASELINES, REGIMES, looks
from tlteach.widgets import _ways
from tlteach.widgets._chart import Chart
from tlteach.widgets._cube import cube
from tlteach.widgets._spec import Control, Panel, Series, Spec

LEAD = "How many labels does a source save? Choose images, move the labels, and read the sentence."
CARDS = {  # a target, the network that knows a source, and how people would call both
    "photos": ("lite0", "photographs, with ImageNet"),
    "emoji": ("lite0", "emoji, with ImageNet"),
    "fashion_5_9": ("small:fashion_0_4", "clothes, with other clothes"),
    "digits": ("small:glyphs", "digits, with letters"),
}
LINES = ("scratch", "frozen", "fine_tune")
CALLED = {"raw_pixels": "logistic regression on pixels"}
BUDGETS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
SHARES = tuple(range(100 // POINTS, 101, 100 // POINTS))
AGAINST = ("labels", "updates", "seconds")
PRESETS = {
    "photographs": "target=photos;shots=5;arm=frozen;against=labels",
    "fine-tuned": "target=fashion_5_9;shots=20;arm=fine_tune;against=labels",
    "far source": "target=digits;shots=10;arm=frozen;against=labels",
    "in seconds": "target=digits;shots=10;arm=frozen;against=seconds",
}
Y = (0, 0.2, 0.4, 0.6, 0.8, 1)


@checked
def three_ways(
    results: pd.DataFrame | None = None, *, state: str = "", task: Task | None = None
) -> Chart:
    """Show what regimes reach with few labels, and how many labels a source saves.

    Parameters
    ----------
    results : DataFrame, optional
        From `compare`, one backbone; default four targets of the atlas.
    state : str, default ""
        Where the controls stand: target, shots, arm, and of the atlas against, share and seconds.
    task : Task, optional
        What `results` are of, for pictures of its test images; tasks that ship need none.

    Returns
    -------
    Chart
        Over `results` or the atlas.

    Raises
    ------
    ValueError
        If `results` lack columns, or hold fewer than two regimes.

    Examples
    --------
    >>> chart = three_ways(state="target=emoji;shots=5")
    >>> chart.describe().split(" labels: ")[1].split(" (")[0]
    'frozen needs 5 labels per class where scratch needs about 11'
    """
    if results is None:
        return Chart(_of_atlas(), state=state)
    return Chart(_of_results(results, task), state=state)


@cache
def _of_atlas() -> Spec:
    transfer, progress = atlas.load("transfer"), atlas.load("progress")
    rows = _on_cards(transfer)
    tasks = {name: load_task(name) for name in CARDS}
    arms = ("frozen", "fine_tune")
    cards = Control(
        "target",
        "images",
        tuple(CARDS),
        tuple(label for _, label in CARDS.values()),
        "cards",
        pictures=tuple(_ways.card(task) for task in tasks.values()),
    )
    shots = Control("shots", "labels per class", SHOTS, start=SHOTS.index(5))
    axes = {"target": list(CARDS), "arm": arms, "shots": SHOTS}
    spec = _spec(rows, axes, (cards, shots), tasks, [*LINES, "raw_pixels"], "scratch")
    grown = {"task": list(CARDS), "shots": SHOTS, "regime": LINES}
    lines = _series(LINES)
    timed = cube(by_seconds(progress, transfer, BUDGETS), grown | {"seconds": BUDGETS})
    other = "accuracy on other images"
    by = ("target", "shots")
    panels = (
        Panel("updates", "Accuracy against updates", "updates done, %", other, SHARES, lines, by,
              cube(by_share(progress, POINTS), grown | {"share": SHARES}), "share", Y,
              when=("against", "updates")),
        Panel("seconds", "Accuracy against seconds", "seconds", other, BUDGETS, lines, by,
              timed, "seconds", Y, log=True, when=("against", "seconds")),
    )  # fmt: skip
    against = Control("against", "against", AGAINST, (), "choice")
    share = Control("share", "updates done, %", SHARES, start=POINTS - 1)
    seconds = Control("seconds", "seconds", BUDGETS, start=len(BUDGETS) - 1)
    seeds = progress["seed"].nunique()
    footer = (
        f"Means and 95 % intervals over {seeds} seeds (5 where Lite0 is fine-tuned). "
        "With ImageNet: Lite0, held against a small network from scratch; else the same network. "
        "Against labels: settings searched, measured on the test split, intervals over its "
        "images, too. Against updates and seconds: nothing searched, 500 images of the pool, "
        "seeds alone; one core.",
        measured_on("transfer"),
    )
    first = replace(spec.panels[0], when=("against", "labels"))
    return replace(
        spec,
        controls=(*spec.controls, against, share, seconds),
        panels=(first, *panels),
        presets=PRESETS,
        footer=footer,
    )


def _of_results(results: pd.DataFrame, task: Task | None) -> Spec:
    for column in ("task", "regime", "shots", "seed", "split", "metric", "value"):
        one_of("columns of results", column, results.columns)
    rows = on_test(results)
    regimes = [*looks(rows["regime"].unique().tolist(), REGIMES | BASELINES)]
    if len(regimes) < 2:
        msg = f"results must hold two regimes or more, to compare; got {', '.join(regimes)}"
        raise ValueError(msg)
    tried = [name for name in regimes if name not in BASELINES]
    base = "scratch" if "scratch" in tried else regimes[0]
    arms = [name for name in tried if name != base] or regimes[1:]
    names = sorted(rows["task"].unique().tolist())
    tasks = {name: load_task(name) for name in names if name in TASKS or name in SUBTASKS}
    tasks |= {task.name: task} if task is not None else {}
    tasks = {name: known for name, known in tasks.items() if known.test.inputs.ndim == 4}
    shots = tuple(sorted(rows["shots"].unique().tolist()))
    axes = {"target": names, "arm": arms, "shots": shots}
    pictures = tuple(_ways.card(tasks[name]) if name in tasks else "" for name in names)
    controls = (
        Control("target", "images", tuple(names), (), "cards", pictures=pictures),
        Control("shots", "labels per class", shots),
    )
    return _spec(rows, axes, controls, tasks, regimes, base)


def _spec(
    rows: pd.DataFrame,
    axes: Mapping[str, Sequence[Any]],
    controls: tuple[Control, Control],
    tasks: Mapping[str, Task],
    regimes: Sequence[str],
    base: str,
) -> Spec:
    """Return the chart of accuracy against labels, with its sentence and its images."""
    shots = tuple(axes["shots"])
    places = {"task": axes["target"], "regime": regimes, "shots": shots}
    panel = Panel(
        "shots",
        "Accuracy against labels",
        "labels per class",
        "test accuracy",
        shots,
        _series(regimes),
        ("target",),
        cube(rows, places),
        "shots",
        Y,
        log=True,
    )
    seeds = rows["seed"].nunique()
    known = _ways.choices(rows, axes, base)
    return Spec(
        "Three ways",
        LEAD,
        (*controls, Control("arm", f"held against {base}", tuple(axes["arm"]), (), "choice")),
        (panel,),
        (_ways.sentences(known, axes, base), *_ways.alone(known, axes, base)),
        _ways.strips(known, axes, base, tasks),
        footer=(f"Means and 95 % intervals over {seeds} seeds, measured on the test split.",),
        headline="saved",
    )


def _series(regimes: Sequence[str]) -> tuple[Series, ...]:
    known = looks(regimes, REGIMES | BASELINES)
    return tuple(Series(name, CALLED.get(name, name), known[name]) for name in regimes)


def _on_cards(transfer: pd.DataFrame) -> pd.DataFrame:
    """Return test accuracies of each card's two networks, and of what needs none."""
    rows = on_test(transfer)
    bare = rows["regime"] == "scratch"
    first = rows[bare].groupby("task")["backbone"].agg(lambda nets: min(nets, key=SMALL.index))
    known = rows["task"].map({name: net for name, (net, _) in CARDS.items()})
    scratch = bare & (rows["backbone"] == rows["task"].map(first))
    pixels = rows["regime"] == "raw_pixels"
    from_source = (rows["backbone"] == known) & rows["regime"].isin(LINES)
    rows = rows[rows["task"].isin(CARDS) & (scratch | pixels | from_source)]
    arms = rows.groupby(["task", "regime"])["config"]  # two entries of the plan ran a baseline
    return rows[rows["config"] == arms.transform(lambda configs: configs.mode()[0])]
