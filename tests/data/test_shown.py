"""What a notebook shows of a task: its numbers, its training inputs, and never too much."""

import base64
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import tlteach as tlt
from tests.helpers.shown import HOSTILE, SAFE, sound
from tests.helpers.tiny import tiny_task
from tlteach.data import Split


def task_of(images, *, classes, test=None):
    """Return a task whose training images are given, as many of each class."""
    n = len(images)
    index = torch.arange(n)
    train = Split(images, index % len(classes), 0 * index, index, index)
    empty = train.select(index[:0])
    test = train if test is None else test
    return replace(
        tiny_task(), classes=tuple(classes), domains=("here",), train=train, val=empty, test=test
    )


def pictures(page):
    """Return each picture with the attributes of its element."""
    found = []
    for attributes, _ in page.all("img"):
        content = base64.b64decode(attributes["src"].partition(",")[2])
        found.append((np.asarray(Image.open(io.BytesIO(content)).convert("RGB")), attributes))
    return found


@pytest.mark.parametrize("name", ["photos", "digits", "emoji", "fashion", "reviews", "spoken"])
def test_every_task_that_ships_shows_its_counts(name):
    task = tlt.load_task(name)
    page = sound(task)
    assert page.texts("caption")[0] == f"Task {name!r}"
    for j, label in enumerate(task.classes[:12]):
        counts = [int((s.labels == j).sum()) for s in (task.train, task.val, task.test)]
        assert page.facts[label][:3] == [f"{n:,}" for n in counts]
    assert page.facts[task.kind][0] == repr(task).splitlines()[3].split(": ", 1)[1]
    assert page.facts["card"] == [task.card.title]


def test_class_names_that_mean_harm_are_text():
    names = [HOSTILE, "الاسم", "a" * 500]
    page = sound(task_of(torch.zeros(6, 1, 8, 8, dtype=torch.uint8), classes=names))
    assert SAFE in page.facts
    assert page.all("img")[0][0]["alt"] == f"2 training images of {SAFE}"
    assert "a" * 79 + "…" in page.facts


def test_two_hundred_classes_show_the_first_and_count_the_rest():
    task = task_of(torch.zeros(400, 1, 8, 8, dtype=torch.uint8), classes=[*map(str, range(200))])
    page = sound(task)
    assert page.facts["and 188 more"][:3] == ["376", "0", "376"]
    assert "12" not in page.facts
    assert "200 classes" in page.texts("caption")[1]


@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 48, 48), (3, 47, 192), (1, 300, 9)])
def test_noise_stays_small(shape):
    """Nothing compresses worse; fewer of each class are shown then."""
    images = torch.randint(0, 256, (60, *shape), generator=torch.Generator().manual_seed(0))
    page = sound(task_of(images.to(torch.uint8), classes="abcdefghijkl"))
    assert len(page.all("img")) == 12


def test_small_images_are_shown_pixel_by_pixel():
    images = torch.arange(2 * 64).to(torch.uint8).reshape(2, 1, 8, 8)
    found = pictures(sound(task_of(images, classes="ab")))
    for (pixels, attributes), image in zip(found, images, strict=True):
        assert (pixels == image[0].numpy()[..., None]).all()
        assert (attributes["width"], attributes["height"]) == ("40", "40")
        assert attributes["style"] == "image-rendering: pixelated"


def test_a_strip_holds_the_first_training_images_of_its_class():
    images = torch.zeros(14, 3, 64, 64, dtype=torch.uint8)
    images[::2] = 200  # class a is light, class b dark
    (light, one), (dark, _) = pictures(sound(task_of(images, classes="ab")))
    assert one["alt"] == "5 training images of a"
    assert light.shape == dark.shape == (40, 5 * 42 - 2, 3)
    assert abs(int(np.median(light)) - 200) < 4 > int(np.median(dark))
    assert "style" not in one


def test_no_test_image_is_shown():
    task = task_of(torch.zeros(4, 1, 8, 8, dtype=torch.uint8), classes="ab")
    other = replace(task.test, inputs=task.test.inputs + 255)
    assert replace(task, test=other)._repr_html_() == task._repr_html_()


def test_where_nothing_can_be_shown_counts_remain():
    many = task_of(torch.zeros(4, 5, 8, 8, dtype=torch.uint8), classes="ab")
    empty = replace(many, train=many.val)
    for task in (many, empty):
        page = sound(task)
        assert not page.all("img")
        assert len(page.facts["a"]) == 3
    digits = tlt.load_task("digits")
    one = replace(digits, train=digits.train.select(digits.train.labels > 0))
    assert len(sound(one).all("img")) == 9  # a class without training images has no strip


def test_texts_are_shown_as_text():
    texts = ["bad <b>film</b> $5$", "good " * 60]
    rows = [
        (f"{text} {i}", j) for i in range(10) for text, j in zip(texts, ("no", "yes"), strict=True)
    ]
    task = tlt.from_texts(pd.DataFrame(rows, columns=["text", "label"]))
    page = sound(task)
    assert page.facts["no"][-1].startswith(texts[0])
    assert len(page.facts["yes"][-1]) == 90


def test_the_last_line_says_what_the_test_images_can_tell():
    """Notebook 15 refers to it."""
    task = task_of(torch.zeros(24, 1, 8, 8, dtype=torch.uint8), classes="ab")
    page = sound(task)
    assert page.texts("p")[-1] == repr(task).splitlines()[-1].strip()
    assert page.html.endswith("</p></div>")
    assert not sound(tlt.load_task("digits")).all("p")


def test_few_labels_and_their_seed_are_told(few):
    assert sound(few).facts["labels"] == ["5 shots, seed 0"]


def test_a_split_is_one_line():
    photos = tlt.load_task("photos")
    told = "Split of 119 images, each (3, 96, 96) torch.uint8: 11 classes, 1 domain, 114 groups"
    assert repr(photos.test) == told
    assert repr(photos.pool).startswith(
        "Split of 0 images, each (3, 96, 96) torch.uint8: 0 classes"
    )
    unknown = replace(photos.test, labels=torch.full_like(photos.test.labels, -1))
    assert ": 0 classes, " in repr(unknown)
    reviews = tlt.load_task("reviews").train
    assert repr(reviews).startswith(
        f"Split of {len(reviews)} texts, each (256,) torch.uint8: 2 cla"
    )
