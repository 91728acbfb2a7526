"""Self-training and active learning: the mechanics against scikit-learn and counting by hand.

Whether either helps is a question for an experiment, not for a test.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tlteach as tlt
from tlteach.analysis.scarce import active_learning, budget, margin, pseudo_label
from tlteach.base import generator, rng
from tlteach.experiment import SEARCH, raw_pixels

NAMES = ["labels", "train", "val", "unlabelled"]


def values(table, split, **where):
    """Return one metric after another of one run, as metric to value."""
    for column, value in (where | {"split": split}).items():
        table = table[table[column] == value]
    return table.set_index("metric")["value"].to_dict()


def per_round(table, metric):
    return table[table["metric"] == metric]["value"].tolist()


def relabelled(split):
    """Return a split with its labels shuffled."""
    order = torch.from_numpy(rng(0, "test").permutation(len(split)))
    return replace(split, labels=split.labels[order])


def probe(c):
    return make_pipeline(StandardScaler(), LogisticRegression(C=c, solver="newton-cg", tol=1e-8))


def pixels(split):
    return split.images.flatten(1).numpy() / 255


@pytest.fixture(scope="module")
def taught(few):
    return pseudo_label(few, raw_pixels, threshold=0.8, rounds=2)


@pytest.fixture(scope="module")
def asked(digits):
    return active_learning(digits, raw_pixels, seeds=[0, 1], rounds=4)


def test_the_budget_counts_every_label_paid_for(digits, few):
    assert budget(few) == {"labels": 50, "train": 40, "val": 10, "unlabelled": 747}
    for shots in (1, 2, 13):
        count = budget(tlt.few_shot(digits, shots, seed=1))
        assert count["labels"] == count["train"] + count["val"] == 10 * shots
        assert count["labels"] + count["unlabelled"] == len(digits.labelled)


def test_without_pseudo_labels_it_is_the_frozen_regime_bit_for_bit(digits):
    """Of ten shots; where a class has one validation image, `compare` asks folds instead."""
    few = tlt.few_shot(digits, 10, seed=0)
    results = pseudo_label(few, "small_cnn", threshold=1.0, search=SEARCH["standard"].cs)
    compared = tlt.compare(
        digits, backbone="small_cnn", regimes=["frozen"], shots=[10], seeds=[0],
        baselines=False, progress=False,
    )  # fmt: skip
    for number, regime in ((0, "frozen"), (3, "pseudo_label")):
        for split in ("test", "val", "search"):
            got = values(results, split, round=number, regime=regime)
            assert got == values(compared, split)
    assert per_round(results, "added") == [0.0] * 4
    assert set(results["backbone"]) == {"small_cnn"}


@pytest.mark.parametrize("threshold", [0.8, 0.95])
def test_rounds_equal_scikit_learns_probes_trained_on_their_own_answers(few, threshold):
    """Within 1 % of the pool: confidences near the threshold differ by the solver's tolerance."""
    results = pseudo_label(few, raw_pixels, threshold=threshold, rounds=2)
    train, pool = pixels(few.train), pixels(few.pool)
    sure, answers = np.zeros(len(pool), bool), np.zeros(len(pool), int)
    for number, c in enumerate(per_round(results, "c")):
        got = values(results, "pool", round=number)
        assert got["added"] == pytest.approx(sure.sum(), abs=7)
        if number:
            right = (answers == few.pool.labels.numpy())[sure].mean()
            assert got["correct"] == pytest.approx(right, abs=0.01)
        known = np.concatenate([train, pool[sure]])
        names = np.concatenate([few.train.labels, answers[sure]])
        model = probe(c).fit(known, names)
        score = model.score(pixels(few.val), few.val.labels)
        assert values(results, "val", round=number)["accuracy"] == pytest.approx(score)
        last = np.concatenate([known, pixels(few.val)]), np.concatenate([names, few.val.labels])
        tested = probe(c).fit(*last).score(pixels(few.test), few.test.labels)
        if number in (0, 2):
            got = values(results, "test", round=number)["accuracy"]
            assert got == pytest.approx(tested, abs=0.01)
        p = model.predict_proba(pool)
        sure, answers = p.max(1) > threshold, p.argmax(1)


def test_the_table_names_its_labels_and_tests_twice(few, taught):
    assert list(taught.columns) == [
        "task", "source", "backbone", "regime", "shots", "seed", "round", *NAMES,
        "split", "metric", "value",
    ]  # fmt: skip
    assert taught[NAMES].drop_duplicates().to_dict("records") == [budget(few)]
    tested = taught[(taught["split"] == "test") & (taught["metric"] == "accuracy")]
    assert tested[["regime", "round"]].values.tolist() == [["frozen", 0], ["pseudo_label", 2]]
    assert (taught["shots"].unique(), taught["seed"].unique()) == ([5], [0])
    assert 0 < per_round(taught, "added")[1] < len(few.pool)
    assert np.isnan(per_round(taught, "correct")[0])


def test_the_table_goes_into_a_verdict(digits, taught):
    other = pseudo_label(tlt.few_shot(digits, 5, seed=1), raw_pixels, threshold=0.8, rounds=2)
    both = pd.concat([taught, other])
    assert tlt.verdict(both, "pseudo_label", "frozen").n == 2


def test_hidden_labels_are_never_used(few, taught):
    shuffled = replace(few, pool=relabelled(few.pool))
    results = pseudo_label(shuffled, raw_pixels, threshold=0.8, rounds=2)
    usable = taught["metric"] != "correct"
    pd.testing.assert_frame_equal(results[usable], taught[usable])
    assert per_round(results, "correct")[1] < 0.3 < per_round(taught, "correct")[1]


def test_nothing_is_chosen_on_the_test_split(digits, few, taught, asked):
    test = relabelled(digits.test)
    again = pseudo_label(replace(few, test=test), raw_pixels, threshold=0.8, rounds=2)
    measured = taught["split"] == "test"
    pd.testing.assert_frame_equal(again[~measured], taught[~measured])
    assert (again["value"] != taught["value"])[measured].any()
    curve = active_learning(replace(digits, test=test), raw_pixels, seeds=[0, 1], rounds=4)
    assert curve.attrs == asked.attrs


def test_one_label_a_class_leaves_nothing_to_validate_on(digits):
    results = pseudo_label(tlt.few_shot(digits, 1, seed=0), raw_pixels, rounds=1)
    assert values(results, "val") == {}
    assert len(set(per_round(results, "c"))) == 1


def test_margin_ranks_as_the_two_largest_probabilities_do():
    logits = 3 * torch.from_numpy(rng(0, "test").standard_normal((500, 7)))
    odds = np.exp(logits.numpy())
    p = np.sort(odds / odds.sum(1, keepdims=True), 1)
    np.testing.assert_allclose(margin(logits), p[:, -1] - p[:, -2], atol=1e-12)
    assert margin(logits).argsort().tolist() == np.argsort(p[:, -1] - p[:, -2]).tolist()


def test_the_first_round_is_what_scikit_learns_probe_says(digits, asked):
    """Margins within 0.01, the solver's tolerance, of the ten smallest; the random ones exactly."""
    rows = digits.labelled  # in the order of the file
    for seed in (0, 1):
        start = tlt.few_shot(digits, 2, seed=seed)
        at = {"strategy": "margin", "seed": seed, "round": 0}
        c = values(asked, "search", **at)["c"]
        score = probe(c).fit(pixels(start.train), start.train.labels).score
        got = values(asked, "val", **at)["accuracy"]
        assert got == pytest.approx(score(pixels(start.val), start.val.labels))
        model = probe(c).fit(pixels(start.labelled), start.labelled.labels)
        got = values(asked, "test", **at)["accuracy"]
        score = model.score(pixels(digits.test), digits.test.labels)
        assert got == pytest.approx(score, abs=0.01)
        files = {name: asked.attrs["asked"][f"{name} {seed}"] for name in ("random", "margin")}
        assert files["random"][:20] == files["margin"][:20]
        assert sorted(files["margin"][:20]) == start.labelled.index.tolist()
        p = np.sort(model.predict_proba(pixels(start.pool)), 1)
        gap = dict(zip(start.pool.index.tolist(), p[:, -1] - p[:, -2], strict=True))
        assert max(gap[file] for file in files["margin"][20:30]) < sorted(gap.values())[9] + 0.01
        rest = rows.index[~torch.isin(rows.index, start.labelled.index)]
        luck = torch.rand(len(rest), generator=generator(seed, "query"))
        assert files["random"][20:30] == rest[luck.argsort()[:10]].tolist()


def test_images_are_asked_for_once_and_never_from_the_test_split(digits, asked):
    allowed = set(digits.labelled.index.tolist())
    assert sorted(asked.attrs["asked"]) == ["margin 0", "margin 1", "random 0", "random 1"]
    for files in asked.attrs["asked"].values():
        assert len(files) == len(set(files)) == 60
        assert set(files) <= allowed


def held_by_hand(split, files):
    """Count images whose group is the 2nd, 7th, 12th, ... of its class in the order of asking."""
    place = {index: i for i, index in enumerate(split.index.tolist())}
    rows = [(int(split.labels[place[f]]), int(split.groups[place[f]])) for f in files]
    groups = {}
    for label, group in rows:
        groups.setdefault(label, {}).setdefault(group, len(groups[label]))
    return sum(groups[label][group] % 5 == 1 for label, group in rows)


def coarse(images):
    return F.adaptive_avg_pool2d(images.float(), 4).flatten(1)


def test_validation_labels_are_part_of_the_budget_of_every_row(digits, asked):
    emoji = tlt.load_task("emoji")
    curves = {"digits": (digits, asked)}
    curves["emoji"] = (emoji, active_learning(emoji, coarse, seeds=[0], per_round=30, rounds=4))
    for task, curve in curves.values():
        each = (curve["labels"].max() - 2 * task.n_classes) // 4
        for (name, seed, number), rows in curve.groupby(["strategy", "seed", "round"]):
            (spent,) = rows[NAMES].drop_duplicates().to_dict("records")
            files = curve.attrs["asked"][f"{name} {seed}"][: spent["labels"]]
            assert spent["labels"] == 2 * task.n_classes + number * each
            assert spent["val"] == held_by_hand(task.labelled, files)
            assert spent["train"] + spent["val"] == spent["labels"]
            assert spent["labels"] + spent["unlabelled"] == len(task.labelled)
    assert each == 30
    groups = emoji.labelled.groups[torch.isin(emoji.labelled.index, torch.tensor(files))]
    assert len(groups.unique()) < len(files)  # some groups were asked for more than once


def test_labels_stay_unknown_until_they_are_asked_for(few):
    """The pool's labels first count once some have been asked for: after the first round."""
    plain, shuffled = (
        active_learning(task, raw_pixels, seeds=[0], rounds=2)
        for task in (few, replace(few, pool=relabelled(few.pool)))
    )
    for arm, files in plain.attrs["asked"].items():
        assert shuffled.attrs["asked"][arm][:30] == files[:30]
    first = plain["round"] == 0
    pd.testing.assert_frame_equal(plain[first], shuffled[first])
    assert (plain["value"] != shuffled["value"])[~first].any()


def test_the_curve_is_tidy_and_repeatable(digits, asked):
    assert list(asked.columns) == [
        "task", "source", "backbone", "strategy", "seed", "round", *NAMES,
        "split", "metric", "value",
    ]  # fmt: skip
    again = active_learning(digits, raw_pixels, seeds=[0, 1], rounds=4)
    pd.testing.assert_frame_equal(again, asked)
    assert again.attrs == asked.attrs
    alone = active_learning(digits, raw_pixels, strategies=["random"], seeds=[1], rounds=4)
    assert alone.attrs["asked"]["random 1"] == asked.attrs["asked"]["random 1"]
    summary = tlt.summarize(asked, by=["strategy", "labels", "split"])
    assert set(summary["n_seeds"]) == {2}


@pytest.mark.parametrize("learn", [pseudo_label, active_learning])
def test_a_test_image_among_the_unlabelled_is_refused(few, learn):
    leaky = replace(few, pool=few.pool.joined(few.test.select(torch.arange(3))))
    with pytest.raises(ValueError, match="such as pool and test; got 3 that do"):
        learn(leaky, raw_pixels)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"threshold": 1.5}, "threshold must be between 0 and 1; got 1.5"),
        ({"rounds": 0}, "rounds must be at least 1; got 0"),
        ({"search": 0}, "budget must be at least 1; got 0"),
    ],
)
def test_self_training_refuses(few, wrong, message):
    with pytest.raises(ValueError, match=message):
        pseudo_label(few, raw_pixels, **wrong)


def test_self_training_needs_unlabelled_images(digits):
    with pytest.raises(
        ValueError, match=r"pool images must be .* \(few_shot fills the pool\); got 0"
    ):
        pseudo_label(digits, raw_pixels)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strategies": ["luck"]}, "strategy must be one of 'random', 'margin'; got 'luck'"),
        ({"strategies": []}, "number of strategies times seeds must be at least 1; got 0"),
        ({"seeds": []}, "number of strategies times seeds must be at least 1; got 0"),
        ({"per_round": 0}, "per_round must be at least 1; got 0"),
        ({"rounds": 78}, r"between 0 and 77 \(797 images, 10 asked for in a round\); got 78"),
        ({"start": 0}, "shots must be between 1 and"),
    ],
)
def test_active_learning_refuses(digits, wrong, message):
    with pytest.raises(ValueError, match=message):
        active_learning(digits, raw_pixels, **wrong)


def test_pool_images_without_a_label_are_learnt_from_but_not_asked_for(few):
    """Unknown labels count neither as right nor as wrong, and no strategy may buy one."""
    labels = few.pool.labels.clone()
    labels[::2] = -1
    part = replace(few, pool=replace(few.pool, labels=labels))
    told, whole = (pseudo_label(task, raw_pixels, rounds=1) for task in (part, few))
    assert per_round(told, "added") == per_round(whole, "added")
    assert 0.5 < per_round(told, "correct")[1] <= 1
    asked = active_learning(part, raw_pixels, seeds=[0], rounds=1).attrs["asked"]
    unknown = set(part.pool.index[::2].tolist())
    assert asked
    assert all(not unknown & set(rows) for rows in asked.values())
