"""Lines for a page: broken at words, put together again, counted with the right plural."""

import pytest
from hypothesis import example, given, strategies as st

from tlteach.base import counted, unwrapped, wrapped
from tlteach.base.text import WIDTH

WORDS = st.text("abc,.-_", min_size=1, max_size=WIDTH)
LINES = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)


@given(LINES)
@example(" ".join(["x" * 43] * 3))  # two of them fill a line less one letter
@example(" ".join(["x" * 44] * 3))
def test_lines_are_broken_at_words_and_nothing_is_lost(line):
    parts = wrapped(line).splitlines()
    assert max(map(len, parts)) <= WIDTH
    assert " ".join(parts) == line
    assert unwrapped(parts) == [line]


def test_what_begins_anew_stays_apart():
    given_lines = ["one", "two " * 30, "", "x" * 90, "three", "  in the margin"]
    lines = [line.strip() if line != given_lines[-1] else line for line in given_lines]
    assert unwrapped(wrapped("\n".join(lines)).splitlines()) == lines


def test_a_word_that_is_too_long_stays_whole():
    assert wrapped(f"see {'x' * 100} there") == f"see\n{'x' * 100}\nthere"


def test_what_goes_on_stands_under_what_began():
    first, *rest = wrapped(f"ok  data       {'fashion (70000 images), ' * 9}", 15).splitlines()
    assert first.startswith("ok  data       fashion")
    assert rest
    assert all(line.startswith(" " * 15 + "fashion") for line in rest)


@pytest.mark.parametrize(("n", "told"), [(0, "0 shots"), (1, "1 shot"), (2, "2 shots")])
def test_one_is_no_plural(n, told):
    assert counted(n, "shot") == told
