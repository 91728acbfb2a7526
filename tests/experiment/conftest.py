"""What races and ranks are run on."""

import pytest

import tlteach as tlt


@pytest.fixture(scope="module")
def net():
    return tlt.load_backbone("small_cnn", seed=7)


@pytest.fixture(scope="module")
def ten(digits):
    return tlt.few_shot(digits, 10, seed=1)
