"""A sweep that is killed goes on where it was, and a cluster gives the same numbers."""

import importlib
import os
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import joblib
import pandas as pd
import psutil
import pytest
from distributed import Client, LocalCluster
from torch import nn

import tlteach as tlt
from tlteach.experiment.cells import Cell
from tlteach.experiment.place import place_of
from tlteach.experiment.search import get_search
from tlteach.measures.once import BF16
from tlteach.training import get_regime

PLAN = """{
    "backbone": "small_cnn", "regimes": ["frozen", "scratch", "fine_tune"], "shots": [5],
    "seeds": range(5), "search": "smoke", "baselines": False, "device": "cpu", "progress": False,
    "config": tlt.TrainConfig(updates=40, batch_size=8, precision="fp32"),
}"""
SWEEP = f"""
import sys
import tlteach as tlt
tlt.compare(tlt.load_task("digits"), **{PLAN}, n_jobs=int(sys.argv[1]), out=sys.argv[2])
"""
RUNS = 3 * 5
RUN = ["regime", "shots", "seed"]


@pytest.fixture(scope="module")
def plan():
    return eval(PLAN, {"tlt": tlt})


@pytest.fixture(scope="module")
def unkilled(plan):
    return tlt.compare(tlt.load_task("digits"), **plan, n_jobs=1)


def start_and_kill(out, runs, *, n_jobs):
    """Start the sweep in a process of its own and kill it as soon as `runs` runs are there."""
    parts = out.with_suffix(".parts")
    child = subprocess.Popen([sys.executable, "-c", SWEEP, str(n_jobs), str(out)])
    try:
        deadline = time.monotonic() + 120
        while len(list(parts.glob("[!.]*.parquet"))) < runs:
            assert child.poll() is None, "the sweep ended before it could be killed"
            assert time.monotonic() < deadline, "the sweep never got there"
            time.sleep(0.002)
    finally:
        workers = psutil.Process(child.pid).children(recursive=True)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    _, left = psutil.wait_procs(workers, timeout=60)
    assert not left, "workers outlive the sweep that started them"
    assert child.returncode == -signal.SIGKILL
    return pd.concat([pd.read_parquet(part) for part in parts.glob("[!.]*.parquet")])


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_killed_sweep_goes_on_with_no_row_lost_or_doubled(
    tmp_path, digits, plan, unkilled, n_jobs
):
    out = tmp_path / "sweep.parquet"
    finished = start_and_kill(out, 7, n_jobs=n_jobs)
    more = start_and_kill(out, 9, n_jobs=n_jobs)  # and once more
    assert 7 <= finished.groupby(RUN).ngroups < more.groupby(RUN).ngroups < RUNS
    assert not out.exists()
    table = tlt.compare(digits, **plan, n_jobs=n_jobs, out=out)
    assert len(table) == len(unkilled)
    pd.testing.assert_frame_equal(
        table.drop(columns="seconds"), unkilled.drop(columns="seconds"), check_exact=True
    )
    order = [*RUN, "split", "metric"]
    for kept in (finished, more):
        before, after = (t.sort_values(order).set_index(order) for t in (kept, table))
        pd.testing.assert_frame_equal(after.loc[before.index], before, check_exact=True)
    names = [".sweep.lock", "sweep.json", "sweep.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    pd.testing.assert_frame_equal(pd.read_parquet(out), table, check_exact=True)


def test_a_kill_before_the_first_run_loses_nothing(tmp_path, digits, plan, unkilled):
    out = tmp_path / "sweep.parquet"
    (tmp_path / "sweep.parts").mkdir()
    (tmp_path / "sweep.parts" / ".cut-5-0.0123456789abcdef.parquet").write_bytes(b"PAR1")
    asked = plan | {"regimes": ["frozen"]}
    table = tlt.compare(digits, **asked, out=out)
    expected = unkilled[unkilled["regime"] == "frozen"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        table.drop(columns="seconds"), expected.drop(columns="seconds"), check_exact=True
    )
    assert not (tmp_path / "sweep.parts").exists()


@pytest.mark.filterwarnings("ignore::tlteach.experiment.compare.RangeEdgeWarning")
def test_what_a_kill_leaves_of_a_batch_of_heads_has_the_same_bits(digits):
    """Heads of all seeds and shots are solved as one batch; what is left of it is solved alone."""
    asked = {"backbone": "small:glyphs", "regimes": ["frozen"], "shots": [2, 5], "search": "smoke"}
    whole = tlt.compare(digits, **asked, seeds=range(4), progress=False)
    runs = ["regime", "shots", "seed"]
    for shots, seed in ((5, 3), (2, 0)):
        alone = tlt.compare(digits, **asked | {"shots": [shots]}, seeds=[seed], progress=False)
        kept = whole[(whole["shots"] == shots) & (whole["seed"] == seed)]
        kept, alone = (t.sort_values([*runs, "split", "metric"]) for t in (kept, alone))
        pd.testing.assert_frame_equal(
            alone.drop(columns="seconds").reset_index(drop=True),
            kept.drop(columns="seconds").reset_index(drop=True),
            check_exact=True,
        )
        assert {"frozen", "frozen_random", "raw_pixels"} < set(alone["regime"])


@pytest.mark.slow
def test_a_dask_cluster_runs_the_same_sweep_and_gives_the_same_bits(digits, plan, unkilled):
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, Client(cluster) as client, joblib.parallel_config(backend="dask"):
        table = tlt.compare(digits, **plan)
        done = client.run(lambda dask_worker: dask_worker.state.executed_count)
    pd.testing.assert_frame_equal(
        table.drop(columns="seconds"), unkilled.drop(columns="seconds"), check_exact=True
    )
    assert len(done) == 2
    assert min(done.values()) > 0  # both workers took part


def tell_who(module, images, maps):
    """Leave the number of the process that looked at images, as a hook of a network does."""
    Path(os.environ["LOOKED"], str(os.getpid())).touch()


@pytest.mark.slow
def test_features_are_computed_on_the_workers_in_their_number_format(digits, plan, tmp_path):
    net = tlt.load_backbone("small_cnn", seed=70_207)  # whose features nobody has kept
    next(one for one in net.modules() if isinstance(one, nn.Conv2d)).register_forward_hook(tell_who)
    asked = plan | {"backbone": net, "regimes": ["frozen"], "baselines": ["majority", "raw_pixels"]}
    asked |= {"seeds": range(2), "config": tlt.TrainConfig(), "device": None}
    plain = {"LOOKED": str(tmp_path), "ONEDNN_MAX_CPU_ISA": "AVX2", "CUDA_VISIBLE_DEVICES": ""}
    cluster = LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None, env=plain)
    with cluster, Client(cluster) as client, joblib.parallel_config(backend="dask"):
        table = tlt.compare(digits, **asked)
        workers = {str(number) for number in client.run(os.getpid).values()}
    looked = {path.name for path in tmp_path.iterdir()}
    assert looked == workers  # and not this process
    assert not table["config"].str.endswith(BF16).any()
    assert table.attrs["provenance"]["machine"]["device"] == "cpu"
    here = tlt.compare(digits, **asked | {
        "backbone": tlt.load_backbone("small_cnn", seed=70_207), "device": "cpu",
        "config": tlt.TrainConfig(precision="fp32"),
    })  # fmt: skip
    pd.testing.assert_frame_equal(
        table.drop(columns=["seconds", "config"]), here.drop(columns=["seconds", "config"]),
        check_exact=False, rtol=1e-4,
    )  # fmt: skip


def test_a_worker_that_computes_otherwise_is_refused():
    here = place_of("cpu", "auto")
    assert not here.far
    other = replace(here, far=True, bf16=not here.bf16)
    with pytest.raises(RuntimeError, match="all workers must compute alike; one has"):
        other.work(abs, -1)
    assert replace(here, far=True).work(abs, -1) == 1


def test_a_cluster_is_told_how_large_things_are(digits):
    images = digits.train.images
    tensors = (images, digits.train.labels, digits.train.domains)
    held = sum(tensor.nbytes for tensor in tensors)
    assert held < sys.getsizeof(digits.train) < sys.getsizeof(digits)
    net = tlt.load_backbone("lite0")
    cell = Cell("frozen", get_regime("frozen"), net, tlt.TrainConfig(), get_search("brief"), "c")
    weights = sum(weight.nbytes for weight in net.net.state_dict().values())
    assert weights <= sys.getsizeof(cell) < 1.1 * weights


def test_a_replaced_worker_neither_warns_nor_stops_the_sweep(plan, monkeypatch):
    module = importlib.import_module("tlteach.experiment.compare")  # the wing has the function
    run = module._run

    def replaced(*args):
        # what joblib's manager thread says when it replaces a worker that grew; as an error it
        # ends that thread, and the sweep hangs
        warnings.warn("A worker stopped while some jobs were given to the executor.", stacklevel=1)
        yield from run(*args)

    monkeypatch.setattr(module, "_run", replaced)
    table = tlt.compare(tlt.load_task("digits"), **plan | {"regimes": ["frozen"]}, n_jobs=1)
    assert set(table["regime"]) == {"frozen"}
