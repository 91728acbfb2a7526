"""What of a learner's own runs is kept: accuracies on the test split, with what made them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tlteach.experiment import COLUMNS
from tlteach.measures import PER_IMAGE, on_test

LEFT_OUT = ("task", "split", "metric", "images", *PER_IMAGE)  # said elsewhere, or no plain data
ROWS = [name for name in COLUMNS if name not in LEFT_OUT]


def rows_to_keep(results: pd.DataFrame) -> dict[str, Any]:
    """Return the test accuracies of a results table as plain data, with its provenance.

    Parameters
    ----------
    results : DataFrame
        From `compare`.

    Returns
    -------
    dict
        task, rows (one per run), versions, machine and configs of the provenance.

    Raises
    ------
    ValueError
        For a table without provenance, or with another task's rows.
    """
    missing = [name for name in COLUMNS if name not in (*results.columns, *PER_IMAGE)]
    known = results.attrs.get("provenance")
    if missing or known is None:
        told = f"columns {', '.join(missing)}" if missing else "its provenance"
        msg = f"results must be a table from compare; {told} missing"
        raise ValueError(msg)
    tested = on_test(results)
    name = known["task"]["name"]
    if set(tested["task"]) != {name}:
        msg = f"results must be of one task, {name!r}; got {sorted(set(tested['task']))}"
        raise ValueError(msg)
    rows = tested[ROWS].astype(object).to_dict("records")
    plain = [{k: v.item() if hasattr(v, "item") else v for k, v in row.items()} for row in rows]
    return {
        "task": name,
        "fingerprint": known["task"]["fingerprint"],
        "rows": plain,
        "versions": dict(known["versions"]),
        "machine": dict(known["machine"]),
    }
