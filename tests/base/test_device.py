"""Threads come back, precision is measured once and kept, out of memory halves the batch."""

import json
import platform
import subprocess
import sys
import threading
import time
import warnings

import pytest
import torch

from tlteach.base import device
from tlteach.base.device import halve_on_out_of_memory, is_out_of_memory, pick, precision, threads

CPU = torch.device("cpu")
ABSURD = 2**60  # bytes, more than any machine can address


class Work:
    """Multiplies matrices in the format asked for and remembers the formats."""

    def __init__(self) -> None:
        self.formats: list[torch.dtype] = []

    def __call__(self, dtype: torch.dtype) -> object:
        self.formats.append(dtype)
        x = torch.ones(64, 64, dtype=dtype)
        return x @ x


def hungry(fits: int, tried: list[int]):
    """Return work that runs out of real memory above batches of `fits`."""

    def work(batch_size: int) -> str:
        tried.append(batch_size)
        torch.empty(ABSURD if batch_size > fits else 1, dtype=torch.uint8)
        return f"done in batches of {batch_size}"

    return work


@pytest.fixture
def calibration(tmp_path, monkeypatch):
    """The file of an empty cache, on a processor that might be quick in bfloat16."""
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    return tmp_path / "calibration.json"


# where


def test_a_device_asked_for_is_the_device_used():
    assert pick("cpu") == CPU
    assert pick(torch.device("meta")) == torch.device("meta")
    with pytest.raises(RuntimeError, match="toaster"):
        pick("toaster")


def test_the_best_device_here_can_compute():
    best = pick()
    assert best.type == ("cuda" if torch.cuda.is_available() else best.type)
    assert torch.ones(3, device=best).sum().item() == 3


# threads


def test_threads_hold_inside_the_block_only():
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
        with threads(before + 2):
            assert torch.get_num_threads() == before + 2
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_threads_come_back_after_an_exception():
    before = torch.get_num_threads()
    with pytest.raises(KeyError), threads(before + 1):
        raise KeyError
    assert torch.get_num_threads() == before


# precision


def test_a_precision_asked_for_is_used_without_a_measurement(calibration):
    work = Work()
    assert precision("fp32", CPU, "net", work) is torch.float32
    assert precision("bf16", CPU, "net", work) is torch.bfloat16
    assert precision("auto", torch.device("cuda"), "net", work) is torch.bfloat16
    assert precision("auto", torch.device("mps"), "net", work) is torch.float32
    assert work.formats == []
    assert not calibration.exists()


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="precision must be one of 'auto', 'fp32', 'bf16'; got 8"):
        precision(8, CPU, "net", Work())


def test_a_processor_without_fast_bfloat16_is_never_measured(calibration, monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    work = Work()
    assert precision("auto", CPU, "net", work) is torch.float32
    assert work.formats == []


def test_a_measurement_is_kept_and_decides_from_then_on(calibration):
    work = Work()
    first = precision("auto", CPU, "net|inference", work)
    assert set(work.formats) == {torch.float32, torch.bfloat16}
    ((key, ratio),) = json.loads(calibration.read_text()).items()
    assert key == f"net|inference|torch {torch.__version__}|AVX512"
    assert first is (torch.bfloat16 if ratio >= device.BF16_MUST_WIN else torch.float32)
    measured = len(work.formats)
    assert precision("auto", CPU, "net|inference", work) is first
    assert len(work.formats) == measured


def test_every_model_and_pass_is_measured_by_itself(calibration):
    for key in ("net|inference", "net|training", "other|inference"):
        work = Work()
        precision("auto", CPU, key, work)
        assert work.formats
    assert len(json.loads(calibration.read_text())) == 3


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(0.02, torch.float32), (1.29, torch.float32), (1.3, torch.bfloat16), (4, torch.bfloat16)],
)
def test_bfloat16_is_used_where_it_was_clearly_faster(calibration, ratio, expected):
    calibration.write_text(json.dumps({f"net|torch {torch.__version__}|AVX512": ratio}))
    work = Work()
    assert precision("auto", CPU, "net", work) is expected
    assert work.formats == []


def test_threads_that_ask_at_once_measure_once_and_agree(calibration):
    work, answers = Work(), []

    def slow(dtype: torch.dtype) -> None:
        work(dtype)
        time.sleep(0.01)  # the other threads get their turn here

    def ask() -> None:
        answers.append(precision("auto", CPU, "net", slow))

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert work.formats.count(torch.bfloat16) == work.formats.count(torch.float32) == 4


# memory


def test_running_out_of_memory_halves_the_batch_and_says_so():
    tried: list[int] = []
    with pytest.warns(RuntimeWarning, match="out of memory: going on with batches of") as caught:
        assert halve_on_out_of_memory(hungry(2, tried), 11) == "done in batches of 2"
    assert tried == [11, 5, 2]
    assert [str(w.message).rpartition(" ")[2] for w in caught] == ["5", "2"]
    assert caught[0].filename == __file__


def test_a_batch_that_fits_is_used_without_a_word():
    tried: list[int] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert halve_on_out_of_memory(hungry(8, tried), 8) == "done in batches of 8"
    assert tried == [8]


def test_a_single_image_that_does_not_fit_is_an_error():
    tried: list[int] = []
    with (
        pytest.warns(RuntimeWarning, match="out of memory"),
        pytest.raises(RuntimeError, match="allocate memory"),
    ):
        halve_on_out_of_memory(hungry(0, tried), 4)
    assert tried == [4, 2, 1]


def test_pythons_own_memory_error_counts_too():
    def work(batch_size: int) -> int:
        return len(bytearray(ABSURD if batch_size > 1 else 1))

    with pytest.warns(RuntimeWarning, match="batches of 1"):
        assert halve_on_out_of_memory(work, 2) == 1


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("no"), KeyError("k")])
def test_any_other_error_passes_at_once(error):
    tried: list[int] = []

    def work(batch_size: int) -> None:
        tried.append(batch_size)
        raise error

    with pytest.raises(type(error)) as caught:
        halve_on_out_of_memory(work, 8)
    assert caught.value is error
    assert tried == [8]


def test_what_counts_as_out_of_memory():
    with pytest.raises(RuntimeError) as real:
        torch.empty(ABSURD, dtype=torch.uint8)
    assert is_out_of_memory(real.value)
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory"))
    assert not is_out_of_memory(ValueError("out of memory"))
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_full_gpu_halves_the_batch():
    def work(batch_size: int) -> int:
        size = 2**50 if batch_size > 2 else 2**10
        return torch.empty(size, dtype=torch.uint8, device="cuda").numel()

    with pytest.warns(RuntimeWarning, match="batches of 2"):
        assert halve_on_out_of_memory(work, 4) == 2**10


def test_peak_memory_grows_by_what_is_held_in_bytes():
    code = (
        "import tlteach, torch; from tlteach.base.device import peak_memory\n"
        "cpu = torch.device('cpu'); before = peak_memory(cpu)\n"
        "held = torch.ones(2**28, dtype=torch.uint8); print(peak_memory(cpu) - before)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0.9 * 2**28 < int(out.stdout) < 1.5 * 2**28


@pytest.mark.skipif(platform.system() != "Linux", reason="reads /proc/cpuinfo")
def test_the_processor_is_named():
    with open("/proc/cpuinfo") as file:
        named = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    assert device.processor() == (named[0] if named else platform.machine())
