"""`tlteach doctor`: what this machine has, with one line of advice for each problem."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import joblib
import torch

from tlteach.app import needed
from tlteach.base import adding, atomic_write, cache, counted, device as machine, wrapped
from tlteach.base.workers import free_memory
from tlteach.data import TASKS, load_task
from tlteach.models import load_backbone
from tlteach.training import versions

GIB = 1 << 30
LEARNER = 1.5  # GiB that a kernel holds in the middle of notebook 01, measured: 1.4
UNDER = 15  # where what was found begins


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes
    ----------
    name : str
        What was looked at.
    found : str
        What is there.
    advice : str
        What to do; empty when all is well.
    """

    name: str
    found: str
    advice: str = ""

    def __str__(self) -> str:
        mark = "!!" if self.advice else "ok"
        found = self.found.replace("\n", f"\n{'':{UNDER}}")  # one line for each notebook
        line = f"{mark}  {self.name:<10} {found}"
        return wrapped(f"{line}\n{'':{UNDER}}{self.advice}".rstrip(), UNDER)


def examine() -> list[Finding]:
    """Return one finding for each part of the set-up; a part that fails is a finding too.

    Returns
    -------
    list of Finding
        In a fixed order.

    Examples
    --------
    >>> [finding.name for finding in examine()][:3]
    ['versions', 'device', 'memory']
    """
    findings = []
    for look in LOOKS:
        try:
            findings.append(look())
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            name = look.__name__.strip("_")
            findings.append(Finding(name, f"failed: {error}", "install tlteach again"))
    return findings


def _versions() -> Finding:
    return Finding("versions", ", ".join(f"{name} {v}" for name, v in versions().items()))


def _device() -> Finding:
    where = machine.pick()
    if where.type == "cuda":
        return Finding("device", torch.cuda.get_device_name(where))
    return Finding("device", f"{where.type}: {machine.processor()}")


def _memory() -> Finding:
    if not hasattr(os, "sysconf"):  # Windows
        return Finding("memory", "not measured on this system")
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    advice = "" if total >= 4 else "close other programs: the demo needs 4 GiB"
    room = max(1, int(free_memory() / GIB / LEARNER))
    told = f"{total:.0f} GiB, room for about {counted(room, 'learner')} at once"
    return Finding("memory", told, advice)


def _threads() -> Finding:
    policy = os.environ.get("OMP_WAIT_POLICY", "not set")
    passive = policy.upper() == "PASSIVE"
    advice = "" if passive else "set OMP_WAIT_POLICY=PASSIVE, or import tlteach before torch"
    cores = counted(joblib.cpu_count(), "core")
    threads = counted(torch.get_num_threads(), "torch thread")
    return Finding("threads", f"{cores}, {threads}, waiting {policy}", advice)


def _cache() -> Finding:
    home = cache.home()
    shown = str(home).replace(str(Path.home()), "~")
    try:
        home.mkdir(parents=True, exist_ok=True)
        with atomic_write(home / "doctor.txt") as temporary:
            temporary.write_text("writable")
        (home / "doctor.txt").unlink()
    except OSError as error:
        found = f"{shown} cannot be written: {error.strerror}"
        return Finding("cache", found, "point TLTEACH_HOME to a folder you can write to")
    used = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    free = shutil.disk_usage(home).free
    advice = "" if free > GIB else "free some disk space or point TLTEACH_HOME elsewhere"
    return Finding(
        "cache", f"{shown}: {used / GIB:.2f} GiB used, {free / GIB:.0f} GiB free", advice
    )


def _progress() -> Finding:
    folder = cache.progress_home()
    shown = str(folder).replace(str(Path.home()), "~")
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if there.is_dir() and os.access(there, os.W_OK):
        return Finding("progress", f"{shown}, your own")
    advice = "point TLTEACH_PROGRESS to a folder of your own"
    return Finding("progress", f"{shown} cannot be written", advice)


def _shared() -> Finding:
    folder = cache.shared()
    if folder is None:
        return Finding("shared", "none")
    if folder.is_dir():
        return Finding("shared", f"{folder} is looked into before anything is computed")
    advice = "tlteach prefetch fills one, or unset TLTEACH_SHARED"
    return Finding("shared", f"{folder} is no folder", advice)


def _network() -> Finding:
    state = "forbidden by TLTEACH_OFFLINE" if cache.is_offline() else "allowed, never needed"
    return Finding("network", state)


def _weights() -> Finding:
    return Finding("weights", repr(load_backbone("lite0")))


def _data() -> Finding:
    return Finding("data", ", ".join(map(_counted, TASKS)))


def _counted(name: str) -> str:
    task = load_task(name)
    return f"{name} ({len(task.labelled) + len(task.test)} {task.kind})"


def _notebooks() -> Finding:
    lacking = needed.missing()
    if not lacking:
        return Finding("notebooks", f"all {len(needed.sources())} have what they need")
    everywhere = set.intersection(*map(set, lacking.values()))
    common = everywhere if len(lacking) == len(needed.sources()) else set()
    lines = [f"every notebook lacks {', '.join(sorted(common))}"] if common else []
    for name, modules in lacking.items():
        if own := [module for module in modules if module not in common]:
            lines.append(f"{name} lacks {', '.join(own)}")
    return Finding("notebooks", "\n".join(lines), adding("course"))


LOOKS: tuple[Callable[[], Finding], ...] = (
    _versions,
    _device,
    _memory,
    _threads,
    _cache,
    _progress,
    _shared,
    _network,
    _weights,
    _data,
    _notebooks,
)
