"""The picture of an audit shows what was found, the severest first, each with its name."""

import numpy as np
import pandas as pd
import pytest

from tests.helpers.photographs import write_photographs
from tests.helpers.plot_tables import small_task
from tlteach import plots
from tlteach.data.album import pictures


def found(*rows):
    empty = {"severity": "warning", "kind": "outlier", "label": "", "other": "", "suggests": ""}
    return pd.DataFrame([empty | {"file": ""} | row for row in rows])


def test_images_stand_in_the_order_of_the_table_with_their_names():
    task = small_task(6)
    table = found(
        {"kind": "label conflict", "file": "test 4", "other": "train 1"},
        {"kind": "imbalance", "label": "bird"},
        {"kind": "corrupt file", "file": "bad.jpg"},
        {"kind": "wrong label", "file": "test 2", "suggests": "meal"},
        {"file": "test 4"},
    )
    ax = plots.audit(task, table)
    shown = [task.test.images[4], task.train.images[1], task.test.images[2]]
    for got, image in zip(ax.images, shown, strict=True):
        np.testing.assert_array_equal(got.get_array(), image.permute(1, 2, 0))
    titles = [text.get_text() for text in ax.texts]
    assert titles == ["label conflict\ntest 4", "its other\ntrain 1", "wrong label:…\ntest 2"]
    told = plots.describe(ax)
    assert told.startswith("3 of 3 images with findings. Grid of 3 images, 8 by 8 pixels: ")
    assert "wrong label: meal? test 2" in told


def test_no_more_than_asked_for_are_shown():
    table = found(*({"file": f"test {i}"} for i in range(5)))
    ax = plots.audit(small_task(6), table, n=3, columns=2)
    assert len(ax.images) == 3
    assert plots.describe(ax).startswith("3 of 5 images")


def test_files_of_a_folder_are_read_and_odd_names_stay_text(tmp_path):
    root = write_photographs(tmp_path / "own", 2)
    odd = "rings/$x$_a_very_long_name_of_a_file_$.jpg"
    (root / "rings/rings0.jpg").rename(root / odd)
    ax = plots.audit(root, found({"file": odd}))
    (image,) = pictures(root, [odd])
    np.testing.assert_array_equal(ax.images[0].get_array(), image.permute(1, 2, 0))
    assert ax.texts[0].get_text().endswith("$.jpg")
    ax.figure.canvas.draw()  # no dollar begins a formula


def test_what_has_no_picture_is_said():
    with pytest.raises(ValueError, match="got none: there is nothing to draw"):
        plots.audit(small_task(3), found({"kind": "imbalance"}))
    with pytest.raises(ValueError, match="missing: other, suggests, label"):
        plots.audit(small_task(3), pd.DataFrame({"severity": [], "kind": [], "file": []}))
    with pytest.raises(ValueError, match="got 'test 9', which is not there"):
        plots.audit(small_task(3), found({"file": "test 9"}))
