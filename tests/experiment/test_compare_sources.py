"""`compare` starts from any network: a transformer by name, a checkpoint, a model that was kept."""

import pytest
import timm
import torch
from torch import nn

import tlteach as tlt
from tests.helpers.kept import BRIEF, kept
from tlteach.models import Backbone, ModelCard, Preprocessing
from tlteach.training import partial

ARMS = {"scratch", "frozen", "fine_tune", "majority", "raw_pixels", "frozen_random", "small_cnn"}


def compare(task, backbone, **changes):
    asked = {"shots": [3], "seeds": [0], "search": "smoke", "config": BRIEF, "n_jobs": 1}
    return tlt.compare(task, backbone=backbone, progress=False, device="cpu", **asked | changes)


def test_a_vision_transformer_in_all_arms(digits, tmp_path):
    torch.save(timm.create_model("test_vit").state_dict(), tmp_path / "vit.pth")
    net = tlt.load_backbone("timm:test_vit", weights=tmp_path / "vit.pth", size=32)
    results = compare(digits, net, scratch_backbone=net)
    assert set(results["regime"]) == ARMS
    names = results.groupby("regime")["backbone"].first()
    assert names["scratch"] == names["fine_tune"] == "timm:test_vit"
    assert names["frozen_random"] == "timm:test_vit-random"


def test_freezing_all_but_the_last_stage_of_a_transformer(digits):
    net = tlt.load_backbone("timm:test_vit-random", size=32)
    few = tlt.few_shot(digits, 3, seed=0)
    run = tlt.train(net, few, partial(1), BRIEF, seed=0, device="cpu")
    before, after = net.net.state_dict(), run.model.backbone.net.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    last = list(net.stages)[-1]
    assert moved
    assert all(name.startswith((last, "norm", "fc_norm")) for name in moved), moved


def test_a_model_that_was_kept_is_the_next_source(digits, tmp_path):
    model = kept(digits, "small_cnn", "fine_tune", shots=5)
    folder = model.save(tmp_path / "mine")
    marks = set()
    for source in (model, folder, f"model:{folder}"):
        results = compare(digits, source, regimes=["frozen"], baselines=False)
        value = results[(results["split"] == "test") & (results["metric"] == "log_loss")]["value"]
        marks.add(value.item())
        assert set(results["source"]) == {"digits"}
    assert len(marks) == 1


def test_a_network_of_ones_own(digits):
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3)
            self.scale = nn.Parameter(torch.randn(8, 1, 1))

        def forward(self, x):
            return (self.conv(x) * self.scale).mean((2, 3))

    card = ModelCard("mine", source="somewhere")
    net = Backbone(Own(), Preprocessing(16), card, 8, fresh=Own)
    results = compare(digits, net, scratch_backbone=net, baselines=["frozen_random"])
    assert set(results["regime"]) == {"scratch", "frozen", "fine_tune", "frozen_random"}


def test_a_network_alone_is_told_how_to_be_wrapped(digits):
    with pytest.raises(TypeError, match=r"wrap a network without its head: tlt\.Backbone\(net,"):
        compare(digits, nn.Linear(2, 2))
    with pytest.raises(
        TypeError, match=r"backbone must be text or .* or a Backbone, .*; got 5 of type int"
    ):
        compare(digits, 5)
