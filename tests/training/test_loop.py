"""The training loop against plain PyTorch written out by hand, and each of its parts."""

import math
from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tlteach.base import generator
from tlteach.measures import METRICS
from tlteach.training import TrainConfig, batches, fit, n_open
from tlteach.training.loop import measure, pull_back, sgd
from tlteach.training.pace import learning_rate
from tlteach.training.preparing import prepare
from tlteach.training.regimes import settled

PLAIN = TrainConfig(lr=0.05, updates=6, batch_size=8, augment="none", precision="fp32")


def model_for(task, regime="scratch", seed=0):
    model = tlt.Classifier(tlt.load_backbone("small_cnn", seed=seed), task.n_classes, seed=seed)
    prepare(model, settled(tlt.REGIMES[regime], TrainConfig()), seed=0)
    return model


def state(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def stages_above(name):
    """How many of the four stages lie above a parameter such as backbone.net.stage3.0.weight."""
    return 4 - int(name.split("stage")[1][0])


def factor(name, regime, config):
    if name.startswith("head"):
        return 10.0 if regime.pretrained else 1.0
    return config.decay ** stages_above(name) if regime.name == "discriminative" else 1.0


def is_open(name, step, regime, config):
    if regime.name != "gradual" or name.startswith("head"):
        return True
    return step >= (stages_above(name) + 1) * config.thaw * config.updates / 4


def shrinkage(name, p, start, regime, config):
    if regime.name == "l2_sp" and not name.startswith("head"):
        return config.anchor * (p - start)
    return config.weight_decay * p


def rate_by_hand(i, config):
    climb = config.warmup * config.updates
    if i < climb:
        return (i + 1) / math.ceil(climb)
    if config.until == "flat":  # 6 updates at most: level for 4, then 2/3 and 1/3
        return {4: 2 / 3, 5: 1 / 3}.get(i, 1.0)
    return 0.5 + 0.5 * math.cos(math.pi * (i - climb) / (config.updates - climb))


def steps_by_hand(model, task, regime, config, *, seed):
    """Nesterov SGD with weight decay, clipping, schedule and knobs, from the formulas."""
    order = torch.cat([torch.randperm(40, generator=g) for g in [generator(seed, "order")] * 2])
    moving = {name: p for name, p in model.named_parameters() if p.requires_grad}
    speed = {name: torch.zeros_like(p) for name, p in moving.items()}
    start = {name: p.detach().clone() for name, p in moving.items()}
    losses = []
    model.train()
    for i in range(config.updates):
        rows = order[8 * i : 8 * i + 8]
        logits = model(task.train.images[rows])
        chosen = logits.log_softmax(1)[torch.arange(8), task.train.labels[rows]]
        losses.append(-chosen.mean())
        opened = {name: p for name, p in moving.items() if is_open(name, i, regime, config)}
        gradients = torch.autograd.grad(losses[-1], list(opened.values()))
        length = math.sqrt(sum(float(g.square().sum()) for g in gradients))
        shrink = min(1.0, config.clip / length)
        rate = rate_by_hand(i, config)
        with torch.no_grad():
            for (name, p), g in zip(opened.items(), gradients, strict=True):
                g = g * shrink + shrinkage(name, p, start[name], regime, config)
                speed[name] = config.momentum * speed[name] + g
                step = config.lr * factor(name, regime, config) * rate
                p -= step * (g + config.momentum * speed[name])
    return torch.stack(losses).tolist()


@pytest.mark.parametrize(
    "regime",
    [
        "scratch",
        "fine_tune",
        "partial",
        "bn_only",
        "bitfit",
        "l2_sp",
        "discriminative",
        "gradual",
        "fine_tune_still",
        "fine_tune_moving",
    ],
)
@pytest.mark.parametrize(("clip", "until"), [(0.5, "end"), (1e6, "end"), (0.5, "flat")])
def test_the_loop_equals_plain_pytorch_written_by_hand(few, regime, clip, until):
    config = TrainConfig(
        lr=0.01, weight_decay=0.01, warmup=0.4, clip=clip, batch_size=8, updates=6, until=until,
        augment="none", precision="fp32", anchor=0.5, decay=0.4, thaw=0.7,
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


def test_weight_decay_spares_what_is_pulled_to_its_start(few):
    config = TrainConfig(weight_decay=0.003)
    body, head = sgd(model_for(few, "l2_sp"), tlt.REGIMES["l2_sp"], config).param_groups
    assert (body["weight_decay"], head["weight_decay"]) == (0, 0.003)


def test_each_stage_learns_more_slowly_than_the_one_above(few):
    regime, config = tlt.REGIMES["discriminative"], TrainConfig(lr=0.02, decay=0.5)
    model = model_for(few, "discriminative")
    groups = sgd(model, regime, config).param_groups
    assert [group["lr"] for group in groups] == pytest.approx([0.02, 0.01, 0.005, 0.0025, 0.2])
    stages = reversed(model.backbone.stages.values())
    for group, stage in zip(groups, [*stages, [model.head]], strict=True):
        expected = [id(p) for module in stage for p in module.parameters()]
        assert [id(p) for p in group["params"]] == expected


def test_parameters_of_no_stage_learn_with_the_lowest(few):
    model = model_for(few, "discriminative")
    model.backbone.net.register_parameter("token", torch.nn.Parameter(torch.zeros(3)))
    groups = sgd(model, tlt.REGIMES["discriminative"], TrainConfig()).param_groups
    places = [any(p is model.backbone.net.token for p in group["params"]) for group in groups]
    assert places == [False, False, False, True, False]


def test_the_pull_is_the_gradient_of_the_squared_distance_and_zero_at_the_start():
    w = torch.nn.Parameter(torch.randn(5, 3, generator=generator(0, "test")))
    start = {w: w.detach().clone()}
    w.grad = torch.zeros_like(w)
    pull_back(start, 0.7)
    assert not w.grad.any()
    with torch.no_grad():
        w += torch.randn(5, 3, generator=generator(1, "test"))
    (expected,) = torch.autograd.grad(0.7 / 2 * (w - start[w]).square().sum(), w)
    pull_back(start, 0.7)
    torch.testing.assert_close(w.grad, expected)
    w.grad = None  # did not take part in the loss
    pull_back(start, 0.7)
    assert w.grad is None


def test_l2_sp_on_a_quadratic_ends_where_the_closed_form_says():
    curvature, low, strength = torch.tensor([0.5, 1.0, 2.0]), torch.tensor([3.0, -1.0, 2.0]), 0.8
    w = torch.nn.Parameter(torch.tensor([1.0, 1.0, -1.0]))
    start = {w: w.detach().clone()}
    optimizer = torch.optim.SGD([w], lr=0.3)
    for _ in range(200):
        optimizer.zero_grad()
        (curvature / 2 * (w - low).square()).sum().backward()
        pull_back(start, strength)
        optimizer.step()
    expected = (curvature * low + strength * start[w]) / (curvature + strength)
    torch.testing.assert_close(w.detach(), expected)


def test_a_strong_anchor_keeps_the_weights_near_their_start(few):
    def distance(anchor):
        model = model_for(few, "l2_sp")
        before = model.backbone.net[0][0].weight.detach().clone()
        config = TrainConfig(lr=0.02, updates=20, precision="fp32", anchor=anchor)
        fit(model, few, tlt.REGIMES["l2_sp"], config, seed=0)
        return float((model.backbone.net[0][0].weight.detach() - before).norm())

    assert distance(5.0) < 0.6 * distance(0.0)


def test_stages_open_from_the_last_down_at_equal_steps(few):
    seen = []
    model, config = model_for(few, "gradual"), replace(PLAIN, updates=10, thaw=0.8)

    def look(module, inputs):
        stages = module.stages.values()
        seen.append([all(p.requires_grad for p in stage[0].parameters()) for stage in stages])

    model.backbone.register_forward_pre_hook(look)
    fit(model, few, tlt.REGIMES["gradual"], config, seed=0)
    assert [sum(opened) for opened in seen] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert all(opened == sorted(opened) for opened in seen)  # closed ones first
    assert [n_open(step, 10, 4, 0.8) for step in range(10)] == [sum(opened) for opened in seen]
    assert {n_open(step, 7, 5, 0.0) for step in range(7)} == {5}
    assert [n_open(step, 4, 4, 1.0) for step in range(4)] == [0, 1, 2, 3]


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
