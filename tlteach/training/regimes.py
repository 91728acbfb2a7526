"""Regimes: how a model starts, what trains, and where its settings are searched."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from tlteach.base import in_range, one_of, rng
from tlteach.training.settings import Knob, TrainConfig

TRAINS = ("all", "head", "last", "norm", "bias", "lora", "surgical")


@dataclass(frozen=True)
class Regime:
    """One way to start and train a model; everything else is held equal.

    Attributes
    ----------
    name : str
        The name in results.
    pretrained : bool
        Start from the backbone's weights (True) or from fresh ones (False).
    trains : {"all", "head", "last", "norm", "bias", "lora", "surgical"}
        Which parameters of the backbone learn beside the head: all, none, those of the last
        `stages` stages, scale and shift of the norm layers, biases (a norm layer's shift is
        one), small matrices beside the linear layers, or those of the one stage that the labels
        ask to change most.
    solver : {"sgd", "logistic"}
        Gradient steps, or logistic regression on features computed once (for "head" only).
    head_first : bool
        Fit the head by logistic regression before the gradient steps (LP-FT).
    adapt : {"none", "statistics", "coral"}
        What unlabelled images of the test's domain are used for; see `adapt`.
    statistics : {"move", "still"}
        What BatchNorm statistics do while training. "move" in a frozen backbone is the bug that
        notebook 01 shows.
    stages : int
        For "last": how many stages learn.
    updates : int
        Gradient steps; 0 for the logistic solver.
    low, high : float
        Range of the searched setting: learning rate, or C for the logistic solver.
    weight_decays : tuple of float
        Values the search draws from.
    head_factor : float
        The head's learning rate, in units of the backbone's: a new head has further to go.
    knob : Knob, optional
        A setting that only this regime has, searched together with the first one.
    """

    name: str
    pretrained: bool = True
    trains: str = "all"
    solver: str = "sgd"
    head_first: bool = False
    adapt: str = "none"
    statistics: str = "still"
    stages: int = 1
    updates: int = 40
    low: float = 3e-4
    high: float = 3e-2
    weight_decays: tuple[float, ...] = (0.0, 5e-4)
    head_factor: float = 10.0
    knob: Knob | None = None

    def __post_init__(self) -> None:
        one_of("trains", self.trains, TRAINS)
        one_of("solver", self.solver, ("sgd", "logistic"))
        one_of("adapt", self.adapt, ("none", "statistics", "coral"))
        one_of("statistics", self.statistics, ("move", "still"))
        in_range("stages", self.stages, 1)
        in_range("updates", self.updates, 0 if self.solver == "logistic" else 1)
        if not 0 < self.low < self.high:
            msg = f"low and high must be positive and in order; got {self.low} and {self.high}"
            raise ValueError(msg)
        if self.solver == "logistic" and self.trains != "head":
            msg = f"the logistic solver trains only the head; got trains={self.trains!r}"
            raise ValueError(msg)
        if self.adapt != "none" and self.solver != "logistic":
            msg = f"adapting needs the logistic solver; got solver={self.solver!r}"
            raise ValueError(msg)
        if self.trains == "surgical" and not self.head_first:
            msg = "surgical asks a fitted head what to change; got head_first=False"
            raise ValueError(msg)
        turns = self.adapt != "none" if self.uses("blend") else self.solver == "sgd"
        if self.knob and not turns:
            msg = f"'blend' needs adapt, other knobs gradient steps; got {self.knob.name!r} alone"
            raise ValueError(msg)

    @property
    def searched(self) -> str:
        """The name of the searched setting: "lr" or "c"."""
        return "c" if self.solver == "logistic" else "lr"

    def uses(self, knob: str) -> bool:
        """Return whether this is the regime's knob.

        Examples
        --------
        >>> REGIMES["l2_sp"].uses("anchor"), REGIMES["fine_tune"].uses("anchor")
        (True, False)
        """
        return self.knob is not None and self.knob.name == knob


# Ranges: rule P4 of the protocol (SGD with momentum 0.9, cosine), Kumar et al. 2022 for LP-FT,
# ten times fine-tuning's for BitFit (Ben Zaken et al. 2022) and LoRA (Hu et al. 2022). L2-SP: Li
# et al. 2018. Discriminative rates and gradual unfreezing: Howard & Ruder 2018. Surgical: Lee et
# al. 2023. BN statistics: Li et al. 2016, Schneider et al. 2020. CORAL: Sun et al. 2016. The last
# two search no `blend`: validation images are the source's, so nothing in them tells how far to go
# to the target.
FROZEN = Regime("frozen", trains="head", solver="logistic", updates=0, low=1e-6, high=1e2)
REGIMES: dict[str, Regime] = {
    regime.name: regime
    for regime in (
        Regime(
            "scratch",
            pretrained=False,
            statistics="move",
            updates=300,
            low=1e-2,
            high=3e-1,
            head_factor=1.0,
        ),
        FROZEN,
        Regime("fine_tune"),
        Regime("lp_ft", head_first=True, low=1e-6, high=3e-3, head_factor=1.0),
        Regime("partial", trains="last", stages=3),
        Regime("bn_only", trains="norm"),
        Regime("bitfit", trains="bias", low=3e-3, high=3e-1, head_factor=1.0),
        Regime("lora", trains="lora", low=3e-3, high=3e-1, head_factor=1.0),
        Regime("l2_sp", knob=Knob("anchor", 1e-3, 1.0, log=True)),
        Regime("discriminative", knob=Knob("decay", 0.3, 0.9)),
        Regime("gradual", knob=Knob("thaw", 0.2, 0.8)),
        Regime("surgical", trains="surgical", head_first=True, low=1e-4, head_factor=1.0),
        Regime("fine_tune_moving", statistics="move"),
        replace(FROZEN, name="bn_stats", adapt="statistics"),
        replace(FROZEN, name="coral", adapt="coral"),
    )
}


def get_regime(regime: str | Regime) -> Regime:
    """Return a regime by name, or the one given.

    Examples
    --------
    >>> get_regime("frozen").trains
    'head'
    >>> get_regime("thawed")
    Traceback (most recent call last):
        ...
    ValueError: regime must be one of 'scratch', 'frozen', ...; got 'thawed'
    """
    if isinstance(regime, Regime):
        return regime
    return REGIMES[one_of("regime", regime, REGIMES)]


def partial(stages: int) -> Regime:
    """Return the regime that trains the head and the last `stages` stages.

    Examples
    --------
    >>> partial(2).name
    'partial_2'
    """
    return replace(REGIMES["partial"], name=f"partial_{stages}", stages=stages)


def draw_configs(regime: Regime, base: TrainConfig, budget: int, *, seed: int) -> list[TrainConfig]:
    """Draw the configurations that one run searches.

    The searched range is cut into `budget` equal parts on a log scale, so that a small budget
    still covers it, and every regime spends the same budget. A learning rate is drawn uniformly
    in each part; C is each part's middle, so that all seeds can be solved as one batch. A knob's
    range is cut likewise and its parts meet the others in random order (a latin hypercube).

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

    Examples
    --------
    >>> [round(math.log10(c.c)) for c in draw_configs(REGIMES["frozen"], TrainConfig(), 3, seed=0)]
    [-5, -2, 1]
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
    if knob := regime.knob:  # drawn last: the rest stays that of the regime without a knob
        for i, part in enumerate(random.permutation(budget).tolist()):
            turned: dict[str, Any] = {knob.name: place(knob.low, knob.high, part, knob.log)}
            configs[i] = replace(configs[i], **turned)
    return configs


def config_id(*parts: object) -> str:
    """Return twelve hexadecimal digits that change with any of the settings given.

    Examples
    --------
    >>> config_id(TrainConfig()) == config_id(TrainConfig(lr=0.1))
    False
    """
    plain = [asdict(p) if hasattr(p, "__dataclass_fields__") else p for p in parts]  # type: ignore[call-overload]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:12]
