"""The store of results: what is written at once, resumed, merged and refused."""

import json
import multiprocessing
import random
import time

import pandas as pd
import pytest
from pyarrow import parquet

from tlteach.base import DamagedError, read_sealed, write_sealed
from tlteach.base.sealed import SEAL
from tlteach.experiment import COLUMNS
from tlteach.experiment.results import RUN, Store


def rows(config, shots, seed, **changes):
    plain = {
        "task": "digits", "source": "none", "backbone": "small_cnn", "regime": "scratch",
        "shots": shots, "seed": seed, "split": "test", "value": 0.5,
        "updates": 3, "images": 24, "seconds": 0.1 + 0.2, "config": config,
    }  # fmt: skip
    return [plain | {"metric": metric} | changes for metric in ("log_loss", "accuracy")]


def test_columns_are_those_of_the_design():
    assert " ".join(COLUMNS) == (
        "task source backbone regime shots seed split metric value updates images seconds config "
        "right groups classes resplit"
    )
    assert set(RUN) <= set(COLUMNS)


def test_in_memory_the_table_has_a_fixed_order_whatever_came_first():
    runs = [rows("a", 5, 0), rows("a", 5, 1), rows("a", 20, 0), rows("b", 5, 0, regime="frozen")]
    tables = []
    for order in (runs, runs[::-1], [runs[i][::-1] for i in (2, 0, 3, 1)]):
        store = Store(None)
        for run in order:
            store.add(run)
        tables.append(store.table())
    for table in tables:
        pd.testing.assert_frame_equal(table, tables[0])
    assert list(tables[0].columns) == COLUMNS
    assert tables[0]["regime"].tolist() == ["frozen"] * 2 + ["scratch"] * 6
    assert tables[0]["shots"].tolist() == [5] * 6 + [20] * 2
    assert tables[0]["metric"].tolist() == ["accuracy", "log_loss"] * 4


def test_a_part_is_on_disk_as_soon_as_its_run_is_done(tmp_path):
    path = tmp_path / "sweep.parquet"
    store = Store(path)
    store.add(rows("a", 5, 0))
    store.add(rows("a", 5, 1))
    assert not path.exists()
    parts = sorted(part.name for part in (tmp_path / "sweep.parts").iterdir())
    assert parts == ["a-5-0.parquet", "a-5-1.parquet"]  # and no temporary file


def test_another_store_takes_up_the_parts_and_the_merged_file(tmp_path):
    path = tmp_path / "sweep.parquet"
    store = Store(path)
    store.add(rows("a", 5, 0))
    store.finish({})
    store = Store(path)
    store.add(rows("a", 5, 1))
    resumed = Store(path)
    assert resumed.done == {("a", 5, 0), ("a", 5, 1)}
    pd.testing.assert_frame_equal(resumed.table(), store.table(), check_exact=True)


def test_a_kill_between_merging_and_removing_parts_doubles_nothing(tmp_path):
    path = tmp_path / "sweep.parquet"
    store = Store(path)
    store.add(rows("a", 5, 0))
    part = tmp_path / "sweep.parts" / "a-5-0.parquet"
    kept = part.read_bytes()
    store.finish({})
    part.parent.mkdir()
    part.write_bytes(kept)
    resumed = Store(path)
    assert len(resumed.table()) == 2
    resumed.finish({})
    assert not part.parent.exists()


def test_a_half_written_part_is_not_read(tmp_path):
    path = tmp_path / "sweep.parquet"
    store = Store(path)
    store.add(rows("a", 5, 0))
    half = tmp_path / "sweep.parts" / ".a-5-1.0123456789abcdef.parquet"  # as atomic_write names it
    half.write_bytes(b"PAR1 cut")
    beside = [tmp_path / f".sweep.0123456789abcdef.{end}" for end in ("parquet", "json")]
    for one in beside:
        one.write_bytes(b"")
    resumed = Store(path)
    assert not any(one.exists() for one in (half, *beside))
    assert resumed.done == {("a", 5, 0)}
    resumed.finish({})
    assert pd.read_parquet(path).equals(store.table())


def test_finish_writes_one_table_and_its_provenance(tmp_path):
    path = tmp_path / "deep" / "sweep.parquet"
    store = Store(path)
    store.add(rows("a", 5, 0))
    store.finish({"versions": {"torch": "2"}})
    names = [".sweep.lock", "sweep.json", "sweep.parquet"]
    assert sorted(file.name for file in path.parent.iterdir()) == names
    pd.testing.assert_frame_equal(pd.read_parquet(path), store.table(), check_exact=True)
    assert json.loads((path.parent / "sweep.json").read_text()) == {"versions": {"torch": "2"}}


def test_a_table_may_be_asked_for_some_runs_only():
    store = Store(None)
    for seed in range(3):
        store.add(rows("a", 5, seed))
    assert set(store.table({("a", 5, 1), ("a", 5, 2), ("b", 5, 0)})["seed"]) == {1, 2}
    assert store.table(set()).empty
    assert list(store.table(set()).columns) == COLUMNS


def test_an_empty_store_has_an_empty_table(tmp_path):
    store = Store(tmp_path / "none.parquet")
    assert store.done == set()
    assert store.table().empty
    Store(None).finish({})  # nothing to write


def test_a_file_with_other_columns_is_refused_and_kept(tmp_path):
    path = tmp_path / "mine.parquet"
    pd.DataFrame({"task": ["digits"], "score": [1.0]}).to_parquet(path)
    kept = path.read_bytes()
    with pytest.raises(ValueError, match=r"mine\.parquet was not written by tlteach.*another out="):
        Store(path)
    assert path.read_bytes() == kept
    write_sealed(pd.read_parquet(path), path)
    with pytest.raises(ValueError, match=r"mine\.parquet must hold .*; missing: source, backbone"):
        Store(path)


def write(name, path):
    store = Store(path)
    for seed in range(3):
        store.add(rows(name, 5, seed))
        time.sleep(0.02)
    store.finish({"configs": {name: {}}})


def test_ten_writers_at_once_lose_nothing(tmp_path):
    path = tmp_path / "class.parquet"
    names = [f"learner{i}" for i in range(10)]
    processes = multiprocessing.get_context("forkserver")  # which imports torch once
    processes.set_forkserver_preload([__name__])
    children = [processes.Process(target=write, args=(name, path)) for name in names]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 10
    whole = pd.read_parquet(path)
    assert whole.groupby(RUN).ngroups == 30
    assert len(whole) == 60
    assert set(json.loads(path.with_suffix(".json").read_text())["configs"]) == set(names)
    assert not path.with_suffix(".parts").exists()


def test_what_others_wrote_meanwhile_is_merged_and_their_later_parts_stay(tmp_path):
    path = tmp_path / "sweep.parquet"
    ours, theirs = Store(path), Store(path)
    ours.add(rows("a", 5, 0))
    theirs.add(rows("b", 5, 0))
    ours.finish({"configs": {"a": {}}})
    theirs.add(rows("b", 5, 1))  # the folder of parts is gone meanwhile
    assert Store(path).done == {("a", 5, 0), ("b", 5, 0), ("b", 5, 1)}
    theirs.finish({"configs": {"b": {}}})
    assert pd.read_parquet(path).groupby(RUN).ngroups == 3
    assert set(json.loads(path.with_suffix(".json").read_text())["configs"]) == {"a", "b"}


def test_any_flipped_bit_is_noticed(tmp_path):
    path = tmp_path / "sweep.parquet"
    store = Store(path)
    for seed in range(3):
        store.add(rows("a", 5, seed, value=0.1 + seed))
    store.finish({})
    whole, table = path.read_bytes(), store.table()
    draw = random.Random(0)
    noticed = 0
    for _ in range(100):
        damaged = bytearray(whole)
        damaged[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            read = read_sealed(path)
        except DamagedError:
            noticed += 1
        else:  # a bit that means nothing, as in a name of the writer
            pd.testing.assert_frame_equal(read, table, check_exact=True)
    assert noticed > 50


def test_a_value_written_by_hand_is_refused_and_kept(tmp_path):
    path = tmp_path / "sweep.parquet"
    store = Store(path)
    store.add(rows("a", 5, 0))
    store.finish({})
    better = pd.read_parquet(path).assign(value=0.99)
    better.to_parquet(path, index=False)
    with pytest.raises(ValueError, match=r"sweep\.parquet was not .*changed since; move it away"):
        Store(path)
    table = parquet.read_table(path)  # with the hash of what was there
    seal = {SEAL: b"0" * 64}
    parquet.write_table(table.replace_schema_metadata(table.schema.metadata | seal), path)
    with pytest.raises(ValueError, match=r"sweep\.parquet is damaged or was changed: its values"):
        Store(path)
    assert pd.read_parquet(path)["value"].tolist() == [0.99, 0.99]


@pytest.mark.parametrize("damage", [b"", b"PAR1 nonsense PAR1", None])
def test_a_damaged_part_is_told_and_its_run_repeated(tmp_path, damage):
    path = tmp_path / "sweep.parquet"
    store = Store(path)
    store.add(rows("a", 5, 0))
    store.add(rows("a", 5, 1))
    part = tmp_path / "sweep.parts" / "a-5-0.parquet"
    part.write_bytes(part.read_bytes()[:-9] if damage is None else damage)
    with pytest.warns(UserWarning, match=r"a-5-0\.parquet is damaged: .*; its run is repeated"):
        resumed = Store(path)
    assert resumed.done == {("a", 5, 1)}


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"configs": 3}'])
def test_a_damaged_file_of_settings_costs_no_row(tmp_path, damage):
    path = tmp_path / "sweep.parquet"
    store = Store(path)
    store.add(rows("a", 5, 0))
    path.with_suffix(".json").write_text(damage)
    with pytest.warns(UserWarning, match=r"sweep\.json is damaged, and is .*\.damaged now"):
        store.finish({"configs": {"a": {}}})
    assert json.loads(path.with_suffix(".json").read_text()) == {"configs": {"a": {}}}
    assert path.with_suffix(".json.damaged").read_text() == damage
    assert Store(path).done == {("a", 5, 0)}


def test_a_place_that_cannot_be_written_is_told_before_anything_runs(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ValueError, match=r"out must be a file that can be written; got .*out\.par"):
        Store(tmp_path / "file" / "out.parquet")
