"""`FrozenFeatures`: a frozen backbone as a scikit-learn transformer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from tlteach.base import device as machine, finite, one_of
from tlteach.data.from_memory import channels_first
from tlteach.data.pixels import DARK
from tlteach.models import extract_features, load_backbone


class FrozenFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn images into the features of a frozen backbone.

    Parameters
    ----------
    backbone : str, default "lite0"
        A name that `load_backbone` knows.
    size : int, optional
        Pixels fed to the network; default the backbone's own.
    value_range : tuple of 2 float, optional
        The values that mean black and white; what lies outside is clipped. By default the images
        that it is fitted on tell: uint8 is 0 to 255, uint16 0 to 65535, bool 0 to 1; other numbers
        are 0 to 255 where one is above 127, and floats up to 1 are 0 to 1. Anything else would be
        a guess, and is refused; so is what lies outside when more images come.
    shape : tuple of int, optional
        (height, width), (channels, height, width) or (height, width, channels) of flat rows; one
        of them may be -1, whatever is left. Default a grey square, where the row's length is a
        square number; other rows are refused.
    precision : {"auto", "fp32", "bf16"}, default "auto"
        See `predict`.
    cached : bool, default True
        Keep features in `TLTEACH_HOME`, so that a grid search computes them once.

    Attributes
    ----------
    backbone_ : Backbone
        The loaded network.
    value_range_ : tuple of 2 float
        What means black and white.
    n_features_in_ : int
        Length of a flat row, or of the second axis.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> X, y = load_digits(return_X_y=True)
    >>> features = FrozenFeatures("small_cnn", value_range=(0, 16))
    >>> model = make_pipeline(features, LogisticRegression(max_iter=1000))
    >>> model.fit(X[:100], y[:100]).predict(X[:3]).shape
    (3,)
    >>> FrozenFeatures("small_cnn").fit(X)
    Traceback (most recent call last):
        ...
    ValueError: X holds numbers from 0 to 16, so what means white is a guess: pass value_range, such
    as (0, 16) or (0, 255)
    """

    def __init__(
        self,
        backbone: str = "lite0",
        *,
        size: int | None = None,
        value_range: tuple[float, float] | None = None,
        shape: tuple[int, ...] | None = None,
        precision: str = "auto",
        cached: bool = True,
    ) -> None:
        self.backbone = backbone
        self.size = size
        self.value_range = value_range
        self.shape = shape
        self.precision = precision
        self.cached = cached

    def fit(self, X: ArrayLike, y: object = None) -> FrozenFeatures:
        """Load the backbone; the images only tell their shape and, unless it is given, range."""
        one_of("precision", self.precision, ("auto", "fp32", "bf16"))
        self._images(X, reset=True)
        self.backbone_ = load_backbone(self.backbone, size=self.size)
        self._n_features_out = self.backbone_.n_features
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return float32 features of shape (n, n_features).

        Parameters
        ----------
        X : array-like
            Flat rows (n, pixels), grey images (n, height, width), or colour images with the
            channels last (n, height, width, 3) or first (n, 3, height, width).

        Raises
        ------
        ValueError
            For NaN and infinity, with the place of the first; for images of a shape or range that
            would be a guess, or of another range than those that it was fitted on.
        """
        check_is_fitted(self)
        images = self._images(X, reset=False)
        features = extract_features(
            self.backbone_.to(machine.pick()),
            images,
            precision=self.precision,
            cached=self.cached,
        )
        return features.numpy()

    def _images(self, X: ArrayLike, *, reset: bool) -> torch.Tensor:
        X = validate_data(
            self, X, reset=reset, allow_nd=True, dtype="numeric", ensure_all_finite=False
        )
        pixels = finite("X", np.asarray(X))
        if reset:
            self.value_range_ = self.value_range or _range_of(pixels)
        elif self.value_range is None:
            _check_range(pixels, *self.value_range_)
        low, high = self.value_range_
        if not low < high:
            msg = f"value_range must be (low, high) with low < high; got {self.value_range}"
            raise ValueError(msg)
        scaled = (pixels.astype(np.float32) - low) * (255 / (high - low))
        shaped = channels_first(self._shaped(scaled.clip(0, 255).round().astype(np.uint8)))
        return torch.from_numpy(np.ascontiguousarray(shaped))

    def _shaped(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return flat rows as images, and images as they are."""
        if pixels.ndim == 3 and pixels.shape[2] in (1, 3):
            msg = f"X of shape {pixels.shape} looks like a single image: pass X[None]"
            raise ValueError(msg)
        if pixels.ndim != 2:
            return pixels
        n = pixels.shape[1]
        side = math.isqrt(n)
        if self.shape is None and side * side != n:
            msg = (
                f"shape must be given for rows of {n} pixels, which are no square; such as "
                f"{_colours(n)}shape=(1, -1) for one line of pixels"
            )
            raise ValueError(msg)
        shape = self.shape or (side, side)
        try:
            return pixels.reshape(len(pixels), *shape)
        except ValueError as error:
            msg = f"shape must have {n} pixels, as each row has; got {shape}"
            raise ValueError(msg) from error

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


def _colours(n: int) -> str:
    """Say which colour images have n numbers, if square ones have."""
    side = math.isqrt(n // 3)
    if 3 * side * side != n:
        return ""
    return f"(3, {side}, {side}) or ({side}, {side}, 3) for colour images, or "


def _range_of(pixels: NDArray[Any]) -> tuple[float, float]:
    """Return what means black and white, by the type and the largest number."""
    known = {"uint8": (0, 255), "uint16": (0, 65535), "bool": (0, 1)}
    if pixels.dtype.name in known:
        return known[pixels.dtype.name]
    low, high = pixels.min(), pixels.max()
    if low >= 0 and DARK < high <= 255:
        return 0, 255
    if pixels.dtype.kind == "f" and low >= 0 and 0 < high <= 1:
        return 0, 1
    msg = (
        f"X holds numbers from {low:.6g} to {high:.6g}, so what means white is a guess: pass "
        f"value_range, such as ({min(low, 0):.6g}, {high:.6g}) or (0, 255)"
    )
    raise ValueError(msg)


def _check_range(pixels: NDArray[Any], low: float, high: float) -> None:
    """Raise if images have another range than those before."""
    outside = (pixels < low) | (pixels > high)
    if outside.any():
        place = np.unravel_index(int(outside.argmax()), outside.shape)
        at = ", ".join(map(str, place))
        msg = f"X must be {low} to {high}, as it was in fit; got {pixels[place]:.6g} at [{at}]"
        raise ValueError(msg)
    if pixels.dtype.kind == "f" and high > 1 and 0 < pixels.max() <= 1:
        msg = (
            f"X must be {low} to {high}, as it was in fit; got floats up to {pixels.max():.6g}: "
            "pass value_range if they are that dark"
        )
        raise ValueError(msg)
