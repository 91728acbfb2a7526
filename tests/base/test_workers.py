"""How many processes work at once, and what happens when the system ends one."""

import os
import signal
from pathlib import Path

import joblib
import psutil
import pytest

from tlteach.base import workers
from tlteach.base.workers import FewerWorkersWarning, as_they_finish, configured, until_done

GIB = 2**30


def contained(folder, most, held, files=0):
    """Write what Linux tells of a container's memory."""
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.current").write_text(f"{held}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {files}\nactive_file 7\n")
    return folder


def test_a_container_leaves_what_its_limit_leaves(tmp_path, monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("M", (), {"available": 8 * GIB}))
    assert workers.free_memory(tmp_path / "nothing") == 8 * GIB
    assert workers.free_memory(contained(tmp_path, "max", GIB)) == 8 * GIB
    assert workers.free_memory(contained(tmp_path, 3 * GIB, GIB)) == 2 * GIB
    assert workers.free_memory(contained(tmp_path, 3 * GIB, 2 * GIB, files=GIB)) == 2 * GIB
    assert workers.free_memory(contained(tmp_path, 20 * GIB, GIB)) == 8 * GIB
    assert workers.free_memory(contained(tmp_path, GIB, 2 * GIB)) == 0


@pytest.mark.parametrize(("cores", "free", "found"), [(8, 1.1, 2), (2, 64, 2), (4, 0.1, 1)])
def test_as_many_as_there_are_cores_and_as_fit_into_memory(monkeypatch, cores, free, found):
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    monkeypatch.setattr(joblib, "cpu_count", lambda: cores)
    monkeypatch.setattr(workers, "free_memory", lambda: int(free * GIB))
    assert workers.workers() == found
    monkeypatch.setenv("JUPYTERHUB_USER", "somebody")
    assert workers.workers() == 1


def test_a_context_decides_and_an_argument_decides_first():
    seen = []

    class Counted(joblib.parallel.SequentialBackend):
        def effective_n_jobs(self, n_jobs):
            seen.append(n_jobs)
            return 1

    joblib.register_parallel_backend("counted", Counted)
    calls = [joblib.delayed(abs)(-1)]
    with joblib.parallel_config(backend="counted", n_jobs=3):
        assert configured()
        assert [*as_they_finish(calls, None)] == [*as_they_finish(calls, 5)] == [1]
    assert set(seen) == {3, 5}
    with joblib.parallel_config(n_jobs=2):
        assert configured()
    assert not configured()


def test_a_backend_without_generators_gets_a_handful_at_a_time():
    calls = [joblib.delayed(pow)(n, 2) for n in range(11)]
    with joblib.parallel_config(backend="multiprocessing", n_jobs=2):
        assert [*as_they_finish(calls, None)] == [n**2 for n in range(11)]


def ends_once(folder: Path, number: int) -> int:
    """Work; the process that meets number 3 first is ended as the system does it."""
    if number == 3 and not (folder / "ended").exists():
        (folder / "ended").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / str(number)).touch()
    return number


def test_a_process_that_is_ended_loses_nothing(tmp_path):
    found = []

    def left():
        return [joblib.delayed(ends_once)(tmp_path, n) for n in range(6) if n not in found]

    def work():
        for number in until_done(left, 2):
            found.append(number)  # so it is not among what is left

    with pytest.warns(FewerWorkersWarning, match="one of 2 processes.*going on with 1"):
        work()
    assert sorted(found) == [*range(6)]


def test_a_fault_of_the_work_itself_is_no_reason_to_go_on():
    with pytest.raises(ZeroDivisionError):
        [*until_done(lambda: [joblib.delayed(divmod)(1, 0)], 1)]


def test_half_of_what_the_context_asked_for_goes_on(tmp_path):
    def left():
        return [joblib.delayed(ends_once)(tmp_path, n) for n in range(6)]

    with (
        joblib.parallel_config(n_jobs=4),
        pytest.warns(FewerWorkersWarning, match="one of 4 processes.*going on with 2") as told,
    ):
        [*until_done(left, None)]
    assert told[0].filename == __file__
