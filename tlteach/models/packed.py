"""Weights out of the package tlteach-weights, where somebody installed it (`packages/weights`)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tlteach.base import check_hash

PACKAGE = "tlteach_weights"
ORIGIN = "package tlteach-weights"  # as a card tells it
LITE0_SHA256 = "2b4a5f7e9a1870e2c41efd811c5b04f7e5843b32900a338e3f181204a324f9c6"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def packed(name: str, weights: str, sha256: str) -> Path | None:
    """Return where the package has something; None where it is not installed.

    Parameters
    ----------
    name : str
        A file or folder of the package.
    weights : str
        The file of weights in that folder; "" if it is the file itself.
    sha256 : str
        Of the weights.

    Raises
    ------
    ValueError
        If the weights are not those expected.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    place = Path(found.origin).parent / name
    check_hash(place / weights if weights else place, sha256)
    return place
