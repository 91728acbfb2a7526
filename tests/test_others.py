"""What docs/reliability.md says of other libraries is so, where they can be tried.

otter-grader needs Docker for what the page says of it, so that is told from its source.
"""

import os
import warnings

import joblib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from joblib.externals.loky.process_executor import TerminatedWorkerError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression

from tests.helpers.served import served as serving

pooch = pytest.importorskip("pooch", reason="pooch is not installed: pip install pooch")


def test_pandas_counts_a_row_that_stands_twice():
    rows = pd.DataFrame({"seed": [0, 0, 1], "value": [1.0, 1.0, 0.0]})
    assert rows.groupby(lambda _: 0)["value"].mean()[0] == pytest.approx(2 / 3)


def test_scikit_learn_refuses_nan_and_names_what_is_allowed():
    x, y = np.array([[0.0], [np.nan]]), [0, 1]
    with pytest.raises(ValueError, match="contains NaN"):
        LogisticRegression().fit(x, y)
    with pytest.raises(ValueError, match=r"'C' parameter .* must be .* Got -1"):
        LogisticRegression(C=-1).fit([[0.0], [1.0]], y)


def test_safetensors_looks_at_header_and_lengths_and_at_no_number(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({"w": torch.tensor([float("nan"), 1.0])}, path)
    assert load_file(path)["w"].isnan().any()
    save_file({"w": torch.ones(4)}, path)
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 0x40  # a flipped bit of a number
    path.write_bytes(whole)
    assert not load_file(path)["w"].equal(torch.ones(4))
    for damaged in (whole[:-1], whole + b"x", b"\xff" + whole[1:]):
        path.write_bytes(damaged)
        with pytest.raises(SafetensorError):
            load_file(path)


def test_joblib_ends_the_call_where_a_worker_is_killed():
    with warnings.catch_warnings(action="ignore"), pytest.raises(TerminatedWorkerError):
        joblib.Parallel(n_jobs=2)(joblib.delayed(os._exit)(9) for _ in range(2))


@pytest.fixture
def served(tmp_path):
    """Serve a folder on the loopback interface."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "data.txt").write_text("as it was\n")
    with serving(folder) as address:
        yield f"{address}/data.txt"


def test_pooch_checks_the_hash_at_each_use_and_fetches_a_damaged_file_again(served, tmp_path):
    cache, fname = tmp_path / "cache", "data.txt"
    known = pooch.file_hash(str(tmp_path / "served" / "data.txt"))
    pooch.retrieve(served, known, fname, cache)
    (cache / fname).write_text("changed\n")
    again = pooch.retrieve(served, known, fname, cache)
    assert pooch.file_hash(again) == known
    with pytest.raises(ValueError, match="hash"):
        pooch.retrieve(served, "0" * 64, "other.txt", cache)


def test_pooch_raises_where_its_cache_cannot_be_written(served, tmp_path):
    (tmp_path / "cache").write_text("a file in its place")
    with pytest.raises(OSError, match="cache"):
        pooch.retrieve(served, None, "data.txt", tmp_path / "cache")


def test_matplotlib_reads_a_formula_and_warns_of_glyphs(tmp_path):
    figure, ax = plt.subplots()
    ax.set_title("class $_$")
    with pytest.raises(ValueError, match="Parse"):
        figure.savefig(tmp_path / "a.png")
    ax.set_title(chr(0x13080))
    with pytest.warns(UserWarning, match="[Gg]lyph"):
        figure.savefig(tmp_path / "b.png")
    plt.close(figure)
