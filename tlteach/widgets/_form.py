"""The form of a live training: what is turned, what is clicked, how far it is."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets

from tlteach.training import TrainConfig

RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
DECAYS = (0.0, 0.0005, 0.005, 0.02, 0.05, 0.1)
NOISES = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8)
KNOBS = {"lr": "learning rate", "weight_decay": "weight decay", "augment": "augmentation"}


def knobs_of(config: TrainConfig, policies: list[str]) -> dict[str, Any]:
    """Return the widgets of what can be turned while it trains."""
    # lists, since the handles of ipywidgets' sliders have no name for screen readers
    choice, wide = ipywidgets.Dropdown, {"description_width": "initial"}
    rates, decays = (
        {*known, first} for known, first in ((RATES, config.lr), (DECAYS, config.weight_decay))
    )
    noises = [(f"{100 * share:.0f} %", share) for share in NOISES]
    return {
        "lr": choice(options=sorted(rates), value=config.lr, description=KNOBS["lr"], style=wide),
        "weight_decay": choice(
            options=sorted(decays),
            value=config.weight_decay,
            description=KNOBS["weight_decay"],
            style=wide,
        ),
        "augment": choice(
            options=policies,
            value=config.augment or "none",
            description=KNOBS["augment"],
            style=wide,
        ),
        "noise": choice(options=noises, value=0.0, description="label noise", style=wide),
    }


def knob_told(name: str, value: Any) -> str:
    """Return what a mark on the axis says."""
    return f"label noise {100 * value:.0f} %" if name == "noise" else f"{KNOBS[name]} {value}"


def button(text: str, tip: str, work: Any) -> ipywidgets.Button:
    """Return a button that works when it is clicked."""
    made = ipywidgets.Button(description=text, tooltip=tip)
    made.on_click(work)
    return made


def bar(done: int, total: int, words: str) -> str:
    """Return a progress bar that a screen reader can name."""
    done_so_far = (
        f'<progress value="{done}" max="{total}" aria-label="training" style="width:12em">'
    )
    return f"{done_so_far}</progress> <span>{html.escape(words)}</span>"
