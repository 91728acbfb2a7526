"""`FrozenFeatures`: a frozen backbone as a scikit-learn transformer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from tlteach.base import device as machine
from tlteach.models import extract_features, load_backbone


class FrozenFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn images into the features of a frozen backbone.

    Parameters
    ----------
    backbone : str, default "lite0"
        A name that `load_backbone` knows.
    size : int, optional
        Pixels fed to the network; default the backbone's own.
    value_range : tuple of 2 float, default (0, 255)
        The values that mean black and white; what lies outside is clipped.
    shape : tuple of int, optional
        (height, width) or (channels, height, width) of flat rows; default a grey square where
        the row's length is a square number, else one line of pixels.
    precision : {"auto", "fp32", "bf16"}, default "auto"
        See `predict`.
    cached : bool, default True
        Keep features in `TLTEACH_HOME`, so that a grid search computes them once.

    Attributes
    ----------
    backbone_ : Backbone
        The loaded network.
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
    """

    def __init__(
        self,
        backbone: str = "lite0",
        *,
        size: int | None = None,
        value_range: tuple[float, float] = (0, 255),
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
        """Load the backbone; the images only tell their shape."""
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
        X = validate_data(self, X, reset=reset, allow_nd=True, dtype="numeric")
        low, high = self.value_range
        if not low < high:
            msg = f"value_range must be (low, high) with low < high; got {self.value_range}"
            raise ValueError(msg)
        scaled = (np.asarray(X, dtype=np.float32) - low) * (255 / (high - low))
        pixels = scaled.clip(0, 255).round().astype(np.uint8)
        return torch.from_numpy(self._channels_first(pixels))

    def _channels_first(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if pixels.ndim == 2:
            side = math.isqrt(pixels.shape[1])
            square = (side, side) if side * side == pixels.shape[1] else (1, pixels.shape[1])
            shape = self.shape or square
            if math.prod(shape) != pixels.shape[1]:
                msg = f"shape must have {pixels.shape[1]} pixels, as each row has; got {shape}"
                raise ValueError(msg)
            pixels = pixels.reshape(len(pixels), *shape)
        if pixels.ndim == 3:
            pixels = pixels[:, None]
        elif pixels.shape[-1] in (1, 3) and pixels.shape[1] not in (1, 3):
            pixels = pixels.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(pixels)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
