"""What a cluster costs: a sweep on Dask workers beside the same sweep in this process.

The workers are processes of this machine, so what is measured is the price of the way, not the
gain of many machines: bytes over the loopback interface and seconds, per run. The rows must come
out the same, bit for bit; if not, everything is void. One worker of one core is no cluster to
joblib, which then computes in the client; so two are held against none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any

from common import arguments, machine, save, spread, tell, timed, warn_if_busy

# isort: split
import joblib
import pandas as pd
import psutil
from distributed import Client, LocalCluster

import tlteach as tlt

REPEATS, SEEDS = 3, 12
SPEEDUP = 1.8  # goal: two workers against none
MEBIBYTE = 2**20


def sweep(seeds: int, n_jobs: int | None = None) -> pd.DataFrame:
    """Fine-tune a small network on emoji: 38 MB of images, half a megabyte of weights."""
    return tlt.compare(
        tlt.load_task("emoji"),
        backbone="small_cnn",
        regimes=["scratch"],
        shots=[10],
        seeds=range(seeds),
        search=1,
        config=tlt.TrainConfig(updates=100, until="end", precision="fp32"),
        baselines=False,
        n_jobs=n_jobs,
        device="cpu",
        progress=False,
    )


def over_loopback(work: Callable[[], Any]) -> int:
    """Return the bytes that went over this machine's own interface meanwhile."""
    before = psutil.net_io_counters(pernic=True)["lo"].bytes_sent
    work()
    return int(psutil.net_io_counters(pernic=True)["lo"].bytes_sent - before)


def on_cluster(workers: int, seeds: int, repeats: int) -> tuple[list[float], list[int], bool]:
    """Return seconds and bytes of each sweep on so many workers, and whether all rows agree."""
    expected = sweep(seeds, 1).drop(columns="seconds")
    seconds, sent, found = [], [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            local_directory=folder,
        ) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        sweep(workers)  # imports
        for _ in range(repeats):
            seconds.append(
                timed(lambda: sent.append(over_loopback(lambda: found.append(sweep(seeds)))))
            )
    alike = all(table.drop(columns="seconds").equals(expected) for table in found)
    return seconds, sent, alike


def main() -> None:
    options = arguments("what a cluster of Dask workers costs", seeds=SEEDS)
    here = machine()
    warn_if_busy(here)
    seeds, repeats = (2, 1) if options.quick else (options.seeds, REPEATS)
    rows: dict[str, dict[str, Any]] = {}
    alone = [timed(lambda: sweep(seeds, 1)) for _ in range(repeats)]
    two, sent, valid = on_cluster(2, seeds, repeats)
    name = "two Dask workers, this process"
    faster = [a / b for a, b in zip(alone, two, strict=True)]
    rows[name] = tell(name, spread(faster), SPEEDUP, valid=valid)
    name = "overhead of a run on two Dask workers"
    over = [1000 * (2 * b - a) / seeds for a, b in zip(alone, two, strict=True)]
    rows[name] = tell(name, spread(over), unit=" ms", valid=valid)
    name = "sent for a run, two Dask workers"
    rows[name] = tell(name, spread([n / seeds / MEBIBYTE for n in sent]), unit=" MiB", valid=valid)
    save("scale", here, {"rows": rows, "runs": seeds}, options.out)


if __name__ == "__main__":
    main()
