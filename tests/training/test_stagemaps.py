"""Training from cached maps gives what plain training gives, or is not done at all."""

from collections import Counter
from dataclasses import replace

import pytest
import torch
import torchvision
from torch import nn

import tlteach as tlt
from tlteach.base import generator
from tlteach.models import Backbone, ModelCard, Preprocessing, initialise
from tlteach.training import loop, partial as last_stages, stagemaps
from tlteach.training.stagemaps import shortcut

CONFIG = tlt.TrainConfig(lr=0.01, updates=6, batch_size=8, augment="none", precision="fp32")
FP32 = torch.float32


def backbone(name):
    if name == "resnet18":
        torchvision_net = torchvision.models.resnet18(weights=None)
        torchvision_net.fc = nn.Identity()
        net = Backbone(torchvision_net, Preprocessing(64), ModelCard("resnet18"), 512)
        initialise(net.net, seed=0)
        return net.eval()
    return tlt.load_backbone(name, seed=0, size=64 if name == "lite0" else None)


def frozen(net, n):
    """A classifier of 10 classes whose first n stages are frozen, and statistics still."""
    model = tlt.Classifier(net, 10, seed=0)
    net.freeze(list(net.stages)[:n])
    net.freeze_statistics()
    return model.train()


def images(n=20, size=8):
    return torch.randint(0, 256, (n, 3, size, size), generator=generator(0, "test")).byte()


def assert_shortcut(model, x, logits):
    maps, rest = shortcut(model, x, FP32)
    assert rest is not model
    torch.testing.assert_close(rest(maps), logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["small_cnn", "resnet8", "lite0", "resnet18"])
def test_logits_from_maps_equal_logits_from_images(name):
    net = backbone(name)
    x = images()
    for n in range(1, len(net.stages)):
        model = frozen(net.unfreeze(), n)
        assert_shortcut(model, x, model(x))


def run_both_ways(monkeypatch, task, net, regime, **changes):
    taken = Counter()

    def told(model, x, dtype):
        maps, rest = shortcut(model, x, dtype)
        taken.update(["shortcut" if rest is not model else "plain"])
        return maps, rest

    runs = []
    for way in (told, lambda model, x, dtype: (x, model)):
        monkeypatch.setattr(loop, "shortcut", way)
        config = replace(CONFIG, **changes)
        runs.append(tlt.train(net, task, regime, config, seed=0, device="cpu"))
    return *runs, taken


@pytest.mark.parametrize(
    ("name", "regime"),
    [
        ("small_cnn", last_stages(1)),
        ("small_cnn", last_stages(3)),
        ("small_cnn", replace(last_stages(2), statistics="move")),
        ("resnet8", last_stages(2)),
        ("resnet18", last_stages(1)),
    ],
)
def test_training_from_maps_gives_the_same_losses_and_weights(monkeypatch, few, name, regime):
    net = backbone(name)
    quick, plain, taken = run_both_ways(monkeypatch, few, net, regime, measure_every=3)
    assert taken == {"shortcut": 1}
    assert quick.history.drop(columns="value").equals(plain.history.drop(columns="value"))
    losses = [run.history.query("metric == 'loss'")["value"].tolist() for run in (quick, plain)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    for (key, a), b in zip(
        quick.model.state_dict().items(), plain.model.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5, msg=key)
    assert quick.trained == plain.trained
    torch.testing.assert_close(
        quick.predictions["val"], plain.predictions["val"], rtol=1e-3, atol=1e-4
    )


@pytest.mark.slow
def test_lite0_trains_from_maps(monkeypatch, digits):
    task = tlt.few_shot(digits, 2, seed=0)
    quick, plain, taken = run_both_ways(
        monkeypatch, task, backbone("lite0"), "partial", updates=3, batch_size=8
    )
    assert taken == {"shortcut": 1}
    assert quick.history["value"].tolist() == pytest.approx(
        plain.history["value"].tolist(), abs=1e-4
    )


def test_frozen_stages_see_each_image_once_while_training(few):
    net, calls = tlt.load_backbone("small_cnn", seed=0), []
    net.net[0].register_forward_hook(lambda _, inputs, __: calls.append(len(inputs[0])))
    tlt.train(net, few, last_stages(1), CONFIG, seed=0, device="cpu")
    assert calls == [4, 4, 40, 40, 10]  # compared twice, maps, predictions on train and val


HEAD = replace(tlt.REGIMES["bn_only"], name="head", trains="head")


@pytest.mark.parametrize("regime", ["fine_tune", "gradual", "bn_only", last_stages(4), HEAD])
def test_where_the_first_stage_learns_or_none_does_the_plain_loop_runs(
    monkeypatch, few, small, regime
):
    _, _, taken = run_both_ways(monkeypatch, few, small, regime)
    assert taken == {"plain": 1}


@pytest.mark.parametrize("changes", [{"augment": "shift"}, {"updates": 4}])
def test_augmented_or_few_images_are_not_even_tried(monkeypatch, few, small, changes):
    _, _, taken = run_both_ways(monkeypatch, few, small, "partial", **changes)
    assert taken == {}


def test_maps_follow_the_number_format():
    model = frozen(tlt.load_backbone("small_cnn", seed=0), 2)
    maps, rest = shortcut(model, images(), torch.bfloat16)
    assert maps.dtype == torch.bfloat16
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(rest(maps), model(images()), rtol=0.05, atol=0.05)
    assert shortcut(model, images(), FP32)[0].dtype == FP32


def test_both_models_share_every_tensor_and_mode_and_the_first_keeps_its_own():
    model = frozen(tlt.load_backbone("small_cnn", seed=0), 2)
    modes = {name: module.training for name, module in model.named_modules()}
    maps, rest = shortcut(model, images(), FP32)
    rest(maps).sum().backward()
    assert model.backbone.net[3][0].weight.grad is not None
    assert model.backbone.net[0][0].weight.grad is None
    assert {name: module.training for name, module in model.named_modules()} == modes
    ours = {id(p) for p in model.parameters()}
    assert {id(p) for p in rest.parameters()} < ours
    assert not model.backbone.net[2]._forward_pre_hooks
    assert not maps.is_inference()


class Skipping(nn.Module):
    """Its last stage also looks at the input: it cannot be cut."""

    def __init__(self, raises):
        super().__init__()
        self.first, self.last = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 4, 8)
        self.raises = raises

    def forward(self, x):
        y = self.last(self.first(x) + x)
        return y * self.first.weight.mean() if self.raises else y


@pytest.mark.parametrize("raises", [False, True])
def test_a_network_that_cannot_be_cut_is_left_alone(monkeypatch, few, raises):
    net = Backbone(Skipping(raises), Preprocessing(8), ModelCard("skipping"), 4)
    quick, plain, taken = run_both_ways(monkeypatch, few, net, last_stages(1))
    assert taken == {"plain": 1}
    assert quick.history.equals(plain.history)


def test_a_stage_that_is_not_called_by_itself_cannot_be_reached():
    class Inner(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Conv2d(3, 3, 3), nn.Sequential(nn.Conv2d(3, 4, 6))

        def forward(self, x):
            return self.last[0](self.first(x))

    model = frozen(Backbone(Inner(), Preprocessing(8), ModelCard("inner"), 4), 1)
    x = images()
    assert shortcut(model, x, FP32) == (x, model)


def test_maps_of_more_than_a_gigabyte_are_not_kept(monkeypatch):
    model, x = frozen(tlt.load_backbone("small_cnn", seed=0), 2), images()
    one = 32 * 8 * 8 * 4  # bytes of the maps of an image
    monkeypatch.setattr(stagemaps, "MOST_BYTES", 20 * one)
    assert shortcut(model, x, FP32)[1] is not model
    monkeypatch.setattr(stagemaps, "MOST_BYTES", 20 * one - 1)
    assert shortcut(model, x, FP32)[1] is model
