"""Preprocessing against torchvision and by hand; freezing that lasts; fingerprints that notice."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.transforms.v2 import InterpolationMode, functional as reference

from tlteach.models import Backbone, Classifier, ModelCard, Preprocessing, load_backbone

CLOSE = {"atol": 1e-5, "rtol": 1e-5}
PLAIN = {"mean": (0.0,) * 3, "std": (1.0,) * 3}


def pictures(*shape: int, seed: int = 0) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, shape, generator=g, dtype=torch.uint8)


def one_step(backbone: Backbone) -> None:
    """Train one step with weight decay on whatever may still move."""
    head = nn.Linear(backbone.n_features, 2)
    moving = [p for p in [*backbone.parameters(), *head.parameters()] if p.requires_grad]
    optimizer = torch.optim.SGD(moving, lr=0.1, weight_decay=0.1)
    labels = torch.tensor([0, 1, 0, 1])
    nn.functional.cross_entropy(head(backbone(pictures(4, 3, 32, 32))), labels).backward()
    optimizer.step()


def snapshot(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def changed(backbone: Backbone, before: dict[str, torch.Tensor]) -> set[str]:
    """Return the names of tensors that are no longer the same bits."""
    now = backbone.net.state_dict()
    return {name for name, tensor in before.items() if not torch.equal(tensor, now[name])}


# preprocessing


@pytest.mark.parametrize("size", [8, 20, 64, 100])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "nearest"])
@pytest.mark.parametrize("shape", [(3, 50, 50), (3, 40, 90), (1, 28, 28)])
def test_resizing_equals_torchvisions(size, mode, shape):
    images = pictures(2, *shape)
    ours = Preprocessing(size, **PLAIN, interpolation=mode)(images)
    theirs = reference.resize(
        images.float() / 255, [size, size], InterpolationMode(mode), antialias=True
    )
    torch.testing.assert_close(ours, theirs.expand(-1, 3, -1, -1), **CLOSE)


def test_shrinking_by_hand_averages_with_a_triangle():
    row = np.array([0, 255, 0, 0, 255, 255, 0, 255] * 2, dtype=np.uint8)
    # halving: weights fall linearly over two pixels on each side of the new pixel's centre
    expected = []
    for i in range(8):
        at = np.arange(16) + 0.5
        weight = np.maximum(0, 1 - np.abs(at - (2 * i + 1)) / 2)
        expected.append((weight * row / 255).sum() / weight.sum())
    images = torch.from_numpy(np.broadcast_to(row, (1, 1, 16, 16)).copy())
    ours = Preprocessing(8, **PLAIN)(images)
    np.testing.assert_allclose(ours[0, 0, 3], expected, atol=1e-6)


def test_without_antialias_pixels_are_skipped():
    images = pictures(1, 3, 64, 64)
    smooth = Preprocessing(16, **PLAIN)(images)
    rough = Preprocessing(16, **PLAIN, antialias=False)(images)
    expected = nn.functional.interpolate(images / 255, (16, 16), mode="bilinear")
    torch.testing.assert_close(rough, expected, **CLOSE)
    assert rough.std() > 1.5 * smooth.std()


def test_images_of_the_right_size_are_only_normalised():
    images = pictures(2, 3, 16, 16)
    mean, std = (0.1, 0.2, 0.3), (0.5, 0.6, 0.7)
    ours = Preprocessing(16, mean, std)(images)
    expected = (images.numpy() / 255 - np.reshape(mean, (3, 1, 1))) / np.reshape(std, (3, 1, 1))
    np.testing.assert_allclose(ours, expected, atol=1e-6)
    assert ours.dtype == torch.float32


def test_lite0_sees_x_minus_127_over_128():
    levels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    scale = load_backbone("lite0", weights=None).preprocessing
    images = levels.repeat_interleave(6, 2).repeat_interleave(6, 3)
    seen = scale(images)
    expected = (images.double() - 127) / 128
    torch.testing.assert_close(seen.double(), expected.expand(-1, 3, -1, -1), atol=1e-6, rtol=0)
    assert scale.size == 96


def test_grey_images_get_three_equal_channels():
    grey = pictures(2, 1, 28, 28)
    scale = Preprocessing(32)
    torch.testing.assert_close(scale(grey), scale(grey.expand(-1, 3, -1, -1)), atol=0, rtol=0)


def test_the_images_themselves_stay_as_they_are():
    images = pictures(2, 3, 32, 32)
    before = images.clone()
    Preprocessing(32)(images)
    Preprocessing(16)(images)
    assert torch.equal(images, before)


@pytest.mark.parametrize(
    ("images", "got"),
    [
        (torch.zeros(2, 3, 8, 8), r"torch.float32 of shape \(2, 3, 8, 8\)"),
        (torch.zeros(2, 3, 8, 8, dtype=torch.int64), r"torch.int64 of shape \(2, 3, 8, 8\)"),
        (torch.zeros(3, 8, 8, dtype=torch.uint8), r"torch.uint8 of shape \(3, 8, 8\)"),
        (torch.zeros(2, 8, 8, 3, dtype=torch.uint8), r"torch.uint8 of shape \(2, 8, 8, 3\)"),
        (torch.zeros(2, 4, 8, 8, dtype=torch.uint8), r"torch.uint8 of shape \(2, 4, 8, 8\)"),
    ],
)
def test_other_inputs_are_refused(small, images, got):
    with pytest.raises(ValueError, match=rf"uint8 tensor of shape \(n, 1 or 3, .*; got {got}"):
        small(images)


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="size must be between 8 and 1024; got 4"):
        Preprocessing(4)
    with pytest.raises(
        ValueError, match=r"interpolation must be one of 'bilinear', .*; got 'fast'"
    ):
        Preprocessing(32, interpolation="fast")


def test_the_id_changes_with_every_setting():
    others = [
        Preprocessing(33),
        Preprocessing(32, mean=(0.5, 0.5, 0.4)),
        Preprocessing(32, std=(0.2, 0.25, 0.25)),
        Preprocessing(32, interpolation="bicubic"),
        Preprocessing(32, antialias=False),
    ]
    assert len({Preprocessing(32).id, *(other.id for other in others)}) == 6
    assert Preprocessing(32).id == Preprocessing(32).id


# features, stages and card


def test_features_are_the_network_after_preprocessing(small):
    images = pictures(3, 3, 40, 40)
    with torch.no_grad():
        expected = small.net(small.preprocessing(images)).flatten(1)
        features = small(images)
    assert torch.equal(features, expected)
    assert features.shape == (3, small.n_features)


def test_stages_stand_in_order():
    assert list(load_backbone("small_cnn").stages) == ["stage1", "stage2", "stage3", "stage4"]
    assert list(load_backbone("resnet8").stages) == ["stem", "block1", "block2", "block3"]
    blocks = [f"blocks.{i}" for i in range(7)]
    lite0 = load_backbone("lite0-random")
    assert list(lite0.stages) == ["conv_stem", *blocks, "conv_head"]


def test_the_card_shows_in_the_repr(small):
    convolutions = 9 * (3 * 16 + 16 * 32 + 32 * 64 + 64 * 96)
    norms = 2 * (16 + 32 + 64 + 96)
    assert repr(small) == (
        f"Backbone 'small_cnn': 96 features, {convolutions + norms:,} parameters, "
        "4 stages, 32 px, source none"
    )
    assert ModelCard("x").licence in repr(ModelCard("x"))


# freezing


def test_unfrozen_training_moves_every_tensor(small):
    before = snapshot(small.net)
    one_step(small.train())
    assert changed(small, before) == set(before)


def test_freeze_stops_parameters_and_statistics_bit_for_bit(small):
    before, mark = snapshot(small.net), small.fingerprint()
    one_step(small.freeze().train())
    assert changed(small, before) == set()
    assert small.fingerprint() == mark
    assert not any(p.requires_grad for p in small.parameters())


def test_freeze_survives_train_of_a_model_around_it(small):
    model = Classifier(small.freeze(), 2, seed=0).train()
    assert model.training
    assert model.head.training
    assert not any(m.training for m in small.net.modules())
    before = snapshot(small.net)
    with torch.no_grad():
        model(pictures(4, 3, 32, 32))
    assert changed(small, before) == set()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda b: pickle.loads(pickle.dumps(b))])
def test_freeze_survives_a_copy_and_the_copy_is_its_own(small, copied):
    twin = copied(small.freeze())
    small.unfreeze()
    before = snapshot(twin.net)
    one_step(twin.train())
    assert changed(twin, before) == set()
    before = snapshot(small.net)
    one_step(small.train())
    assert changed(small, before) == set(before)


def test_freezing_without_norm_shows_the_classic_bug(small):
    before = snapshot(small.net)
    small.freeze(norm=False)
    one_step(small.train())
    moved = changed(small, before)
    assert moved == {name for name in before if "running" in name or "num_batches" in name}
    assert moved


def test_freezing_some_stages_leaves_the_others_moving(small):
    before = snapshot(small.net)
    small.freeze(["stage1", "stage3"])
    one_step(small.train())
    moved = changed(small, before)
    assert moved == {name for name in before if name.startswith(("stage2", "stage4"))}


def test_an_unknown_stage_is_refused_before_anything_is_frozen(small):
    with pytest.raises(ValueError, match=r"stage must be one of 'stage1', .*; got 'stage9'"):
        small.freeze(["stage1", "stage9"])
    assert all(p.requires_grad for p in small.parameters())


def test_frozen_statistics_leave_the_weights_training(small):
    before = snapshot(small.net)
    small.freeze_statistics()
    one_step(small.train())
    statistics = {name for name in before if "running" in name or "num_batches" in name}
    assert changed(small, before) == set(before) - statistics


def test_unfreeze_lets_everything_move_again(small):
    small.freeze().unfreeze()
    before = snapshot(small.net)
    one_step(small.train())
    assert changed(small, before) == set(before)


def test_freezing_keeps_the_mode_it_found(small):
    assert not small.eval().freeze().training
    assert small.unfreeze().train().freeze(["stage1"]).training
    assert small.net.get_submodule("stage2").training


# fingerprint


def test_the_fingerprint_notices_one_bit_in_any_tensor(small):
    mark = small.fingerprint()
    for name, tensor in small.net.state_dict().items():
        flat = tensor.view(-1)
        old = flat[-1].clone()
        flat[-1] = old + 1 if tensor.dtype == torch.int64 else torch.nextafter(old, old + 1)
        assert small.fingerprint() != mark, name
        flat[-1] = old
    assert small.fingerprint() == mark


def test_the_fingerprint_ignores_how_memory_is_laid_out_and_the_mode(small):
    mark = small.fingerprint()
    other = copy.deepcopy(small).to(memory_format=torch.channels_last).train()
    assert other.freeze().fingerprint() == mark
    assert copy.deepcopy(small).double().fingerprint() != mark


# classifier


def test_the_classifier_starts_from_its_seed(small):
    a, b, c = (Classifier(small, 10, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(a.head.weight, b.head.weight)
    assert not torch.equal(a.head.weight, c.head.weight)
    assert a.head.weight.abs().max().item() <= 1 / small.n_features**0.5
    assert not a.head.bias.any()
    assert a(pictures(2, 3, 32, 32)).shape == (2, 10)


def test_one_class_is_no_classification(small):
    with pytest.raises(ValueError, match="n_classes must be at least 2; got 1"):
        Classifier(small, 1, seed=0)
