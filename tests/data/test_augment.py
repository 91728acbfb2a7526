"""Augmentation against the same change written out image by image in numpy or torchvision."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torchvision.transforms import functional as tv

import tlteach as tlt
from tlteach.base import generator
from tlteach.data.augment import JITTER, LUMA, POLICIES, apply
from tlteach.training import fit

MIXING = ("mixup", "cutmix")
CHANGING = tuple(name for name in POLICIES if name != "none")
N = 64


def batch(n=N, channels=3, height=16, width=16, low=0, high=256):
    """Return noise, and labels 0, 1, 2, 0, 1, 2, ..."""
    shape = (n, channels, height, width)
    images = torch.randint(low, high, shape, generator=generator(0, "test"))
    return images.byte(), torch.arange(n) % 3


def augmented(name, images, labels, seed=0):
    return apply(name, images, labels, 3, generator(seed, "augmentation"))


def found_share(mixed, own, partner):
    """Return which part of the partner was blended in, by least squares over the pixels."""
    step = partner.double() - own.double()
    return float((step * (mixed.double() - own.double())).sum() / step.square().sum())


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("shape", [(5, 1, 8, 8), (7, 3, 12, 20), (1, 3, 9, 7)])
def test_what_comes_out_is_images_and_targets_for_a_loss(name, shape):
    images, labels = batch(*shape)
    before = images.clone()
    changed, targets = augmented(name, images, labels)
    assert (changed.dtype, changed.shape) == (torch.uint8, images.shape)
    assert images.equal(before)
    if name in MIXING:
        assert (targets.dtype, targets.shape) == (torch.float32, (shape[0], 3))
        assert targets.min() >= 0
        torch.testing.assert_close(targets.sum(1), torch.ones(shape[0]), rtol=0, atol=1e-6)
    else:
        assert targets is labels  # whole numbers, so that the loss keeps its bits


@pytest.mark.parametrize("name", CHANGING)
def test_the_generator_alone_decides_and_moves_on(name):
    images, labels = batch()
    g = generator(1, "augmentation")
    first, second = (apply(name, images, labels, 3, g) for _ in range(2))
    again = augmented(name, images, labels, seed=1)
    assert first[0].equal(again[0])
    assert first[1].equal(again[1])
    assert not first[0].equal(second[0])


@pytest.mark.parametrize("name", CHANGING)
def test_every_image_draws_its_own_parameters(name):
    """Two noise images alternate: with one draw for the whole batch at most 2 x 2 differ."""
    images, labels = batch(2)
    changed, _ = augmented(name, images.repeat(N // 2, 1, 1, 1), labels.repeat(N // 2))
    distinct = {image.numpy().tobytes() for image in changed}
    assert len(distinct) == 4 if name == "style" else len(distinct) > 10  # style: 2 x 2 partners


def test_none_draws_nothing():
    images, labels = batch()
    g = generator(0, "augmentation")
    changed, targets = apply("none", images, labels, 3, g)
    assert changed is images
    assert targets is labels
    assert torch.rand(3, generator=g).equal(torch.rand(3, generator=generator(0, "augmentation")))


@pytest.mark.parametrize(("height", "width", "most"), [(16, 24, 2), (8, 8, 1), (5, 5, 1)])
def test_shift_crops_where_its_generator_says_from_the_image_with_its_edge_repeated(
    height, width, most
):
    images, labels = batch(height=height, width=width)
    padded = F.pad(images.float(), [most] * 4, mode="replicate").byte()
    corners = torch.randint(2 * most + 1, (N, 2), generator=generator(0, "augmentation"))
    moved, _ = augmented("shift", images, labels)
    for image, wide, (y, x) in zip(moved, padded, corners.tolist(), strict=True):
        assert wide[:, y : y + height, x : x + width].equal(image)
    assert set(corners.flatten().tolist()) == set(range(2 * most + 1))


def test_flip_crop_is_a_mirror_half_the_time_and_then_a_shift():
    images, labels = batch()
    changed, _ = augmented("flip_crop", images, labels)
    sides = {"as it was": 0, "mirrored": 0}
    for image, new in zip(images, changed, strict=True):
        for side, face in zip(sides, (image, image.flip(2)), strict=True):
            wide = F.pad(face[None].float(), [2] * 4, mode="replicate")[0].byte()
            crops = [wide[:, y : y + 16, x : x + 16] for y in range(5) for x in range(5)]
            sides[side] += sum(crop.equal(new) for crop in crops)
    assert sum(sides.values()) == N
    assert min(sides.values()) > N / 2 - 4 * math.sqrt(N) / 2  # 4 standard errors


def test_an_even_image_has_nothing_to_shift_or_flip():
    even = torch.full((3, 1, 8, 8), 7, dtype=torch.uint8)
    for name in ("shift", "flip_crop"):
        assert augmented(name, even, torch.arange(3))[0].equal(even)


@pytest.mark.parametrize("channels", [1, 3])
def test_colour_equals_torchvisions_three_steps(channels):
    """Within one grey level: torchvision clips after each step, so nothing here reaches an end."""
    images, labels = batch(channels=channels, low=70, high=110)
    draws = torch.rand(N, 3, generator=generator(0, "augmentation"))
    factors = 1 - JITTER + 2 * JITTER * draws
    changed, _ = augmented("colour", images, labels)
    for image, new, (b, c, s) in zip(images, changed, factors.tolist(), strict=True):
        x = tv.adjust_contrast(tv.adjust_brightness(image / 255, b), c)
        hand = 255 * (tv.adjust_saturation(x, s) if channels == 3 else x)
        assert (hand - new).abs().max() < 1


def test_colour_clips_instead_of_wrapping_round():
    images, labels = batch(low=200, high=256)
    draws = torch.rand(N, 3, generator=generator(0, "augmentation"))
    changed, _ = augmented("colour", images, labels)
    brighter = draws[:, 0] > 0.9
    assert brighter.any()
    assert changed[brighter].min() > 200
    assert changed[brighter].max() == 255


def test_luma_weights_sum_to_one():
    assert sum(LUMA) == pytest.approx(1.0)


def test_mixup_is_the_convex_combination_that_its_targets_say():
    images, labels = batch()
    labels = torch.arange(N)  # one class an image: the targets tell the partner
    mixed, targets = apply("mixup", images, labels, N, generator(0, "augmentation"))
    shares = []
    for i in range(N):
        others = [j for j in targets[i].nonzero().flatten().tolist() if j != i]
        assert len(others) <= 1
        for j in others:
            lam = targets[i, j].double().item()
            hand = (1 - lam) * images[i].double().numpy() + lam * images[j].double().numpy()
            assert np.abs(hand - mixed[i].numpy()).max() < 0.501  # rounding
            assert found_share(mixed[i], images[i], images[j]) == pytest.approx(lam, abs=5e-3)
            shares.append(lam)
    assert len(shares) > N - 6  # one image in a batch is its own partner, on average
    below = np.sort(shares) - (np.arange(len(shares)) + 0.5) / len(shares)
    assert np.abs(below).max() < 1.95 / math.sqrt(len(shares))  # uniform: Kolmogorov at 0.001


@pytest.mark.parametrize(("height", "width"), [(16, 16), (10, 24)])
def test_cutmix_pastes_one_box_whose_share_is_the_targets_exactly(height, width):
    """The box has the image's proportions, a uniform area and a uniform centre, cut at the edge."""
    images, _ = batch(height=height, width=width)
    g = generator(0, "augmentation")
    partner = torch.randperm(N, generator=g).tolist()
    side = np.sqrt(torch.rand(N, generator=g).numpy())
    centre = torch.rand(N, 2, generator=g).numpy()
    mixed, targets = apply("cutmix", images, torch.arange(N), N, generator(0, "augmentation"))
    shares = []
    for i, j in enumerate(partner):
        ends = np.clip([centre[i] - side[i] / 2, centre[i] + side[i] / 2], 0, 1)
        (top, left), (bottom, right) = np.rint(ends * [height, width]).astype(int)
        hand = images[i].clone()
        hand[:, top:bottom, left:right] = images[j][:, top:bottom, left:right]
        assert mixed[i].equal(hand)
        share = torch.tensor((bottom - top) * (right - left) / (height * width)).float()
        expected = torch.zeros(N)
        expected[i] = 1 - share
        expected[j] += share
        assert targets[i].equal(expected)
        shares.append(share.item())
    assert len({round(share, 3) for share in shares}) > 20


def test_style_takes_the_partners_means_and_deviations_and_keeps_the_shape():
    """Within rounding: half a grey level in the mean, 0.3 (1 / sqrt(12)) in the deviation."""
    images, labels = batch(n=16)
    contrast = torch.linspace(0.1, 0.3, 16).view(-1, 1, 1, 1)
    level = torch.linspace(90, 160, 48).view(16, 3, 1, 1)
    images = (level + contrast * (images.float() - 128)).round().byte()
    partner = torch.randperm(16, generator=generator(0, "augmentation"))
    styled, targets = augmented("style", images, labels)
    assert targets is labels
    old, theirs, new = (x.double().numpy() for x in (images, images[partner], styled))
    np.testing.assert_allclose(new.mean((2, 3)), theirs.mean((2, 3)), atol=0.5)
    np.testing.assert_allclose(new.std((2, 3)), theirs.std((2, 3)), atol=0.3)
    for a, b in zip(old.reshape(48, -1), new.reshape(48, -1), strict=True):
        assert np.corrcoef(a, b)[0, 1] > 0.99
    assert (partner != torch.arange(16)).any()


def test_style_gives_an_even_image_the_partners_mean_and_no_noise():
    even = torch.tensor([10, 200], dtype=torch.uint8).view(2, 1, 1, 1).repeat(1, 1, 8, 8)
    for seed in range(4):
        partner = torch.randperm(2, generator=generator(seed, "augmentation"))
        assert augmented("style", even, torch.arange(2), seed)[0].equal(even[partner])


def test_style_does_not_blow_up_noise_below_one_grey_level():
    images = torch.tensor([10, 200], dtype=torch.uint8).view(2, 1, 1, 1).repeat(8, 1, 8, 8)
    images[::2, 0, 4, 4] = 11
    images[1::2, 0, :, ::2] = 100  # deviation 50
    styled, _ = augmented("style", images, torch.arange(16) % 3)
    spans = (styled.amax((1, 2, 3)).int() - styled.amin((1, 2, 3)).int())[::2].tolist()
    assert max(spans) == 50  # one grey level became one deviation of the partner
    assert min(spans) == 0


def test_an_unknown_policy_is_refused():
    images, labels = batch(2)
    with pytest.raises(ValueError, match=r"augment must be one of 'none', 'shift', .*'autumn'"):
        augmented("autumn", images, labels)
    with pytest.raises(ValueError, match=r"augment must be one of 'none', 'shift', .*'autumn'"):
        tlt.TrainConfig(augment="autumn")


@pytest.mark.parametrize("name", POLICIES)
def test_the_first_loss_is_the_cross_entropy_of_the_augmented_batch(few, name):
    config = tlt.TrainConfig(updates=1, batch_size=len(few.train), augment=name, precision="fp32")
    model = tlt.Classifier(tlt.load_backbone("small_cnn", seed=0), 10, seed=0)
    rows = torch.randperm(len(few.train), generator=generator(4, "order"))
    images, targets = apply(
        name, few.train.images[rows], few.train.labels[rows], 10, generator(4, "augmentation")
    )
    shares = targets if name in MIXING else torch.eye(10)[targets]
    hand = -(shares * model.train()(images).log_softmax(1)).sum(1).mean().item()
    fresh = tlt.Classifier(tlt.load_backbone("small_cnn", seed=0), 10, seed=0)
    history = fit(fresh, few, tlt.REGIMES["scratch"], config, seed=4)
    assert history["value"].tolist() == pytest.approx([hand], rel=1e-5)


@pytest.mark.parametrize("name", POLICIES)
def test_a_training_runs_with_every_policy_and_its_loss_falls(few, small, name):
    config = tlt.TrainConfig(lr=0.1, updates=120, augment=name, precision="fp32")
    loss = tlt.train(small, few, "scratch", config, seed=0, device="cpu").history["value"]
    assert loss[:5].mean() == pytest.approx(math.log(10), abs=0.5)  # chance
    assert loss[-20:].mean() < 0.75 * loss[:5].mean()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", POLICIES)
def test_a_gpu_makes_the_same_draws(name):
    images, labels = batch()
    here, targets = augmented(name, images, labels)
    there, far = augmented(name, images.cuda(), labels.cuda())
    assert (here.int() - there.cpu().int()).abs().max() <= 1  # rounding
    torch.testing.assert_close(targets, far.cpu())
