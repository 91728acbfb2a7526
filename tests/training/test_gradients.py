"""Relative gradient norms against plain autograd over one large batch."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import tlteach as tlt
from tlteach.training import relative_gradient_norms


def model_for(task, name="small_cnn"):
    return tlt.Classifier(tlt.load_backbone(name, seed=0), task.n_classes, seed=0)


@pytest.mark.parametrize("name", ["small_cnn", "resnet8"])
@pytest.mark.parametrize("shots", [2, 20])
def test_they_equal_autograd_over_all_training_images_at_once(digits, name, shots):
    task = tlt.few_shot(digits, shots, seed=0)
    model = model_for(task, name).eval()
    F.cross_entropy(model(task.train.images), task.train.labels).backward()
    expected = {}
    for stage, modules in model.backbone.stages.items():
        weights = [
            layer.weight
            for module in modules
            for layer in module.modules()
            if isinstance(layer, nn.Conv2d)
        ]
        asked, there = (
            torch.cat([w.flatten() for w in what]).norm()
            for what in ([w.grad for w in weights], [w.detach() for w in weights])
        )
        expected[stage] = float(asked / there)
    norms = relative_gradient_norms(model_for(task, name), task)
    assert list(norms) == list(expected)
    assert norms == pytest.approx(expected, rel=1e-4)


def test_the_model_stays_as_it_is_and_frozen_stages_count_too(few):
    model = model_for(few)
    expected = relative_gradient_norms(model, few)
    model.backbone.freeze(["stage1"])
    model.train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert relative_gradient_norms(model, few) == pytest.approx(expected)
    assert all(tensor.equal(before[name]) for name, tensor in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert not model.backbone.net[0][0].weight.requires_grad
    assert model.head.training


def test_larger_weights_are_asked_for_relatively_less(few):
    """Batch norm hides the scale s of a weight: its gradient shrinks to 1/s, the ratio to 1/s^2."""
    model = model_for(few)
    for norm in (m for m in model.modules() if isinstance(m, nn.BatchNorm2d)):
        norm.eps = 1e-12
    plain = relative_gradient_norms(model, few)
    with torch.no_grad():
        model.backbone.net[1][0].weight.mul_(2)
        model.backbone.net[1][1].running_var.mul_(4)
    scaled = relative_gradient_norms(model, few)
    assert scaled.pop("stage2") == pytest.approx(plain.pop("stage2") / 4, rel=1e-4)
    assert scaled == pytest.approx(plain, rel=1e-4)


def test_a_task_without_training_images_is_refused(few):
    empty = replace(few, train=few.train.select(torch.arange(0)))
    with pytest.raises(ValueError, match="number of training images must be at least 1; got 0"):
        relative_gradient_norms(model_for(few), empty)
