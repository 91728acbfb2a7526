"""Updates that a GPU repeats by itself: recorded once as a CUDA graph, then one launch each.

Of a small network a GPU computes a layer faster than Python asks for the next one, so it mostly
waits. A graph holds all that one update asks for; `benchmarks/on_gpu.py` measures what that saves.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Update = Callable[[Tensor, Tensor], Tensor]
PIECEMEAL = 4  # updates before recording: libraries choose their ways in the first ones


def tensor_rates(optimizer: torch.optim.Optimizer, where: torch.device) -> None:
    """Keep learning rates where a graph reads them anew at each update, not as numbers in it."""
    for group in optimizer.param_groups:
        group["lr"] = torch.tensor(group["lr"], device=where)


class Graphed:
    """An update as a graph: called like the update itself, with batches of one shape.

    The first calls run piece by piece, the next one records and repeats what was recorded. Every
    call is one update: recording computes nothing. What cannot be recorded, such as a network that
    asks the processor between its layers, stays piece by piece.

    Parameters
    ----------
    update : callable
        Takes inputs and targets on the GPU, makes one gradient step and returns the loss, detached.
        Its learning rates must be tensors (`tensor_rates`).
    optimizer : torch.optim.Optimizer
        Lets go of its gradients before the recording.
    """

    def __init__(self, update: Update, optimizer: torch.optim.Optimizer) -> None:
        self._update, self._optimizer = update, optimizer
        self._calls, self._graph = 0, torch.cuda.CUDAGraph()
        self._aside = torch.cuda.Stream()  # not where the rest of the program works
        self._kept: tuple[Tensor, Tensor, Tensor] | None = None  # inputs, targets, loss
        self.recorded: bool | None = None  # None: not tried yet

    def __call__(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Make one update; return the loss."""
        self._calls += 1
        if self._calls > PIECEMEAL and self.recorded is None:
            self._record(inputs, targets)
        if self._kept is None:
            return self._piecemeal(inputs, targets)
        x, y, loss = self._kept
        x.copy_(inputs)
        y.copy_(targets)
        self._graph.replay()
        return loss.clone()

    def _piecemeal(self, inputs: Tensor, targets: Tensor) -> Tensor:
        now = torch.cuda.current_stream()
        self._aside.wait_stream(now)
        with torch.cuda.stream(self._aside):
            loss = self._update(inputs, targets)
        now.wait_stream(self._aside)
        return loss

    def _record(self, inputs: Tensor, targets: Tensor) -> None:
        x, y = inputs.clone(), targets.clone()
        self._optimizer.zero_grad()  # else old gradients would be added to, in the graph
        try:
            with torch.cuda.graph(self._graph):
                loss = self._update(x, y)
        except RuntimeError:
            self.recorded = False
            return
        self._kept, self.recorded = (x, y, loss), True
