"""What a search chose, as numbers of the results table, and back again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlteach.data.augment import POLICIES
from tlteach.training import STATISTICS, Regime, TrainConfig
from tlteach.training.settings import KNOBS

PLAIN = ("lr", "weight_decay", "c", "head_factor", *KNOBS)  # numbers already


def numbers_of(regime: Regime, config: TrainConfig) -> dict[str, float]:
    """Return what was used, and could have been chosen, for rows of split "search".

    Parameters
    ----------
    regime : Regime
        Tells what it searches.
    config : TrainConfig
        With nothing left open, as `Run.config` holds it.

    Returns
    -------
    dict of str to float
        lr, weight_decay and head_factor, or c; the regime's knob; "statistics" and "augment" as
        places in `STATISTICS` and among the keys of ``augment.POLICIES``.

    Examples
    --------
    >>> from tlteach.training import REGIMES
    >>> used = TrainConfig(lr=0.1, statistics="move", head_factor=1.0, augment="shift")
    >>> found = numbers_of(REGIMES["scratch"], used)
    >>> found["statistics"], found["augment"], config_of(found)["augment"]
    (1.0, 1.0, 'shift')
    """
    if regime.solver == "logistic":
        found = {"c": config.c}
    else:
        assert config.statistics is not None
        assert config.head_factor is not None
        found = {
            "lr": config.lr,
            "weight_decay": config.weight_decay,
            "head_factor": config.head_factor,
            "statistics": float(STATISTICS.index(config.statistics)),
        }
        if config.augment in POLICIES:
            found["augment"] = float([*POLICIES].index(config.augment))
        if regime.head_first:
            found["c"] = config.c
    if regime.knob:
        found[regime.knob.name] = getattr(config, regime.knob.name)
    return found


def config_of(numbers: Mapping[str, float]) -> dict[str, Any]:
    """Return the fields of `TrainConfig` that rows of split "search" stand for."""
    fields: dict[str, Any] = {name: float(numbers[name]) for name in PLAIN if name in numbers}
    if "statistics" in numbers:
        fields["statistics"] = STATISTICS[int(numbers["statistics"])]
    if "augment" in numbers:
        fields["augment"] = [*POLICIES][int(numbers["augment"])]
    return fields
