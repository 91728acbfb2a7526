"""Trying models without a browser: the answers are those of `predict`, and are counted right."""

import io

import pytest
from PIL import Image

import tlteach as tlt
from tests.helpers.kept import kept
from tlteach import widgets


@pytest.fixture(scope="module")
def models(digits):
    """Two heads on one frozen backbone, and a network from scratch."""
    return {
        "few": kept(digits, "small:glyphs", shots=3),
        "frozen": kept(digits, "small:glyphs", shots=10),
        "scratch": kept(digits, "small:glyphs", "scratch"),
    }


class Heard(widgets.TryModel):
    """Keeps what it sends to the browser."""

    def send(self, content, buffers=None):
        self.answer = content


@pytest.fixture
def heard(models):
    return Heard(models)


def jpeg(image, form="jpeg"):
    buffer = io.BytesIO()
    Image.fromarray(image[0].numpy()).resize((64, 64)).save(buffer, format=form)
    return buffer.getvalue()


def test_every_model_answers_as_it_does_alone(models, heard, digits):
    for image in digits.test.images[:3]:
        seen = heard.look(image)
        assert list(seen) == ["model", "class", "confidence"]
        for name, model in models.items():
            mine = seen[seen["model"] == name].reset_index(drop=True)
            alone = model.predict(image).iloc[0]
            assert mine.loc[:1, "class"].tolist() == [alone["class"], alone["second"]]
            assert mine.loc[0, "confidence"] == pytest.approx(alone["confidence"], abs=1e-6)
            assert mine["confidence"].sum() == pytest.approx(1)


def test_models_on_one_frozen_backbone_look_once(models, heard, digits):
    looked = []
    hooks = [
        model.classifier.backbone.register_forward_hook(lambda *_, name=name: looked.append(name))
        for name, model in models.items()
    ]
    heard.look(digits.test.images[0])
    for hook in hooks:
        hook.remove()
    assert looked == ["few", "scratch"]


def test_what_a_browser_sends_is_answered_with_its_turn(models, heard, digits):
    sent = jpeg(digits.test.images[0])
    heard._heard(None, {"do": "look", "turn": 7}, [memoryview(sent)])
    assert (heard.answer["do"], heard.answer["turn"]) == ("seen", 7)
    rows = heard.answer["rows"]
    assert [row["model"] for row in rows] == [name for name in models for _ in range(5)]
    with Image.open(io.BytesIO(sent)) as opened:
        alone = models["frozen"].predict(opened).iloc[0]
    assert rows[5]["class"] == alone["class"]
    assert rows[5]["confidence"] == pytest.approx(alone["confidence"], abs=1e-6)


def test_counted_answers_are_kept(models, heard, digits):
    assert heard.describe() == "No picture was counted yet."
    assert heard.table().empty
    labels = [digits.classes[i] for i in digits.test.labels[:4].tolist()]
    for image, label in zip(digits.test.images[:4], labels, strict=True):
        heard.look(image)
        heard.count(label)
    table = heard.table()
    for name, model in models.items():
        said = model.predict(digits.test.images[:4])["class"].tolist()
        assert table.loc[table["model"] == name, "class"].tolist() == said
        right = sum(a == b for a, b in zip(said, labels, strict=True))
        assert heard.counted[name] == [right, 4]
        assert f"{name} {right} of 4" in heard.describe()
    with pytest.raises(ValueError, match="nothing new was looked at"):
        heard.count("0")
    with pytest.raises(ValueError, match=r"class must be one of .*; got 'cat'"):
        heard.count("cat")


def test_nonsense_is_answered_and_raises_nothing(heard, digits):
    for sent in (b"", b"no picture", jpeg(digits.test.images[0], "png")):
        heard._heard(None, {"do": "look", "turn": 1}, [memoryview(sent)])
        assert heard.answer["text"].startswith("Not done: ")
    for content in ({}, {"do": "look"}, {"do": "count", "truth": 3}):
        heard._heard(None, content, [])
        assert heard.answer["text"] == "That was not understood."
    heard._heard(None, {"do": "count", "truth": "cat"}, [])
    assert "class must be one of" in heard.answer["text"]
    assert heard.said == heard.answer["text"]


def test_one_model_is_named_by_its_regime(models):
    assert [*widgets.try_model(models["frozen"]).models] == ["frozen"]


def test_models_must_be_of_one_kind(models):
    with pytest.raises(TypeError, match=r"a model must be a TrainedModel.*; a is 3"):
        widgets.try_model({"a": 3})
    with pytest.raises(ValueError, match="at least one model"):
        widgets.try_model({})
    fewer = tlt.load_task("fashion_5_9")
    other = kept(fewer, "small:glyphs")
    with pytest.raises(ValueError, match=r"all models must tell .* apart; other has"):
        widgets.try_model(models | {"other": other})
    texts = kept(tlt.load_task("reviews_films"), "small_text")
    with pytest.raises(ValueError, match="reads texts, which no picture file becomes"):
        widgets.try_model(texts)
