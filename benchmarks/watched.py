"""One training on the clock, and how right it is from moment to moment, off the clock.

The clock starts with uint8 images in memory and a loaded backbone, and stands while the network
is looked at: at the first update after moments that lie a fifth apart, and at the end. A side is
followed by a hook on its network's forward pass, so nobody's loop is changed for it. Our `train`
is its two halves, `Begun` and `fit`: what it would then measure on its training images is left
out, as the peers measure nothing either. P0 decodes PNG files of the same pixels; while it is
looked at its workers may read ahead, which is to its advantage.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import torch
from fine_tune import plain_model, score, tune
from peers import Loop, keras_wrapped, present
from PIL import Image
from torch import Tensor, nn
from torchvision import transforms
from tutorial import File, plain

import tlteach as tlt
from tlteach.models.inference import reading
from tlteach.training import Begun, fit, get_regime

FIRST, STEP = 0.5, 1.2  # seconds of the first look, and from each to the next by this factor
Curve = dict[str, list[float]]  # seconds and accuracy


class Job(NamedTuple):
    """What all sides of one seed are given."""

    task: tlt.Task
    net: tlt.Backbone
    seed: int
    epochs: int  # the peers'
    config: tlt.TrainConfig | None  # ours; None for the defaults


class Watch:
    """A stopwatch that stands still while it looks how right a network is."""

    def __init__(self, task: tlt.Task) -> None:
        self.task = task
        self.curve: Curve = {"seconds": [], "accuracy": []}
        self._due, self._stood, self._start = FIRST, 0.0, time.perf_counter()

    def follow(self, model: nn.Module, scale: Callable[[Tensor], Tensor], part: nn.Module) -> None:
        """Look at `model` from now on, when an update of it is due; `part` runs in each."""
        self._model, self._scale = model, scale
        part.register_forward_pre_hook(self._before)

    def _before(self, *_: object) -> None:
        if torch.is_grad_enabled() and self.now() >= self._due:  # no gradients: it only looks
            self.look()

    def now(self) -> float:
        """Return the seconds so far."""
        return time.perf_counter() - self._start - self._stood

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Stop the clock."""
        begin = time.perf_counter()
        yield
        self._stood += time.perf_counter() - begin

    def look(self) -> None:
        """Add a point to the curve."""
        now = self.now()
        with self.standing(), reading(self._model), torch.autocast("cpu", enabled=False):
            right = score(lambda images: self._model(self._scale(images)), self.task)
        self.curve["seconds"].append(round(now, 3))
        self.curve["accuracy"].append(round(right, 4))
        while self._due <= now:
            self._due *= STEP


Side = Callable[[Job, Watch], None]


def frozen(job: Job, watch: Watch) -> None:
    """Compute features once, then logistic regression; nothing is in the cache beforehand."""
    with (
        tempfile.TemporaryDirectory() as home,
        patch.dict(os.environ, TLTEACH_HOME=home, TLTEACH_SHARED=""),
    ):
        begun = _begun(job, "frozen")
    watch.follow(begun.model, nn.Identity(), begun.model)


def fine_tuned(job: Job, watch: Watch) -> None:
    begun = _begun(job, "fine_tune")
    watch.follow(begun.model, nn.Identity(), begun.model)
    fit(begun.model, job.task, begun.regime, begun.config, seed=job.seed)


def _begun(job: Job, regime: str) -> Begun:
    return Begun(job.net, job.task, get_regime(regime), job.config, seed=job.seed, device="cpu")


def p0(job: Job, watch: Watch) -> None:
    scale = job.net.preprocessing
    with tempfile.TemporaryDirectory() as folder:
        with watch.standing():
            files = written(job.task.train, Path(folder))
        model = plain_model(job.net, job.task).to(memory_format=torch.contiguous_format)
        watch.follow(model, scale, model)
        norm = transforms.Normalize(scale.mean, scale.std)
        plain(model, files, files[:1], norm, size=scale.size, epochs=job.epochs)


def written(split: tlt.Split, folder: Path) -> list[File]:
    """Write images as files; return them with their labels."""
    files = []
    for i, image in enumerate(split.images.permute(0, 2, 3, 1).numpy()):
        path = folder / f"{i}.png"
        Image.fromarray(image).save(path)
        files.append((path, int(split.labels[i])))
    return files


def p1(job: Job, watch: Watch) -> None:
    model, scale = plain_model(job.net, job.task), job.net.preprocessing
    watch.follow(model, scale, model)
    tune(model, job.task, scale, job.epochs)


def peer(loop: Loop, job: Job, watch: Watch) -> None:
    model, scale = plain_model(job.net, job.task), job.net.preprocessing
    watch.follow(model, scale, model[0])  # Keras calls the parts, never the whole
    loop(model, scale(job.task.train.images), job.task.train.labels, job.epochs)


OURS: dict[str, Side] = {"frozen": frozen, "fine_tune": fine_tuned}


def sides() -> tuple[dict[str, Side], dict[str, str]]:
    """Return ours and all peers that can run here, and why the others cannot."""
    loops, missing = present()
    if "keras" in loops:
        loops["keras"] = keras_wrapped
    peers: dict[str, Side] = {"P0": p0, "P1": p1}
    return OURS | peers | {name: partial(peer, loop) for name, loop in loops.items()}, missing


def curve(side: Side, job: Job) -> Curve:
    """Return the seconds and accuracies of one training; its last point is its end."""
    torch.manual_seed(job.seed)  # peers draw from the global stream
    watch = Watch(job.task)
    side(job, watch)
    watch.look()
    return watch.curve
