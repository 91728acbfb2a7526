"""The tables of README.md and docs tell what was measured."""

import json
import shutil

import pytest

from tests.helpers.scripts import FOLDER


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
