"""Transferability scores against independent references, and on labels that mean nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from scipy.stats import entropy, multivariate_normal, norm, weightedtau
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tlteach as tlt
from tlteach.analysis import transferability as tr
from tlteach.base import derive

WIDE, TALL = (30, 50), (60, 8)


def data(n, d, n_classes=3, *, signal=1.0, seed=0):
    """Return normal features whose first ones carry the class, and labels."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(n) % n_classes)
    features = random.normal(size=(n, d))
    features[:, :n_classes] += signal * np.eye(n_classes)[labels]
    return torch.from_numpy(features).float(), torch.from_numpy(labels)


def heads(n, n_source=6, *, seed=0):
    """Return probabilities of a made-up source head."""
    return torch.from_numpy(np.random.default_rng(seed).dirichlet(np.full(n_source, 0.3), n))


def shuffled(labels, seed=1):
    return labels[torch.from_numpy(np.random.default_rng(seed).permutation(len(labels)))]


def log_evidence(features, y, log_a, log_b):
    covariance = np.eye(len(y)) / np.exp(log_b) + features @ features.T / np.exp(log_a)
    return multivariate_normal.logpdf(y, np.zeros(len(y)), covariance) / len(y)


@pytest.mark.parametrize("shape", [WIDE, TALL, (20, 20)])
def test_logme_is_scipys_largest_log_density(shape):
    features, labels = data(*shape, signal=2.0)
    x, best = features.double().numpy(), []
    for column in np.eye(3)[labels].T:
        found = minimize(
            lambda ab, y=column: -log_evidence(x, y, *ab),
            [2.0, 2.0],
            method="Nelder-Mead",
            options={"xatol": 1e-6, "fatol": 1e-12, "maxiter": 2000},
        )
        best.append(-found.fun)
    assert tr.logme(features, labels) == pytest.approx(np.mean(best), rel=1e-6)


@pytest.mark.parametrize("shape", [WIDE, TALL])
def test_logme_is_at_least_the_density_anywhere(shape):
    features, labels = data(*shape)
    x = features.double().numpy()
    columns = np.eye(3)[labels].T
    for log_a in np.linspace(-4, 12, 9):
        for log_b in np.linspace(-2, 8, 6):
            there = np.mean([log_evidence(x, y, log_a, log_b) for y in columns])
            assert tr.logme(features, labels) >= there - 1e-9


@pytest.mark.parametrize("shape", [WIDE, TALL])
def test_logme_ignores_rotation_scale_and_empty_features(shape):
    features, labels = data(*shape)
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(shape[1], shape[1])))[0]
    here = tr.logme(features, labels)
    turned = features.double() @ torch.from_numpy(rotation)
    padded = torch.cat([features, torch.zeros(len(features), 100)], 1)
    for same in (turned, 1000 * features, padded):
        assert tr.logme(same, labels) == pytest.approx(here, rel=1e-6)


def test_logme_stays_finite_where_features_are_zero_or_perfect():
    features, labels = data(*WIDE)
    nothing, perfect = tr.logme(0 * features, labels), tr.logme(torch.eye(3)[labels], labels)
    y = np.eye(3)[labels]
    assert nothing == pytest.approx(norm.logpdf(y, 0, np.sqrt((y**2).mean(0))).mean())
    assert 5 < perfect < 50


def test_shuffled_labels_make_logme_fall_and_leave_h_score_where_it_was():
    features, labels = data(60, 80, 4, signal=3.0)  # d >= n - 1
    assert tr.logme(features, shuffled(labels)) < tr.logme(features, labels) - 0.1
    for any_labels in (labels, shuffled(labels, 1), shuffled(labels, 2)):
        assert tr.h_score(features, any_labels, anyway=True) == pytest.approx(3, abs=1e-9)


def test_h_score_is_its_formula():
    features, labels = data(*TALL)
    x, y = features.double().numpy(), labels.numpy()
    means = np.stack([x[y == c].mean(0) for c in range(3)])[y]
    expected = np.trace(np.linalg.pinv(np.cov(x.T, bias=True)) @ np.cov(means.T, bias=True))
    assert tr.h_score(features, labels) == pytest.approx(expected, rel=1e-9)
    assert 0 < expected < 2


def test_h_score_refuses_from_n_minus_n_classes_on():
    features, labels = data(20, 17)
    with pytest.raises(tr.RefusedError, match="n_classes, or any labels get 2; got 17, 20 and 3"):
        tr.h_score(features, labels)
    assert tr.h_score(features[:, :16], labels) < 2


def test_knn_is_scikit_learns_leave_one_out():
    features, labels = data(50, 5)
    x, y = features.numpy(), labels.numpy()
    for k in (1, 4, 5, 49):
        right = 0
        for i in range(50):
            rest = np.arange(50) != i
            model = KNeighborsClassifier(k, metric="cosine", algorithm="brute")
            right += model.fit(x[rest], y[rest]).predict(x[[i]])[0] == y[i]
        assert tr.knn(features, labels, k) == right / 50
    assert tr.knn(features, labels, 1000) == tr.knn(features, labels, 49)
    assert tr.knn(features, labels) == tr.knn(features, labels, 5)


def test_probe_is_scikit_learns_cross_validation():
    features, labels = data(60, 8, signal=1.5)
    folds = StratifiedKFold(5, shuffle=True, random_state=derive(4, "split") % 2**32)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, tol=1e-8, max_iter=5000))
    expected = cross_val_score(model, features.numpy(), labels.numpy(), cv=folds).mean()
    assert tr.probe(features, labels, seed=4) == pytest.approx(expected, abs=1e-9)


def test_knn_and_probe_are_at_chance_on_shuffled_labels():
    features, labels = data(400, 20, 4, signal=6.0)
    assert tr.knn(features, labels) > 0.95
    assert tr.probe(features, labels, seed=0) > 0.95
    chance = pytest.approx(0.25, abs=0.08)  # 3.7 standard errors of 400 images
    assert tr.knn(features, shuffled(labels)) == chance
    assert tr.probe(features, shuffled(labels), seed=0) == chance


def test_probe_uses_fewer_folds_where_a_class_is_small_and_its_seed_draws_them():
    features, labels = data(12, 4)
    folds = [tr.probe(features, labels, seed=0, folds=f) for f in (4, 10)]
    assert folds[0] == folds[1]
    features, labels = data(90, 4, signal=0.5)
    values = [tr.probe(features, labels, seed=s) for s in (0, 0, 1, 2, 3)]
    assert values[0] == values[1]
    assert len(set(values)) > 1


@pytest.mark.parametrize("seed", range(5))
def test_leep_lies_between_its_bounds(seed):
    _, labels = data(40, 5, seed=seed)
    head = heads(40, seed=seed)
    joint = np.eye(3)[labels].T @ head.numpy() / 40
    soft = (joint * np.log(joint / joint.sum(0))).sum()  # -H(Y|Z), counted softly
    assert -entropy(joint.sum(1)) <= soft <= tr.leep(head, labels) <= 0


def test_leep_of_a_constant_head_is_minus_the_entropy_and_of_a_perfect_one_zero():
    _, labels = data(31, 5)
    shares = np.bincount(labels) / 31
    assert tr.leep(heads(1).expand(31, -1), labels) == pytest.approx(-entropy(shares))
    perfect = torch.eye(5)[labels + 1]  # two source classes that never occur
    assert tr.leep(perfect, labels) == pytest.approx(0, abs=1e-12)
    one_hot = torch.eye(6)[heads(31).argmax(1)]  # certain of its class: then LEEP is NCE
    assert tr.leep(one_hot, labels) == pytest.approx(tr.nce(one_hot.argmax(1), labels))


def test_nce_is_mutual_information_minus_entropy():
    _, labels = data(50, 5)
    source = heads(50).argmax(1) * 7  # labels of the source need not be 0, 1, 2, ...
    shares = np.bincount(labels) / 50
    expected = mutual_info_score(labels.numpy(), source.numpy()) - entropy(shares)
    assert tr.nce(source, labels) == pytest.approx(expected, abs=1e-12)


def test_unfit_input_is_an_error():
    features, labels = data(20, 4)
    with pytest.raises(ValueError, match="same length; got features 19, labels 20"):
        tr.knn(features[1:], labels)
    with pytest.raises(ValueError, match=r"dimensions of features must be .*\(n, d\).*; got 3"):
        tr.logme(features[:, :, None], labels)
    with pytest.raises(ValueError, match="number of classes must be at least 2; got 1"):
        tr.probe(features, 0 * labels, seed=0)
    with pytest.raises(ValueError, match="every class needs at least 2 images; the smallest has 1"):
        tr.probe(features[:3], torch.tensor([0, 0, 1]), seed=0)
    with pytest.raises(ValueError, match="folds must be at least 2; got 1"):
        tr.probe(features, labels, seed=0, folds=1)
    with pytest.raises(ValueError, match="k must be at least 1; got 0"):
        tr.knn(features, labels, 0)
    with pytest.raises(ValueError, match="smallest probability must be at least 0; got"):
        tr.leep(features, labels)
    with pytest.raises(ValueError, match="distance of a row's sum from 1 must be between 0 and"):
        tr.leep(features.abs(), labels)


def test_score_prints_the_control_beside_every_value(small, few):
    table = tr.score(small, few, tr.METHODS, seed=0, source_probabilities=heads(50))
    assert table.columns.tolist() == [
        "backbone", "method", "n", "value", "shuffled", "gap", "refused",
    ]  # fmt: skip
    assert table["backbone"].unique().tolist() == ["small_cnn"]
    assert table["n"].unique().tolist() == [50]  # train and val together: all labels there are
    rows = table.set_index("method")
    features = tlt.extract_features(small, few.labelled.images)
    labels = few.labelled.labels
    assert rows.loc["knn", "value"] == tr.knn(features, labels)
    assert rows.loc["logme", "value"] == pytest.approx(tr.logme(features, labels))
    assert rows.loc["leep", "value"] == pytest.approx(tr.leep(heads(50), labels))
    assert rows.loc["nce", "value"] == pytest.approx(tr.nce(heads(50).argmax(1), labels))
    done = table[table["refused"] == ""]
    assert done["method"].tolist() == ["knn", "probe", "logme", "leep", "nce"]
    assert (done["gap"] == done["value"] - done["shuffled"]).all()
    assert (rows.loc[["knn", "probe", "logme"], "gap"] > 0.1).all()
    assert rows.loc["h_score", "refused"].startswith("h_score needs d < n - n_classes")
    assert rows.loc["h_score", ["value", "shuffled", "gap"]].isna().all()


def test_score_refuses_what_means_nothing(small, digits):
    one = tr.score(small, tlt.few_shot(digits, 1, seed=0), tr.METHODS, seed=0)
    assert one["value"].isna().all()
    assert one["refused"][0] == "every class needs at least 2 images; the smallest has 1"
    blind = tr.score(small, tlt.few_shot(digits, 2, seed=0), ["leep", "nce"], seed=0)
    assert blind["refused"].str.contains("source_probabilities are needed").all()


def test_score_repeats_and_its_seed_shuffles(few):
    features = few.labelled.images.flatten(1).float()
    first, again, other = (tr.score(features, few, seed=seed) for seed in (0, 0, 1))
    assert first.equals(again)
    assert first["backbone"].unique().tolist() == ["features"]
    logme = first["method"] == "logme"
    assert first.loc[logme, "value"].equals(other.loc[logme, "value"])
    assert not first.loc[logme, "shuffled"].equals(other.loc[logme, "shuffled"])


def test_score_counts_one_image_of_each_origin(few):
    known = few.labelled
    twice = replace(few, train=known, val=known)  # every image has a twin of its origin
    features, pairs = known.images.flatten(1).float(), twice.labelled.images.flatten(1).float()
    assert len(pairs) == 100
    columns = ["method", "n", "value"]
    once = tr.score(features, few, ["knn", "logme"], seed=0)[columns]
    both = tr.score(pairs, twice, ["knn", "logme"], seed=0)[columns]
    np.testing.assert_allclose(both["value"], once["value"], rtol=1e-9)
    assert both["n"].tolist() == [50, 50]


def test_score_checks_what_it_is_given(small, few):
    with pytest.raises(ValueError, match=r"method must be one of 'knn', .*; got 'hscore'"):
        tr.score(small, few, ["hscore"], seed=0)
    with pytest.raises(ValueError, match="same length; got features 40, labelled 50"):
        tr.score(torch.zeros(40, 3), few, seed=0)
    with pytest.raises(ValueError, match="got source_probabilities 51, labelled 50"):
        tr.score(small, few, seed=0, source_probabilities=heads(51))


SCORES = [0.1, 0.5, 0.3, 0.9, 0.7, 0.2, 0.8, 0.4]
ACCURACIES = [0.30, 0.55, 0.41, 0.80, 0.60, 0.20, 0.90, 0.50]


def test_agreement_is_scipys_tau_with_an_interval_around_it():
    found = tr.agreement(SCORES, ACCURACIES, seed=0)
    assert found.tau == pytest.approx(weightedtau(SCORES, ACCURACIES).statistic)
    assert 0 < found.low < found.tau < found.high <= 1
    assert str(found).endswith(
        "over 8 candidates: the score ranks them as accuracy does, more or less"
    )
    assert tr.agreement(SCORES, ACCURACIES, seed=0) == found
    assert tr.agreement(SCORES, ACCURACIES, seed=1) != found


def test_agreement_says_when_it_cannot_tell_and_when_it_is_the_wrong_way_round():
    luck = tr.agreement(SCORES[:4], [0.5, 0.3, 0.6, 0.4], seed=0)
    assert luck.low < 0 < luck.high
    assert "the interval holds 0, so cannot tell" in str(luck)
    against = tr.agreement(SCORES, [-a for a in ACCURACIES], seed=0)
    assert against.high < 0
    assert str(against).endswith("the wrong way round")


def test_agreement_matches_names():
    names = list("abcdefgh")
    scores = dict(zip(names, SCORES, strict=True))
    accuracies = dict(zip(names[::-1], ACCURACIES[::-1], strict=True))
    assert tr.agreement(scores, accuracies, seed=0) == tr.agreement(SCORES, ACCURACIES, seed=0)
    with pytest.raises(ValueError, match=r"one is missing for \['h'\]"):
        tr.agreement(scores, {name: accuracies[name] for name in names[:-1]}, seed=0)
    with pytest.raises(ValueError, match="number of candidates must be at least 3; got 2"):
        tr.agreement([1, 2], [1, 2], seed=0)
    with pytest.raises(ValueError, match="number of different scores must be at least 2; got 1"):
        tr.agreement([1, 1, 1], [1, 2, 3], seed=0)
