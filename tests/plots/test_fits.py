"""Before a fit is chosen one sees what each leaves of the longest images."""

import numpy as np
import pytest
from PIL import Image

from tlteach import plots
from tlteach.data.images import FITS, read_image


@pytest.fixture
def folder(tmp_path):
    for name, wide in (("cat", 60), ("dog", 200), ("$x$", 90)):
        (tmp_path / "own" / name).mkdir(parents=True)
        ramp = np.linspace(0, 255, wide * 30).reshape(30, wide).astype(np.uint8)
        Image.fromarray(ramp).save(tmp_path / "own" / name / f"{name}.png")
    (tmp_path / "own/cat/broken.jpg").write_bytes(b"no image")
    return tmp_path / "own"


def shown(ax):
    return [np.asarray(image.get_array()) for image in ax.images]


def test_each_row_is_an_image_each_column_a_fit_the_longest_first(folder):
    ax = plots.fits(folder, n=2, size=32)
    files = ["dog/dog.png", "$x$/$x$.png"]
    expected = [read_image(folder / file, 32, fit) for file in files for fit in FITS]
    for got, image in zip(shown(ax), expected, strict=True):
        np.testing.assert_array_equal(got, image.permute(1, 2, 0))
    assert [text.get_text() for text in ax.texts] == ["crop", "pad", "squish"]
    assert plots.describe(ax) == f"What crop, pad, squish leave of {files[0]}, {files[1]}."
    ax.figure.canvas.draw()  # no dollar begins a formula


def test_files_may_be_named_and_one_is_enough(folder):
    ax = plots.fits(folder, ["cat/cat.png"], size=16)
    assert len(shown(ax)) == 3
    assert [text.get_text() for text in ax.texts] == [*FITS]


def test_what_is_not_there_is_said(folder, tmp_path):
    with pytest.raises(ValueError, match=r"got 'cat/2\.png', which is not there"):
        plots.fits(folder, ["cat/2.png"])
    with pytest.raises(ValueError, match="number of files must be at least 1; got 0"):
        plots.fits(folder, [])
    for name in ("a", "b"):
        (tmp_path / "none" / name).mkdir(parents=True)
        (tmp_path / "none" / name / "1.jpg").write_bytes(b"no image")
    with pytest.raises(ValueError, match="none must hold readable images; got none"):
        plots.fits(tmp_path / "none")
