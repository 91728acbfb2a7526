"""`tlteach demo`: the fair contrast on real data, offline, in about three minutes."""

from __future__ import annotations

import textwrap
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from torch import Tensor

from tlteach import plots
from tlteach.app.page import Section, Table, write_report
from tlteach.base import atomic_write, counted
from tlteach.data import Task, load_task
from tlteach.experiment import RangeEdgeWarning, compare, get_search, on_all_cores, rerun
from tlteach.measures import false_words_told, labels_saved, on_test, summarize, verdict
from tlteach.models import Backbone, load_backbone
from tlteach.training import TrainConfig

THREE = ("scratch", "frozen", "fine_tune")
ASIDE = ("majority", "raw_pixels", "frozen_random")
SHOWN = 0  # the seed whose answers the picture shows, fixed before anything was measured
SMALL = "scratch is a small network: a large one from few images always loses"
USUAL = "BatchNorm statistics are not searched here: those of scratch move, those of ImageNet stay"
HARDER = "The harder case: drawings of such things."


@dataclass(frozen=True)
class Part:
    """What is compared on one task.

    Attributes
    ----------
    task, nouns : str
        Its name, and what its images are called in a sentence.
    shots : int
        Labels per class at which the regimes meet.
    size : int
        Pixels a side that the backbone sees.
    about : str
        Why this task.
    regimes : tuple of str
        What is compared.
    """

    task: str
    nouns: str
    shots: int
    size: int
    about: str
    regimes: tuple[str, ...] = THREE


PARTS = (
    Part("photos", "photographs", 5, 72, "The near case: photographs, as the source's were."),
    Part(
        "emoji",
        "drawings",
        10,
        64,
        f"{HARDER} fine_tune is left out to save its time, for "
        "it tells no other story here than on photos; `tlteach demo --full` has it.",
        ("scratch", "frozen"),
    ),
    Part("digits", "digits", 5, 48, "The opposite case: small grey digits, far from the source."),
)
TASKS = tuple(part.task for part in PARTS)


@dataclass(frozen=True)
class Plan:
    """How much the demo runs; never fewer than five seeds.

    Attributes
    ----------
    parts : tuple of Part
        The first one gives the sentence and the picture.
    ladder : tuple of int
        Further labels per class for the frozen backbone, which costs next to nothing: they show
        with how many it matches scratch. A task gets those that it has images for.
    seeds : int
        How many.
    search : str
        See `compare`.
    updates : int
        The most gradient steps of any regime.
    """

    parts: tuple[Part, ...] = PARTS
    ladder: tuple[int, ...] = (2, 5, 20)
    seeds: int = 5
    search: str = "brief"
    updates: int = 1000


QUICK = Plan()
FULL = Plan(
    parts=(
        PARTS[0],
        replace(PARTS[1], about=HARDER, regimes=THREE, shots=20),
        replace(PARTS[2], shots=20),
    ),
    ladder=(2, 5, 10, 40),
    seeds=10,
    search="standard",
)


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
    differs = [SMALL] if get_search(plan.search).variants else [SMALL, USUAL]
    print("\n".join(differs), "\n", sep="")
    tables, sections = [], []
    tasks = [load_task(part.task) for part in plan.parts]
    for task, part in zip(tasks, plan.parts, strict=True):
        backbone = load_backbone("lite0", size=part.size)
        print(f"{task!r}\n{part.about}\n")
        tables.append(_measure(task, backbone, part, plan, folder))
        sections.append(_tell(task, backbone, tables[-1], part))
    together = pd.concat(tables, ignore_index=True)
    with atomic_write(folder / "results.parquet") as temporary:
        together.to_parquet(temporary, index=False)
    sentence, first = lead(tables[0], plan.parts[0]), tasks[0]
    answers = _answers(first, tables[0], plan.parts[0])
    _picture(first, answers, sentence, together, plan, folder / "contrast.png")
    write_report(
        folder / "report.html",
        sections,
        title="Three ways to start, compared fairly",
        lead=sentence,
        picture=plots.answer_grid(first, answers),
        notes=[
            f"The picture shows answers of seed {SHOWN}.",
            f"{backbone!r}",
            *(f"{what}." for what in differs),
        ],
    )
    print(f"{sentence}\n")
    print(f"{time.perf_counter() - start:.0f} s in all. Read {folder / 'report.html'}")
    return together


def lead(results: pd.DataFrame, part: Part) -> str:
    """Return the sentence to remember, with the numbers and the verdict of the run."""
    here = results[results["shots"] == part.shots]
    found = verdict(here, "frozen", "scratch")
    means = 100 * on_test(here).groupby("regime")["value"].mean()
    source, fresh = (f"{means[regime]:.0f} of 100" for regime in ("frozen", "scratch"))
    ends = {
        "helps": f"; the same labels from scratch: {fresh}.",
        "hurts": f", fewer than one that starts from scratch: {fresh}.",
        "cannot tell": f", one that starts from scratch {fresh}: {found.n} seeds cannot tell them "
        "apart.",
    }
    return (
        f"With {part.shots} labelled {part.nouns} per class, a network that starts from ImageNet "
        f"names {source} new ones right{ends[found.word or 'cannot tell']}"
    )


def _measure(task: Task, backbone: Backbone, part: Part, plan: Plan, folder: Path) -> pd.DataFrame:
    fair: dict[str, Any] = {
        "backbone": backbone,
        "seeds": range(plan.seeds),
        "search": plan.search,
        "config": TrainConfig(updates=plan.updates),
        "out": folder / f"{task.name}.parquet",
    }
    most = int(task.labelled.labels.bincount().min())
    ladder = [shots for shots in plan.ladder if shots <= most and shots != part.shots]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RangeEdgeWarning)  # told among the notes
        contrast = compare(task, regimes=part.regimes, shots=[part.shots], **fair)
        more = compare(task, regimes=["frozen"], shots=ladder, baselines=False, **fair)
    both = pd.concat([contrast, more], ignore_index=True)
    both.attrs = contrast.attrs
    return both


def _tell(task: Task, backbone: Backbone, results: pd.DataFrame, part: Part) -> Section:
    """Print one task's table and verdicts; return them as a section of the report."""
    here = results[results["shots"] == part.shots]
    summary = summarize(here)
    summary = summary[summary["split"] == "test"].sort_values("mean")
    shown = summary[["regime", "backbone", "mean", "ci_low", "ci_high", "n_seeds"]].merge(
        _cost(here)
    )
    print(shown.to_string(index=False, float_format="{:.3f}".format), "\n")
    against = [("frozen", "scratch"), ("fine_tune", "scratch"), ("frozen", "raw_pixels")]
    verdicts = [verdict(here, a, b) for a, b in against if a in set(here["regime"])]
    chance = false_words_told(sum(said.word != "" for said in verdicts))
    saved = str(labels_saved(results, "scratch", "frozen", shots=part.shots))
    sentences = [f"{task.name}: {found}" for found in [*verdicts, saved]]
    overlap, card = backbone.card.overlap(task.classes), task.card
    edges = [f"{task.name}: {edge}" for edge in results.attrs["edges"]]
    print("\n".join([*sentences, chance, overlap, *edges]), "\n", sep="")
    wide = summarize(results)
    wide = wide[wide["regime"].isin([*THREE, *ASIDE])]
    finding = verdicts[0].finding(task.name)
    return Section(
        title=f"{task.name}: {counted(part.shots, 'label')} per class",
        verdicts=sentences,
        paragraphs=[part.about, chance],
        figures=[
            plots.regime_comparison(here, summary=summary, title=finding),
            plots.learning_curve(wide, title=saved),
        ],
        tables=[
            Table(
                shown,
                f"Test accuracy, 95 % intervals over seeds and images, cost per run: {task.name}",
            )
        ],
        notes=[f"{card.title}. {card.licence.rstrip('.')}. {card.attribution}", overlap, *edges],
    )


def _cost(results: pd.DataFrame) -> pd.DataFrame:
    rows = on_test(results)
    cost = rows.groupby("regime", as_index=False)[["seconds", "updates"]].mean()
    return cost.astype({"updates": int})


def _answers(task: Task, results: pd.DataFrame, part: Part) -> dict[str, Tensor]:
    """Return by regime the class that one run of it named for each test image."""
    calls = [(results, task, regime, part.shots) for regime in part.regimes]
    return dict(zip(part.regimes, on_all_cores(_answer, calls), strict=True))


def _answer(results: pd.DataFrame, task: Task, regime: str, shots: int) -> Tensor:
    return rerun(results, task, regime, shots=shots, seed=SHOWN).predictions["test"].argmax(1)


def _picture(
    task: Task,
    answers: dict[str, Tensor],
    sentence: str,
    results: pd.DataFrame,
    plan: Plan,
    path: Path,
) -> None:
    """Write the sentence, a dozen answers and the contrast of every task as one picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 15), layout="constrained")
    figure.suptitle(textwrap.fill(sentence, 80), x=0.01, ha="left", fontsize=20)
    (above,), (below,) = figure.subfigures(2, 1, squeeze=False, height_ratios=(3, 2))
    plots.answer_grid(task, answers, ax=above.subplots())
    rows = results[results["regime"].isin(THREE)]
    axes = below.subplots(1, len(plan.parts), squeeze=False)[0]
    for ax, part in zip(axes, plan.parts, strict=True):
        here = rows[(rows["task"] == part.task) & (rows["shots"] == part.shots)]
        finding = verdict(here, "frozen", "scratch").finding(part.task)
        title = textwrap.fill(finding, 28)
        plots.regime_comparison(here, summary=summarize(here), title=title, ax=ax)
        told = f"{counted(part.shots, 'label')} per class. Dots: seeds. "
        told += "Bars: interval over seeds and images."
        ax.set_xlabel(textwrap.fill(told, 36))
    with atomic_write(path) as temporary:
        figure.savefig(temporary, dpi=100)
