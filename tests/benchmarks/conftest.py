"""Fixtures that import the scripts of `benchmarks/`."""

import importlib
import sys

import pytest

from tests.helpers.scripts import FOLDER


@pytest.fixture
def script(monkeypatch):
    """Import a script by name; forget all of them afterwards."""
    monkeypatch.syspath_prepend(FOLDER)
    before = set(sys.modules)
    yield importlib.import_module
    for path in FOLDER.glob("*.py"):
        if path.stem not in before:
            sys.modules.pop(path.stem, None)


@pytest.fixture
def common(script):
    return script("common")
