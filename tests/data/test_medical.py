"""PathMNIST by name: small files of its layout, and what is said where there are none."""

import hashlib
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from torchvision import datasets

import tlteach as tlt
from tests.helpers.pathology import SIZES, alone, h5_files
from tlteach.base import adding
from tlteach.data.medical import TISSUES
from tlteach.data.medical_files import PCAM

NO_LABELS = np.zeros((0, 1), np.uint8)


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    alone(monkeypatch, tmp_path)


def arrays(**changed):
    random = np.random.default_rng(0)
    made = {}
    for split, n in SIZES.items():
        made[f"{split}_images"] = random.integers(0, 256, (n, 28, 28, 3), dtype=np.uint8)
        made[f"{split}_labels"] = (np.arange(n, dtype=np.uint8) % 9)[:, None]
    return {key: value for key, value in (made | changed).items() if value is not None}


def written(folder, **changed):
    folder.mkdir(exist_ok=True)
    np.savez_compressed(folder / "pathmnist.npz", **arrays(**changed))
    return folder


def medmnist(monkeypatch, md5, get=None):
    """Stand in for the package: its INFO, and a class that downloads."""
    module = SimpleNamespace(INFO={"pathmnist": {"MD5": md5}}, PathMNIST=get)
    monkeypatch.setitem(sys.modules, "medmnist", module)


class TestPathMnist:
    def test_official_splits_are_kept(self, tmp_path):
        task = tlt.load_task("pathmnist", root=written(tmp_path / "data"))
        assert task.classes == TISSUES
        assert task.classes[8] == "colorectal adenocarcinoma epithelium"
        made, start = arrays(), 0
        for split, n in SIZES.items():
            rows = getattr(task, split)
            assert np.array_equal(rows.images.permute(0, 2, 3, 1).numpy(), made[f"{split}_images"])
            assert rows.labels.tolist() == made[f"{split}_labels"].ravel().tolist()
            assert rows.index.tolist() == list(range(start, start + n))
            start += n
        assert task.test.images.shape[1:] == (3, 28, 28)
        assert len(task.pool) == 0

    def test_another_centre_is_another_domain(self, tmp_path):
        task = tlt.load_task("pathmnist", root=written(tmp_path / "data"))
        assert set(task.labelled.domains.tolist()) == {0}
        assert set(task.test.domains.tolist()) == {1}
        assert task.card.licence == "CC BY 4.0"
        assert "may flatter" in task.card.text

    def test_the_cache_folder_is_asked(self, tmp_path):
        (tmp_path / "home" / "medical").mkdir(parents=True)
        written(tmp_path / "home" / "medical" / "pathmnist")
        (tmp_path / "empty").mkdir()
        for root in (None, tmp_path / "empty"):
            assert len(tlt.load_task("pathmnist", root=root).test) == SIZES["test"]

    def test_few_shot_and_training_work(self, tmp_path):
        few = tlt.few_shot(tlt.load_task("pathmnist", root=written(tmp_path / "data")), 3, seed=0)
        assert len(few.labelled) == 27
        assert len(few.pool) == 50 - 27
        run = tlt.train(tlt.load_backbone("small_cnn"), few, "frozen", seed=0)
        assert run.predictions["train"].shape == (len(few.train), 9)

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"val_labels": None}, r"must hold train_images, .*val_labels.*; .*val_labels"),
            (
                {"test_images": np.zeros((12, 64, 64, 3), np.uint8)},
                r"pathmnist\.npz, test: images must be uint8 of shape \(n, 28, 28, 3\); "
                r"got uint8 of shape \(12, 64, 64, 3\)",
            ),
            (
                {"train_images": np.zeros((40, 28, 28, 3))},
                r"train: images must be uint8 .* got float64",
            ),
            (
                {"val_labels": np.zeros((9, 1), np.uint8)},
                r"same length; got images of pathmnist\.npz, val 10, labels 9",
            ),
            (
                {"val_labels": np.zeros((10, 9), np.uint8)},
                r"one for each image; got uint8 of shape \(10, 9\)",
            ),
            (
                {"test_labels": np.full((12, 1), 9, np.uint8)},
                r"test: largest label must be between 0 and 8; got 9",
            ),
            (
                {"val_images": np.zeros((0, 28, 28, 3), "u1"), "val_labels": NO_LABELS},
                r"val: number of images must be at least 1; got 0",
            ),
        ],
    )  # fmt: skip
    def test_another_layout_is_refused(self, tmp_path, changed, said):
        with pytest.raises(ValueError, match=said):
            tlt.load_task("pathmnist", root=written(tmp_path / "data", **changed))

    @pytest.mark.parametrize("keep", [0, 100, 20_000])
    def test_damaged_files_are_refused(self, tmp_path, keep):
        path = written(tmp_path / "data") / "pathmnist.npz"
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(ValueError, match=r"pathmnist\.npz is not a readable data file"):
            tlt.load_task("pathmnist", root=path.parent)

    def test_one_flipped_bit_is_told_by_the_sum_of_the_archive(self, tmp_path):
        path = written(tmp_path / "data") / "pathmnist.npz"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        with pytest.raises(ValueError, match="not a readable data file"):
            tlt.load_task("pathmnist", root=path.parent)

    def test_the_md5_is_checked_where_it_is_known(self, tmp_path, monkeypatch):
        folder = written(tmp_path / "data")
        md5 = hashlib.md5((folder / "pathmnist.npz").read_bytes()).hexdigest()
        medmnist(monkeypatch, md5)
        assert len(tlt.load_task("pathmnist", root=folder).train) == SIZES["train"]
        medmnist(monkeypatch, "a" * 32)
        with pytest.raises(ValueError, match=rf"expected MD5 a{{32}}, got {md5}; remove it"):
            tlt.load_task("pathmnist", root=folder)


class TestDownload:
    def test_offline_says_what_is_missing_and_how_to_get_it(self, tmp_path):
        said = r"OFFLINE is set .* pathmnist\.npz .*\(about 210 MB\); .*download=True, root='\.'"
        with pytest.raises(ConnectionError, match=said):
            tlt.load_task("pathmnist")
        with pytest.raises(ConnectionError, match=said):
            tlt.load_task("pathmnist", root=tmp_path)
        assert not (tmp_path / "home").exists()

    def test_a_root_that_is_no_folder_is_refused(self, tmp_path):
        with pytest.raises(ValueError, match=r"root must be a folder, with pathmnist\.npz in it"):
            tlt.load_task("pathmnist", root=tmp_path / "typo")

    def test_without_the_package_it_says_what_to_install(self, monkeypatch):
        monkeypatch.setenv("TLTEACH_OFFLINE", "0")
        with pytest.raises(ImportError, match=re.escape(f"medmnist: {adding('medical')}")):
            tlt.load_task("pathmnist")

    def test_the_package_downloads_once_into_the_cache(self, tmp_path, monkeypatch):
        asked = []

        def get(split, download, root):
            asked.append((split, download))
            np.savez_compressed(
                f"{root}/pathmnist.npz", **arrays(train_labels=np.zeros((40, 1), int))
            )

        class Anything(str):
            def __ne__(self, other):
                return False

        medmnist(monkeypatch, Anything(), get)
        monkeypatch.setenv("TLTEACH_OFFLINE", "0")
        for _ in range(2):
            assert len(tlt.load_task("pathmnist").val) == SIZES["val"]
        assert asked == [("train", True)]
        cached = tmp_path / "home" / "medical" / "pathmnist"
        assert [path.name for path in cached.iterdir()] == ["pathmnist.npz"]

    def test_a_download_that_fails_leaves_no_half_file(self, tmp_path, monkeypatch):
        def get(split, download, root):
            with open(f"{root}/pathmnist.npz", "wb") as file:
                file.write(b"half")
            raise RuntimeError("the line broke")

        medmnist(monkeypatch, "", get)
        monkeypatch.setenv("TLTEACH_OFFLINE", "0")
        with pytest.raises(
            ConnectionError, match=r"could not download pathmnist.*the line broke; get"
        ):
            tlt.load_task("pathmnist")
        assert not list((tmp_path / "home").rglob("*.npz"))

    def test_the_other_one_is_downloaded_by_torchvision(self, tmp_path, monkeypatch):
        pytest.importorskip("h5py", reason='needs h5py: pip install "tlteach[medical]"')

        def get(root, split, download):
            assert download
            h5_files(tmp_path / "home" / "passing" / split)
            for file in (tmp_path / "home" / "passing" / split).iterdir():
                if f"_{split.replace('val', 'valid')}_" in file.name:
                    file.rename(f"{root}/{file.name}")

        monkeypatch.setattr(datasets, "PCAM", get)
        monkeypatch.setitem(sys.modules, "gdown", SimpleNamespace())
        monkeypatch.setenv("TLTEACH_OFFLINE", "0")
        assert len(tlt.load_task("pcam").train) == SIZES["train"]
        cached = tmp_path / "home" / "medical" / "pcam"
        assert sorted(path.name for path in cached.iterdir()) == sorted(PCAM.files)
