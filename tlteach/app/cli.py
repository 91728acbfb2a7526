"""The command line.

`tlteach demo`, `lab`, `doctor`, `pages`, `pretrain`, `atlas` run and build; `audit`, `compare`,
`train` and `predict` take your own images; `progress` and `submit` are for learners, `overview`,
`pool`, `grade` and `kit` for lecturers.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import tlteach
from tlteach.app import own


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="tlteach", description=(tlteach.__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--version", action="version", version=f"tlteach {tlteach.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="the fair three-regime contrast, offline")
    demo.add_argument("--full", action="store_true", help="more seeds, shots and search")
    demo.add_argument("--out", type=Path, default=Path("tlteach-demo"), help="folder (%(default)s)")
    lab = commands.add_parser("lab", help="open the notebooks in JupyterLab")
    lab.add_argument("notebook", nargs="?", default="", help="such as 01; default the folder")
    commands.add_parser("doctor", help="check this machine")
    pages = commands.add_parser("pages", help="the charts as one page that opens offline")
    pages.add_argument("--out", type=Path, default=Path("tlteach-pages"), help="folder")
    pages.add_argument("--only", metavar="NAME", help="one chart, for a course site to embed")
    pretrain = commands.add_parser("pretrain", help="train the small net on a source")
    pretrain.add_argument("source", help="a source, such as glyphs, or all")
    pretrain.add_argument("--seeds", type=int, default=5, help="how many (default %(default)s)")
    pretrain.add_argument("--out", type=Path, help="folder (default: the one that ships)")
    atlas = commands.add_parser("atlas", help="precomputed runs: build them, or check some")
    verbs = atlas.add_subparsers(dest="verb", required=True)
    build = verbs.add_parser("build", help="run what is missing; kill it and go on at any point")
    build.add_argument("parts", nargs="*", help="such as transfer; default all")
    build.add_argument("--out", type=Path, help="folder (default: the one that ships)")
    check = verbs.add_parser("check", help="run random rows again and compare")
    check.add_argument("--sample", type=int, default=20, help="rows (default %(default)s)")
    longest = "leave out runs that took longer (default %(default)s)"
    check.add_argument("--seconds", type=float, default=60.0, help=longest)
    own.add_commands(commands)
    _add_lessons(commands)
    options = parser.parse_args(arguments)
    runs = own.RUNS | {
        "demo": _demo,
        "lab": _lab,
        "doctor": _doctor,
        "pages": _pages,
        "pretrain": _pretrain,
        "atlas": _atlas,
        "progress": _progress,
        "submit": _submit,
        "overview": _overview,
        "pool": _pool,
        "assign": _assign,
        "grade": _grade,
        "kit": _kit,
    }
    try:
        return runs[options.command](options)
    except (ValueError, OSError, RuntimeError, ModuleNotFoundError) as error:  # they say it all
        print(f"tlteach: {error}", file=sys.stderr)
        return 2


def _add_lessons(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add what learners and lecturers use."""
    progress = commands.add_parser("progress", help="where you stand, and where to go on")
    progress.add_argument("notebook", nargs="?", default="", help="such as 01; default all")
    submit = commands.add_parser("submit", help="write your answers and runs into one small file")
    submit.add_argument("--name", required=True, help="a name or alias; nothing else is personal")
    submit.add_argument("--out", type=Path, default=Path(), help="folder (default: this one)")
    overview = commands.add_parser("overview", help="what the files of a class say")
    overview.add_argument("folder", type=Path)
    overview.add_argument("--csv", type=Path, help="write states by learner and exercise here")
    pool = commands.add_parser("pool", help="a class's runs as one result: each learner a seed")
    pool.add_argument("folder", type=Path)
    pool.add_argument("--guesses", action="store_true", help="what they predicted, not their runs")
    pool.add_argument("--regimes", nargs=2, default=("frozen", "scratch"), metavar=("A", "B"))
    assign = commands.add_parser("assign", help="notebook sources as graded assignments")
    assign.add_argument("sources", nargs="+", type=Path)
    assign.add_argument("--out", type=Path, default=Path("assignments"), help="(%(default)s)")
    grade = commands.add_parser("grade", help="run and grade a folder of notebooks")
    grade.add_argument("submissions", type=Path)
    grade.add_argument("autograder", type=Path, help="autograder.zip of an assignment")
    grade.add_argument("--out", type=Path, default=Path("grades.csv"), help="(%(default)s)")
    grade.add_argument("--format", default="plain", choices=("plain", "moodle", "canvas"))
    grade.add_argument("--roster", type=Path, help="a CSV file of who is who")
    grade.add_argument("--column", default="", help="the name of the grade")
    grade.add_argument("--jobs", type=int, default=1, help="notebooks side by side")
    grade.add_argument("--timeout", type=float, default=900, help="seconds for each notebook")
    kit = commands.add_parser("kit", help="pages for lecturers: plan, numbers, answers, slides")
    kit.add_argument("notebooks", nargs="*", help="such as 01_three_ways; default all")
    kit.add_argument("--out", type=Path, default=Path("tlteach-kit"), help="folder (%(default)s)")
    kit.add_argument(
        "--figures", action="store_true",
        help="run the solved notebooks as learners do: up to 3 minutes for each on 2 cores",
    )  # fmt: skip


def _demo(options: argparse.Namespace) -> int:
    from tlteach.app.demo import FULL, QUICK, demo

    demo(options.out, FULL if options.full else QUICK)
    return 0


def _lab(options: argparse.Namespace) -> int:
    folders = [Path("notebooks"), Path(tlteach.__file__).parent.parent / "notebooks"]
    found = [folder for folder in folders if (folder / "00_start.ipynb").exists()]
    if not found:
        print("the notebooks are not here: run this in a clone of the repository", file=sys.stderr)
        return 1
    place = found[0]
    if options.notebook:
        from tlteach.base import one_of

        names = {path.name[:2]: path for path in sorted(place.glob("[0-9][0-9]_*.ipynb"))}
        place = names[one_of("notebook", options.notebook, names)]
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(place)])


def _progress(options: argparse.Namespace) -> int:
    from tlteach import lessons

    standing = lessons.progress(options.notebook)
    print(standing)
    if standing.next:
        print(f"open it: tlteach lab {standing.next[:2]}")
    return 0


def _submit(options: argparse.Namespace) -> int:
    from tlteach.classroom import submit

    print(f"hand in {submit(options.name, options.out)}")
    return 0


def _overview(options: argparse.Namespace) -> int:
    from tlteach.classroom import overview

    seen = overview(options.folder)
    print(seen)
    if options.csv:
        print(f"\nwritten to {seen.to_csv(options.csv)}")
    return 0


def _pool(options: argparse.Namespace) -> int:
    from tlteach.classroom import guesses, pool

    if options.guesses:
        print(guesses(options.folder))
        return 0
    merged = pool(options.folder, regimes=options.regimes)
    print(merged)
    print(merged.told(*options.regimes))
    return 0


def _assign(options: argparse.Namespace) -> int:
    from tlteach.classroom import write_assignment

    for source in options.sources:
        print(write_assignment(source, options.out))
    return 0


def _grade(options: argparse.Namespace) -> int:
    from tlteach.classroom import grade

    asked = {name: value for name, value in vars(options).items() if name != "command"}
    print(grade(**asked).to_string(index=False))
    return 0


def _kit(options: argparse.Namespace) -> int:
    from tlteach.classroom.kit import write_kit

    print(write_kit(options.out, options.notebooks or None, figures=options.figures))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from tlteach.app.doctor import examine

    findings = examine()
    print("\n".join(map(str, findings)))
    return int(any(finding.advice for finding in findings))


def _pages(options: argparse.Namespace) -> int:
    from tlteach.base import one_of
    from tlteach.widgets import CHARTS
    from tlteach.widgets.pages import frame_line, write_page, write_parts

    names = [one_of("--only", options.only, CHARTS)] if options.only else list(CHARTS)
    charts = {}
    for name in names:
        try:
            charts[name] = CHARTS[name]()
        except FileNotFoundError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    title = "Transfer learning, turned"
    if options.only:
        title = options.only.replace("_", " ").capitalize()
    page = write_page(
        [*charts.values()], options.out / f"{options.only or 'charts'}.html", title=title
    )
    print(page)
    write_parts(charts, options.out / "parts")
    print(f"In a course site: {frame_line(page.name, title)}")
    print(f"For MyST's anywidget directive: {options.out / 'parts'}")
    return 0


def _pretrain(options: argparse.Namespace) -> int:
    from tlteach.models import SOURCES
    from tlteach.training import pretrain_all

    chosen = list(SOURCES) if options.source == "all" else [options.source]
    for card in pretrain_all(chosen, range(options.seeds), out=options.out):
        print(f"{card['file']}: {card['accuracy']:.3f} on its own test, {card['seconds']:.0f} s")
    return 0


def _atlas(options: argparse.Namespace) -> int:
    from tlteach import atlas

    if options.verb == "build":
        atlas.build(options.parts or atlas.PARTS, out=options.out)
        return 0
    table = atlas.check(options.sample, seconds=options.seconds)
    print(table.to_string(index=False))
    print(f"{int(table['ok'].sum())} of {len(table)} rows agree within {atlas.BAND}")
    return int(not table["ok"].all())


if __name__ == "__main__":
    sys.exit(main())
