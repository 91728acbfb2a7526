"""The photographs: counts, groups, near-copies, what an image is, licence, and rebuilding."""

import importlib.util
import os
import re
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

FOLDER = Path(__file__).parent.parent / "datasets" / "photos"
NEAR_COPY = 15  # bits of 256; mirrored copies differ in 3 to 5, different things in 19 and more


@cache
def arrays() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "photos.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


@pytest.fixture
def build(monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("photos_build", FOLDER / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_classes_are_few_large_enough_and_nearly_equal():
    counts = np.bincount(arrays()["labels"])
    assert 9 <= len(counts) == len(arrays()["classes"]) <= 12
    assert 260 <= counts.sum() <= 320
    assert counts.min() >= 18
    assert counts.max() <= 2 * counts.min()


def test_test_share_is_45_percent():
    assert 0.43 < (arrays()["split"] == 1).mean() < 0.47


def test_a_group_has_one_class_and_one_split():
    found = arrays()
    for group in np.unique(found["groups"]):
        rows = found["groups"] == group
        assert len(set(found["labels"][rows])) == len(set(found["split"][rows])) == 1


def test_images_are_photographs_on_white():
    images = arrays()["images"]
    assert images.shape[1:] == (3, 96, 96)
    assert images.dtype == np.uint8
    assert (images[:, :, [0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
    tones = [len(np.unique(image.reshape(3, -1), axis=1).T) for image in images]
    assert min(tones) > 100  # a black and white photograph has up to 256, flat drawings fewer


def fingerprint(image: np.ndarray) -> np.ndarray:
    """Return a difference hash: 256 bits, is a patch brighter than its left neighbour?"""
    picture = Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).convert("L")
    small = np.asarray(picture.resize((17, 16), Image.Resampling.BOX))
    return (small[:, 1:] > small[:, :-1]).ravel()


def distances(mirrored: bool) -> np.ndarray:
    images = arrays()["images"]
    one = np.stack([fingerprint(image) for image in images])
    other = np.stack([fingerprint(im[:, :, ::-1]) for im in images]) if mirrored else one
    return (one[:, None] != other[None]).sum(2)


@pytest.mark.parametrize("mirrored", [False, True])
def test_near_copies_share_a_group(mirrored):
    groups = arrays()["groups"]
    near = (distances(mirrored) <= NEAR_COPY) & (groups[:, None] != groups[None])
    files = arrays()["file_names"]
    assert [(str(files[i]), str(files[j])) for i, j in np.argwhere(near) if i < j] == []


def test_the_near_copies_known_by_eye_are_found():
    files = arrays()["file_names"].tolist()
    pairs = [(name, name + "_mirror") for name in files if name + "_mirror" in files]
    assert len(pairs) == 3
    mirrored = distances(mirrored=True)
    for one, other in pairs:
        assert mirrored[files.index(one), files.index(other)] <= NEAR_COPY


def test_no_two_images_are_equal():
    assert len({image.tobytes() for image in arrays()["images"]}) == len(arrays()["images"])


def test_the_table_names_each_file_once_and_is_what_was_built(build):
    photos = list(build.chosen())
    files = [photo.file for photo in photos]
    assert len(set(files)) == len(files)
    assert files == arrays()["file_names"].tolist()
    assert [photo.label for photo in photos] == arrays()["labels"].tolist()
    assert list(build.CLASSES) == arrays()["classes"].tolist()
    groups = list(dict.fromkeys(photo.group for photo in photos))
    assert [groups.index(photo.group) for photo in photos] == arrays()["groups"].tolist()
    assert np.array_equal(build.split(photos), arrays()["split"])


def test_the_card_counts_groups():
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    found = arrays()
    for number, name in enumerate(found["classes"]):
        groups = len(set(found["groups"][found["labels"] == number].tolist()))
        assert re.search(rf"^\| {name} \| {groups} \|", card, re.MULTILINE)
    assert f"| all | {len(set(found['groups'].tolist()))} |" in card
    assert f"{len(found['labels'])} images" in card


def test_the_licence_lies_beside_the_pictures():
    assert "GNU GENERAL PUBLIC LICENSE" in (FOLDER / "LICENSE").read_text(encoding="utf-8")
    notice = (FOLDER / "COPYRIGHT").read_text(encoding="utf-8")
    assert "Bill Kendrick" in notice
    assert "at your option) any later version" in notice


def test_a_changed_package_is_refused(build, tmp_path):
    photo = next(build.chosen())
    path = tmp_path / f"{photo.file}.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"another picture")
    with pytest.raises(ValueError, match=r"the 1 files of the table have SHA-256 .*, expected "):
        build.check(tmp_path, [photo])


def test_a_picture_is_cropped_centred_and_padded(build, tmp_path):
    picture = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    picture.paste((200, 0, 0, 255), (10, 20, 54, 31))  # 44 x 11
    picture.save(tmp_path / "one.png")
    red = build.on_white(tmp_path / "one.png")[1] < 128
    rows, columns = np.flatnonzero(red.any(1)), np.flatnonzero(red.any(0))
    assert (columns[0], columns[-1]) == (4, 91)
    assert rows[-1] - rows[0] + 1 == pytest.approx(22, abs=1)
    assert rows[0] + rows[-1] == pytest.approx(95, abs=2)


@pytest.mark.slow
def test_photos_are_rebuilt_from_the_package(build, tmp_path):
    (name, version), *_ = build.PACKAGE.items()
    held = os.environ.get("TLTEACH_DATASET_CACHE", "")
    if not held or not (Path(held) / "unpacked" / f"{name}_{version}").is_dir():
        pytest.skip(f"TLTEACH_DATASET_CACHE names no folder with {name} {version} unpacked")
    command = [sys.executable, FOLDER / "build.py", "--cache", held, "--out", tmp_path]
    subprocess.run(command, check=True, capture_output=True)
    with np.load(tmp_path / "photos.npz") as again:
        for key, array in arrays().items():
            assert np.array_equal(again[key], array)
    if "ng" in zlib.ZLIB_RUNTIME_VERSION:
        pytest.skip("zlib-ng compresses to other bytes; the arrays were compared")
    assert (tmp_path / "SHA256").read_text() == (FOLDER / "SHA256").read_text()
