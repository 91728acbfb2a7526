"""How many processes work side by side, and how their results come back: through joblib."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import joblib
import psutil
from joblib.externals.loky.process_executor import TerminatedWorkerError

from tlteach.base.edge import warn_caller
from tlteach.base.text import counted

NEEDS = 2**29  # bytes a process takes with torch, this package, a task and a network: 0.45 GB
GROUP = Path("/sys/fs/cgroup")
HERE = ("sequential", "threading", "multiprocessing", "loky")  # joblib's own backends
Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]  # what `joblib.delayed` gives


class FewerWorkersWarning(UserWarning):
    """A process was ended by the system; the work goes on in fewer."""


def workers() -> int:
    """Return how many processes may work here side by side, if nobody said.

    One under JupyterHub, where others wait for the same cores. Elsewhere one per core that this
    process may use (quotas of a container count), but no more than fit into the free memory.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> 1 <= workers() <= joblib.cpu_count()
    True
    """
    if "JUPYTERHUB_USER" in os.environ:
        return 1
    return max(1, min(int(joblib.cpu_count()), free_memory() // NEEDS))


def free_memory(group: Path = GROUP) -> int:
    """Return the bytes that may still be taken: the machine's, or those of this container.

    Parameters
    ----------
    group : Path
        Where Linux tells the limits of a container (cgroup, version 2).

    Returns
    -------
    int

    Examples
    --------
    >>> free_memory() > 0
    True
    """
    free = int(psutil.virtual_memory().available)
    try:
        most, held = ((group / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        lines = (group / "memory.stat").read_text().splitlines()
    except OSError:
        return free
    # files that were read lately count as held, and are let go when memory is asked for
    files = sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
    return free if most == "max" else max(0, min(free, int(most) - int(held) + files))


def configured() -> bool:
    """Return whether `joblib.parallel_config` says where work goes, or how much at once.

    Examples
    --------
    >>> with joblib.parallel_config(n_jobs=1):
    ...     configured()
    True
    >>> configured()
    False
    """
    with joblib.parallel_config() as active:  # changes nothing and tells what holds
        return isinstance(active["n_jobs"], int) or hasattr(active["backend"], "effective_n_jobs")


def elsewhere() -> bool:
    """Return whether `joblib.parallel_config` names workers that may be other machines.

    Not where a cluster has but one core: then joblib computes in this process.

    Examples
    --------
    >>> elsewhere()
    False
    """
    backend, _ = joblib.parallel.get_active_backend()
    here = tuple(joblib.parallel.BACKENDS[name] for name in HERE)
    return not isinstance(backend, here) and int(joblib.effective_n_jobs()) > 1


def as_they_finish(calls: Sequence[Call], n_jobs: int | None) -> Iterator[Any]:
    """Return what the calls return, whichever is ready first.

    Parameters
    ----------
    calls : sequence
        From `joblib.delayed`.
    n_jobs : int or None
        As joblib counts; None: what `joblib.parallel_config` says, else `workers`.

    Returns
    -------
    iterator
        Over the results. Backends that hand them back only all at once (Ray, multiprocessing) get
        a handful of calls at a time, so that little is lost if they end; all others begin at once.

    Examples
    --------
    >>> sorted(as_they_finish([joblib.delayed(abs)(n) for n in (-3, 2)], 1))
    [2, 3]
    """
    backend, _ = joblib.parallel.get_active_backend()
    if backend.supports_return_generator:
        parallel = joblib.Parallel(**_asked(n_jobs), return_as="generator_unordered")
        return iter(parallel(calls))
    return _by_handfuls(calls, joblib.Parallel(**_asked(n_jobs)), 2 * at_once(n_jobs))


def _by_handfuls(calls: Sequence[Call], parallel: joblib.Parallel, size: int) -> Iterator[Any]:
    for first in range(0, len(calls), size):
        yield from parallel(calls[first : first + size])


def _asked(n_jobs: int | None) -> dict[str, int]:
    """Return what joblib is told; nothing where `joblib.parallel_config` says it."""
    return {} if n_jobs is None and configured() else {"n_jobs": n_jobs or workers()}


def at_once(n_jobs: int | None) -> int:
    """Return how many processes will work side by side.

    Examples
    --------
    >>> at_once(1)
    1
    """
    return int(joblib.effective_n_jobs(joblib.Parallel(**_asked(n_jobs)).n_jobs))


def until_done(left: Callable[[], Sequence[Call]], n_jobs: int | None) -> Iterator[Any]:
    """Return results as they come, and go on with fewer processes where the system ended one.

    Processes begin at once, before the first result is asked for, where the backend can.

    Parameters
    ----------
    left : callable
        Returns the calls whose results have not been given yet.
    n_jobs : int or None
        As in `as_they_finish`.

    Returns
    -------
    iterator
        Over the results.

    Warns
    -----
    FewerWorkersWarning
        When a process was ended, most likely for lack of memory.

    Examples
    --------
    >>> list(until_done(lambda: [joblib.delayed(abs)(-3)], 1))
    [3]
    """
    return _going_on(as_they_finish(left(), n_jobs), left, n_jobs)


def _going_on(
    results: Iterator[Any], left: Callable[[], Sequence[Call]], now: int | None
) -> Iterator[Any]:
    while True:
        try:
            yield from results
        except TerminatedWorkerError:
            had = at_once(now)
            now = max(1, had // 2)
            msg = (
                f"the system ended one of {counted(had, 'process', 'processes')}, most likely for "
                f"lack of memory; going on with {now}. Nothing is lost; n_jobs=1 takes least"
            )
            warn_caller(msg, FewerWorkersWarning)
            results = as_they_finish(left(), now)
        else:
            return
