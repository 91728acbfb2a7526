"""Where a comparison computes: in this process and beside it, or on the workers of a cluster."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import joblib
import torch

from tlteach.base import device as machine
from tlteach.base.workers import elsewhere
from tlteach.data import Task
from tlteach.experiment.cells import Cell, settings
from tlteach.training import versions

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """The machine that computes: its device, and the number format of features there.

    Attributes
    ----------
    device : torch.device
    precision : str
        What was asked for, such as "auto".
    bf16 : bool
        Whether features are computed in bfloat16.
    far : bool
        Whether it is a worker of a cluster.
    machine : dict
        What is told of it: processor, cores and device.
    """

    device: torch.device
    precision: str
    bf16: bool
    far: bool
    machine: dict[str, Any]

    def work(self, call: Callable[..., T], *arguments: Any) -> T:
        """Call something here, if here is like the place that the results are named after.

        Raises
        ------
        RuntimeError
            If this worker has another device or number format.
        """
        if self.far:
            here = _here(self.device, self.precision)
            if here.bf16 != self.bf16:
                formats = [("float32", "bfloat16")[place.bf16] for place in (self, here)]
                msg = (
                    f"all workers must compute alike; one has {formats[0]} and one has "
                    f"{formats[1]}: pass config=TrainConfig(precision='fp32')"
                )
                raise RuntimeError(msg)
        return call(*arguments)


def place_of(device: str | torch.device | None, precision: str) -> Place:
    """Return where work will be done: as a worker says, if there are workers elsewhere.

    Parameters
    ----------
    device : str, device or None
        What was asked for; None is the best one there.
    precision : str
        What was asked for.
    """
    if not elsewhere():
        return _here(device, precision)
    (found,) = joblib.Parallel()([joblib.delayed(_here)(device, precision, far=True)])
    assert isinstance(found, Place)
    return found


def _here(device: str | torch.device | None, precision: str, *, far: bool = False) -> Place:
    where = machine.pick(device)
    bf16 = machine.precision(precision, where) is torch.bfloat16
    name = torch.cuda.get_device_name(where) if where.type == "cuda" else where.type
    facts = {"processor": machine.processor(), "cores": joblib.cpu_count(), "device": name}
    return Place(where, precision, bf16, far, facts)


def identity(task: Task) -> tuple[Any, ...]:
    """Return what tells data apart: of files the groups too, which `tlteach.grouped` changes.

    Subsets are drawn by groups, so rows of before are none of the task with others.
    """
    splits = (task.train, task.val, task.test)
    groups = [split.groups.tolist() for split in splits] if task.files else []
    return (task.fingerprint, task.augments, *map(str, groups))


def provenance(task: Task, cells: Iterable[Cell], place: Place) -> dict[str, Any]:
    """Return what is needed to run a table again: versions, machine, command, settings.

    On a cluster the machine is the worker that was asked first.
    """
    return {
        "task": {"name": task.name, "fingerprint": task.fingerprint, "card": task.card.title},
        "versions": versions(),
        "machine": place.machine,
        "overlap": {
            cell.net.card.name: cell.net.card.overlap(task.classes)
            for cell in cells
            if cell.net and cell.net.card.source != "none"
        },
        "date": date.today().isoformat(),
        "command": Path(sys.argv[0]).name,
        "configs": {cell.config: settings(cell) for cell in cells},
    }
