"""One cell of a comparison against the same steps done by hand, and against scikit-learn."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tlteach as tlt
from tlteach.data import all_labels
from tlteach.experiment import choose, raw_pixels
from tlteach.experiment.cells import (
    Cell,
    edge,
    linear,
    run_logistic,
    run_majority,
    run_sgd,
    settings,
)
from tlteach.measures import METRICS, fit_probes, log_loss
from tlteach.training import draw_configs

CPU = torch.device("cpu")
BASE = tlt.TrainConfig(updates=3, batch_size=8, precision="fp32")
GRID = [(5, 1), (2, 0), (5, 0)]


def both(task, describe):
    """What `run_logistic` wants, of features that depend on no setting."""
    return lambda blend: (describe(task.labelled.images), describe(task.test.images))


def cell(name="fine_tune", *, budget=2, net=True, base=BASE):
    backbone = tlt.load_backbone("small_cnn", seed=0) if net else None
    return Cell(name, tlt.REGIMES[name], backbone, base, budget, "0123456789ab")


def values(rows, split):
    return {row["metric"]: row["value"] for row in rows if row["split"] == split}


@pytest.mark.parametrize("name", ["scratch", "fine_tune", "lp_ft", "partial", "bn_only"])
def test_gradient_cells_search_train_again_on_all_labels_and_test_once(digits, name):
    asked = cell(name, budget=3)
    rows = run_sgd(digits, asked, 5, 1, CPU)
    few = tlt.few_shot(digits, 5, seed=1)
    runs = [
        tlt.train(asked.net, few, name, config, seed=1, device="cpu")
        for config in draw_configs(asked.regime, BASE, 3, seed=1)
    ]
    scored = [
        (tlt.accuracy(r.predictions["val"], few.val.labels), -log_loss(r.predictions["val"],
         few.val.labels)) for r in runs
    ]  # fmt: skip
    best = runs[scored.index(max(scored))]
    every = replace(few, train=few.labelled, val=few.val.select(torch.arange(0)))
    final = tlt.train(asked.net, every, name, best.config, seed=1, device="cpu")
    assert final.images == 3 * 8
    assert len(every.train) == 50
    assert values(rows, "test") == final.test(few)
    assert values(rows, "val") == dict(
        zip(("accuracy", "log_loss"), (max(scored)[0], -max(scored)[1]), strict=True)
    )
    search = values(rows, "search")
    assert (search["lr"], search["weight_decay"]) == (best.config.lr, best.config.weight_decay)
    assert ("c" in search) == (name == "lp_ft")
    assert search.get("c", best.config.c) == best.config.c
    assert values(rows, "model") == {"parameters_trained": final.trained}
    assert {(row["updates"], row["images"]) for row in rows} == {(4 * 3, 4 * 3 * 8)}
    assert min(row["seconds"] for row in rows) > 0


def test_logistic_cells_give_what_each_seed_gives_alone(digits):
    """Within what the solver's tolerance leaves: 1e-5 of the objective, 0.5 % of the loss."""
    asked = cell("frozen", budget=4)
    net = asked.net

    def features(images):
        return tlt.extract_features(net, images, precision="fp32", cached=False)

    answers = list(run_logistic(digits, asked, GRID, both(digits, features)))
    assert [(rows[0]["shots"], rows[0]["seed"]) for rows in answers] == GRID
    test = features(digits.test.images)
    cs = [config.c for config in draw_configs(asked.regime, BASE, 4, seed=0)]
    for rows, (shots, seed) in zip(answers, GRID, strict=True):
        few = tlt.few_shot(digits, shots, seed=seed)

        def probe(split, c):
            where = [torch.arange(len(split))]
            return fit_probes(features(split.images), split.labels, where, [c], n_classes=10)

        val = features(few.val.images)
        scored = []
        for c in cs:
            logits = probe(few.train, c).logits(val)[0, 0]
            scored.append(
                {
                    "accuracy": tlt.accuracy(logits, few.val.labels),
                    "log_loss": log_loss(logits, few.val.labels),
                }
            )
        best = choose(scored, 4)
        assert values(rows, "search") == {"c": cs[best], "edge": edge(best, 4)}
        assert values(rows, "val") == pytest.approx(scored[best], rel=5e-3)
        logits = probe(few.labelled, cs[best]).logits(test)[0, 0]
        got = values(rows, "test")
        assert got["accuracy"] == pytest.approx(tlt.accuracy(logits, digits.test.labels), abs=4e-3)
        assert got["log_loss"] == pytest.approx(log_loss(logits, digits.test.labels), rel=5e-3)
        assert values(rows, "model") == {"parameters_trained": 10 * 96 + 10}
        assert {(row["updates"], row["images"]) for row in rows} == {(0, 10 * shots)}


def test_raw_pixels_equal_scikit_learn_within_one_image(digits):
    asked = cell("frozen", budget=4, net=False)
    for rows in run_logistic(digits, asked, GRID, both(digits, raw_pixels)):
        few = tlt.few_shot(digits, rows[0]["shots"], seed=rows[0]["seed"])
        x, test = (s.images.flatten(1).numpy() / 255 for s in (few.labelled, digits.test))
        solver = LogisticRegression(C=values(rows, "search")["c"], tol=1e-8, max_iter=10_000)
        model = make_pipeline(StandardScaler(), solver).fit(x, few.labelled.labels.numpy())
        right = (model.predict(test) == digits.test.labels.numpy()).sum()
        got = values(rows, "test")
        assert abs(got["accuracy"] * len(test) - right) <= 1 + 1e-9
        chances = model.predict_proba(test)[np.arange(len(test)), digits.test.labels.numpy()]
        assert got["log_loss"] == pytest.approx(-np.log(chances).mean(), rel=1e-3)


def test_majority_equals_scikit_learns_dummy(digits):
    for rows in run_majority(digits, cell("frozen", net=False), GRID):
        few = tlt.few_shot(digits, rows[0]["shots"], seed=rows[0]["seed"])
        dummy = DummyClassifier(strategy="prior").fit(few.labelled.images, few.labelled.labels)
        logits = torch.from_numpy(dummy.predict_proba(digits.test.images)).log()
        expected = {name: metric(logits, digits.test.labels) for name, metric in METRICS.items()}
        assert values(rows, "test") == pytest.approx(expected, abs=1e-6)
        right = dummy.score(digits.test.images, digits.test.labels)
        assert values(rows, "test")["accuracy"] == pytest.approx(right)
        assert {row["split"] for row in rows} == {"test", "model"}
        assert values(rows, "model") == {"parameters_trained": 0}


@pytest.mark.parametrize("name", ["fine_tune", "frozen"])
def test_with_one_shot_nothing_is_chosen_and_nothing_is_said_of_validation(digits, name):
    asked = cell(name, budget=3)
    if name == "frozen":
        (rows,) = run_logistic(digits, asked, [(1, 0)], both(digits, raw_pixels))
        middle = draw_configs(asked.regime, BASE, 3, seed=0)[1].c
        assert values(rows, "search")["c"] == middle
    else:
        rows = run_sgd(digits, asked, 1, 0, CPU)
        assert values(rows, "search")["lr"] == draw_configs(asked.regime, BASE, 3, seed=0)[1].lr
        assert {row["updates"] for row in rows} == {3}  # only the final training
    assert values(rows, "val") == {}
    assert values(rows, "search")["edge"] == 0


def test_every_row_names_its_cell(digits):
    rows = run_sgd(digits, cell("scratch"), 2, 0, CPU)
    for row in rows:
        assert (row["task"], row["source"], row["backbone"]) == ("digits", "none", "small_cnn")
        assert (row["regime"], row["shots"], row["seed"]) == ("scratch", 2, 0)
        assert row["config"] == "0123456789ab"
    assert len({(row["split"], row["metric"]) for row in rows}) == len(rows)


def test_the_source_is_the_backbones_only_where_its_weights_are_used(digits):
    lite0 = tlt.load_backbone("lite0")
    for name, source in (("fine_tune", "ImageNet-1k"), ("scratch", "none")):
        row = replace(cell(name), net=lite0).row(digits, 5, 0)
        assert (row["source"], row["backbone"]) == (source, "lite0")
    row = cell("frozen", net=False).row(digits, 5, 0)
    assert (row["source"], row["backbone"]) == ("none", "none")


def test_all_labels_moves_validation_to_training(few):
    every = all_labels(few)
    assert sorted(every.train.index.tolist()) == sorted(few.labelled.index.tolist())
    assert len(every.val) == 0
    assert every.test is few.test


def score(accuracy, loss):
    return {"accuracy": accuracy, "log_loss": loss}


def test_the_highest_accuracy_wins_then_the_lowest_loss_then_the_first():
    assert choose([score(0.5, 0.1), score(0.6, 9.0), score(0.4, 0.0)], 3) == 1
    assert choose([score(0.6, 0.3), score(0.6, 0.2), score(0.6, 0.2)], 3) == 1
    assert [choose([], n) for n in (1, 2, 3, 8)] == [0, 1, 1, 4]


def test_edges_are_the_two_ends():
    assert [edge(i, 3) for i in range(3)] == [-1, 0, 1]


def test_linear_is_one_probe_of_the_batch():
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(12, 4, generator=g), torch.arange(12) % 3
    rows = [torch.arange(12), torch.arange(9)]
    probes = fit_probes(x, y, rows, [0.1, 1.0], n_classes=3)
    for s in range(2):
        for r in range(2):
            torch.testing.assert_close(linear(x, probes, s, r), probes.logits(x)[s, r])


def test_raw_pixels_are_shrunk_only_where_they_are_larger():
    small = torch.randint(0, 256, (2, 1, 8, 8), generator=torch.Generator().manual_seed(0)).byte()
    assert raw_pixels(small).equal(small.flatten(1).float() / 255)
    assert raw_pixels(small, size=4).shape == (2, 16)
    large = torch.full((1, 3, 64, 64), 51, dtype=torch.uint8)
    torch.testing.assert_close(raw_pixels(large), torch.full((1, 3072), 0.2))


def test_settings_hold_every_number_and_are_plain_json():
    told = json.loads(json.dumps(settings(cell())))
    assert told["base"]["batch_size"] == 8
    assert told["regime"]["high"] == tlt.REGIMES["fine_tune"].high
    assert told["search"] == 2
    assert told["backbone"]["preprocessing"]["size"] == 32
    assert settings(cell("frozen", net=False))["backbone"] is None
