"""Where data come from, in a few words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """Where data come from and on what terms; `text` is the whole data card.

    Attributes
    ----------
    title, source : str
        Name of the data, and where they come from.
    licence, attribution : str
        The terms, and whom to name.
    text : str
        The whole data card.

    Examples
    --------
    >>> Card("Cups", "my desk", "CC0-1.0", "nobody", "# Cups").licence
    'CC0-1.0'
    """

    title: str
    source: str
    licence: str
    attribution: str
    text: str
