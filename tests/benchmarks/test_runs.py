"""A tiny real run of each benchmark."""

import json
import shutil

import numpy as np
import pytest

from tests.helpers.scripts import FOLDER, run

PHOTOGRAPHS = FOLDER.parents[1] / "shared" / "data" / "hymenoptera"

QUICK = {
    "extract": {"features, lite0 at 64 px, plain timm"},
    "fine_tune": {"fine-tuned at 64 px, P1"},
    "time_to_accuracy": {
        f"emoji, {ours}, to the accuracy of {peer}"
        for ours in ("frozen", "fine-tuned")
        for peer in ("P0", "P1")
    },
    "same_work": {"the same work at 64 px, P1"},
    "partial": {
        "last 3 stages tuned at 64 px",
        "last 3 stages tuned at 64 px, without cached maps",
    },
    "seeds": {"1 x small_cnn from scratch, seed after seed"},
    "cold_start": {"first curve, fresh process", "first curve, after warmup"},
    "widgets": {f"slider to pixels, overfitting, {when}" for when in ("idle", "beside a training")},
    "growth": {f"growth of seconds with {axis}, exponent" for axis in ("seeds", "shots", "tasks")},
    "trying": {f"a look of three models at a picture{part}" for part in ("", ", of the processor")},
    "halving": {"search by halving, updates of full trainings"},
    "memory": {"memory of features at 96 px, plain timm"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_each_runs_and_writes_its_rows_and_its_machine(name, tmp_path):
    if name == "widgets" and shutil.which("chromium") is None:
        pytest.skip("no Chromium here: widgets NOT measured")
    done = run(f"{name}.py", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    found = json.loads((tmp_path / f"{name}.json").read_text())
    assert QUICK[name] <= set(found["rows"])
    rows = [*found["rows"].values(), *found.get("laptop", {}).get("rows", {}).values()]
    for row in rows:
        assert {"median", "q25", "q75", "n", "unit", "goal", "valid", "reached"} <= set(row)
        assert np.isfinite(row["median"])
    assert {"processor", "cores", "date", "versions", "matrix_units"} <= set(found["machine"])
    if name in ("extract", "fine_tune"):
        assert found["laptop"]["machine"]["capability"] == "AVX2"
        assert found["laptop"]["machine"]["matrix_units"] == []


@pytest.mark.slow
def test_intervals_runs_and_repeats_itself(tmp_path):
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        done = run("intervals.py", "--out", folder)
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        found.append(json.loads((folder / "intervals.json").read_text()))
        del found[-1]["machine"]
    assert found[0] == found[1]
    assert {"made", "real", "normal"} <= set(found[0])


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
