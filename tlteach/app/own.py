"""The commands for someone's own images: `tlteach audit`, `compare`, `train`, `predict`."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlteach.app.typed import count, seed

if TYPE_CHECKING:  # `tlteach --help` waits for neither torch nor pandas
    import pandas as pd

    from tlteach.data import Task

FORMATS = ("table", "csv", "json")
EXITS = "Exit status: 0 if all is well, 2 if it cannot be done (and why, on the error stream)"
AUDITED = "Exit status: 0, 1 if something must be mended first (severity error), 2 if it fails"
SHOTS = (5, 20)  # what `compare` tries, where there are so many labels


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the four commands to those of `tlteach`."""
    told = "what is wrong or odd in a folder of images, by file"
    audit = commands.add_parser("audit", help=told, description=told, epilog=AUDITED)
    audit.add_argument("folder", type=Path, help="a folder of images for each class, or an archive")
    audit.add_argument("--size", type=count, default=96, help="pixels a side (default %(default)s)")
    _add_backbone(audit)
    _add_output(audit)
    told = "three ways to start, compared fairly on a folder of images"
    compare = commands.add_parser("compare", help=told, description=told, epilog=EXITS)
    _add_comparison(compare)
    _add_output(compare)
    told = "compare, then train the best on every label and keep the model"
    train = commands.add_parser("train", help=told, description=told, epilog=EXITS)
    _add_comparison(train)
    train.add_argument("--model", type=Path, help="its folder (default: the folder's name-model)")
    train.add_argument("--overwrite", action="store_true", help="a model there gives way")
    train.add_argument("--regime", help="this one, instead of the best on validation")
    _add_output(train)
    told = "name the class of image files by a model that was kept"
    predict = commands.add_parser("predict", help=told, description=told, epilog=EXITS)
    predict.add_argument("model", type=Path, help="the folder that `tlteach train` wrote")
    predict.add_argument("files", nargs="+", type=Path, help="images, or folders of images")
    predict.add_argument(
        "--none-of-these", action="store_true", help="say so where the confidence is too low"
    )
    _add_output(predict)


def _add_backbone(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--backbone", default="lite0", help="a network (default %(default)s)")
    parser.add_argument("--seed", type=seed, default=0, help="of all draws (default %(default)s)")


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, help="write the table here instead of printing it")
    told = "default: by the ending of --out, else a table to read"
    parser.add_argument("--format", choices=FORMATS, help=told)


def _add_comparison(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, help="a folder of images for each class, or an archive"
    )
    parser.add_argument(
        "--size", type=count, default=128, help="pixels a side (default %(default)s)"
    )
    parser.add_argument("--fit", choices=("crop", "pad", "squish"), default="crop")
    parser.add_argument("--skip-bad", action="store_true", help="go on without unreadable files")
    _add_backbone(parser)
    regimes = ("scratch", "frozen", "fine_tune")
    parser.add_argument("--regimes", nargs="+", default=regimes, help=" ".join(regimes))
    told = "labels per class (default 5 and 20, where there are so many)"
    parser.add_argument("--shots", nargs="+", type=count, help=told)
    parser.add_argument("--seeds", type=count, default=5, help="how many (default %(default)s)")
    budgets = ("standard", "quick", "brief", "smoke")
    parser.add_argument("--search", choices=budgets, default="quick", help="(%(default)s)")
    parser.add_argument("--updates", type=count, help="the most steps of any run")
    parser.add_argument("--jobs", type=count, help="processes side by side (default: one a core)")
    told = "keep runs here, to resume from (default: tlteach-runs/NAME.parquet)"
    parser.add_argument("--runs", type=Path, help=told)
    parser.add_argument("--report", type=Path, help="write one HTML file to hand in")


def run_audit(options: argparse.Namespace) -> int:
    """Print what an audit finds; 1 if there is an error among it."""
    import tlteach as tlt

    with _plain_warnings():
        found = tlt.audit(
            options.folder, backbone=options.backbone, size=options.size, seed=options.seed
        )
    _write(found, options)
    print(found.attrs["summary"], file=sys.stderr)
    return int((found["severity"] == "error").any())


def run_compare(options: argparse.Namespace) -> int:
    """Compare; print the means and the verdicts, and write the report if asked."""
    with _plain_warnings():
        task, found = _read(options)
        results = _compared(options, task)
    _write(_means(results), options)
    _say_verdicts(results)
    _report(options, results, task=task, audit=found)
    return 0


def run_train(options: argparse.Namespace) -> int:
    """Compare, keep the best model, and print how good it is."""
    import tlteach as tlt
    from tlteach.models.modelfile import must_be_free

    with _plain_warnings():
        task, found = _read(options)
        folder = options.model or Path(f"{task.name}-model")
        must_be_free(folder.expanduser(), overwrite=options.overwrite)  # before minutes of work
        results = _compared(options, task)
        model = tlt.train_best(
            results, task, regime=options.regime, backbone=options.backbone, seed=options.seed
        )
    folder = model.save(folder, overwrite=options.overwrite)
    _write(model.metrics, options)
    print(f"{model!r}\n{model.training['why']}\nkept in {folder}", file=sys.stderr)
    _report(options, results, task=task, audit=found, model=model)
    return 0


def run_predict(options: argparse.Namespace) -> int:
    """Print the class of each file."""
    import pandas as pd

    import tlteach as tlt

    model = tlt.load_model(options.model)
    tables = []
    loose = [path for path in options.files if not path.is_dir()]
    if loose:
        tables.append(model.predict(loose, none_of_these=options.none_of_these))
    for folder in (path for path in options.files if path.is_dir()):
        said = model.predict(folder, none_of_these=options.none_of_these)
        tables.append(said.assign(file=[str(folder / name) for name in said["file"]]))
    _write(pd.concat(tables, ignore_index=True), options)
    return 0


RUNS = {"audit": run_audit, "compare": run_compare, "train": run_train, "predict": run_predict}


def _read(options: argparse.Namespace) -> tuple[Task, pd.DataFrame]:
    """Return the task, its bursts kept together, and the audit."""
    import tlteach as tlt

    with redirect_stdout(sys.stderr):  # its one line: the output is the table's
        task = tlt.from_folder(
            options.folder, size=options.size, fit=options.fit, seed=options.seed,
            skip_bad=options.skip_bad,
        )  # fmt: skip
    found = tlt.audit(options.folder, backbone=options.backbone, seed=options.seed)
    return _without_bursts(task, found, options.seed), found


def _compared(options: argparse.Namespace, task: Task) -> pd.DataFrame:
    """Return the results, which are kept as they come."""
    import tlteach as tlt

    most = int(task.labelled.labels.bincount(minlength=task.n_classes).min())
    runs = options.runs or Path("tlteach-runs") / f"{task.name}.parquet"
    print(f"{task!r}\nruns are kept in {runs}", file=sys.stderr)
    return tlt.compare(
        task,
        backbone=options.backbone,
        regimes=options.regimes,
        shots=options.shots or [k for k in SHOTS if k <= most] or [most],
        seeds=range(options.seed, options.seed + options.seeds),
        search=options.search,
        config=None if options.updates is None else tlt.TrainConfig(updates=options.updates),
        out=runs,
        n_jobs=options.jobs,
        progress=sys.stderr.isatty(),
    )


def _without_bursts(task: Task, found: pd.DataFrame, seed: int) -> Task:
    """Keep on one side of every split what a network sees as one moment, as far as that goes."""
    import tlteach as tlt

    try:
        return tlt.grouped(task, found, seed=seed)
    except ValueError as error:  # too many are alike: better compared with a word than not at all
        print(f"note: what the audit finds alike stays apart: {error}", file=sys.stderr)
        return task


def _means(results: pd.DataFrame) -> pd.DataFrame:
    from tlteach.measures import summarize

    summary = summarize(results)
    columns = ["shots", "regime", "backbone", "mean", "ci_low", "ci_high", "n_seeds"]
    tested = summary.loc[summary["split"] == "test", columns]
    return tested.sort_values(["shots", "mean"], ignore_index=True)


def _say_verdicts(results: pd.DataFrame) -> None:
    """Say on the error stream what follows, so that the table alone can go into a program."""
    from tlteach.base import counted
    from tlteach.measures import verdict

    for shots in sorted(results["shots"].unique()):
        here = results[results["shots"] == shots]
        arms, labels = set(here["regime"]), counted(shots, "label")
        for a, b in (("frozen", "scratch"), ("fine_tune", "scratch"), ("frozen", "raw_pixels")):
            if {a, b} <= arms:
                print(f"{labels} per class: {verdict(here, a, b)}", file=sys.stderr)


def _report(options: argparse.Namespace, results: pd.DataFrame, **parts: Any) -> None:
    if options.report is None:
        return
    import tlteach as tlt

    path = tlt.report(results, options.report, **parts)
    print(f"report: {path}", file=sys.stderr)


def _write(table: pd.DataFrame, options: argparse.Namespace) -> None:
    """Write or print a table as asked; what is not a number becomes empty or null."""
    from tlteach.base import atomic_write

    ending = options.out.suffix.removeprefix(".") if options.out else "table"
    form = options.format or (ending if ending in FORMATS else "table")
    if form == "csv":
        text = table.to_csv(index=False)
    elif form == "json":
        text = table.to_json(orient="records", indent=1, force_ascii=False) + "\n"
    else:
        text = (table.to_string(index=False) if len(table) else "nothing found") + "\n"
    if options.out is None:
        print(text, end="")
        return
    with atomic_write(options.out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(f"written to {options.out}", file=sys.stderr)


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Print warnings as sentences, without the line of code that they come from."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _say
        yield


def _say(message: Warning | str, *_: object, **__: object) -> None:
    print(f"note: {message}", file=sys.stderr)
