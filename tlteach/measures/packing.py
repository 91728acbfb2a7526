"""Which test images a run got right, and which belong together, in a few bytes a run."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tlteach.base import checked, in_range

HEAD = 8  # bytes that tell the number of images


@checked
def pack(right: ArrayLike) -> bytes:
    """Return which images were right as bytes: their number, then a bit for each, compressed.

    Parameters
    ----------
    right : bool array of shape (n,)
        In the order of the test split.

    Returns
    -------
    bytes
        The same for the same array; at most about n / 8 + 20.

    Raises
    ------
    ValueError
        If `right` is not a row of at least one bool.

    Examples
    --------
    >>> unpack(pack([True, False, True]), 3).tolist()
    [True, False, True]
    """
    bits = np.asarray(right)
    if bits.dtype != np.bool_ or bits.ndim != 1 or not bits.size:
        msg = f"right must be bool of shape (n,), n > 0; got {bits.dtype} of shape {bits.shape}"
        raise ValueError(msg)
    return zlib.compress(bits.size.to_bytes(HEAD, "little") + np.packbits(bits).tobytes(), 9)


@checked
def unpack(packed: bytes, n: int) -> NDArray[np.bool_]:
    """Return what `pack` was given.

    Parameters
    ----------
    packed : bytes
        From `pack`.
    n : int
        How many images the test split has.

    Returns
    -------
    bool array of shape (n,)
        What was right.

    Raises
    ------
    ValueError
        If bytes are damaged or missing, more follow, or another number of images was packed.

    Examples
    --------
    >>> unpack(pack([True, False, True]), 4)
    Traceback (most recent call last):
        ...
    ValueError: packed must hold 4 images; got 3 (or damaged bytes)
    """
    in_range("n", n, 1)
    length = HEAD + (n + 7) // 8
    reader = zlib.decompressobj()
    try:
        raw = reader.decompress(packed, length + 1)  # never more, whatever was packed
    except zlib.error as error:
        msg = f"packed must be what pack wrote; got {len(packed)} damaged bytes ({error})"
        raise ValueError(msg) from None
    held = int.from_bytes(raw[:HEAD], "little")
    if len(raw) >= HEAD and held != n:
        msg = f"packed must hold {n} images; got {held} (or damaged bytes)"
        raise ValueError(msg)
    if len(raw) != length or not reader.eof or reader.unused_data:
        msg = f"packed must be what pack wrote, whole; got {len(packed)} bytes that are not"
        raise ValueError(msg)
    return np.unpackbits(np.frombuffer(raw[HEAD:], np.uint8), count=n).astype(np.bool_)


@checked
def pack_groups(groups: ArrayLike) -> bytes:
    """Return which images belong together as bytes: groups numbered in order of appearance.

    Parameters
    ----------
    groups : array of shape (n,)
        Numbers or words, fewer than 65,536 different ones.

    Returns
    -------
    bytes
        The same for the same grouping, whatever its names.

    Raises
    ------
    ValueError
        For no group, or 65,536 and more.

    Examples
    --------
    >>> unpack_groups(pack_groups(["cat 1", "cat 1", "dog 7"])).tolist()
    [0, 0, 1]
    """
    codes, names = pd.factorize(np.asarray(groups))
    in_range("number of groups", len(names), 1, 2**16 - 1)
    return zlib.compress(codes.astype("<u2").tobytes(), 9)


@checked
def unpack_groups(packed: bytes) -> NDArray[np.intp]:
    """Return the number of each image's group, as `pack_groups` numbered them.

    Parameters
    ----------
    packed : bytes
        From `pack_groups`.

    Returns
    -------
    int array of shape (n,)
        Numbered from 0, in order of appearance.

    Raises
    ------
    ValueError
        If the bytes are damaged.

    Examples
    --------
    >>> unpack_groups(pack_groups(["dog 7", "cat 1", "dog 7"])).tolist()
    [0, 1, 0]
    """
    try:
        raw = zlib.decompress(packed)
        return np.frombuffer(raw, "<u2").astype(np.intp)
    except (zlib.error, ValueError) as error:
        msg = f"groups must be what pack_groups wrote; got {len(packed)} bytes ({error})"
        raise ValueError(msg) from None
