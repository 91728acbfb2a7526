"""Reading a network leaves it alone, gives the same numbers every time, and is done once."""

import multiprocessing
from collections import Counter
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

import tlteach as tlt
from tlteach.base import cache, device
from tlteach.measures import fit_probes
from tlteach.models import inference
from tlteach.models.inference import reading

EXACT = {"precision": "fp32"}
SEEDS = (0, 1)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def images(digits):
    return digits.train.images[:20]


def files(home):
    return sorted((home / "features").glob("*"))


def count_calls(model):
    calls = Counter()
    model.register_forward_hook(lambda *_: calls.update(["forward"]))
    return calls


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


def test_cached_features_have_the_same_bits_and_do_not_call_the_network(home, small, images):
    calls = count_calls(small)
    first = tlt.extract_features(small, images, **EXACT)
    assert calls["forward"] == 1
    assert torch.equal(tlt.extract_features(small, images, **EXACT), first)
    assert calls["forward"] == 1
    assert torch.equal(tlt.extract_features(small, images, cached=False, **EXACT), first)
    assert calls["forward"] == 2
    assert len(files(home)) == 1


def flipped(place):
    def damage(path):
        whole = bytearray(path.read_bytes())
        whole[int(place * (len(whole) - 1))] ^= 16
        path.write_bytes(whole)

    return damage


def saved(change, *, sealed=True):
    """Write other features in the place of these, as somebody else's program might."""

    def damage(path):
        with safe_open(path, "pt") as file:
            features, told = file.get_tensor("features"), file.metadata()
        changed = change(features)
        told = {"sha256": inference._hash(changed)} if sealed else told
        save_file({"features": changed.contiguous()}, path, metadata=told)

    return damage


def in_place(path, content=b"not features"):
    path.write_bytes(content)


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "another file": in_place,
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-8]),
    "a flipped bit in the head": flipped(0.01),
    "a flipped bit in the middle": flipped(0.5),
    "a flipped bit at the end": flipped(1),
    "zeros": saved(torch.zeros_like, sealed=False),
    "NaN": saved(lambda x: x * torch.nan, sealed=False),
    "without a hash": lambda path: save_file({"features": torch.zeros(20, 96)}, path),
    "fewer rows": saved(lambda x: x[:-1]),
    "other width": saved(lambda x: x[:, :5]),
    "other numbers": saved(torch.Tensor.double),
    "other order": saved(lambda x: x.flip(0), sealed=False),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_cache_file_is_computed_again(home, small, images, damage):
    first = tlt.extract_features(small, images, **EXACT)
    (path,) = files(home)
    whole = path.read_bytes()
    damage(path)
    calls = count_calls(small)
    assert torch.equal(tlt.extract_features(small, images, **EXACT), first)
    assert calls["forward"] == 1
    assert path.read_bytes() == whole


def test_whatever_changes_features_changes_the_file(home, small, images):
    asked = [
        (small, images),
        (tlt.load_backbone("small_cnn", seed=1), images),
        (tlt.load_backbone("small_cnn", seed=0, size=16), images),
        (small, images[:19]),
        (small, 255 - images),
        (small, images.expand(-1, 3, -1, -1)),
    ]
    for number, (net, which) in enumerate(asked, 1):
        tlt.extract_features(net, which, **EXACT)
        assert len(files(home)) == number
    small.preprocessing = replace(small.preprocessing, mean=(0.4, 0.5, 0.5))
    tlt.extract_features(small, images, **EXACT)
    small.net.stage1[1].running_mean += 0.1  # a buffer counts as much as a weight
    tlt.extract_features(small, images, **EXACT)
    tlt.extract_features(small, images, precision="bf16")
    assert len(files(home)) == len(asked) + 3


def _extract(start, answers):
    torch.set_num_threads(1)
    net, task = tlt.load_backbone("small_cnn", seed=0), tlt.load_task("digits")
    start.wait()
    answers.put(tlt.extract_features(net, task.train.images[:20], precision="fp32").numpy())


def test_two_processes_may_write_one_file_at_once(home, small, images):
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    processes = [context.Process(target=_extract, args=(start, answers)) for _ in range(2)]
    for process in processes:
        process.start()
    both = [torch.from_numpy(answers.get(timeout=120)) for _ in processes]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(files(home)) == 1  # nor is a temporary file left
    calls = count_calls(small)
    kept = tlt.extract_features(small, images, **EXACT)
    assert calls["forward"] == 0
    for features in both:
        torch.testing.assert_close(features, kept, rtol=1e-5, atol=1e-6)


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


def test_auto_precision_is_the_format_that_it_stands_for(home, small, images):
    resolved = device.precision("auto", torch.device("cpu"))
    used = {torch.bfloat16: "bf16", torch.float32: "fp32"}[resolved]
    first = tlt.predict(small, images)
    calls = count_calls(small)
    assert torch.equal(tlt.predict(small, images), first)
    assert calls["forward"] == 1
    assert torch.equal(tlt.predict(small, images, precision=used), first)
    tlt.extract_features(small, images)
    tlt.extract_features(small, images, precision=used)
    assert len(files(home)) == 1
    assert cache.home() == home


def test_shared_features_are_read_and_nothing_is_written_there(
    tmp_path, monkeypatch, small, images
):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "shared"))
    first = tlt.extract_features(small, images)
    [kept] = (tmp_path / "shared" / "features").iterdir()
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("TLTEACH_SHARED", str(tmp_path / "shared"))
    calls = count_calls(small)
    assert torch.equal(tlt.extract_features(small, images), first)
    assert calls["forward"] == 0
    assert not (tmp_path / "own").exists()
    kept.write_bytes(b"damaged")
    assert torch.equal(tlt.extract_features(small, images), first)
    assert calls["forward"] > 0
    assert kept.read_bytes() == b"damaged"  # not ours to mend
    assert [path.name for path in (tmp_path / "own" / "features").iterdir()] == [kept.name]
