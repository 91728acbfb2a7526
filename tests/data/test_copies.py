"""What belongs together: copies, near copies, sub-folders and groups that the owner names."""

import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageFilter

from tests.data.test_folder import write_classes
from tests.data.test_structure import noted
from tests.helpers.tiny import assert_apart
from tlteach.base import rng
from tlteach.data import from_folder, load_task
from tlteach.data.copies import difference_hash, near_pairs, tied


def photograph(i: int, side=150) -> Image.Image:
    """A picture with large and small structure, as photographs have, of its own for every i."""
    pixels = np.zeros((side, side, 3))
    for cells in (3, 6, 12, 40):
        noise = rng(i, "test", str(cells)).uniform(0, 255, (cells, cells, 3)).astype(np.uint8)
        grown = Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC)
        pixels += np.asarray(grown, float) / 4
    return Image.fromarray(pixels.astype(np.uint8))


def saved_again(image):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40)
    return Image.open(file)


CHANGES = {
    "saved again": saved_again,
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "moved": lambda image: image.crop((1, 1, 150, 150)),
    "closer": lambda image: image.crop((1, 1, 149, 149)),
    "softer": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
}


def pixels(images, side=64):
    squares = [np.asarray(image.convert("RGB").resize((side, side))) for image in images]
    return torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2)


@pytest.mark.parametrize("change", CHANGES)
def test_near_copies_are_found_and_others_are_not(change):
    originals = [photograph(i) for i in range(20)]
    changed = [CHANGES[change](image) for image in originals[:10]]
    assert near_pairs(pixels(originals + changed)) == [(i, 20 + i) for i in range(10)]


def test_the_hash_is_that_of_a_plain_loop():
    images = pixels([photograph(i) for i in range(3)], side=9)
    for image, got in zip(images.float().mean(1), difference_hash(images), strict=True):
        right = [image[y, x + 1] > image[y, x] for y in range(8) for x in range(8)]
        down = [image[y + 1, x] > image[y, x] for y in range(8) for x in range(8)]
        assert got.tolist() == [bool(bit) for bit in right + down]


def test_the_threshold_groups_next_to_nothing_where_nothing_is_copied():
    """Drawings and cut-out clothes look alike; only these few may be taken for one another."""
    for name, most in (("emoji", 0.01), ("fashion", 0.04)):
        task = load_task(name)
        rows = task.labelled.joined(task.test)
        known = rows.groups.tolist()  # a concept in four styles is no false alarm
        pairs = [(i, j) for i, j in near_pairs(rows.images) if known[i] != known[j]]
        assert len({i for pair in pairs for i in pair}) < most * len(rows)


def test_plain_images_are_no_near_copies():
    plain = torch.arange(0, 250, 10, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 32, 32)
    assert near_pairs(plain) == []
    assert near_pairs(plain[:0]) == []


def test_ties_join():
    assert tied(6, [(4, 5), (0, 2), (2, 4)]).tolist() == [0, 1, 0, 2, 0, 0]


def write_bursts(root):
    """Two classes of eight moments with three photographs each."""
    for i in range(16):
        folder = root / ("cat" if i < 8 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        photograph(i).save(folder / f"{i}_0.png")
        for k, change in enumerate(("moved", "brighter")):
            CHANGES[change](photograph(i)).save(folder / f"{i}_{k + 1}.png")
    return root


def test_a_burst_stays_on_one_side_and_is_told(tmp_path):
    root = write_bursts(tmp_path / "pets")
    task, text = noted(root, size=64)
    assert_apart(task, pool=True)
    moments = [
        {name.split("/")[1].split("_")[0] for name in task.files_of(split)}
        for split in (task.train, task.val, task.test)
    ]
    assert sum(map(len, moments)) == 16 == len(set.union(*moments))
    assert "near copies, each kept in one split: cat/0_0.png, cat/0_1.png, cat/0_2.png; " in text
    assert "and 8 more" in text
    assert len(set(task.labelled.groups.tolist() + task.test.groups.tolist())) == 16
    alone = from_folder(root, size=64, near_copies=False)
    assert len(set(alone.labelled.groups.tolist() + alone.test.groups.tolist())) == 48


def test_near_copies_over_given_splits_are_warned_of(tmp_path):
    for part, change in (("train", "saved again"), ("test", "brighter")):
        for i in range(8):
            folder = tmp_path / "pets" / part / ("cat" if i < 4 else "dog")
            folder.mkdir(parents=True, exist_ok=True)
            # test shows one moment of train again, and three of its own
            moment = i + 10 * (part == "test" and i % 4 > 0)
            CHANGES[change](photograph(moment)).save(folder / f"{i}.png")
    with (
        pytest.warns(
            UserWarning, match="near copies, as far as the given folders keep them together: "
        ),
        pytest.warns(UserWarning, match="2 of 8 test images have near copies or their group in"),
    ):
        from_folder(tmp_path / "pets")


def test_a_pool_that_shows_the_test_images_is_told(tmp_path):
    root = write_bursts(tmp_path / "pets")
    (root / "unlabelled").mkdir()
    for i in range(16):
        saved_again(photograph(i)).save(root / "unlabelled" / f"{i}.png")
    task, text = noted(root, size=64)
    moments = {name.split("/")[1].split("_")[0] for name in task.files_of(task.test)}
    assert f"{len(moments)} pool images with a copy or its group among the tests" in text
    assert_apart(task, pool=True)


def test_a_picture_with_two_labels_is_told(tmp_path):
    root = write_bursts(tmp_path / "pets")
    photograph(3).save(root / "dog" / "odd.png")
    _, text = noted(root, size=64)
    assert "different labels, is one wrong? cat/3_0.png, cat/3_1.png, cat/3_2.png, dog/odd" in text


def write_patients(root, per_class=6, visits=3):
    """Patient p has images in both classes; every image is different."""
    for c, name in enumerate(("ill", "well")):
        for p in range(per_class):
            for v in range(visits):
                folder = root / name / f"patient{p}" / f"visit{v}"
                folder.mkdir(parents=True)
                colour = (40 * p, 100 * c, 60 * v)
                Image.new("RGB", (8, 8), colour).save(folder / "0.png")
    return root


def test_sub_folders_are_groups_whatever_the_class(tmp_path):
    task, text = noted(write_patients(tmp_path / "scans"))
    sides = [
        {name.split("/")[1] for name in task.files_of(split)}
        for split in (task.train, task.val, task.test)
    ]
    assert sum(map(len, sides)) == 6 == len(set.union(*sides))
    assert "6 groups, each kept in one split: patient0, patient1, patient2" in text
    assert_apart(task, pool=True)


def test_groups_may_be_named_by_a_function(tmp_path):
    root = write_patients(tmp_path / "scans")
    visit = noted(root, groups=lambda file: (file.split("/")[2], 1))[0]
    assert len(set(visit.labelled.groups.tolist() + visit.test.groups.tolist())) == 3
    none = from_folder(root, groups=lambda file: None)
    assert len(set(none.labelled.groups.tolist() + none.test.groups.tolist())) == 36
    seen = []
    noted(root, groups=lambda file: seen.append(file) or file.split("/")[1])
    assert "ill/patient0/visit0/0.png" in seen
    with pytest.raises(TypeError, match="groups must be what a dict can hold"):
        from_folder(root, groups=lambda file: [file])


def test_images_beside_sub_folders_are_groups_of_their_own(tmp_path):
    root = write_classes(tmp_path / "pets", n=8)
    for i in range(3):
        (root / "ant" / "album").mkdir(exist_ok=True)
        Image.new("RGB", (8, 8), (i, 200, 200)).save(root / "ant" / "album" / f"{i}.png")
    task, text = noted(root)
    assert "1 group, each kept in one split: album" in text
    assert len(set(task.labelled.groups.tolist() + task.test.groups.tolist())) == 25


def test_too_few_groups_are_explained(tmp_path):
    root = write_patients(tmp_path / "scans", per_class=2)
    message = r"no val image for ill, well, whose 6 images are 2 groups kept in one split: sub-fol"
    with pytest.raises(ValueError, match=message):
        from_folder(root)
