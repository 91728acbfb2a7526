"""Probes against scikit-learn: same objective to 1e-4 relative."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from tlteach.base import device
from tlteach.measures import fit_probes

RELATIVE = 1e-4  # of the objective
CS = [1e-4, 1e-2, 1.0, 1e2]


def made_up(n, d, n_classes, *, seed=0, gap=1.0):
    """Return features that tell classes apart a little, on scales from 0.1 to 10."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % n_classes
    centres = gap * random.standard_normal((n_classes, d))
    features = centres[labels] + random.standard_normal((n, d))
    features = features * np.logspace(-1, 1, d) + 3
    return torch.from_numpy(features).float(), torch.from_numpy(labels)


def scaled(features, rows, standardise=True):
    x = features[rows].double().numpy()
    return StandardScaler().fit_transform(x) if standardise else x


def objective(x, y, weight, bias, c):
    """Return scikit-learn's documented objective, in numpy."""
    logits = x @ weight.T + bias
    logits = logits - logits.max(1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return -c * logp[np.arange(len(y)), y].sum() + (weight**2).sum() / 2


def reference(x, y, c, n_classes):
    """Return the objective that scikit-learn reaches with a solver of its own kind."""
    model = LogisticRegression(C=c, solver="newton-cg", tol=1e-8, max_iter=1000).fit(x, y)
    weight, bias = model.coef_, model.intercept_
    if n_classes == 2:  # scikit-learn keeps one row, which stands for two, -half and +half
        twin = LogisticRegression(C=2 * c, solver="newton-cg", tol=1e-8, max_iter=1000).fit(x, y)
        weight = np.concatenate([-twin.coef_, twin.coef_]) / 2
        bias = np.concatenate([-twin.intercept_, twin.intercept_]) / 2
    return objective(x, y, weight, bias, c)


def folded_objective(probes, features, labels, rows, s, r, c, *, standardise=True):
    """Return the objective of the weights handed out, turned back to standardised features."""
    x = scaled(features, rows, standardise)
    scaler = StandardScaler(with_mean=standardise, with_std=standardise)
    scaler.fit(features[rows].double().numpy())
    scale = scaler.scale_ if standardise else np.ones(features.shape[1])
    mean = scaler.mean_ if standardise else np.zeros(features.shape[1])
    weight = probes.weight[s, r].double().numpy() * scale
    bias = probes.bias[s, r].double().numpy() + probes.weight[s, r].double().numpy() @ mean
    return objective(x, labels[rows].numpy(), weight, bias, c)


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize(
    ("n", "d", "n_classes"), [(12, 40, 3), (60, 60, 4), (200, 10, 5), (100, 300, 10), (30, 1, 2)]
)
def test_the_objective_equals_scikit_learns(n, d, n_classes, standardise):
    features, labels = made_up(n, d, n_classes)
    if not standardise:
        features = features / 10  # newton-cg itself needs sane scales
    rows = torch.arange(n)
    probes = fit_probes(features, labels, [rows], CS, n_classes=n_classes, standardise=standardise)
    x, y = scaled(features, rows, standardise), labels.numpy()
    for r, c in enumerate(CS):
        expected = reference(x, y, c, n_classes)
        assert probes.objective[0, r].item() == pytest.approx(expected, rel=RELATIVE)
        folded = folded_objective(probes, features, labels, rows, 0, r, c, standardise=standardise)
        assert folded == pytest.approx(expected, rel=RELATIVE)


def test_subsets_of_different_sizes_are_each_solved_on_their_own():
    features, labels = made_up(120, 50, 4)
    random = np.random.default_rng(0)
    subsets = [torch.arange(n)[random.permutation(n)] for n in (8, 20, 20, 120)]
    together = fit_probes(features, labels, subsets, CS, n_classes=4)
    for s, rows in enumerate(subsets):
        alone = fit_probes(features, labels, [rows], CS, n_classes=4)
        assert torch.equal(together.objective[s], alone.objective[0])
        assert torch.equal(together.weight[s], alone.weight[0])
        assert torch.equal(together.bias[s], alone.bias[0])
        for r, c in enumerate(CS):
            expected = reference(scaled(features, rows), labels[rows].numpy(), c, 4)
            assert together.objective[s, r].item() == pytest.approx(expected, rel=RELATIVE)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("shape", [(24, 400, 2), (60, 1280, 10), (150, 40, 5)])
def test_the_bits_of_a_probe_do_not_depend_on_its_neighbours(shape, threads):
    rows, width, classes = shape
    features, labels = made_up(3 * rows, width, classes)
    random = np.random.default_rng(1)
    subsets = [torch.from_numpy(random.permutation(3 * rows)[:rows]) for _ in range(5)]
    subsets = [
        torch.cat([torch.arange(classes), one[one >= classes]])[: rows - 5] for one in subsets
    ]
    with device.threads(threads):
        five = fit_probes(features, labels, subsets, CS, n_classes=classes)
        for some in ([0], [1, 3], [4, 2, 0]):
            few = fit_probes(features, labels, [subsets[s] for s in some], CS, n_classes=classes)
            assert torch.equal(few.weight, five.weight[some])
            assert torch.equal(few.objective, five.objective[some])


def test_predictions_equal_scikit_learns():
    features, labels = made_up(150, 20, 5)
    train, test = torch.arange(100), torch.arange(100, 150)
    probes = fit_probes(features, labels, [train], [0.1], n_classes=5)
    scaler = StandardScaler().fit(features[train])
    model = LogisticRegression(C=0.1, solver="newton-cg", tol=1e-8)
    model.fit(scaler.transform(features[train]), labels[train])
    expected = model.predict_proba(scaler.transform(features[test]))
    got = probes.logits(features[test])[0, 0].softmax(1).numpy()
    np.testing.assert_allclose(got, expected, atol=0.01)  # flat near the minimum: 1e-4 in value


def test_the_gradient_at_the_solution_is_small():
    features, labels = made_up(80, 30, 4)
    rows = torch.arange(80)
    x, y = torch.from_numpy(scaled(features, rows)), labels
    probes = fit_probes(features, labels, [rows], [1.0], n_classes=4)
    scaler = StandardScaler().fit(features.double().numpy())
    weight = probes.weight[0, 0].double() * torch.from_numpy(scaler.scale_)
    bias = probes.bias[0, 0].double() + probes.weight[0, 0].double() @ torch.from_numpy(
        scaler.mean_
    )

    def gradient(weight, bias):
        weight, bias = weight.clone().requires_grad_(), bias.clone().requires_grad_()
        loss = torch.nn.functional.cross_entropy(x @ weight.T + bias, y, reduction="sum")
        (loss + weight.square().sum() / 2).backward()
        return torch.cat([weight.grad.flatten(), bias.grad]).norm().item()

    start = gradient(torch.zeros_like(weight), torch.zeros_like(bias))
    assert gradient(weight, bias) < 0.01 * start


def test_shapes_and_logits_are_those_of_the_weights():
    features, labels = made_up(30, 7, 3)
    probes = fit_probes(features, labels, [torch.arange(15), torch.arange(30)], CS, n_classes=3)
    assert probes.weight.shape == (2, 4, 3, 7)
    assert probes.bias.shape == (2, 4, 3)
    assert probes.objective.shape == (2, 4)
    assert probes.objective.dtype == torch.float64
    assert probes.iterations > 0
    logits = probes.logits(features)
    assert logits.shape == (2, 4, 30, 3)
    expected = features @ probes.weight[1, 2].T + probes.bias[1, 2]
    torch.testing.assert_close(logits[1, 2], expected, rtol=1e-4, atol=1e-4)


def test_cs_may_come_in_any_order_and_twice():
    features, labels = made_up(40, 10, 4)
    rows = [torch.arange(40)]
    up = fit_probes(features, labels, rows, [0.01, 1.0], n_classes=4)
    mixed = fit_probes(features, labels, rows, [1.0, 0.01, 1.0], n_classes=4)
    assert torch.equal(mixed.weight[0], up.weight[0, [1, 0, 1]])
    assert torch.equal(mixed.objective[0], up.objective[0, [1, 0, 1]])


def test_a_weaker_penalty_fits_closer():
    features, labels = made_up(60, 20, 3, gap=0.3)
    probes = fit_probes(features, labels, [torch.arange(60)], CS, n_classes=3)
    logits = probes.logits(features)[0]
    losses = [torch.nn.functional.cross_entropy(x, labels).item() for x in logits]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > losses[-1] + 0.1


@pytest.mark.parametrize("c", [1e3, 1e4])
def test_a_weak_penalty_alone_reaches_the_objective_of_scikit_learn(c):
    features, labels = made_up(60, 200, 6, gap=0.3)
    rows = torch.arange(60)
    found = fit_probes(features, labels, [rows], [c], n_classes=6).objective.item()
    assert found == pytest.approx(reference(scaled(features, rows), labels.numpy(), c, 6), rel=0.01)


def test_scaling_a_feature_changes_nothing_when_standardised():
    features, labels = made_up(50, 8, 3)
    rows = [torch.arange(50)]
    factors = torch.logspace(-2, 2, 8)
    plain = fit_probes(features, labels, rows, [0.1], n_classes=3)
    stretched = fit_probes(features * factors + 1, labels, rows, [0.1], n_classes=3)
    torch.testing.assert_close(plain.objective, stretched.objective, rtol=RELATIVE, atol=0)
    raw = fit_probes(features, labels, rows, [0.1], n_classes=3, standardise=False)
    other = fit_probes(features * factors, labels, rows, [0.1], n_classes=3, standardise=False)
    assert abs(raw.objective / other.objective - 1).item() > 0.01


def test_a_constant_feature_is_harmless():
    features, labels = made_up(40, 6, 4)
    constant = torch.cat([features, torch.full((40, 1), 0.1)], 1)
    rows = [torch.arange(40)]
    without = fit_probes(features, labels, rows, CS, n_classes=4)
    with_it = fit_probes(constant, labels, rows, CS, n_classes=4)
    torch.testing.assert_close(without.objective, with_it.objective, rtol=RELATIVE, atol=0)
    assert with_it.weight.isfinite().all()
    assert with_it.weight[..., -1].abs().max() < 1e-4


def test_repeated_rows_count_as_often_as_they_stand():
    features, labels = made_up(20, 30, 4)
    rows = torch.arange(20).repeat(3)
    probes = fit_probes(features, labels, [rows], CS, n_classes=4)
    for r, c in enumerate(CS):
        expected = reference(scaled(features, rows), labels[rows].numpy(), c, 4)
        assert probes.objective[0, r].item() == pytest.approx(expected, rel=RELATIVE)
    once = fit_probes(features, labels, [torch.arange(20)], [3 * c for c in CS], n_classes=4)
    torch.testing.assert_close(probes.objective, once.objective, rtol=RELATIVE, atol=0)


def test_same_input_gives_the_same_bits():
    features, labels = made_up(60, 100, 5)
    subsets = [torch.arange(n) for n in (10, 30, 60)]
    a, b = (fit_probes(features, labels, subsets, CS, n_classes=5) for _ in range(2))
    assert torch.equal(a.weight, b.weight)
    assert torch.equal(a.bias, b.bias)
    assert torch.equal(a.objective, b.objective)


def test_the_order_of_rows_does_not_move_the_minimum():
    features, labels = made_up(60, 20, 4)
    order = torch.from_numpy(np.random.default_rng(0).permutation(60))
    a = fit_probes(features, labels, [torch.arange(60)], CS, n_classes=4)
    b = fit_probes(features, labels, [order], CS, n_classes=4)
    torch.testing.assert_close(a.objective, b.objective, rtol=RELATIVE, atol=0)


ONE = [torch.arange(6)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subsets": []}, "number of subsets must be at least 1; got 0"),
        ({"cs": []}, "number of cs must be at least 1; got 0"),
        ({"cs": [1.0, 0.0]}, "c must be at least .*; got 0.0"),
        ({"cs": [-1.0]}, "c must be at least .*; got -1.0"),
        (
            {"subsets": [torch.arange(6), torch.tensor([0, 1, 3, 4])]},
            r"every subset must hold all 3 classes; subset 1 lacks \[2\]",
        ),
        ({"n_classes": 4}, r"every subset must hold all 4 classes; subset 0 lacks \[3\]"),
        ({"features": torch.eye(6) / 0}, "features must be finite; .* first, inf, at .0, 0."),
        ({"labels": torch.arange(5)}, "same length; got features 6, labels 5"),
    ],
)
def test_errors_say_what_is_wrong(changes, message):
    features, labels = made_up(6, 2, 3)
    arguments = {"features": features, "labels": labels, "subsets": ONE, "cs": [1.0]}
    arguments |= {"n_classes": 3} | changes
    with pytest.raises(ValueError, match=message):
        fit_probes(**arguments)
