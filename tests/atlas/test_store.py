"""The atlas: what ships is whole, makes itself again, and says no more than its rows do."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tlteach import atlas
from tlteach.atlas import PARTS, claims, store
from tlteach.atlas.card import describe
from tlteach.atlas.claims import Claim
from tlteach.atlas.curves import POINTS
from tlteach.atlas.plan import LAYER_SHOTS, PAIRS, PROGRESS_SHOTS, SEEDS, TUNED_SEEDS
from tlteach.atlas.shifted import moved
from tlteach.base import rounding
from tlteach.data import shipped_data
from tlteach.measures import verdict

FOLDER = shipped_data() / "atlas"
PROVENANCE = json.loads((FOLDER / "provenance.json").read_text())
SHIPPED = [part for part in PARTS if (FOLDER / f"{part}.parquet").exists()]


@pytest.fixture(scope="module")
def tables():
    return {part: atlas.load(part) for part in SHIPPED}


def test_it_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 10e6


def test_curves_hold_every_setting_and_moment(tables):
    rows = tables["overfitting"]
    settings = ["watched", "shots", "width", "regime", "augment", "weight_decay", "seed"]
    sizes = rows.groupby(settings).size()
    assert len(sizes) == (4 * 4 * 2 * 2 + 2) * len(SEEDS)
    assert set(sizes) == {20 * 2 * 2}  # moments, splits, metrics


def test_mismatch_holds_every_severity_and_way(tables):
    rows = tables["mismatch"]
    rows = rows[rows["metric"] == "accuracy"]
    for (_, regime, _), group in rows.groupby(["task", "regime", "dial"]):
        ways = {"none", "statistics", "labels"} | ({"coral"} if regime == "frozen" else set())
        keys = group.set_index(["severity", "adaptation", "seed"]).index
        assert keys.is_unique
        assert len(keys) == 6 * len(ways) * len(SEEDS)
    assert set(rows["dial"]) >= {"style", "grey", "noise", "rotation", "inversion"}


def test_distances_stand_beside_every_dial(tables):
    rows = tables["mismatch"]
    frozen = rows[rows["regime"] == "frozen"]
    places = {}
    for metric, group in frozen[frozen["metric"].isin(["mmd", "a_distance"])].groupby("metric"):
        places[metric] = set(zip(group["task"], group["dial"], group["severity"], strict=True))
    assert places["mmd"] == places["a_distance"]
    assert places["mmd"] == set(
        zip(frozen["task"], frozen["dial"], frozen["severity"], strict=True)
    )


def test_all_seeds_of_an_arm_are_one_configuration(tables):
    known = {part: rows for part, rows in tables.items() if "config" in rows}
    assert len(known) >= 6
    for part, rows in known.items():
        arm = [name for name in store.ARM if name in rows]
        found = rows.groupby(arm, dropna=False)["config"].nunique()
        by_seed = rows.groupby([*arm, "seed"], dropna=False)["config"].nunique()
        # majority and raw pixels of digits and emoji, which two entries of the plan ran
        assert (found == by_seed.groupby(arm, dropna=False).max()).all(), part
        assert set(found[found > 1].index.get_level_values("backbone")) <= {"none"}
        stored = pd.read_parquet(FOLDER / f"{part}.parquet")
        assert rows["config"].isin(stored["config"]).all()
        assert rows.drop(columns="config").equals(stored.drop(columns="config"))


def test_seeds_that_start_from_pretrainings_of_their_own_have_a_verdict(tables):
    rows = tables["transfer"].query("task == 'digits' and shots == 5")
    rows = rows[rows["backbone"].isin(["small:glyphs", "resnet8"])]
    stored = pd.read_parquet(FOLDER / "transfer.parquet").loc[rows.index]
    with pytest.raises(ValueError, match="all seeds must have one configuration"):
        verdict(stored, "fine_tune", "scratch")
    assert verdict(rows, "fine_tune", "scratch").n == len(SEEDS)


def test_layers_hold_every_number_of_stages(tables):
    rows = tables["layers"]
    rows = rows[rows["metric"] == "accuracy"]
    keys = rows.set_index(["task", "shots", "regime", "split", "seed"]).index
    assert keys.is_unique
    stages = {"frozen", "partial_1", "partial_2", "partial_3", "fine_tune"}
    assert set(rows["regime"]) == stages
    tested = rows[rows["split"] == "test"]
    assert len(tested) == len(PAIRS) * len(LAYER_SHOTS) * len(stages) * len(TUNED_SEEDS)


def test_progress_follows_every_regime_to_its_end(tables):
    rows = tables["progress"]
    assert not rows.duplicated(["task", "shots", "regime", "seed", "step"]).any()
    sizes = rows.groupby(["task", "shots", "regime", "seed"]).size()
    assert len(sizes) == len(PAIRS) * len(PROGRESS_SHOTS) * 3 * len(SEEDS)
    solved = sizes.index.get_level_values("regime") == "frozen"
    assert set(sizes[solved]) == {1}
    assert set(sizes[~solved]) == {POINTS}


def test_at_severity_0_no_dial_changes_a_thing(tables):
    rows = tables["mismatch"]
    still = rows[
        (rows["severity"] == 0) & (rows["adaptation"] == "none") & (rows["dial"] != "style")
    ]
    keys = ["task", "regime", "seed", "metric"]
    assert (still.groupby(keys)["value"].nunique() == 1).all()


def test_the_card_is_what_the_rows_say(tables):
    provenance = json.loads((FOLDER / "provenance.json").read_text())
    assert (FOLDER / "README.md").read_text() == describe(tables, provenance)
    for part in SHIPPED:
        assert provenance[part]["entries"] == len(list(PARTS[part]()))
        assert provenance[part]["rows"] == len(tables[part])


def test_one_claim_of_the_field_fails_and_the_card_says_so(tables):
    # the others hold at ten seeds, or the card says "cannot tell" with its interval
    found = claims(tables)
    assert {claim.id for claim in found} >= {"A5", "A8", "A9"}
    assert all(len(claim.values) == len(SEEDS) for claim in found)
    (fails,) = [claim for claim in found if claim.word == "fails"]
    assert fails.text.startswith("the gap of frozen from ImageNet-1k over scratch closes on emoji")
    assert fails.row in (FOLDER / "README.md").read_text()


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ((0.1, 0.11, 0.12, 0.1, 0.1), "holds"),
        ((-0.1, -0.11, -0.12, -0.1, -0.1), "fails"),
        ((0.1, -0.11, 0.12, -0.1, 0.1), "cannot tell"),
        ((0.1, 0.11, 0.12, 0.1), ""),
        ((0.1, 0.1, 0.1, 0.1, 0.1), ""),
    ],
)
def test_a_claim_needs_its_interval_inside(values, word):
    assert Claim("X", "more than nothing", values, low=0.0).word == word


@pytest.mark.parametrize(("shift", "word"), [(0.3, "holds"), (0.0, "cannot tell"), (-0.3, "fails")])
def test_a_claim_by_image_follows_both(shift, word):
    random = np.random.default_rng(0)
    answers = random.normal(shift, 0.3, (10, 50)) + random.normal(0, 0.3, 50)
    claim = Claim.by_image("X", "more than nothing", (answers, np.arange(50)), low=0.0)
    assert claim.word == word
    assert claim.ends == pytest.approx((claim.both.mean, claim.both.low, claim.both.high))
    assert "| seeds and images |" in claim.row
    alone = Claim("X", "more than nothing", claim.values, low=0.0)
    assert claim.ends[2] - claim.ends[1] > alone.ends[2] - alone.ends[1]


def test_a_claim_without_a_word_says_why():
    row = Claim("X", "more than nothing", (-1.0,) * 5, high=-0.9).row
    assert row == (
        "| X | more than nothing | -1.000 (no interval) | seeds | no word: all seeds have the same "
        "value, which is no certainty about others |"
    )


@pytest.mark.slow
def test_random_rows_come_out_again():
    stepped = {"statistics", "overfitting", "memorised", "sizes"}  # by gradient steps alone
    built_on = {part: made["machine"].get("rounding") for part, made in PROVENANCE.items()}
    elsewhere = {part for part in stepped if built_on[part] != rounding()}
    parts = set(SHIPPED) - elsewhere
    table = atlas.check(len(parts), seed=1, seconds=8)  # a row of each
    assert set(table["part"]) == parts
    assert table["ok"].all(), table.to_string()
    assert table["what"].str.len().max() < 90


def test_a_changed_file_is_refused(tmp_path):
    path = tmp_path / "scores.parquet"
    path.write_bytes((FOLDER / "scores.parquet").read_bytes() + b"\0")
    (tmp_path / "SHA256").write_text((FOLDER / "SHA256").read_text())
    with pytest.raises(ValueError, match=r"scores\.parquet is not the expected file"):
        atlas.load("scores", folder=tmp_path)
    with pytest.raises(FileNotFoundError, match="the part 'mismatch' of the atlas is not built"):
        atlas.load("mismatch", folder=tmp_path)
    with pytest.raises(ValueError, match=r"part must be one of 'transfer'.*got 'maps'"):
        atlas.load("maps")


def test_a_dial_moves_what_is_tested_and_not_what_is_learnt():
    clean, far = moved("fashion_5_9", "noise", 0), moved("fashion_5_9", "noise", 4)
    assert clean.train.fingerprint == far.train.fingerprint
    assert clean.test.fingerprint != far.test.fingerprint
    assert moved("emoji_noto", "style", 5).domains == ("clean", "style 5")


def test_pieces_of_another_plan_lie_elsewhere(tmp_path, monkeypatch):
    for path in Path(store.__file__).parent.glob("*.py"):
        shutil.copy(path, tmp_path)
    ours = store._plan_id()
    monkeypatch.setattr(store, "__file__", str(tmp_path / "store.py"))
    assert store._plan_id() == ours
    with (tmp_path / "runs.py").open("a") as file:
        file.write("# another plan")
    assert store._plan_id() != ours


BUILD = """
import sys
from tlteach.atlas import store
wanted = [e for e in store.PARTS["scores"]() if e.name.startswith("digits-")][:3]
store.PARTS = {"scores": lambda: iter(wanted)}
store.build(["scores"], out=sys.argv[1], work=sys.argv[2], n_jobs=1, progress=False)
"""


@pytest.mark.slow
def test_a_killed_build_goes_on_where_it_was(tmp_path, tables):
    out, work = tmp_path / "out", tmp_path / "work"
    command = [sys.executable, "-c", BUILD, str(out), str(work)]
    child = subprocess.Popen(command)
    first = work / "scores" / "digits-glyphs.parquet"
    deadline = time.monotonic() + 120
    while not first.exists():
        assert child.poll() is None, "the build ended before it could be killed"
        assert time.monotonic() < deadline, "the build never got there"
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert not (out / "scores.parquet").exists()
    written = first.stat().st_mtime_ns
    subprocess.run(command, check=True)
    assert first.stat().st_mtime_ns == written
    built, shipped = atlas.load("scores", folder=out), tables["scores"]
    keys = ["task", "backbone", "method", "seed"]
    assert not built.duplicated(keys).any()
    both = built.merge(shipped, on=keys, suffixes=("", "_shipped"))
    assert len(both) == len(built) == 3 * len(SEEDS) * built["method"].nunique()
    told = both["refused"] == ""
    assert np.allclose(both.loc[told, "value"], both.loc[told, "value_shipped"], atol=0.05)
