"""An exported file answers like the model, or is not written."""

import builtins
import json
import re
import zipfile

import numpy as np
import pytest
import torch

import tlteach as tlt
from tests.helpers.kept import kept, write_pictures
from tlteach.base import adding
from tlteach.models import Classifier, Intake, Preprocessing, export
from tlteach.models.export import WithPreprocessing, resizing

CLOSE = {"atol": 1e-4, "rtol": 1e-4}
FORMATS = {"onnx": ".onnx", "torch.export": ".pt2"}


@pytest.fixture(params=FORMATS)
def how(request):
    if request.param == "onnx":
        for name in ("onnx", "onnxscript", "onnxruntime"):
            pytest.importorskip(name, reason=f'the extra "export" is missing: no {name}')
    return request.param


@pytest.fixture(scope="module")
def model(digits):
    return kept(digits, "small_cnn", shots=5)


def opened(path, how):
    """Return what runs the file, and the class names in it."""
    if how == "torch.export":
        names = {"classes": ""}
        program = torch.export.load(path, extra_files=names).module()
        return lambda x: [t.detach().numpy() for t in program(x)], json.loads(names["classes"])
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    names = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
    return lambda x: session.run(["logits", "confidences"], {"images": x.numpy()}), names


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_file_answers_like_the_model_for_any_batch(model, digits, tmp_path, how, n):
    path = model.export(tmp_path / f"digits{FORMATS[how]}", format=how)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    run, names = opened(path, how)
    images = digits.test.images[:n]
    logits, confidences = run(images)
    np.testing.assert_allclose(logits, model.logits(images).numpy(), **CLOSE)
    told = model.predict(images)
    np.testing.assert_allclose(confidences.max(1), told["confidence"], **CLOSE)
    assert [names[i] for i in confidences.argmax(1)] == told["class"].tolist()


def test_imagenets_network_and_its_smooth_resize(tmp_path, how):
    task = tlt.from_folder(write_pictures(tmp_path / "pictures"), size=150)  # shrunk to 96
    lite = kept(task, "lite0")
    path = lite.export(tmp_path / f"lite{FORMATS[how]}", format=how, images=task.test.images)
    run, _ = opened(path, how)
    logits, _ = run(task.train.images)
    np.testing.assert_allclose(logits, lite.logits(task.train.images).numpy(), **CLOSE)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "nearest"])
@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("shape", [(50, 50), (20, 20), (32, 32), (40, 90), (20, 50)])
def test_two_matrices_resize_as_the_preprocessing_does(mode, antialias, shape):
    recipe = Preprocessing(32, interpolation=mode, antialias=antialias)
    g = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (2, 3, *shape), generator=g, dtype=torch.uint8)
    rows, columns = resizing(recipe, *shape)
    got = rows @ (images.float() / 255) @ columns
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in (recipe.mean, recipe.std))
    torch.testing.assert_close((got - mean) / std, recipe(images), atol=1e-5, rtol=1e-5)


def test_grey_images_get_three_channels():
    net = Classifier(tlt.load_backbone("small_cnn"), 3, seed=0).eval()
    images = torch.arange(4 * 64).remainder(251).to(torch.uint8).view(4, 1, 8, 8)
    logits, _ = WithPreprocessing(net, (1, 8, 8), 1.0)(images)
    torch.testing.assert_close(logits, net(images), **CLOSE)


def test_a_file_that_would_answer_otherwise_does_not_appear(model, tmp_path, monkeypatch, how):
    def blurred(recipe, height, width):
        rows, columns = resizing(recipe, height, width)
        return rows.roll(1, 0), columns

    monkeypatch.setattr(export, "resizing", blurred)
    with pytest.raises(ValueError, match=r"is not written: on 1 images its logits differ .* than"):
        model.export(tmp_path / f"digits{FORMATS[how]}", format=how)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_unless_asked(model, tmp_path):
    path = tmp_path / "digits.pt2"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match=r"exists already; .* overwrite=True"):
        model.export(path, format="torch.export")
    assert path.read_text() == "mine"
    model.export(path, format="torch.export", overwrite=True)
    assert zipfile.is_zipfile(path)


@pytest.mark.parametrize(
    ("name", "asked", "message"),
    [
        ("m.onnx", {"format": "tflite"}, "format must be one of 'onnx', 'torch.export'; got 'tfl"),
        ("m.pt2", {}, r"path must end in \.onnx for format 'onnx'; got 'm\.pt2'"),
        ("m.onnx", {"images": torch.zeros(1, 8, 8, dtype=torch.uint8)}, "images must be at least"),
    ],
)
def test_wrong_requests_are_refused(model, tmp_path, name, asked, message):
    with pytest.raises(ValueError, match=message):
        model.export(tmp_path / name, **asked)


def test_a_model_of_texts_is_refused():
    with pytest.raises(ValueError, match="takes models of images; this one reads texts"):
        export.shown_to(Intake("texts", ()))


def test_a_missing_extra_is_said_in_words(model, tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("onnx"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=re.escape(adding("export"))):
        model.export(tmp_path / "m.onnx")
