"""A cache folder of a test's own, and a few images to read."""

import pytest


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def images(digits):
    return digits.train.images[:20]
