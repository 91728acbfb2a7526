"""A saved model: the same bits in another process; changed, missing or newer files are refused."""

import hashlib
import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

import tlteach as tlt
from tests.helpers.kept import kept
from tlteach.models import Backbone, ModelCard, Preprocessing, modelfile

READ = """
import hashlib, sys
import tlteach as tlt
model = tlt.load_model(sys.argv[1])
logits = model.logits(tlt.load_task("digits").test.images[:50], device="cpu")
print(hashlib.sha256(logits.numpy().tobytes()).hexdigest())
"""


@pytest.fixture(scope="module")
def model(digits):
    return kept(digits, "small_cnn", "fine_tune", shots=5)


@pytest.fixture
def folder(model, tmp_path):
    return model.save(tmp_path / "digit_reader")


def test_a_new_process_gives_the_same_bits(model, folder, digits):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", READ, folder], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    logits = model.logits(digits.test.images[:50], device="cpu")
    assert done.stdout.strip() == hashlib.sha256(logits.numpy().tobytes()).hexdigest()


def test_everything_else_comes_back_too(model, folder, digits):
    twin = tlt.load_model(folder)
    assert twin.card == model.card == (folder / "card.md").read_text()
    assert (twin.classes, twin.intake, twin.calibration) == (
        model.classes, model.intake, model.calibration,
    )  # fmt: skip
    assert twin.recipe == model.recipe
    assert twin.predict(digits.test.images[:9]).equals(model.predict(digits.test.images[:9]))
    assert not twin.classifier.training


def test_the_files_are_safetensors_json_a_card_and_their_sums(model, folder):
    assert {p.name for p in folder.iterdir()} == {
        "model.safetensors",
        "model.json",
        "card.md",
        "SHA256",
    }
    assert set(load_file(folder / "model.safetensors")) == set(model.classifier.state_dict())
    facts = json.loads((folder / "model.json").read_text())
    assert facts["classes"] == list(model.classes)
    for line in (folder / "SHA256").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("name", ["model.safetensors", "model.json", "card.md"])
def test_one_changed_bit_is_refused(folder, name):
    path = folder / name
    body = bytearray(path.read_bytes())
    body[-2] ^= 1
    path.write_bytes(body)
    with pytest.raises(ValueError, match=rf"{name} in digit_reader was changed or is damaged: its"):
        tlt.load_model(folder)
    with pytest.raises(ValueError, match="was changed or is damaged"):
        tlt.load_backbone(f"model:{folder}")


@pytest.mark.parametrize("name", ["model.safetensors", "model.json", "card.md", "SHA256"])
def test_a_missing_file_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(ValueError, match=rf"digit_reader must hold .*; missing: {name}"):
        tlt.load_model(folder)


def resealed(folder, **changes):
    """Change facts and write the sums anew, as a newer tlteach would."""
    facts = json.loads((folder / "model.json").read_text()) | changes
    (folder / "model.json").write_text(json.dumps(facts))
    names = ("model.safetensors", "model.json", "card.md")
    sums = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}" for n in names]
    (folder / "SHA256").write_text("\n".join(sums))


def test_a_newer_format_is_refused(folder):
    resealed(folder, format=modelfile.FORMAT + 1)
    with pytest.raises(ValueError, match="format 2 by a newer tlteach; this one reads formats up"):
        tlt.load_model(folder)


def test_weights_that_do_not_fit_the_named_network_are_refused(folder):
    told = json.loads((folder / "model.json").read_text())["backbone"]
    resealed(folder, backbone=told | {"architecture": "resnet8"})
    with pytest.raises(ValueError, match=r"does not fit|argument 2 is"):
        tlt.load_model(folder)


def test_another_preprocessing_under_that_name_is_refused(folder):
    told = json.loads((folder / "model.json").read_text())["backbone"]
    resealed(folder, backbone=told | {"preprocessing": told["preprocessing"] | {"gamma": 2}})
    with pytest.raises(ValueError, match=r"preprocessing should be .*'gamma': 2.*; this tlteach"):
        tlt.load_model(folder)


def test_a_model_is_overwritten_only_if_asked(model, folder, digits):
    other = kept(digits, "small_cnn", "frozen", shots=5)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(FileExistsError, match=r"holds a model already; .* overwrite=True"):
        other.save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    other.save(folder, overwrite=True)
    assert tlt.load_model(folder).training["label"] == "frozen"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_folder_of_something_else_is_never_overwritten(model, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for target in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(FileExistsError, match="holds something else than a model"):
            model.save(target, overwrite=True)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert model.save(empty) == empty


def test_a_failure_leaves_what_was_there_and_nothing_half_written(
    model, folder, digits, monkeypatch
):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(*_):
        msg = "disk full"
        raise OSError(msg)

    monkeypatch.setattr(modelfile, "_check", fail)
    with pytest.raises(OSError, match="disk full"):
        model.save(folder, overwrite=True)
    with pytest.raises(OSError, match="disk full"):
        model.save(folder.with_name("new"))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_network_of_ones_own_is_refused(digits, tmp_path):
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.AdaptiveAvgPool2d(1))
    model = kept(digits, Backbone(net, Preprocessing(16), ModelCard("mine"), 4))
    with pytest.raises(ValueError, match="load_backbone knows its network; 'mine' is a network of"):
        model.save(tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


def test_lora_and_texts_come_back(tmp_path):
    films = tlt.load_task("reviews_films")
    model = kept(films, "small_text", "lora")
    twin = tlt.load_model(model.save(tmp_path / "films"))
    texts = films.test.texts[:4]
    assert torch.equal(twin.logits(texts), model.logits(texts))
    source = twin.as_backbone("films")
    assert kept(films, source, "fine_tune").training["total"] == model.training["total"]
    with pytest.raises(ValueError, match="needs a network without lora; 'films' has it: try fine"):
        kept(films, source, "lora")


def test_the_pace_of_the_statistics_comes_back(digits, tmp_path):
    net = tlt.load_backbone("small_cnn")
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.03
    twin = tlt.load_model(kept(digits, net).save(tmp_path / "m"))
    assert modelfile.built(twin.classifier.backbone)["momenta"] == [0.03] * 4


def test_a_saved_model_is_the_next_source(model, folder, digits, tmp_path):
    name = f"model:{folder}"
    source = tlt.load_backbone(name)
    assert source.fingerprint() == model.classifier.backbone.fingerprint()
    card = source.card
    assert (card.name, card.source, card.classes) == (name, "digits", digits.classes)
    assert card.origin == "trained on digits"
    assert card.licence.startswith("data: CC BY 4.0")
    again = kept(digits, name, "fine_tune")  # a chain: what it becomes is saved on its own
    folder.rename(tmp_path / "moved")
    second = again.save(tmp_path / "second")
    assert torch.equal(tlt.load_model(second).logits(digits.test.images[:3]),
                       again.logits(digits.test.images[:3]))  # fmt: skip
    assert tlt.load_backbone(f"model:{second}").card.origin.startswith("trained on digits, after d")


def test_a_models_network_comes_with_random_weights_too(folder):
    random = tlt.load_backbone(f"model:{folder}", weights=None, seed=3)
    assert random.card.source == "none"
    assert random.fingerprint() == tlt.load_backbone("small_cnn", seed=3).fingerprint()


def test_no_folder_is_no_model(tmp_path):
    with pytest.raises(NotADirectoryError, match="is not a folder that holds a model"):
        tlt.load_model(tmp_path / "none")


def test_a_home_is_where_models_and_exports_go(model, digits, tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert model.save("~/own") == tmp_path / "own"
    assert model.export("~/own.pt2", format="torch.export") == tmp_path / "own.pt2"
    images = digits.test.images[:3]
    assert tlt.load_model("~/own").predict(images).equals(model.predict(images))
    trained = model.classifier.backbone.fingerprint()
    assert tlt.load_backbone("model:~/own").fingerprint() == trained
    assert not (tmp_path / "~").exists()
