"""An audit finds what was planted, names it, and stays quiet where nothing was."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import tlteach as tlt
from tests.helpers.photographs import photograph, write_photographs
from tlteach.data.findings import COLUMNS, SEVERITIES

LIGHT = "small:glyphs"  # a pretrained network that loads in no time


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return write_photographs(tmp_path_factory.mktemp("audit") / "own")


@pytest.fixture(scope="module")
def clean(own):
    return tlt.audit(own, backbone=LIGHT)


def of_kind(found, kind):
    return found[found["kind"] == kind]


def swapped(task, share, seed):
    """Return a task with this share of the labels of every split changed, and which."""
    random, splits, names = np.random.default_rng(seed), {}, set()
    for part in ("train", "val", "test"):
        split = getattr(task, part)
        rows = random.permutation(len(split))[: round(share * len(split))]
        labels = split.labels.clone()
        step = torch.from_numpy(random.integers(1, task.n_classes, len(rows)))
        labels[rows] = (labels[rows] + step) % task.n_classes
        splits[part] = replace(split, labels=labels)
        names |= {f"{part} {row}" for row in rows}
    return replace(task, **splits), names


def some_of(task, n):
    """Return a task with the first n images of train and test, and none of val."""
    rows = torch.arange(n)
    val = task.val.select(rows[:0])
    return replace(task, train=task.train.select(rows), val=val, test=task.test.select(rows))


def test_a_sound_folder_has_no_error_and_no_alarm(clean):
    assert list(clean.columns) == COLUMNS
    assert not (clean["severity"] == "error").any()
    assert len(of_kind(clean, "shortcut")) == 0
    assert clean.attrs["summary"].startswith("own: 60 images, 0 errors, ")


def test_the_same_seed_gives_the_same_table(own, clean):
    again = tlt.audit(own, backbone=LIGHT)
    assert again.equals(clean)
    assert again.attrs == clean.attrs


def test_faults_of_files_are_named(own, tmp_path):
    root = write_photographs(tmp_path / "pets")
    (root / "rings/broken.jpg").write_bytes((root / "rings/rings0.jpg").read_bytes()[:200])
    photograph("rings", 90, (30, 24)).save(root / "rings/tiny.jpg")
    photograph("stripes", 91, (400, 90)).save(root / "stripes/long.jpg")
    photograph("stripes", 92).save(root / "stripes/odd.png", format="JPEG")
    (root / "stripes/notes.txt").write_text("about them")
    found = tlt.audit(root, backbone=LIGHT)
    told = {(row.severity, row.kind, row.file) for row in found.itertuples()}
    assert {
        ("error", "corrupt file", "rings/broken.jpg"),
        ("warning", "tiny image", "rings/tiny.jpg"),
        ("warning", "odd shape", "stripes/long.jpg"),
        ("note", "odd file", "stripes/odd.png"),
    } <= told
    assert found["severity"].map(SEVERITIES.index).is_monotonic_increasing
    assert "a JPEG file whose name ends in .png" in set(found["found"])
    assert of_kind(found, "folder")["found"].str.contains("1 .txt").any()
    assert (found["do"] != "").all()


def test_copies_with_different_labels_are_pairs(own, tmp_path):
    root = write_photographs(tmp_path / "pets")
    for i in range(3):
        (root / f"stripes/again{i}.jpg").write_bytes((root / f"rings/rings{i}.jpg").read_bytes())
    Image.open(root / "rings/rings9.jpg").save(root / "rings/saved.jpg", quality=60)
    found = tlt.audit(root, backbone=LIGHT)
    conflicts = of_kind(found, "label conflict")
    pairs = {frozenset(pair) for pair in conflicts[["file", "other"]].to_numpy()}
    assert pairs == {frozenset({f"rings/rings{i}.jpg", f"stripes/again{i}.jpg"}) for i in range(3)}
    assert set(conflicts["severity"]) == {"error"}
    near = of_kind(found, "near copy")
    assert set(near.iloc[0][["file", "other"]]) == {"rings/rings9.jpg", "rings/saved.jpg"}
    assert near.iloc[0]["severity"] == "note"


def test_ten_copies_across_a_split_are_all_found():
    task = tlt.load_task("photos")
    test = task.test.images.clone()
    test[:10] = task.train.images[:10]
    labels = task.test.labels.clone()
    labels[:10] = task.train.labels[:10]
    spoilt = replace(task, test=replace(task.test, inputs=test, labels=labels))
    found = tlt.audit(spoilt, backbone=LIGHT)
    across = found[found["kind"].str.contains("across splits")]
    pairs = {frozenset(pair) for pair in across[["file", "other"]].to_numpy()}
    assert pairs == {frozenset({f"train {i}", f"test {i}"}) for i in range(10)}
    assert set(across["severity"]) == {"error"}


def test_a_brighter_class_is_alarming_and_named(tmp_path):
    root = write_photographs(tmp_path / "pets")
    for file in (root / "stripes").iterdir():
        pixels = np.asarray(Image.open(file)).astype(int) + 40
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file)
    alarm = of_kind(tlt.audit(root, backbone=LIGHT), "shortcut")
    assert set(alarm["severity"]) == {"warning"}
    assert "stripes" in set(alarm["label"])


def test_another_file_type_for_a_class_is_alarming(tmp_path):
    root = write_photographs(tmp_path / "pets", 30)
    for file in (root / "rings").iterdir():
        Image.open(file).save(file.with_suffix(".png"))
        file.unlink()
    alarm = of_kind(tlt.audit(root, backbone=LIGHT), "shortcut")
    assert set(alarm["label"]) == {"rings", "stripes"}
    assert alarm["found"].str.contains("file type|bytes per pixel").all()


def test_unequal_and_missing_classes_are_told(digits):
    ones = digits.train.labels == 1
    rows = torch.cat([(~ones).nonzero()[:, 0], ones.nonzero()[:2, 0]])
    test = digits.test.select(digits.test.labels != 1)
    val = digits.val.select(digits.val.labels != 1)
    task = replace(digits, train=digits.train.select(rows), val=val, test=test)
    found = tlt.audit(task, backbone="small_cnn")
    missing = of_kind(found, "missing class")
    assert set(missing[["label", "split", "severity"]].itertuples(index=False, name=None)) == {
        ("1", "test", "error"),
        ("1", "val", "error"),
    }
    assert of_kind(found, "imbalance")["label"].tolist() == ["1"]


@pytest.mark.slow
def test_a_photograph_among_digits_is_an_outlier(tmp_path, digits):
    images, labels = digits.test.images, digits.test.labels
    for label in (0, 1):
        (tmp_path / f"own/{label}").mkdir(parents=True)
        for i, image in enumerate(images[labels == label][:30]):
            picture = Image.fromarray(image[0].numpy()).resize((64, 64))
            picture.save(tmp_path / f"own/{label}/{i}.png")
    photo = tlt.load_task("photos").test.images[0].permute(1, 2, 0).numpy()
    Image.fromarray(photo).save(tmp_path / "own/0/photo.png")
    far = of_kind(tlt.audit(tmp_path / "own"), "outlier")
    assert far.iloc[0]["file"] == "0/photo.png"  # the farthest first
    assert (far["severity"] == "warning").all()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n"), [("digits", 300), ("fashion_5_9", 200)])
def test_four_of_five_swapped_labels_are_found(name, n):
    task, wrong = swapped(some_of(tlt.load_task(name), n), 0.05, seed=1)
    suspects = of_kind(tlt.audit(task), "wrong label")
    suspects = suspects[suspects["severity"] == "warning"]
    assert len(wrong & set(suspects["file"])) >= 0.8 * len(wrong)
    assert len(suspects) < 0.12 * 2 * n
    row = suspects.iloc[0]
    assert row["suggests"] in task.classes
    assert row["suggests"] != row["label"]


@pytest.mark.slow
def test_on_photographs_they_are_notes_and_found_too():
    task, wrong = swapped(tlt.load_task("photos"), 0.05, seed=1)
    suspects = of_kind(tlt.audit(task), "wrong label")
    assert set(suspects["severity"]) == {"note"}
    assert len(wrong & set(suspects["file"])) >= 0.8 * len(wrong)
    assert (suspects["file"] != "").sum() <= 0.15 * 264 + 1


@pytest.mark.slow
@pytest.mark.parametrize(("name", "most"), [("photos", 8), ("digits", 30), ("fashion_5_9", 30)])
def test_shipped_tasks_stay_quiet(name, most):
    """At most so many warnings for a thousand images; docs/audit.md has what was counted."""
    task = tlt.load_task(name)
    task = task if name == "photos" else some_of(task, 400)
    found = tlt.audit(task)
    assert not (found["severity"] == "error").any()
    loud = int((found["severity"] == "warning").sum())
    assert 1000 * loud <= most * found.attrs["images"]


def test_what_cannot_be_audited_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"what must be a Task, .* or a path; got 3 of type int"):
        tlt.audit(3)
    with pytest.raises(TypeError, match="this needs images; the split holds texts"):
        tlt.audit(tlt.load_task("reviews"))
    with pytest.raises(NotADirectoryError, match="gone is not a folder"):
        tlt.audit(tmp_path / "gone")
    with pytest.raises(ValueError, match="size must be at least 16; got 4"):
        tlt.audit(tmp_path, size=4)
