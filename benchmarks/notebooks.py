"""Seconds and memory of every solved notebook in the class tier, for the headers to carry.

A learner's first time: an empty cache, no network, a fresh kernel, its start on the clock. With
names, only these notebooks are measured again and the others keep their records. A machine with a
GPU keeps records of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import psutil
from common import RESULTS, machine, warn_if_busy
from nbclient import NotebookClient

from tlteach.base import cache

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
RECORD = RESULTS / "notebooks.json"
LONGEST = 180  # seconds on 2 cores
LOOKS = 0.1  # seconds between two looks at the memory
UNITS = {"second": 1, "minute": 60}
TIME = re.compile(r"about ([\d.]+) (second|minute)s?")


def told(seconds: float) -> str:
    """Return a time as headers tell it: in steps of 5 or 10 seconds, then in half minutes."""
    if seconds < 95:
        step = 5 if seconds < 15 else 10
        return f"about {max(step, step * round(seconds / step))} seconds"
    return f"about {round(seconds / 30) / 2:g} minutes"


def said(text: str) -> float:
    """Return the seconds that a header tells."""
    found = TIME.search(text)
    if found is None:
        msg = f"a header must tell its time as in 'about 50 seconds'; got {text!r}"
        raise ValueError(msg)
    return float(found[1]) * UNITS[found[2]]


def header(name: str, folder: Path = NOTEBOOKS) -> str:
    """Return the line of a notebook's source that tells its time."""
    lines = (folder / "src" / f"{name}.py").read_text().splitlines()
    return next(line for line in lines if line.startswith("# **Time**"))


def measured(path: Path) -> dict[str, float]:
    """Run one notebook and return its seconds and the most memory of its processes in GB."""
    notebook = nbformat.read(path, as_version=4)
    metadata = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=1800, resources=metadata)
    with tempfile.TemporaryDirectory() as place, _most_memory() as most:
        os.mkdir(home := f"{place}/home")
        mine = {"TLTEACH_HOME": home, "TLTEACH_PROGRESS": f"{place}/progress", "TLTEACH_SHARED": ""}
        here = mine | {"TLTEACH_TIER": "class", "TLTEACH_OFFLINE": "1"}
        start = time.perf_counter()
        client.execute(env=os.environ | here)
        seconds = time.perf_counter() - start
    return {"seconds": round(seconds, 1), "peak_gb": round(max(most) / 2**30, 2)}


@contextmanager
def _most_memory() -> Iterator[list[int]]:
    """Watch the bytes that new processes below this one hold; shared pages count in each."""
    seen, over = [0], threading.Event()
    old = set(psutil.Process().children(recursive=True))  # workers that something else left

    def watch() -> None:
        while not over.wait(LOOKS):
            new = set(psutil.Process().children(recursive=True)) - old
            seen.append(sum(map(_held, new)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has just ended
        return 0


def table(record: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the table of what was measured, beside what the headers say."""
    lines = ["| notebook | machine | seconds | GB | header |", "|---|---|---|---|---|"]
    for kind, found in record.items():
        for name, run in sorted(found["notebooks"].items()):
            tells = told(run["seconds"])
            if kind == "cpu" and is_off(header(name), run["seconds"]):
                tells += f", not {said(header(name)):g} seconds"
            cells = (name, kind, run["seconds"], run["peak_gb"], tells)
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def is_off(text: str, seconds: float) -> bool:
    """Return whether what a header tells is more than 30 % from what was measured."""
    return abs(said(text) / seconds - 1) > 0.3


def recorded(path: Path = RECORD) -> dict[str, Any]:
    """Return what was measured before, by kind of machine."""
    return json.loads(path.read_text()) if path.exists() else {}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="such as 01_three_ways; default all")
    parser.add_argument("--out", type=Path, default=RECORD, help="the record to go on with")
    options = parser.parse_args(arguments)
    names = options.names or sorted(path.stem for path in NOTEBOOKS.glob("src/*.py"))
    record = recorded(options.out)
    for name in names:
        here = machine()
        warn_if_busy(here)
        kind = "gpu" if here["gpu"] else "cpu"
        run = measured(NOTEBOOKS / "solutions" / f"{name}.ipynb")
        run |= {"date": here["date"], "load_before": here["load_before"]}
        print(f"{name}: {run['seconds']} s, {run['peak_gb']} GB", flush=True)
        runs = record.get(kind, {}).get("notebooks", {}) | {name: run}
        record[kind] = {"machine": here, "notebooks": dict(sorted(runs.items()))}
        with cache.atomic_write(options.out) as temporary:
            temporary.write_text(json.dumps(record, indent=1) + "\n")
    print(table(record))


if __name__ == "__main__":
    main()
