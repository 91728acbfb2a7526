"""Texts from tables, and Hugging Face's Dataset by what it has."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pillow

import tlteach as tlt
from tests.helpers.tiny import assert_apart
from tlteach.data import FolderNote

WORDS = [f"{['bad', 'good', 'none'][i % 3]} as number {i}" for i in range(30)]
TABLE = pd.DataFrame({"text": WORDS, "label": [["no", "yes", "NA"][i % 3] for i in range(30)]})


class Image:
    """Stands for `datasets.Image`."""


class Value:
    """Stands for `datasets.Value`."""


class ClassLabel:
    """Stands for `datasets.ClassLabel`."""

    def __init__(self, names):
        self.names = names


class Dataset:
    """What of a `datasets.Dataset` is used: features, a length, rows and columns."""

    def __init__(self, features, columns):
        self.features, self.columns, self.column_names = features, columns, list(columns)

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def __getitem__(self, key):
        if isinstance(key, str):
            return self.columns[key]
        return {name: values[key] for name, values in self.columns.items()}


class Stream(Dataset):
    """An IterableDataset, which has no length."""

    __len__ = None


PICTURES = [Pillow.new("L", (9, 6), 8 * i) for i in range(20)]
NUMBERS = [i % 2 for i in range(20)]
PETS = Dataset(
    {"image": Image(), "label": ClassLabel(["dog", "cat"]), "id": Value()},
    {"image": PICTURES, "label": NUMBERS, "id": list(range(20))},
)


def test_a_table_of_texts_is_a_task_of_texts(tmp_path):
    task = tlt.from_texts(TABLE, name="mine")
    assert (task.name, task.kind, task.classes) == ("mine", "texts", ("NA", "no", "yes"))
    assert [len(task.train), len(task.val), len(task.test)] == [18, 6, 6]
    assert_apart(task, pool=True)
    for split in (task.labelled, task.test):
        assert split.texts == [WORDS[i] for i in split.index]
        assert [task.classes[i] for i in split.labels] == TABLE["label"][
            split.index.tolist()
        ].tolist()
    TABLE.to_csv(tmp_path / "mine.csv", index=False)
    read = tlt.from_texts(tmp_path / "mine.csv")
    assert (read.name, read.fingerprint) == ("mine", task.fingerprint)
    assert tlt.from_texts(TABLE, seed=1).fingerprint != task.fingerprint


def test_the_text_networks_take_them():
    few = tlt.few_shot(tlt.from_texts(TABLE), 6, seed=0)
    run = tlt.train(tlt.load_backbone("small_text"), few, "frozen", seed=0)
    assert run.test(few)["accuracy"] >= 0  # it takes rows of this length


def test_groups_and_same_texts_stay_in_one_split():
    who = pd.array([pd.NA if i > 24 else f"p{i % 5}" for i in range(30)], dtype="string")
    with pytest.warns(FolderNote, match="5 groups, each kept in one split: p0, p1, p2"):
        task = tlt.from_texts(TABLE.assign(who=who), group_column="who")
    assert_apart(task, pool=True)
    assert len({*task.labelled.groups.tolist(), *task.test.groups.tolist()}) == 10
    twice = pd.concat([TABLE, TABLE.iloc[:3].assign(label="no")])
    with pytest.warns(FolderNote, match="2 texts with more than one label, is one wrong"):
        assert_apart(tlt.from_texts(twice), pool=True)


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        (TABLE, {"text_column": "words"}, ValueError, "column must be one of 'text', 'label'"),
        (TABLE.assign(text=TABLE["text"].where(TABLE.index != 4)), {}, ValueError,
         "column 'text' must name something in every row; empty in row 4"),
        (TABLE.assign(label=[*TABLE["label"][:29], " "]), {}, ValueError,
         "column 'label' must name something in every row; empty in row 29"),
        (TABLE.assign(text=range(30)), {}, TypeError, "'text' must hold texts; got 0 in row 0"),
        (TABLE.assign(label="a"), {}, ValueError, "at least 2 different names; got a"),
        ({"train": PETS, "test": PETS}, {}, TypeError,
         r"pass one split, such as dataset\['train'\]; got a dict of 'train', 'test'"),
    ],
)  # fmt: skip
def test_what_are_no_texts_is_refused_in_words(table, options, error, message):
    with pytest.raises(error, match=message):
        tlt.from_texts(table, **options)


def test_texts_of_a_hugging_face_data_set():
    names = ["NA", "no", "yes"]
    numbers = [names.index(label) for label in TABLE["label"]]
    features = {"text": Value(), "label": ClassLabel(names)}
    task = tlt.from_texts(Dataset(features, {"text": WORDS, "label": numbers}))
    assert task.fingerprint == tlt.from_texts(TABLE).fingerprint
    unlabelled = Dataset(features, {"text": WORDS, "label": [*numbers[:29], -1]})
    with pytest.raises(ValueError, match="column 'label' must hold labels; none in row 29"):
        tlt.from_texts(unlabelled)


def test_images_of_a_hugging_face_data_set():
    task = tlt.from_dataset(PETS, size=16, name="pets")
    pairs = list(zip(PICTURES, NUMBERS, strict=True))
    assert task.classes == ("dog", "cat")
    assert task.fingerprint == (
        tlt.from_dataset(pairs, size=16, classes=["dog", "cat"], name="pets").fingerprint
    )
    words = Dataset(
        {"photo": Image(), "kind": Value()},
        {"photo": PICTURES, "kind": [["dog", "cat"][i] for i in NUMBERS]},
    )
    named = tlt.from_dataset(words, size=16, label_column="kind")
    assert named.classes == ("cat", "dog")
    assert [named.classes[i] for i in named.test.labels] == [
        words.columns["kind"][i] for i in named.test.index
    ]


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        (Dataset({"a": Image(), "b": Image()}, {"a": PICTURES, "b": PICTURES}), {}, ValueError,
         r"image_column must be given where .* kind Image; got a \(Image\), b \(Image\)"),
        (PETS, {"image_column": "photo"}, ValueError, "image_column must be one of 'image', 'lab"),
        ({"train": PETS}, {}, TypeError, r"pass one split, such as dataset\['train'\]"),
        (Stream(PETS.features, PETS.columns), {}, TypeError, "must have a length .* has none"),
        (Dataset(PETS.features, PETS.columns | {"image": [*PICTURES[:19], np.nan]}), {}, TypeError,
         "item 19 of the data set must be .*: got an image of type float"),
    ],
)  # fmt: skip
def test_other_data_sets_are_refused_in_words(table, options, error, message):
    with pytest.raises(error, match=message):
        tlt.from_dataset(table, size=16, **options)
