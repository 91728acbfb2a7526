"""The commands of a course.

Learners have `tlteach notebooks`, `lab`, `progress` and `submit`; lecturers `overview`, `pool`,
`assign`, `grade`, `prefetch` and `kit`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

from tlteach.app.typed import count, positive


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add what learners and lecturers use to the commands of `tlteach`."""
    _add_learners(commands)
    _add_lecturers(commands)


def _add_learners(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    told = "copy the notebooks into a folder; what you changed there stays"
    copy = commands.add_parser("notebooks", help=told, description=told)
    copy.add_argument("folder", type=Path, help="made where it is missing")
    copy.add_argument("--solved", action="store_true", help="the solved ones, too")
    told = "replace what is newer in the package and was not changed by you"
    copy.add_argument("--update", action="store_true", help=told)
    lab = commands.add_parser(
        "lab",
        help="open the notebooks in JupyterLab",
        usage="%(prog)s [-h] [notebook] [-- options of JupyterLab]",
        epilog="What follows -- goes to JupyterLab: tlteach lab -- --no-browser --port 8890",
    )
    lab.add_argument("notebook", nargs="?", default="", help="such as 01; default the folder")
    progress = commands.add_parser("progress", help="where you stand, and where to go on")
    progress.add_argument("notebook", nargs="?", default="", help="such as 01; default all")
    progress.add_argument("--json", action="store_true", help="for programs")
    submit = commands.add_parser("submit", help="write your answers and runs into one small file")
    submit.add_argument("--name", required=True, help="a name or alias; nothing else is personal")
    submit.add_argument("--out", type=Path, default=Path(), help="folder (default: this one)")


def _add_lecturers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    overview = commands.add_parser("overview", help="what the files of a class say")
    overview.add_argument("folder", type=Path)
    overview.add_argument("--csv", type=Path, help="write states by learner and exercise here")
    pool = commands.add_parser("pool", help="a class's runs as one result: each learner a seed")
    pool.add_argument("folder", type=Path)
    pool.add_argument("--guesses", action="store_true", help="what they predicted, not their runs")
    pool.add_argument("--regimes", nargs=2, default=("frozen", "scratch"), metavar=("A", "B"))
    assign = commands.add_parser("assign", help="notebook sources as graded assignments")
    assign.add_argument("sources", nargs="+", help="names, such as 01_three_ways, or files")
    assign.add_argument("--out", type=Path, default=Path("assignments"), help="(%(default)s)")
    grade = commands.add_parser("grade", help="run and grade a folder of notebooks")
    grade.add_argument("submissions", type=Path)
    grade.add_argument("autograder", type=Path, help="autograder.zip of an assignment")
    grade.add_argument("--out", type=Path, default=Path("grades.csv"), help="(%(default)s)")
    grade.add_argument("--format", default="plain", choices=("plain", "moodle", "canvas"))
    grade.add_argument("--roster", type=Path, help="a CSV file of who is who")
    grade.add_argument("--column", default="", help="the name of the grade")
    grade.add_argument("--jobs", type=count, default=1, help="notebooks side by side")
    grade.add_argument("--timeout", type=positive, default=900, help="seconds for each notebook")
    told = "compute once what the notebooks compute, into a folder for many (TLTEACH_SHARED)"
    prefetch = commands.add_parser("prefetch", help=told, description=told)
    prefetch.add_argument("folder", type=Path, help="made where it is missing")
    prefetch.add_argument("notebooks", nargs="*", help="such as 01_three_ways; default all")
    told = "TLTEACH_TIER of the readers (%(default)s)"
    prefetch.add_argument("--tier", default="class", choices=("class", "full", "smoke"), help=told)
    kit = commands.add_parser("kit", help="pages for lecturers: plan, numbers, answers, slides")
    kit.add_argument("notebooks", nargs="*", help="such as 01_three_ways; default all")
    kit.add_argument("--out", type=Path, default=Path("tlteach-kit"), help="folder (%(default)s)")
    kit.add_argument(
        "--figures", action="store_true",
        help="run the solved notebooks as learners do: up to 3 minutes for each on 2 cores",
    )  # fmt: skip


def run_notebooks(options: argparse.Namespace) -> int:
    """Copy, and say what was copied, what is newer and what was left."""
    from tlteach.app.notebooks import copy_notebooks

    print(copy_notebooks(options.folder, solved=options.solved, update=options.update))
    return 0


def run_lab(options: argparse.Namespace) -> int:
    """Open JupyterLab on the notebooks; from a wheel, copy them first."""
    if importlib.util.find_spec("jupyterlab") is None:
        from tlteach.base import adding

        msg = f"the notebooks need JupyterLab: {adding('course')}"
        raise ModuleNotFoundError(msg)
    place = _opened()
    if options.notebook:
        from tlteach.lessons.course import TITLES, number_of

        number = number_of(options.notebook)
        folder, place = place, place / f"{number}_{TITLES[number]}.ipynb"
        if not place.exists():
            msg = f"{place.name} must be in {folder.resolve()}, where the notebooks are; it is not"
            raise FileNotFoundError(msg)
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(place), *options.onward])


def _opened() -> Path:
    """Return the folder to open: one that is here, the clone's, or a copy made now."""
    from tlteach.app.notebooks import FOLDER, copy_notebooks, holds_notebooks
    from tlteach.base import clone, course_folder

    for folder in (Path(), Path("notebooks"), FOLDER):
        if holds_notebooks(folder):
            return folder
    if clone() is not None:
        return course_folder()
    print("no notebooks are here yet, so they are copied", file=sys.stderr)
    print(copy_notebooks(FOLDER), file=sys.stderr)
    return FOLDER


def run_progress(options: argparse.Namespace) -> int:
    """Print where this learner stands."""
    from tlteach import lessons

    standing = lessons.progress(options.notebook)
    if options.json:
        parts = standing.table.to_dict("records")
        print(json.dumps({"next": standing.next, "parts": parts}, indent=1))
        return 0
    print(standing)
    if standing.next:
        print(f"open it: tlteach lab {standing.next[:2]}")
    return 0


def run_submit(options: argparse.Namespace) -> int:
    """Write the file to hand in."""
    from tlteach.classroom import submit

    print(f"hand in {submit(options.name, options.out)}")
    return 0


def run_overview(options: argparse.Namespace) -> int:
    """Print what the files of a class say."""
    from tlteach.classroom import overview

    seen = overview(options.folder)
    print(seen)
    if options.csv:
        print(f"\nwritten to {seen.to_csv(options.csv)}")
    return 0


def run_pool(options: argparse.Namespace) -> int:
    """Print a class's runs, or guesses, as one result."""
    from tlteach.classroom import guesses, pool

    if options.guesses:
        print(guesses(options.folder))
        return 0
    merged = pool(options.folder, regimes=options.regimes)
    print(merged)
    print(merged.told(*options.regimes))
    return 0


def run_assign(options: argparse.Namespace) -> int:
    """Write an assignment for each source."""
    from tlteach.classroom import write_assignment

    for source in options.sources:
        print(write_assignment(source, options.out))
    return 0


def run_grade(options: argparse.Namespace) -> int:
    """Grade, and print the table."""
    from tlteach.classroom import grade

    asked = {name: value for name, value in vars(options).items() if name != "command"}
    table = grade(**asked)
    print(table.to_string(index=False))
    for entry, why in table.attrs["aside"].items():
        print(f"no learner's: {entry} {why}")
    return 0


def run_prefetch(options: argparse.Namespace) -> int:
    """Run notebooks for what they leave in the cache, and say how to share it."""
    from tlteach.app.prefetch import prefetch

    for filled in prefetch(options.folder, options.notebooks, tier=options.tier):
        print(filled, flush=True)
    print(f"learners read it with TLTEACH_SHARED={options.folder.resolve()}")
    return 0


def run_kit(options: argparse.Namespace) -> int:
    """Write the instructor kit."""
    from tlteach.classroom.kit import write_kit

    print(write_kit(options.out, options.notebooks or None, figures=options.figures))
    return 0


RUNS = {
    "notebooks": run_notebooks,
    "lab": run_lab,
    "progress": run_progress,
    "submit": run_submit,
    "overview": run_overview,
    "pool": run_pool,
    "assign": run_assign,
    "grade": run_grade,
    "prefetch": run_prefetch,
    "kit": run_kit,
}
