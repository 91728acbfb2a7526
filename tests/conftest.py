"""Fixtures of all tests: no network, one thread, small tasks; ../conftest.py has the cache."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ["TQDM_DISABLE"] = "1"

import socket
import sys

import pytest

import tlteach as tlt

LOOPBACK = ("127.", "::1", "localhost")
_connect = socket.socket.connect


def _guarded(self: socket.socket, address: object) -> None:
    host = str(address[0]) if isinstance(address, tuple) else "localhost"  # a Unix socket
    if not host.startswith(LOOPBACK):
        msg = f"a test tried to reach {host}: tests use no network beyond loopback"
        raise PermissionError(msg)
    return _connect(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "network" not in request.keywords:
        monkeypatch.setattr(socket.socket, "connect", _guarded)


@pytest.fixture(autouse=True)
def _own_common() -> None:
    """Forget `common`: benchmarks/ and datasets/ have one each, and a test needs its own."""
    sys.modules.pop("common", None)


@pytest.fixture(scope="session")
def digits() -> tlt.Task:
    return tlt.load_task("digits")


@pytest.fixture(scope="session")
def few(digits: tlt.Task) -> tlt.Task:
    return tlt.few_shot(digits, 5, seed=0)


@pytest.fixture
def small() -> tlt.Backbone:
    return tlt.load_backbone("small_cnn", seed=0)
