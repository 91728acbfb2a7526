"""Dials against numpy, scipy and Pillow (one grey level), and what tasks become."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from scipy import ndimage
from scipy.stats import spearmanr

import tlteach as tlt
from tlteach.data.shift import DIALS, apply, between, shifted, style_mix

RANDOM = ("rotation", "noise")
ROUNDING = 1  # grey level


@pytest.fixture(scope="module")
def emoji():
    return tlt.load_task("emoji")


@pytest.fixture(scope="module")
def drawings(emoji):
    return emoji.test.images[::10]


@pytest.fixture(scope="module")
def written():
    return tlt.load_task("digits").test.images[:100]


def far(a, b):
    return (a.float() - b.float()).abs().mean().item()


@pytest.mark.parametrize("which", ["drawings", "written"])
def test_a_dial_at_zero_changes_no_bit_and_every_step_leads_further_away(which, request):
    images = request.getfixturevalue(which)
    before = images.clone()
    for dial in DIALS:
        if dial == "grey" and images.shape[1] == 1:
            continue
        assert torch.equal(apply(images, dial, 0), images), dial
        distances = [far(apply(images, dial, step), images) for step in np.arange(0, 5.5, 0.5)]
        assert distances == sorted(distances), dial
        assert all(low < high for low, high in pairwise(distances[::2])), dial
    assert torch.equal(images, before)
    assert apply(images, "noise", 0) is not images


def test_same_seed_same_bits_and_only_random_dials_heed_the_seed(drawings):
    for dial in DIALS:
        turned = apply(drawings, dial, 2.5, seed=3)
        assert turned.dtype == torch.uint8
        assert turned.shape == drawings.shape
        assert torch.equal(apply(drawings, dial, 2.5, seed=3), turned)
        assert torch.equal(apply(drawings, dial, 2.5, seed=4), turned) == (dial not in RANDOM)


@pytest.mark.parametrize("size", [1, 7])
def test_an_image_does_not_depend_on_its_batch(drawings, size):
    rows = torch.arange(len(drawings))
    backwards = rows.flip(0)
    for dial in DIALS:
        whole = apply(drawings, dial, 2.5)
        parts = [apply(drawings[part], dial, 2.5, rows=part) for part in rows.split(size)]
        assert torch.equal(torch.cat(parts), whole), dial
        turned = apply(drawings[backwards], dial, 2.5, rows=backwards)
        assert torch.equal(turned, whole[backwards]), dial


def test_images_have_random_numbers_of_their_own(drawings):
    same = drawings[:1].expand(20, -1, -1, -1)
    assert len({image.numpy().tobytes() for image in apply(same, "noise", 1)}) == 20
    assert len({image.numpy().tobytes() for image in apply(same, "rotation", 1)}) == 2


def test_no_image_is_fine_and_bad_arguments_are_named(written):
    assert len(apply(written[:0], "noise", 1)) == 0
    with pytest.raises(ValueError, match=r"dial must be one of 'rotation', .*; got 'fog'"):
        apply(written, "fog", 1)
    for severity in (-0.1, 5.1, float("nan")):
        with pytest.raises(ValueError, match=r"severity must be (between 0 and 5|a finite number)"):
            apply(written, "blur", severity)
    with pytest.raises(ValueError, match="'grey' changes nothing on grey images"):
        apply(written, "grey", 1)
    for wrong in (written.float(), written[0], written.expand(-1, 2, -1, -1)):
        with pytest.raises(ValueError, match="images must be a uint8 tensor of shape"):
            apply(wrong, "blur", 1)
    with pytest.raises(ValueError, match="same length; got images 100, rows 2"):
        apply(written, "blur", 1, rows=torch.arange(2))


@pytest.mark.parametrize("severity", [1, 2.5, 5])
def test_noise_has_the_stated_deviation_and_no_mean(severity):
    middle = torch.full((40, 3, 32, 32), 128, dtype=torch.uint8)
    change = apply(middle, "noise", severity).double() - 128
    kept = np.random.default_rng(0).normal(128, 255 * 0.08 * severity, 200_000).clip(0, 255) - 128
    assert change.std().item() == pytest.approx(kept.std(), rel=0.02)
    assert abs(change.mean().item()) < 1
    beside = np.corrcoef(change[..., 0::2].flatten(), change[..., 1::2].flatten())[0, 1]
    assert abs(beside) < 0.02


@pytest.mark.parametrize("shape", [(64, 64), (20, 36)])
def test_rotation_equals_scipys_to_one_side_or_the_other(drawings, shape):
    image = drawings[:6, :1, : shape[0], : shape[1]]
    turned = apply(image, "rotation", 2.5)
    signs = set()
    for before, after in zip(image[:, 0].numpy(), turned[:, 0].numpy(), strict=True):
        references = [
            ndimage.rotate(before.astype(float), sign * 30, reshape=False, order=1, mode="nearest")
            for sign in (-1, 1)
        ]
        errors = [np.abs(reference - after).max() for reference in references]
        assert min(errors) <= ROUNDING
        signs.add(int(np.argmin(errors)))
    assert signs == {0, 1}


def blur_by_loops(image, deviation):
    h, w = image.shape
    out = np.empty((h, w))
    for i, j in np.ndindex(h, w):
        squares = (np.arange(h)[:, None] - i) ** 2 + (np.arange(w) - j) ** 2
        weights = np.exp(-squares / (2 * deviation**2))
        out[i, j] = (weights * image).sum() / weights.sum()
    return out


def test_blur_equals_a_loop_over_pixels(drawings, written):
    for image, deviation in ((written[0, 0], 0.8), (drawings[3, 1, :30, :50], 3.0)):
        blurred = apply(image[None, None], "blur", 5)[0, 0].numpy()
        assert np.abs(blurred - blur_by_loops(image.numpy(), deviation)).max() <= ROUNDING


def test_two_blurs_of_one_step_are_a_blur_of_two(drawings):
    twice = apply(apply(drawings, "blur", 1), "blur", 1)[..., 10:-10, 10:-10]
    once = apply(drawings, "blur", 2)[..., 10:-10, 10:-10]  # at the edge the two differ
    assert (twice.int() - once.int()).abs().max() <= 2 * ROUNDING


def enlarged(images, times):
    return images.repeat_interleave(times, 2).repeat_interleave(times, 3)


@pytest.mark.parametrize(
    ("which", "width", "severity"),
    [("written", 2, 5), ("drawings", 16, 5), ("drawings", 4, 2.5), ("drawings", 2, 1.25)],
)
def test_pixelate_gives_the_means_of_blocks_that_double(which, width, severity, request):
    images = request.getfixturevalue(which)
    expected = enlarged(F.avg_pool2d(images.double(), width), width)
    assert (apply(images, "pixelate", severity) - expected).abs().max() <= 0.5 + 1e-4


def test_contrast_and_inversion_are_straight_lines(drawings):
    x = drawings.numpy().astype(float)
    lines = {"contrast": x + 0.54 * (x.mean((2, 3), keepdims=True) - x), "inversion": 153 - 0.2 * x}
    for dial, expected in lines.items():
        got = apply(drawings, dial, 3).numpy()
        assert np.abs(got - expected).max() <= 0.5 + 1e-3, dial
    assert torch.equal(apply(drawings, "inversion", 5), 255 - drawings)


def test_grey_ends_with_pillows_brightness(drawings):
    for image, grey in zip(drawings, apply(drawings, "grey", 5), strict=True):
        expected = np.asarray(Image.fromarray(image.permute(1, 2, 0).numpy()).convert("L"))
        assert np.abs(grey.numpy().astype(int) - expected).max() <= ROUNDING
        assert (grey == grey[0]).all()


@pytest.mark.parametrize(("dial", "most"), [("pixelate", 0.5), ("blur", 8), ("rotation", 8)])
def test_eight_and_64_pixels_are_hit_alike(written, dial, most):
    small, large = (apply(images, dial, 5) for images in (written, enlarged(written, 8)))
    shrunk = F.avg_pool2d(large.float(), 8)
    assert far(shrunk, small) <= most < far(written, small) / 4


def assert_transductive(task, clean, target):
    assert (task.card, task.classes) == (clean.card, clean.classes)
    for split, domain in ((task.train, 0), (task.val, 0), (task.test, 1), (task.pool, 1)):
        assert set(split.domains.tolist()) == {domain}
    assert task.domains[1] == target
    learnt = {*task.train.groups.tolist(), *task.val.groups.tolist()}
    assert learnt == set(task.pool.groups.tolist())
    assert not learnt & set(task.test.groups.tolist())


def test_a_shifted_task_learns_clean_and_is_tested_dialled(digits):
    task = shifted(digits, "noise", 3, seed=1)
    assert_transductive(task, digits, "noise 3")
    assert (task.name, task.domains[0]) == ("digits noise 3", "clean")
    assert torch.equal(task.train.images, digits.train.images)
    assert torch.equal(task.val.images, digits.val.images)
    for split, before in ((task.test, digits.test), (task.pool, digits.labelled)):
        dialled = apply(before.images, "noise", 3, seed=1, rows=before.index)
        assert torch.equal(split.images, dialled)
        assert torch.equal(split.labels, before.labels)
        assert torch.equal(split.index, before.index)
    assert not torch.equal(shifted(digits, "noise", 3).test.images, task.test.images)
    assert shifted(digits, "blur", 2.5).domains[1] == "blur 2.5"


def test_few_shot_may_come_before_or_after(digits):
    after = tlt.few_shot(shifted(digits, "noise", 2), 5, seed=0)
    before = shifted(tlt.few_shot(digits, 5, seed=0), "noise", 2)
    for name in ("train", "val", "test"):
        assert getattr(after, name).fingerprint == getattr(before, name).fingerprint
    dialled = after.pool.select(after.pool.domains == 1)
    assert sorted(dialled.index.tolist()) == sorted(before.pool.index.tolist())
    assert (after.pool.domains == 0).sum() == len(digits.labelled) - 50


def test_style_mix_replaces_a_share_by_the_same_concept(emoji):
    clean, flat = (tlt.load_task("emoji", domains=[d]) for d in ("noto", "fluent_flat"))
    shuffled = replace(emoji, test=emoji.test.select(torch.arange(len(emoji.test)).flip(0)))
    replaced = []
    for severity in (0, 1, 2.5, 5):
        mix = style_mix(shuffled, severity, source="noto", to="fluent_flat")
        assert_transductive(mix, emoji, f"style {severity:g}")
        assert torch.equal(mix.train.images, clean.train.images)
        test, pool = (mix.test, clean.test, flat.test), (mix.pool, clean.labelled, flat.labelled)
        for part, plain, drawn in (test, pool):
            changed = (part.images != plain.images).flatten(1).any(1)
            assert changed.sum() == round(len(plain) * severity / 5)
            assert torch.equal(part.images[changed], drawn.images[changed])
            assert torch.equal(part.groups, plain.groups)
            assert torch.equal(part.labels, plain.labels)
        replaced.append({*mix.test.index.tolist()} - {*clean.test.index.tolist()})
    assert replaced[0] < replaced[1] < replaced[2] < replaced[3]
    other = style_mix(emoji, 1, source="noto", to="fluent_flat", seed=1)
    assert {*other.test.index.tolist()} - {*clean.test.index.tolist()} != replaced[1]


def test_the_style_dial_goes_from_the_first_domain_to_the_last(emoji):
    two = tlt.load_task("emoji", domains=["twemoji", "noto"])
    got = shifted(two, "style", 2)
    expected = style_mix(emoji, 2, source="twemoji", to="noto")
    assert got.name == expected.name == "emoji twemoji to noto, style 2"
    assert got.fingerprint == expected.fingerprint


def test_between_learns_one_style_and_is_tested_on_another(emoji):
    task = between(emoji, "twemoji", "noto")
    assert_transductive(task, emoji, "noto")
    assert (task.name, task.domains[0]) == ("emoji twemoji to noto", "twemoji")
    source, target = (tlt.load_task("emoji", domains=[d]) for d in ("twemoji", "noto"))
    for name, whole in (("train", source), ("val", source), ("test", target)):
        assert getattr(task, name).fingerprint == getattr(whole, name).fingerprint
    assert task.pool.fingerprint == target.labelled.fingerprint


def test_compare_takes_such_tasks(digits, emoji):
    tasks = (
        shifted(digits, "contrast", 4),
        shifted(digits, "rotation", 2.5),
        style_mix(emoji, 3, source="noto", to="twemoji"),
        between(emoji, "noto", "fluent_color"),
    )
    quick = {"backbone": "small_cnn", "regimes": ["frozen"], "search": "smoke", "baselines": False}
    for task in tasks:
        results = tlt.compare(task, shots=[5], seeds=[0], **quick)
        assert results["task"].unique().tolist() == [task.name]
        assert 0 < results.query("split == 'test' and metric == 'accuracy'")["value"].item() < 1


def test_bad_domains_are_named(digits, emoji):
    with pytest.raises(ValueError, match="source and target must be two domains of 'digits'"):
        shifted(digits, "style", 1)
    with pytest.raises(ValueError, match="must be two domains of 'emoji'; got 'noto' twice"):
        between(emoji, "noto", "noto")
    with pytest.raises(ValueError, match=r"domain must be one of 'noto', .*; got 'comic'"):
        between(emoji, "noto", "comic")
    with pytest.raises(ValueError, match="severity must be between 0 and 5; got 6"):
        style_mix(emoji, 6, source="noto", to="twemoji")
    alone = replace(emoji, test=emoji.test.select(torch.arange(300)))
    with pytest.raises(ValueError, match="got 224 and 76 drawings that do not pair up"):
        style_mix(alone, 1, source="noto", to="twemoji")
    doubled = replace(emoji, test=emoji.test.joined(emoji.test))
    with pytest.raises(ValueError, match="each concept must be drawn once in 'noto' and once in"):
        style_mix(doubled, 1, source="noto", to="twemoji")


@pytest.mark.slow
def test_a9_accuracy_falls_with_severity(digits):
    config = tlt.TrainConfig(lr=0.1)
    run = tlt.train(tlt.load_backbone("small_cnn"), digits, "scratch", config, seed=0)
    for dial in ("noise", "blur", "contrast", "pixelate"):
        accuracies = [
            tlt.accuracy(tlt.predict(run.model, test.images), test.labels)
            for test in (shifted(digits, dial, severity).test for severity in range(6))
        ]
        assert spearmanr(range(6), accuracies).statistic <= -0.9, dial
        assert accuracies[0] - accuracies[5] > 0.2, dial
