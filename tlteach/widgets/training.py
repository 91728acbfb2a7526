"""Real training now, drawn beside the runs of the atlas while it happens."""

from __future__ import annotations

import html
import math
from dataclasses import replace
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tlteach.atlas import watched_images
from tlteach.atlas.curves import CURVE, POINTS
from tlteach.data import Task, few_shot, load_task
from tlteach.models import Backbone, load_backbone
from tlteach.plots.style import INK, SPLITS, TICK
from tlteach.training import LiveTraining, Run, TrainConfig
from tlteach.widgets._chart import Chart
from tlteach.widgets._spec import Control, Panel, Series, Spec
from tlteach.widgets._words import FORMS
from tlteach.widgets.overfitting import overfitting

CHOICES = ("scratch", "frozen", "fine_tune", "lp_ft", "partial", "bn_only")
WATCHED = "pool"


class TrainLive(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A form that trains, and a chart that shows it.

    Attributes
    ----------
    chart : Chart
        Finished runs stay in it as lines of their own.
    runs : list of Run
        What was trained, stopped runs included.
    training : LiveTraining or None
        The one at hand, or the last one.
    """

    def __init__(self, task: Task, backbone: Backbone, chart: Chart, config: TrainConfig) -> None:
        self._task, self._backbone, self._config = task, backbone, config
        self.chart = chart
        self.runs: list[Run] = []
        self.training: LiveTraining | None = None
        self._lines: list[dict[str, Any]] = []  # of finished runs
        self._label = ""  # of the training at hand: the form may have moved on since it started
        most = int(np.bincount(task.labelled.labels.numpy()).min())
        shots = [k for k in (1, 2, 5, 10, 20, 50, 100) if k <= most]
        self.regime = ipywidgets.Dropdown(options=CHOICES, description="regime")
        self.shots = ipywidgets.Dropdown(options=shots, value=min(5, most), description="shots")
        self.seed = ipywidgets.BoundedIntText(0, min=0, max=10_000, description="seed")
        self.go = _button("Train", "train with these settings", self._start)
        self.wait = _button("Pause", "pause, or go on", self._pause)
        self.halt = _button("Stop", "stop, and keep what is done", self._stop)
        self.progress = ipywidgets.HTML()
        self.message = ipywidgets.HTML()
        self._show()
        super().__init__(
            [
                ipywidgets.HBox([self.regime, self.shots, self.seed]),
                ipywidgets.HBox([self.go, self.wait, self.halt]),
                self.progress,
                self.message,
                chart,
            ]
        )

    def __repr__(self) -> str:
        return f"<training of {self._backbone.card.name} on {self._task.name}>"

    @property
    def state(self) -> str:
        """Where the controls of the chart stand; may be assigned."""
        return str(self.chart.state)

    @state.setter
    def state(self, text: str) -> None:
        self.chart.state = text

    def table(self) -> pd.DataFrame:
        """Return the rows of the chart, then those of the trainings: one run, no interval."""
        title = self.chart.spec["panels"][0]["title"]
        rows = [
            {"panel": title, "line": line["label"], "at": x, "mean": y, "n_seeds": 1, "verdict": ""}
            for line in self.chart.live
            for x, y in zip(line["x"], line["y"], strict=True)
        ]
        known = self.chart.table()
        if not rows:
            return known
        mine = pd.DataFrame(rows).reindex(columns=known.columns).astype(known.dtypes)
        return pd.concat([known, mine], ignore_index=True) if len(known) else mine

    def describe(self) -> str:
        """Return what the trainings gave and what the chart shows, in words."""
        ends = [f"{line['label']} {FORMS['percent'](line['y'][-1])}" for line in self.chart.live]
        trained = "; ".join(ends) or "nothing yet"
        return f"Trained here, accuracy at the end: {trained}. {self.chart.describe()}"

    def figure(self) -> Figure:
        """Return the chart by matplotlib, with the trainings in it."""
        figure = self.chart.figure()
        ax = figure.axes[0]
        for line in self.chart.live:
            ax.plot(line["x"], line["y"], color=INK, lw=2.5, ls="--", label=line["label"])
        ax.legend(fontsize=TICK, frameon=False)
        return figure

    def _start(self, _: object = None) -> None:
        self.message.value = ""
        before = self.training
        try:
            few = few_shot(self._task, self.shots.value, seed=self.seed.value)
            few = replace(few, train=few.labelled, val=watched_images(few, WATCHED))
            # known before it starts: it may tell of its end at once
            self.training = LiveTraining(
                self._backbone,
                few,
                self.regime.value,
                self._config,
                seed=self.seed.value,
                tell=self._tell,
            )
            self._label = f"{self.regime.value}, {self.shots.value} shots"
            self.training.start()
        except Exception as error:  # a click has no caller: the page has to say it
            self.training = before
            self._complain(error)
        self._show()

    def _pause(self, _: object = None) -> None:
        if self.training is None:
            return
        if self.training.state == "paused":
            self.training.go_on()
        else:
            self.training.pause()
        self._show()

    def _stop(self, _: object = None) -> None:
        if self.training is not None:
            self.training.stop()

    def _tell(self) -> None:
        """Show how far the training is; called from its thread."""
        training = self.training
        if training is None:
            return
        lines = self._curves(training)
        if training.error is not None:
            self._complain(training.error)
        elif training.run is not None:
            self.runs.append(training.run)
            self._lines = [*self._lines, *lines][-6:]  # more lines than that hide each other
            lines = []
        self.chart.live = [*self._lines, *lines]
        self._show()

    def _curves(self, training: LiveTraining) -> list[dict[str, Any]]:
        lines, label = [], self._label
        for split, name in (("train", "learns"), ("val", "other")):
            points = [
                (step, value)
                for step, _, where, metric, value in training.rows
                if where == split and metric == "accuracy"
            ]
            if len(points) == 1:  # solved at once: a level line
                last = self.chart.spec["panels"][0]["x"][-1]
                points = [(0, points[0][1]), (last, points[0][1])]
            x, y = [p[0] for p in points], [p[1] for p in points]
            lines.append({"panel": "accuracy", "label": f"{name}: {label}", "x": x, "y": y})
        return [line for line in lines if line["x"]]

    def _show(self) -> None:
        training = self.training
        state = training.state if training else "ready"
        busy = state in ("running", "paused")
        self.go.disabled, self.wait.disabled, self.halt.disabled = busy, not busy, not busy
        self.wait.description = "Go on" if state == "paused" else "Pause"
        if training is None:
            self.progress.value = _bar(0, 1, "ready")
            return
        left = training.seconds_left
        progress = f"{state}, update {training.step} of {training.total}"
        if busy and not math.isnan(left):
            progress += f", about {left:.0f} s left"
        self.progress.value = _bar(training.step, max(training.total, 1), progress)

    def _complain(self, error: Exception) -> None:
        text = html.escape(f"{type(error).__name__}: {error}")
        self.message.value = f'<p role="alert"><strong>{text}</strong></p>'


def _button(text: str, tip: str, work: Any) -> ipywidgets.Button:
    button = ipywidgets.Button(description=text, tooltip=tip)
    button.on_click(work)
    return button


def _bar(done: int, total: int, words: str) -> str:
    """Return a progress bar that a screen reader can name."""
    bar = f'<progress value="{done}" max="{total}" aria-label="training" style="width:20em">'
    return f"{bar}</progress> <span>{html.escape(words)}</span>"


def train_live(
    task: str | Task = "fashion",
    *,
    backbone: str | Backbone = "small_cnn",
    config: TrainConfig | None = None,
) -> TrainLive:
    """Train for real, with a button, and watch the curves grow.

    The kernel stays free: training runs in a thread. One training at a time. Runs are measured on
    500 images of the pool, whose labels draw the curve and nothing else.

    Parameters
    ----------
    task : str or Task, default "fashion"
        The default is drawn over the runs of the atlas on the same images.
    backbone : str or Backbone, default "small_cnn"
        What regimes start from.
    config : TrainConfig, optional
        Default: that of the atlas for "fashion", else 300 updates.

    Returns
    -------
    TrainLive

    Examples
    --------
    >>> live = train_live("digits")
    >>> live.go.click()
    >>> run = live.training.result()
    >>> len(live.runs), live.training.state
    (1, 'done')
    """
    known = load_task(task) if isinstance(task, str) else task
    net = load_backbone(backbone) if isinstance(backbone, str) else backbone
    if config is None:
        config = CURVE
        if known.name != "fashion":
            config = TrainConfig(updates=300, measure_every=300 // POINTS)
    chart = overfitting() if known.name == "fashion" else Chart(_blank(config))
    return TrainLive(known, net, chart, config)


def _blank(config: TrainConfig) -> Spec:
    """Return axes without runs of the atlas."""
    updates = config.updates or 300
    steps = tuple(updates * i // POINTS for i in range(1, POINTS + 1))
    nothing = np.full((1, POINTS, 4), np.nan, np.float32)
    panel = Panel(
        "accuracy",
        "Accuracy",
        "updates",
        "accuracy",
        steps,
        (Series("atlas", "no runs of the atlas for this task", SPLITS["val"]),),
        (),
        nothing,
        "step",
        (0, 0.2, 0.4, 0.6, 0.8, 1),
    )
    control = Control("step", "updates", steps, start=POINTS - 1)
    return Spec("Live training", "Choose a regime and train.", (control,), (panel,))
