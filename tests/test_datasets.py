"""The shipped data: hashes, cards, counts, splits without leaks, and rebuilding."""

import hashlib
import os
import re
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tlteach import data

NAMES = list(data.TASKS)
ROOT = Path(__file__).parent.parent / "datasets"
MEGABYTES = {
    "emoji": 12, "fashion": 5, "digits": 5, "glyphs": 5, "reviews": 3, "spoken": 5, "photos": 3,
}  # fmt: skip
# photos: its package has no more. emoji: 224 things in four styles
SMALLEST_TEST = {"photos": 100, "emoji": 896}
LARGEST_GAP = 0.12  # of a class's test share from the whole's: 9 of 22 birds, for example


@cache
def arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(ROOT / name / f"{name}.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


@cache
def card(name: str) -> str:
    return (ROOT / name / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_hash_and_size(name):
    path = ROOT / name / f"{name}.npz"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (ROOT / name / "SHA256").read_text() == f"{digest}  {path.name}\n"
    assert path.stat().st_size <= MEGABYTES[name] * 1_000_000


@pytest.mark.parametrize("name", NAMES)
def test_card_counts_match_the_data(name):
    found = arrays(name)
    rows = dict(re.findall(r"^\| (\S[^|]*?) \|(.* \d+ \|)$", card(name), re.MULTILINE))
    for number, word in enumerate(found["classes"]):
        of_class = found["labels"] == number
        counts = [int((of_class & (found["split"] == side)).sum()) for side in (0, 1)]
        assert [int(n) for n in re.findall(r"\d+", rows[word])][-2:] == counts
    totals = [int((found["split"] == side).sum()) for side in (0, 1)]
    assert [int(n) for n in re.findall(r"\d+", rows["all"])][-2:] == totals
    for number, word in enumerate(found["domain_names"]):
        assert f"`{word}`" in card(name) or word in rows
        if len(found["domain_names"]) > 1:
            of_domain = found["domains"] == number
            counts = [int((of_domain & (found["split"] == side)).sum()) for side in (0, 1)]
            assert [int(n) for n in re.findall(r"\d+", rows[word])][-2:] == counts


@pytest.mark.parametrize("name", NAMES)
def test_card_fields_reach_the_task(name):
    found = data.load_task(name).card
    assert found.text == card(name)
    for field in (found.title, found.source, found.licence, found.attribution):
        assert field
        assert field != "not stated"
    assert "Known faults" in found.text


def test_creative_commons_credit_is_in_the_card():
    twemoji = data.load_task("emoji").card.attribution
    assert re.search(r"Twemoji .*Twitter.*CC BY 4\.0.*changed here", twemoji)
    assert re.search(
        r"Alpaydin.*CC BY 4\.0.*changed here", data.load_task("digits").card.attribution
    )


@pytest.mark.parametrize("name", NAMES)
def test_test_split_is_large_and_stratified(name):
    task = data.load_task(name)
    assert len(task.test) >= SMALLEST_TEST.get(name, 1_000)
    everything = np.bincount(arrays(name)["labels"])
    share = np.bincount(task.test.labels) / everything
    whole = len(task.test) / everything.sum()
    assert np.abs(share - whole).max() < LARGEST_GAP
    assert len(task.pool) == 0
    assert 0.15 < len(task.val) / len(task.labelled) < 0.25


def test_digits_test_split_is_exactly_a_thousand():
    assert len(data.load_task("digits").test) == 1_000


@pytest.mark.parametrize("name", NAMES)
def test_no_group_and_no_input_stands_in_two_splits(name):
    task = data.load_task(name)
    splits = {"train": task.train, "val": task.val, "test": task.test}
    pictures = {
        key: {row.tobytes() for row in split.inputs.numpy()} for key, split in splits.items()
    }
    groups = {key: set(split.groups.tolist()) for key, split in splits.items()}
    for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
        assert not pictures[one] & pictures[other]
        assert not groups[one] & groups[other]


def test_emoji_concepts_have_one_class_one_split_and_four_styles():
    found = arrays("emoji")
    for group in np.unique(found["groups"]):
        rows = found["groups"] == group
        assert sorted(found["domains"][rows]) == [0, 1, 2, 3]
        assert len(set(found["labels"][rows])) == len(set(found["split"][rows])) == 1
    codes = found["group_names"]
    assert len(set(codes)) == len(codes) == 559


def test_emoji_are_drawn_on_white():
    images = arrays("emoji")["images"]
    corners = images[:, :, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 255).mean() > 0.9
    assert images.reshape(len(images), -1).std(1).min() > 5


def test_glyphs_card_lists_every_package_with_version_and_licence():
    namespace: dict[str, dict[str, tuple[str, str]]] = {}
    exec((ROOT / "glyphs" / "fonts.py").read_text(), namespace)
    for name, (version, licence) in namespace["PACKAGES"].items():
        assert f"| {name} | {version} | {licence} |" in card("glyphs")


def build(name: str, out: Path, cache: str | Path) -> None:
    script = ROOT / name / "build.py"
    command = [sys.executable, str(script), "--cache", str(cache), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)


def test_digits_are_rebuilt_byte_for_byte(tmp_path):
    build("digits", tmp_path, cache=tmp_path)
    with np.load(tmp_path / "digits.npz") as again:
        for key, array in arrays("digits").items():
            assert np.array_equal(again[key], array)
    if "ng" in zlib.ZLIB_RUNTIME_VERSION:
        pytest.skip("zlib-ng compresses to other bytes; the arrays were compared")
    assert (tmp_path / "digits.npz").read_bytes() == (ROOT / "digits" / "digits.npz").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["emoji", "fashion", "glyphs", "reviews"])
def test_others_are_rebuilt_byte_for_byte(name, tmp_path):
    packages = os.environ.get("TLTEACH_DATASET_CACHE")
    if not packages:
        pytest.skip("TLTEACH_DATASET_CACHE does not name a folder of downloaded packages")
    build(name, tmp_path, cache=packages)
    assert (tmp_path / "SHA256").read_text() == (ROOT / name / "SHA256").read_text()
