"""The demo end to end with a small plan: what it prints, writes and resumes."""

import re

import pandas as pd
import pytest

from tlteach.app.demo import FULL, QUICK, TASKS, Plan, demo

TINY = Plan(shots=3, ladder=(2,), seeds=2, search="smoke", updates=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def results(folder):
    return demo(folder, TINY)


def test_plans_never_go_below_five_seeds():
    assert min(QUICK.seeds, FULL.seeds) >= 5
    assert FULL.seeds > QUICK.seeds


@pytest.mark.slow
def test_every_regime_and_baseline_is_measured_on_both_tasks(results):
    rows = results.query(f"split == 'test' and metric == 'accuracy' and shots == {TINY.shots}")
    counts = rows.groupby(["task", "regime"])["seed"].nunique()
    wanted = ["scratch", "frozen", "fine_tune", "majority", "raw_pixels", "frozen_random"]
    assert set(counts.index) == {(task, regime) for task in TASKS for regime in wanted}
    assert set(counts) == {TINY.seeds}


@pytest.mark.slow
def test_files_are_complete(folder, results):
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "results.parquet"), results)
    report = (folder / "report.html").read_text()
    assert report.count("<h2") == len(TASKS)
    assert not re.search(r'(src|href)="(?!data:)', report)  # nothing is fetched
    assert (folder / "contrast.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_second_run_repeats_nothing_and_says_the_same(folder, results, capsys):
    again = demo(folder, TINY)
    pd.testing.assert_frame_equal(again, results)  # seconds too: no run was repeated
    told = capsys.readouterr().out
    for task in TASKS:
        assert f"{task}: " in told
    for sentence in ("frozen_random", "against scratch", "labels per class to match scratch"):
        assert sentence in told
