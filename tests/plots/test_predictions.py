"""Figures of images and predictions draw what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

import tlteach as tlt
from tests.helpers.plot_tables import CLASSES, counts, reliability, split
from tlteach import plots
from tlteach.measures import confusion_table, reliability_table
from tlteach.plots.words import in_words


def test_image_grid_shows_the_pixels_evenly_spaced():
    ax = plots.image_grid(split(30), rows=2, columns=2)
    shown = [image.get_array() for image in ax.images]
    for pixels, i in zip(shown, [0, 10, 19, 29], strict=True):
        np.testing.assert_array_equal(pixels, split(30).images[i].permute(1, 2, 0))
    assert not ax.texts


def test_image_grid_titles():
    ax = plots.image_grid(split(3).images[:, :1], titles=["one", "two", "three"])
    assert [text.get_text() for text in ax.texts] == ["one", "two", "three"]
    assert ax.images[0].get_array().shape == (8, 8, 3)  # grey becomes three equal channels
    wrapped = plots.image_grid(split(1), CLASSES).texts[0].get_text()
    assert wrapped == "sea, reptile\nand bug"


def test_a_class_a_column_is_named_once():
    few, names = split(6), ["one", "two_three", "four"]  # labels go 0, 1, 2, 0, 1, 2
    ax = plots.image_grid(few, names, rows=2, columns=3)
    assert [text.get_text() for text in ax.texts] == ["one", "two three", "four"]
    assert len({text.get_position()[1] for text in ax.texts}) == 1
    for text, image in zip(ax.texts, ax.images[:3], strict=True):
        left, _, _, top = image.get_extent()
        assert text.get_position()[0] == left
        assert text.get_position()[1] < top
    assert in_words(ax).endswith("pixels, 2 of each of 3: one, two three, four.")


def test_names_of_columns_fit_side_by_side():
    task = tlt.load_task("photos")
    one = [int((task.test.labels == i).nonzero()[0]) for i in range(11)]
    ax = plots.image_grid(task.test.select(torch.tensor(2 * one)), task.classes, 2, 11)
    ax.figure.canvas.draw()
    places = [text.get_window_extent() for text in ax.texts]
    assert len(places) == 11
    assert not any(a.overlaps(b) for i, a in enumerate(places) for b in places[:i])
    assert min(place.y0 for place in places) == max(place.y0 for place in places)


@pytest.mark.parametrize(("rows", "columns"), [(3, 2), (6, 1), (1, 6), (2, 4)])
def test_columns_that_mix_classes_are_named_image_by_image(rows, columns):
    ax = plots.image_grid(split(6), CLASSES, rows=rows, columns=columns)
    assert len(ax.texts) == len(ax.images) == 6


def test_confusion_shows_counts_or_shares_and_blanks_for_zero():
    ax = plots.confusion(counts())
    assert [text.get_text() for text in ax.texts] == ["9", "1", "", "3", "7", "", "", "2", "8"]
    np.testing.assert_array_equal(ax.collections[0].get_array(), counts())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    assert [tick.get_text() for tick in ax.get_xticklabels()] == CLASSES
    assert plots.confusion(counts() / 10).texts[0].get_text() == "90%"
    perfect = pd.DataFrame(np.eye(2, dtype=int), index=["a", "b"], columns=["a", "b"])
    assert in_words(plots.confusion(perfect)).endswith("Nothing wrong.")


def test_calibration_draws_filled_bins_and_the_diagonal():
    ax = plots.calibration(reliability())
    diagonal, line = ax.lines
    np.testing.assert_array_equal(diagonal.get_xydata(), [[0, 0], [1, 1]])
    np.testing.assert_array_equal(line.get_xydata(), [[0.6, 0.55], [0.9, 0.7]])
    (dots,) = ax.collections
    np.testing.assert_array_equal(dots.get_offsets(), [[0.6, 0.55], [0.9, 0.7]])
    assert dots.get_sizes()[1] > dots.get_sizes()[0]
    assert ax.xaxis.get_major_formatter()(0.2, None) == "20%"


def test_figures_take_what_metrics_returns():
    logits, labels = torch.eye(3)[[0, 1, 1, 2]] * 2, torch.tensor([0, 1, 2, 2])
    ax = plots.confusion(confusion_table(logits, labels, CLASSES))
    assert [text.get_text() for text in ax.texts] == ["1", "", "", "", "1", "", "", "1", "1"]
    confidence = float(logits[0].softmax(0)[0])
    line = plots.calibration(reliability_table(logits, labels)).lines[1]
    np.testing.assert_allclose(line.get_xydata(), [[confidence, 0.75]], rtol=1e-6)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.image_grid(split(2).images[0]), r"shape .*; got \(3, 8, 8\)"),
        (lambda: plots.image_grid(split(2), rows=0), "rows must be at least 1; got 0"),
        (lambda: plots.image_grid(split(2).images[:0]), r"got \(0, 3, 8, 8\)"),
        (lambda: plots.image_grid(split(2).images, CLASSES), "give titles instead"),
        (lambda: plots.image_grid(split(2), titles=["a"]), "got images 2, titles 1"),
        (lambda: plots.confusion(counts().iloc[:2]), "same classes as index and columns"),
        (lambda: plots.calibration(counts()), "missing: n, confidence, accuracy"),
        (lambda: plots.calibration(reliability().assign(n=0)), "at least one row; got none"),
    ],
)
def test_errors(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
    assert not plt.get_fignums()  # nothing half drawn is left behind


def wrong(rows):
    return pd.DataFrame(
        {
            "row": rows,
            "true": "bird",
            "answer": "sea, reptile and bug",
            "confidence": [0.5 + 0.01 * row for row in rows],
        }
    )


def test_mistakes_shows_the_surest_with_their_words():
    few = split(9)
    ax = plots.mistakes(wrong([1, 7, 3]), few, worst=2)
    shown = [image.get_array() for image in ax.images]
    for got, row in zip(shown, [7, 3], strict=True):
        np.testing.assert_array_equal(got, few.images[row].permute(1, 2, 0).numpy())
    assert [text.get_text().split("\n")[1] for text in ax.texts] == ["is bird"] * 2
    told = in_words(ax)
    assert told.startswith("The 2 surest of 3 wrong answers. Grid of 2 images")
    assert "sea, reptile and bug 57% is bird; sea, reptile and bug 53% is bird" in told


def test_mistakes_fit_side_by_side():
    ax = plots.mistakes(wrong(range(9)), split(9), columns=3)
    ax.figure.canvas.draw()
    places = [text.get_window_extent() for text in ax.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(places) for b in places[:i])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (wrong([]), "table must have at least one row; got none"),
        (wrong([9]), "largest row must be between 0 and 8; got 9"),
        (wrong([1]).drop(columns="true"), "missing: true"),
    ],
)
def test_mistakes_refuses(table, message):
    with pytest.raises(ValueError, match=message):
        plots.mistakes(table, split(9))
