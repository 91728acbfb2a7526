"""Active learning: which labels are asked for, against scikit-learn and counting by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F

import tlteach as tlt
from tests.helpers.scarce import NAMES, pixels, probe, relabelled, values
from tlteach.analysis.scarce import active_learning, margin
from tlteach.base import generator, rng
from tlteach.experiment import raw_pixels


@pytest.fixture(scope="module")
def asked(digits):
    return active_learning(digits, raw_pixels, seeds=[0, 1], rounds=4)


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


def test_nothing_is_asked_for_by_the_test_split(digits, asked):
    task = replace(digits, test=relabelled(digits.test))
    curve = active_learning(task, raw_pixels, seeds=[0, 1], rounds=4)
    assert curve.attrs == asked.attrs


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
