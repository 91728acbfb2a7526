"""What runs say of their training: at the edge of their range no word, at the cap a note."""

import numpy as np
import pandas as pd
import pytest

from tests.helpers.answers import answers, runs
from tlteach.measures import paired, verdict

random = np.random.default_rng(0)
TESTED = runs({("tuned", 5): answers(random, 0.8), ("scratch", 5): answers(random, 0.5)})


def told(regime, split, metric, values, shots=5):
    place = {"task": "emoji", "backbone": "lite0", "shots": shots, "right": None, "groups": None}
    rows = [
        place | {"regime": regime, "split": split, "metric": metric, "seed": i, "value": value}
        for i, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def edges(regime, values, **columns):
    return told(regime, "search", "edge", values, **columns)


def caps(regime, values, **columns):
    return told(regime, "model", "converged", values, **columns)


def test_without_such_rows_there_is_the_word_alone():
    found = verdict(TESTED, "tuned", "scratch")
    assert (found.word, found.reason, found.note) == ("helps", "", "")


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ([1, 1, 1, 0, 0], "tuned still rises at the upper edge of its range"),
        ([-1, -1, -1, 1, 1], "tuned still rises at the lower edge of its range"),
        ([1, 1, 0, 0, 0], ""),
        ([1, 1, -1, -1, 0], ""),
        ([0, 0, 0, 0, 0], ""),
    ],
)
def test_more_than_half_at_one_edge_withhold_the_word(chosen, reason):
    found = verdict(pd.concat([TESTED, edges("tuned", chosen)]), "tuned", "scratch")
    assert (found.word, found.reason) == ("cannot tell" if reason else "helps", reason)
    word = "cannot tell" if reason else "helps"
    assert str(found).startswith(f"tuned against scratch: {word}, +")
    assert str(found).endswith(f"5 of 5 seeds; {reason}" if reason else "5 of 5 seeds")


def test_both_arms_count_and_other_arms_and_shots_do_not():
    mine = [edges("tuned", [1] * 5), edges("scratch", [-1] * 5)]
    found = verdict(pd.concat([TESTED, *mine]), "tuned", "scratch")
    assert found.reason == (
        "tuned still rises at the upper edge of its range and "
        "scratch still rises at the lower edge of its range"
    )
    others = [edges("frozen", [1] * 5), edges("tuned", [1] * 5, shots=20)]
    assert verdict(pd.concat([TESTED, *others]), "tuned", "scratch", shots=5).word == "helps"


def test_too_few_seeds_come_before_the_edge():
    table = pd.concat([TESTED, edges("tuned", [1] * 5)])
    found = verdict(table[table["seed"] < 4], "tuned", "scratch")
    assert (found.word, found.reason) == ("", "too few seeds for a word (4, at least 5)")


def test_edges_of_older_versions_say_nothing():
    """They marked an end where only two settings were tried: every run then has one."""
    table = pd.concat([TESTED, edges("tuned", [1] * 5)])
    for older in (table.drop(columns=["right", "groups"]), table.assign(right=None)):
        assert verdict(older, "tuned", "scratch").word == "helps"


@pytest.mark.parametrize(
    ("converged", "note"),
    [
        ([0, 0, 0, 1, 1], "scratch was stopped by its cap in 3 of 5 runs"),
        ([0, 0, 1, 1, 1], ""),
        ([1, 1, 1, 1, 1], ""),
    ],
)
def test_runs_stopped_by_their_cap_are_noted_and_the_word_stays(converged, note):
    found = verdict(pd.concat([TESTED, caps("scratch", converged)]), "tuned", "scratch")
    assert (found.word, found.note) == ("helps", note)
    assert str(found).endswith(f"5 of 5 seeds; {note}" if note else "5 of 5 seeds")


def test_a_reason_and_a_note_stand_side_by_side_in_both_directions():
    table = pd.concat([TESTED, edges("tuned", [1] * 5), caps("scratch", [0] * 5)])
    for a, b in (("tuned", "scratch"), ("scratch", "tuned")):
        row = paired(table, a, b).iloc[0]
        assert row["reason"] == "tuned still rises at the upper edge of its range"
        assert row["note"] == "scratch was stopped by its cap in 5 of 5 runs"
        assert str(verdict(table, a, b)).endswith(f"; {row['reason']}; {row['note']}")


def test_a_recipe_of_its_own_is_noted_beside_the_cap():
    own = caps("tuned", [1] * 5).assign(metric="own_recipe")
    table = pd.concat([TESTED, own, caps("scratch", [0] * 5)])
    found = verdict(table, "tuned", "scratch")
    assert found.word == "helps"
    assert found.note == (
        "scratch was stopped by its cap in 5 of 5 runs; tuned has a recipe of its own"
    )
    assert verdict(pd.concat([TESTED, own]), "scratch", "tuned").note == (
        "tuned has a recipe of its own"
    )
