"""Adapting without labels against the formulas written out: statistics, covariances, domains."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from sklearn.covariance import LedoitWolf
from torch import nn

import tlteach as tlt
from tlteach.base import generator
from tlteach.data.shift import shifted
from tlteach.models import Backbone, ModelCard, Preprocessing
from tlteach.models.inference import BATCH
from tlteach.training import adapt, reestimate_statistics, unlabelled
from tlteach.training.adaptation import coral


@pytest.fixture(scope="module")
def moved(digits):
    return shifted(digits, "noise", 3)


def norms(backbone):
    return [m for m in backbone.modules() if isinstance(m, nn.BatchNorm2d)]


def statistics(backbone):
    return [(norm.running_mean, norm.running_var) for norm in norms(backbone)]


def assert_close(got, expected, **tolerance):
    for pair, other in zip(got, expected, strict=True):
        for a, b in zip(pair, other, strict=True):
            torch.testing.assert_close(a, b, **tolerance)


@pytest.mark.parametrize("n", [1, 7, BATCH, BATCH + 1, 3 * BATCH - 5])
def test_the_first_layer_gets_mean_and_variance_of_all_images(digits, small, n):
    images = digits.test.images[:n]
    adapted = reestimate_statistics(small, images)
    with torch.no_grad():
        maps = small.net[0][0](small.preprocessing(images)).double().numpy()
    mean, variance = maps.mean((0, 2, 3)), maps.var((0, 2, 3), ddof=1)
    got = [buffer.double().numpy() for buffer in statistics(adapted)[0]]
    np.testing.assert_allclose(got[0], mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(got[1], variance, rtol=1e-5, atol=1e-6)


def test_on_one_batch_every_layer_agrees_with_pytorchs_own_training_mode(digits, small):
    images = digits.test.images[:BATCH]
    reference = tlt.load_backbone("small_cnn", seed=0).train()
    for norm in norms(reference):
        norm.momentum = 1.0
    with torch.no_grad():
        reference(images)
    assert_close(statistics(reestimate_statistics(small, images)), statistics(reference))


def test_blend_weighs_new_statistics_against_the_old(digits, small):
    images = digits.test.images[:100]
    whole, part = (reestimate_statistics(small, images, blend=b) for b in (1.0, 0.3))
    expected = [
        tuple(0.7 * old + 0.3 * new for old, new in zip(*pair, strict=True))
        for pair in zip(statistics(small), statistics(whole), strict=True)
    ]
    assert_close(statistics(part), expected)
    same = reestimate_statistics(small, images, blend=0.0)
    assert same.fingerprint() == small.fingerprint()


def test_the_given_backbone_and_all_parameters_stay(digits, small):
    small.train()
    before = small.fingerprint()
    adapted = reestimate_statistics(small, digits.test.images[:20])
    assert small.fingerprint() == before
    assert small.net[0][1].training
    names = {
        n for n, t in adapted.net.state_dict().items() if not t.equal(small.net.state_dict()[n])
    }
    assert names == {f"stage{i}.1.running_{what}" for i in range(1, 5) for what in ("mean", "var")}
    assert all(not norm._forward_pre_hooks for norm in norms(adapted))


def test_a_file_sorted_by_class_gives_mixed_batches(small):
    batches = []
    small.register_forward_pre_hook(lambda _, inputs: batches.append(inputs[0]))  # a copy's too
    classes = torch.arange(10).repeat_interleave(35).byte()
    reestimate_statistics(small, classes[:, None, None, None].expand(-1, 3, 8, 8))
    seen = [batch[:, 0, 0, 0] for batch in batches]
    assert torch.cat(seen).sort().values.equal(classes)
    assert {len(batch.unique()) for batch in seen} == {10}
    assert {len(batch) for batch in seen} == {58, 59}


def test_repeating_gives_the_same_bits(digits, small):
    first, again = (reestimate_statistics(small, digits.test.images[:90]) for _ in range(2))
    assert first.fingerprint() == again.fingerprint()


@pytest.mark.parametrize("tracks", [True, False])
def test_wrong_requests_for_statistics_are_refused(small, tracks):
    images = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"blend must be between 0 and 1; got 1\.5"):
        reestimate_statistics(small, images, blend=1.5)
    with pytest.raises(ValueError, match="number of images must be at least 1; got 0"):
        reestimate_statistics(small, images[:0])
    layer = nn.GroupNorm(2, 4) if tracks else nn.BatchNorm2d(4, track_running_stats=False)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), layer)
    bare = Backbone(net, Preprocessing(8), ModelCard("bare"), 4)
    with pytest.raises(ValueError, match="must have BatchNorm statistics to adapt; 'bare' has"):
        reestimate_statistics(bare, images)


def test_unlabelled_images_are_those_of_the_tests_domain(digits, moved):
    few = tlt.few_shot(moved, 5, seed=3)
    assert len(few.pool) > len(moved.pool)  # clean images that are not taken
    images = unlabelled(few)
    assert images.equal(unlabelled(moved))
    assert images.equal(moved.pool.images[moved.pool.index.argsort()])
    assert len(images) == len(digits.labelled)
    tested = {image.numpy().tobytes() for image in moved.test.images}
    assert not tested & {image.numpy().tobytes() for image in images}


def test_with_one_domain_labelled_images_count_too(digits):
    whole = digits.labelled
    assert unlabelled(digits).equal(whole.images)
    assert unlabelled(tlt.few_shot(digits, 2, seed=0)).equal(whole.images)


def test_without_unlabelled_images_of_the_domain_the_task_is_refused(moved):
    with pytest.raises(ValueError, match=r"in the pool .* tested on noise 3 and holds no other"):
        unlabelled(replace(moved, pool=moved.pool.select(torch.arange(0))))


def features(n, d, seed):
    g = generator(seed, "test")
    mixing = torch.eye(d) + 0.4 * torch.randn(d, d, generator=g)
    return torch.randn(n, d, generator=g) @ mixing + torch.randn(d, generator=g)


def test_coral_gives_the_source_the_targets_mean_and_covariance():
    source, target = features(20_000, 5, 0), features(15_000, 5, 1)
    aligned = coral(source, target)(source)
    torch.testing.assert_close(aligned.mean(0), target.mean(0), rtol=1e-4, atol=1e-4)
    wanted, got = torch.cov(target.T), torch.cov(aligned.T)
    assert (got - wanted).norm() < 0.01 * wanted.norm()  # what is left is shrinkage
    assert (torch.cov(source.T) - wanted).norm() > 0.5 * wanted.norm()


def test_coral_equals_its_formula_with_scipys_matrix_roots():
    source, target = features(90, 30, 2).numpy(), features(40, 30, 3).numpy()
    whiten, colour = (sqrtm(LedoitWolf().fit(x).covariance_) for x in (source, target))
    by_hand = (source - source.mean(0)) @ np.linalg.inv(whiten) @ colour + target.mean(0)
    ours = coral(torch.from_numpy(source), torch.from_numpy(target))(torch.from_numpy(source))
    np.testing.assert_allclose(ours.numpy(), by_hand, rtol=1e-4, atol=1e-4)


def test_coral_blends_from_the_features_themselves():
    source, target = features(50, 4, 0), features(60, 4, 1)
    fresh = features(9, 4, 2)
    assert coral(source, target, blend=0.0)(fresh).equal(fresh)
    whole, half = (coral(source, target, blend=blend)(fresh) for blend in (1.0, 0.5))
    torch.testing.assert_close(half, (fresh + whole) / 2)
    assert whole.dtype == torch.float32


def test_coral_of_a_domain_with_itself_changes_nothing_and_keeps_constants():
    source = features(40, 100, 0)  # fewer images than features
    source[:, 7] = 3.0
    source[:20, 8] = 0.0
    aligned = coral(source, source)(source)
    torch.testing.assert_close(aligned, source, rtol=1e-4, atol=1e-4)
    assert len(aligned[:, 7].unique()) == len(aligned[:20, 8].unique()) == 1


def test_coral_refuses_what_has_no_covariance():
    several = features(5, 3, 0)
    with pytest.raises(ValueError, match="number of target images must be at least 2; got 1"):
        coral(several, several[:1])
    with pytest.raises(ValueError, match="blend must be between 0 and 1; got -1"):
        coral(several, several, blend=-1)


def test_each_domain_gets_the_statistics_of_its_own_images(moved, small):
    adapted = adapt(small, moved, "statistics", precision="fp32")
    target, source = unlabelled(moved), moved.labelled.images
    assert adapted.backbone.fingerprint() == reestimate_statistics(small, target).fingerprint()
    theirs = reestimate_statistics(small, source)
    expected = tlt.extract_features(theirs, source[:9], precision="fp32")
    assert adapted.labelled(source[:9]).equal(expected)
    assert theirs.fingerprint() != adapted.backbone.fingerprint()


def test_coral_is_fitted_on_the_two_domains_and_moves_the_labelled_side(moved, small):
    adapted = adapt(small, moved, "coral", precision="fp32")
    assert adapted.backbone is small
    source, target = (
        tlt.extract_features(small, images, precision="fp32")
        for images in (moved.labelled.images, unlabelled(moved))
    )
    expected = coral(source, target)(source[:9])
    torch.testing.assert_close(adapted.labelled(moved.labelled.images[:9]), expected)


@pytest.mark.parametrize("how", ["statistics", "coral"])
def test_every_few_shot_subset_adapts_to_the_same_images(moved, small, how):
    images = moved.labelled.images[:9]
    whole, few = (
        adapt(small, task, how, precision="fp32")
        for task in (moved, tlt.few_shot(moved, 5, seed=2))
    )
    assert whole.backbone.fingerprint() == few.backbone.fingerprint()
    assert whole.labelled(images).equal(few.labelled(images))


def test_with_one_domain_both_sides_are_described_alike(digits, small):
    images = digits.test.images[:9]
    for how in ("none", "statistics", "coral"):
        adapted = adapt(small, digits, how, precision="fp32")
        tested = tlt.extract_features(adapted.backbone, images, precision="fp32")
        torch.testing.assert_close(adapted.labelled(images), tested, rtol=1e-4, atol=1e-4)
    with pytest.raises(ValueError, match="adapt must be one of 'none', 'statistics', 'coral'; got"):
        adapt(small, digits, "dann")
