"""A sweep on Ray gives the rows of one process."""

import joblib
import pandas as pd
import pytest

import tlteach as tlt

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install ray")
PLAN = {
    "backbone": "small_cnn", "regimes": ["frozen", "scratch"], "shots": [5], "seeds": range(2),
    "search": "smoke", "baselines": ["majority", "raw_pixels"], "device": "cpu", "progress": False,
    "config": tlt.TrainConfig(updates=40, batch_size=8, precision="fp32"),
}  # fmt: skip


@pytest.fixture
def cluster(tmp_path):
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    register_ray()
    yield
    ray.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Ray's own; what it computes is what is looked at
def test_ray_gives_the_rows_of_one_process(digits, cluster):
    expected = tlt.compare(digits, **PLAN, n_jobs=1)
    with joblib.parallel_config(backend="ray"):
        table = tlt.compare(digits, **PLAN)
    pd.testing.assert_frame_equal(
        table.drop(columns="seconds"), expected.drop(columns="seconds"), check_exact=True
    )
