"""What a run tells, that it leaves the given network alone, and that a seed decides every bit."""

import math
import warnings
from dataclasses import replace

import pytest
import torch
from torch import nn

import tlteach as tlt
from tests.helpers.trained import CONFIG, same_bits, trained
from tlteach.data import all_labels
from tlteach.measures import METRICS
from tlteach.models import Backbone, ModelCard, Preprocessing
from tlteach.training import Begun, DivergedWarning, partial as last_stages, versions
from tlteach.training.record import TestReuseWarning

CONVOLUTIONAL = [name for name in tlt.REGIMES if name != "lora"]  # it needs linear layers
STEPPED = [name for name in CONVOLUTIONAL if tlt.REGIMES[name].solver == "sgd"]


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_training_leaves_the_given_backbone_alone(few, small, name):
    small.train()
    before, flags = small.fingerprint(), [p.requires_grad for p in small.parameters()]
    trained(few, name, backbone=small)
    assert small.fingerprint() == before
    assert [p.requires_grad for p in small.parameters()] == flags
    assert all(module.training for module in small.modules())


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_the_seed_decides_every_bit_and_nothing_else_does(few, name):
    torch.manual_seed(1)
    first = trained(few, name, seed=1)
    torch.manual_seed(2)
    again = trained(few, name, seed=1)
    assert same_bits(first, again)
    for split, logits in first.predictions.items():
        assert logits.equal(again.predictions[split])
    assert first.history.equals(again.history)


@pytest.mark.parametrize("name", STEPPED)
def test_another_seed_gives_another_run(few, name):
    first, other = trained(few, name, seed=1), trained(few, name, seed=2)
    assert not same_bits(first, other)
    assert not first.predictions["train"].equal(other.predictions["train"])


def test_a_run_tells_what_was_done(few, small):
    run = trained(few, "partial", backbone=small, seed=4)
    used = {"until": "end", "statistics": "still", "head_factor": 10.0, "augment": "shift"}
    assert (run.regime, run.seed) == (tlt.REGIMES["partial"], 4)
    assert run.config == replace(CONFIG, **used)  # nothing is left open
    assert (run.updates, run.images, run.converged) == (3, 24, None)
    stages = (32 * 16 * 9 + 64, 64 * 32 * 9 + 128, 96 * 64 * 9 + 192)  # the last three of four
    assert run.trained == sum(stages) + 970
    assert run.total == run.trained + 16 * 3 * 9 + 32
    assert run.seconds > 0
    assert run.memory > 10_000_000
    assert (run.before, run.after) == (small.fingerprint(), run.model.backbone.fingerprint())
    assert run.versions == versions()
    assert torch.__version__.startswith(run.versions["torch"].partition("+")[0])
    assert run.test_scores == []
    assert not any(module.training for module in run.model.modules())
    assert list(run.history.columns) == ["step", "epoch", "split", "metric", "value"]
    assert len(run.history) == 3
    assert {k: tuple(v.shape) for k, v in run.predictions.items()} == {
        "train": (40, 10),
        "val": (10, 10),
    }
    for split in ("train", "val"):
        again = tlt.predict(run.model, getattr(few, split).images, precision="fp32")
        assert run.predictions[split].equal(again)


def test_a_logistic_run_has_no_steps_and_sees_each_image_once(few):
    run = trained(few, "frozen", config=tlt.TrainConfig(precision="fp32"))
    assert (run.updates, run.images, len(run.history)) == (0, 40, 0)
    assert (run.trained, run.total) == (970, 79184 + 970)


@pytest.mark.parametrize("name", STEPPED)
def test_every_regime_has_the_same_cap_and_it_is_recorded(few, name):
    """40 images in batches of 8: 40 passes are 200 updates, fewer than 1,000."""
    config = replace(CONFIG, updates=None)
    begun = Begun(tlt.load_backbone("small_cnn"), few, tlt.REGIMES[name], config, seed=0)
    assert (begun.config.updates, begun.config.until, begun.pace().cap) == (1000, "flat", 1000)


def test_the_cap_follows_the_passes_over_many_images(digits, few):
    """637 images: 40 passes in batches of 16 are 1592.5 updates."""
    for task, most in ((digits, 1593), (few, 1000)):
        begun = Begun(tlt.load_backbone("small_cnn"), task, tlt.REGIMES["scratch"], None, seed=0)
        assert begun.pace().cap == begun.config.updates == most


@pytest.mark.parametrize("name", ["scratch", "fine_tune"])
def test_where_no_updates_are_asked_for_training_ends_with_a_flat_loss(few, name):
    run = trained(few, name, config=tlt.TrainConfig(lr=0.1, augment="none", precision="fp32"))
    losses = run.history["value"].tolist()
    assert run.converged is True
    assert run.updates == len(losses) < run.config.updates == 1000
    means = [sum(losses[i : i + 20]) / 20 for i in range(0, len(losses) - 19, 20)]
    readings = flat_after(means, math.log(10))
    assert run.updates == 20 * readings + math.ceil(0.25 * 20 * readings)


def flat_after(means, chance):
    """After how many readings a loss is flat: two without a gain of 5 %, or 5 % of chance."""
    best = None
    for i, mean in enumerate(means):
        if best is None or mean < 0.95 * means[best]:
            best = i
        if (i - best >= 2 and mean < chance) or mean < 0.05 * chance:
            return i + 1
    return None


def test_a_cap_that_comes_first_is_told(few):
    run = trained(few, "fine_tune", config=replace(CONFIG, updates=30, until="flat"))
    assert (run.updates, run.config.updates, run.converged) == (30, 30, False)


def test_a_diverged_training_ends_early_and_is_not_flat(few):
    wild = tlt.TrainConfig(lr=1e30, clip=1e30, augment="none", precision="fp32")
    with pytest.warns(DivergedWarning, match="diverged at update 2"):
        run = trained(few, "fine_tune", config=wild)
    assert not math.isfinite(run.history["value"].iloc[-1])
    assert (run.updates, run.converged) == (20, False)


def test_the_test_split_is_for_one_look(few):
    run = trained(few, "frozen")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = run.test(few)
    logits = tlt.predict(run.model, few.test.images, precision="fp32")
    assert first == {name: metric(logits, few.test.labels) for name, metric in METRICS.items()}
    assert run.test_scores == [first]
    with pytest.warns(TestReuseWarning, match="the test split of 'digits' was already used"):
        second = run.test(few)
    assert run.test_scores == [first, second]


def test_without_validation_images_there_are_no_predictions_on_them(few):
    run = trained(all_labels(few), "fine_tune", config=replace(CONFIG, measure_every=1))
    assert set(run.predictions) == {"train"}
    assert set(run.history["split"]) == {"train"}


def test_wrong_requests_are_refused(few, small):
    empty = replace(few, train=few.train.select(torch.arange(0)))
    with pytest.raises(ValueError, match="number of training images must be at least 1; got 0"):
        trained(empty, "scratch")
    with pytest.raises(ValueError, match=r"stages must be between 1 and 4 \(small_cnn has them\)"):
        trained(few, last_stages(5))
    with pytest.raises(ValueError, match=r"regime must be one of .*; got 'thawed'"):
        trained(few, "thawed")


class Gate(nn.Module):
    """Counts images; in training it runs out of memory above `most` of them."""

    def __init__(self, most):
        super().__init__()
        self.most = most
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x):
        if self.training and len(x) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        if self.most == 0:
            self.seen += len(x)
        return x


def gated(most):
    net = nn.Sequential(tlt.load_backbone("small_cnn", seed=0).net, Gate(most))
    return Backbone(net, Preprocessing(32), ModelCard("gated"), 96)


def test_a_frozen_backbone_that_changes_is_an_error(few, tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))  # cached features would never show it
    with pytest.raises(RuntimeError, match="the backbone of regime 'frozen' must not change"):
        trained(few, "frozen", backbone=gated(most=0))


@pytest.mark.parametrize("name", ["scratch", "l2_sp", "gradual"])
def test_out_of_memory_starts_again_with_half_the_batch(few, name):
    with pytest.warns(RuntimeWarning, match="out of memory: going on with batches of 4"):
        halved = trained(few, name, backbone=gated(most=4))
    plain = trained(few, name, backbone=gated(4), config=replace(CONFIG, batch_size=4))
    assert same_bits(halved, plain)
    assert halved.config == plain.config
    assert (halved.updates, halved.images) == (3, 12)
