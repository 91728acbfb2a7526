"""The training loop against plain PyTorch written out by hand, and each of its parts."""

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

import tlteach as tlt
from tlteach.loop import batches, fit, learning_rate, measure, sgd, shift
from tlteach.metrics import METRICS
from tlteach.regimes import TrainConfig
from tlteach.seeding import generator
from tlteach.training import prepare

PLAIN = TrainConfig(lr=0.05, updates=6, batch_size=8, augment="none", precision="fp32")


def model_for(task, regime="scratch", seed=0):
    model = tlt.Classifier(tlt.load_backbone("small_cnn", seed=seed), task.n_classes, seed=seed)
    prepare(model, tlt.REGIMES[regime])
    return model


def state(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def steps_by_hand(model, task, regime, config, *, seed):
    """Nesterov SGD with weight decay, clipping, warm-up and cosine, from the formulas."""
    order = torch.cat([torch.randperm(40, generator=g) for g in [generator(seed, "order")] * 2])
    moving = {name: p for name, p in model.named_parameters() if p.requires_grad}
    speed = {name: torch.zeros_like(p) for name, p in moving.items()}
    losses = []
    model.train()
    for i in range(config.updates):
        rows = order[8 * i : 8 * i + 8]
        logits = model(task.train.images[rows])
        chosen = logits.log_softmax(1)[torch.arange(8), task.train.labels[rows]]
        losses.append(-chosen.mean())
        gradients = torch.autograd.grad(losses[-1], list(moving.values()))
        length = math.sqrt(sum(float(g.square().sum()) for g in gradients))
        shrink = min(1.0, config.clip / length)
        climb = config.warmup * config.updates
        rate = (i + 1) / math.ceil(climb)
        if i >= climb:
            rate = 0.5 + 0.5 * math.cos(math.pi * (i - climb) / (config.updates - climb))
        with torch.no_grad():
            for (name, p), g in zip(moving.items(), gradients, strict=True):
                factor = regime.head_factor if name.startswith("head") else 1.0
                g = g * shrink + config.weight_decay * p
                speed[name] = config.momentum * speed[name] + g
                p -= config.lr * factor * rate * (g + config.momentum * speed[name])
    return torch.stack(losses).tolist()


@pytest.mark.parametrize("regime", ["scratch", "fine_tune", "partial", "bn_only"])
@pytest.mark.parametrize("clip", [0.5, 1e6])
def test_the_loop_equals_plain_pytorch_written_by_hand(few, regime, clip):
    config = TrainConfig(
        lr=0.01, weight_decay=0.01, warmup=0.4, clip=clip, batch_size=8, updates=6,
        augment="none", precision="fp32",
    )  # fmt: skip
    ours, hand = model_for(few, regime), model_for(few, regime)
    start = state(ours)
    history = fit(ours, few, tlt.REGIMES[regime], config, seed=3)
    losses = steps_by_hand(hand, few, tlt.REGIMES[regime], config, seed=3)
    assert history["value"].tolist() == pytest.approx(losses, rel=1e-4)
    for name, tensor in hand.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], tensor, rtol=1e-3, atol=1e-5, msg=name)
    moved = [name for name, tensor in ours.state_dict().items() if not tensor.equal(start[name])]
    assert "head.weight" in moved


def test_the_learning_rate_climbs_then_falls_as_half_a_cosine():
    for steps, warmup in ((40, 0.1), (7, 0.5), (1, 0.1), (10, 0.0)):
        climb = warmup * steps
        for step in range(steps):
            hand = math.cos(math.pi / 2 * (step - climb) / (steps - climb)) ** 2
            if step < climb:
                hand = (step + 1) / math.ceil(climb)
            assert learning_rate(step, steps, warmup) == pytest.approx(hand)
    assert learning_rate(9, 10, 1.0) == 1


def test_no_step_is_wasted_on_a_learning_rate_of_zero():
    for steps in (1, 2, 10, 300):
        for warmup in (0.0, 0.1, 0.5, 1.0):
            factors = [learning_rate(step, steps, warmup) for step in range(steps)]
            assert min(factors) > 0
            assert max(factors) <= 1


@pytest.mark.parametrize(
    ("n", "batch_size", "steps"), [(10, 4, 7), (3, 8, 5), (8, 8, 3), (1, 2, 1)]
)
def test_every_pass_sees_each_image_once_and_every_batch_is_full(n, batch_size, steps):
    drawn = list(batches(n, batch_size, steps, seed=0))
    assert [len(batch) for batch in drawn] == [batch_size] * steps
    rows = torch.cat(drawn)
    for one_pass in rows.split(n):
        assert len(one_pass.unique()) == len(one_pass)


def test_the_seed_alone_decides_the_order():
    first, again, other = (torch.cat(list(batches(50, 8, 9, seed=s))) for s in (1, 1, 2))
    assert first.equal(again)
    assert not first.equal(other)


def test_a_shift_is_a_crop_of_the_image_with_its_edge_repeated():
    images = torch.randint(0, 256, (64, 3, 16, 16), generator=generator(0, "test")).byte()
    moved = shift(images, generator(0, "augmentation"))
    assert (moved.shape, moved.dtype) == (images.shape, images.dtype)
    padded = F.pad(images.float(), (2, 2, 2, 2), mode="replicate").byte()
    found = set()
    for image, wide in zip(moved, padded, strict=True):
        places = [
            (y, x) for y in range(5) for x in range(5)
            if wide[:, y : y + 16, x : x + 16].equal(image)
        ]  # fmt: skip
        assert len(places) == 1
        found.update(places)
    assert len(found) > 15  # of 25: every image has its own shift
    assert {y for y, _ in found} == {x for _, x in found} == {0, 1, 2, 3, 4}


def test_shifts_follow_their_stream_and_leave_an_even_image_alone():
    images = torch.randint(0, 256, (9, 1, 8, 8), generator=generator(0, "test")).byte()
    g = generator(5, "augmentation")
    first, second = shift(images, g), shift(images, g)
    assert not first.equal(second)
    assert shift(images, generator(5, "augmentation")).equal(first)
    even = torch.full((3, 1, 8, 8), 7, dtype=torch.uint8)
    assert shift(even, g).equal(even)


def test_only_what_trains_is_in_the_optimizer_and_the_head_is_faster(few):
    config = TrainConfig(lr=0.02, momentum=0.8, weight_decay=0.003)
    model = model_for(few, "bn_only")
    body, head = sgd(model, tlt.REGIMES["bn_only"], config).param_groups
    assert [p.ndim for p in body["params"]] == [1] * 8  # scale and shift of four norms
    assert [p.shape for p in head["params"]] == [(10, 96), (10,)]
    assert (body["lr"], head["lr"]) == (0.02, pytest.approx(0.2))
    for group in (body, head):
        assert (group["momentum"], group["weight_decay"], group["nesterov"]) == (0.8, 0.003, True)
    still = sgd(model, tlt.REGIMES["bn_only"], TrainConfig(momentum=0.0)).param_groups[0]
    assert not still["nesterov"]


def test_the_history_has_a_loss_for_every_step(few):
    history = fit(model_for(few), few, tlt.REGIMES["scratch"], PLAIN, seed=0)
    assert list(history.columns) == ["step", "epoch", "split", "metric", "value"]
    assert history["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert history["epoch"].tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.2])  # 8 of 40
    assert set(zip(history["split"], history["metric"], strict=True)) == {("train", "loss")}


def test_measuring_on_the_way_is_complete_and_changes_nothing(few):
    quiet, measured = model_for(few), model_for(few)
    fit(quiet, few, tlt.REGIMES["scratch"], PLAIN, seed=0)
    often = replace(PLAIN, measure_every=2)
    history = fit(measured, few, tlt.REGIMES["scratch"], often, seed=0)
    for name, tensor in quiet.state_dict().items():
        assert measured.state_dict()[name].equal(tensor)
    rows = history[history["metric"] != "loss"]
    assert len(rows) == 3 * 2 * len(METRICS)
    assert set(rows["step"]) == {2, 4, 6}
    last = rows[(rows["step"] == 6) & (rows["split"] == "val")].set_index("metric")["value"]
    assert last.to_dict() == measure(measured, few.val, "fp32")


def test_measure_agrees_with_each_metric(few):
    model = model_for(few)
    logits = tlt.predict(model, few.val.images, precision="fp32")
    expected = {name: metric(logits, few.val.labels) for name, metric in METRICS.items()}
    assert measure(model, few.val, "fp32") == expected


def test_the_loss_falls_on_digits(digits):
    task = tlt.few_shot(digits, 10, seed=0)
    config = TrainConfig(lr=0.1, updates=150, precision="fp32")
    value = fit(model_for(task), task, tlt.REGIMES["scratch"], config, seed=0)["value"]
    assert value[:5].mean() == pytest.approx(math.log(10), abs=0.5)  # chance
    assert value[-5:].mean() < value[:5].mean() / 2
