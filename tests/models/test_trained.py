"""A trained model answers for files as for its task's tensors, and names its mistakes."""

import copy
import re
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import tlteach as tlt
from tests.helpers.kept import kept, write_pictures
from tests.helpers.texts import encoded
from tlteach.measures import Calibration
from tlteach.models import predict


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return write_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def task(pictures):
    return tlt.from_folder(pictures, size=40)


@pytest.fixture(scope="module")
def lite(task):
    """ImageNet's weights under a head for three kinds of emoji."""
    return kept(task, "lite0")


@pytest.fixture(scope="module")
def digit(digits):
    return kept(digits, "small_cnn", shots=5)


def test_files_are_answered_as_the_tensors_of_from_folder(lite, task, pictures):
    for split in (task.train, task.val, task.test):
        paths = [pictures / name for name in task.files_of(split)]
        told, expected = lite.predict(paths), lite.predict(split.images)
        pd.testing.assert_frame_equal(
            told.drop(columns="file"), expected.drop(columns="file"), check_exact=True
        )
        assert told["file"].tolist() == [str(path) for path in paths]
    everything = lite.predict(pictures)
    assert everything["file"].tolist() == [*task.files]


def test_confidences_are_a_softmax_of_the_networks_logits(lite, task):
    table = lite.predict(task.test.images)
    expected = predict(lite.classifier, task.test.images, precision="fp32").softmax(1)
    top = expected.topk(2)
    close = {"atol": 1e-6, "rtol": 1e-5}
    assert lite.calibration.temperature == 1  # four held-out labels tell nothing
    np.testing.assert_allclose(table["confidence"], top.values[:, 0], **close)
    np.testing.assert_allclose(table["second_confidence"], top.values[:, 1], **close)
    assert table["class"].tolist() == [task.classes[i] for i in top.indices[:, 0]]
    assert table["second"].tolist() == [task.classes[i] for i in top.indices[:, 1]]


def test_pictures_and_paths_are_answered_alike(lite, pictures):
    path = pictures / "kind1" / "2.png"
    with Image.open(path) as opened:
        shown = lite.predict([opened, opened])
    assert shown["file"].tolist() == [0, 1]
    told = lite.predict([path, str(path)])
    assert shown["confidence"].tolist() == told["confidence"].tolist()
    assert len(lite.predict(str(path))) == len(lite.predict(path)) == 1


def test_unsure_answers_are_none_of_these_if_asked(digit, digits):
    images = digits.test.images[:300]
    plain, strict = digit.predict(images), digit.predict(images, none_of_these=True)
    unsure = plain["confidence"] < digit.calibration.threshold
    assert 0 < unsure.sum() < len(unsure)
    assert (strict["class"] == "none of these").equals(unsure)
    assert strict["class"][~unsure].equals(plain["class"][~unsure])
    assert strict["confidence"].equals(plain["confidence"])


def test_none_of_these_needs_a_threshold(lite, task):
    with pytest.raises(ValueError, match=r"takes 20 right answers .* had \d held-out labels"):
        lite.predict(task.test.images, none_of_these=True)


def test_mistakes_are_the_wrong_answers_the_surest_first(digit, digits):
    table = digit.mistakes(digits)
    told = digit.predict(digits.test.images)
    true = np.array(digits.classes)[digits.test.labels]
    wrong = np.flatnonzero(told["class"].to_numpy() != true)
    assert sorted(table["row"]) == wrong.tolist()
    assert table["confidence"].is_monotonic_decreasing
    for row in table.head(5).itertuples():
        assert (row.true, row.answer) == (true[row.row], told["class"][row.row])
        assert row.confidence == told["confidence"][row.row]


def test_mistakes_name_their_files(lite, task, pictures):
    head = lite.classifier.head
    turned = torch.nn.Linear(head.in_features, head.out_features)
    turned.load_state_dict({name: -value for name, value in head.state_dict().items()})
    worse = replace(lite, classifier=copy.deepcopy(lite.classifier))
    worse.classifier.head = turned
    table = worse.mistakes(task)
    assert len(table)
    for row in table.itertuples():
        assert row.file.split("/")[0] == row.true
        told = worse.predict(pictures / row.file)
        assert told["class"].tolist() == [row.answer]


def test_mistakes_need_the_models_classes(digit, task):
    with pytest.raises(ValueError, match=r"task must have the model's classes \('0', .*'kind0'"):
        digit.mistakes(task)


def test_the_card_tells_data_weights_licences_overlap_and_limits(lite):
    card = lite.card
    for title in ("What it does", "Data", "Weights", "Inputs", "How good it is", "Limits"):
        assert f"## {title}\n" in card
    for told in (
        "15 labelled inputs (kind0 5, kind1 5, kind2 5)",
        "Licence: not stated.",
        "lite0, trained on ImageNet-1k",
        "Licence: Apache-2.0.",
        "Overlap with the source ImageNet-1k: 0 of 3 class names",
        "short side scaled to 40 pixels and the middle cut out",
        "size 96",
        "held-out labels are too few, it takes 20",
    ):
        assert told in card
    assert card == lite.card
    assert not any(line.startswith("/") for line in card.splitlines())


def test_the_recipe_holds_all_that_makes_an_answer(lite, task):
    recipe = lite.recipe
    assert recipe["backbone"] == recipe["architecture"] == "lite0"
    assert recipe["classes"] == task.classes
    assert recipe["preprocessing"]["mean"] == (127 / 255,) * 3
    assert recipe["training"]["config"]["c"] > 0
    assert recipe["calibration"]["temperature"] == 1


def test_it_says_in_a_line_what_it_is(digit):
    assert repr(digit).startswith("TrainedModel of 'digits': small_cnn frozen, 10 classes, 797 lab")
    assert re.search(r"test accuracy (0\.\d{3}) \(0\.\d{3} to 0\.\d{3}\)$", repr(digit))


def test_nothing_in_it_can_be_set(lite):
    with pytest.raises(FrozenInstanceError):
        lite.classes = ()


def test_the_temperature_spreads_the_confidences(digit, digits):
    images = digits.test.images[:20]
    hot = replace(digit, calibration=Calibration(temperature=5.0))
    assert (hot.predict(images)["confidence"] < digit.predict(images)["confidence"]).all()
    assert hot.predict(images)["class"].equals(digit.predict(images)["class"])


def test_a_trained_model_is_the_next_source(digit, digits):
    source = digit.as_backbone("digit reader")
    assert (source.card.name, source.card.source) == ("digit reader", "digits")
    assert source.card.classes == digits.classes
    assert source.fingerprint() == digit.classifier.backbone.fingerprint()
    assert all(p.requires_grad for p in source.parameters())
    table = tlt.compare(
        tlt.load_task("glyphs"), backbone=source, regimes=["frozen"], shots=[2], seeds=[0],
        search="smoke", baselines=False, progress=False,
    )  # fmt: skip
    assert set(table["source"]) == {"digits"}
    assert table.attrs["provenance"]["overlap"]["digit reader"].startswith(
        "Overlap with the source digits: 0 of"
    )


def test_a_model_of_texts_takes_strings():
    films = tlt.load_task("reviews_films")
    model = kept(films, "small_text")
    texts = films.test.texts[:3]
    told = model.predict(texts)
    same = model.predict(encoded(texts, films.test.inputs.shape[1]))
    assert told.drop(columns="file").equals(same.drop(columns="file"))
    with pytest.raises(ValueError, match="reads texts, which no picture file becomes"):
        model.predict([Image.new("L", (8, 8))])


def test_a_model_does_not_hold_gradients_or_move_when_it_answers(digit, digits):
    before = digit.classifier.backbone.fingerprint()
    digit.predict(digits.test.images[:3])
    assert digit.classifier.backbone.fingerprint() == before
    assert not digit.logits(digits.test.images[:3]).requires_grad
    assert not digit.classifier.training
    assert torch.device("cpu") == next(digit.classifier.parameters()).device
