"""Which settings a search tries: drawn from one space, the same for every regime."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, replace
from typing import Any

from tlteach.base import checked, in_range, rng
from tlteach.training.regimes import FROZEN, Regime
from tlteach.training.settings import HEAD_FACTORS, TrainConfig


@checked
def draw_configs(regime: Regime, base: TrainConfig, budget: int, *, seed: int) -> list[TrainConfig]:
    """Draw the configurations that one run searches.

    The searched range is cut into `budget` equal parts on a log scale, so that a small budget
    still covers it, and every regime spends the same budget. A learning rate is drawn uniformly
    in each part; C is each part's middle, so that all seeds can be solved as one batch. A knob's
    range is cut likewise and its parts meet the others in random order (a latin hypercube). Head
    factors, where the regime leaves them open, are dealt out as evenly as the budget allows. All of
    it depends on the seed and not on the regime, so that "scratch" and "fine_tune" try the same.

    Parameters
    ----------
    regime : Regime
        Gives the range.
    base : TrainConfig
        Everything that is not searched.
    budget : int
        How many configurations, at least 1.
    seed : int
        The run's seed (stream "search").

    Returns
    -------
    list of TrainConfig
        In ascending order of the searched setting.

    Raises
    ------
    ValueError
        For a budget below 1.

    Examples
    --------
    >>> from tlteach.training import REGIMES
    >>> [round(math.log10(c.c)) for c in draw_configs(REGIMES["frozen"], TrainConfig(), 3, seed=0)]
    [-6, -2, 2]
    """
    in_range("budget", budget, 1)
    by_steps = regime.searched == "lr"
    random = rng(seed if by_steps else 0, "search")

    def place(low: float, high: float, part: int, log: bool = True) -> float:
        within = random.random() if by_steps else 0.5
        if not log:
            return low + (high - low) * (part + within) / budget
        return math.exp(math.log(low) + math.log(high / low) * (part + within) / budget)

    configs = []
    for i in range(budget):
        drawn: dict[str, Any] = {regime.searched: place(regime.low, regime.high, i)}
        if by_steps:
            drawn["weight_decay"] = float(random.choice(regime.weight_decays))
            c = place(FROZEN.low, FROZEN.high, int(random.integers(budget)))
            drawn["c"] = c if regime.head_first else base.c
        configs.append(replace(base, **drawn))
    if by_steps and regime.head_factor is None and base.head_factor is None:
        n = len(HEAD_FACTORS)
        for i, place_of in enumerate(random.permutation(max(budget, n))[:budget].tolist()):
            configs[i] = replace(configs[i], head_factor=HEAD_FACTORS[place_of % n])
    if knob := regime.knob:  # drawn last: the rest stays that of the regime without a knob
        for i, part in enumerate(random.permutation(budget).tolist()):
            turned: dict[str, Any] = {knob.name: place(knob.low, knob.high, part, knob.log)}
            configs[i] = replace(configs[i], **turned)
    return configs


def config_id(*parts: object) -> str:
    """Return twelve hexadecimal digits that change with any of the settings given.

    Parameters
    ----------
    *parts : object
        Dataclasses, and what JSON can hold.

    Returns
    -------
    str
        In lower case.

    Examples
    --------
    >>> config_id(TrainConfig()) == config_id(TrainConfig(lr=0.1))
    False
    """
    plain = [asdict(p) if hasattr(p, "__dataclass_fields__") else p for p in parts]  # type: ignore[call-overload]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:12]
