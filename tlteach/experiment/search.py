"""How much a search of settings tries."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tlteach.base import check_fields, checked, in_range, one_of


@dataclass(frozen=True)
class Search:
    """How much is tried before the training that counts; the same for every regime.

    Attributes
    ----------
    drawn : int
        Settings drawn from the regime's range.
    further : int
        Learning rates tried after those, beside the best one: beyond the end of the range if that
        is where it stands.
    first : int
        Updates after which the worse half is dropped, at twice as many again, and so on until one
        is left (successive halving, Jamieson & Talwalkar 2016). 0 trains every setting to its end.
        Nothing is dropped before one of them has begun to learn: while all guess, the one that
        does least looks best (short-horizon bias, Wu et al. 2018, arXiv:1803.02021).
    cs : int
        Values of C for the logistic solver, which costs next to nothing.
    variants : bool
        Whether the other augmentations and the other way with BatchNorm statistics are then tried.
    folds : bool, default True
        Whether C is chosen by cross-validation where a class has a single validation image.
    by : {"log_loss", "accuracy"}, default "log_loss"
        What ranks settings; the other one breaks ties. On ten validation images accuracy takes
        eleven values, and the luckiest setting is rarely the best.

    Raises
    ------
    ValueError
        For an unknown `by`, or a number below its least.

    Examples
    --------
    >>> search = Search(drawn=4, further=2, first=32, cs=12)
    >>> search.rank({"accuracy": 0.6, "log_loss": 2.0})
    (-2.0, 0.6)
    """

    drawn: int
    further: int
    first: int
    cs: int
    variants: bool = True
    folds: bool = True
    by: str = "log_loss"

    def __post_init__(self) -> None:
        check_fields(self)
        in_range("drawn", self.drawn, 1)
        in_range("further", self.further, 0)
        in_range("first", self.first, 0)
        in_range("cs", self.cs, 1)
        one_of("by", self.by, ("log_loss", "accuracy"))

    def rank(self, score: Mapping[str, float]) -> tuple[float, float]:
        """Return what orders scores, the best highest; no number at all is worst."""
        accurate, sure = score["accuracy"], -score["log_loss"]
        if not math.isfinite(sure):
            accurate, sure = (accurate if math.isfinite(accurate) else 0.0), -math.inf
        return (accurate, sure) if self.by == "accuracy" else (sure, accurate)


SEARCH = {
    "standard": Search(8, 4, 32, 16),
    "quick": Search(4, 2, 32, 12),
    "brief": Search(2, 1, 10, 8, variants=False),
    "smoke": Search(2, 1, 8, 4, variants=False),
}


@checked
def get_search(search: str | int | Search) -> Search:
    """Return how much is tried, by name or by the number of settings drawn.

    Parameters
    ----------
    search : str, int or Search
        A key of `SEARCH`, a number of settings, or one of your own.

    Returns
    -------
    Search
        One of your own is returned as it is.

    Raises
    ------
    ValueError
        For an unknown name, or a number below 1.

    Examples
    --------
    >>> get_search("quick"), get_search(6)
    (Search(drawn=4, further=2, first=32, cs=12, variants=True, folds=True, by='log_loss'),
     Search(drawn=6, further=3, first=32, cs=12, variants=True, folds=True, by='log_loss'))
    """
    if isinstance(search, Search):
        return search
    if isinstance(search, int):
        in_range("search", search, 1)
        return Search(search, search // 2, 32, max(4, 2 * search))
    return SEARCH[one_of("search", search, SEARCH)]
