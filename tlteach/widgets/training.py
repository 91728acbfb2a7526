"""Overfitting to provoke: a real training now, with settings that act while it runs."""

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
from tlteach.atlas.curves import CURVE
from tlteach.base import checked, counted
from tlteach.data import Task, few_shot, load_task
from tlteach.data.augment import FOR_TEXTS, POLICIES
from tlteach.models import Backbone, load_backbone
from tlteach.plots.letters import literal
from tlteach.plots.style import GREY, SPLITS, TICK
from tlteach.training import LiveTraining, Run, Steering, TrainConfig
from tlteach.widgets import _live
from tlteach.widgets._chart import Chart
from tlteach.widgets._form import KNOBS, bar, button, knob_told, knobs_of
from tlteach.widgets._words import FORMS

CHOICES = ("scratch", "frozen", "fine_tune", "lp_ft", "partial", "bn_only")
KEPT = 3  # curves of earlier trainings: more hide each other
WATCHED = "pool"


class TrainLive(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A form that trains and steers, and a chart that shows it.

    Parameters
    ----------
    task, backbone, config : Task, Backbone, TrainConfig
        As in `train_live`.

    Attributes
    ----------
    chart : Chart
        Earlier trainings stay in it, as grey lines.
    runs : list of Run
        What was trained, stopped runs included.
    training : LiveTraining or None
        The one at hand, or the last one.
    knobs : dict of str to widget
        lr, weight_decay, augment and noise: they act on the running training at once.
    """

    def __init__(self, task: Task, backbone: Backbone, config: TrainConfig) -> None:
        self._task, self._backbone, self._config = task, backbone, config
        self.chart = Chart(_live.axes(config))
        self.runs: list[Run] = []
        self.training: LiveTraining | None = None
        self._steering: Steering | None = None
        self._looks: _live.Looks | None = None
        self._past: list[dict[str, Any]] = []
        self._marks: list[dict[str, Any]] = []
        self._label = ""  # of the training at hand: the form may have moved on since it started
        most = int(np.bincount(task.labelled.labels.numpy()).min())
        shots = [k for k in (1, 2, 5, 10, 20, 50, 100) if k <= most]
        self.regime = ipywidgets.Dropdown(options=CHOICES, description="regime")
        self.shots = ipywidgets.Dropdown(options=shots, value=min(5, most), description="shots")
        self.seed = ipywidgets.BoundedIntText(0, min=0, max=10_000, description="seed")
        self.knobs = knobs_of(config, [*(POLICIES if task.kind == "images" else FOR_TEXTS)])
        for name, knob in self.knobs.items():
            knob.observe(lambda change, name=name: self._turn(name, change["new"]), "value")
        self.go = button("Train", "train with these settings, or go on", self._start)
        self.step = button("Step", "train to the next point of the curve", self._step)
        self.wait = button("Pause", "pause after the update at hand", self._pause)
        self.halt = button("Stop", "stop, and keep what is done", self._stop)
        self.progress, self.message = ipywidgets.HTML(), ipywidgets.HTML()
        self._show()
        rows = (
            [self.regime, self.shots, self.seed],
            [self.go, self.step, self.wait, self.halt, self.progress],
            [*self.knobs.values()],
        )
        boxes = [ipywidgets.HBox(row) for row in rows]
        super().__init__([*boxes, self.message, self.chart])

    def __repr__(self) -> str:
        return f"<training of {self._backbone.card.name} on {self._task.name}>"

    @property
    def state(self) -> str:
        """Where the cursor of the chart stands; may be assigned."""
        return str(self.chart.state)

    @state.setter
    def state(self, text: str) -> None:
        self.chart.state = text

    def table(self) -> pd.DataFrame:
        """Return what was measured of the training at hand: one run, no interval."""
        titles = {panel["id"]: panel["title"] for panel in self.chart.spec["panels"]}
        rows = [
            {
                "panel": titles[line["panel"]],
                "line": _live.SIDES[line["series"]],
                "at": x,
                "mean": y,
                "n_seeds": 1,
                "verdict": "",
            }
            for line in self.chart.live
            if "series" in line
            for x, y in zip(line["x"], line["y"], strict=True)
        ]
        known = self.chart.table()
        return pd.DataFrame(rows).reindex(columns=known.columns) if rows else known

    def describe(self) -> str:
        """Return what the training gave, and what was turned meanwhile, in words."""
        mine = [line for line in self.chart.live if "series" in line]
        if not mine:
            return "Trained here: nothing yet."
        forms = {panel["id"]: panel["form"] for panel in self.chart.spec["panels"]}
        ends = [
            f"{_live.SIDES[line['series']]} {FORMS[forms[line['panel']]](line['y'][-1])}"
            for line in mine
        ]
        turned = [f"{m['label']} from update {m['mark']}" for m in self._marks]
        said = f"{self._label}: {'; '.join(ends)}. {_live.sentence(mine)}."
        return " ".join([said, *(f"Turned: {', '.join(turned)}." for _ in turned[:1])])

    def figure(self) -> Figure:
        """Return the curves of the training at hand, by matplotlib."""
        figure = self.chart.figure()
        for ax, panel in zip(figure.axes, self.chart.spec["panels"], strict=True):
            mine = [line for line in self.chart.live if line.get("panel") == panel["id"]]
            for line in mine:
                side = line.get("series", "")
                colour, dash = (SPLITS[side].colour, "-") if side else (GREY, ":")
                label = _live.SIDES.get(side, "")
                ax.plot(line["x"], line["y"], color=colour, ls=dash, lw=2.5, label=label)
            for mark in self._marks:
                ax.axvline(mark["mark"], color=GREY, ls="--")
            if mine:
                ax.legend(fontsize=TICK, frameon=False)
        literal(figure)  # the legend is new
        return figure

    @property
    def _busy(self) -> bool:
        return self.training is not None and self.training.state in ("running", "paused")

    def _start(self, _: object = None, updates: int = 0) -> None:
        if self.training is not None and self._busy:
            self.training.go_on(updates)
            return self._show()
        self.message.value = ""
        before = self.training
        try:
            self._prepare()
            if self.training is not None:
                self.training.start(updates)
        except Exception as error:  # a click has no caller: the page has to say it
            self.training = before
            self._complain(error)
        return self._show()

    def _prepare(self) -> None:
        """Make a training with the settings of the form."""
        few = few_shot(self._task, self.shots.value, seed=self.seed.value)
        few = replace(few, train=few.labelled, val=watched_images(few, WATCHED))
        asked = {name: self.knobs[name].value for name in KNOBS}
        config, seed = replace(self._config, **asked), self.seed.value
        steering = Steering(config, seed=seed)
        steering.turn(noise=self.knobs["noise"].value)
        looks = _live.Looks(few, steering) if few.kind == "images" else None
        # known before it starts: it may tell of its end at once
        training = LiveTraining(
            self._backbone,
            few,
            self.regime.value,
            config,
            seed=seed,
            tell=self._tell,
            steering=steering,
            look=looks,
        )
        self._keep()
        self._steering, self._looks, self.training = steering, looks, training
        self._label = f"{self.regime.value}, {counted(self.shots.value, 'shot')}"
        noise = self.knobs["noise"].value
        self._marks = [{"mark": 0, "label": knob_told("noise", noise)}] if noise else []

    def _keep(self) -> None:
        """Let the curve of other images stay, in grey, while the next one grows."""
        mine = [line for line in self.chart.live if line.get("series") == "val"]
        past = [{"panel": line["panel"], "x": line["x"], "y": line["y"]} for line in mine]
        self._past = [*self._past, *past][-KEPT * len(_live.PANELS) :]

    def _step(self, _: object = None) -> None:
        self._start(updates=self._config.measure_every or 1)

    def _pause(self, _: object = None) -> None:
        if self.training is not None:
            self.training.pause()
        self._show()

    def _stop(self, _: object = None) -> None:
        if self.training is not None:
            self.training.stop()

    def _turn(self, name: str, value: Any) -> None:
        """Bring a knob into the running training, and mark where."""
        if not self._busy or self._steering is None or self.training is None:
            return
        self._steering.turn(**{name: value})
        self._marks = [*self._marks, {"mark": self.training.step, "label": knob_told(name, value)}]
        self._draw()

    def _tell(self) -> None:
        """Show how far the training is; called from its thread."""
        training = self.training
        if training is None:
            return
        if training.error is not None:
            self._complain(training.error)
        elif training.run is not None:
            self.runs.append(training.run)
            if training.run.diverged is not None:
                self._complain(training.run.told_diverged())
        self._draw()
        self._show()

    def _draw(self) -> None:
        if self.training is None:
            return
        last = self.chart.spec["panels"][0]["x"][-1]
        mine = _live.lines(self.training, last)
        say = [{"say": _live.sentence(mine)}] if mine else []
        self.chart.live = [*self._past, *mine, *self._marks, *say]
        self.chart.looks = self._looks.groups if self._looks else []

    def _show(self) -> None:
        running = (training := self.training) is not None and training.state == "running"
        self.go.disabled = self.step.disabled = running
        self.wait.disabled, self.halt.disabled = not running, not self._busy
        if training is None:
            self.progress.value = bar(0, 1, "ready")
            return
        left = training.seconds_left
        progress = f"{training.state}, update {training.step} of {training.total}"
        if self._busy and not math.isnan(left):
            progress += f", about {left:.0f} s left"
        self.progress.value = bar(training.step, max(training.total, 1), progress)

    def _complain(self, what: Exception | str) -> None:
        text = html.escape(what if isinstance(what, str) else f"{type(what).__name__}: {what}")
        self.message.value = f'<p role="alert"><strong>{text}</strong></p>'


@checked
def train_live(
    task: str | Task = "fashion",
    *,
    backbone: str | Backbone = "small_cnn",
    config: TrainConfig | None = None,
) -> TrainLive:
    """Train for real, and provoke overfitting while it runs.

    The kernel stays free: training runs in a thread. One training at a time. Runs are measured on
    500 images of the pool, whose labels draw the curve and nothing else. The learning rate stays
    level between turns.

    Parameters
    ----------
    task : str or Task, default "fashion"
        What to learn; a name is one that `load_task` knows.
    backbone : str or Backbone, default "small_cnn"
        What regimes start from.
    config : TrainConfig, optional
        Where the settings stand at first; default 600 updates without augmentation or decay.

    Returns
    -------
    TrainLive
        A widget.

    Examples
    --------
    >>> live = train_live("digits")
    >>> live.step.click()
    >>> live.knobs["noise"].value = 0.4  # from the next update on
    >>> live.go.click()
    >>> run = live.training.result()
    >>> len(live.runs), live.training.state
    (1, 'done')
    """
    known = load_task(task) if isinstance(task, str) else task
    net = load_backbone(backbone) if isinstance(backbone, str) else backbone
    usual = replace(CURVE, updates=600, measure_every=600 // _live.POINTS, augment="none")
    return TrainLive(known, net, config or usual)
