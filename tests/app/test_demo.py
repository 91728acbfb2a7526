"""The demo end to end with a small plan: what it prints, writes and resumes."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from tlteach.app.demo import FULL, PARTS, QUICK, TASKS, USUAL, Plan, demo, lead

SMALL = tuple(replace(part, shots=3, size=64) for part in PARTS)
TINY = Plan(parts=SMALL, ladder=(2, 40), seeds=2, search="smoke", updates=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def results(folder):
    return demo(folder, TINY)


def made_up(frozen, scratch):
    rows = [
        {"task": "photos", "split": "test", "metric": "accuracy", "shots": shots}
        | {"regime": regime, "seed": seed, "value": value}
        for regime, values in (("frozen", frozen), ("scratch", scratch))
        for seed, value in enumerate(values)
        for shots in (PARTS[0].shots, 99)
    ]
    return pd.DataFrame(rows)


def test_plans_never_go_below_five_seeds():
    assert min(QUICK.seeds, FULL.seeds) >= 5
    assert FULL.seeds > QUICK.seeds


def test_photographs_come_first():
    assert TASKS == ("photos", "emoji", "digits")
    assert tuple(part.task for part in FULL.parts) == TASKS
    assert all("--full" not in part.about for part in FULL.parts)


@pytest.mark.parametrize(
    ("frozen", "scratch", "told"),
    [
        ([0.65, 0.66, 0.67, 0.66, 0.66], [0.29, 0.28, 0.30, 0.29, 0.29],
         "names 66 of 100 new ones right; the same labels from scratch: 29 of 100."),
        ([0.29, 0.28, 0.30, 0.29, 0.29], [0.65, 0.66, 0.67, 0.66, 0.66],
         "names 29 of 100 new ones right, fewer than one that starts from scratch: 66 of 100."),
        ([0.5, 0.7, 0.6, 0.6, 0.6], [0.7, 0.5, 0.6, 0.6, 0.6],
         "names 60 of 100 new ones right, one that starts from scratch 60 of 100: 5 seeds cannot "
         "tell them apart."),
    ],
)  # fmt: skip
def test_the_sentence_says_what_came_out(frozen, scratch, told):
    start = "With 5 labelled photographs per class, a network that starts from ImageNet "
    assert lead(made_up(frozen, scratch), PARTS[0]) == start + told


@pytest.mark.slow
def test_every_regime_and_baseline_is_measured_on_every_task(results):
    rows = results.query("split == 'test' and metric == 'accuracy' and shots == 3")
    counts = rows.groupby(["task", "regime"])["seed"].nunique()
    aside = ["majority", "raw_pixels", "frozen_random"]
    wanted = {(part.task, regime) for part in PARTS for regime in [*part.regimes, *aside]}
    assert set(counts.index) == wanted
    assert set(counts) == {TINY.seeds}


@pytest.mark.slow
def test_the_ladder_goes_as_far_as_the_images(results):
    shots = results[results["regime"] == "frozen"].groupby("task")["shots"].unique()
    assert {task: set(tried) for task, tried in shots.items()} == {
        "photos": {2, 3}, "emoji": {2, 3, 40}, "digits": {2, 3, 40},
    }  # fmt: skip


@pytest.mark.slow
def test_files_are_complete(folder, results):
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "results.parquet"), results)
    report = (folder / "report.html").read_text()
    assert report.count("<h2") == len(TASKS) + 1  # and licences and notes
    assert not re.search(r'(src|href)="(?!data:)', report)  # nothing is fetched
    sentence = lead(results[results["task"] == "photos"], TINY.parts[0])
    assert sentence in report
    assert report.index(sentence) < report.index("Each image and its answers") < report.index("<h2")
    for licence in ("GPL-2.0-or-later", "CC BY 4.0", "Apache-2.0"):
        assert report.index("Licences and notes") < report.index(licence)
    assert (folder / "contrast.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_second_run_repeats_nothing_and_says_the_same(folder, results, capsys):
    again = demo(folder, TINY)
    pd.testing.assert_frame_equal(again, results)  # seconds too: no run was repeated
    told = capsys.readouterr().out
    for task in TASKS:
        assert f"{task}: " in told
    for sentence in (
        USUAL,
        "frozen_random",
        "against scratch",
        "labels per class to match scratch",
    ):
        assert sentence in told
    assert told.index("of 100 new ones right") > told.index("digits: ")  # the last word
