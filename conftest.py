"""Settings for everything that pytest runs, doctests and notebooks among it: nobody's home."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

PLACE = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Give a session a cache and a place for progress, which its workers and children share."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    config.stash[PLACE] = place = tempfile.mkdtemp(prefix="tlteach-tests-")
    os.environ |= {"TLTEACH_HOME": f"{place}/tlteach-home", "TLTEACH_PROGRESS": f"{place}/progress"}
    os.environ.pop("TLTEACH_SHARED", None)
    if getattr(config.option, "numprocesses", None):  # a core for each worker, and no more
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if PLACE in config.stash:
        shutil.rmtree(config.stash[PLACE], ignore_errors=True)
