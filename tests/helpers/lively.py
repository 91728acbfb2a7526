"""Trainings of a moment, by the form of `widgets.train_live`."""

from __future__ import annotations

import time
from typing import Any

import pytest

import tlteach as tlt
from tlteach import widgets


def short(**settings: Any) -> Any:
    """Return a form that trains on digits for a moment."""
    known = {"updates": 60, "measure_every": 10, "augment": "none", "lr": 0.05}
    return widgets.train_live("digits", config=tlt.TrainConfig(**(known | settings)))


def spoilt() -> Any:
    """Return a form whose training had its labels spoilt after thirty updates."""
    live = short(updates=120)
    live.step.click()
    wait_for(live, 10)
    live.training.go_on(20)
    wait_for(live, 30)
    live.knobs["noise"].value = 0.6
    live.knobs["weight_decay"].value = 0.005
    live.go.click()
    live.training.result()
    return live


def wait_for(live: Any, step: int) -> None:
    """Wait until a training is paused at an update."""
    for _ in range(1000):
        if live.training.state == "paused" and live.training.step == step:
            return
        time.sleep(0.02)
    pytest.fail(f"it is {live.training.state} at update {live.training.step}")
