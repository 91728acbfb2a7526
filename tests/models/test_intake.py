"""Whatever is shown to a model becomes what its task held, by the same code."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.data.test_folder import paint
from tlteach.data import from_folder, load_task
from tlteach.models import Intake, load_backbone

COLOUR, GREY = Intake("images", (3, 16, 16)), Intake("images", (1, 8, 8))


def test_a_task_says_what_its_models_read(digits):
    cnn, speech = (
        load_backbone("small_cnn").preprocessing,
        load_backbone("speech_cnn").preprocessing,
    )
    assert Intake.of(digits, cnn) == GREY
    assert Intake.of(load_task("spoken_mild"), speech).kind == "spectrograms"
    assert Intake.of(load_task("reviews_films"), cnn) == Intake("texts", ())


@pytest.mark.parametrize("fit", ["crop", "pad", "squish"])
def test_a_folder_is_read_as_from_folder_reads_it(tmp_path, fit):
    for i, name in enumerate(["ant", "ant", "ant", "bee", "bee", "bee"]):
        paint(tmp_path / name / f"{i}.png", (40 * i, 9, 30), size=(40, 30 + i))
    task = from_folder(tmp_path, size=16, fit=fit)
    paint(tmp_path / ".hidden" / "x.png", (0, 0, 0))
    intake = Intake.of(task, load_backbone("small_cnn").preprocessing)
    assert intake == Intake("images", (3, 16, 16), fit)
    (tmp_path / "ant" / "notes.txt").write_text("passed over")
    names, rows = intake(tmp_path)
    assert tuple(names) == task.files
    for split in (task.train, task.val, task.test):
        assert torch.equal(rows[split.index], split.images)
    with Image.open(tmp_path / names[4]) as opened:
        assert torch.equal(intake(opened)[1], rows[4:5])


def test_it_says_how_a_picture_becomes_a_square():
    assert "short side scaled to 16 pixels and the middle cut out" in COLOUR.told
    assert "long side scaled to 8 pixels and white added" in replace(GREY, fit="pad").told
    with pytest.raises(ValueError, match="fit must be one of 'crop', 'pad', 'squish'; got 'stuff'"):
        replace(GREY, fit="stuff")


def test_paths_and_pictures_may_stand_side_by_side(tmp_path):
    path = tmp_path / "a.png"
    paint(path, (1, 2, 3))
    with Image.open(path) as opened:
        names, rows = COLOUR([opened, path, str(path)])
    assert names == [0, str(path), str(path)]
    assert torch.equal(rows[0], rows[1])
    assert torch.equal(rows[1], rows[2])
    assert torch.equal(COLOUR(str(path))[1], rows[:1])
    assert torch.equal(COLOUR(np.array([str(path)] * 2))[1], rows[:2])


def test_a_home_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    paint(tmp_path / "new" / "a.png", (1, 2, 3))
    names, rows = COLOUR(["~/new/a.png"])
    assert names == ["~/new/a.png"]
    assert torch.equal(COLOUR("~/new")[1], rows)


def test_photographs_as_other_libraries_read_them_are_prepared_as_files_are():
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (2, 30, 40, 3), np.uint8)
    expected = COLOUR([Image.fromarray(photograph) for photograph in pixels])
    for given in (pixels, [*pixels]):
        names, rows = COLOUR(given)
        assert names == expected[0] == [0, 1]
        assert torch.equal(rows, expected[1])
    assert torch.equal(COLOUR(pixels[1])[1], expected[1][1:])
    with pytest.raises(ValueError, match=r"reads uint8 of shape \(n, 1, 8, 9\).*\(2, 30, 40, 3\)"):
        Intake("images", (1, 8, 9))(pixels)


def test_a_grey_model_gets_pillows_grey():
    image = Image.new("RGB", (8, 8), (200, 30, 90))
    _, rows = GREY(image)
    assert rows.shape == (1, 1, 8, 8)
    assert rows.unique().tolist() == [image.convert("L").getpixel((0, 0))]


def test_rows_and_one_row_pass_unchanged(digits):
    images = digits.test.images[:3]
    for given in (images, images.numpy()):
        names, rows = GREY(given)
        assert names == [0, 1, 2]
        assert torch.equal(rows, images)
    assert torch.equal(GREY(images[0])[1], images[:1])


def test_a_model_of_texts_takes_strings():
    texts = Intake("texts", ())
    assert texts("hi")[1].tolist() == [[104, 105]]
    assert texts(["hi", "x"])[1].tolist() == [[104, 105], [120, 0]]


def test_files_that_are_no_pictures_are_all_named(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_text("no picture")
    with pytest.raises(ValueError, match=r"2 of 2 files are not readable .*\n  a\.png: .*\n  b\.p"):
        COLOUR(tmp_path)


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ([], ValueError, "number of inputs must be at least 1; got 0"),
        (torch.zeros(0, 3, 16, 16, dtype=torch.uint8), ValueError, "at least 1; got 0"),
        (torch.zeros(2, 3, 9, 9, dtype=torch.uint8), ValueError, r"\(n, 3, 16, 16\).*\(2, 3, 9, 9"),
        (np.zeros((2, 3, 16, 16)), ValueError, "reads uint8 .* got torch.float64"),
        ("nothing.png", FileNotFoundError, "1 of 1 inputs are not files: nothing.png"),
        (7, TypeError, "must be a path, a PIL image, or a row of a uint8 tensor; got int"),
    ],
)
def test_what_it_cannot_read_is_refused(what, error, message):
    with pytest.raises(error, match=message):
        COLOUR(what)


def test_spectrograms_and_empty_folders_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"reads spectrograms of shape .*no picture file becomes"):
        Intake("spectrograms", (1, 40, 61))(Image.new("L", (8, 8)))
    with pytest.raises(ValueError, match=r"number of images in .* must be at least 1; got 0"):
        COLOUR(tmp_path)
    with pytest.raises(ValueError, match="kind must be one of 'images'"):
        Intake("smells", ())
