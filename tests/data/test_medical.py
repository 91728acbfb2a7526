"""Medical images by name: small files of the same layout, and what is said where there are none."""

import hashlib
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torchvision import datasets

import tlteach as tlt
from tlteach.base import adding
from tlteach.data.medical import TISSUES, pcam
from tlteach.data.medical_files import PCAM

NO_LABELS = np.zeros((0, 1), np.uint8)
SIZES = {"train": 40, "val": 10, "test": 12}


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """No cache of this user, no network, and no medmnist unless a test brings one."""
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TLTEACH_OFFLINE", "1")
    monkeypatch.setitem(sys.modules, "medmnist", None)


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


def h5_files(folder, **changed):
    h5py = pytest.importorskip("h5py", reason='needs h5py: pip install "tlteach[medical]"')
    folder.mkdir(parents=True, exist_ok=True)
    for split, n in zip(("train", "valid", "test"), SIZES.values(), strict=True):
        shade = np.arange(n, dtype=np.uint8)[:, None, None, None]
        made = {
            f"{split}_x": np.broadcast_to(shade, (n, 96, 96, 3)),
            f"{split}_y": (np.arange(n, dtype=np.uint8) % 2).reshape(n, 1, 1, 1),
        }
        for part, value in (made | {k: v for k, v in changed.items() if k in made}).items():
            with h5py.File(folder / f"camelyonpatch_level_2_split_{part}.h5", "w") as file:
                file[part[-1]] = value
    return folder


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
