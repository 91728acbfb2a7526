"""`report`: a comparison with its audit and its model as one HTML file to hand in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tlteach.base import checked, counted, in_range
from tlteach.data import Task
from tlteach.data.album import Album
from tlteach.measures import false_words_told, labels_saved, on_test, summarize, verdict
from tlteach.models import TrainedModel

if TYPE_CHECKING:  # matplotlib loads when a report is written, not with `import tlteach`
    from tlteach.app.page import Section

AGAINST = (("frozen", "scratch"), ("fine_tune", "scratch"), ("frozen", "raw_pixels"))
SHOWN = ("severity", "kind", "file", "label", "split", "other", "suggests", "found", "do")
MOST = 60  # findings in the table; the rest is counted
LIMITS = (
    "The intervals are over seeds and test images of this task. Another task, camera or place may "
    "come out otherwise.",
    "Settings were chosen on validation images, within a budget: more search may change the order.",
    "Who mends data or model after seeing test images needs new test images.",
)


@checked
def report(
    results: pd.DataFrame,
    path: str | Path = "report.html",
    *,
    task: Task | None = None,
    audit: pd.DataFrame | None = None,
    model: TrainedModel | None = None,
) -> Path:
    """Write a comparison, and what belongs to it, into one HTML file to hand in.

    It opens anywhere, offline and on paper; all names in it are escaped. Needs the extra `plots`.

    Parameters
    ----------
    results : DataFrame
        From `compare`, of one task.
    path : str or Path, default "report.html"
        Where.
    task : Task, optional
        What was compared: adds its counts, its card, and pictures.
    audit : DataFrame, optional
        From `audit`: adds the findings and, with `task`, pictures of them.
    model : TrainedModel, optional
        From `train_best`: adds its quality, its card and, with `task`, its mistakes.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    ValueError
        For results of no or several tasks, or of another task than `task`.

    Examples
    --------
    >>> import tempfile
    >>> import tlteach as tlt
    >>> task = tlt.load_task("digits")
    >>> results = tlt.compare(task, backbone="small_cnn", regimes=["frozen"], shots=[5],
    ...                       seeds=range(2), search="smoke", baselines=False, progress=False)
    >>> path = report(results, f"{tempfile.mkdtemp()}/report.html", task=task)
    >>> "Test accuracy at 5 labels per class" in path.read_text(encoding="utf-8")
    True
    """
    from matplotlib import pyplot as plt

    from tlteach.app.page import write_report

    name = _task_of(results, task)
    before = plt.get_fignums()
    try:
        sections = [
            *([] if task is None else [_data(task)]),
            *([] if audit is None else [_audited(audit, task)]),
            *(_compared(results, name, shots) for shots in sorted(results["shots"].unique())),
            *([] if model is None else _kept(model, task)),
            _limits(results),
        ]
        return write_report(
            path,
            sections,
            title=f"{name}: three ways to start, compared fairly",
            lead=_verdicts(results, int(results["shots"].max()))[0],
            notes=_provenance(results),
        )
    finally:  # figures of pyplot stay open, and shown in a notebook, until they are closed
        for number in set(plt.get_fignums()) - set(before):
            plt.close(number)


def _task_of(results: pd.DataFrame, task: Task | None) -> str:
    names = [str(name) for name in results["task"].unique()]
    in_range("number of tasks in results", len(names), 1, 1)
    if task is not None and task.name != names[0]:
        msg = f"task must be the one of the results, {names[0]!r}; got {task.name!r}"
        raise ValueError(msg)
    return names[0]


def _data(task: Task) -> Section:
    from tlteach.app.page import Section, Table

    splits = {"train": task.train, "val": task.val, "test": task.test}
    counts = {
        part: split.labels.bincount(minlength=task.n_classes).tolist()
        for part, split in splits.items()
    }
    card = task.card
    return Section(
        "Data",
        paragraphs=[f"{card.title}. Source: {card.source}. Licence: {card.licence}."],
        tables=[Table(pd.DataFrame({"class": task.classes} | counts), "Images by class and split")],
        notes=[card.attribution, *_plain(card.text)],
    )


def _audited(found: pd.DataFrame, task: Task | None) -> Section:
    from tlteach import plots
    from tlteach.app.page import Section, Table

    more = len(found) - MOST
    told = [found.attrs.get("summary", f"{len(found)} findings") + "."]
    told += [f"{more} further findings, less severe, are left out here."] if more > 0 else []
    shown = found.loc[:, [*SHOWN]].head(MOST)
    figures = []
    if task is not None and task.kind == "images":
        there = {*Album.of(task).names, ""}
        known = found[found["file"].isin(there - {""}) & found["other"].isin(there)]
        figures = [plots.audit(task, known)] if len(known) else []
    caption = "What was found, severest first: error (mend it), warning (look at it), note"
    return Section("Audit", paragraphs=told, figures=figures, tables=[Table(shown, caption)])


def _compared(results: pd.DataFrame, name: str, shots: int) -> Section:
    from tlteach import plots
    from tlteach.app.page import Section, Table

    here = results[results["shots"] == shots]
    summary = summarize(here)
    summary = summary[summary["split"] == "test"].sort_values("mean")
    spent = on_test(here).groupby("regime", as_index=False)[["seconds", "updates"]].mean()
    columns = ["regime", "backbone", "mean", "ci_low", "ci_high", "n_seeds"]
    table = summary[columns].merge(spent.astype({"updates": int}))
    title = f"{name}: {counted(shots, 'label')} per class"
    figures = [plots.regime_comparison(here, summary=summary, title=title)]
    last = shots == results["shots"].max()
    if last and results["shots"].nunique() > 1:
        figures.append(plots.learning_curve(summarize(results)))
    words, labels = _words(results, shots), f"{counted(shots, 'label')} per class"
    return Section(
        labels,
        verdicts=_verdicts(results, shots),
        paragraphs=[false_words_told(words)] if words > 1 else [],
        figures=figures,
        tables=[Table(table, f"Test accuracy at {labels}, 95 % intervals, and "
                      "what a run took: seconds, updates")],
    )  # fmt: skip


def _pairs(results: pd.DataFrame, shots: int) -> list[Any]:
    here = results[results["shots"] == shots]
    arms = set(here["regime"])
    return [verdict(here, a, b) for a, b in AGAINST if {a, b} <= arms]


def _words(results: pd.DataFrame, shots: int) -> int:
    return sum(said.word != "" for said in _pairs(results, shots))


def _verdicts(results: pd.DataFrame, shots: int) -> list[str]:
    """Return the sentences of the verdicts; what was measured, where there is no pair."""
    told = [str(said) for said in _pairs(results, shots)]
    here = on_test(results[results["shots"] == shots])
    tried = sorted(results["shots"].unique())
    if len(tried) > 1 and {"frozen", "scratch"} <= set(here["regime"]):
        told.append(str(labels_saved(results, "scratch", "frozen", shots=shots)))
    if told:
        return told
    means = here.groupby("regime")["value"].mean()
    return [f"{regime}: {mean:.1%} of test images right" for regime, mean in means.items()]


def _kept(model: TrainedModel, task: Task | None) -> list[Section]:
    """Return the model's card as sections, its numbers as a table, and its mistakes."""
    from tlteach import plots
    from tlteach.app.page import Section, Table

    figures = []
    if task is not None and task.kind == "images" and task.classes == model.classes:
        wrong = model.mistakes(task)
        figures = [plots.mistakes(wrong, task.test)] if len(wrong) else []
    caption = "How good the model is, with 95 % intervals; n counts seeds or inputs, as told"
    first = Section(
        "The model", paragraphs=[repr(model)], figures=figures,
        tables=[Table(model.metrics, caption)],
        notes=_plain(model.card),
    )  # fmt: skip
    return [first]


def _plain(markdown: str) -> list[str]:
    """Return the paragraphs of a card, headings before what they head, without its tables."""
    blocks = [block.strip() for block in markdown.split("\n\n")]
    return [block.lstrip("# ") for block in blocks if block and not block.startswith("|")]


def _limits(results: pd.DataFrame) -> Section:
    from tlteach.app.page import Section

    kinds = ("diverged", "edges", "prescribed")
    found = [told for kind in kinds for told in results.attrs.get(kind, ())]
    return Section("Limits", paragraphs=[*LIMITS, *(f"{what}." for what in found)])


def _provenance(results: pd.DataFrame) -> list[str]:
    """Return where the numbers come from: weights, versions, machine."""
    known = results.attrs.get("provenance")
    if known is None:
        return ["The results came without their provenance."]
    versions = ", ".join(f"{name} {number}" for name, number in known["versions"].items())
    machine = ", ".join(f"{name} {value}" for name, value in known["machine"].items())
    told = [f"{name}: {text}" for name, text in known["overlap"].items()]
    return [*told, f"Compared on {known['date']} with {versions}; machine: {machine}."]
