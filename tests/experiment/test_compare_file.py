"""A sweep with a file: nothing runs twice, the file beside tells every setting."""

import json
from collections import Counter

import pandas as pd
import pytest

from tests.helpers.compared import compare, taught


def counted():
    net, calls = taught(), Counter()
    net.register_forward_hook(lambda *_: calls.update(["forward"]))  # copies count here too
    return net, calls


@pytest.mark.filterwarnings("ignore::tlteach.experiment.RangeEdgeWarning")  # three updates
def test_a_second_call_with_a_file_runs_nothing_again(digits, tmp_path):
    out = tmp_path / "sweep.parquet"
    net, calls = counted()
    asked = {"backbone": net, "out": out, "regimes": ["fine_tune", "frozen"], "shots": [2]}
    asked["n_jobs"] = 1  # in this process, where the calls are counted
    first = compare(digits, **asked)
    before = calls["forward"]
    assert before > 0
    again = compare(digits, **asked)
    assert calls["forward"] == before
    pd.testing.assert_frame_equal(again, first, check_exact=True)  # the seconds too
    stored = pd.read_parquet(out)
    pd.testing.assert_frame_equal(stored, first, check_exact=True)
    more = compare(digits, **asked | {"seeds": (0, 1, 2)})
    assert calls["forward"] > before
    kept = more[more["seed"] < 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, first, check_exact=True)
    fewer = compare(digits, **asked | {"seeds": (2,), "regimes": ["frozen"], "baselines": False})
    assert set(zip(fewer["regime"], fewer["seed"], strict=True)) == {("frozen", 2)}
    assert len(pd.read_parquet(out)) == len(more)


def test_the_file_beside_keeps_the_settings_of_every_row(digits, tmp_path):
    out = tmp_path / "sweep.parquet"
    asked = {"out": out, "shots": [2], "seeds": [0], "baselines": False}
    first = compare(digits, **asked, regimes=["frozen"])
    told = json.loads(out.with_suffix(".json").read_text())
    assert told == json.loads(json.dumps(first.attrs["provenance"]))
    compare(digits, **asked, regimes=["bn_only"])
    told = json.loads(out.with_suffix(".json").read_text())
    assert set(told["configs"]) == set(pd.read_parquet(out)["config"])
    assert len(told["configs"]) == 2


def test_too_many_shots_are_refused_before_anything_runs(digits, tmp_path):
    out = tmp_path / "sweep.parquet"
    asked = {"regimes": ["bn_only"], "shots": [2, 500], "baselines": False, "out": out}
    with pytest.raises(ValueError, match="shots must be between 1 and"):
        compare(digits, **asked, n_jobs=1)
    assert list(tmp_path.iterdir()) == []
