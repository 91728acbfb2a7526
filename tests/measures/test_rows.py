"""Rows picked by their columns, and a number for each seed."""

import pandas as pd
import pytest

from tlteach.measures import by_seed, only, told, word

RUNS = pd.DataFrame(
    [
        (shots, regime, seed, shots / 100 + seed / 10 + (regime == "frozen") / 4)
        for shots in (5, 20)
        for regime in ("scratch", "frozen")
        for seed in (2, 0, 1)
    ],
    columns=["shots", "regime", "seed", "value"],
)


def test_rows_that_fit_are_kept_as_they_are():
    kept = only(RUNS, shots=5, regime=["frozen", "scratch"])
    pd.testing.assert_frame_equal(kept, RUNS[RUNS["shots"] == 5])
    assert only(RUNS, shots=range(5, 6)).equals(kept)
    assert only(RUNS).equals(RUNS)


def test_what_stands_nowhere_is_named():
    with pytest.raises(ValueError, match="got 'shot'"):
        only(RUNS, shot=5)
    with pytest.raises(ValueError, match="got 10"):
        only(RUNS, shots=[5, 10])


def test_differences_are_paired_by_seed_whatever_the_order():
    shuffled = RUNS.sample(frac=1, random_state=0)
    lead = by_seed(shuffled, shots=5, regime="frozen") - by_seed(RUNS, shots=5, regime="scratch")
    assert lead.index.tolist() == [0, 1, 2]
    assert lead.tolist() == pytest.approx([0.25] * 3)


def test_a_seed_that_is_left_twice_says_which_column_is_missing():
    with pytest.raises(
        ValueError, match="seed 0 stands 2 times: choose one of regime 'scratch', 'frozen'"
    ):
        by_seed(RUNS.sort_values("seed"), shots=5)


def test_a_word_alone_and_a_sentence_agree():
    for values in ([0.1, 0.12, 0.09, 0.1, 0.11], [0.1, -0.1, 0.1, -0.1, 0.0], [0.1, 0.2]):
        assert told(values, unit=" points").startswith(f"{word(values)}, +")
        assert " points (" in told(values, unit=" points")
