"""Weights online, from a server on loopback: checked, never executed, and they must fit."""

import hashlib
import io
import os
import pickle
import re
from functools import partial
from pathlib import Path

import huggingface_hub
import pytest
import timm
import torch
from safetensors.torch import save
from torch import nn
from torchvision import models

from tests.helpers.loopback import Server, serve
from tlteach.models import load_backbone, read_state
from tlteach.models.checkpoint import fill

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
TINY = "test_resnet"  # timm's smallest


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.delenv("TLTEACH_OFFLINE", raising=False)
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def server(home):
    with serve() as running:
        yield running


@pytest.fixture
def hub(server, home, monkeypatch):
    """The same server in the place of timm's model hub."""
    here = {"endpoint": server.url, "cache_dir": home / "hub"}
    download = partial(huggingface_hub.hf_hub_download, **here)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    server.path = f"/{timm.get_pretrained_cfg(TINY).hf_hub_id}/resolve/main/model.safetensors"
    return server


def add(server: Server, name: str, body: bytes, suffix: str = "pth", digest: str = "") -> str:
    """Serve a file as NAME-HASH.suffix and return its address."""
    path = f"/{name}-{digest or hashlib.sha256(body).hexdigest()[:8]}.{suffix}"
    server.files[path] = body
    return server.url + path


def saved(thing: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    return buffer.getvalue()


def pictures(size: int, n: int = 2) -> torch.Tensor:
    g = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (n, 3, size, size), generator=g, dtype=torch.uint8)


def kept(home: Path) -> list[str]:
    return [path.name for path in home.rglob("*") if path.is_file()]


class Malicious:
    """Its unpickling creates a folder: a harmless stand-in for any command."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


def features_of(net: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Return what a headless network makes of normalised images, without our code."""
    with torch.no_grad():
        return net.eval()((images / 255 - MEAN) / STD)


def assert_same_features(backbone, net: nn.Module, size: int) -> None:
    images = pictures(size)
    with torch.no_grad():
        ours = backbone(images)
    expected = features_of(net, images)
    close = {"atol": 1e-3 * expected.std().item(), "rtol": 1e-3}  # untrained features are tiny
    torch.testing.assert_close(ours, expected, **close)


# torchvision


def test_torchvisions_default_weights_arrive_checked_and_once(server, home, monkeypatch):
    torch.manual_seed(0)
    net = models.resnet18()
    address = add(server, "resnet18", saved(net.state_dict()))
    monkeypatch.setattr(models.ResNet18_Weights.DEFAULT.value, "url", address)
    for name in ("default", "DEFAULT", "IMAGENET1K_V1"):
        backbone = load_backbone("resnet18", weights=name)
        assert len(server.asked) == 1
    net.fc = nn.Identity()
    assert_same_features(backbone, net, 224)
    assert backbone.card.source == "ImageNet-1k"
    assert backbone.card.origin == address
    assert backbone.card.classes[309] == "bee"
    assert backbone.preprocessing.size == 224
    assert (backbone.n_features, len(backbone.stages)) == (512, 5)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_an_address_or_a_file_works_as_well_as_a_name(server, tmp_path, suffix):
    net = models.shufflenet_v2_x0_5()
    state = net.state_dict()
    body = saved(state) if suffix == "pth" else save(state)
    address = add(server, "own", body, suffix)
    local = tmp_path / f"own.{suffix}"
    local.write_bytes(body)
    net.fc = nn.Identity()
    for weights in (address, str(local)):
        backbone = load_backbone("shufflenet_v2_x0_5", weights=weights)
        assert_same_features(backbone, net, 224)
        assert (backbone.card.source, backbone.card.origin) == ("see origin", weights)


def test_old_names_inside_densenet_are_understood(tmp_path):
    net = models.densenet121()
    new_name = r"(denselayer\d+\.(?:norm|conv))(\d)"
    old = {re.sub(new_name, r"\1.\2", name): tensor for name, tensor in net.state_dict().items()}
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    path = tmp_path / "densenet.pth"
    path.write_bytes(saved(old))
    net.classifier = nn.Identity()
    assert_same_features(load_backbone("densenet121", weights=str(path), size=64), net, 64)


def test_googlenet_rescales_its_input_and_drops_its_training_heads(tmp_path):
    net = models.googlenet(init_weights=False, transform_input=True)
    path = tmp_path / "googlenet.pth"
    path.write_bytes(saved(net.state_dict()))
    net.fc = nn.Identity()
    backbone = load_backbone("googlenet", weights=str(path), size=64)
    assert_same_features(backbone, net, 64)
    assert not any("aux" in name for name, _ in backbone.net.named_parameters())
    assert backbone.train()(pictures(64)).shape == (2, 1024)


# timm


def test_a_timm_model_comes_from_an_address(server):
    net = timm.create_model(TINY)
    address = add(server, "tiny", save(net.state_dict()), "safetensors")
    backbone = load_backbone(f"timm:{TINY}", weights=address)
    net.reset_classifier(0)
    assert_tiny(backbone, net)
    assert backbone.card.origin == address


def test_a_timm_model_comes_from_the_hub_once(hub):
    net = timm.create_model(TINY)
    hub.files[hub.path] = save(net.state_dict())
    for _ in range(2):
        backbone = load_backbone(f"timm:{TINY}")
    assert hub.asked.count(f"GET {hub.path}") == 1
    net.reset_classifier(0)
    assert_tiny(backbone, net)
    assert backbone.card.origin == f"timm/{TINY}.r160_in1k"
    assert backbone.card.source == "r160_in1k"


def assert_tiny(backbone, net: nn.Module) -> None:
    config = timm.get_pretrained_cfg(TINY)
    scale = backbone.preprocessing
    assert scale.size == config.input_size[-1]
    assert (scale.mean, scale.std) == (config.mean, config.std)
    assert scale.interpolation == config.interpolation
    images = pictures(scale.size)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (config.mean, config.std))
    with torch.no_grad():
        expected = net.eval()((images / 255 - mean) / std)
        torch.testing.assert_close(backbone(images), expected, atol=1e-4, rtol=1e-4)


def test_a_file_of_the_hub_with_another_hash_is_refused(hub):
    hub.files[hub.path] = save(timm.create_model(TINY).state_dict())
    hub.etag = "0" * 64
    got = hashlib.sha256(hub.files[hub.path]).hexdigest()
    with pytest.raises(ValueError, match=f"SHA-256 should be {'0' * 64}, got {got}"):
        load_backbone(f"timm:{TINY}")


def test_a_hub_that_has_no_such_file_or_breaks_off_is_a_connection_error(hub):
    with pytest.raises(ConnectionError, match="could not download the weights of timm/test_resnet"):
        load_backbone(f"timm:{TINY}")
    hub.files[hub.path] = save(timm.create_model(TINY).state_dict())
    hub.cut.add(hub.path)
    with pytest.raises(ConnectionError, match="could not download the weights of timm/test_resnet"):
        load_backbone(f"timm:{TINY}")


def test_offline_the_hub_is_not_asked(hub, monkeypatch):
    monkeypatch.setenv("TLTEACH_OFFLINE", "1")
    with pytest.raises(ConnectionError, match=r"OFFLINE is set and the hub's cache has no weights"):
        load_backbone(f"timm:{TINY}")
    with pytest.raises(ConnectionError, match=r"OFFLINE is set and .* needed from http"):
        load_backbone("resnet18")
    assert hub.asked == []


# refused


def test_a_wrong_hash_is_refused_and_not_kept(server, home):
    body = saved({"a": torch.zeros(3)})
    address = add(server, "net", body, digest="0" * 8)
    got = hashlib.sha256(body).hexdigest()
    with pytest.raises(ValueError, match=f"SHA-256 should be 00000000, got {got}"):
        load_backbone("resnet18", weights=address)
    assert kept(home) == []


def test_an_address_without_a_hash_is_refused_before_it_is_asked(server):
    with pytest.raises(ValueError, match=r"must end in NAME-HASH\.pth or .*; got 'http"):
        load_backbone("resnet18", weights=f"{server.url}/resnet18.pth")
    assert server.asked == []


def test_a_download_that_breaks_off_is_a_connection_error_and_not_kept(server, home):
    address = add(server, "net", saved(models.shufflenet_v2_x0_5().state_dict()))
    server.cut.add(address.removeprefix(server.url))
    with pytest.raises(ConnectionError, match=f"could not download {address}"):
        load_backbone("shufflenet_v2_x0_5", weights=address)
    assert kept(home) == []
    server.cut.clear()
    assert load_backbone("shufflenet_v2_x0_5", weights=address).n_features == 1024


@pytest.mark.parametrize("kind", ["pickle", "torch", "torch in a dict"])
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_a_malicious_file_is_refused_and_nothing_runs(server, tmp_path, kind, suffix):
    marker = tmp_path / "executed"
    thing = Malicious(marker)
    thing = {"weight": torch.zeros(2), "bias": thing} if kind == "torch in a dict" else thing
    body = pickle.dumps(thing) if kind == "pickle" else saved(thing)
    address = add(server, "evil", body, suffix)
    with pytest.raises(ValueError, match=r"is refused: it is damaged or holds more") as caught:
        load_backbone("resnet18", weights=address)
    assert not marker.exists()
    assert "weights_only" not in str(caught.value)  # torch advises to switch the protection off
    if kind == "pickle":
        pickle.loads(body)
        assert marker.exists(), "the file must be dangerous, or this test shows nothing"


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.99])
def test_a_truncated_file_is_refused(tmp_path, suffix, share):
    state = {"a": torch.arange(5000.0)}
    body = saved(state) if suffix == "pth" else save(state)
    path = tmp_path / f"net.{suffix}"
    path.write_bytes(body)
    assert torch.equal(read_state(path)["a"], state["a"])
    path.write_bytes(body[: int(share * len(body))])
    with pytest.raises(ValueError, match=rf"net.{suffix} is refused: it is damaged or"):
        read_state(path)


@pytest.mark.parametrize(
    "thing",
    [[torch.zeros(2)], {"state_dict": {"a": 2}}, {"epoch": 3}, {0: torch.zeros(1)}, {}],
)
def test_a_file_of_something_else_is_refused(tmp_path, thing):
    path = tmp_path / "net.pth"
    path.write_bytes(saved(thing))
    with pytest.raises(ValueError, match=r"net\.pth must hold a dict from names to tensors, at"):
        read_state(path)


def test_a_file_that_does_not_fit_says_what_differs(tmp_path):
    path = tmp_path / "net.pth"
    state = models.shufflenet_v2_x0_5().state_dict()
    state["conv1.0.weight"] = torch.zeros(10, 3, 3, 3)
    path.write_bytes(saved(state))
    shapes = r"conv1\.0\.weight has shape \(10, 3, 3, 3\), not \(24, 3, 3, 3\)"
    with pytest.raises(ValueError, match=rf"does not fit ShuffleNetV2, 1 tensors .*{shapes}"):
        load_backbone("shufflenet_v2_x0_5", weights=str(path))
    with pytest.raises(ValueError, match=r"does not fit ResNet, \d+ tensors .*, \.\.\.$"):
        load_backbone(f"timm:{TINY}", weights=str(path))
    path.write_bytes(saved({"weight": torch.zeros(2, 2), "extra": torch.zeros(1)}))
    with pytest.raises(ValueError, match=r"2 tensors differ: bias is missing; extra is unknown$"):
        fill(nn.Linear(2, 2), path)
