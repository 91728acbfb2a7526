"""Regimes: how a model starts, what trains, and where its settings are searched."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tlteach.base import check_fields, checked, in_range, one_of
from tlteach.base.markup import facts, shown
from tlteach.training.settings import HEAD_FACTORS, STATISTICS, Knob, TrainConfig

TRAINS = ("all", "head", "last", "norm", "bias", "lora", "one_stage")
LEARNS = {  # in words; "last" says how many
    "all": "the whole backbone",
    "head": "nothing of the backbone",
    "norm": "scale and shift of the norm layers",
    "bias": "the biases",
    "lora": "small matrices beside the linear layers (LoRA)",
    "one_stage": "the one stage that the labels ask to change most",
}
ADAPTS = {
    "none": "",
    "statistics": "to unlabelled images, by their BatchNorm statistics",
    "coral": "to unlabelled images, by the covariance of their features (CORAL)",
}


@dataclass(frozen=True)
class Regime:
    """One way to start and train a model; everything else is held equal.

    Attributes
    ----------
    name : str
        The name in results.
    pretrained : bool
        Start from the backbone's weights (True) or from fresh ones (False).
    trains : {"all", "head", "last", "norm", "bias", "lora", "one_stage"}
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
    statistics : {"any", "move", "still"}
        What BatchNorm statistics do while training: "any" leaves it to the search, the others are
        part of the regime. "move" in a frozen backbone is the bug that notebook 01 shows.
    stages : int
        For "last": how many stages learn.
    low, high : float
        Where the searched setting is drawn: learning rate, or C for the logistic solver. The
        search goes on beyond an end that turns out best.
    weight_decays : tuple of float
        Values the search draws from.
    head_factor : float, optional
        The head's learning rate, in units of the backbone's; None leaves it to the search.
    knob : Knob, optional
        A setting that only this regime has, searched together with the first one.
    prescribed : str
        What a paper prescribes for this regime alone, where its recipe differs from the common
        one; told with every result.

    Raises
    ------
    ValueError
        For an unknown word, a number out of range, or parts that do not go together.

    Examples
    --------
    >>> late = Regime("late", trains="last", stages=2, high=0.1)
    >>> late.pretrained, late.solver
    (True, 'sgd')
    >>> Regime("wrong", low=0.2, high=0.1)
    Traceback (most recent call last):
        ...
    ValueError: low and high must be positive and in order; got 0.2 and 0.1
    """

    name: str
    pretrained: bool = True
    trains: str = "all"
    solver: str = "sgd"
    head_first: bool = False
    adapt: str = "none"
    statistics: str = "any"
    stages: int = 1
    low: float = 5e-3
    high: float = 0.3
    weight_decays: tuple[float, ...] = (0.0, 5e-4)
    head_factor: float | None = None
    knob: Knob | None = None
    prescribed: str = ""

    def __post_init__(self) -> None:
        check_fields(self)
        one_of("trains", self.trains, TRAINS)
        one_of("solver", self.solver, ("sgd", "logistic"))
        one_of("adapt", self.adapt, ADAPTS)
        one_of("statistics", self.statistics, ("any", *STATISTICS))
        in_range("stages", self.stages, 1)
        if self.head_factor is not None:
            in_range("head_factor", self.head_factor, 0)
        if not 0 < self.low < self.high:
            msg = f"low and high must be positive and in order; got {self.low} and {self.high}"
            raise ValueError(msg)
        if self.solver == "logistic" and self.trains != "head":
            msg = f"the logistic solver trains only the head; got trains={self.trains!r}"
            raise ValueError(msg)
        if self.adapt != "none" and self.solver != "logistic":
            msg = f"adapting needs the logistic solver; got solver={self.solver!r}"
            raise ValueError(msg)
        if self.trains == "one_stage" and not self.head_first:
            msg = "one_stage asks a fitted head what to change; got head_first=False"
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

    def in_words(self) -> dict[str, str]:
        """Say what starts where, what learns and what a search turns, each under its name.

        Examples
        --------
        >>> REGIMES["frozen"].in_words()["learns"]
        'nothing of the backbone, and the head'
        """
        start = (
            "the backbone's weights" if self.pretrained else "fresh weights, drawn from the seed"
        )
        last = "the last stage" if self.stages == 1 else f"the last {self.stages} stages"
        learns = LEARNS.get(self.trains, last)
        steps, head = self.solver == "sgd", " after logistic regression for the head"
        return {
            "starts from": start,
            "learns": f"{learns}, and the head",
            "by": f"gradient steps{head * self.head_first}"
            if steps
            else "logistic regression on features that are computed once",
            "adapts": ADAPTS[self.adapt],
            "BatchNorm statistics": {"any": "", "move": "move", "still": "stay"}[self.statistics],
            "searched": "; ".join(self._turned()),
            "prescribed": self.prescribed,
        }

    def _turned(self) -> list[str]:
        """Return what `compare` searches, each with its range or its choices."""
        name = "learning rate" if self.searched == "lr" else "C"
        turned = [f"{name} from {self.low:g} to {self.high:g}"]
        if self.knob:
            turned.append(f"{self.knob.name} from {self.knob.low:g} to {self.knob.high:g}")
        if self.solver == "logistic":
            return turned
        if not self.uses("anchor"):  # which takes the place of weight decay
            turned.append(f"weight decay {' or '.join(f'{x:g}' for x in self.weight_decays)}")
        if self.head_factor is None:
            turned.append(f"the head {' or '.join(f'{x:g}' for x in HEAD_FACTORS)} times as fast")
        turned += ["statistics that move or stay"] * (self.statistics == "any")
        return [*turned, "augmentation"]

    def _repr_html_(self) -> str:
        return shown(facts(f"Regime {self.name!r}", self.in_words()))


# One recipe for all that take gradient steps: the defaults above, the budget of the comparison, and
# a search of learning rate, weight decay, statistics, head factor and augmentation. Exceptions say
# so: Kumar et al. 2022 for LP-FT. L2-SP: Li et al. 2018. BitFit: Ben Zaken et al. 2022. LoRA: Hu et
# al. 2022. Discriminative rates and gradual unfreezing: Howard & Ruder 2018. One stage: inspired by
# Lee et al. 2023, see `relative_gradient_norms`. BN statistics: Li et al. 2016, Schneider et al.
# 2020. CORAL: Sun et al. 2016. The last two search no `blend`: validation images are the source's,
# so nothing in them tells how far to go to the target.
FROZEN = Regime("frozen", trains="head", solver="logistic", statistics="still", low=1e-8, high=1e4)
FITTED = "one low rate for head and backbone, since the head is fitted first (Kumar et al. 2022)"
REGIMES: dict[str, Regime] = {
    regime.name: regime
    for regime in (
        Regime("scratch", pretrained=False),
        FROZEN,
        Regime("fine_tune"),
        Regime("lp_ft", head_first=True, low=1e-6, high=3e-3, head_factor=1.0, prescribed=FITTED),
        Regime("partial", trains="last", stages=3),
        Regime("bn_only", trains="norm"),
        Regime("bitfit", trains="bias"),
        Regime("lora", trains="lora"),
        Regime("l2_sp", knob=Knob("anchor", 1e-3, 1.0, log=True)),
        Regime("discriminative", knob=Knob("decay", 0.3, 0.9)),
        Regime("gradual", knob=Knob("thaw", 0.2, 0.8)),
        Regime(
            "one_stage", trains="one_stage", head_first=True, low=1e-4, high=3e-2, head_factor=1.0,
            prescribed=FITTED,
        ),
        Regime("fine_tune_still", statistics="still"),
        Regime("fine_tune_moving", statistics="move"),
        replace(FROZEN, name="bn_stats", adapt="statistics"),
        replace(FROZEN, name="coral", adapt="coral"),
    )
}  # fmt: skip


def settled(regime: Regime, config: TrainConfig) -> Regime:
    """Return the regime with nothing left open: what the search chose, or the defaults.

    Examples
    --------
    >>> scratch = settled(REGIMES["scratch"], TrainConfig())
    >>> fine_tune = settled(REGIMES["fine_tune"], TrainConfig(head_factor=1.0))
    >>> scratch.statistics, scratch.head_factor, fine_tune.statistics, fine_tune.head_factor
    ('move', 1.0, 'still', 1.0)
    """
    statistics, factor = regime.statistics, regime.head_factor
    if statistics == "any":
        statistics = config.statistics or ("still" if regime.pretrained else "move")
    if factor is None:
        usual = HEAD_FACTORS[1] if regime.pretrained else HEAD_FACTORS[0]
        factor = usual if config.head_factor is None else config.head_factor
    return replace(regime, statistics=statistics, head_factor=factor)


@checked
def get_regime(regime: str | Regime) -> Regime:
    """Return a regime by name, or the one given.

    Parameters
    ----------
    regime : str or Regime
        A key of `REGIMES`, or one of your own.

    Returns
    -------
    Regime
        One of your own is returned as it is.

    Raises
    ------
    ValueError
        For an unknown name, with the known ones.

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


@checked
def partial(stages: int) -> Regime:
    """Return the regime that trains the head and the last `stages` stages.

    Parameters
    ----------
    stages : int
        At least one.

    Returns
    -------
    Regime
        Its name tells the number.

    Raises
    ------
    ValueError
        For less than one.

    Examples
    --------
    >>> partial(2).name
    'partial_2'
    """
    return replace(REGIMES["partial"], name=f"partial_{stages}", stages=stages)
