"""Regimes: how a model starts, what trains, and where its settings are searched."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace

from tlteach._validate import in_range, one_of
from tlteach.seeding import rng


@dataclass(frozen=True)
class Regime:
    """One way to start and train a model; everything else is held equal.

    Attributes
    ----------
    name : str
        The name in results.
    pretrained : bool
        Start from the backbone's weights (True) or from fresh ones (False).
    trains : {"all", "head", "last", "norm"}
        Which parameters of the backbone learn beside the head: all, none, those of the last
        `stages` stages, or only scale and shift of the norm layers.
    solver : {"sgd", "logistic"}
        Gradient steps, or logistic regression on features computed once (for "head" only).
    head_first : bool
        Fit the head by logistic regression before the gradient steps (LP-FT).
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
    """

    name: str
    pretrained: bool = True
    trains: str = "all"
    solver: str = "sgd"
    head_first: bool = False
    statistics: str = "still"
    stages: int = 1
    updates: int = 40
    low: float = 3e-4
    high: float = 3e-2
    weight_decays: tuple[float, ...] = (0.0, 5e-4)
    head_factor: float = 10.0

    def __post_init__(self) -> None:
        one_of("trains", self.trains, ("all", "head", "last", "norm"))
        one_of("solver", self.solver, ("sgd", "logistic"))
        one_of("statistics", self.statistics, ("move", "still"))
        in_range("stages", self.stages, 1)
        in_range("updates", self.updates, 0 if self.solver == "logistic" else 1)
        if not 0 < self.low < self.high:
            msg = f"low and high must be positive and in order; got {self.low} and {self.high}"
            raise ValueError(msg)
        if self.solver == "logistic" and self.trains != "head":
            msg = f"the logistic solver trains only the head; got trains={self.trains!r}"
            raise ValueError(msg)

    @property
    def searched(self) -> str:
        """The name of the searched setting: "lr" or "c"."""
        return "c" if self.solver == "logistic" else "lr"


# Ranges: rule P4 of the protocol (SGD with momentum 0.9, cosine), Kumar et al. 2022 for LP-FT.
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
        Regime("frozen", trains="head", solver="logistic", updates=0, low=1e-6, high=1e2),
        Regime("fine_tune"),
        Regime("lp_ft", head_first=True, low=1e-6, high=3e-3, head_factor=1.0),
        Regime("partial", trains="last", stages=3),
        Regime("bn_only", trains="norm"),
    )
}


HEAD_FIRST = REGIMES["frozen"]  # LP-FT draws the C of its first head from the same range


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


@dataclass(frozen=True)
class TrainConfig:
    """Every number that changes a result; saved with each run.

    Attributes
    ----------
    lr : float
        Highest learning rate of the backbone.
    c : float
        Inverse strength of the logistic solver's penalty, as in scikit-learn.
    updates : int, optional
        Gradient steps; default the regime's.
    batch_size : int
        Images a step; a smaller training set is drawn from again and again.
    momentum, weight_decay : float
        Of SGD (Nesterov).
    warmup : float
        Fraction of the steps in which the learning rate climbs; then it falls as a cosine.
    clip : float
        Longest gradient, all parameters together; a step along a longer one is shortened. Keeps
        fine-tuning from diverging at the upper end of its range.
    augment : {"none", "shift"}
        "shift" moves each image by up to an eighth of its size. Frozen features are computed
        once, so they never carry augmentation.
    precision : {"auto", "fp32", "bf16"}
        Number format of the forward pass.
    measure_every : int
        Steps between measurements on train and val; 0 for only the end.
    """

    lr: float = 0.01
    c: float = 1.0
    updates: int | None = None
    batch_size: int = 16
    momentum: float = 0.9
    weight_decay: float = 0.0
    warmup: float = 0.1
    clip: float = 1.0
    augment: str = "shift"
    precision: str = "auto"
    measure_every: int = 0

    def __post_init__(self) -> None:
        in_range("lr", self.lr, 0)
        in_range("c", self.c, 0)
        in_range("batch_size", self.batch_size, 1)
        in_range("momentum", self.momentum, 0, 1)
        in_range("weight_decay", self.weight_decay, 0)
        in_range("warmup", self.warmup, 0, 1)
        in_range("clip", self.clip, 0)
        in_range("measure_every", self.measure_every, 0)
        one_of("augment", self.augment, ("none", "shift"))
        one_of("precision", self.precision, ("auto", "fp32", "bf16"))
        if self.updates is not None:
            in_range("updates", self.updates, 1)


def draw_configs(regime: Regime, base: TrainConfig, budget: int, *, seed: int) -> list[TrainConfig]:
    """Draw the configurations that one run searches.

    The searched range is cut into `budget` equal parts on a log scale, so that a small budget
    still covers it, and every regime spends the same budget. A learning rate is drawn uniformly
    in each part; C is each part's middle, so that all seeds can be solved as one batch.

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
    random = rng(seed, "search")

    def place(low: float, high: float, part: int, within: float) -> float:
        return math.exp(math.log(low) + math.log(high / low) * (part + within) / budget)

    if regime.searched == "c":
        return [replace(base, c=place(regime.low, regime.high, i, 0.5)) for i in range(budget)]
    configs = []
    for i in range(budget):
        lr = place(regime.low, regime.high, i, random.random())
        decay = float(random.choice(regime.weight_decays))
        c = place(HEAD_FIRST.low, HEAD_FIRST.high, int(random.integers(budget)), random.random())
        configs.append(
            replace(base, lr=lr, weight_decay=decay, c=c if regime.head_first else base.c)
        )
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
