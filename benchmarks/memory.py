"""Memory at its peak, beyond what the process holds when data and network are loaded.

Each way runs in a fresh process: frozen features of 300 images at 96 px, ours and plainly by timm
(extract.py), and one epoch of fine-tuning, ours and P1 (fine_tune.py). The cache is empty, so ours
also finds out which precision to use. A ratio above one says that ours needs less.
"""

from __future__ import annotations

from collections.abc import Callable

from common import arguments, fresh, machine, ratio, save, spread, tell, warn_if_busy

# isort: split
import psutil
import torch
from extract import plainly
from fine_tune import SHOTS, drawings, rivals

import tlteach as tlt
from tlteach.base.device import peak_memory

IMAGES, REPEATS, MIB = 300, 2, 2**20
CPU = torch.device("cpu")


def taken(work: Callable[[], object]) -> float:
    """Return how far memory rises, in MiB."""
    before = psutil.Process().memory_info().rss
    work()
    return (peak_memory(CPU) - before) / MIB


def features(who: str, n: int) -> float:
    images, net = tlt.load_task("emoji").train.images[:n], tlt.load_backbone("lite0")
    if who == "ours":
        return taken(lambda: tlt.extract_features(net, images, cached=False))
    plain = plainly(net, "tf_efficientnet_lite0")
    return taken(lambda: plain(images))


def tuning(who: str, shots: int) -> float:
    work = rivals(drawings(1, shots=shots, tests=1), 1, {})[who]
    return taken(lambda: work(0))


def main() -> None:
    options = arguments("memory at its peak, each way in a fresh process")
    here = machine()
    warn_if_busy(here)
    images, repeats = (8, 1) if options.quick else (IMAGES, REPEATS)
    jobs = {
        "memory of features at 96 px, plain timm": ("features", "plain", images),
        "memory of fine-tuning at 64 px, P1": ("tuning", "P1", SHOTS),
    }
    if options.quick:
        jobs.popitem()
    rows = {}
    for name, (job, rival, n) in jobs.items():
        took: dict[str, list[float]] = {"ours": [], rival: []}
        for _ in range(repeats):
            for who, values in took.items():
                values.append(float(fresh(f"import memory; print(memory.{job}({who!r}, {n}))")))
        rows[name] = tell(name, ratio(took[rival], took["ours"]))
        rows[name]["mib"] = {who: spread(values) for who, values in took.items()}
        print("  MiB:", {who: round(told["median"]) for who, told in rows[name]["mib"].items()})
    save("memory", here, {"rows": rows}, options.out)


if __name__ == "__main__":
    main()
