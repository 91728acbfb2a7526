"""One cell of a comparison that trains, against the same steps done by hand."""

import json
from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tests.helpers.cells import BASE, CPU, SEARCH, both, cell, values
from tests.helpers.raced import Reference
from tlteach.data import all_labels
from tlteach.experiment import choose, raw_pixels
from tlteach.experiment.alive import learnt
from tlteach.experiment.cells import run_sgd, settings
from tlteach.experiment.logistic import run_logistic
from tlteach.experiment.race import Won
from tlteach.measures import unpack
from tlteach.training import draw_configs


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
