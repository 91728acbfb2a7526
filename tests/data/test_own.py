"""Tasks from arrays and tables: the same as from a folder, and bad input in words."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from tests.data.test_folder import paint, write_classes
from tests.data.test_structure import noted
from tests.helpers.tiny import assert_apart, ids
from tlteach.base import rng
from tlteach.data import FolderNote, from_arrays, from_folder, from_table
from tlteach.data.task import Task

PIXELS = rng(0, "test").integers(0, 256, (30, 8, 9, 3), np.uint8)
LABELS = np.arange(30) % 3


def everything(task: Task) -> torch.Tensor:
    rows = task.labelled.joined(task.test)
    return rows.images[rows.index.argsort()]


@pytest.mark.parametrize(
    "images",
    [
        PIXELS,
        torch.from_numpy(PIXELS).permute(0, 3, 1, 2),
        PIXELS.astype(np.uint16) * 257,
        PIXELS.astype(np.int64),
        PIXELS.astype(np.float64),
        (PIXELS / 255).astype(np.float32),
        torch.from_numpy(PIXELS / 255).permute(0, 3, 1, 2),
        list(PIXELS),
    ],
    ids=["uint8", "tensor", "uint16", "int", "0-255", "0-1", "float tensor", "list"],
)
def test_arrays_of_every_kind_are_the_same_task(images):
    task = from_arrays(images, torch.from_numpy(LABELS), classes=["ant", "bee", "cat"])
    assert np.array_equal(everything(task).permute(0, 2, 3, 1), PIXELS)
    assert task.classes == ("ant", "bee", "cat")
    for split in (task.train, task.val, task.test):
        assert split.labels.tolist() == LABELS[split.index].tolist()
    assert [len(task.train), len(task.val), len(task.test)] == [18, 6, 6]
    assert_apart(task, pool=True)
    assert task.files == ()


def test_pictures_with_a_palette_keep_their_colours():
    pictures = [Image.fromarray(pixels).quantize(64) for pixels in PIXELS]
    task = from_arrays(pictures, LABELS)
    expected = np.stack([np.asarray(picture.convert("RGB")) for picture in pictures])
    assert np.array_equal(everything(task).permute(0, 2, 3, 1), expected)


def test_grey_arrays_and_labels_in_words():
    names = np.array(["img10", "img2", "img1"])[LABELS]
    task = from_arrays(PIXELS[..., 0], names, name="grey")
    assert (task.name, task.classes) == ("grey", ("img1", "img2", "img10"))
    assert task.test.images.shape[1:] == (1, 8, 9)
    assert [task.classes[i] for i in task.test.labels] == names[task.test.index].tolist()
    numbers = from_arrays(PIXELS, 5 * LABELS)
    assert numbers.classes == ("0", "5", "10")
    assert [int(numbers.classes[i]) for i in numbers.test.labels] == [
        5 * LABELS[i] for i in numbers.test.index
    ]


def test_the_seed_draws_the_splits_of_arrays():
    one, same, other = (from_arrays(PIXELS, LABELS, seed=seed) for seed in (0, 0, 1))
    assert one.fingerprint == same.fingerprint
    assert ids(one.test) != ids(other.test)


def test_groups_of_arrays_stay_together():
    with pytest.warns(FolderNote, match="6 groups, each kept in one split: a0, a1, a2"):
        task = from_arrays(PIXELS, LABELS, groups=[f"a{i // 5}" for i in range(30)])
    assert_apart(task, pool=True)
    assert all(
        len({i // 5 for i in ids(s)} & {i // 5 for i in ids(task.test)}) == 0
        for s in (task.train, task.val)
    )
    alone = from_arrays(PIXELS, LABELS, groups=[None, np.nan, pd.NA] * 10)
    assert len(alone.labelled.groups.unique()) + len(alone.test.groups.unique()) == 30


@pytest.mark.parametrize(
    ("images", "labels", "options", "error", "message"),
    [
        (PIXELS * np.nan, LABELS, {}, ValueError,
         "pixels must be finite; got 6480 NaN or infinite, the first, nan, at [0, 0, 0, 0]"),
        (PIXELS / 0.1, LABELS, {}, ValueError, "0 to 1 or 0 to 255; got 0 to 2550"),
        (PIXELS / 128 - 1, LABELS, {}, ValueError, "got -1 to 0.992188: undo their normalisation"),
        (PIXELS[:, 0], LABELS[:9], {}, ValueError, "same length; got images 30, labels 9"),
        (PIXELS[0, 0], LABELS, {}, ValueError, "images must have the shape .* got (9, 3)"),
        (PIXELS[:0], LABELS[:0], {}, ValueError, "must not be empty; got (0, 8, 9, 3)"),
        (PIXELS[..., :2], LABELS, {}, ValueError, "c being 1 or 3, .* got (30, 8, 9, 2)"),
        ([PIXELS[0], PIXELS[1, :4]], [0, 1], {}, ValueError, "images must be one array"),
        (PIXELS, LABELS[:, None], {}, ValueError, "labels must .* shape (n,), .* got (30, 1)"),
        (PIXELS, LABELS - 1, {}, ValueError, "label of image 0 must be at least 0; got -1"),
        (PIXELS, LABELS + 1, {"classes": [*"abc"]}, ValueError,
         "label of image 2 must be between 0 and 2 (3 classes); got 3"),
        (PIXELS, ["a", "b", "x"] * 10, {"classes": [*"abc"]}, ValueError,
         "label of image 2 must be one of 'a', 'b', 'c'; got 'x'"),
        (PIXELS, LABELS / 2, {}, TypeError, "whole numbers or text, not both; got 0.0 for image 0"),
        (PIXELS, 0 * LABELS, {}, ValueError, "classes must be at least 2 different names; got 0"),
        (PIXELS, LABELS, {"classes": [*"aab"]}, ValueError, "different names; got a, a, b"),
        (PIXELS, LABELS, {"groups": [1, 2]}, ValueError, "same length; got images 30, groups 2"),
        (np.full((2, 2, 2), "a"), [0, 1], {}, TypeError, "pixels must be numbers; got <U1"),
    ],
)  # fmt: skip
def test_what_is_no_data_is_refused_in_words(images, labels, options, error, message):
    pattern = ".*".join(map(re.escape, message.split(".*")))
    with pytest.raises(error, match=pattern):
        from_arrays(images, labels, **options)


def write_table(root):
    """The folder of three classes, and a table of its files."""
    write_classes(root)
    files = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*.png"))]
    rows = {"file": files, "kind": [file.split("/")[0] for file in files]}
    return pd.DataFrame(rows | {"who": [f"p{i % 6}" for i in range(30)]})


def test_a_table_is_the_folder_it_lists(tmp_path, monkeypatch):
    table = write_table(tmp_path / "pets")
    folder = from_folder(tmp_path / "pets", size=8)
    table.to_csv(tmp_path / "pets" / "all.csv", index=False)
    monkeypatch.chdir(tmp_path / "pets")
    for given, root in (
        (table, tmp_path / "pets"),
        (tmp_path / "pets" / "all.csv", None),
        (table, None),
    ):
        task = from_table(given, "file", "kind", root, size=8)
        assert task.classes == folder.classes
        assert task.files == folder.files
        assert task.fingerprint == folder.fingerprint
    assert from_table("all.csv", "file", "kind").name == "all"


def test_a_tables_groups_and_what_is_odd_in_it(tmp_path):
    table = write_table(tmp_path / "pets")
    table.loc[3, "who"] = None
    twice = pd.concat([table, table.iloc[:2]])
    with pytest.warns(FolderNote) as caught:
        task = from_table(twice, "file", "kind", tmp_path / "pets", "who", size=8)
    assert_apart(task, pool=True)
    assert len({*task.labelled.groups.tolist(), *task.test.groups.tolist()}) == 7
    assert "6 groups, each kept in one split: p0, p1" in str(caught[0].message)
    assert "2 rows naming a file again: taken once" in str(caught[0].message)


def test_a_tables_faults_are_named(tmp_path):
    root = tmp_path / "pets"
    table = write_table(root)
    with pytest.raises(ValueError, match="column must be one of 'file', 'kind', 'who'; got 'path'"):
        from_table(table, "path", "kind", root)
    with pytest.raises(ValueError, match=r"column 'kind' must name .* empty in row 4"):
        from_table(
            table.assign(kind=table["kind"].where(table.index != 4, " ")), "file", "kind", root
        )
    two = pd.concat([table, table.iloc[:1].assign(kind="bee")])
    with pytest.raises(ValueError, match=r"one label; these have several: ant/0\.png"):
        from_table(two, "file", "kind", root)
    (root / "bee" / "1.png").unlink()
    (root / "cat" / "2.png").write_bytes(b"")
    with pytest.raises(ValueError, match="2 of 30 files are not readable") as error:
        from_table(table, "file", "kind", root)
    assert "bee/1.png: is not there" in str(error.value)
    assert "cat/2.png: Unid" in str(error.value)
    with pytest.warns(FolderNote, match="2 of 30 files are not readable images and left out"):
        task = from_table(table, "file", "kind", root, size=8, skip_bad=True)
    assert len(task.labelled) + len(task.test) == 28
    for split in (task.labelled, task.test):
        kinds = [file.split("/")[0] for file in task.files_of(split)]
        assert kinds == [task.classes[i] for i in split.labels]


def test_labels_that_look_the_same_are_one_or_told(tmp_path):
    table = write_table(tmp_path / "pets")
    written = {"ant": ["caf\u00e9", "cafe\u0301"], "bee": ["bee", "bee "], "cat": ["Bee", "Bee"]}
    kinds = [written[kind][i % 2] for i, kind in enumerate(table["kind"])]
    with pytest.warns(FolderNote) as caught:
        task = from_table(table.assign(kind=kinds), "file", "kind", tmp_path / "pets", size=8)
    assert task.classes == ("Bee", "bee", "bee ", "caf\u00e9")
    text = str(caught[0].message)
    assert "separate accents, taken as one class each: caf\u00e9" in text
    assert "Bee, bee, 'bee ' are different classes here; are they one?" in text


def test_what_names_no_group_ties_nothing(tmp_path):
    """Empty cells of any kind, and NaN from a function that looks names up."""
    root = tmp_path / "pets"
    table = write_table(root)
    who = pd.array(["a", "a", " ", "", *[pd.NA] * 26], dtype="string")
    of = dict(zip(table["file"], [*"aa", *[np.nan] * 28], strict=True))
    with pytest.warns(FolderNote, match="1 group, each kept in one split: a$"):
        task = from_table(table.assign(who=who), "file", "kind", root, "who", size=8)
    with pytest.warns(FolderNote, match="1 group, each kept in one split: a$"):
        looked_up = from_folder(root, size=8, groups=of.get)
    for made in (task, looked_up):
        assert len({*made.labelled.groups.tolist(), *made.test.groups.tolist()}) == 29


def test_a_table_of_text_stays_text(tmp_path):
    for i in range(9):
        paint(tmp_path / f"{i}.png", (9 * i, 0, 0))
    lines = [f"{i}.png,{['NA', '01', '1'][i % 3]}\n" for i in range(9)]
    (tmp_path / "t.csv").write_text("file,kind\n" + "".join(lines))
    assert from_table(tmp_path / "t.csv", "file", "kind").classes == ("01", "1", "NA")
    (tmp_path / "t.csv").write_text("file,kind\n0.png,Äpfel\n", encoding="cp1252")
    with pytest.raises(ValueError, match=r"t\.csv must be a CSV file in UTF-8, .* got 'utf-8"):
        from_table(tmp_path / "t.csv", "file", "kind")


def test_classes_of_unequal_size_are_told(tmp_path):
    root = write_classes(tmp_path / "pets", n=3)
    for i in range(27):
        paint(root / "bee" / f"more{i}.png", (8 * i, 99, 9))
    from_folder(root)  # 30 to 3 is the limit
    paint(root / "bee" / "last.png", (1, 199, 9))
    _, text = noted(root)
    assert (
        "classes of unequal size, bee 31, ant 3: accuracy says little about the rare ones" in text
    )
    pixels = rng(0, "test").integers(0, 256, (35, 8, 8))
    with pytest.warns(FolderNote, match="unequal size, 0 32, 1 3: "):
        from_arrays(pixels, [0] * 32 + [1] * 3)


@pytest.mark.parametrize(
    ("images", "told"),
    [
        (PIXELS // 16, True),
        (PIXELS / 15.9, True),
        (PIXELS.astype(np.uint16) * 16, True),
        (PIXELS / 255, False),
        (PIXELS, False),
    ],
)
def test_numbers_that_may_mean_another_white_are_told(images, told, recwarn):
    from_arrays(images, LABELS)
    text = r"the brightest pixel is (1[56]\S* of 255|4080 of 65535): are they really that dark"
    assert [bool(re.search(text, str(w.message))) for w in recwarn] == [True] * told


def test_nan_among_labels_is_named_with_its_place():
    labels = np.where(LABELS == 1, np.nan, LABELS)
    with pytest.raises(TypeError, match=r"labels must be whole .* got 0\.0 for image 0"):
        from_arrays(PIXELS, labels)
    with pytest.raises(TypeError, match=r"labels must be whole .* got nan for image 4"):
        from_arrays(PIXELS, ["a", "b", "c", "a", np.nan, *"b" * 25])
    with pytest.raises(TypeError, match=r"or text, not both; got 1 for image 2"):
        from_arrays(PIXELS, ["a", "b", 1, *"b" * 27])
