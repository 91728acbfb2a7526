"""The benchmarks' shared arithmetic, and a tiny real run of each script."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
PHOTOGRAPHS = FOLDER.parents[1] / "shared" / "data" / "hymenoptera"


@pytest.fixture
def common(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    import common

    yield common
    sys.modules.pop("common", None)


def run(script, *options):
    return subprocess.run(
        [sys.executable, FOLDER / script, "--quick", *options],
        capture_output=True,
        text=True,
        check=False,
    )


def test_rivals_take_turns_and_the_order_turns_round(common):
    seen = []
    rivals = {name: lambda name=name: seen.append(name) for name in "ab"}
    seconds = common.in_turns(rivals, {"a": 3, "b": 2})
    assert "".join(seen) == "ab" + "ab" + "ba" + "a"  # a warm-up, then turn by turn
    assert [len(seconds[name]) for name in "ab"] == [3, 2]


def test_a_ratio_is_the_median_over_all_pairs(common):
    found = common.ratio([10.0, 20.0, 40.0], [1.0, 2.0])
    pairs = [5, 10, 10, 20, 20, 40]
    expected = np.quantile(pairs, [0.25, 0.5, 0.75])
    assert [found[key] for key in ("q25", "median", "q75")] == pytest.approx(list(expected))
    assert found["n"] == 2


def test_accuracies_agree_within_two_standard_errors(common):
    same = [0.90, 0.91, 0.92]
    assert common.agree(same, [0.91, 0.92, 0.93])["agree"]
    assert not common.agree(same, [0.95, 0.96, 0.97])["agree"]
    # sd 0.01 each, so the standard error of the difference is sqrt(2/3) of 0.01
    assert common.agree(same, same)["standard_error"] == pytest.approx(0.0082, abs=1e-4)


def test_a_void_row_never_reaches_its_goal(common, capsys):
    found = common.ratio([30.0] * 3, [1.0] * 3)
    assert common.tell("row", found, 20)["reached"]
    assert not common.tell("row", found, 40)["reached"]
    assert not common.tell("row", found, 20, valid=False)["reached"]
    words = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert words == ["reached", "missed", "void"]


@pytest.mark.slow
def test_probe_runs_and_writes_its_machine_times_and_losses(tmp_path):
    done = run("probe.py", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "probe.json").read_text())
    assert found["problems"] == 2 * 2 * 4
    for name in ("lbfgs", "fastest solver", "fastest way"):
        assert found[name]["valid"]
        assert found[name]["largest_difference"] <= 1e-4
    assert {"processor", "cores", "date", "versions"} <= set(found["machine"])
    assert found["seconds"]["ours"]["median"] > 0


@pytest.mark.skipif(PHOTOGRAPHS.exists(), reason="the photographs are here")
def test_three_regimes_says_what_it_misses():
    done = run("three_regimes.py")
    assert done.returncode == 1
    assert "no photographs in shared/data/hymenoptera" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not PHOTOGRAPHS.exists(), reason="needs the photographs of ants and bees")
def test_three_regimes_runs_and_says_what_was_scaled(tmp_path):
    done = run("three_regimes.py", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "three_regimes.json").read_text())
    assert len(found["rows"]) == 5
    assert found["rivals"]["P0 frozen"]["scaled_to"] == 25
    assert len(found["rivals"]["ours frozen, own recipe"]["accuracy"]) == 2
