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
# the checks feed numbers of any range in rows of any length, so both have to be said
STATED = tlt.FrozenFeatures(
    "small_cnn", value_range=(0, 255), shape=(1, -1), precision="fp32", cached=False
)
PIXELS = np.random.default_rng(0).integers(0, 256, (3, 16, 16), dtype=np.uint8)


@parametrize_with_checks([STATED])
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
        tlt.FrozenFeatures(**options).fit(np.zeros((2, 64), np.uint8))


@pytest.mark.parametrize(
    "images",
    [
        PIXELS.astype(float),
        PIXELS.astype(np.int64),
        PIXELS / 255,
        (PIXELS / 255).astype(np.float32),
        PIXELS.astype(np.uint16) * 257,
        PIXELS.reshape(3, -1) / 255,
        PIXELS[..., None].tolist(),
    ],
    ids=["0-255", "int", "0-1", "float32", "uint16", "rows", "lists"],
)
def test_numbers_of_every_range_are_the_same_pixels(images):
    expected = PLAIN.fit_transform(PIXELS)
    np.testing.assert_array_equal(PLAIN.fit_transform(images), expected)


def test_the_range_is_that_of_fit():
    features = tlt.FrozenFeatures("small_cnn", precision="fp32", cached=False)
    dark = PIXELS // 64 / 255  # up to 3 of 255
    features.fit(PIXELS / 255)
    assert features.value_range_ == (0, 1)
    np.testing.assert_array_equal(features.transform(dark), PLAIN.fit_transform(PIXELS // 64))
    with pytest.raises(
        ValueError, match=r"X must be 0 to 1, as it was in fit; got \d+ at \[0, 0, "
    ):
        features.transform(PIXELS)
    features.fit(PIXELS)
    with pytest.raises(ValueError, match=r"X must be 0 to 255, .* got floats up to 1"):
        features.transform(PIXELS / 255)
    assert features.transform(PIXELS * 0.0).shape == (3, 96)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (load_digits().data, r"X holds numbers from 0 to 16, .* pass value_range.* \(0, 16\)"),
        (PIXELS // 255, None),  # bytes are 0 to 255, however dark
        ((PIXELS // 255).astype(int), "X holds numbers from 0 to 1, .* a guess"),
        (PIXELS / 64 - 2.0, "X holds numbers from -2 to 1.98438, .* a guess"),
        (PIXELS * 2.0, "X holds numbers from 0 to 510"),
        (PIXELS.reshape(4, 192), r"no square; such as \(3, 8, 8\) or \(8, 8, 3\)"),
        (
            PIXELS.reshape(2, 384),
            r"rows of 384 pixels, which are no square; such as shape=\(1, -1\)",
        ),
        (PIXELS[:, :3, :].reshape(3, 3, 8, 2), None),
        (PIXELS[:, :3, :3][..., None] * np.ones(3, np.uint8), "images must have the shape"),
        (PIXELS[0].reshape(16, 16, 1), r"looks like a single image: pass X\[None\]"),
        (PIXELS.reshape(3, 8, 8, 4), "images must have the shape"),
    ],
)
def test_what_would_be_a_guess_is_refused(X, message):
    if message is None:
        assert PLAIN.fit_transform(X).shape == (3, 96)
    else:
        with pytest.raises(ValueError, match=message):
            PLAIN.fit(X)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_is_named_with_its_place(bad):
    X = PIXELS / 255
    PLAIN.fit(X)
    X[1, 2, 3] = bad
    for refused in (PLAIN.fit, PLAIN.transform):
        with pytest.raises(ValueError, match=rf"X must be .* first, {bad}, at \[1, 2, 3\]"):
            refused(X)
