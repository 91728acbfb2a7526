"""Where and how numbers are computed: device, threads, precision, memory."""

from __future__ import annotations

import ctypes
import functools
import multiprocessing
import os
import platform
import re
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from tlteach.base.edge import warn_caller
from tlteach.base.validate import one_of

T = TypeVar("T")
PRECISIONS = ("auto", "fp32", "bf16")
WATCH = "tlteach watches its parent"
MALLOPT = {-1: 1 << 30, -2: 1 << 26, -3: 1 << 30}  # trim threshold, top pad, mmap threshold; bytes


def pick(device: str | torch.device | None = None) -> torch.device:
    """Return `device`, or the best one here: CUDA, then MPS, then the CPU.

    Examples
    --------
    >>> pick("cpu")
    device(type='cpu')
    """
    if device is not None:
        try:
            found = torch.device(device)
            torch.empty(0, device=found)  # is it here?
        except Exception as error:  # of many kinds, by device and by build of torch
            here = ["cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
            here += ["mps"] * torch.backends.mps.is_available()
            msg = f"device must be one of {', '.join(map(repr, here))}; got {str(device)!r}"
            raise ValueError(msg) from error
        return found
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Use `n` torch threads inside the block.

    Examples
    --------
    >>> with threads(1):
    ...     torch.get_num_threads()
    1
    """
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def precision(asked: str, device: torch.device, *, training: bool = False) -> torch.dtype:
    """Return the number format for one piece of work: the same on one machine, however busy.

    "auto" means bfloat16 on a GPU, and for inference on a processor that multiplies it by
    instructions of its own, where it is about twice as fast; else float32. Training on a processor
    is float32: there bfloat16 took twice as long.

    Parameters
    ----------
    asked : {"auto", "fp32", "bf16"}
        What the user wants.
    device : torch.device
        Where the work runs.
    training : bool, default False
        Whether there are gradient steps.

    Examples
    --------
    >>> precision("fp32", torch.device("cuda")), precision("auto", torch.device("mps"))
    (torch.float32, torch.float32)
    """
    if one_of("precision", asked, PRECISIONS) != "auto":
        return torch.bfloat16 if asked == "bf16" else torch.float32
    fast = device.type == "cuda" or (device.type == "cpu" and not training and has_fast_bf16())
    return torch.bfloat16 if fast else torch.float32


def has_fast_bf16() -> bool:
    """Return whether the processor, as torch may use it, has AMX or AVX512 instructions for bf16.

    Examples
    --------
    >>> isinstance(has_fast_bf16(), bool)
    True
    """
    if "AVX512" not in torch.backends.cpu.get_cpu_capability():  # ATEN_CPU_CAPABILITY may limit it
        return False
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA", "DEFAULT").upper()
    if not re.search("DEFAULT|ALL|BF16|FP16|AMX|AVX10", limit):
        return False  # what oneDNN may not use it emulates, tens of times slower
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # from torch 2.12 on
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


@functools.cache
def channels(values: tuple[float, ...], where: torch.device) -> Tensor:
    """Return one number for each channel of images, kept on the device: a GPU waits for copies.

    Examples
    --------
    >>> channels((0.5, 0.25, 0.25), torch.device("cpu")).shape
    torch.Size([3, 1, 1])
    """
    with torch.inference_mode(mode=False):  # or no training could use it later
        return torch.tensor(values, device=where).view(-1, 1, 1)


def keep_memory() -> None:
    """Let glibc keep the memory that training frees, since the next step takes it again."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", lambda option, size: None)
        for option, size in MALLOPT.items():
            mallopt(option, size)


def give_memory_back() -> None:
    """Hand freed memory to the system: joblib replaces a worker that seems to hoard it."""
    if sys.platform == "linux":
        getattr(ctypes.CDLL(None), "malloc_trim", lambda pad: None)(0)


def as_worker(work: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Call `work` as one of joblib's workers should: end with the parent, hoard no memory."""
    leave_with_parent()
    result = work(*arguments, **named)
    give_memory_back()
    return result


@contextmanager
def workers_may_be_replaced() -> Iterator[None]:
    """Say nothing where joblib replaces a worker that grew: it loses no work.

    As an error its warning would end joblib's manager thread, and the sweep would wait for ever.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
        yield


def leave_with_parent() -> None:
    """End this process soon after the one that started it, if it is one of joblib's workers.

    Without this a notebook kernel that is killed in a sweep leaves its workers behind.
    """
    name = multiprocessing.current_process().name
    watched = any(thread.name == WATCH for thread in threading.enumerate())
    if not name.startswith("Loky") or watched or sys.platform == "win32":
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, name=WATCH, daemon=True).start()


def processor() -> str:
    """Return the processor's model, as the system names it.

    Examples
    --------
    >>> len(processor()) > 0
    True
    """
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def peak_memory(device: torch.device) -> int:
    """Return the most memory used so far, in bytes: the GPU's share, or the whole process's.

    Examples
    --------
    >>> peak_memory(torch.device("cpu")) >= 0
    True
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status")  # a started process inherits its parent's `ru_maxrss`
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows has no such count in the standard library
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether `error` says that the device or the machine has no memory left."""
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in text or "allocate memory" in text)
    )


def halve_on_out_of_memory(work: Callable[[int], T], batch_size: int) -> T:
    """Call ``work(batch_size)``; when memory runs out, warn and try half.

    Raises
    ------
    RuntimeError
        The last error, if even a batch of one does not fit, or any other error at once.

    Examples
    --------
    >>> halve_on_out_of_memory(lambda batch_size: batch_size, 8)
    8
    """
    while True:
        try:
            return work(batch_size)
        except (RuntimeError, MemoryError) as error:
            if batch_size == 1 or not is_out_of_memory(error):
                raise
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        batch_size //= 2
        warn_caller(f"out of memory: going on with batches of {batch_size}", RuntimeWarning)
