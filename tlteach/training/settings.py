"""Every number that changes a result, and the knobs: numbers that only some regimes have."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tlteach.base import check_fields, in_range, one_of
from tlteach.data.augment import FOR_TEXTS, POLICIES

KNOBS = ("anchor", "decay", "thaw", "blend")
STATISTICS = ("still", "move")  # what BatchNorm's can do while training
HEAD_FACTORS = (1.0, 10.0)  # of the backbone's learning rate
DEFAULT = "shift"  # the augmentation where none is named
PASSES, FEWEST = 40, 1000  # where nothing is said: the most passes over the images, or updates


@dataclass(frozen=True)
class Knob:
    """A further setting that a regime searches, inside the same budget.

    Attributes
    ----------
    name : {"anchor", "decay", "thaw", "blend"}
        A field of `TrainConfig`.
    low, high : float
        Its range, 0 or larger.
    log : bool, default False
        Whether the range is searched on a log scale.

    Examples
    --------
    >>> Knob("decay", 0.9, 0.3)
    Traceback (most recent call last):
        ...
    ValueError: the range of 'decay' must rise, on a log scale from above 0; got 0.9 to 0.3
    """

    name: str
    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        one_of("knob", self.name, KNOBS)
        in_range("low", self.low, 0)
        if self.low >= self.high or (self.log and self.low == 0):
            ends = f"{self.low} to {self.high}"
            msg = f"the range of {self.name!r} must rise, on a log scale from above 0; got {ends}"
            raise ValueError(msg)


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
        Gradient steps, or the most of them: see `until`. Default `most_updates`.
    until : {"flat", "end"}, optional
        "end" takes all updates, and the learning rate falls as a cosine. "flat" holds it until
        the training loss is flat, then lets it fall (see `Pace`); `updates` is the cap. Default:
        "flat"; "end" where `train` is given `updates`.
    statistics : {"still", "move"}, optional
        What BatchNorm statistics do while training. Default: a network from scratch has none
        yet, so they move; pretrained ones stay still.
    head_factor : float, optional
        The head's learning rate, in units of the backbone's. Default: 10 beside pretrained
        weights, since a new head has further to go; 1 where all is new.
    batch_size : int
        Images a step; a smaller training set is drawn from again and again.
    momentum, weight_decay : float
        Of SGD (Nesterov).
    warmup : float
        Fraction of the steps in which the learning rate climbs, at most `CLIMB` of them where
        training ends with a flat loss.
    clip : float
        Longest gradient, all parameters together; a step along a longer one is shortened. Keeps
        fine-tuning from diverging at the upper end of its range.
    augment : str, optional
        A key of ``augment.POLICIES``; "shift" moves each image by up to an eighth of its size.
        Default "shift" in `train`; `compare` searches it.
        For texts a key of ``augment.FOR_TEXTS``; the default leaves them alone.
        Frozen features are computed once, so they never carry augmentation.
    anchor : float
        For regimes with this knob: how strongly each weight of the backbone is pulled back to
        where it started (L2-SP). Takes the place of weight decay there.
    decay : float
        For regimes with this knob: a stage's learning rate in units of the next higher stage's.
    thaw : float
        For regimes with this knob: the share of the steps after which every stage learns. They
        open one by one, the last stage first.
    blend : float
        For regimes that adapt to unlabelled images: 0 leaves things as they are, 1 goes all the
        way to the target.
    precision : {"auto", "fp32", "bf16"}
        Number format of the forward pass.
    measure_every : int
        Steps between measurements on train and val; 0 for only the end.

    Raises
    ------
    ValueError
        For an unknown word or a number out of range.

    Examples
    --------
    >>> config = TrainConfig(lr=0.1, updates=200)
    >>> config.lr, config.updates, config.batch_size
    (0.1, 200, 16)
    >>> TrainConfig(momentum=1.5)
    Traceback (most recent call last):
        ...
    ValueError: momentum must be between 0 and 1; got 1.5
    """

    lr: float = 0.01
    c: float = 1.0
    updates: int | None = None
    until: str | None = None
    statistics: str | None = None
    head_factor: float | None = None
    batch_size: int = 16
    momentum: float = 0.9
    weight_decay: float = 0.0
    warmup: float = 0.1
    clip: float = 1.0
    augment: str | None = None
    anchor: float = 0.1
    decay: float = 0.5
    thaw: float = 0.5
    blend: float = 1.0
    precision: str = "auto"
    measure_every: int = 0

    def __post_init__(self) -> None:
        check_fields(self)
        in_range("lr", self.lr, 0)
        in_range("c", self.c, 0)
        in_range("batch_size", self.batch_size, 1)
        in_range("momentum", self.momentum, 0, 1)
        in_range("weight_decay", self.weight_decay, 0)
        in_range("warmup", self.warmup, 0, 1)
        in_range("clip", self.clip, 0)
        in_range("measure_every", self.measure_every, 0)
        in_range("anchor", self.anchor, 0)
        for name in ("decay", "thaw", "blend"):
            in_range(name, getattr(self, name), 0, 1)
        if self.augment is not None:
            one_of("augment", self.augment, POLICIES | FOR_TEXTS)
        if self.until is not None:
            one_of("until", self.until, ("flat", "end"))
        if self.statistics is not None:
            one_of("statistics", self.statistics, STATISTICS)
        if self.head_factor is not None:
            in_range("head_factor", self.head_factor, 0)
        one_of("precision", self.precision, ("auto", "fp32", "bf16"))
        if self.updates is not None:
            in_range("updates", self.updates, 1)

    @property
    def ends_flat(self) -> bool:
        """Whether training ends with a flat loss, and not after a number of updates."""
        return self.until == "flat" or (self.until is None and self.updates is None)


def most_updates(n: int, batch_size: int) -> int:
    """Return the cap of a training: 40 passes over n images, or 1,000 updates if those are more.

    The same for every regime that takes gradient steps; most are flat long before.

    Examples
    --------
    >>> most_updates(50, 16), most_updates(1000, 16)
    (1000, 2500)
    """
    return max(FEWEST, math.ceil(PASSES * n / batch_size))
