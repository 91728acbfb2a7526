"""What every benchmark does the same way: order of runs, spread, ratios, machine, result file.

Rivals run in turns in one process, the order turned round each time (A B, B A, ...), so a slow
minute of the machine hits them alike. Before the clock starts each ran once. A time is told as
its median and quartiles; a ratio as the median and quartiles over all pairs of times. The share
of the roofline is the work's FLOPs, per second, over those that a matrix product reaches here.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tlteach.base import cache, device  # before torch: sets how its threads wait, read once

# isort: split
import numpy as np
import psutil
import torch
from torch.utils.flop_counter import FlopCounterMode

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results"
PACKAGES = ("numpy", "scikit-learn", "timm", "tlteach", "torch", "torchvision")
PEERS = ("fastai", "keras", "pytorch-lightning", "skorch")  # told where they are installed
QUIET = 0.3  # load average, other programs, above which times are suspect
LAPTOP = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
MATRIX_UNITS = ("avx512_bf16", "amx_bf16")
COPIED = 2**28  # bytes, far more than a cache holds


def arguments(about: str, **defaults: int | str) -> argparse.Namespace:
    """Return the options that all benchmarks share, and further ones with these defaults."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="a tiny run, to see that it works")
    parser.add_argument("--out", type=Path, help="folder of the result file")
    for name, default in defaults.items():
        told = f"default {default}"
        parser.add_argument(f"--{name}", type=type(default), default=default, help=told)
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
        "matrix_units": matrix_units(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "system": f"{platform.system()} {platform.machine()}",
        "wait_policy": os.environ.get("OMP_WAIT_POLICY", "default"),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {"python": platform.python_version()} | _versions(),
    }


def _versions() -> dict[str, str]:
    found = {package: version(package) for package in PACKAGES}
    for package in PEERS:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def matrix_units() -> list[str]:
    """Return what the processor has, and may use, for products in bfloat16."""
    if "ONEDNN_MAX_CPU_ISA" in os.environ:
        return []
    has = torch.cpu.get_capabilities()
    return [unit for unit in MATRIX_UNITS if has.get(unit)]


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


def seed_by_seed(
    rivals: Mapping[str, Callable[[int], Callable[[], float]]], seeds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Time each rival once for each seed, in turns; return seconds and accuracies.

    A rival works on the clock and returns what then, off the clock, tells its accuracy.
    """
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    accuracy: dict[str, list[float]] = {name: [] for name in rivals}
    for seed in range(seeds):
        for name in list(rivals)[:: 1 if seed % 2 == 0 else -1]:
            torch.manual_seed(seed)  # peers draw from the global stream
            start = time.perf_counter()
            score = rivals[name](seed)
            seconds[name].append(time.perf_counter() - start)
            accuracy[name].append(round(score(), 4))
            print(f"  {name}: {seconds[name][-1]:.2f} s, accuracy {accuracy[name][-1]:.3f}")
    return seconds, accuracy


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return median, quartiles and n."""
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return {"median": _short(median), "q25": _short(low), "q75": _short(high), "n": len(values)}


def ratio(slow: Sequence[float], fast: Sequence[float]) -> dict[str, Any]:
    """Return the spread of slow over fast, over all pairs of times; n is the smaller number."""
    pairs = np.divide.outer(np.asarray(slow), np.asarray(fast)).ravel()
    return spread(pairs.tolist()) | {"n": min(len(slow), len(fast))}


def agree(a: Sequence[float], b: Sequence[float]) -> dict[str, Any]:
    """Tell whether two mean accuracies over seeds lie within two standard errors.

    `no_worse` forgives the first for being better.
    """
    difference = float(np.mean(a) - np.mean(b))
    error = float(np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)))
    told = {"difference": round(difference, 4), "standard_error": round(error, 4)}
    apart = abs(difference) > 2 * error
    return told | {"agree": not apart, "no_worse": not apart or difference > 0}


def tell(
    name: str,
    found: Mapping[str, Any],
    goal: float | None = None,
    *,
    valid: bool = True,
    unit: str = "x",
) -> dict[str, Any]:
    """Print one number beside its goal; return it with the goal and whether the row counts.

    A goal is the least for a ratio ("x") and the most for any other unit.
    """
    median = found["median"]
    reached = valid and goal is not None and (median >= goal if unit == "x" else median <= goal)
    aim = "no goal" if goal is None else f"goal {goal:g}{unit}"
    word = "void" if not valid else "reached" if reached else "" if goal is None else "missed"
    print(
        f"{name}: {median:.4g}{unit} (quartiles {found['q25']:.4g} to {found['q75']:.4g}, "
        f"n={found['n']}); {aim} {word}".rstrip(),
        flush=True,
    )
    told = {"unit": unit.strip(), "goal": goal, "valid": bool(valid), "reached": bool(reached)}
    return dict(found) | told


def ceilings() -> dict[str, float]:
    """Return the most that this machine does: GFLOP/s of matrix products, GB/s of a copy.

    A copy counts the bytes that it reads and those that it writes.
    """
    source = torch.ones(COPIED, dtype=torch.uint8)
    target = torch.empty_like(source)
    seconds = min(timed(lambda: target.copy_(source)) for _ in range(5))
    kinds = {"fp32": torch.float32} | ({"bf16": torch.bfloat16} if matrix_units() else {})
    found = {f"{kind}_gflops": _short(_fastest(dtype)) for kind, dtype in kinds.items()}
    found["copy_gbs"] = _short(2 * COPIED / seconds / 1e9)
    print("ceilings:", ", ".join(f"{name} {value:g}" for name, value in found.items()))
    return found


def _fastest(dtype: torch.dtype) -> float:
    """Return the GFLOP/s of the best of some square products."""
    rates = []
    for n in (512, 1024, 2048):
        matrix = torch.ones(n, n, dtype=dtype)
        seconds = min(timed(lambda m=matrix: m @ m) for _ in range(5))
        rates.append(2 * n**3 / seconds / 1e9)
    return max(rates)


def flops(work: Callable[[], object]) -> int:
    """Run `work` once and return its FLOPs: matrix products and convolutions, in this process."""
    mapping = {torch.ops.aten.convolution_backward: _convolution_backward}
    with FlopCounterMode(display=False, custom_mapping=mapping) as counter:
        work()
    return int(counter.get_total_flops())


def _convolution_backward(
    gradient: Sequence[int], x: object, weight: Sequence[int], *more: Any, **_: object
) -> int:
    """Return the FLOPs of both gradients; torch's own formula forgets groups in one of them."""
    wanted = sum(more[-1][:2])
    return 2 * wanted * gradient[0] * math.prod(gradient[2:]) * math.prod(weight)


def training_flops(train: Callable[[int], object], updates: int) -> int:
    """Return the FLOPs of ``train(updates)`` from runs of one and of two updates."""
    one, two = (flops(lambda n=n: train(n)) for n in (1, 2))
    return one + (updates - 1) * (two - one)


def roofline(name: str, work: int, seconds: float, most: Mapping[str, float]) -> dict[str, float]:
    """Print and return the rate of some work and its share of the ceilings."""
    rate = work / seconds / 1e9
    kinds = [kind for kind in ("fp32", "bf16") if f"{kind}_gflops" in most]
    shares = {kind: rate / most[f"{kind}_gflops"] for kind in kinds}
    told = ", ".join(f"{share:.0%} of the {kind} roofline" for kind, share in shares.items())
    print(f"{name}: {work / 1e9:.4g} GFLOP at {rate:.4g} GFLOP/s, {told}", flush=True)
    found = {"gflop": work / 1e9, "gflops": rate} | {f"share_of_{k}": s for k, s in shares.items()}
    return {key: _short(value) for key, value in found.items()}


def fresh(code: str, **environment: str) -> str:
    """Run code in a new process in this folder, with an empty cache; return its last line."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=FOLDER,
            env=os.environ | {"TLTEACH_HOME": home, "TLTEACH_SHARED": ""} | environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    *shown, last = done.stdout.splitlines()
    for line in shown:
        print(line, flush=True)
    return last


def as_a_laptop(script: str, **options: object) -> dict[str, Any]:
    """Return what a script measures where the processor may use AVX2 and nothing newer."""
    print("again, as on a processor that ends at AVX2")
    code = f"import json, {script}; print(json.dumps({script}.measured(**{options!r})))"
    found: dict[str, Any] = json.loads(fresh(code, **LAPTOP))
    return found


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
