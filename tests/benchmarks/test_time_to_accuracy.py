"""When a curve has reached an accuracy, and that no look at it is on the clock."""

import json

import pytest
import torch
from torch import nn


def test_a_curve_is_there_once_the_next_look_confirms_it(script):
    reached = script("time_to_accuracy").reached
    found = {"seconds": [1.0, 2.0, 3.0, 4.0], "accuracy": [0.5, 0.2, 0.4, 0.5]}
    assert [reached(found, aim) for aim in (0.1, 0.4, 0.5)] == [1.0, 3.0, 4.0]
    assert reached(found, 0.6) == float("inf")


def curves(seconds, *accuracies):
    return [{"seconds": seconds, "accuracy": accuracy} for accuracy in accuracies]


def test_a_seed_that_never_gets_there_counts_as_no_times_as_fast(script):
    row = script("time_to_accuracy").row
    theirs = curves([4.0, 8.0], [0.5, 0.52], [0.5, 0.5], [0.4, 0.54])
    ours = curves([1.0, 2.0], [0.3, 0.52], [0.6, 0.6], [0.4, 0.5])
    (found,) = row("job", "P1", theirs, ours, 2.0, 0.3).values()
    assert found["aim"]["accuracy"] == 0.52
    assert found["ours"]["by_seed"] == [2.0, 1.0, None]
    assert found["ours"]["never"] == 1
    assert found["ours"]["seconds"] == {"median": 2.0, "q25": 2.0, "q75": None}
    assert found["peer"]["seconds"]["median"] == 8.0  # the second seed by its whole time
    assert (found["median"], found["q25"], found["valid"], found["void"]) == (4, 0, True, None)
    json.dumps(found, allow_nan=False)


def test_a_peer_that_learnt_nothing_voids_its_row_and_so_does_one_seed(script, capsys):
    row = script("time_to_accuracy").row
    ours = curves([1.0], [0.9], [0.9])
    told = [
        row("job", "P1", curves([4.0], *accuracies), ours, 2.0, 0.5)["job, to the accuracy of P1"]
        for accuracies in ([[0.52], [0.5]], [[0.8]], [[0.80], [0.81]])
    ]
    assert [found["valid"] for found in told] == [False, False, True]
    assert "most frequent class, 0.50" in told[0]["void"]
    assert "no interval" in told[1]["void"]
    json.dumps(told, allow_nan=False)
    assert capsys.readouterr().out.count("void: ") == 2


def test_curves_are_kept_one_by_one_and_a_cut_one_runs_again(script, common, tmp_path, capsys):
    module, here, seen = script("time_to_accuracy"), common.machine(), []

    def side(job, watch):
        seen.append((job.task.name, job.seed, len(job.task.train)))
        watch.follow(nn.Flatten(), lambda images: images[:, :1, :4, :3].float(), nn.Identity())

    settings = {"emoji": module.Setting(shots=4, size=64, tests=9, epochs=1)}
    both = {"a": side, "b": side}
    found = module.measured(settings, 2, both, module.Kept(tmp_path, here))
    assert seen[:2] == [("emoji", 0, 36), ("emoji", 0, 48)]  # a warm-up before the first
    assert len(seen) == 6
    path = tmp_path / "curves.jsonl"
    path.write_text(path.read_text()[:-9])  # killed while it wrote
    again = module.measured(settings, 2, both, module.Kept(tmp_path, here))
    assert len(seen) == 8  # a warm-up and the last curve
    assert [len(again["emoji"][name]) for name in both] == [2, 2]
    assert again["emoji"]["b"] == found["emoji"]["b"]
    elsewhere = module.Kept(tmp_path, here | {"processor": "another"})
    module.measured(settings, 1, {"a": side}, elsewhere)
    assert len(seen) == 10
    assert capsys.readouterr().out.count("emoji, seed") == 6


def test_a_watch_stands_still_while_it_looks_and_looks_when_due(script, monkeypatch):
    watched, small = script("watched"), script("fine_tune").drawings(1, shots=2, tests=9)[0]
    monkeypatch.setattr(watched, "FIRST", 0.25)
    now = [0.0]
    monkeypatch.setattr(watched.time, "perf_counter", lambda: now[0])
    model = nn.Sequential(nn.Flatten(), nn.LazyLinear(small.n_classes)).train()

    def look(images):
        now[0] += 100.0
        assert not model.training
        return images.float()

    watch = watched.Watch(small)
    watch.follow(model, look, model)
    for _ in range(10):  # updates of a tenth of a second
        model(small.train.images.float())
        now[0] += 0.1
    with torch.no_grad():
        model(small.train.images.float())  # no update
    assert watch.curve["seconds"] == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    assert model.training
    assert watch.now() == pytest.approx(1.0)
    assert all(0 <= accuracy <= 1 for accuracy in watch.curve["accuracy"])
