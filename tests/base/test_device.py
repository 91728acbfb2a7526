"""Threads come back, precision follows the processor, out of memory halves the batch."""

import platform
import subprocess
import sys
import warnings

import pytest
import torch

from tlteach.base import device
from tlteach.base.device import halve_on_out_of_memory, is_out_of_memory, pick, precision, threads

CPU = torch.device("cpu")
ABSURD = 2**60  # bytes, more than any machine can address


def hungry(fits: int, tried: list[int]):
    """Return work that runs out of real memory above batches of `fits`."""

    def work(batch_size: int) -> str:
        tried.append(batch_size)
        torch.empty(ABSURD if batch_size > fits else 1, dtype=torch.uint8)
        return f"done in batches of {batch_size}"

    return work


# where


def test_a_device_asked_for_is_the_device_used():
    assert pick("cpu") == CPU
    assert pick(torch.device("meta")) == torch.device("meta")
    for absent in ("toaster", "", "cuda:99", "cpu:x"):
        with pytest.raises(ValueError, match=rf"device must be one of 'cpu'.*; got '{absent}'"):
            pick(absent)


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


@pytest.fixture
def processor(monkeypatch):
    """A processor with the instructions named, on which torch may use `level` at the most."""

    def pretend(*instructions: str, level: str = "AVX512") -> None:
        monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
        monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: level)
        monkeypatch.setattr(
            torch.cpu, "get_capabilities", lambda: dict.fromkeys(instructions, True), raising=False
        )

    return pretend


def test_a_precision_asked_for_is_used(processor):
    processor("avx512_bf16")
    for training in (False, True):
        assert precision("fp32", CPU, training=training) is torch.float32
        assert precision("bf16", CPU, training=training) is torch.bfloat16
        assert precision("auto", torch.device("cuda"), training=training) is torch.bfloat16
        assert precision("auto", torch.device("mps"), training=training) is torch.float32


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="precision must be one of 'auto', 'fp32', 'bf16'; got 8"):
        precision(8, CPU)


@pytest.mark.parametrize(
    "instructions", [["avx512_bf16"], ["amx_bf16"], ["avx512_bf16", "amx_bf16"]]
)
def test_a_processor_with_instructions_for_bfloat16_infers_in_it(processor, instructions):
    processor(*instructions)
    assert precision("auto", CPU) is torch.bfloat16
    assert precision("auto", CPU, training=True) is torch.float32


def test_a_processor_without_them_never_does(processor):
    processor("avx512_f", "avx512_vnni")
    assert precision("auto", CPU) is torch.float32
    processor("avx512_bf16", level="AVX2")  # there, but torch is told not to use it
    assert precision("auto", CPU) is torch.float32


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("AVX2", torch.float32),
        ("avx512_core_vnni", torch.float32),
        ("AVX512_CORE_BF16", torch.bfloat16),
        ("AVX512_CORE_AMX", torch.bfloat16),
        ("ALL", torch.bfloat16),
    ],
)
def test_a_limit_set_for_onednn_is_obeyed(processor, monkeypatch, limit, expected):
    processor("avx512_bf16")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", limit)
    assert precision("auto", CPU) is expected


def test_the_format_does_not_depend_on_how_busy_the_machine_is():
    code = "from tlteach.base import device; print(device.precision('auto', device.pick('cpu')))"
    asked = [sys.executable, "-c", code]
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        told = {subprocess.check_output(asked, text=True) for _ in range(2)}
        busy.kill()
    assert told == {f"{precision('auto', CPU)}\n"}


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
