"""How fast, and how long: the learning rate's factor step by step, and when a training ends."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tlteach.base import checked

CLIMB = 10  # updates of warm-up at most, where the end is not known beforehand
WINDOW = 20  # updates whose mean loss is one reading, or one pass over the images if that is more
GAIN = 0.05  # by how much of itself the loss must have fallen to count as falling
PATIENCE = 2  # readings after the last gain that make a loss flat
BEGUN = 0.9  # of chance's loss: above it a training has not begun to learn, however flat its loss
LEARNT = 0.05  # below this share of chance's loss little is left to learn, and the fall does that
REST = 0.25  # of the updates so far: the learning rate falls to zero over these


class Pace:
    """A learning rate that holds until the training loss is flat, then falls to zero.

    Warm-up, a level stretch, a straight fall (the "trapezoid" of Zhai et al. 2022, section 3.2,
    arXiv:2106.04560): unlike a cosine it need not know the number of steps beforehand, so every
    regime may take as many as it needs, up to one cap. The loss is read in windows. It is flat when
    it takes more than two windows to fall by 5 %, or when one is below 5 % of the loss of guessing;
    never while it is above 90 % of that: some networks stand still there at first.
    A reading that is no finite number ends the training at once, and not as flat: no later update
    brings such weights back.

    Parameters
    ----------
    cap : int
        Most updates, the fall included.
    warmup : float
        Share of `cap` in which the factor climbs, at most `CLIMB` updates.
    window : int
        Updates whose mean loss is one reading.
    chance : float
        Loss of guessing, in nats: the log of the number of classes.
    begin : int, default 0
        Updates before the loss is read, such as those with stages still closed.

    Attributes
    ----------
    step : int
        Updates seen.
    converged : bool
        Whether the loss was flat before the cap called for the fall.

    Examples
    --------
    >>> pace = Pace(cap=1000, warmup=0.0, window=2, chance=2.3)
    >>> for loss in [2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]:
    ...     pace.see(torch.tensor(loss))
    >>> pace.converged, pace.last  # flat after 8 updates, then 2 to come to rest
    (True, 10)
    """

    def __init__(
        self, cap: int, warmup: float, window: int, chance: float, *, begin: int = 0
    ) -> None:
        self.cap, self.window, self.chance, self.begin = cap, window, chance, begin
        self.climb = min(warmup * cap, CLIMB)
        self.step, self.converged = 0, False
        self.level = max(1, math.floor(cap / (1 + REST)))  # the fall begins here at the latest
        self.last = cap
        self._losses: list[Tensor] = []
        self._mark, self._waited = math.inf, 0

    @property
    def factor(self) -> float:
        """Factor on the learning rate of the next update, above 0."""
        if self.step < self.climb:
            return (self.step + 1) / math.ceil(self.climb)
        if self.step < self.level:
            return 1.0
        return (self.last - self.step) / (self.last - self.level + 1)

    @property
    def over(self) -> bool:
        """Whether no update is left."""
        return self.step >= self.last

    def see(self, loss: Tensor) -> None:
        """Count an update with this loss on its batch."""
        self.step += 1
        if self.converged or self.step > self.level or self.step <= self.begin:
            return
        self._losses.append(loss.detach())
        if len(self._losses) == self.window:  # the one wait for the device
            self._read(float(torch.stack(self._losses).mean()))
            self._losses = []

    def _read(self, mean: float) -> None:
        """Take one reading."""
        if not math.isfinite(mean):
            self.level = self.last = self.step
            return
        self._waited += 1
        if mean < (1 - GAIN) * self._mark:
            self._mark, self._waited = mean, 0
        flat = self._waited >= PATIENCE and mean < BEGUN * self.chance
        if flat or mean < LEARNT * self.chance:
            self.converged = True
            self.level = self.step
            self.last = min(self.cap, self.step + math.ceil(REST * self.step))


class Level:
    """A learning rate that stays where it is, for a known number of updates.

    Parameters
    ----------
    cap : int
        Updates.

    Examples
    --------
    >>> pace = Level(cap=2)
    >>> pace.see(torch.tensor(1.0))
    >>> pace.factor, pace.over
    (1.0, False)
    """

    converged = None  # nobody asked

    def __init__(self, cap: int) -> None:
        self.cap, self.step = cap, 0

    @property
    def factor(self) -> float:
        """Factor on the learning rate of the next update."""
        return 1.0

    @property
    def over(self) -> bool:
        """Whether no update is left."""
        return self.step >= self.cap

    def see(self, loss: Tensor) -> None:
        """Count an update."""
        self.step += 1


class Cosine(Level):
    """A learning rate that climbs, then falls as half a cosine over a known number of updates.

    Parameters
    ----------
    cap : int
        Updates.
    warmup : float
        Share of them in which it climbs.

    Examples
    --------
    >>> pace = Cosine(cap=2, warmup=0.0)
    >>> pace.see(torch.tensor(1.0))
    >>> pace.factor, pace.over
    (0.5, False)
    """

    def __init__(self, cap: int, warmup: float) -> None:
        super().__init__(cap)
        self.warmup = warmup

    @property
    def factor(self) -> float:
        """Factor on the learning rate of the next update."""
        return learning_rate(self.step, self.cap, self.warmup)


@checked
def guessing(n_classes: int) -> float:
    """Return the log loss of guessing.

    Parameters
    ----------
    n_classes : int
        Fewer than two count as two.

    Returns
    -------
    float
        In nats.

    Examples
    --------
    >>> guessing(4) == math.log(4)
    True
    """
    return math.log(max(n_classes, 2))


def learning_rate(step: int, steps: int, warmup: float) -> float:
    """Return the factor on the learning rate: a linear climb, then half a cosine to zero.

    Examples
    --------
    >>> [round(learning_rate(step, 10, 0.2), 2) for step in (0, 1, 2, 6)]
    [0.5, 1.0, 1.0, 0.5]
    """
    climb = warmup * steps
    if step < climb:
        return (step + 1) / math.ceil(climb)
    return (1 + math.cos(math.pi * (step - climb) / max(steps - climb, 1))) / 2


@checked
def n_open(step: int, steps: int, stages: int, thaw: float) -> int:
    """Return how many stages, from the last down, learn at a step counted from 0.

    The head begins alone; then they open at equal distances, and all are open after the share
    `thaw` of the steps (Howard & Ruder 2018, with steps in place of epochs).

    Parameters
    ----------
    step, steps : int
        Where in the training, and how long it is.
    stages : int
        Of the network.
    thaw : float
        Share of the steps after which all stages learn, in [0, 1].

    Returns
    -------
    int
        From 0 to `stages`.

    Examples
    --------
    >>> [n_open(step, 8, 2, 0.5) for step in range(8)]
    [0, 0, 1, 1, 2, 2, 2, 2]
    """
    last = thaw * steps
    return stages if step >= last else math.floor(stages * step / last)
