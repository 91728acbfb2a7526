"""PatchCamelyon: splits, labels and size, and what is said of other files."""

import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import tlteach as tlt
from tests.helpers.pathology import SIZES, alone, h5_files
from tlteach.base import adding
from tlteach.data.medical import pcam
from tlteach.data.medical_files import PCAM


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    alone(monkeypatch, tmp_path)


class TestPcam:
    def test_splits_labels_and_size(self, tmp_path):
        task = tlt.load_task("pcam", root=h5_files(tmp_path / "data"))
        assert task.classes == ("normal", "tumour")
        assert [len(s) for s in (task.train, task.val, task.test)] == [*SIZES.values()]
        assert task.test.images.shape[1:] == (3, 64, 64)
        shades = task.train.images[:, 0, 0, 0]
        assert shades.equal(torch.arange(40, dtype=torch.uint8))  # a flat image stays what it is
        assert task.train.labels.equal(torch.arange(40) % 2)
        assert task.val.index.tolist() == list(range(40, 50))
        assert task.card.licence == "CC0"

    def test_files_in_the_layout_of_torchvision_are_found(self, tmp_path):
        h5_files(tmp_path / "data" / "pcam")
        assert len(tlt.load_task("pcam", root=tmp_path / "data").test) == SIZES["test"]

    def test_a_cap_keeps_the_first_of_a_fixed_order(self, tmp_path):
        folder = h5_files(tmp_path / "data")
        few, more = (pcam("pcam", folder, most={"train": n, "val": 5, "test": 5}) for n in (8, 20))
        assert (len(few.train), len(few.val), len(few.test)) == (8, 5, 5)
        assert set(few.train.index.tolist()) < set(more.train.index.tolist())
        assert few.train.images[:, 0, 0, 0].tolist() == few.train.index.tolist()
        assert few.train.labels.equal(few.train.index % 2)
        assert "Kept: 8 train, 5 val, 5 test" in few.card.text
        with pytest.raises(ValueError, match=r"most\['val'\] must be at least 1; got 0"):
            pcam("pcam", folder, most={"train": 1, "val": 0, "test": 1})

    def test_shrinking_is_that_of_torchvision(self, tmp_path):
        from torchvision.transforms.v2.functional import resize

        images = np.random.default_rng(0).integers(0, 256, (12, 96, 96, 3), dtype=np.uint8)
        task = tlt.load_task("pcam", root=h5_files(tmp_path / "data", test_x=images))
        wanted = resize(torch.from_numpy(images).permute(0, 3, 1, 2), [64, 64], antialias=True)
        assert (task.test.images.int() - wanted.int()).abs().max() <= 1

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            (
                {"test_x": np.zeros((12, 64, 64, 3), np.uint8)},
                r"test_x\.h5: images must be uint8 of shape \(n, 96, 96, 3\); got uint8 .*64, 64",
            ),
            ({"valid_y": np.full((10, 1, 1, 1), 2)}, r"largest label must be .* 0 and 1; got 2"),
            ({"valid_y": np.zeros((9, 1, 1, 1), int)}, r"same length; .* 10, labels 9"),
            ({"train_y": np.zeros((40, 1, 1, 1))}, r"whole numbers, .* got float64"),
        ],
    )  # fmt: skip
    def test_another_layout_is_refused(self, tmp_path, changed, said):
        with pytest.raises(ValueError, match=said):
            tlt.load_task("pcam", root=h5_files(tmp_path / "data", **changed))

    @pytest.mark.parametrize("data", [b"", b"no h5 at all"])
    def test_damaged_files_are_refused(self, tmp_path, data):
        folder = h5_files(tmp_path / "data")
        (folder / PCAM.files[2]).write_bytes(data)
        with pytest.raises(ValueError, match=r"valid_x\.h5 or .*valid_y\.h5 is not a readable"):
            tlt.load_task("pcam", root=folder)

    def test_a_missing_data_set_in_a_file_is_told(self, tmp_path):
        folder = h5_files(tmp_path / "data")
        (folder / PCAM.files[0]).write_bytes((folder / PCAM.files[1]).read_bytes())
        with pytest.raises(ValueError, match=r"train_x\.h5 or .* not a readable data file: .*'x'"):
            tlt.load_task("pcam", root=folder)

    def test_offline_names_only_what_is_missing(self, tmp_path):
        h5_files(tmp_path / "home" / "medical" / "pcam")
        (tmp_path / "home" / "medical" / "pcam" / PCAM.files[5]).unlink()
        with pytest.raises(
            ConnectionError, match=r"has camelyonpatch\S+test_y\.h5 of .*8 GB.*PCAM"
        ):
            tlt.load_task("pcam")

    @pytest.mark.parametrize("missing", ["h5py", "gdown"])
    def test_a_missing_package_is_told_before_the_download(self, monkeypatch, missing):
        monkeypatch.setitem(sys.modules, "h5py", SimpleNamespace())
        monkeypatch.setitem(sys.modules, missing, None)
        monkeypatch.setenv("TLTEACH_OFFLINE", "0")
        with pytest.raises(ImportError, match=re.escape(f"{missing}: {adding('medical')}")):
            tlt.load_task("pcam")

    def test_without_h5py_files_that_are_there_cannot_be_read(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "h5py", None)
        for file in PCAM.files:
            (tmp_path / file).touch()
        with pytest.raises(ImportError, match=re.escape(f"h5py: {adding('medical')}")):
            tlt.load_task("pcam", root=tmp_path)
