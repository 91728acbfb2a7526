"""tlteach: the toolkit that people teach transfer learning with.

``import tlteach as tlt`` is quick: torch loads when the first name that needs it is used.
Plots, widgets, lessons and the atlas load on first use, too (``tlt.plots``, ``from tlteach import
plots``); ``import *`` leaves them out, since the engine needs neither matplotlib nor Jupyter.
The public names stand in ``__init__.pyi``, for this file and for editors alike.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from importlib.metadata import version
from typing import Any

import lazy_loader as lazy

# GNU OpenMP spins at barriers; on a busy two-core laptop passive waiting is about six times
# faster and on an idle one 3 to 4 % slower. It is read once, when torch loads.
if "OMP_WAIT_POLICY" not in os.environ:
    if "torch" in sys.modules:
        warnings.warn(
            "torch was imported before tlteach, so OMP_WAIT_POLICY=PASSIVE comes too late: "
            "training may be slow on a busy machine; import tlteach first",
            RuntimeWarning,
            stacklevel=2,
        )
    else:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

# what is told in passing; whoever wants it sets a handler and a level
logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = version("tlteach")
_load, __dir__, _names = lazy.attach_stub(__name__, __file__)
_wings = ("atlas", "lessons", "plots", "widgets")
__all__ = [name for name in _names if name not in _wings]


def __getattr__(name: str) -> Any:
    if name not in _names:
        msg = f"module 'tlteach' has no attribute {name!r}"
        raise AttributeError(msg)
    return _load(name)
