"""One kit for all tests that look at it, and notebooks to be spoilt."""

import shutil
from pathlib import Path

import pytest

from tlteach.classroom import kit

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def kit_folder(tmp_path_factory):
    """The whole kit; nobody writes into it."""
    return kit.write_kit(tmp_path_factory.mktemp("kit")).parent


@pytest.fixture
def copied(tmp_path):
    """The notebooks, to be spoilt."""
    return shutil.copytree(NOTEBOOKS, tmp_path / "notebooks", ignore=shutil.ignore_patterns("src"))
