"""Explanations against formulas by hand, captum and scikit-learn; the model is left as it was."""

import re
import subprocess
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from captum.attr import LayerGradCam
from scipy.stats import norm
from sklearn.neighbors import NearestNeighbors
from torch import nn

import tlteach as tlt
from tlteach.analysis import explain
from tlteach.base import adding, generator
from tlteach.models import Backbone, Classifier, ModelCard, Preprocessing

EXACT = {"rtol": 1e-4, "atol": 1e-5}


def pictures(n=3, side=28, channels=3, *, seed=0):
    shape = (n, channels, side, side)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator(seed, "test"))


def classifier(name="small_cnn", n_classes=5, **options):
    return Classifier(tlt.load_backbone(name, **options), n_classes, seed=0)


def state_of(model):
    return (
        {name: module.training for name, module in model.named_modules()},
        {name: p.requires_grad for name, p in model.named_parameters()},
        [p.grad for p in model.parameters()],
        [len(module._forward_hooks) for module in model.modules()],
        model.backbone.fingerprint(),
    )


def scaled(maps, size):
    large = F.interpolate(maps[:, None], size, mode="bilinear", align_corners=False)[:, 0]
    return large / large.flatten(1).amax(1)[:, None, None].clamp(min=1e-30)


@pytest.mark.parametrize(("name", "last"), [("small_cnn", "stage4"), ("resnet8", "block3")])
@pytest.mark.parametrize("side", [28, 64])
def test_grad_cam_before_the_average_is_the_heads_weighted_sum(name, last, side):
    model, images = classifier(name), pictures(side=side)
    net = model.backbone.net
    with torch.no_grad():  # only the mean lies between map and head: CAM of Zhou et al. 2016
        maps = net[:-1](model.backbone.preprocessing(images))
    expected = scaled(torch.einsum("k,nkhw->nhw", model.head.weight[2], maps).relu(), (side, side))
    found = explain.grad_cam(model, images, target=2, stage=last)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected.detach(), **EXACT)


@pytest.mark.parametrize(("name", "n_parts"), [("small_cnn", 3), ("resnet8", 2)])
def test_grad_cam_in_the_middle_is_the_formula(name, n_parts):
    model, images = classifier(name), pictures()
    stage = list(model.backbone.stages)[n_parts - 1]
    net, classes = model.backbone.net, torch.tensor([4, 0, 1])
    maps = net[:n_parts](model.backbone.preprocessing(images)).detach().requires_grad_()
    logits = model.head(net[n_parts:](maps).flatten(1))
    logits[torch.arange(3), classes].sum().backward()
    weights = maps.grad.mean((2, 3), keepdim=True)
    expected = scaled((weights * maps).sum(1).relu().detach(), (28, 28))
    found = explain.grad_cam(model, images, target=classes, stage=stage)
    torch.testing.assert_close(found, expected, **EXACT)


def test_grad_cam_is_captums_and_explains_the_predicted_class():
    model, images = classifier("resnet8"), pictures(70, 32)  # more than one batch
    x = model.backbone.preprocessing(images).requires_grad_()
    tail = nn.Sequential(model.backbone.net, nn.Flatten(), model.head)
    predicted = tail(x).argmax(1)
    cam = LayerGradCam(tail, model.backbone.net.block3).attribute(x, predicted)
    expected = scaled(cam.detach()[:, 0].relu(), (32, 32))
    found = explain.grad_cam(model, images)
    assert len(predicted.unique()) > 1
    torch.testing.assert_close(found, expected, **EXACT)


def test_grad_cam_values_and_an_image_that_nothing_speaks_for():
    model, images = classifier(), pictures(8)
    maps = explain.grad_cam(model, images, target=1)
    assert maps.min() >= 0
    assert set(maps.amax((1, 2)).tolist()) <= {0.0, 1.0}
    with torch.no_grad():
        model.head.weight[1] = -1
    assert explain.grad_cam(model, images, target=1, stage="stage4").abs().max() == 0


@pytest.mark.parametrize("frozen", [True, False])
def test_explaining_works_frozen_or_not_and_leaves_the_model_alone(frozen):
    model = classifier("lite0", size=64).train()
    if frozen:
        model.backbone.freeze()
        model.requires_grad_(False)
    images, before = pictures(2, 64), state_of(model)
    with torch.no_grad():  # as in a notebook that forgot where it is
        maps = explain.grad_cam(model, images, target=0)
        pixels = explain.integrated_gradients(model, images, target=0, steps=4)
    assert state_of(model) == before
    assert maps.shape == pixels.shape == (2, 64, 64)
    assert maps.max() == 1
    assert pixels.abs().amax((1, 2)).min() > 0
    assert not maps.requires_grad
    assert not pixels.requires_grad


def test_the_default_stage_is_the_last_with_a_map_of_four_by_four():
    lite0 = tlt.load_backbone("lite0", size=64)
    sizes = explain.map_sizes(lite0)
    assert list(sizes) == list(lite0.stages)
    assert sizes["conv_head"] == sizes["blocks.5"] == (2, 2)  # stride 32: too small to point
    assert sizes["blocks.4"] == (4, 4)
    model, images = Classifier(lite0, 3, seed=0), pictures(1, 64)
    default = explain.grad_cam(model, images)
    assert torch.equal(default, explain.grad_cam(model, images, stage="blocks.4"))
    assert not torch.allclose(default, explain.grad_cam(model, images, stage="blocks.3"))


def test_a_stages_map_is_the_one_before_pooling():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1))
    backbone = Backbone(net, Preprocessing(16), ModelCard("plain"), 4)
    assert explain.map_sizes(backbone) == {"0": (14, 14)}
    model = Classifier(backbone, 3, seed=0)
    assert explain.grad_cam(model, pictures(), target=0).std() > 0
    assert explain.map_sizes(_flat()) == {}


def test_a_net_without_a_large_map_and_wrong_choices_are_errors():
    model, images = classifier(size=8), pictures()
    with pytest.raises(ValueError, match=r"side of the largest map must be at least 4 \(.*; got 0"):
        explain.grad_cam(Classifier(_flat(), 3, seed=0), images)
    with pytest.raises(ValueError, match=r"stage must be one of 'stage1', .*; got 'layer4'"):
        explain.grad_cam(model, images, stage="layer4")
    with pytest.raises(ValueError, match="largest target must be between 0 and 4; got 5"):
        explain.grad_cam(model, images, target=5)
    with pytest.raises(ValueError, match="smallest target must be at least 0; got -1"):
        explain.integrated_gradients(model, images, target=torch.tensor([0, -1, 2]))
    with pytest.raises(ValueError, match="same length; got images 3, target 2"):
        explain.grad_cam(model, images, target=torch.tensor([0, 1]))
    with pytest.raises(ValueError, match="steps must be at least 1; got 0"):
        explain.integrated_gradients(model, images, steps=0)
    with pytest.raises(ValueError, match="baseline must be between 0 and 255; got 256"):
        explain.integrated_gradients(model, images, baseline=256)


def _flat():
    """A linear network: no maps, and its gradient is the same everywhere."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 7))
    return Backbone(net, Preprocessing(16), ModelCard("flat"), 7)


@pytest.mark.parametrize("baseline", [0, 255])
def test_integrated_gradients_of_a_linear_net_are_weight_times_way(baseline):
    model, images = Classifier(_flat(), 3, seed=0), pictures(4, 16)
    weight = (model.head.weight[1] @ model.backbone.net[1].weight).view(3, 16, 16)
    prepare = model.backbone.preprocessing
    way = prepare(images) - prepare(torch.full_like(images, baseline))
    found = explain.integrated_gradients(model, images, target=1, steps=3, baseline=baseline)
    torch.testing.assert_close(found, (weight * way).sum(1).detach(), **EXACT)


@pytest.mark.parametrize("name", ["small_cnn", "resnet8"])
def test_integrated_gradients_add_up_to_the_difference_of_the_logits(name):
    model, images = classifier(name), pictures(10, 28, 1)  # grey, two batches
    black = torch.zeros_like(images)
    classes = tlt.predict(model, images, precision="fp32").argmax(1)
    change = [tlt.predict(model, x, precision="fp32") for x in (images, black)]
    expected = (change[0] - change[1])[torch.arange(10), classes]
    found = explain.integrated_gradients(model, images, steps=128)
    assert found.shape == (10, 32, 32)  # as fed to the network
    assert (found < 0).any()
    torch.testing.assert_close(found.sum((1, 2)), expected, rtol=0.02, atol=0.02)


def test_nearest_is_scikit_learns():
    train, query = (torch.randn(n, 6, generator=generator(n, "test")) for n in (40, 9))
    indices, similarities = explain.nearest(query, train, k=4)
    distances, expected = (
        NearestNeighbors(n_neighbors=4, metric="cosine").fit(train).kneighbors(query)
    )
    np.testing.assert_array_equal(indices, expected)
    np.testing.assert_allclose(similarities, 1 - distances, atol=1e-6)
    indices, similarities = explain.nearest(3 * train, train, k=1)
    assert indices[:, 0].tolist() == list(range(40))
    with pytest.raises(ValueError, match=r"k must be between 1 and 40 \(the number of .*; got 41"):
        explain.nearest(query, train, k=41)


def test_feature_map_by_principal_components_is_the_singular_vectors():
    features = torch.randn(30, 6, generator=generator(0, "test")) * torch.arange(1, 7)
    u, s, _ = np.linalg.svd((features.double() - features.double().mean(0)).numpy())
    found = explain.feature_map(features, seed=0)
    np.testing.assert_allclose(np.abs(found), np.abs(u[:, :2] * s[:2]), rtol=1e-6)
    np.testing.assert_array_equal(found, explain.feature_map(features, method="pca", seed=1))


@pytest.mark.parametrize("n", [4, 60])
def test_feature_map_by_tsne_repeats_and_keeps_clusters_apart(n):
    features = torch.randn(n, 5, generator=generator(0, "test"))
    features[: n // 2] += 20
    first, again = (explain.feature_map(features, method="tsne", seed=0) for _ in range(2))
    assert first.shape == (n, 2)
    np.testing.assert_array_equal(first, again)
    if n > 4:
        centres = first[: n // 2].mean(0), first[n // 2 :].mean(0)
        spread = max(half.std(0).max() for half in (first[: n // 2], first[n // 2 :]))
        assert np.linalg.norm(centres[0] - centres[1]) > 3 * spread
    with pytest.raises(ValueError, match="method must be one of 'pca', 'tsne'; got 'umap'"):
        explain.feature_map(features, method="umap", seed=0)
    with pytest.raises(ValueError, match="number of images must be at least 4; got 3"):
        explain.feature_map(features[:3], seed=0)


def debiased_cka(x, y):
    """Song et al. 2012, equation 5, term by term, in numpy."""
    grams = [f @ f.T for f in (np.asarray(x, dtype=float), np.asarray(y, dtype=float))]
    n = len(grams[0])
    for gram in grams:
        np.fill_diagonal(gram, 0)

    def hsic(k, m):
        ends = k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * (k @ m).sum() / (n - 2)
        return np.trace(k @ m) + ends

    k, m = grams
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


def test_layer_cka_is_the_debiased_formula_on_pooled_stages(digits):
    images = digits.train.images[:70]  # two batches
    a, b = tlt.load_backbone("small_cnn").train(), tlt.load_backbone("resnet8")
    table = explain.layer_cka(a, b, images)
    assert table.index.tolist() == list(a.stages)
    assert table.columns.tolist() == list(b.stages)
    a.eval()
    with torch.no_grad():
        x = a.net[:2](a.preprocessing(images)).mean((2, 3))
        y = b.net[:3](b.preprocessing(images)).mean((2, 3))
    assert table.loc["stage2", "block2"] == pytest.approx(debiased_cka(x, y), rel=1e-4)
    np.testing.assert_allclose(explain.layer_cka(b, a, images), table.T, rtol=1e-5)
    own = explain.layer_cka(a, a, images)
    np.testing.assert_allclose(np.diag(own), 1, atol=1e-6)
    assert (own <= 1 + 1e-6).all(axis=None)


def test_layer_cka_leaves_no_hook_and_keeps_every_mode(small):
    model = Classifier(small.train(), 3, seed=0)
    small.net.stage2.eval()
    before = state_of(model)
    explain.layer_cka(small, small, pictures(8))
    assert state_of(model) == before
    with pytest.raises(ValueError, match="images must be a uint8 tensor"):
        explain.layer_cka(small, small, torch.zeros(8, 3, 8, 8))
    assert state_of(model) == before


def test_subgroup_accuracy_has_wilsons_interval():
    groups = torch.tensor([0] * 40 + [2] * 9 + [3] * 10)
    labels = torch.zeros(59, dtype=torch.int64)
    logits = F.one_hot((torch.arange(59) % 4 == 0).long(), 2).float()  # every fourth is wrong
    table = explain.subgroup_accuracy(logits, labels, groups, ["a", "b", "c", "d"])
    assert table["group"].tolist() == ["a", "c", "d"]  # b has no image
    assert table["n"].tolist() == [40, 9, 10]
    assert table["few"].tolist() == [False, True, False]
    z, n, p = norm.ppf(0.975), table["n"], table["accuracy"]
    np.testing.assert_allclose(p, [30 / 40, 6 / 9, 8 / 10])
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    np.testing.assert_allclose(table["ci_low"], (middle - half) / (1 + z**2 / n))  # Wilson 1927
    np.testing.assert_allclose(table["ci_high"], (middle + half) / (1 + z**2 / n))
    with pytest.raises(ValueError, match="largest group must be between 0 and 1; got 3"):
        explain.subgroup_accuracy(logits, labels, groups, ["a", "b"])
    with pytest.raises(ValueError, match="same length; got logits 59, labels 59, groups 58"):
        explain.subgroup_accuracy(logits, labels, groups[1:], ["a"])


def test_captum_is_imported_late_and_its_absence_says_what_to_install(monkeypatch):
    code = "import sys, tlteach.analysis.explain; print('captum' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    for function in (explain.grad_cam, explain.integrated_gradients):
        with pytest.raises(ImportError, match=re.escape(f"captum: {adding('explain')}")):
            function(classifier(), pictures())
