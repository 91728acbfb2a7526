"""Features are computed once: the same bits again, whatever happened to the file."""

import multiprocessing
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

import tlteach as tlt
from tests.helpers.reading import EXACT, count_calls, files
from tlteach.base import cache, device
from tlteach.models import inference


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
