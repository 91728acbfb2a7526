"""Every message says what was wrong, what was got and what is allowed."""

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from tlteach.base import finite, in_range, one_of, same_length

NUMBERS = st.integers(-100, 100) | st.floats(-100, 100)


@given(st.integers(0, 9))
def test_one_of_returns_an_allowed_value_and_refuses_others(value):
    allowed = range(5)
    if value < 5:
        assert one_of("k", value, allowed) is value
    else:
        with pytest.raises(ValueError, match=rf"^k must be one of 0, 1, 2, 3, 4; got {value}$"):
            one_of("k", value, allowed)


def test_one_of_reads_an_iterator_once_and_still_lists_it():
    assert one_of("name", "b", iter("ab")) == "b"
    with pytest.raises(ValueError, match="name must be one of 'a', 'b'; got 'c'"):
        one_of("name", "c", iter("ab"))


@given(NUMBERS, NUMBERS, NUMBERS)
def test_in_range_agrees_with_the_definition(value, low, high):
    if low <= value <= high:
        assert in_range("x", value, low, high) is value
    else:
        with pytest.raises(ValueError, match=r"x must be between .* and .*; got "):
            in_range("x", value, low, high)


@pytest.mark.parametrize(
    ("value", "low", "high", "message"),
    [
        (0, 1, None, "shots must be at least 1; got 0"),
        (3, None, 2.5, "shots must be at most 2.5; got 3"),
        (9, 1, 4, "shots must be between 1 and 4; got 9"),
        (float("nan"), 1, 4, "shots must be between 1 and 4; got nan"),
        (float("inf"), None, 4, "shots must be at most 4; got inf"),
    ],
)
def test_in_range_names_the_open_and_closed_sides(value, low, high, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        in_range("shots", value, low, high)


def test_in_range_gives_the_reason():
    with pytest.raises(ValueError, match=r"at least 64 \(lite0 shrinks images\); got 32"):
        in_range("size", 32, 64, because="lite0 shrinks images")


@pytest.mark.parametrize("value", [True, "3", None, [3], 3j, torch.tensor(3)])
def test_in_range_wants_a_number(value):
    with pytest.raises(TypeError, match=rf"n must be a number; .*{type(value).__name__}"):
        in_range("n", value, 0, 9)


@pytest.mark.parametrize("value", [np.int64(3), np.int32(3), np.float32(3), np.float64(3)])
def test_in_range_takes_the_numbers_of_numpy(value):
    assert in_range("n", value, 0, 9) is value
    with pytest.raises(ValueError, match="n must be at most 2"):
        in_range("n", value, None, 2)


def test_in_range_without_limits_lets_every_number_pass():
    assert in_range("n", -1e300) == -1e300


def test_same_length_returns_the_length_of_anything_that_has_one():
    assert same_length(a=[1, 2], b=torch.zeros(2, 5), c="ab", d=np.zeros((2, 0))) == 2
    assert same_length(a=[]) == 0


def test_same_length_names_each_with_its_length():
    message = "a and b and c must have the same length; got a 1, b 2, c 1"
    with pytest.raises(ValueError, match=f"^{message}$"):
        same_length(a=[0], b=[0, 1], c="x")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_finite_names_the_first_place_that_is_not(dtype):
    values = np.zeros((4, 3), dtype)
    assert finite("X", values) is values
    values[2, 1], values[3, 0] = -np.inf, np.nan
    message = r"X must be finite; got 2 NaN or infinite, the first, -inf, at \[2, 1\]"
    for bad in (values, torch.from_numpy(values), torch.from_numpy(values).requires_grad_()):
        with pytest.raises(ValueError, match=message):
            finite("X", bad)
    for whole in (np.arange(3), np.array(["a"]), torch.arange(3), torch.zeros(0)):
        assert finite("X", whole) is whole
