"""FrozenFeatures behaves as scikit-learn expects, in checks, pipelines and searches."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import tlteach as tlt

PLAIN = tlt.FrozenFeatures("small_cnn", precision="fp32", cached=False)


@parametrize_with_checks([PLAIN])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_layouts_agree():
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    last = PLAIN.fit_transform(images)
    first = PLAIN.fit_transform(images.transpose(0, 3, 1, 2))
    flat = tlt.FrozenFeatures("small_cnn", shape=(16, 16, 3), precision="fp32", cached=False)
    np.testing.assert_array_equal(last, first)
    np.testing.assert_array_equal(last, flat.fit_transform(images.reshape(3, -1)))
    assert last.shape == (3, 96)
    assert last.dtype == np.float32


def test_value_range_means_black_and_white():
    X, _ = load_digits(return_X_y=True)
    sixteen = tlt.FrozenFeatures("small_cnn", value_range=(0, 16), precision="fp32")
    byte = tlt.FrozenFeatures("small_cnn", precision="fp32")
    np.testing.assert_array_equal(
        sixteen.fit_transform(X[:5]), byte.fit_transform(np.round(X[:5] * 255 / 16))
    )


def test_pipeline_and_grid_search_beat_chance():
    X, y = load_digits(return_X_y=True)
    pipe = make_pipeline(tlt.FrozenFeatures("lite0", size=64, value_range=(0, 16)), _head())
    search = GridSearchCV(pipe, {"logisticregression__C": [0.01, 1.0]}, cv=2)
    search.fit(X[:120], y[:120])
    assert search.score(X[200:300], y[200:300]) > 0.4  # chance is 0.1
    assert pipe[:1].fit(X[:2]).get_feature_names_out().shape == (1280,)


def _head():
    return LogisticRegression(max_iter=2000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": (3, 3)}, r"shape must have 64 pixels, as each row has; got \(3, 3\)"),
        ({"value_range": (5, 5)}, "value_range must be"),
        ({"backbone": "lite9"}, "backbone must be one of .*; got 'lite9'"),
        ({"size": 32}, "size must be between|size must be at least 48"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        tlt.FrozenFeatures(**options).fit(np.zeros((2, 64)))
