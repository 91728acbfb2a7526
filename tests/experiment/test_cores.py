"""The same work for many arguments: in order, with the same bits, whatever stands side by side."""

import os
import signal

import joblib
import pytest
import torch

from tlteach.base.workers import FewerWorkersWarning
from tlteach.experiment import on_all_cores


def drawn(seed):
    """Return the process, its threads, and numbers whose rounding hangs on the threads."""
    numbers = torch.randn(400, 400, generator=torch.Generator().manual_seed(seed))
    return os.getpid(), torch.get_num_threads(), (numbers @ numbers).sum().item()


def test_results_come_in_order_with_one_thread_and_the_same_bits():
    seeds = [(seed,) for seed in range(6)]
    with joblib.parallel_config(n_jobs=2):
        two = on_all_cores(drawn, seeds)
    with joblib.parallel_config(n_jobs=1):
        one = on_all_cores(drawn, iter(seeds))
    assert os.getpid() not in {process for process, _, _ in two}
    assert {process for process, _, _ in one} == {os.getpid()}
    assert {threads for _, threads, _ in one + two} == {1}
    assert [value for *_, value in one] == [value for *_, value in two]


def test_what_stands_in_a_notebook_may_be_called():
    factor = 3
    with joblib.parallel_config(n_jobs=2):
        assert on_all_cores(lambda a, b: factor * a + b, [(1, 2), (3, 4)]) == [5, 13]
    assert on_all_cores(drawn, []) == []


def ends_once(folder, number):
    """Return the number; the first that meets 1 is ended as the system does it."""
    if number == 1 and not (folder / "ended").exists():
        (folder / "ended").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_process_that_is_ended_leaves_no_hole(tmp_path):
    with (
        joblib.parallel_config(n_jobs=2),
        pytest.warns(FewerWorkersWarning, match="going on with 1"),
    ):
        assert on_all_cores(ends_once, [(tmp_path, n) for n in range(5)]) == [*range(5)]
