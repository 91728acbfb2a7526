"""Effects the lessons rely on, measured on real data with margins: A1, A3 and A4 of the design."""

from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tlteach.probe import fit_probes

SEEDS = (0, 1)
N_TEST = 500
HEAD_BY_SGD = replace(
    tlt.REGIMES["frozen"], name="frozen_sgd", solver="sgd", updates=50, low=1e-3, high=1e-1
)


@pytest.fixture(scope="module")
def fashion():
    task = tlt.load_task("fashion")
    return replace(task, test=task.test.select(torch.arange(N_TEST)))


@pytest.fixture(scope="module")
def lite0():
    return tlt.load_backbone("lite0", size=64)


def drift(before, after, images):
    """Length of the change of the features, in units of the features' own length."""
    old, new = (tlt.extract_features(net, images, cached=False) for net in (before, after))
    return float((new - old).norm() / old.norm())


def probe_accuracy(backbone, task, seed, test_backbone=None):
    few = tlt.few_shot(task, 20, seed=seed)
    labelled = few.labelled
    probes = fit_probes(
        tlt.extract_features(backbone, labelled.images),
        labelled.labels,
        [torch.arange(len(labelled))],
        [0.01],
        n_classes=task.n_classes,
    )
    features = tlt.extract_features(test_backbone or backbone, task.test.images)
    return tlt.accuracy(probes.logits(features)[0, 0], task.test.labels)


def with_preprocessing(backbone, **changes):
    twin = tlt.load_backbone("lite0", size=64)
    twin.preprocessing = replace(backbone.preprocessing, **changes)
    return twin


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a1_moving_batchnorm_statistics_ruin_a_frozen_backbone(fashion, lite0, seed):
    few = tlt.few_shot(fashion, 20, seed=seed)
    accuracy, moved = {}, {}
    for statistics in ("still", "move"):
        regime = replace(HEAD_BY_SGD, statistics=statistics)
        run = tlt.train(lite0, few, regime, tlt.TrainConfig(lr=0.01), seed=seed)
        accuracy[statistics] = run.test(few)["accuracy"]
        moved[statistics] = drift(lite0, run.model.backbone, few.train.images)
    assert accuracy["still"] - accuracy["move"] >= 0.10
    assert moved["still"] == 0
    assert moved["move"] > 0.5


def test_a3_features_of_wrongly_scaled_images_are_worth_little(fashion, lite0):
    raw = with_preprocessing(lite0, mean=(0.0,) * 3, std=(1 / 255,) * 3)
    for seed in SEEDS:
        right = probe_accuracy(lite0, fashion, seed)
        wrong = probe_accuracy(lite0, fashion, seed, test_backbone=raw)
        assert right - wrong >= 0.20


def test_a4_a_stem_of_stride_32_needs_more_than_28_pixels(fashion, lite0):
    tiny = with_preprocessing(lite0, size=28)
    for seed in SEEDS:
        gain = probe_accuracy(lite0, fashion, seed) - probe_accuracy(tiny, fashion, seed)
        assert gain >= 0.05
