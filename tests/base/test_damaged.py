"""Whatever of our own files is damaged: one sentence says which, what is wrong and what to do."""

import json
import os
import shutil

import pandas as pd
import pytest

import tlteach as tlt
from tlteach import atlas
from tlteach.atlas import store
from tlteach.base import DamagedError, read_json, read_sealed, read_sums, write_sealed
from tlteach.base.whole import atomic_write, left_over
from tlteach.data import shipped_data
from tlteach.models.small import load_small
from tlteach.training.pretrain import _add_card

DAMAGES = [b"", b"{", b"[]", b"3", b"\xff\xfe", b"[" * 100_000, b'{"a": 3}', b'{"a": {}}']


def copied(name, tmp_path, *, but=".parquet"):
    folder = tmp_path / name
    left_out = shutil.ignore_patterns(f"*{but}")
    return shutil.copytree(shipped_data() / name, folder, ignore=left_out)


@pytest.mark.parametrize("damage", DAMAGES)
def test_cards_of_weights(tmp_path, damage):
    folder = copied("weights", tmp_path, but=".safetensors")
    (folder / "cards.json").write_bytes(damage)
    says = r"cards\.json is damaged: .*; install tlteach again, or train"
    with pytest.raises(DamagedError, match=says):
        load_small("glyphs", folder=folder)
    with pytest.raises(DamagedError, match=says):
        _add_card(folder, {"file": "a.safetensors"})
    assert (folder / "cards.json").read_bytes() == damage


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_describes_a_folder_of_timm(tmp_path, damage):
    (tmp_path / "config.json").write_bytes(damage)
    with pytest.raises(ValueError, match=r"config\.json (is damaged: .*; save|in .*)"):
        tlt.load_backbone(f"timm:local-dir:{tmp_path}")


@pytest.mark.parametrize("damage", [*DAMAGES, None])
def test_the_hashes_of_the_atlas(tmp_path, damage):
    (tmp_path / "sizes.parquet").write_bytes(b"")
    if damage is not None:
        (tmp_path / "SHA256").write_bytes(damage)
    with pytest.raises(DamagedError, match=r"SHA256 in .* does not name sizes\.parquet; install"):
        atlas.load("sizes", folder=tmp_path)


@pytest.mark.parametrize("damage", [b"", b"PAR1", None])
def test_a_damaged_piece_of_the_atlas_is_computed_again(tmp_path, damage):
    path = tmp_path / "piece.parquet"
    assert not store._is_whole(path)
    write_sealed(pd.DataFrame({"value": [0.5]}), path)
    assert not store._is_whole(path)  # without its seconds it is not done
    path.with_suffix(".seconds").write_text("1.5")
    assert store._is_whole(path)
    if damage is None:
        pd.DataFrame({"value": [0.99]}).to_parquet(path)
    else:
        path.write_bytes(damage)
    assert not store._is_whole(path)


def test_a_mapping_is_read_as_it_is(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"ä": [1, None]}), encoding="utf-8")
    assert read_json(path, advice="") == {"ä": [1, None]}
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "b.json", advice="")
    (tmp_path / "SHA256").write_bytes(b"00  a b\n11 c\n\xff\n22  d\n")
    assert read_sums(tmp_path / "SHA256") == {"c": "11", "d": "22"}


def test_a_sealed_table_comes_back_as_it_was(tmp_path):
    table = pd.DataFrame(
        {"text": ["a", "ä"], "n": [1, 2], "x": [0.1 + 0.2, float("nan")], "b": [b"\x00", None]}
    )
    table["nothing"] = pd.Series([None, None], dtype=object)
    path = tmp_path / "a.parquet"
    write_sealed(table, path)
    pd.testing.assert_frame_equal(read_sealed(path), table, check_exact=True)
    pd.testing.assert_frame_equal(pd.read_parquet(path), table, check_exact=True)
    write_sealed(table[:0], path)
    assert read_sealed(path).empty
    assert os.listdir(tmp_path) == ["a.parquet"]


def test_only_what_a_write_of_this_file_left_is_left_over(tmp_path):
    path = tmp_path / "a.txt"
    others = [".a.txt", ".a.0123456789abcdef.json", ".ab.0123456789abcdef.txt", ".a.lock"]
    for name in (*others, ".a.0123456789abcdef.txt"):
        (tmp_path / name).touch()
    assert [one.name for one in left_over(path)] == [".a.0123456789abcdef.txt"]
    with atomic_write(path, lasting=True) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"
