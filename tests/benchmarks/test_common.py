"""The arithmetic that all benchmarks share."""

import subprocess

import numpy as np
import pytest
import torch
from torch import nn


def test_rivals_take_turns_and_the_order_turns_round(common):
    seen = []
    rivals = {name: lambda name=name: seen.append(name) for name in "ab"}
    seconds = common.in_turns(rivals, {"a": 3, "b": 2})
    assert "".join(seen) == "ab" + "ab" + "ba" + "a"  # a warm-up, then turn by turn
    assert [len(seconds[name]) for name in "ab"] == [3, 2]


def test_a_ratio_is_the_median_over_all_pairs(common):
    found = common.ratio([10.0, 20.0, 40.0], [1.0, 2.0])
    pairs = [5, 10, 10, 20, 20, 40]
    expected = np.quantile(pairs, [0.25, 0.5, 0.75])
    assert [found[key] for key in ("q25", "median", "q75")] == pytest.approx(list(expected))
    assert found["n"] == 2


def test_accuracies_agree_within_two_standard_errors(common):
    same = [0.90, 0.91, 0.92]
    assert common.agree(same, [0.91, 0.92, 0.93])["agree"]
    assert not common.agree(same, [0.95, 0.96, 0.97])["agree"]
    # sd 0.01 each, so the standard error of the difference is sqrt(2/3) of 0.01
    assert common.agree(same, same)["standard_error"] == pytest.approx(0.0082, abs=1e-4)


def test_a_void_row_never_reaches_its_goal(common, capsys):
    found = common.ratio([30.0] * 3, [1.0] * 3)
    assert common.tell("row", found, 20)["reached"]
    assert not common.tell("row", found, 40)["reached"]
    assert not common.tell("row", found, 20, valid=False)["reached"]
    words = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert words == ["reached", "missed", "void"]


def test_a_goal_in_seconds_is_the_most_and_none_is_never_reached(common, capsys):
    found = common.spread([3.0, 4.0, 5.0])
    assert common.tell("row", found, 4, unit=" s")["reached"]
    assert not common.tell("row", found, 3.9, unit=" s")["reached"]
    told = common.tell("row", found)
    assert (told["goal"], told["reached"], told["unit"]) == (None, False, "x")
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "row: 4 s (quartiles 3.5 to 4.5, n=3); goal 4 s reached"


def test_only_a_worse_accuracy_voids_a_peers_row(common):
    same = [0.90, 0.91, 0.92]
    better, worse = [0.95, 0.96, 0.97], [0.85, 0.86, 0.87]
    assert [common.agree(a, same)["no_worse"] for a in (same, better, worse)] == [1, 1, 0]


def test_seeds_are_timed_in_turns_and_scored_off_the_clock(common):
    seen = []

    def rival(name):
        def work(seed):
            seen.append((name, seed, torch.rand(()).item()))
            return lambda: seed / 10

        return work

    seconds, accuracy = common.seed_by_seed({name: rival(name) for name in "ab"}, 2)
    assert [entry[:2] for entry in seen] == [("a", 0), ("b", 0), ("b", 1), ("a", 1)]
    assert seen[0][2] == seen[1][2] != seen[2][2]  # all draw alike for one seed
    assert accuracy == {"a": [0.0, 0.1], "b": [0.0, 0.1]}
    assert [len(values) for values in seconds.values()] == [2, 2]


@pytest.mark.parametrize("groups", [1, 4])
def test_flops_count_every_pass_and_know_groups(common, groups):
    layer = nn.Conv2d(4, 8, 3, groups=groups, bias=False)
    x = torch.ones(2, 4, 10, 10, requires_grad=True)
    forward = 2 * (2 * 8 * 8 * 8) * (4 // groups) * 3 * 3  # per output: one product, one sum
    assert common.flops(lambda: layer(x)) == forward
    assert common.flops(lambda: layer(x).sum().backward()) == 3 * forward
    assert common.flops(lambda: layer(x.detach()).sum().backward()) == 2 * forward


def test_the_flops_of_training_grow_by_the_update(common):
    a, b = torch.ones(3, 5), torch.ones(5, 7)
    update = 2 * 3 * 5 * 7

    def train(updates):
        for _ in range(updates + 2):  # and two passes whatever the updates
            a @ b

    assert common.training_flops(train, 10) == 12 * update
    told = common.roofline("ours", 12 * update, 2.0, {"fp32_gflops": 1e-6, "copy_gbs": 1.0})
    assert told["share_of_fp32"] == pytest.approx(12 * update / 2 / 1e3, rel=1e-3)
    assert "share_of_bf16" not in told


def test_a_fresh_process_has_an_empty_cache_and_passes_on_what_it_prints(common, capsys):
    code = (
        "import os; print('shown'); print(os.environ['X'], os.listdir(os.environ['TLTEACH_HOME']))"
    )
    assert common.fresh(code, X="told") == "told []"
    assert capsys.readouterr().out == "shown\n"
    with pytest.raises(subprocess.CalledProcessError):
        common.fresh("raise SystemExit(3)")


def test_the_leanest_rival_takes_the_tutorials_steps(script):
    peers, model = script("peers"), nn.Linear(3, 2, bias=False)
    x, y = torch.eye(3), torch.tensor([0, 1, 0])
    weight = model.weight.detach().clone()
    residual = (x @ weight.T).softmax(1) - nn.functional.one_hot(y)
    peers.plain(model, x, y, 1)
    expected = weight - 8e-3 * residual.T @ x / 3  # 1e-3 at batch 4 is 8e-3 at batch 32
    torch.testing.assert_close(model.weight.detach(), expected)


def test_every_peer_runs_or_is_told_missing(script):
    here, missing = script("peers").present()
    assert {*here, *missing} == {"fastai", "skorch", "lightning", "keras"}
    assert set(missing.values()) <= {"not installed"}


def test_the_exponent_is_the_power(script):
    sizes = [2, 4, 8]
    assert script("growth").exponent(sizes, [0.3 * n**1.5 for n in sizes]) == pytest.approx(1.5)


def test_memory_taken_is_what_is_held_at_the_peak(common):
    held = "lambda: torch.ones(2**28, dtype=torch.uint8)"
    assert 200 < float(common.fresh(f"import memory, torch; print(memory.taken({held}))")) < 300
