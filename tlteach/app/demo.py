"""`tlteach demo`: the fair three-regime contrast on real data, offline, in about three minutes."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tlteach import plots
from tlteach.app.report import Section, Table, write_report
from tlteach.base import atomic_write
from tlteach.data import Task, load_task
from tlteach.experiment import RangeEdgeWarning, compare
from tlteach.measures import labels_saved, on_test, summarize, verdict
from tlteach.models import Backbone, load_backbone
from tlteach.training import REGIMES, Regime, TrainConfig

TASKS = ("emoji", "digits")  # ImageNet features should help on the first; the second is far away
ASIDE = ("majority", "raw_pixels", "frozen_random")


@dataclass(frozen=True)
class Plan:
    """How much the demo runs; never fewer than five seeds.

    Attributes
    ----------
    shots : int
        Labels per class at which the three regimes meet.
    ladder : tuple of int
        Further ones for the frozen backbone, which costs next to nothing: they show with how
        many labels it matches scratch.
    seeds : int
        How many.
    search : str
        See `compare`.
    updates : int
        Gradient steps of fine-tuning.
    """

    shots: int = 10
    ladder: tuple[int, ...] = (2, 5, 20, 40)
    seeds: int = 5
    search: str = "quick"
    updates: int = 200


QUICK = Plan()
FULL = Plan(shots=20, ladder=(2, 5, 10, 40), seeds=10, search="standard", updates=400)


def demo(folder: Path, plan: Plan = QUICK) -> pd.DataFrame:
    """Run the contrast; print and write what came out.

    Parameters
    ----------
    folder : Path
        Gets ``results.parquet`` (a killed run resumes from it), ``report.html``, ``contrast.png``.
    plan : Plan, default QUICK
        How much to run; `FULL` takes more seeds, shots, search and steps.

    Returns
    -------
    DataFrame
        The results table.
    """
    start = time.perf_counter()
    backbone = load_backbone("lite0", size=64)
    fine_tune = REGIMES["fine_tune"]
    print(f"{backbone!r}\nscratch is a small network: a large one from few images always loses\n")
    results, sections = [], []
    for task in map(load_task, TASKS):
        print(f"{task!r}\n")
        table = _measure(task, backbone, fine_tune, plan, folder)
        sections.append(_tell(task, backbone, table, plan))
        results.append(table)
    together = pd.concat(results, ignore_index=True)
    with atomic_write(folder / "results.parquet") as temporary:
        together.to_parquet(temporary, index=False)
    _picture(together, plan, folder / "contrast.png")
    write_report(folder / "report.html", sections, title="Three ways to start, compared fairly")
    print(f"{time.perf_counter() - start:.0f} s in all. Read {folder / 'report.html'}")
    return together


def _measure(
    task: Task, backbone: Backbone, fine_tune: Regime, plan: Plan, folder: Path
) -> pd.DataFrame:
    out = folder / f"{task.name}.parquet"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RangeEdgeWarning)  # told beside the verdicts
        contrast = compare(
            task,
            backbone=backbone,
            regimes=["scratch", "frozen", fine_tune],
            shots=[plan.shots],
            seeds=range(plan.seeds),
            search=plan.search,
            config=TrainConfig(updates=plan.updates),
            out=out,
        )
        ladder = compare(
            task,
            backbone=backbone,
            regimes=["frozen"],
            shots=plan.ladder,
            seeds=range(plan.seeds),
            search=plan.search,
            baselines=False,
            out=out,
        )
    both = pd.concat([contrast, ladder], ignore_index=True)
    both.attrs = contrast.attrs
    return both


def _tell(task: Task, backbone: Backbone, results: pd.DataFrame, plan: Plan) -> Section:
    """Print one task's table and verdicts; return them as a section of the report."""
    here = results[results["shots"] == plan.shots]
    summary = summarize(here)
    summary = summary[summary["split"] == "test"].sort_values("mean")
    shown = summary[["regime", "backbone", "mean", "ci_low", "ci_high", "n_seeds"]].merge(
        _cost(here)
    )
    print(shown.to_string(index=False, float_format="{:.3f}".format), "\n")
    against = [("frozen", "scratch"), ("fine_tune", "scratch"), ("frozen", "raw_pixels")]
    sentences = [f"{task.name}: {verdict(here, a, b)}" for a, b in against]
    saved = labels_saved(results, "scratch", "frozen", shots=plan.shots)
    sentences.append(f"{task.name}: {saved}")
    overlap = backbone.card.overlap(task.classes)
    note = f"{overlap} {task.card.title}: {task.card.licence.rstrip('.')}. {task.card.attribution}"
    edges = [f"{task.name}: {edge}" for edge in results.attrs["edges"]]
    print("\n".join([*sentences, overlap, *edges]), "\n", sep="")
    wide = summarize(results)
    wide = wide[wide["regime"].isin(["scratch", "frozen", "fine_tune", *ASIDE])]
    return Section(
        title=f"{task.name}: {plan.shots} labels per class",
        verdicts=sentences,
        paragraphs=[note, *edges],
        figures=[plots.regime_comparison(here, summary=summary), plots.learning_curve(wide)],
        tables=[Table(shown, f"Test accuracy, 95 % intervals, and cost per run, on {task.name}")],
    )


def _cost(results: pd.DataFrame) -> pd.DataFrame:
    rows = on_test(results)
    cost = rows.groupby("regime", as_index=False)[["seconds", "updates"]].mean()
    return cost.astype({"updates": int})


def _picture(results: pd.DataFrame, plan: Plan, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 5.5), layout="constrained")
    wanted = ["raw_pixels", "scratch", "frozen", "fine_tune"]
    chosen = results[results["regime"].isin(wanted) & (results["shots"] == plan.shots)]
    for ax, task in zip(figure.subplots(1, len(TASKS)), TASKS, strict=True):
        rows = chosen[chosen["task"] == task]
        plots.regime_comparison(rows, summary=summarize(rows), ax=ax)
    with atomic_write(path) as temporary:
        figure.savefig(temporary, dpi=110)
