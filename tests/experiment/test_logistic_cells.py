"""Cells that are solved, not trained: against scikit-learn, each seed alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tlteach as tlt
from tests.helpers.cells import BASE, GRID, SEARCH, both, cell, values
from tlteach.experiment import choose, raw_pixels
from tlteach.experiment.cells import run_majority
from tlteach.experiment.logistic import edge, linear, run_logistic
from tlteach.measures import METRICS, fit_probes, log_loss
from tlteach.training import draw_configs


def held_back(few, shots):
    """Each class's labels in the order of the file, the first to fold 0, the next to fold 1, ..."""
    labels, order = few.labelled.labels, few.labelled.groups
    fold = torch.zeros(len(labels), dtype=torch.int64)
    for label in range(10):
        mine = (labels == label).nonzero().flatten()
        fold[mine[order[mine].argsort()]] = torch.arange(len(mine)) % min(shots, 5)
    return [fold == i for i in range(min(shots, 5))]


@pytest.mark.parametrize("folded", [True, False])
def test_logistic_cells_give_what_scikit_learn_gives_each_seed_alone(digits, folded):
    """Solved as one batch, within what the solver's tolerance leaves: 1e-5 of the objective."""
    asked = cell("frozen", search=replace(SEARCH, folds=folded))
    net = asked.net

    def features(images):
        return tlt.extract_features(net, images, precision="fp32", cached=False)

    answers = list(run_logistic(digits, asked, GRID, both(digits, features)))
    assert [(rows[0]["shots"], rows[0]["seed"]) for rows in answers] == GRID
    test = features(digits.test.images)
    cs = [config.c for config in draw_configs(asked.regime, BASE, 4, seed=0)]
    for rows, (shots, seed) in zip(answers, GRID, strict=True):
        few = tlt.few_shot(digits, shots, seed=seed)
        x, y = features(few.labelled.images), few.labelled.labels
        held = [torch.isin(few.labelled.index, few.val.index)]
        if folded and shots < 10:  # one validation image a class
            held = held_back(few, shots)

        def asked_of(kept, c, those, x=x, y=y):
            solver = LogisticRegression(C=c, tol=1e-10, max_iter=100_000)
            model = make_pipeline(StandardScaler(), solver)
            model.fit(x[kept].double().numpy(), y[kept].numpy())
            return torch.from_numpy(model.predict_proba(those.double().numpy())).log()

        scored = []
        for c in cs:
            logits = torch.cat([asked_of(~fold, c, x[fold]) for fold in held])
            true = torch.cat([y[fold] for fold in held])
            scored.append(
                {"accuracy": tlt.accuracy(logits, true), "log_loss": log_loss(logits, true)}
            )
        best = choose(scored, 4)
        losses = [found["log_loss"] for found in scored]
        ends = {0: -(losses[0] < 0.98 * losses[1]), 3: +(losses[3] < 0.98 * losses[2])}
        assert values(rows, "search") == {"c": cs[best], "edge": ends.get(best, 0)}
        assert values(rows, "val") == pytest.approx(scored[best], rel=5e-3)
        logits = asked_of(torch.ones(len(y)).bool(), cs[best], test)
        got = values(rows, "test")
        assert got["accuracy"] == pytest.approx(tlt.accuracy(logits, digits.test.labels), abs=2e-3)
        assert got["log_loss"] == pytest.approx(log_loss(logits, digits.test.labels), rel=3e-3)
        assert values(rows, "model") == {"parameters_trained": 10 * 96 + 10}
        assert {(row["updates"], row["images"]) for row in rows} == {(0, 10 * shots)}


@pytest.mark.parametrize("seed", [0, 1])
def test_with_five_shots_c_is_chosen_by_scikit_learns_cross_validation(digits, seed):
    asked = cell("frozen", net=False)
    (rows,) = run_logistic(digits, asked, [(5, seed)], both(digits, raw_pixels))
    few = tlt.few_shot(digits, 5, seed=seed)
    x, y = few.labelled.images.flatten(1).numpy() / 255, few.labelled.labels.numpy()
    parts = PredefinedSplit(torch.stack(held_back(few, 5)).int().argmax(0).numpy())
    assert parts.get_n_splits() == 5
    cs = [config.c for config in draw_configs(asked.regime, BASE, 4, seed=0)]
    scored = []
    for c in cs:
        solver = LogisticRegression(C=c, tol=1e-8, max_iter=10_000)
        model = make_pipeline(StandardScaler(), solver)
        chances = cross_val_predict(model, x, y, cv=parts, method="predict_proba")
        loss = -np.log(chances[np.arange(50), y]).mean()
        scored.append({"accuracy": (chances.argmax(1) == y).mean(), "log_loss": loss})
    best = choose(scored, 4)
    assert values(rows, "search")["c"] == cs[best]
    assert values(rows, "val")["accuracy"] == pytest.approx(scored[best]["accuracy"], abs=1e-6)
    assert values(rows, "val")["log_loss"] == pytest.approx(scored[best]["log_loss"], rel=5e-3)


def test_raw_pixels_equal_scikit_learn_within_one_image(digits):
    asked = cell("frozen", net=False)
    grid = [(5, 1), (2, 0), (5, 0)]
    for rows in run_logistic(digits, asked, grid, both(digits, raw_pixels)):
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


@pytest.mark.parametrize(
    ("ranks", "ends"),
    [
        ((-0.5, -0.6, -0.4), (-1, 0, 1)),
        ((-0.5, -0.5, -0.5), (0, 0, 0)),  # level: towards its ends, C changes no answer
        ((-0.6, -0.5, -0.5), (0, 0, 0)),
        ((-0.979, -1.0, -0.979), (-1, 0, 1)),
        ((-0.981, -1.0, -0.981), (0, 0, 0)),  # by less than 2 %
        ((0.509, 0.5, 0.511), (0, 0, 1)),  # accuracies
        ((-0.5, -0.6), (-1, 0)),
        ((-0.5,), (0,)),
    ],
)
def test_edges_are_the_two_ends_that_are_clearly_better_than_next_to_them(ranks, ends):
    assert tuple(edge(i, ranks) for i in range(len(ranks))) == ends
    assert edge(0, []) == 0


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
