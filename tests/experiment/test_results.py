"""The store of results: what is written at once, resumed, merged and refused."""

import json

import pandas as pd
import pytest

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
    resumed = Store(path)
    assert resumed.done == {("a", 5, 0)}
    resumed.finish({})
    assert pd.read_parquet(path).equals(store.table())


def test_finish_writes_one_table_and_its_provenance(tmp_path):
    path = tmp_path / "deep" / "sweep.parquet"
    store = Store(path)
    store.add(rows("a", 5, 0))
    store.finish({"versions": {"torch": "2"}})
    assert sorted(file.name for file in path.parent.iterdir()) == ["sweep.json", "sweep.parquet"]
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
    with pytest.raises(ValueError, match=r"mine\.parquet must hold .*; missing: source, backbone"):
        Store(path)
    assert path.read_bytes() == kept
