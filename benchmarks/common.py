"""What every benchmark does the same way: order of runs, spread, ratios, machine, result file.

Rivals run in turns in one process, the order turned round each time (A B, B A, ...), so a slow
minute of the machine hits them alike. Before the clock starts each ran once. A time is told as
its median and quartiles; a ratio as the median and quartiles over all pairs of times.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tlteach import cache, device  # before torch: sets how its threads wait, which it reads once

# isort: split
import numpy as np
import psutil
import torch

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "scikit-learn", "tlteach", "torch", "torchvision")
QUIET = 0.3  # load average, other programs, above which times are suspect


def arguments(about: str, **numbers: int) -> argparse.Namespace:
    """Return the options that all benchmarks share, and whole numbers with these defaults."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="a tiny run, to see that it works")
    parser.add_argument("--out", type=Path, help="folder of the result file")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    options = parser.parse_args()
    if options.out is None and not options.quick:
        options.out = RESULTS
    if options.quick:
        print("quick: far too small for its numbers to mean anything")
    return options


def machine() -> dict[str, Any]:
    """Return what a reader needs to judge the times."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": device.processor(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "system": f"{platform.system()} {platform.machine()}",
        "wait_policy": os.environ.get("OMP_WAIT_POLICY", "default"),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
    }


def warn_if_busy(here: Mapping[str, Any]) -> None:
    if here["load_before"] > QUIET:
        print(f"warning: load average {here['load_before']} before the start; wait until it is")
        print(f"below {QUIET} for times worth keeping")


def in_turns(
    rivals: Mapping[str, Callable[[], object]], repeats: Mapping[str, int], *, warm: bool = True
) -> dict[str, list[float]]:
    """Time each rival `repeats` times, in turns; return seconds.

    A rival with fewer repeats drops out of the later rounds.
    """
    if warm:
        for work in rivals.values():
            work()
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for turn in range(max(repeats.values())):
        for name in list(rivals)[:: 1 if turn % 2 == 0 else -1]:
            if turn < repeats[name]:
                seconds[name].append(timed(rivals[name]))
    return seconds


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return median, quartiles and n."""
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return {"median": _short(median), "q25": _short(low), "q75": _short(high), "n": len(values)}


def ratio(slow: Sequence[float], fast: Sequence[float]) -> dict[str, Any]:
    """Return the spread of slow over fast, over all pairs of times; n is the smaller number."""
    pairs = np.divide.outer(np.asarray(slow), np.asarray(fast)).ravel()
    return spread(pairs.tolist()) | {"n": min(len(slow), len(fast))}


def agree(a: Sequence[float], b: Sequence[float]) -> dict[str, Any]:
    """Tell whether two mean accuracies over seeds lie within two standard errors."""
    difference = float(np.mean(a) - np.mean(b))
    error = float(np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)))
    told = {"difference": round(difference, 4), "standard_error": round(error, 4)}
    return told | {"agree": abs(difference) <= 2 * error}


def tell(name: str, found: Mapping[str, Any], goal: float, *, valid: bool = True) -> dict[str, Any]:
    """Print one ratio beside its goal; return it with the goal and whether the row counts."""
    reached = valid and found["median"] >= goal
    word = "void" if not valid else "reached" if reached else "missed"
    print(
        f"{name}: {found['median']:.1f}x (quartiles {found['q25']:.1f} to {found['q75']:.1f}, "
        f"n={found['n']}); goal {goal:g}x {word}"
    )
    return dict(found) | {"goal": goal, "valid": valid, "reached": bool(reached)}


def save(name: str, here: Mapping[str, Any], found: Mapping[str, Any], out: Path | None) -> None:
    """Print the machine and write the result file, all of it or nothing."""
    print(json.dumps(here))
    if out is None:
        return
    with cache.atomic_write(out / f"{name}.json") as temporary:
        temporary.write_text(json.dumps({"machine": here} | dict(found), indent=1) + "\n")
    print(f"wrote {name}.json")


def _short(value: float) -> float:
    return float(f"{value:.4g}")
