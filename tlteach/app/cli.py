# PYTHON_ARGCOMPLETE_OK
"""The command line.

`tlteach demo`, `doctor`, `pages`, `site`, `pretrain`, `atlas` run and build; `own` has the commands
for someone's own images, `course` those for learners and lecturers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import tlteach
from tlteach.app import course, own
from tlteach.app.typed import count, positive

WHERE = "in a clone the one that ships, else one of your own"
PIPE_CLOSED = 128 + 13  # as a shell tells of a program that SIGPIPE ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = _parser()
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what could follow, and nothing is run
        _complete(parser)
    typed, onward = _divided(sys.argv[1:] if arguments is None else list(arguments))
    options = parser.parse_args(typed)
    options.onward = onward
    runs = course.RUNS | own.RUNS | RUNS
    try:
        status = runs[options.command](options)
        sys.stdout.flush()  # a reader that has gone is noticed here, not while Python ends
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (ValueError, OSError, RuntimeError, ModuleNotFoundError, MemoryError) as error:
        said = str(error) or type(error).__name__  # most say it all; out of memory may not
        print(f"tlteach: {said}", file=sys.stderr)
        return 2
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tlteach", description=(tlteach.__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--version", action="version", version=f"tlteach {tlteach.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="the fair three-regime contrast, offline")
    demo.add_argument("--full", action="store_true", help="more seeds, shots and search")
    demo.add_argument("--out", type=Path, default=Path("tlteach-demo"), help="folder (%(default)s)")
    doctor = commands.add_parser("doctor", help="check this machine")
    doctor.add_argument("--json", action="store_true", help="for programs")
    pages = commands.add_parser("pages", help="the charts as one page that opens offline")
    pages.add_argument("--out", type=Path, default=Path("tlteach-pages"), help="folder")
    pages.add_argument("--only", metavar="NAME", help="one chart, for a course site to embed")
    site = commands.add_parser("site", help="the course as web pages; in a clone")
    site.add_argument("--stored", action="store_true", help="run nothing, show what is stored")
    site.add_argument("--out", type=Path, default=Path("build/site"), help="folder (%(default)s)")
    pretrain = commands.add_parser("pretrain", help="train the small net on a source")
    pretrain.add_argument("source", help="a source, such as glyphs, or all")
    pretrain.add_argument("--seeds", type=count, default=5, help="how many (default %(default)s)")
    pretrain.add_argument("--out", type=Path, help=f"folder (default: {WHERE})")
    _add_atlas(commands)
    own.add_commands(commands)
    course.add_commands(commands)
    return parser


def _add_atlas(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    atlas = commands.add_parser("atlas", help="precomputed runs: build them, or check some")
    verbs = atlas.add_subparsers(dest="verb", required=True)
    build = verbs.add_parser("build", help="run what is missing; kill it and go on at any point")
    build.add_argument("parts", nargs="*", help="such as transfer; default all")
    build.add_argument("--out", type=Path, help=f"folder (default: {WHERE})")
    check = verbs.add_parser("check", help="run random rows again and compare")
    check.add_argument("--sample", type=count, default=20, help="rows (default %(default)s)")
    longest = "leave out runs that took longer (default %(default)s)"
    check.add_argument("--seconds", type=positive, default=60.0, help=longest)


def _divided(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return what is ours, and what follows -- and is JupyterLab's."""
    if arguments[:1] != ["lab"] or "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _complete(parser: argparse.ArgumentParser) -> None:
    try:
        import argcomplete
    except ImportError:  # it comes with the extra "course"
        return
    argcomplete.autocomplete(parser)


def _demo(options: argparse.Namespace) -> int:
    from tlteach.app.demo import FULL, QUICK, demo

    demo(options.out, FULL if options.full else QUICK)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from tlteach.app.doctor import examine

    findings = examine()
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
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


def _site(options: argparse.Namespace) -> int:
    from tlteach.base import clone

    here = clone()
    if here is None:
        msg = "the site is built from the folder docs of a clone of the repository; got a wheel"
        raise RuntimeError(msg)
    command = [sys.executable, str(here / "docs" / "build.py"), "--out", str(options.out)]
    return subprocess.call([*command, *["--stored"] * options.stored])


def _pretrain(options: argparse.Namespace) -> int:
    from tlteach.models import SOURCES
    from tlteach.training import pretrain_all

    chosen = list(SOURCES) if options.source == "all" else [options.source]
    out = _place(options.out, "weights")
    for card in pretrain_all(chosen, range(options.seeds), out=out):
        print(f"{card['file']}: {card['accuracy']:.3f} on its own test, {card['seconds']:.0f} s")
    return 0


def _atlas(options: argparse.Namespace) -> int:
    from tlteach import atlas

    if options.verb == "build":
        atlas.build(options.parts or atlas.PARTS, out=_place(options.out, "atlas"))
        return 0
    table = atlas.check(options.sample, seconds=options.seconds)
    print(table.to_string(index=False))
    print(f"{int(table['ok'].sum())} of {len(table)} rows agree within {atlas.BAND}")
    return int(not table["ok"].all())


def _place(out: Path | None, part: str) -> Path:
    """Return where to write; say so before hours of work, unless it is what ships."""
    from tlteach.base import clone
    from tlteach.data.shipped import made_here

    place = made_here() / part if out is None else out
    if clone() is None:
        told = "" if out else "; --out names another folder"
        print(f"what is installed stays as it is: this goes to {place}{told}", file=sys.stderr)
    return place


RUNS = {
    "demo": _demo,
    "doctor": _doctor,
    "pages": _pages,
    "site": _site,
    "pretrain": _pretrain,
    "atlas": _atlas,
}

if __name__ == "__main__":
    sys.exit(main())
