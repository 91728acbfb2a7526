"""Folders around the class folders are places: domains of the task, and told."""

import pytest
import torch

from tests.data.test_folder import paint, write_classes
from tests.data.test_structure import noted
from tlteach.data import from_folder, only_domains


def write_sites(root, sites=("berlin", "rome"), n=6):
    for start, site in enumerate(sites):
        write_classes(root / site, n=n, start=100 * start)
    return root


def test_sites_above_classes_are_domains(tmp_path):
    task, text = noted(write_sites(tmp_path / "pets"), near_copies=False)
    assert task.classes == ("ant", "bee", "cat")
    assert task.domains == ("berlin", "rome")
    assert "berlin, rome hold the same folders: taken for places (domains)" in text
    assert "pass domains=False" in text
    for split in (task.train, task.val, task.test):
        for file, label, domain in zip(
            task.files_of(split), split.labels.tolist(), split.domains.tolist(), strict=True
        ):
            assert file.split("/")[:2] == [task.domains[domain], task.classes[label]]
    assert len(only_domains(task, "rome").labelled) + len(only_domains(task, "rome").test) == 18


def test_they_may_be_classes_if_their_owner_says_so(tmp_path):
    root = write_sites(tmp_path / "pets")
    task, text = noted(root, domains=False, near_copies=False)
    assert (task.classes, task.domains) == (("berlin", "rome"), ("pets",))
    assert "3 groups, each kept in one split: ant, bee, cat" in text
    alone = write_classes(tmp_path / "one" / "berlin", n=6).parent
    write_classes(alone / "rome3", n=6)
    given = from_folder(alone, size=8, domains=True, near_copies=False)
    assert given.domains == ("berlin", "rome3")


def test_sites_in_split_folders(tmp_path):
    write_sites(tmp_path / "pets" / "train")
    for start, site in enumerate(("berlin", "rome")):
        write_classes(tmp_path / "pets" / "test" / site, n=2, start=50 + 100 * start)
    task, _ = noted(tmp_path / "pets", near_copies=False)
    assert task.domains == ("berlin", "rome")
    assert torch.bincount(task.test.domains).tolist() == [6, 6]


def test_a_class_that_one_place_lacks_is_told(tmp_path):
    root = write_sites(tmp_path / "pets")
    for i in range(6):
        paint(root / "rome" / "dog" / f"{i}.png", (7 * i, 200, 200))
    task, text = noted(root, near_copies=False)
    assert task.classes == ("ant", "bee", "cat", "dog")
    assert "places without some class: berlin has no dog" in text


def test_groups_of_one_name_in_two_places_are_two(tmp_path):
    root = write_sites(tmp_path / "pets")
    for site in ("berlin", "rome"):
        for i in range(3):
            paint(root / site / "ant" / "visit1" / f"{i}.png", (90 * i, len(site), 255))
    task, text = noted(root, near_copies=False)
    assert "2 groups, each kept in one split: berlin/visit1, rome/visit1" in text
    everything = task.labelled.joined(task.test)
    names = [*task.files_of(task.labelled), *task.files_of(task.test)]
    inside = {s: everything.groups[[f"{s}/ant/visit1" in n for n in names]].unique().tolist()
              for s in task.domains}  # fmt: skip
    assert all(len(found) == 1 for found in inside.values())
    assert inside["berlin"] != inside["rome"]


def test_places_need_classes(tmp_path):
    with pytest.raises(ValueError, match="needs class folders in every folder; none in ant, bee"):
        from_folder(write_classes(tmp_path / "pets"), domains=True)
