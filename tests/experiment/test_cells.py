"""One cell of a comparison against the same steps done by hand, and against scikit-learn."""

import json
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
from tests.helpers.raced import Reference
from tlteach.data import all_labels
from tlteach.experiment import Search, choose, raw_pixels
from tlteach.experiment.alive import learnt
from tlteach.experiment.cells import Cell, run_majority, run_sgd, settings
from tlteach.experiment.logistic import edge, linear, run_logistic
from tlteach.experiment.race import Won
from tlteach.measures import METRICS, fit_probes, log_loss, unpack
from tlteach.training import draw_configs

CPU = torch.device("cpu")
BASE = tlt.TrainConfig(updates=12, until="flat", batch_size=8, precision="fp32")
SEARCH = Search(3, 1, 4, 4)
GRID = [(5, 1), (2, 0), (10, 0), (5, 0)]


def both(task, describe):
    """What `run_logistic` wants, of features that depend on no setting."""
    return lambda blend: (describe(task.labelled.images), describe(task.test.images))


def cell(name="fine_tune", *, search=SEARCH, net=True, base=BASE):
    backbone = tlt.load_backbone("small_cnn", seed=0) if net else None
    return Cell(name, tlt.REGIMES[name], backbone, base, search, "0123456789ab")


def values(rows, split):
    return {row["metric"]: row["value"] for row in rows if row["split"] == split}


@pytest.mark.parametrize("name", ["scratch", "fine_tune", "lp_ft", "partial", "bn_only"])
def test_gradient_cells_search_train_again_on_all_labels_and_test_once(digits, name):
    asked = cell(name)
    rows = run_sgd(digits, asked, 5, 1, CPU)
    few = tlt.few_shot(digits, 5, seed=1)
    best, score, edge, took = Reference(asked.net, few, asked.regime, 1).race(BASE, SEARCH)
    every = replace(few, train=few.labelled, val=few.val.select(torch.arange(0)))
    final = tlt.train(asked.net, every, name, best, seed=1, device="cpu")
    assert (final.updates, final.images, final.converged) == (12, 12 * 8, False)
    assert len(every.train) == 50
    assert values(rows, "test") == final.test(few)
    assert values(rows, "val") == score
    expected = {
        "lr": best.lr,
        "weight_decay": best.weight_decay,
        "statistics": ["still", "move"].index(
            best.statistics or ("move" if name == "scratch" else "still")
        ),
        "head_factor": 1.0 if name == "lp_ft" else best.head_factor,
        "augment": ["none", "shift"].index(best.augment or "shift"),
        "edge": edge,
    } | ({"c": best.c} if name == "lp_ft" else {})
    assert values(rows, "search") == expected
    told = {"parameters_trained": final.trained, "converged": 0}
    assert values(rows, "model") == told | ({"own_recipe": 1} if name == "lp_ft" else {})
    costs = {(row["updates"], row["images"]) for row in rows}
    assert costs == {(took + 12, (took + 12) * 8)}
    assert min(row["seconds"] for row in rows) > 0
    (right,) = [
        row["right"] for row in rows if row["right"] is not None and row["metric"] == "accuracy"
    ]
    answers = final.predictions["test"].argmax(1) == digits.test.labels
    assert unpack(right, len(digits.test)).tolist() == answers.tolist()


class Gate(torch.nn.Module):
    """In training it runs out of memory above four images; the search is the first to meet it."""

    def forward(self, x):
        if self.training and len(x) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return x


def test_where_memory_runs_out_the_whole_search_goes_on_with_half_the_batch(digits):
    """Every setting is compared, and the best trained again, with the same batches."""
    net = tlt.load_backbone("small_cnn", seed=0)
    net.net = torch.nn.Sequential(net.net, Gate())
    tight = replace(cell("scratch"), net=net)
    with pytest.warns(RuntimeWarning, match="out of memory: going on with batches of 4"):
        halved = run_sgd(digits, tight, 5, 1, CPU)
    plain = run_sgd(digits, replace(tight, base=replace(BASE, batch_size=4)), 5, 1, CPU)
    for split in ("test", "val", "search", "model"):
        assert values(halved, split) == values(plain, split)
    assert {row["images"] for row in halved} == {row["images"] for row in plain}


def test_a_training_that_ends_flat_says_so(digits):
    base = replace(BASE, updates=400, augment="none", statistics="move")
    rows = run_sgd(digits, cell("scratch", base=base), 2, 0, CPU)
    assert values(rows, "model")["converged"] == 1
    searched = 4 + 8 + 8 + 8  # one of three is dropped after four, then one; and one beside
    assert searched < rows[0]["updates"] < searched + 400


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


@pytest.mark.parametrize("name", ["fine_tune", "frozen"])
def test_with_one_shot_nothing_is_chosen_and_nothing_is_said_of_validation(digits, name):
    asked = cell(name)
    if name == "frozen":
        (rows,) = run_logistic(digits, asked, [(1, 0)], both(digits, raw_pixels))
        middle = draw_configs(asked.regime, BASE, 4, seed=0)[2].c
        assert values(rows, "search")["c"] == middle
    else:
        rows = run_sgd(digits, asked, 1, 0, CPU)
        assert values(rows, "search")["lr"] == draw_configs(asked.regime, BASE, 3, seed=0)[1].lr
        assert {row["updates"] for row in rows} == {12}  # only the final training
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


def test_the_lowest_loss_wins_then_the_highest_accuracy_then_the_first():
    assert choose([score(0.6, 9.0), score(0.5, 0.1), score(0.4, 0.2)], 3) == 1
    assert choose([score(0.5, 0.2), score(0.6, 0.2), score(0.6, 0.2)], 3) == 1
    assert choose([score(0.9, float("nan")), score(0.1, 9.0)], 2) == 1
    assert [choose([], n) for n in (1, 2, 3, 8)] == [0, 1, 1, 4]


def test_a_search_by_accuracy_chooses_the_highest_then_the_lowest_loss_then_the_first():
    by = replace(SEARCH, by="accuracy")
    assert choose([score(0.5, 0.1), score(0.6, 9.0), score(0.4, 0.0)], 3, by) == 1
    assert choose([score(0.6, 0.3), score(0.6, 0.2), score(0.6, 0.2)], 3, by) == 1
    assert choose([score(0.5, 0.1), score(0.6, 9.0)], 2, SEARCH) == 0


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


def test_settings_hold_every_number_and_are_plain_json():
    told = json.loads(json.dumps(settings(cell())))
    assert told["base"]["batch_size"] == 8
    assert told["regime"]["high"] == tlt.REGIMES["fine_tune"].high
    numbers = {"drawn": 3, "further": 1, "first": 4, "cs": 4}
    assert told["search"] == numbers | {"variants": True, "folds": True, "by": "log_loss"}
    assert told["backbone"]["preprocessing"]["size"] == 32
    assert settings(cell("frozen", net=False))["backbone"] is None


@pytest.mark.parametrize(("learns", "halved"), [(True, True), (False, False)])
def test_a_training_that_dies_goes_again_at_half_the_rate(digits, monkeypatch, learns, halved):
    """The rate is far too high for all labels; what the search said of it is given."""
    base = replace(BASE, updates=60)
    one = cell("scratch", base=base)
    chosen = replace(base, lr=8.0, augment="none", statistics="move", head_factor=1.0)
    won = Won(chosen, {"accuracy": 1.0, "log_loss": 0.1}, 0.0, 7, 70, learns)
    monkeypatch.setattr("tlteach.experiment.cells.race", lambda *_, **__: won)
    rows = {(r["split"], r["metric"]): r for r in run_sgd(digits, one, 5, 0, CPU)}
    few = all_labels(tlt.few_shot(digits, 5, seed=0))
    rates = [replace(chosen, lr=8.0 / 2**n) for n in range(4)]
    again = [tlt.train(one.net, few, "scratch", rate, seed=0, device=CPU) for rate in rates]
    alive = [learnt(run, digits.n_classes) for run in again]
    assert not alive[0], "the test needs a rate that kills"
    last = next((n for n, ok in enumerate(alive) if ok), 3) if learns else 0
    assert rows["search", "lr"]["value"] == 8.0 / 2**last
    assert (("model", "halved") in rows) == halved
    assert rows["test", "accuracy"]["updates"] == 7 + sum(run.updates for run in again[: last + 1])
    expected = again[last].test(digits)["accuracy"]
    assert rows["test", "accuracy"]["value"] == expected
