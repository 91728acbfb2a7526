"""Checkpoints as people have them become the same backbone; what is none says what it is."""

import hashlib
import json
from functools import partial
from pathlib import Path

import huggingface_hub
import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn

from tests.helpers.loopback import serve
from tlteach.models import load_backbone, read_state
from tlteach.models.checkpoint import without_prefix

NAME = "timm:test_resnet"


@pytest.fixture(scope="module")
def state():
    """The tensors of a network that somebody trained."""
    torch.manual_seed(3)
    net = timm.create_model("test_resnet")
    for tensor in net.state_dict().values():
        if tensor.is_floating_point():
            tensor.add_(0.01)
    return net.state_dict()


@pytest.fixture(scope="module")
def mark(state):
    """The fingerprint of its backbone, loaded without our code for odd files."""
    net = timm.create_model("test_resnet")
    net.load_state_dict(state)
    net.reset_classifier(0)
    backbone = load_backbone(f"{NAME}-random")
    backbone.net.load_state_dict(net.state_dict())
    return backbone.fingerprint()


def headless(state):
    return {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}


def before(prefix):
    return lambda state: {prefix + name: tensor for name, tensor in state.items()}


def inside(state):
    return {name.replace("layer1.", "layer1._orig_mod."): t for name, t in state.items()}


FORMS = {
    "plain": lambda state: state,
    "DataParallel": before("module."),
    "compiled": before("_orig_mod."),
    "compiled inside": inside,
    "both": before("module._orig_mod."),
    "Lightning": lambda state: {
        "epoch": 3,
        "state_dict": before("model.")(state) | {"loss.weight": torch.ones(2)},
        "optimizer_states": [{"state": {}, "param_groups": [{"lr": 0.1}]}],
    },
    "model": lambda state: {"model": state, "rng": torch.zeros(2)},
    "model_state_dict": lambda state: {"model_state_dict": state, "epoch": 2},
    "two deep": lambda state: {"model": {"state_dict": state, "step": 1}},
    "any name": lambda state: {"teacher": state, "lr": 0.1},
    "plain beside its average": lambda state: {
        "state_dict": state,
        "state_dict_ema": {name: torch.zeros_like(t) for name, t in state.items()},
    },
    "average": lambda state: before("module.")(state) | {"n_averaged": torch.tensor(3)},
    "no head": headless,
    "no head, behind a prefix": lambda state: before("encoder.backbone.")(headless(state)),
    "another head": lambda state: state | {"fc.weight": torch.ones(7, 9), "fc.bias": torch.ones(7)},
    "a head of layers": lambda state: (
        headless(state) | {"fc.0.weight": torch.ones(7, 9), "fc.2.weight": torch.ones(2, 7)}
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_backbone(state, mark, tmp_path, form):
    path = tmp_path / "mine.pth"
    torch.save(FORMS[form](state), path)
    assert load_backbone(NAME, weights=path).fingerprint() == mark


def test_safetensors_half_precision_and_a_path_in_words(state, mark, tmp_path):
    path = tmp_path / "mine.safetensors"
    save_file(before("module.")(state), path)
    assert load_backbone(NAME, weights=str(path)).fingerprint() == mark
    half = {name: t.half() if t.is_floating_point() else t for name, t in state.items()}
    save_file(half, path)
    backbone = load_backbone(NAME, weights=path)
    assert (backbone.card.source, backbone.card.origin) == ("see origin", str(path))
    for name, tensor in backbone.net.state_dict().items():
        torch.testing.assert_close(tensor, state[name], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("name", ["squeezenet1_1", "shufflenet_v2_x0_5", "mobilenet_v3_small"])
def test_torchvisions_networks_take_another_head_too(tmp_path, name):
    from torchvision import models

    net = models.get_model(name, num_classes=7)
    torch.save(before("module.")(net.state_dict()), tmp_path / "net.pth")
    backbone = load_backbone(name, weights=tmp_path / "net.pth", size=64)
    expected = net.state_dict()
    assert all(torch.equal(t, expected[key]) for key, t in backbone.net.state_dict().items())
    assert 7 not in {p.shape[0] for p in backbone.parameters()}


# what does not fit


def test_a_layer_that_is_missing_is_named(state, tmp_path):
    some = next(iter(headless(state)))
    rest = {name: tensor for name, tensor in state.items() if name != some}
    torch.save({"model": before("module.")(rest)}, tmp_path / "net.pth")
    with pytest.raises(ValueError, match=rf"net\.pth does not fit ResNet.*: {some} is missing$"):
        load_backbone(NAME, weights=tmp_path / "net.pth")


def test_two_networks_in_one_file_are_named(state, tmp_path):
    path = tmp_path / "net.pth"
    torch.save({"student": state, "teacher": state}, path)
    with pytest.raises(ValueError, match=r"holds several networks, 'student', 'teacher'; save the"):
        load_backbone(NAME, weights=path)
    torch.save(before("query.")(state) | before("key.")(state), path)
    with pytest.raises(ValueError, match=r"more than one such network, under 'key\.' and 'query\."):
        load_backbone(NAME, weights=path)


def test_what_stands_beside_is_left_and_nothing_known_stays():
    state = {"a.w": torch.ones(1), "b.x": torch.zeros(1)}
    assert without_prefix(state, ["w"], "f").keys() == {"w"}
    assert without_prefix(state, ["nothing"], "f") == state


# never a pickle


def test_a_whole_model_is_refused_and_told_how_to_save(tmp_path):
    path = tmp_path / "whole.pth"
    torch.save(nn.Linear(2, 2), path)
    told = r'holds more than tensors.*torch\.save\(model\.state_dict\(\), "whole-tensors\.pth"\)$'
    with pytest.raises(ValueError, match=told):
        load_backbone(NAME, weights=path)


PAGE = b"\n <!DOCTYPE html><html><title>Log in to the library</title></html>"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"


@pytest.mark.parametrize(
    ("body", "told"), [(PAGE, "an HTML page, as a proxy"), (POINTER, "a pointer of Git LFS")]
)
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_a_page_or_pointer_in_place_of_the_file_is_called_that(tmp_path, body, told, suffix):
    path = tmp_path / f"net.{suffix}"
    path.write_bytes(body)
    with pytest.raises(ValueError, match=f"net.{suffix} is refused: it is {told}"):
        read_state(path)
    with pytest.raises(ValueError, match=f"not the expected file: it is {told}.*SHA-256 should be"):
        load_backbone(NAME, weights=path, sha256="0" * 8)


def test_a_page_that_is_downloaded_is_called_that_and_not_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("TLTEACH_OFFLINE", raising=False)
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    with serve() as server:
        server.files["/net-00000000.pth"] = PAGE
        with pytest.raises(ValueError, match="it is an HTML page, as a proxy or a login sends"):
            load_backbone("resnet18", weights=f"{server.url}/net-00000000.pth")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


# hashes and caches


def test_a_hash_may_be_given(state, mark, tmp_path, monkeypatch):
    path = tmp_path / "mine.pth"
    torch.save(state, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert load_backbone(NAME, weights=path, sha256=digest).fingerprint() == mark
    with pytest.raises(ValueError, match=f"SHA-256 should be {'1' * 64}, got {digest}"):
        load_backbone(NAME, weights=path, sha256="1" * 64)
    with pytest.raises(ValueError, match=r"sha256 is for files of weights.*got it for 'small_cnn'"):
        load_backbone("small_cnn", sha256=digest)
    monkeypatch.delenv("TLTEACH_OFFLINE", raising=False)
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "home"))
    with serve() as server:  # an address without a hash of its own
        server.files["/mine.pth"] = path.read_bytes()
        address = f"{server.url}/mine.pth"
        assert load_backbone(NAME, weights=address, sha256=digest).fingerprint() == mark
        with pytest.raises(ValueError, match=r"end in NAME-HASH.pth .*, or come with sha256=; got"):
            load_backbone(NAME, weights=address)


def test_torchs_own_cache_is_read_offline_and_checked(state, mark, tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_OFFLINE", "1")
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save(state, folder / "net.pth")
    digest = hashlib.sha256((folder / "net.pth").read_bytes()).hexdigest()[:8]
    path = (folder / "net.pth").rename(folder / f"net-{digest}.pth")
    address = f"https://example.org/{path.name}"
    assert load_backbone(NAME, weights=address).fingerprint() == mark
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(ConnectionError, match=r"OFFLINE is set and .* needed from https://example"):
        load_backbone(NAME, weights=address)


# timm's own places


def described(folder: Path, state, **facts) -> Path:
    """Write a folder as timm does: config.json and model.safetensors."""
    folder.mkdir()
    config = {"input_size": [3, 96, 96], "mean": [0.1, 0.2, 0.3], "std": [0.5, 0.5, 0.5]}
    config |= {"interpolation": "bilinear", "license": "mit", "label_names": ["cat", "dog"]}
    told = {"architecture": "test_resnet", "num_classes": 2, "pretrained_cfg": config} | facts
    (folder / "config.json").write_text(json.dumps(told))
    save_file(two_classes(state), folder / "model.safetensors")
    return folder


def two_classes(state):
    width = state["fc.weight"].shape[1]
    return headless(state) | {"fc.weight": torch.zeros(2, width), "fc.bias": torch.zeros(2)}


def test_a_folder_of_timm_is_a_source(state, mark, tmp_path):
    folder = described(tmp_path / "mine", state)
    backbone = load_backbone(f"timm:local-dir:{folder}")
    assert backbone.fingerprint() == mark
    scale, card = backbone.preprocessing, backbone.card
    assert (scale.size, scale.mean, scale.interpolation) == (96, (0.1, 0.2, 0.3), "bilinear")
    assert (card.classes, card.licence) == (("cat", "dog"), "mit")
    assert card.origin == str(folder / "model.safetensors")
    assert backbone.architecture == NAME  # so that a model kept from it needs no folder
    random = load_backbone(f"timm:local-dir:{folder}", weights=None, seed=2)
    assert random.card.source == "none"
    assert random.fingerprint() == load_backbone(f"{NAME}-random", seed=2).fingerprint()
    (folder / "model.safetensors").unlink()
    torch.save({"state_dict": state}, folder / "pytorch_model.bin")
    assert load_backbone(f"timm:local-dir:{folder}").fingerprint() == mark
    with pytest.raises(ValueError, match=r"needs a folder with config\.json; got '.*/none'"):
        load_backbone(f"timm:local-dir:{tmp_path}/none")


def test_a_repository_of_the_hub_is_a_source(state, mark, tmp_path, monkeypatch):
    folder = described(tmp_path / "mine", state)
    monkeypatch.delenv("TLTEACH_OFFLINE", raising=False)
    with serve() as server:
        here = {"endpoint": server.url, "cache_dir": tmp_path / "hub"}
        download = partial(huggingface_hub.hf_hub_download, **here)
        monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
        for path in folder.iterdir():
            server.files[f"/me/mine/resolve/main/{path.name}"] = path.read_bytes()
        backbone = load_backbone("timm:hf-hub:me/mine")
        assert backbone.fingerprint() == mark
        assert backbone.card.classes == ("cat", "dog")
        assert backbone.card.origin == "me/mine"
    monkeypatch.setenv("TLTEACH_OFFLINE", "1")  # the hub's cache has it now
    assert load_backbone("timm:hf-hub:me/mine").fingerprint() == mark
    with pytest.raises(ConnectionError, match="hub's cache has no weights of me/other"):
        load_backbone("timm:hf-hub:me/other")
