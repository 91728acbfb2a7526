"""Confidences into tables: which class, how sure, what else; and which answers were wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from torch import Tensor

NONE = "none of these"


def named(
    names: Sequence[str | int], confidences: Tensor, classes: Sequence[str], threshold: float = 0.0
) -> pd.DataFrame:
    """Return the two best classes of each input.

    Parameters
    ----------
    names : sequence of str or int
        One for each input.
    confidences : float tensor of shape (n, n_classes)
    classes : sequence of str
    threshold : float, default 0.0
        Below it the class is "none of these".

    Returns
    -------
    DataFrame
        file, class, confidence, second, second_confidence.

    Examples
    --------
    >>> import torch
    >>> named(["a.png"], torch.tensor([[0.25, 0.75]]), ["cat", "dog"]).to_dict("records")
    [{'file': 'a.png', 'class': 'dog', 'confidence': 0.75, 'second': 'cat',
      'second_confidence': 0.25}]
    """
    top = confidences.topk(2)
    first, second = ([classes[i] for i in row] for row in top.indices.T.tolist())
    sure, less = top.values.T.numpy()
    return pd.DataFrame(
        {
            "file": names,
            "class": np.where(sure < threshold, NONE, first),
            "confidence": sure,
            "second": second,
            "second_confidence": less,
        }
    )


def wrong(
    confidences: Tensor, labels: Tensor, classes: Sequence[str], files: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the wrong answers, the most confident first.

    Parameters
    ----------
    confidences : float tensor of shape (n, n_classes)
    labels : int64 tensor of shape (n,)
    classes : sequence of str
    files : sequence of str
        One for each row; empty where there are none.

    Returns
    -------
    DataFrame
        row, file if there are files, true, answer, confidence.

    Examples
    --------
    >>> import torch
    >>> said = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    >>> wrong(said, torch.tensor([0, 0]), ["cat", "dog"]).to_dict("records")
    [{'row': 0, 'true': 'cat', 'answer': 'dog', 'confidence': 0.75}]
    """
    confidence, answer = confidences.max(1)
    rows = (answer != labels).nonzero()[:, 0]
    table = pd.DataFrame(
        {
            "row": rows.numpy(),
            "true": [classes[i] for i in labels[rows].tolist()],
            "answer": [classes[i] for i in answer[rows].tolist()],
            "confidence": confidence[rows].numpy(),
        }
    )
    if files:
        table.insert(1, "file", [files[i] for i in rows.tolist()])
    return table.sort_values("confidence", ascending=False, kind="stable", ignore_index=True)
