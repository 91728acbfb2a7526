"""A bad call of any public function says what was wrong, what was got and what is allowed.

scikit-learn is the measure: whatever is like a call that it refuses by name is refused by name.
"""

from math import inf, nan
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

import tlteach as tlt
from tests.helpers.plot_tables import results
from tests.helpers.tiny import tiny_task
from tlteach import (
    analysis,
    atlas,
    classroom,
    data,
    lessons,
    measures,
    models,
    plots,
    training,
    widgets,
)

LINES = (Path(__file__).parent / "helpers" / "bad_calls.txt").read_text().splitlines()
CALLS = [tuple(line.rsplit(" | ", 1)) for line in LINES if not line.startswith("#")]
RAW = (  # what Python, numpy and torch say of themselves
    "object is not", "object has no attribute", "unsupported operand", "not supported between",
    "invalid literal", "could not convert", "list index", "takes no", "unexpected keyword",
)  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Give the calls what they need: small, and right where it is not what is wrong."""
    task, net = tiny_task((12, 12, 12)), models.small_cnn()
    return {
        "tlt": tlt, "data": data, "models": models, "training": training, "measures": measures,
        "plots": plots, "analysis": analysis, "atlas": atlas, "widgets": widgets,
        "classroom": classroom, "lessons": lessons, "nan": nan, "inf": inf,
        "np": np, "pd": pd, "torch": torch, "tmp": tmp_path_factory.mktemp("bad"),
        "task": task, "few": tlt.few_shot(task, 2, seed=0), "net": net,
        "model": tlt.Classifier(net, 3, seed=0), "results": results(seeds=5),
        "images": torch.zeros(6, 3, 32, 32, dtype=torch.uint8),
        "pixels": np.random.default_rng(0).integers(0, 256, (24, 8, 8, 3), dtype=np.uint8),
        "y": [0, 1] * 12, "x": torch.randn(12, 4), "y_": torch.arange(12) % 3,
        "logits": torch.randn(12, 3), "table": pd.DataFrame({"path": ["a"], "label": ["b"]}),
    }  # fmt: skip


def test_there_are_more_than_two_hundred():
    assert len(CALLS) == len({call for call, _ in CALLS}) > 200


@pytest.mark.parametrize(("call", "words"), CALLS, ids=[call for call, _ in CALLS])
def test_a_bad_call_is_answered_in_words(call, words, known, monkeypatch):
    monkeypatch.chdir(known["tmp"])
    with pytest.raises((TypeError, ValueError, FileNotFoundError, NotADirectoryError)) as caught:
        eval(call, known)
    plt.close("all")
    said = str(caught.value)
    assert words in said
    assert not any(raw in said for raw in RAW)
