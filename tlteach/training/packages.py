"""Which packages a result depends on."""

from __future__ import annotations

import platform
from importlib.metadata import version


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that change results.

    Returns
    -------
    dict of str to str
        By name.

    Examples
    --------
    >>> sorted(versions())
    ['numpy', 'python', 'scikit-learn', 'timm', 'tlteach', 'torch', 'torchvision']
    """
    names = ("numpy", "scikit-learn", "timm", "tlteach", "torch", "torchvision")
    return {"python": platform.python_version()} | {name: version(name) for name in names}
