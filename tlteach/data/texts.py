"""Texts as a task holds them: rows of bytes."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tlteach.base import checked


@checked
def texts_of(rows: torch.Tensor) -> list[str]:
    """Return the texts of UTF-8 bytes with zeros behind, uint8 of shape (n, length).

    Parameters
    ----------
    rows : uint8 tensor of shape (n, length)
        Such as a split's `inputs`, on any device.

    Returns
    -------
    list of str
        One a row.

    Examples
    --------
    >>> texts_of(torch.tensor([[104, 105, 0], [195, 182, 33]], dtype=torch.uint8))
    ['hi', 'ö!']
    """
    return [bytes(row).rstrip(b"\0").decode("utf-8") for row in rows.cpu().numpy()]


@checked
def rows_of(texts: Sequence[str]) -> torch.Tensor:
    """Return texts as a task holds them: UTF-8 bytes with zeros behind, uint8 (n, length).

    Parameters
    ----------
    texts : sequence of str
        At least one.

    Returns
    -------
    uint8 tensor of shape (n, length)
        `length` is that of the longest text, in bytes.

    Examples
    --------
    >>> rows_of(["hi", "ö!"]).tolist(), texts_of(rows_of(["hi", "ö!"]))
    ([[104, 105, 0], [195, 182, 33]], ['hi', 'ö!'])
    """
    rows = [torch.tensor(list(text.encode()), dtype=torch.uint8) for text in texts]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
