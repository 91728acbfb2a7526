"""Weights out of the package tlteach-weights, where somebody installed it (`packages/weights`)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tlteach.base import check_hash

PACKAGE = "tlteach_weights"
ORIGIN = "package tlteach-weights"  # as a card tells it
LITE0_SHA256 = "2b4a5f7e9a1870e2c41efd811c5b04f7e5843b32900a338e3f181204a324f9c6"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def packed(name: str, sha256: str) -> Path | None:
    """Return where the package has a file of weights; None where it is not installed.

    Parameters
    ----------
    name : str
        The file's path inside the package.
    sha256 : str
        Of the file.

    Raises
    ------
    ValueError
        If it is not the file expected.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / name
    check_hash(path, sha256)
    return path
