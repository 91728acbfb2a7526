"""The command line: `tlteach demo`, `tlteach lab`, `tlteach doctor`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import tlteach


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
    commands.add_parser("lab", help="open the notebooks in JupyterLab")
    commands.add_parser("doctor", help="check this machine")
    options = parser.parse_args(arguments)
    return {"demo": _demo, "lab": _lab, "doctor": _doctor}[options.command](options)


def _demo(options: argparse.Namespace) -> int:
    from tlteach.demo import FULL, QUICK, demo

    demo(options.out, FULL if options.full else QUICK)
    return 0


def _lab(options: argparse.Namespace) -> int:
    folders = [Path("notebooks"), Path(tlteach.__file__).parent.parent / "notebooks"]
    found = [folder for folder in folders if (folder / "00_start.ipynb").exists()]
    if not found:
        print("the notebooks are not here: run this in a clone of the repository", file=sys.stderr)
        return 1
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(found[0])])


def _doctor(options: argparse.Namespace) -> int:
    from tlteach.doctor import examine

    findings = examine()
    print("\n".join(map(str, findings)))
    return int(any(finding.advice for finding in findings))


if __name__ == "__main__":
    sys.exit(main())
