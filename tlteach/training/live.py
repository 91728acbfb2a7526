"""A training beside the kernel: it runs in a thread, can pause, and keeps what is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import torch
from torch import Tensor

from tlteach.data import Task
from tlteach.models import Backbone, Classifier
from tlteach.training.loop import Row, history_of, measure, updates
from tlteach.training.pace import Level
from tlteach.training.record import Run
from tlteach.training.regimes import Regime, get_regime
from tlteach.training.run import Begun
from tlteach.training.settings import TrainConfig
from tlteach.training.steering import Steering

EVERY = 0.1  # seconds between two calls of `tell`
_one = threading.Lock()  # two trainings side by side would only slow each other down


class LiveTraining:
    """One training in a thread of its own.

    Parameters
    ----------
    backbone : Backbone
        Stays as it is.
    task : Task
        Usually from `few_shot`.
    regime : str or Regime
        As for `train`.
    config : TrainConfig, optional
        Set ``measure_every`` for curves.
    seed : int
        As for `train`.
    device : str or torch.device, optional
        Default: the best one here.
    tell : callable, optional
        Called without arguments, from the thread, at most ten times a second and at the end.
    steering : Steering, optional
        What may be turned meanwhile; the learning rate then stays level between turns.
    look : callable, optional
        Called with the model and the step, from the thread, after every measurement.

    Attributes
    ----------
    state : {"ready", "running", "paused", "done", "stopped", "failed"}
        Where it stands.
    step, total : int
        Updates done, and updates meant.
    rows : list of tuple
        What was measured: step, epoch, split, metric, value.
    run : Run or None
        What it gave, once it is over.
    error : Exception or None
        What ended it, if it failed; `result` raises it.

    Examples
    --------
    >>> import tlteach as tlt
    >>> few = tlt.few_shot(tlt.load_task("digits"), 5, seed=0)
    >>> config = tlt.TrainConfig(updates=20, measure_every=10)
    >>> live = LiveTraining(tlt.load_backbone("small_cnn"), few, "scratch", config, seed=0)
    >>> live.start()
    >>> live.result().updates, live.state
    (20, 'done')
    """

    def __init__(
        self,
        backbone: Backbone,
        task: Task,
        regime: str | Regime,
        config: TrainConfig | None = None,
        *,
        seed: int,
        device: str | torch.device | None = None,
        tell: Callable[[], None] | None = None,
        steering: Steering | None = None,
        look: Callable[[Classifier, int], None] | None = None,
    ) -> None:
        self._asked = (backbone, task, get_regime(regime), config)
        self._seed, self._device, self._tell = seed, device, tell
        self._steering, self._look = steering, look
        self._until = 0  # the step to pause at; 0 for none
        self._turning = threading.Lock()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._go, self._stop = threading.Event(), threading.Event()
        self.run: Run | None = None
        self._busy = 0.0  # seconds at work, pauses left out
        self._told = 0.0
        self.state, self.step, self.total = "ready", 0, 0
        self.rows: list[Row] = []
        self.error: Exception | None = None

    def start(self, updates: int = 0) -> None:
        """Begin, and pause after so many updates; 0 for no pause.

        Raises
        ------
        RuntimeError
            While another training is running, or for one that has begun before.
        """
        if self.state != "ready":
            msg = f"a training begins once; this one is {self.state}"
            raise RuntimeError(msg)
        if not _one.acquire(blocking=False):
            msg = "one training at a time: stop the one that is running first"
            raise RuntimeError(msg)
        self.state, self._until = "running", updates
        self._go.set()
        self._thread.start()

    def pause(self) -> None:
        """Wait after the update at hand."""
        if self.state == "running":
            self.state = "paused"
            self._go.clear()

    def go_on(self, updates: int = 0) -> None:
        """Go on, after a pause too, and pause after so many more updates; 0 for no pause."""
        with self._turning:
            if self.state not in ("running", "paused"):
                return
            self._until = self.step + updates if updates else 0
            self.state = "running"
            self._go.set()

    def stop(self) -> None:
        """End after the update at hand, and keep what is done."""
        self._stop.set()
        self._go.set()

    def result(self, timeout: float | None = None) -> Run:
        """Wait for the end; return the run, or raise what ended it.

        Raises
        ------
        TimeoutError
            If it is not over after `timeout` seconds.
        """
        self._thread.join(timeout)
        if self.error is not None:
            raise self.error
        if self.run is None:
            msg = f"the training is {self.state}, at update {self.step} of {self.total}"
            raise TimeoutError(msg)
        return self.run

    @property
    def seconds_left(self) -> float:
        """How long the rest will take at the pace so far; NaN before the first update."""
        return (self.total - self.step) * self._busy / self.step if self.step else float("nan")

    def _work(self) -> None:
        try:
            self.run = self._train()
            self.state = "stopped" if self.step < self.total else "done"
        except Exception as error:  # whatever it is, the widget shows it and `result` raises it
            self.error, self.state = error, "failed"
        finally:
            _one.release()
            self._say(last=True)

    def _train(self) -> Run:
        backbone, task, regime, config = self._asked
        begun = Begun(backbone, task, regime, config, seed=self._seed, device=self._device)
        if regime.solver != "sgd":
            self._watch(begun, task)
            return begun.finish(pd.DataFrame(), begun.config)
        pace = begun.pace() if self._steering is None else Level(begun.pace().cap)
        self.total = pace.cap
        losses: list[Tensor] = []
        start = time.perf_counter()
        for loss, measured in updates(
            begun.model,
            task,
            begun.regime,
            begun.config,
            seed=self._seed,
            pace=pace,
            steering=self._steering,
        ):
            losses.append(loss)
            self.rows += measured
            self.step += 1
            if measured and self._look:
                self._look(begun.model, self.step)
            self._busy += time.perf_counter() - start
            with self._turning:
                if self.step == self._until:
                    self.pause()
            self._say()
            self._go.wait()
            if self._stop.is_set():
                break
            start = time.perf_counter()
        epochs = begun.config.batch_size / len(task.train)
        history = history_of(losses, self.rows, epochs)
        if pace.over:
            self.total = self.step  # flat before its cap
        return begun.finish(history, replace(begun.config, updates=self.step), pace)

    def _watch(self, begun: Begun, task: Task) -> None:
        """Measure a head that is solved at once."""
        for name, split in (("train", task.train), ("val", task.val)):
            if len(split):
                scores = measure(begun.model, split, begun.config.precision)
                self.rows += [(0, 0.0, name, metric, value) for metric, value in scores.items()]

    def _say(self, *, last: bool = False) -> None:
        now = time.monotonic()
        if self._tell and (last or now - self._told >= EVERY):
            self._told = now
            self._tell()
