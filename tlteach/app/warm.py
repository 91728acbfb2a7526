"""`warmup`: pay for imports, weights and the first pass while the reader still reads."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from typing import Any

NEEDED = ("torchvision", "timm", "sklearn.linear_model", "tlteach.data", "tlteach.measures.probe")
WHERE_INSTALLED = ("seaborn",)  # and with it matplotlib
IMAGES = 8


def warmup(backbone: str = "lite0", *, wait: bool = False) -> Future[float]:
    """Load in the background what the first cells of a notebook need.

    A thread imports the heavy packages, loads the backbone and runs one batch through it; on a GPU
    that starts cuDNN and cuBLAS. Nothing is lost by calling it twice, and whoever needs a package
    before it is there waits for it and no longer. It moves torch's global random stream, which
    nothing in tlteach draws from.

    Parameters
    ----------
    backbone : str, default "lite0"
        A name that `load_backbone` knows.
    wait : bool, default False
        Return only when all is loaded.

    Returns
    -------
    Future
        Its ``result()`` waits and gives the seconds that it took, or raises what went wrong. Who
        never asks meets the same error at the first real call.

    Raises
    ------
    ValueError
        For an unknown backbone, if `wait`.

    Examples
    --------
    >>> loading = warmup("small_cnn")
    >>> loading.result() > 0
    True
    """
    kind: type = type(backbone)
    if not issubclass(kind, str):  # `checked` would load torch, which this must return before
        msg = f"backbone must be text; got {backbone!r} of type {kind.__name__}"
        raise TypeError(msg)
    executor = ThreadPoolExecutor(1, thread_name_prefix="tlteach warmup")
    loading = executor.submit(_load, backbone)
    executor.shutdown(wait=False)  # the thread ends with its work
    if wait:
        loading.result()
    return loading


def _load(backbone: str) -> float:
    start = time.perf_counter()
    for name in (*NEEDED, *filter(find_spec, WHERE_INSTALLED)):
        import_module(name)
    import torch

    from tlteach.base import device as machine
    from tlteach.models import extract_features, load_backbone

    where = machine.pick()
    net = load_backbone(backbone).to(where)
    size = net.preprocessing.size
    images = torch.zeros(IMAGES, 3, size, size, dtype=torch.uint8)
    extract_features(net, images, cached=False)
    if where.type == "cuda":
        _start_gpu(where)
    return time.perf_counter() - start


def _start_gpu(where: Any) -> None:
    """Run a convolution back and forth, and a matrix product: each loads its library."""
    import torch
    import torch.nn.functional as F

    x = torch.ones(1, 8, 8, 8, device=where, requires_grad=True)
    F.conv2d(x, torch.ones(8, 8, 3, 3, device=where)).sum().backward()
    x.detach().view(32, 16) @ torch.ones(16, 16, device=where)
    torch.cuda.synchronize(where)
