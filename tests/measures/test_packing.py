"""A bit for each image, back and forth; damaged bytes are refused in words."""

import zlib

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tlteach.measures import pack, pack_groups, unpack, unpack_groups


@given(st.lists(st.booleans(), min_size=1, max_size=70))
def test_what_is_packed_comes_back(right):
    packed = pack(right)
    back = unpack(packed, len(right))
    assert back.dtype == np.bool_
    assert back.tolist() == right
    assert packed == pack(np.array(right))


@pytest.mark.parametrize("n", [1, 7, 8, 9, 1004, 10_000])
def test_a_bit_for_each_image_at_most_and_a_few_bytes(n):
    right = np.random.default_rng(n).random(n) < 0.5
    packed = pack(right)
    assert len(packed) <= n / 8 + 30
    np.testing.assert_array_equal(unpack(packed, n), right)
    back = unpack(packed, n)
    back[0] = not back[0]  # a copy of its own


def test_the_bytes_hold_the_number_and_the_bits():
    raw = zlib.decompress(pack([True, False, False, False, False, False, False, True, True]))
    assert raw == (9).to_bytes(8, "little") + bytes([0b10000001, 0b10000000])


@pytest.mark.parametrize("n", [8, 10, 16, 17, 9000])
def test_another_number_of_images_is_refused(n):
    with pytest.raises(ValueError, match=f"packed must hold {n} images; got 9"):
        unpack(pack([True] * 9), n)


def test_a_damaged_bit_is_refused_or_changes_nothing():
    right = np.random.default_rng(0).random(300) < 0.5
    packed = pack(right)
    refused = 0
    for place in range(len(packed)):
        for bit in range(8):
            bad = bytearray(packed)
            bad[place] ^= 1 << bit
            try:
                back = unpack(bytes(bad), 300)
            except ValueError:
                refused += 1
            else:  # some bits of the head only tell how hard the compressor tried
                np.testing.assert_array_equal(back, right)
    assert refused > 7.5 * len(packed)


def test_missing_and_further_bytes_are_refused():
    packed = pack(np.ones(300, bool))
    for bad in (b"", packed[:-1], packed[:5], packed + b"\0", packed + packed):
        with pytest.raises(ValueError, match="packed must be what pack wrote"):
            unpack(bad, 300)
    with pytest.raises(ValueError, match="packed must be what pack wrote"):
        unpack(zlib.compress(b"short"), 300)
    endless = zlib.compress((300).to_bytes(8, "little") + bytes(10**7))
    with pytest.raises(ValueError, match="packed must be what pack wrote, whole"):
        unpack(endless, 300)
    with pytest.raises(ValueError, match="n must be at least 1; got 0"):
        unpack(packed, 0)


@pytest.mark.parametrize(
    ("right", "got"),
    [([1, 0], "int64 of shape"), ([[True]], r"bool of shape \(1, 1\)"), ([], r"of shape \(0,\)")],
)
def test_what_is_no_row_of_bools_is_refused(right, got):
    with pytest.raises(ValueError, match=f"right must be bool of shape .*; got .*{got}"):
        pack(right)


@pytest.mark.parametrize("groups", [["b", "a", "b"], np.arange(300), [7] * 5, list("aab") * 400])
def test_groups_come_back_numbered_as_they_appear(groups):
    codes = unpack_groups(pack_groups(groups))
    first = {}
    assert codes.tolist() == [first.setdefault(name, len(first)) for name in groups]


def test_damaged_groups_are_refused():
    with pytest.raises(ValueError, match="groups must be what pack_groups wrote; got 4 bytes"):
        unpack_groups(b"abcd")
