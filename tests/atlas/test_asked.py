"""Curves of one setting, and learners' rules put to the runs of the atlas."""

import numpy as np
import pandas as pd
import pytest

from tlteach import atlas
from tlteach.atlas import asked, rules
from tlteach.lessons.course import negative, small_data
from tlteach.measures import by_seed


@pytest.fixture(scope="module")
def curves():
    return atlas.load("overfitting").query("watched == 'pool'")


@pytest.fixture(scope="module")
def transfer():
    rows = atlas.load("transfer")
    return rows[rows["task"].isin(["digits", "fashion_5_9"]) & rows["shots"].isin([1, 10, 50])]


@pytest.fixture(scope="module")
def words(transfer):
    return atlas.judged(transfer)


def test_the_bare_network_is_one_run_for_each_seed(curves):
    rows = atlas.bare(curves, shots=5, split="val", metric="accuracy", step=300)
    assert len(rows) == rows["seed"].nunique() == 10
    for column, value in asked.BARE.items():
        assert (rows[column] == value).all()


def test_a_brake_is_the_difference_at_the_end_and_turns_with_its_sides(curves):
    wide, narrow = {"width": 2.0}, {"width": 0.5}
    lead = atlas.brake(curves, 5, wide, narrow)
    end = {"split": "val", "metric": "accuracy", "shots": 5, "step": 300}
    ours, theirs = (by_seed(atlas.bare(curves, **end, **side)) for side in (wide, narrow))
    pd.testing.assert_series_equal(lead, ours - theirs)
    pd.testing.assert_series_equal(atlas.brake(curves, 5, narrow, wide), -lead)
    assert (atlas.brake(curves, 5, {}) == 0).all()


def test_a_rule_stops_after_its_patience_and_never_after_the_end(curves):
    first = atlas.stopped(curves, lambda losses, patience: 0, 3)
    assert (first["updates"] == 60).all()  # the first measurement at 15, and three to wait for
    last = atlas.stopped(curves, lambda losses, patience: len(losses) - 1, 3)
    assert (last["updates"] == 300).all()
    assert (last["won"] == 0).all()
    rule = atlas.stopped(curves, small_data.stop, 1)
    assert rule["updates"].lt(300).any()


def test_time_is_asked_of_every_run_with_both_goals():
    seen = []

    def time_to(steps, values, goal):
        seen.append(goal)
        return values[-1] - goal

    times = atlas.time_needed(atlas.load("progress"), time_to)
    assert (times["of its own end"] == 0).all()
    assert (times.query("regime == 'scratch'")["of the end of scratch"] == 0).all()
    assert len(seen) == 2 * len(times)


def test_what_starts_from_a_source_stands_beside_what_needs_none(transfer):
    rows = atlas.starts(transfer, "digits", "glyphs")
    assert not rows.duplicated(["regime", "shots", "seed"]).any()
    assert set(rows.query("source == 'glyphs'")["regime"]) == {"frozen", "fine_tune"}
    random = rows.query("regime == 'frozen_random'")
    assert set(random["source"]) == {"none"}
    assert "small_cnn" not in set(rows["backbone"])


def test_the_lead_of_a_source_is_over_the_strongest_way(transfer, words):
    leads = atlas.worth(transfer, words, negative.lead)
    place = {"task": "digits", "source": "glyphs", "regime": "fine_tune", "shots": 10}
    row = leads[(leads[list(place)] == pd.Series(place)).all(axis=1)]
    rows = atlas.starts(transfer, "digits", "glyphs").query("shots == 10")
    means = rows.groupby("regime")["value"].mean()
    bare = means.drop(["frozen", "fine_tune"]).max()
    assert row["lead"].item() == pytest.approx(means["fine_tune"] - bare)


def test_a_rule_that_refuses_wins_nothing_and_a_pick_its_gap(transfer):
    where = {"tasks": ["digits"], "shots": [10]}
    none = atlas.chosen(transfer, lambda found, alone, margin: "none", 0, **where)
    assert (none["won"] == 0).all()
    assert len(none) == 10
    glyphs = atlas.chosen(transfer, lambda found, alone, margin: "glyphs", 0, **where)
    gaps = atlas.gaps(transfer).query("task == 'digits' and shots == 10 and regime == 'frozen'")
    found = by_seed(gaps[gaps["source"] == "glyphs"])
    np.testing.assert_allclose(glyphs.set_index("seed")["won"], found)


def test_a_rescue_is_held_against_before_and_against_no_source(transfer, words):
    table = rules.rescues(transfer, words, [("digits", "fashion", "glyphs")])
    assert table.groupby("way")["what"].agg(list).map(list).tolist() == [["gain", "left"]] * 3
    left = table.query("way == 'another source' and what == 'left'")["difference"].item()
    row = words.query("task == 'digits' and source == 'glyphs' and regime == 'frozen'")
    assert left == row.query("shots == 10")["difference"].item()


def test_a_favourite_has_the_highest_mean_score():
    scores = atlas.load("scores")
    best = atlas.favourites(scores, ["emoji"]).loc["emoji", "probe"]
    rows = scores.query("task == 'emoji' and method == 'probe'")
    net = rows.groupby("backbone")["value"].mean().idxmax()
    assert net in (best, f"small:{best}", {"ImageNet-1k": "lite0"}.get(best))


def test_claims_are_told_as_a_table():
    transfer = atlas.load("transfer")
    shuffled = [claim for claim in atlas.claims({"transfer": transfer}) if claim.id == "A2"]
    table = atlas.claim_table(shuffled)
    assert table["claim"].tolist() == [claim.text for claim in shuffled]
    assert table["verdict"].tolist() == [claim.word for claim in shuffled]
