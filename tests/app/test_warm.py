"""The warm-up returns at once, loads what is needed, and says what went wrong."""

import subprocess
import sys
import threading

import pytest
import torch

from tlteach.app import warm, warmup
from tlteach.models import load_backbone

HEAVY = ("torchvision", "timm", "sklearn.linear_model", "seaborn", "tlteach.models.zoo")


def fresh(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout.split()


def test_it_returns_before_torch_is_there_and_everything_is_there_in_the_end():
    code = (
        "import sys; from tlteach.app.warm import warmup\n"
        "print('torch' in sys.modules); loading = warmup('small_cnn')\n"
        "print(loading.done(), loading.result() > 0)\n"
        f"print(*(name in sys.modules for name in {HEAVY}))"
    )
    assert fresh(code) == ["False", "False", "True"] + ["True"] * len(HEAVY)


def test_work_that_starts_at_once_gets_what_it_gets_without_warmup():
    work = (
        "few = tlt.few_shot(tlt.load_task('digits'), 2, seed=0)\n"
        "net = tlt.load_backbone('small_cnn')\n"
        "x = tlt.extract_features(net, few.labelled.images, precision='fp32', cached=False)\n"
        "print(x.double().sum().item().hex())"
    )
    plain = f"import tlteach as tlt\n{work}"
    beside = (
        f"import tlteach as tlt\nfrom tlteach.app.warm import warmup\nwarmup('small_cnn')\n{work}"
    )
    assert fresh(beside) == fresh(plain)


def test_it_loads_the_backbone_asked_for_away_from_the_caller(monkeypatch):
    seen = []

    def watched(name):
        seen.append((name, threading.current_thread()))
        return load_backbone(name)

    monkeypatch.setattr("tlteach.models.load_backbone", watched)
    warmup("resnet8").result()
    warmup("small_cnn", wait=True)
    assert [name for name, _ in seen] == ["resnet8", "small_cnn"]
    assert threading.current_thread() not in [thread for _, thread in seen]


def test_calling_it_twice_is_harmless_and_its_threads_end_with_their_work():
    loadings = [warmup("small_cnn"), warmup("small_cnn")]
    assert all(loading.result() > 0 for loading in loadings)
    for thread in warming():
        thread.join(timeout=60)
    assert not warming()


def warming():
    return [t for t in threading.enumerate() if t.name.startswith("tlteach warmup")]


def test_what_goes_wrong_is_raised_to_who_waits():
    with pytest.raises(ValueError, match="backbone must be one of"):
        warmup("thawed", wait=True)
    with pytest.raises(ValueError, match="backbone must be one of"):
        warmup("thawed").result()


def test_a_program_may_end_before_it():
    assert fresh("from tlteach.app.warm import warmup; warmup('small_cnn')") == []


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_it_starts_the_gpu():
    assert warmup("small_cnn").result() > 0
    warm._start_gpu(torch.device("cuda"))
    assert torch.cuda.is_initialized()
