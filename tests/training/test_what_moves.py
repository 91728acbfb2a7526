"""What each regime may change, bit for bit, and how its head begins."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

import tlteach as tlt
from tests.helpers.trained import CONFIG, NORM, STATISTICS, changed, in_stages, same_bits, trained
from tlteach.training import Regime, partial as last_stages
from tlteach.training.preparing import fit_head, prepare
from tlteach.training.regimes import settled


def test_a_frozen_backbone_is_the_same_bit_for_bit(few, small):
    for regime in ("frozen", replace(tlt.REGIMES["bn_only"], name="head", trains="head")):
        run = trained(few, regime, backbone=small)
        assert run.before == run.after == small.fingerprint()
        assert changed(run, small) == set()


@pytest.mark.slow
def test_frozen_lite0_is_the_same_bit_for_bit(digits):
    lite0 = tlt.load_backbone("lite0", size=64)
    run = trained(tlt.few_shot(digits, 2, seed=0), "frozen", backbone=lite0)
    assert run.before == run.after == lite0.fingerprint()


def test_fine_tuning_moves_every_weight_but_no_statistic(few, small):
    run = trained(few, "fine_tune", backbone=small)
    assert changed(run, small) == in_stages(range(1, 5), ("0.weight", *NORM))
    assert run.before == small.fingerprint() != run.after
    assert run.trained == run.total


def test_partial_moves_only_the_last_stages(few, small):
    for stages in (1, 2, 4):
        run = trained(few, last_stages(stages), backbone=small)
        moving = range(5 - stages, 5)
        assert changed(run, small) == in_stages(moving, ("0.weight", *NORM))
        assert not run.model.head.weight.equal(fresh_head(few).weight)


def test_bn_only_moves_only_scale_and_shift(few, small):
    run = trained(few, "bn_only", backbone=small)
    assert changed(run, small) == in_stages(range(1, 5), NORM)
    assert run.trained == 2 * (16 + 32 + 64 + 96) + 970
    assert not run.model.head.weight.equal(fresh_head(few).weight)


def test_moving_statistics_in_a_frozen_backbone_are_the_bug_of_notebook_1(few, small):
    bug = replace(tlt.REGIMES["bn_only"], name="frozen_bug", trains="head", statistics="move")
    run = trained(few, bug, backbone=small)
    assert changed(run, small) == in_stages(range(1, 5), STATISTICS)
    assert run.before != run.after


def fresh_head(task, seed=0):
    return tlt.Classifier(tlt.load_backbone("small_cnn"), task.n_classes, seed=seed).head


def test_scratch_forgets_the_given_weights_and_moves_everything(few, small):
    other = tlt.load_backbone("small_cnn", seed=9)
    first, second = (trained(few, "scratch", backbone=net, seed=5) for net in (small, other))
    assert same_bits(first, second)
    assert first.before == second.before
    assert first.before not in (small.fingerprint(), other.fingerprint())
    assert changed(first, small) == set(small.net.state_dict())
    tuned = [trained(few, "fine_tune", backbone=net) for net in (small, other)]
    assert not same_bits(*tuned)


def test_lp_ft_fits_the_head_first_and_then_moves_everything(few, small):
    still = replace(CONFIG, lr=0.0, c=0.1)
    probe = trained(few, "frozen", backbone=small, config=still)
    head_only = trained(few, "lp_ft", backbone=small, config=still)
    assert head_only.model.head.weight.equal(probe.model.head.weight)
    assert head_only.model.head.bias.equal(probe.model.head.bias)
    assert changed(head_only, small) == set()
    both = trained(few, "lp_ft", backbone=small, config=replace(still, lr=0.01))
    assert changed(both, small) == in_stages(range(1, 5), ("0.weight", *NORM))
    assert not both.model.head.weight.equal(probe.model.head.weight)


def test_the_head_starts_alike_in_every_regime(few):
    still = replace(CONFIG, lr=0.0)
    heads = [trained(few, n, config=still, seed=3).model.head for n in ("scratch", "fine_tune")]
    assert heads[0].weight.equal(heads[1].weight)
    assert heads[0].weight.equal(fresh_head(few, seed=3).weight)


def test_frozen_layers_stay_in_eval_mode_while_training(few, small):
    model = tlt.Classifier(small, few.n_classes, seed=0)
    prepare(model, settled(last_stages(2), CONFIG), seed=0)
    model.train()
    modes = {name: stage[0].training for name, stage in small.stages.items()}
    assert modes == {"stage1": False, "stage2": False, "stage3": True, "stage4": True}
    assert not small.stages["stage3"][0][1].training  # its statistics stay still
    prepare(model, settled(tlt.REGIMES["scratch"], CONFIG), seed=0)
    model.train()
    assert all(module.training for module in model.modules())


@pytest.mark.parametrize("c", [0.01, 10.0, 316.0, 1e4])
def test_fit_head_reaches_the_objective_of_scikit_learn(few, small, c):
    model = tlt.Classifier(small, few.n_classes, seed=0)
    features = tlt.predict(small, few.train.images, precision="fp32")
    fit_head(model, features, few.train.labels, c)
    x = features.double().numpy()
    y = few.train.labels.numpy()
    mean, scale = x.mean(0), x.std(0)
    scale[scale == 0] = 1

    def objective(weight, z):
        logits = torch.from_numpy(z).double()
        loss = nn.functional.cross_entropy(logits, few.train.labels, reduction="sum")
        return c * float(loss) + 0.5 * float(np.square(weight).sum())

    with torch.no_grad():
        weight, bias = model.head.weight.double().numpy(), model.head.bias.double().numpy()
    reference = LogisticRegression(C=c, tol=1e-10, max_iter=100_000).fit((x - mean) / scale, y)
    ours = objective(weight * scale, x @ weight.T + bias)
    theirs = objective(reference.coef_, reference.decision_function((x - mean) / scale))
    assert ours == pytest.approx(theirs, rel=1e-4)


def test_a_regime_of_ones_own_needs_no_registration(few, small):
    mine = Regime("mine", trains="last", stages=2, statistics="move")
    run = trained(few, mine, backbone=small)
    moved = in_stages((3, 4), ("0.weight", *NORM, *STATISTICS))
    assert changed(run, small) == moved
