"""What `train` does in the regimes of adaptation: what moves, what stays, what is told."""

from dataclasses import replace

import pytest
import torch
from torch import nn

import tlteach as tlt
from tlteach.data.shift import shifted
from tlteach.models import Backbone, ModelCard, Preprocessing
from tlteach.training import Regime, adapt, relative_gradient_norms

CONFIG = tlt.TrainConfig(lr=0.01, c=0.1, updates=4, batch_size=8, precision="fp32")


def trained(task, regime, backbone, **changes):
    return tlt.train(backbone, task, regime, replace(CONFIG, **changes), seed=0, device="cpu")


def changed(run, backbone):
    before = backbone.net.state_dict()
    return {n for n, t in run.model.backbone.net.state_dict().items() if not t.equal(before[n])}


def on_features(run, features):
    with torch.no_grad():
        return run.model.head(features)


@pytest.fixture(scope="module")
def moved(digits):
    """Clean labels, dialled images without labels: one task, two domains."""
    return tlt.few_shot(shifted(digits, "contrast", 3), 5, seed=0)


def test_bitfit_moves_only_biases_and_shifts(few, small):
    run = trained(few, "bitfit", small)
    assert changed(run, small) == {f"stage{i}.1.bias" for i in range(1, 5)}
    assert run.trained == 16 + 32 + 64 + 96 + 970
    net = nn.Sequential(nn.Conv2d(3, 4, 8, 8), nn.ReLU())
    biased = Backbone(net, Preprocessing(32), ModelCard("biased"), 64)
    assert changed(trained(few, "bitfit", biased), biased) == {"0.bias"}


def test_gradual_ends_with_everything_open(few, small):
    run = trained(few, "gradual", small)
    assert run.trained == run.total
    late = trained(few, "gradual", small, thaw=1.0)  # the first stage would open after the end
    assert not any(name.startswith("stage1") for name in changed(late, small))


@pytest.mark.parametrize("favoured", [0, 2])
def test_one_stage_moves_and_leaves_the_others_bit_for_bit(few, small, favoured):
    with torch.no_grad():  # a small weight asks for the largest relative change; the norm hides it
        small.net[favoured][0].weight.mul_(1e-3)
        small.net[favoured][1].running_var.mul_(1e-6)
        small.net[favoured][1].eps = 1e-9
    run = trained(few, "one_stage", small)
    name = f"stage{favoured + 1}"
    assert run.stage == name
    assert changed(run, small) == {f"{name}.0.weight", f"{name}.1.weight", f"{name}.1.bias"}
    own = sum(p.numel() for p in small.net[favoured].parameters())
    assert run.trained == own + 970
    head = trained(few, "frozen", small).model
    norms = relative_gradient_norms(head, few)
    assert max(norms, key=norms.get) == name


def test_only_one_stage_chooses_a_stage(few, small):
    assert trained(few, "lp_ft", small).stage is None


def test_adapted_statistics_are_all_that_moves(moved, small):
    run = trained(moved, "bn_stats", small)
    statistics = {f"stage{i}.1.running_{what}" for i in range(1, 5) for what in ("mean", "var")}
    assert changed(run, small) == statistics
    assert run.before == run.after == run.model.backbone.fingerprint() != small.fingerprint()
    assert run.trained == 970
    assert (run.updates, run.images) == (0, len(moved.train))


def test_without_blend_adapting_is_frozen_bit_for_bit(moved, small):
    frozen = trained(moved, "frozen", small)
    for name in ("bn_stats", "coral"):
        run = trained(moved, name, small, blend=0.0)
        assert run.before == frozen.before
        assert run.model.head.weight.equal(frozen.model.head.weight)


@pytest.mark.parametrize(("name", "how"), [("bn_stats", "statistics"), ("coral", "coral")])
def test_labelled_images_are_described_as_images_of_their_own_domain(moved, small, name, how):
    run = trained(moved, name, small)
    adapted = adapt(small, moved, how, precision="fp32")
    assert run.model.backbone.fingerprint() == adapted.backbone.fingerprint()
    for split in ("train", "val"):
        expected = on_features(run, adapted.labelled(getattr(moved, split).images))
        torch.testing.assert_close(run.predictions[split], expected)
        plain = tlt.predict(run.model, getattr(moved, split).images, precision="fp32")
        assert not torch.allclose(run.predictions[split], plain, atol=0.1)
    tested = tlt.extract_features(adapted.backbone, moved.test.images, precision="fp32")
    right = tlt.accuracy(on_features(run, tested), moved.test.labels)
    assert run.test(moved)["accuracy"] == right


@pytest.mark.slow
def test_adapting_to_unlabelled_images_makes_up_for_lost_contrast(digits):
    source = tlt.few_shot(digits, 50, seed=0)
    config = tlt.TrainConfig(lr=0.1, updates=200, precision="fp32")
    backbone = tlt.train(tlt.load_backbone("small_cnn"), source, "scratch", config, seed=0)
    accuracy = {}
    for dial in ("contrast", "blur"):
        task = tlt.few_shot(shifted(digits, dial, 3), 10, seed=1)
        for name in ("frozen", "bn_stats", "coral"):
            run = trained(task, name, backbone.model.backbone)
            accuracy[name] = run.test(task)["accuracy"]
        assert accuracy["bn_stats"] - accuracy["frozen"] >= 0.2
        assert accuracy["coral"] - accuracy["frozen"] >= 0.2


def test_a_task_without_images_to_adapt_to_is_refused(moved, small):
    alone = replace(moved, pool=moved.pool.select(moved.pool.domains == 0))
    said = "task 'digits contrast 3' is tested on contrast 3 and holds no other image of it"
    with pytest.raises(ValueError, match=said):
        trained(alone, "bn_stats", small)


def test_a_backbone_without_batchnorm_statistics_is_refused(few):
    bare = Backbone(nn.Sequential(nn.Conv2d(3, 4, 8, 8)), Preprocessing(32), ModelCard("bare"), 64)
    with pytest.raises(ValueError, match="must have BatchNorm statistics to adapt; 'bare' has"):
        trained(few, "bn_stats", bare)


def test_a_regime_of_ones_own_may_mix(few, small):
    mine = Regime("mine", trains="bias", head_first=True, knob=tlt.REGIMES["l2_sp"].knob)
    still = trained(few, mine, small, anchor=1.0)
    assert changed(still, small) == {f"stage{i}.1.bias" for i in range(1, 5)}
