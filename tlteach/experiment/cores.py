"""The same work for many arguments, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import joblib

from tlteach.base import checked, device
from tlteach.base.workers import Call, until_done

T = TypeVar("T")


@checked
def on_all_cores(work: Callable[..., T], calls: Iterable[tuple[Any, ...]]) -> list[T]:
    """Call a function once for each tuple of arguments, side by side; return what came, in order.

    Processes of their own do the work, through joblib, as `compare` has them: as many as there are
    cores and as fit into memory, unless ``joblib.parallel_config`` says otherwise. Each call has
    one thread, so the bits are the same however many run at once.

    Parameters
    ----------
    work : callable
        May be defined in a notebook; what it uses from there is copied to the processes.
    calls : iterable of tuple
        The arguments of each call.

    Returns
    -------
    list
        What the calls returned.

    Warns
    -----
    FewerWorkersWarning
        As in `compare`.

    Examples
    --------
    >>> on_all_cores(pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    asked, found = [*calls], {}

    def left() -> list[Call]:
        call = joblib.delayed(_alone)
        return [call(work, i, one) for i, one in enumerate(asked) if i not in found]

    with device.workers_may_be_replaced():
        for i, result in until_done(left, None):
            found[i] = result
    return [found[i] for i in range(len(asked))]


def _alone(work: Callable[..., T], i: int, arguments: tuple[Any, ...]) -> tuple[int, T]:
    with device.threads(1):
        return i, device.as_worker(work, *arguments)
