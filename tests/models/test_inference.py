"""Reading a network leaves it alone and gives the same numbers every time."""

import pytest
import torch
from torch import nn

import tlteach as tlt
from tests.helpers.reading import EXACT, files
from tlteach.base import device
from tlteach.measures import fit_probes
from tlteach.models.inference import reading

SEEDS = (0, 1)


def test_reading_is_in_eval_mode_without_gradients(small, images):
    seen = []
    small.train().net.stage4.register_forward_hook(
        lambda module, *_: seen.append((module.training, torch.is_grad_enabled()))
    )
    tlt.predict(small, images, **EXACT)
    assert seen == [(False, False)]


def test_every_mode_is_put_back_even_after_an_error(small):
    small.train()
    small.net.stage2.eval()
    before = {name: module.training for name, module in small.named_modules()}
    with pytest.raises(ValueError, match="images must be a uint8 tensor of shape"):
        tlt.predict(small, torch.zeros(2, 1, 8, 8), **EXACT)
    assert {name: module.training for name, module in small.named_modules()} == before
    with reading(small):
        assert not any(module.training for module in small.modules())
    assert {name: module.training for name, module in small.named_modules()} == before
    assert torch.is_grad_enabled()


def test_statistics_and_weights_do_not_move(small, images):
    small.train()
    before = small.fingerprint()
    tlt.predict(small, images, **EXACT)
    assert small.fingerprint() == before


def test_answers_can_be_trained_on(small, images):
    features = tlt.predict(small, images, **EXACT)
    assert not features.is_inference()
    nn.Linear(96, 2)(features).sum().backward()


def test_predict_equals_a_plain_forward_pass(small, images):
    with torch.no_grad():
        plain = small.net(small.preprocessing(images)).flatten(1)
    torch.testing.assert_close(tlt.predict(small, images, **EXACT), plain, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 3, 20, 64])
def test_the_batch_size_changes_only_rounding(small, images, batch_size):
    whole = tlt.predict(small, images, batch_size=7, **EXACT)
    other = tlt.predict(small, images, batch_size=batch_size, **EXACT)
    torch.testing.assert_close(other, whole, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("read", [tlt.predict, tlt.extract_features])
def test_what_are_no_bytes_is_refused_and_nan_named_with_its_place(home, read, small, images):
    floats = images / 255
    with pytest.raises(ValueError, match=r"images must be a uint8 tensor .* got torch\.float32"):
        read(small, floats)
    floats[3, 0, 2, 1] = torch.nan
    with pytest.raises(ValueError, match=r"inputs must be finite; .* nan, at \[3, 0, 2, 1\]"):
        read(small, floats)
    with pytest.raises(TypeError, match=r"inputs must be a tensor, .*; got ndarray"):
        read(small, images.numpy())
    assert not files(home)


def test_no_images_and_no_batch_are_errors(small, images):
    with pytest.raises(ValueError, match="number of inputs must be at least 1; got 0"):
        tlt.predict(small, images[:0])
    with pytest.raises(ValueError, match="batch_size must be at least 1; got 0"):
        tlt.predict(small, images, batch_size=0)
    with pytest.raises(ValueError, match=r"precision must be one of .*; got 'fp8'"):
        tlt.predict(small, images, precision="fp8")


class Hungry(nn.Module):
    """Runs out of memory above a batch of `most`, as a GPU would."""

    def __init__(self, most):
        super().__init__()
        self.most, self.sizes = most, []
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, images):
        self.sizes.append(len(images))
        if len(images) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return images.flatten(1).float() * self.scale


def test_out_of_memory_halves_the_batch_and_says_so(images):
    hungry = Hungry(most=5)
    with pytest.warns(RuntimeWarning, match="out of memory: going on with batches of"):
        answers = tlt.predict(hungry, images, batch_size=16, **EXACT)
    assert torch.equal(answers, images.flatten(1).float())
    assert hungry.sizes == [16, 8, 4, 4, 4, 4, 4]


@pytest.mark.filterwarnings("ignore:out of memory")
def test_a_batch_of_one_that_does_not_fit_is_an_error(images):
    with pytest.raises(torch.OutOfMemoryError):
        tlt.predict(Hungry(most=0), images, batch_size=2, **EXACT)


def test_other_errors_are_not_taken_for_missing_memory():
    def broken(batch_size):
        raise RuntimeError(f"shape mismatch at {batch_size}")

    with pytest.raises(RuntimeError, match="shape mismatch at 8"):
        device.halve_on_out_of_memory(broken, 8)


@pytest.mark.slow
def test_bf16_features_of_lite0_stay_near_fp32_and_so_does_a_probe(digits):
    """bf16 keeps 8 bits: some 50 layers of relative error 1/256 each leave about 6 %."""
    lite0 = tlt.load_backbone("lite0", size=64)
    accuracy, features = {"fp32": 0.0, "bf16": 0.0}, {}
    for precision in accuracy:
        features[precision] = tlt.extract_features(
            lite0, digits.test.images, precision=precision, cached=False
        )
        for seed in SEEDS:
            few = tlt.few_shot(digits, 20, seed=seed).labelled
            train = tlt.extract_features(lite0, few.images, precision=precision, cached=False)
            rows = [torch.arange(len(few))]
            probes = fit_probes(train, few.labels, rows, [0.01], n_classes=10)
            logits = probes.logits(features[precision])[0, 0]
            accuracy[precision] += tlt.accuracy(logits, digits.test.labels) / len(SEEDS)
    exact, coarse = features["fp32"], features["bf16"]
    assert not torch.equal(exact, coarse)
    assert torch.cosine_similarity(exact, coarse).min() > 0.98
    assert (exact - coarse).norm() < 0.1 * exact.norm()
    assert accuracy["fp32"] > 0.7
    assert abs(accuracy["fp32"] - accuracy["bf16"]) <= 0.01
