"""Numbers into bytes: what 16 bits and floats mean, and what no image can hold."""

from __future__ import annotations

import numpy as np

from tlteach.base import finite

DARK = 127  # of 255: a set of images without a brighter pixel is told


def as_bytes(pixels: np.ndarray) -> np.ndarray:
    """Return pixels as uint8, 0 to 255, scaled by the range of their type and never clipped.

    Parameters
    ----------
    pixels : array
        uint8; bool; uint16, 0 to 65535; other whole numbers, 0 to 255; or floats, which are 0 to 1
        or, if any is larger, 0 to 255.

    Raises
    ------
    ValueError
        For NaN and infinity, with the place of the first, and numbers outside of these ranges.
    TypeError
        For what is no number.

    Examples
    --------
    >>> as_bytes(np.array([0, 257, 65535], np.uint16)).tolist()
    [0, 1, 255]
    >>> as_bytes(np.array([0, 0.5, 1])).tolist()
    [0, 128, 255]
    >>> as_bytes(np.array([-1.9, 2.1]))
    Traceback (most recent call last):
        ...
    ValueError: pixels must be 0 to 1 or 0 to 255; got -1.9 to 2.1: undo their normalisation
    """
    if pixels.dtype == np.uint8 or not pixels.size:
        return pixels.astype(np.uint8, copy=False)
    if pixels.dtype.kind not in "buif":
        msg = f"pixels must be numbers; got {pixels.dtype}"
        raise TypeError(msg)
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * 255
    if pixels.dtype == np.uint16:
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    finite("pixels", pixels)
    low, high = pixels.min(), pixels.max()
    if pixels.dtype.kind == "f" and low >= 0 and high <= 255:
        return np.floor(pixels * (255.0 if high <= 1 else 1.0) + 0.5).astype(np.uint8)
    if low >= 0 and high <= 255:
        return pixels.astype(np.uint8)
    allowed = "0 to 1 or 0 to 255" if pixels.dtype.kind == "f" else "0 to 255, or uint16"
    hint = ": undo their normalisation" if low < 0 else ""
    msg = f"pixels must be {allowed}; got {low:.6g} to {high:.6g}{hint}"
    raise ValueError(msg)


def told_dark(pixels: np.ndarray) -> list[str]:
    """Return the note on numbers that are read by their type and do not reach half of its white.

    Examples
    --------
    >>> told_dark(np.array([0.0, 16.0]))[0][:60]
    'the brightest pixel is 16 of 255: are they really that dark?'
    >>> told_dark(np.array([0, 4095], np.uint16))[0][:36]
    'the brightest pixel is 4095 of 65535'
    >>> told_dark(np.array([0.0, 1.0]))
    []
    """
    high = pixels.max()
    white = 65535 if pixels.dtype == np.uint16 else 255
    has_white = pixels.dtype.kind in "ui" or (pixels.dtype.kind == "f" and high > 1)
    if not has_white or high > DARK / 255 * white:
        return []
    told = f"the brightest pixel is {high:.6g} of {white}: are they really that dark?"
    return [f"{told} If {high:.6g} means white, multiply them by 255 / {high:.6g}"]
