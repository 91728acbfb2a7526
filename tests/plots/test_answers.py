"""The picture of answers: a sample that nobody picked, and each arm's word, right or wrong."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import same_color, to_hex
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font

import tlteach as tlt
from tests.helpers.plot_tables import CLASSES, small_task
from tlteach import plots
from tlteach.plots.answers import MARKS, STYLES, drawn
from tlteach.plots.style import luminance
from tlteach.plots.words import in_words


def arms(task):
    right = task.test.labels
    return {"scratch": (right + 1) % task.n_classes, "frozen": right}


def lines(ax):
    """Return the texts that say an answer."""
    return [text for text in ax.texts if text.get_text()[0] in MARKS.values()]


def test_images_truth_and_answers_stand_together():
    task = small_task(3)
    ax = plots.answer_grid(task, arms(task), n=3, columns=2)
    for got, image in zip(ax.images, task.test.images, strict=True):
        np.testing.assert_array_equal(got.get_array(), image.permute(1, 2, 0))
    short = ["sea, reptile an…", "bird", "meal"]
    answered = [text.get_text() for text in lines(ax)]
    assert answered[0::2] == [f"✗ {short[i]}" for i in (1, 2, 0)]
    assert answered[1::2] == [f"✓ {name}" for name in short]
    for i, text in enumerate(lines(ax)):
        left, right, _, top = ax.images[i // 2].get_extent()
        x, y = text.get_position()
        assert left <= x < right
        assert y > top  # below it: heights grow downwards
    names = [text.get_text() for text in ax.texts]
    assert names.count("scratch") == names.count("frozen") == names.count("it is") == 2


def test_right_and_wrong_differ_by_more_than_colour():
    task = small_task(3)
    texts = lines(plots.answer_grid(task, arms(task)))
    for text in texts:
        right = text.get_text().startswith(MARKS[True])
        assert (text.get_weight() == "bold") == right
        assert (text.get_bbox_patch() is not None) == right
        assert same_color(text.get_color(), STYLES[right]["color"])
        assert 1.05 / (luminance(to_hex(text.get_color())) + 0.05) >= 4.5  # WCAG 2.2, 1.4.3
    assert len({text.get_fontsize() for text in texts}) == 1


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_the_font_has_the_marks(weight):
    font = FT2Font(findfont(FontProperties(weight=weight)))
    assert all(font.get_char_index(ord(mark)) for mark in MARKS.values())


def test_images_are_drawn_without_looking_at_answers():
    task = small_task(30)
    shown = [
        [image.get_array().tolist() for image in plots.answer_grid(task, given, n=5).images]
        for given in (arms(task), {"one": torch.zeros(30, dtype=torch.int64)})
    ]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("n", [1, 5, 12, 29, 99])
def test_classes_take_turns(n):
    labels = torch.tensor([0] * 20 + [1] * 9 + [3] * 2)
    rows = drawn(labels, n, seed=3)
    assert len(set(rows)) == len(rows) == min(n, 31)
    counts = labels[rows].bincount(minlength=4).tolist()
    assert labels[rows].tolist() == sorted(labels[rows].tolist())
    given_up = [c for c, there in zip(counts, (20, 9, 0, 2), strict=True) if c < there]
    assert not given_up or max(given_up) - min(given_up) <= 1
    assert drawn(labels, n, seed=3) == rows
    assert n > 12 or drawn(labels, n, seed=4) != rows


def test_words_hold_every_answer_and_the_counts():
    task = small_task(3)
    said = in_words(plots.answer_grid(task, arms(task), title="A finding."))
    a, b, c = CLASSES
    assert said == (
        "A finding. 3 of 3 test images, chosen without looking at answers. scratch: 0 of 3 right; "
        f"frozen: 3 of 3 right. Each image and its answers: {a}: scratch {b}, frozen {a}; "
        f"{b}: scratch {c}, frozen {b}; {c}: scratch {a}, frozen {c}."
    )


def test_photographs_fit_and_the_choice_is_told():
    task = tlt.load_task("photos")
    three = arms(task) | {"fine_tune": task.test.labels}
    ax = plots.answer_grid(task, three)
    ax.figure.canvas.draw()
    places = [text.get_window_extent() for text in ax.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(places) for b in places[:i])
    assert len(ax.images) == 12
    assert "drawn by chance" in ax.texts[-1].get_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"answers": {}}, "number of arms must be at least 1; got 0"),
        ({"answers": {"a": torch.zeros(2, dtype=torch.int64)}}, "test_images 3, answers_of_a 2"),
        ({"answers": {"a": torch.tensor([0, 1, 3])}}, "highest class of a must be .* got 3"),
        ({"answers": {"a": torch.tensor([0, -1, 1])}}, "lowest class of a must be .* got -1"),
        ({"n": 0}, "n must be at least 1; got 0"),
        ({"columns": 0}, "columns must be at least 1; got 0"),
    ],
)
def test_refuses(options, message):
    task = small_task(3)
    with pytest.raises(ValueError, match=message):
        plots.answer_grid(task, **{"answers": arms(task)} | options)
    assert not plt.get_fignums()


def test_texts_are_no_images():
    task = tlt.load_task("reviews")
    with pytest.raises(TypeError, match="this needs images"):
        plots.answer_grid(task, {"frozen": task.test.labels})
