"""The scripts of `benchmarks/`: where they are, and a tiny run of one."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


def run(script, *options):
    return subprocess.run(
        [sys.executable, FOLDER / script, "--quick", *options],
        capture_output=True,
        text=True,
        check=False,
    )
