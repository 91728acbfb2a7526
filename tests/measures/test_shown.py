"""What a notebook shows of a verdict: its sentence, and an interval that lies where it says."""

import re

import pytest

from tests.helpers.shown import HOSTILE, SAFE, sound
from tlteach.measures import Verdict

NAN = float("nan")


def verdict(word="helps", mean=0.1, ends=(0.02, 0.2), seeds=(0.05, 0.15), **other):
    known = {"a": "frozen", "b": "scratch", "metric": "accuracy", "over": "seeds and images"}
    known |= {"won": 5, "n": 5, "reason": "", "note": ""} | other
    low, high = ends
    return Verdict(
        word=word, difference=mean, low=low, high=high,
        seeds_low=seeds[0], seeds_high=seeds[1], **known,
    )  # fmt: skip


def drawn(html):
    """Return where zero, the mean and the ends of the interval of the word are drawn."""
    zero = float(re.search(r'points="([\d.]+),[^>]*dasharray', html)[1])
    mean = float(re.search(r'cx="([\d.]+)"', html)[1])
    found = re.search(r'points="([\d.]+),[\d.]+ ([\d.]+),[\d.]+"[^>]*stroke-width="7"', html)
    return zero, mean, *(map(float, found.groups()) if found else ())


@pytest.mark.parametrize(
    ("word", "mean", "ends"),
    [
        ("helps", 0.1, (0.02, 0.2)),
        ("hurts", -0.1, (-0.2, -0.02)),
        ("cannot tell", 0.01, (-0.1, 0.12)),
    ],
)
def test_the_sentence_is_the_verdicts_and_the_bar_lies_where_it_says(word, mean, ends):
    one = verdict(word, mean, ends)
    page = sound(one)
    assert page.texts("p") == [str(one)]
    assert page.texts("b") == [word]
    zero, dot, low, high = drawn(page.html)
    assert (dot - low) / (high - low) == pytest.approx(
        (mean - ends[0]) / (ends[1] - ends[0]), abs=0.01
    )
    assert (zero < low, zero > high) == (ends[0] > 0, ends[1] < 0)
    told = page.texts("desc")[0]
    assert f"{100 * ends[0]:.1f} to {100 * ends[1]:.1f}" in told
    assert f"{100 * mean:+.1f} points" in told
    assert "5.0 to 15.0" in told


def test_where_there_is_no_interval_none_is_drawn():
    one = verdict("", 0.02, (NAN, NAN), (NAN, NAN), metric="log_loss", n=1, reason="too few seeds")
    page = sound(one)
    assert page.texts("b") == ["no word"]
    assert len(drawn(page.html)) == 2
    assert "interval" not in page.texts("desc")[0]
    assert "+0.020 log_loss" in page.texts("desc")[0]


def test_a_difference_that_is_none_or_no_number_is_shown():
    assert drawn(sound(verdict("", 0.0, (0.0, 0.0), (0.0, 0.0))).html)[0] > 0
    assert not sound(verdict("", NAN, (NAN, NAN), (NAN, NAN))).all("svg")


def test_names_that_mean_harm_are_text():
    one = verdict(a=HOSTILE, b=f"x: helps, {HOSTILE}", note=HOSTILE)
    page = sound(one)
    assert SAFE in page.texts("p")[0]
    assert page.texts("p") == [str(one).replace("\x00", "\ufffd")]
