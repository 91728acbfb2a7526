"""A run that stands twice, or that diverged, is no evidence: one rule wherever seeds count."""

import ast
import math
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import tlteach as tlt
from tests.helpers.tiny import tiny_task
from tests.measures.test_stats import table
from tlteach import plots
from tlteach.experiment.candidates import arms_of
from tlteach.measures import (
    by_seed,
    estimate,
    intervals,
    judge,
    labels_saved,
    mean_and_interval,
    no_word,
    paired,
    summarize,
    told,
    verdict,
    word,
)
from tlteach.models import small_cnn

BEFORE = {"a": [0.50, 0.62, 0.70, 0.60, 0.63], "b": [0.45, 0.60, 0.71, 0.55, 0.60]}
ROWS = table(BEFORE).assign(config="one")
SAME = "seed 0 stands 2 times: the same run"
OTHER = "seed 0 stands 2 times: choose one of config 'one', 'two'"
DIVERGED = {"a": [math.nan, *BEFORE["a"][1:]], "b": BEFORE["b"]}
COUNTED = {
    "verdict": lambda rows: verdict(rows, "a", "b"),
    "paired": lambda rows: paired(rows, "a", "b"),
    "labels_saved": lambda rows: labels_saved(rows, "a", "b", shots=5),
    "summarize": summarize,
    "intervals": lambda rows: intervals(rows, ["regime"]),
    "by_seed": lambda rows: by_seed(rows, regime="a"),
    "estimate": lambda rows: estimate(rows[rows["regime"] == "a"].set_index("seed")),
    "plot": plots.regime_comparison,
}


@pytest.fixture(autouse=True)
def no_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("count", COUNTED.values(), ids=COUNTED)
def test_whatever_counts_seeds_refuses_one_that_stands_twice(count):
    count(ROWS)
    with pytest.raises(ValueError, match=SAME):
        count(pd.concat([ROWS, ROWS]))
    later = ROWS.assign(seconds=2.0)  # the cell ran again: another time, the same run
    with pytest.raises(ValueError, match=SAME):
        count(pd.concat([ROWS.assign(seconds=1.0), later]))
    with pytest.raises(ValueError, match=OTHER):
        count(pd.concat([ROWS, ROWS.assign(config="two", value=0.5)]))


@pytest.mark.parametrize("say", [judge, no_word, word, told, mean_and_interval])
def test_numbers_that_tell_their_seeds_are_held_to_the_same_rule(say):
    lead = by_seed(ROWS, regime="a") - by_seed(ROWS, regime="b")
    say(lead)
    say([*lead, *lead])  # without seeds nobody can know
    with pytest.raises(ValueError, match=SAME):
        say(pd.concat([lead, lead]))


def two_configs(first=3, **changes):
    """Return the rows as if another configuration had run the later seeds."""
    later = ROWS["seed"] >= first
    return pd.concat([ROWS[~later], ROWS[later].assign(config="two", **changes)])


@pytest.mark.parametrize("count", COUNTED.values(), ids=COUNTED)
def test_two_configurations_on_different_seeds_are_not_averaged(count):
    with pytest.raises(ValueError, match=r"configuration.*; got 2: choose one of config 'one', "):
        count(two_configs())
    count(two_configs().drop(columns="config"))  # nobody can know, or somebody means it
    count(ROWS.assign(config=[*("one" if regime == "a" else "two" for regime in ROWS["regime"])]))
    format_alone = ROWS.assign(config=[f"one{'-bf16' * (seed > 2)}" for seed in ROWS["seed"]])
    count(format_alone)


def test_where_two_configurations_stand_is_told_and_the_ways_out_work():
    with pytest.raises(ValueError, match=r"choose one of backbone 'lite0', 'resnet8', or drop"):
        verdict(two_configs(backbone="resnet8"), "a", "b")
    rows = two_configs()
    with pytest.raises(ValueError, match=r"at regime='a' task='emoji' shots=5; got 2: ") as told:
        verdict(rows, "a", "b")
    choices = ast.literal_eval(f"[{re.search(r'of config (.*), or drop', str(told.value))[1]}]")
    assert [verdict(rows, "a", "b", config=one).n for one in choices] == [3, 2]
    assert verdict(rows.drop(columns="config"), "a", "b").n == 5
    judged = summarize(rows, by=["regime", "config"])
    assert judged["n_seeds"].tolist() == [3, 2, 3, 2]


@pytest.mark.parametrize("name", ["summarize", "labels_saved"])
def test_two_configurations_do_not_make_one_learning_curve(name):
    count = COUNTED[name]
    more = ROWS.assign(shots=50, value=ROWS["value"] + 0.1)
    count(pd.concat([ROWS, more]))
    mixed = pd.concat([ROWS, more.assign(config="two")])
    said = (
        r"all seeds and shots must have one configuration at .*regime='a'.*; got 2: choose one of"
    )
    with pytest.raises(ValueError, match=said):
        count(mixed)
    count(mixed.drop(columns="config"))  # nobody can know, or somebody means it
    assert len(summarize(mixed, by=["regime", "shots", "config"])) == 4


def test_a_table_without_configurations_is_taken_as_before():
    rows = two_configs()
    assert verdict(rows.assign(config=None), "a", "b") == verdict(ROWS, "a", "b")


def test_calls_with_other_settings_do_not_make_one_verdict():
    how = {"shots": [2], "baselines": False, "regimes": ["frozen"], "device": "cpu"}
    how |= {"backbone": small_cnn(0.5), "search": "smoke", "progress": False}
    task, parts = tiny_task((12, 12, 12)), []
    for seeds, settings in ((range(3), None), (range(3, 5), tlt.TrainConfig(c=7.0))):
        parts.append(tlt.compare(task, seeds=seeds, config=settings, **how))
    with pytest.raises(ValueError, match="all seeds must have one configuration at task='tiny'"):
        summarize(pd.concat(parts))
    more = tlt.compare(task, seeds=range(3, 5), **how)
    assert summarize(pd.concat([parts[0], more]))["n_seeds"].tolist() == [5] * 2


def test_the_way_out_that_is_named_works():
    twice = pd.concat([ROWS, ROWS])
    with pytest.raises(ValueError, match="drop_duplicates") as told:
        verdict(twice, "a", "b")
    names = ast.literal_eval(re.search(r"\[.*\]", str(told.value))[0])
    assert verdict(twice.drop_duplicates(names), "a", "b") == verdict(ROWS, "a", "b")


def test_a_run_that_diverged_is_left_out_with_its_pair_and_counted():
    said = verdict(table(DIVERGED), "a", "b")
    whole = table({arm: values[1:] for arm, values in BEFORE.items()})
    alone = verdict(whole, "a", "b")
    assert (said.difference, said.low, said.won, said.n) == (
        alone.difference, alone.low, alone.won, 4,
    )  # fmt: skip
    assert said.word == ""  # four seeds are left
    assert said.note == "a diverged in 1 of 5 runs, left out"
    assert str(said).endswith(
        "3 of 4 seeds; too few seeds for a word (4, at least 5); " + said.note
    )


def test_means_leave_out_what_diverged_and_say_how_many():
    rows = summarize(table(DIVERGED)).set_index("regime")
    assert rows.loc["a", "mean"] == pytest.approx(sum(BEFORE["a"][1:]) / 4)
    assert rows["n_seeds"].to_dict() == {"a": 4, "b": 5}
    assert rows["diverged"].to_dict() == {"a": 1, "b": 0}
    assert "diverged" not in summarize(ROWS)


def test_infinite_loss_is_no_evidence_either():
    lost = table({"a": [1.0] * 4 + [0.9], "b": [2.0, 2.1, 2.2, 2.0, math.inf]}, metric="log_loss")
    said = verdict(lost, "a", "b", metric="log_loss")
    assert (said.n, said.won) == (4, 4)
    assert "b diverged in 1 of 5 runs" in said.note


def test_where_all_diverged_there_is_no_word_and_no_number():
    said = verdict(table({"a": [math.nan] * 5, "b": BEFORE["b"]}), "a", "b")
    assert (said.word, said.n) == ("", 0)
    assert math.isnan(said.difference)
    assert "a diverged in 5 of 5 runs" in str(said)


def test_labels_saved_and_the_figure_count_them_too():
    saved = labels_saved(table(DIVERGED), "a", "b", shots=5)
    assert saved.target == pytest.approx(sum(BEFORE["a"][1:]) / 4)
    assert str(saved).endswith("; a diverged in 1 of 5 runs, left out")
    shown = plots.regime_comparison(table(DIVERGED))
    text = plots.describe(shown).replace("\n", " ")
    assert "a: 60.0% to 70.0%, 4 seeds" in text
    assert text.endswith("a diverged in 1 of 5 runs, left out.")


def test_a_difference_that_is_no_number_has_no_word():
    assert no_word([0.1, 0.2, math.nan, 0.1, 0.1]) == "1 of 5 values are no finite numbers"
    assert judge(np.array([0.1, 0.2, math.inf, 0.1, 0.1]))[0] == ""


def test_a_model_is_not_trained_from_rows_that_stand_twice():
    rows = pd.concat([ROWS, ROWS], ignore_index=True)
    rows.attrs["provenance"] = {"configs": {"one": {}}}
    with pytest.raises(ValueError, match=SAME):
        arms_of(rows, type("Task", (), {"name": "emoji"}), None, None)
