"""The benchmarks' shared arithmetic, and a tiny real run of each script."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
PHOTOGRAPHS = FOLDER.parents[1] / "shared" / "data" / "hymenoptera"


@pytest.fixture
def script(monkeypatch):
    """Import a script by name; forget all of them afterwards."""
    monkeypatch.syspath_prepend(FOLDER)
    before = set(sys.modules)
    yield importlib.import_module
    for path in FOLDER.glob("*.py"):
        if path.stem not in before:
            sys.modules.pop(path.stem, None)


@pytest.fixture
def common(script):
    return script("common")


def run(script, *options):
    return subprocess.run(
        [sys.executable, FOLDER / script, "--quick", *options],
        capture_output=True,
        text=True,
        check=False,
    )


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


def test_the_table_tells_times_seconds_and_rows_without_a_goal(script):
    line = script("table").line
    row = {"median": 2.0, "q25": 1.5, "q75": 2.5, "n": 3, "valid": True, "reached": True}
    assert line("a", row | {"goal": 1.7}) == "| a | 2 (1.5 to 2.5) | 1.7 | reached |"
    seconds = row | {"goal": 1.7, "unit": "s", "reached": False}
    assert line("b", seconds) == "| b | 2 s (1.5 to 2.5) | at most 1.7 s | missed |"
    assert line("c", row | {"goal": None, "valid": False}) == "| c | 2 (1.5 to 2.5) |  | void |"


def test_the_table_holds_every_result_there_is(script):
    table = script("table")
    told = table.table()
    for path in (FOLDER / "results").glob("*.json"):
        if path.stem in table.ELSEWHERE:
            continue
        found = json.loads(path.read_text())
        assert path.stem in table.ORDER
        names = [*found.get("rows", {})] or ["270 probes, lbfgs"]
        assert all(f"| {name} |" in told for name in names)
    assert "Measured on " in told


def test_readme_tells_the_time_to_an_accuracy_once_it_is_measured(script, tmp_path):
    table = script("table")
    for path in (FOLDER / "results").glob("*.json"):
        if path.stem != "time_to_accuracy":
            shutil.copy(path, tmp_path)
    before = table.short(tmp_path).splitlines()
    row = {"q25": 2.0, "q75": 4.0, "aim": {"accuracy": 0.46}, "valid": True, "goal": 2.0}
    rows = {
        f"emoji, fine-tuned, to the accuracy of {peer}": row
        | {"median": median, "ours": {"seconds": {"median": 3.0}}}
        | {"peer": {"name": peer, "seconds": {"median": 3.0 * median}}}
        for peer, median in (("P1", 3.0), ("lightning", 2.5), ("fastai", 4.0))
    }
    rows["emoji, fine-tuned, to the accuracy of skorch"] = row | {"median": 0.1, "valid": False}
    machine = json.loads((tmp_path / "fine_tune.json").read_text())["machine"]
    found = {"machine": machine, "rows": rows}
    (tmp_path / "time_to_accuracy.json").write_text(json.dumps(found))
    after = table.short(tmp_path).splitlines()
    (new,) = set(after) - set(before)
    assert len(after) == len(before) == 12
    assert "| 3 s | Lightning: 7.5 s for 0.46 right | 2.5 (2 to 4) |" in new


def test_the_table_goes_between_its_markers_or_says_what_is_missing(script):
    table = script("table")
    text = f"above\n{table.START}\nold\n{table.END}\nbelow"
    once = table.written(text, "new")
    assert once == f"above\n{table.START}\n\nnew\n\n{table.END}\nbelow"
    assert table.written(once, "new") == once
    for bad in ("none", f"{table.END}{table.START}", text + text):
        with pytest.raises(ValueError, match="needs one line <!-- benchmarks -->"):
            table.written(bad, "new")


def test_the_page_on_intervals_tells_what_was_simulated(script):
    """The tables of docs/intervals.md are those of the stored results, which keep their promise."""
    intervals, written = script("intervals"), script("table").written
    found = json.loads((FOLDER / "results" / "intervals.json").read_text())
    page = intervals.PAGE.read_text()
    assert written(page, intervals.table(found), *intervals.MARKS) == page
    assert list(found["made"]) == [setting.name for setting in intervals.SETTINGS]
    made = [row["equal"] for row in found["made"].values()]
    two_way = [row["two-way"][0] for row in [*made, *found["real"].values()]]
    assert max(two_way) <= 6
    assert min(two_way) >= 3
    assert all(row["seeds alone"][1] <= row["two-way"][1] for row in made)


QUICK = {
    "extract": {"features, lite0 at 64 px, plain timm"},
    "fine_tune": {"fine-tuned at 64 px, P1"},
    "time_to_accuracy": {
        f"emoji, {ours}, to the accuracy of {peer}"
        for ours in ("frozen", "fine-tuned")
        for peer in ("P0", "P1")
    },
    "same_work": {"the same work at 64 px, P1"},
    "partial": {
        "last 3 stages tuned at 64 px",
        "last 3 stages tuned at 64 px, without cached maps",
    },
    "seeds": {"1 x small_cnn from scratch, seed after seed"},
    "cold_start": {"first curve, fresh process", "first curve, after warmup"},
    "widgets": {f"slider to pixels, overfitting, {when}" for when in ("idle", "beside a training")},
    "growth": {f"growth of seconds with {axis}, exponent" for axis in ("seeds", "shots", "tasks")},
    "trying": {f"a look of three models at a picture{part}" for part in ("", ", of the processor")},
    "halving": {"search by halving, updates of full trainings"},
    "memory": {"memory of features at 96 px, plain timm"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_each_runs_and_writes_its_rows_and_its_machine(name, tmp_path):
    if name == "widgets" and shutil.which("chromium") is None:
        pytest.skip("no Chromium here: widgets NOT measured")
    done = run(f"{name}.py", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    found = json.loads((tmp_path / f"{name}.json").read_text())
    assert QUICK[name] <= set(found["rows"])
    rows = [*found["rows"].values(), *found.get("laptop", {}).get("rows", {}).values()]
    for row in rows:
        assert {"median", "q25", "q75", "n", "unit", "goal", "valid", "reached"} <= set(row)
        assert np.isfinite(row["median"])
    assert {"processor", "cores", "date", "versions", "matrix_units"} <= set(found["machine"])
    if name in ("extract", "fine_tune"):
        assert found["laptop"]["machine"]["capability"] == "AVX2"
        assert found["laptop"]["machine"]["matrix_units"] == []


@pytest.mark.slow
def test_intervals_runs_and_repeats_itself(tmp_path):
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        done = run("intervals.py", "--out", folder)
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        found.append(json.loads((folder / "intervals.json").read_text()))
        del found[-1]["machine"]
    assert found[0] == found[1]
    assert {"made", "real", "normal"} <= set(found[0])


@pytest.mark.slow
def test_probe_runs_and_writes_its_machine_times_and_losses(tmp_path):
    done = run("probe.py", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "probe.json").read_text())
    assert found["problems"] == 2 * 2 * 4
    for name in ("lbfgs", "fastest solver", "fastest way"):
        assert found[name]["valid"]
        assert found[name]["largest_difference"] <= 1e-4
    assert {"processor", "cores", "date", "versions"} <= set(found["machine"])
    assert found["seconds"]["ours"]["median"] > 0


@pytest.mark.skipif(PHOTOGRAPHS.exists(), reason="the photographs are here")
def test_three_regimes_says_what_it_misses():
    done = run("three_regimes.py")
    assert done.returncode == 1
    assert "no photographs in shared/data/hymenoptera" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not PHOTOGRAPHS.exists(), reason="needs the photographs of ants and bees")
def test_three_regimes_runs_and_says_what_was_scaled(tmp_path):
    done = run("three_regimes.py", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "three_regimes.json").read_text())
    assert len(found["rows"]) == 5
    assert found["rivals"]["P0 frozen"]["scaled_to"] == 25
    assert len(found["rivals"]["ours frozen, own recipe"]["accuracy"]) == 2
