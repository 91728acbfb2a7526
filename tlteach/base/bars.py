"""Progress bars, where somebody can see them: in a terminal and in a notebook, not in a pipe."""

from __future__ import annotations

import os
import sys
from typing import Any


def bar(*items: Any, shown: bool = True, **settings: Any) -> Any:
    """Return tqdm's bar; silent in pipes, with `TQDM_DISABLE` or where it is not to be shown.

    Parameters
    ----------
    *items : iterable, optional
        What to go through.
    shown : bool, default True
        Whether it may be seen at all.
    **settings : object
        Of tqdm, such as ``total``, ``unit``.

    Returns
    -------
    tqdm.tqdm
        To be gone through, or updated by hand.

    Examples
    --------
    >>> list(bar([1, 2], shown=False))
    [1, 2]
    """
    from tqdm.auto import tqdm

    if not shown:
        settings["disable"] = True
    # tqdm reads TQDM_DISABLE only where it is not told; a kernel's streams claim to be no terminal
    elif "TQDM_DISABLE" not in os.environ and "ipykernel" not in sys.modules:
        settings["disable"] = None
    return tqdm(*items, **settings)
