"""Every kind of classifier of torchvision and timm: it loads, learns, and starts as its own."""

import copy

import pytest
import timm
import torch
from torch import nn
from torchvision.models import VisionTransformer

from tlteach.base import derive, generator
from tlteach.models import Backbone, Classifier, ModelCard, Preprocessing, load_backbone
from tlteach.models.vision import _resize_tokens, torchvision_model

# name: size, width of the features, stages
KINDS = {
    "resnet18": (32, 512, 5),
    "squeezenet1_0": (64, 512, 9),
    "mobilenet_v3_small": (32, 1024, 14),
    "efficientnet_b0": (32, 1280, 9),
    "regnet_y_400mf": (32, 440, 5),
    "densenet121": (32, 1024, 8),
    "shufflenet_v2_x0_5": (32, 1024, 5),
    "mnasnet0_5": (32, 1280, 8),
    "googlenet": (64, 1024, 12),
    "inception_v3": (80, 2048, 16),
    "timm:vit_tiny_patch16_224": (32, 192, 13),
    "timm:deit_tiny_distilled_patch16_224": (32, 192, 13),
    "timm:convnext_atto": (32, 320, 5),
    "timm:swin_tiny_patch4_window7_224": (64, 768, 5),
    "timm:maxvit_rmlp_pico_rw_256": (64, 256, 5),
    "timm:mobilenetv3_small_050": (32, 1024, 8),
    "timm:regnety_002": (32, 368, 5),
    "timm:mixer_s16_224": (32, 512, 9),
}
# too large to draw in a test: their layers and shapes alone
LARGE = {
    "alexnet": (224, 4096, 4),
    "vgg16": (224, 4096, 6),
    "resnet50": (224, 2048, 5),
    "vit_b_16": (224, 768, 13),
    "vit_b_32": (64, 768, 13),
    "convnext_tiny": (32, 768, 8),
    "swin_t": (32, 768, 8),
    "maxvit_t": (224, 512, 6),
}
TINY = "timm:test_vit"


def pictures(size: int, n: int = 4) -> torch.Tensor:
    g = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (n, 3, size, size), generator=g, dtype=torch.uint8)


def assert_staged(backbone: Backbone, stages: int) -> None:
    """Every parameter stands in exactly one stage, and freezing all of them leaves none."""
    held = [p for modules in backbone.stages.values() for m in modules for p in m.parameters()]
    assert len(held) == len(set(held))
    assert set(held) == set(backbone.parameters())
    assert len(backbone.stages) == stages
    assert not any(p.requires_grad for p in backbone.freeze(backbone.stages).parameters())
    backbone.unfreeze()


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_loads_learns_and_starts_from_its_seed(name):
    size, width, stages = KINDS[name]
    backbone = load_backbone(f"{name}-random", size=size, seed=1)
    assert backbone.n_features == width
    assert (backbone.card.name, backbone.preprocessing.size) == (f"{name}-random", size)
    assert not any(1000 in p.shape for p in backbone.parameters()), "the head is still there"
    assert_staged(backbone, stages)
    mark = backbone.fingerprint()
    model = Classifier(backbone, 2, seed=0).train()
    before = {k: v.clone() for k, v in backbone.net.state_dict().items()}
    loss = nn.functional.cross_entropy(model(pictures(size)), torch.tensor([0, 1, 0, 1]))
    loss.backward()
    torch.optim.SGD(model.parameters(), lr=0.5).step()
    now = backbone.net.state_dict()
    moved = [k for k, v in before.items() if not torch.equal(v, now[k])]
    assert len(moved) > len(before) / 2
    assert backbone.redraw(seed=2).fingerprint() != mark
    assert backbone.redraw(seed=1).fingerprint() == mark


@pytest.mark.parametrize("name", LARGE)
def test_large_ones_are_built_without_their_head(name):
    size, width, stages = LARGE[name]
    with torch.device("meta"):
        backbone = torchvision_model(name, None, size, None)
    assert backbone.n_features == width
    assert_staged(backbone, stages)


def test_vgg16_and_resnet50_are_the_published_networks_without_their_last_layer():
    # parameters of the papers' networks, in torchvision's documentation, less the last layer's
    for name, all_of_them, width in (("vgg16", 138_357_544, 4096), ("resnet50", 25_557_032, 2048)):
        with torch.device("meta"):
            backbone = torchvision_model(name, None, None, None)
        assert sum(p.numel() for p in backbone.parameters()) == all_of_them - 1000 * (width + 1)


# fresh weights


def alone(build, seed: int) -> nn.Module:
    """Build a network as its library does, its draws from the seed's stream alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "init"))
        return build()


@pytest.mark.parametrize("name", ["test_vit", "test_convnext", "test_mambaout"])
def test_networks_start_as_their_library_starts_them(name):
    backbone = load_backbone(f"timm:{name}-random", seed=3)
    net = alone(lambda: timm.create_model(name), 3)
    net.reset_classifier(0)
    expected = net.state_dict()
    assert backbone.net.state_dict().keys() == expected.keys()
    for key, tensor in backbone.net.state_dict().items():
        assert torch.equal(tensor, expected[key]), key


def he(net: nn.Module, seed: int) -> dict[str, torch.Tensor]:
    """Draw what the package has drawn since its first day, written out again."""
    g = generator(seed, "init")
    drawn = {}
    for name, module in net.named_modules():
        if isinstance(module, nn.Conv2d):
            drawn[f"{name}.weight"] = torch.empty_like(module.weight).normal_(
                0, (2 / module.weight[0].numel()) ** 0.5, generator=g
            )
        elif isinstance(module, nn.Linear):
            bound = module.in_features**-0.5
            weight = torch.empty_like(module.weight)
            drawn[f"{name}.weight"] = weight.uniform_(-bound, bound, generator=g)
    return drawn


@pytest.mark.parametrize("name", ["small_cnn", "resnet8", "lite0-random", "resnet18-random"])
def test_convolutions_with_batch_norm_start_as_ever(name):
    net = load_backbone(name, seed=4).net
    state = net.state_dict()
    drawn = he(net, 4)
    assert len(drawn) > 3
    for key, tensor in drawn.items():
        torch.testing.assert_close(state[key], tensor, atol=1e-7, rtol=1e-6)
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    assert {m.momentum for m in norms} == {0.1}


def test_drawing_and_loading_leave_the_global_stream_alone():
    torch.manual_seed(7)
    load_backbone(f"{TINY}-random").redraw(seed=2)
    load_backbone("shufflenet_v2_x0_5-random", size=32)
    expected = torch.rand(1, generator=torch.Generator().manual_seed(7))
    assert torch.equal(torch.rand(1), expected)


def test_a_copy_and_frozen_parts_can_be_drawn_anew():
    backbone = load_backbone(f"{TINY}-random", seed=0)
    twin = copy.deepcopy(backbone).freeze().redraw(seed=1)
    assert twin.fingerprint() == load_backbone(f"{TINY}-random", seed=1).fingerprint()
    assert not any(p.requires_grad for p in twin.parameters())
    assert backbone.fingerprint() != twin.fingerprint()


def test_nothing_drops_out_so_that_runs_repeat():
    with torch.device("meta"):
        backbone = torchvision_model("efficientnet_b0", None, None, None)
    dropping = [m for m in backbone.modules() if type(m).__name__ in ("Dropout", "StochasticDepth")]
    assert dropping
    assert {m.p for m in dropping} == {0.0}


# one's own


class Own(nn.Module):
    """A layer, and a parameter that stands in none."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.scale = nn.Parameter(torch.randn(4, 1, 1))

    def forward(self, x):
        return (self.conv(x) * self.scale).mean((2, 3))


def test_a_network_of_ones_own_says_how_it_is_drawn_anew():
    silent = Backbone(Own(), Preprocessing(16), ModelCard("mine"), 4)
    with pytest.raises(ValueError, match=r"got Own at '': give it one, or .*fresh="):
        silent.redraw(seed=0)
    backbone = Backbone(Own(), Preprocessing(16), ModelCard("mine"), 4, fresh=Own)
    expected = alone(Own, 5).state_dict()
    state = backbone.redraw(seed=5).net.state_dict()
    assert all(torch.equal(state[key], expected[key]) for key in expected)
    with pytest.raises(ValueError, match="build the same network again, Own; it built another"):
        Backbone(Own(), Preprocessing(16), ModelCard("mine"), 4, fresh=lambda: nn.Linear(1, 1)
        ).redraw(seed=0)  # fmt: skip


def test_another_width_than_told_is_told():
    backbone = Backbone(Own(), Preprocessing(16), ModelCard("mine"), 9)
    with pytest.raises(ValueError, match="'mine' was told to give n_features=9; it gives 4 for"):
        backbone(pictures(16))


# sizes


@pytest.mark.parametrize(
    ("name", "size", "usual"),
    [("inception_v3", 32, 224), ("vit_b_16", 50, 224), ("maxvit_t", 64, 224), (TINY, 8, 160)],
)
def test_a_size_that_a_network_cannot_take_is_told(name, size, usual):
    told = rf"{name} cannot take images of {size} px \(.+\); its usual size is {usual}"
    with pytest.raises(ValueError, match=told):
        load_backbone(f"{name}-random", size=size)


def test_places_of_a_vit_are_interpolated_to_another_size():
    small, large = (
        VisionTransformer(
            image_size=size, patch_size=8, num_layers=1, num_heads=1, hidden_dim=4, mlp_dim=4
        )
        for size in (16, 32)
    )
    state = small.state_dict() | {"encoder.pos_embedding": torch.full((1, 5, 4), 0.5)}
    resized = _resize_tokens(32, large, state)
    torch.testing.assert_close(resized["encoder.pos_embedding"], torch.full((1, 17, 4), 0.5))


def test_weights_of_a_vit_serve_another_size(tmp_path):
    net = timm.create_model("test_vit")
    torch.save(net.state_dict(), tmp_path / "vit.pth")
    backbone = load_backbone(TINY, weights=tmp_path / "vit.pth", size=64)
    expected, state = net.state_dict(), backbone.net.state_dict()
    changed = [key for key, tensor in state.items() if not torch.equal(tensor, expected[key])]
    assert changed == ["pos_embed"]
    assert state["pos_embed"].shape[1] == 17  # 4 x 4 places and the class token
    assert backbone(pictures(64)).shape == (4, 64)
