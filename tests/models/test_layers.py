"""Stages hold every parameter in the order images pass; fresh weights follow their formulas."""

import copy
import math
import warnings

import pytest
import timm
import torch
import torchvision
from torch import nn

from tlteach.base import derive
from tlteach.models import initialise
from tlteach.models.layers import find_stages

NETS = {
    "resnet18": torchvision.models.resnet18,
    "vgg11_bn": lambda: torchvision.models.vgg11_bn(init_weights=False),
    "densenet121": torchvision.models.densenet121,
    "mobilenet_v3_small": torchvision.models.mobilenet_v3_small,
    "convnext_tiny": torchvision.models.convnext_tiny,
    "lite0": lambda: timm.create_model("tf_efficientnet_lite0"),
    "timm resnet18": lambda: timm.create_model("resnet18"),
}


def on_meta(name: str) -> nn.Module:
    """Build a network without memory: its layers and shapes are there, its numbers are not."""
    with torch.device("meta"):
        return NETS[name]().eval()


def net_with(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(*layers)


# find_stages


@pytest.mark.parametrize("name", NETS)
def test_every_parameter_stands_in_exactly_one_stage(name):
    net = on_meta(name)
    stages = find_stages(net)
    staged = [p for modules in stages.values() for m in modules for p in m.parameters()]
    assert len(staged) == len({id(p) for p in staged})
    assert {id(p) for p in staged} == {id(p) for p in net.parameters()}
    assert len(stages) >= 5


@pytest.mark.parametrize("name", NETS)
def test_stages_stand_in_the_order_that_images_pass_them(name):
    net = on_meta(name)
    stages = find_stages(net)
    passed: list[str] = []
    for stage, modules in stages.items():
        modules[0].register_forward_pre_hook(lambda *_, stage=stage: passed.append(stage))
    net(torch.zeros(1, 3, 224, 224, device="meta"))
    assert passed == list(stages)


def test_the_stages_of_lite0_by_name():
    expected = ["conv_stem", *(f"blocks.{i}" for i in range(7)), "conv_head", "classifier"]
    assert list(find_stages(on_meta("lite0"))) == expected


def test_a_plain_stage_takes_its_norm_and_activation_and_ends_at_a_pooling_layer():
    conv, norm, act, pool, last = (
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 4, 3),
    )
    stages = find_stages(net_with(nn.Identity(), conv, norm, act, pool, last))
    assert stages == {"1": [conv, norm, act, pool], "5": [last]}


def test_a_norm_alone_is_no_stage_and_what_stands_in_no_layer_freezes_first():
    net = torchvision.models.VisionTransformer(
        image_size=32, patch_size=16, num_layers=2, num_heads=1, hidden_dim=8, mlp_dim=8
    )
    stages = find_stages(net)
    layers = [f"encoder.layers.encoder_layer_{i}" for i in range(2)]
    assert list(stages) == ["conv_proj", *layers, "heads"]
    loose = {id(p) for p in stages["conv_proj"][0].parameters()}
    assert loose == {id(net.class_token), id(net.encoder.pos_embedding)}
    assert stages[layers[1]][-1] is net.encoder.ln


def test_a_network_without_parameters_has_no_stages():
    assert find_stages(net_with(nn.ReLU(), nn.AdaptiveAvgPool2d(1))) == {}


# initialise


def test_convolutions_get_hes_standard_deviation():
    for conv in (nn.Conv2d(64, 128, 3), nn.Conv2d(512, 512, 3, groups=512), nn.Conv1d(50, 99, 9)):
        initialise(net_with(conv), seed=0)
        fan_in = conv.weight[0].numel()
        # the standard error of a standard deviation is s / sqrt(2 n); 5 of them
        allowed = 5 / math.sqrt(2 * conv.weight.numel())
        assert conv.weight.std().item() * math.sqrt(fan_in / 2) == pytest.approx(1, abs=allowed)
        assert abs(conv.weight.mean().item()) < 5 * math.sqrt(2 / fan_in / conv.weight.numel())
        assert not conv.bias.any()


def test_linear_layers_get_uniform_weights_within_their_bound():
    linear = nn.Linear(100, 300)
    initialise(net_with(linear), seed=0)
    assert linear.weight.abs().max().item() == pytest.approx(0.1, abs=1e-4)
    assert linear.weight.abs().max() <= 0.1
    assert linear.weight.std().item() == pytest.approx(0.2 / math.sqrt(12), rel=0.02)
    assert not linear.bias.any()


@pytest.mark.parametrize(
    "norm", [nn.BatchNorm2d(8), nn.BatchNorm2d(8, affine=False), nn.GroupNorm(2, 8)]
)
def test_norms_forget_what_they_learnt(norm):
    for tensor in norm.state_dict().values():
        tensor.add_(7)
    initialise(net_with(norm), seed=0)
    expected = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}
    for name, tensor in norm.state_dict().items():
        assert (tensor == expected.get(name, 0)).all(), name


def test_batch_norm_forgets_the_momentum_of_its_source():
    norm = nn.BatchNorm2d(8, momentum=0.01)
    initialise(net_with(norm), seed=0)
    assert norm.momentum == 0.1


def test_fresh_weights_leave_no_trace_of_the_old_ones():
    old, new = (timm.create_model("tf_efficientnet_lite0") for _ in range(2))
    with torch.no_grad():
        for tensor in old.state_dict().values():
            tensor.fill_(3)
    initialise(old, seed=4)
    initialise(new, seed=4)
    assert all(torch.equal(a, b) for a, b in zip(*both(old, new), strict=True))


def both(a: nn.Module, b: nn.Module):
    return a.state_dict().values(), b.state_dict().values()


def test_signals_keep_their_size_through_twenty_layers():
    layers = [m for _ in range(20) for m in (nn.Conv2d(64, 64, 1, bias=False), nn.ReLU())]
    net = net_with(*layers)
    initialise(net, seed=0)
    x = torch.randn(64, 64, 2, 2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ratio = net(x).square().mean().item() / (x.square().mean().item() / 2)
    assert 0.2 < ratio < 5  # half or twice He's variance would give 2**-20 or 2**20


def test_same_seed_same_bits_whatever_the_global_stream_does():
    nets = [net_with(nn.Conv2d(3, 8, 3), nn.Linear(8, 4)) for _ in range(3)]
    for i, (net, seed) in enumerate(zip(nets, (1, 1, 2), strict=True)):
        torch.manual_seed(i)
        initialise(net, seed=seed)
        expected = torch.rand(1, generator=torch.Generator().manual_seed(i))
        assert torch.equal(torch.rand(1), expected), "the global stream was used"
    assert all(torch.equal(a, b) for a, b in zip(*both(nets[0], nets[1]), strict=True))
    assert not torch.equal(nets[0][0].weight, nets[2][0].weight)
    assert not torch.equal(nets[0][1].weight, nets[2][1].weight)


@pytest.mark.parametrize("layer", [nn.Bilinear(3, 3, 4), nn.ConvTranspose2d(3, 4, 2), nn.PReLU()])
def test_a_layer_of_another_kind_draws_as_it_does_itself(layer):
    twin = copy.deepcopy(layer)
    initialise(net_with(layer), seed=5)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(5, "init"))
        twin.reset_parameters()
    assert all(torch.equal(a, b) for a, b in zip(*both(layer, twin), strict=True))


def test_parameters_that_nobody_draws_are_named():
    class Scale(nn.Module):
        def __init__(self):
            super().__init__()
            self.by = nn.Parameter(torch.ones(3))

    with pytest.raises(
        ValueError, match=r"got Scale at '1': give it one, or give Backbone\(\.\.\.,"
    ):
        initialise(net_with(nn.Conv2d(3, 3, 1), Scale()), seed=0)


def test_layers_without_parameters_are_no_obstacle():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        initialise(net_with(nn.ReLU(), nn.LayerNorm(4, elementwise_affine=False)), seed=0)
