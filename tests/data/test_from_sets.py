"""Tasks from map-style data sets: the same as from a folder, and bad input in words."""

import pytest
import torch
from PIL import Image
from torchvision.datasets import ImageFolder
from torchvision.transforms import ToTensor

from tests.data.test_copies import photograph
from tests.data.test_folder import write_classes
from tests.helpers.tiny import assert_apart
from tlteach.data import FolderNote, from_dataset, from_folder


@pytest.mark.parametrize("transform", [None, ToTensor()])
@pytest.mark.parametrize("fit", ["crop", "pad", "squish"])
def test_an_image_folder_of_torchvision_is_the_folder(tmp_path, transform, fit):
    root = write_classes(tmp_path / "pets")
    folder = from_folder(root, size=16, fit=fit)
    task = from_dataset(ImageFolder(root, transform=transform), size=16, fit=fit, name="pets")
    assert (task.classes, task.domains) == (folder.classes, folder.domains)
    assert task.files == folder.files
    assert task.fingerprint == folder.fingerprint


def test_photographs_in_a_data_set_are_turned_upright(tmp_path):
    root = write_classes(tmp_path / "pets", suffix=".jpg")
    exif = Image.Exif()
    exif[274] = 6  # a telephone held upright
    photograph(1).save(root / "ant" / "0.jpg", exif=exif)
    task = from_dataset(ImageFolder(root), size=16, name="pets")
    assert task.fingerprint == from_folder(root, size=16).fingerprint


def test_names_of_classes_are_left_where_labels_become_others(tmp_path):
    root = write_classes(tmp_path / "pets")
    turned = ImageFolder(root, target_transform=lambda label: 2 - label)
    task = from_dataset(turned, size=8)
    assert task.classes == ("0", "1", "2")
    for split in (task.labelled, task.test):
        for file, label in zip(task.files_of(split), split.labels.tolist(), strict=True):
            assert file.split("/")[0] == ("cat", "bee", "ant")[label]
    assert from_dataset(turned, size=8, classes=["c", "b", "a"]).classes == ("c", "b", "a")


def test_names_of_several_words_are_one_name():
    class Pictures(list):
        classes = (("tench", "Tinca tinca"), ("goldfish",))

    items = Pictures((Image.new("L", (9, 6), 20 * i), i % 2) for i in range(10))
    assert from_dataset(items, size=8).classes == ("tench, Tinca tinca", "goldfish")


def test_data_sets_of_other_things_are_refused_in_words():
    image = Image.new("L", (4, 4))
    for items, error, message in (
        ([(image, 0), ("a.png", 1)], TypeError, "item 1 .* got an image of type str"),
        ([(image, 0), (image, "b")], TypeError, "item 1 .* whole number"),
        ([(image, 0), image], TypeError, "item 1 .* must be"),
        ([(image, 0, 1)], ValueError, "item 0 .* must be"),
        ([(torch.zeros(2, 4, 4), 0)], ValueError, "item 0 .* c being 1 or 3"),
        ([(torch.full((1, 4, 4), -2.0), 0)], ValueError, "item 0 .* undo their normalisation"),
        ([(image, 0), (image, 2)], ValueError, "label of image 1 must be between 0 and 1"),
        ([], ValueError, "length of the data set must be at least 1; got 0"),
        (iter([(image, 0)]), TypeError, "a data set must have a length and items"),
    ):
        with pytest.raises(error, match=message):
            from_dataset(items, classes=["a", "b"])


def test_data_sets_go_through_the_same_checks():
    items = [(photograph(i), i % 2) for i in range(20)] + [(photograph(0).rotate(0), 0)]
    items += [(Image.new("RGB", (90, 20), (9, 9, 9)), 1)]
    with pytest.warns(FolderNote) as caught:
        task = from_dataset(items, size=64, groups=[i // 2 for i in range(22)])
    text = str(caught[0].message)
    assert caught[0].filename == __file__
    assert "1 image over 3:1, only their middle is kept (fit='crop'): item 21" in text
    assert "11 groups, each kept in one split: 0, 1, 2" in text
    assert task.name == "list"
    assert_apart(task, pool=True)
