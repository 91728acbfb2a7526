"""Other people's training loops, each as short as its manual makes it.

Every one trains `model` in place for so many epochs, in batches of 32, on float images that are
normalised and in memory, and returns what it trained. `plain` is the tuned loop of tutorial.py (P1)
made leaner still: no augmentation, no validation. skorch and Lightning leave the recipe to the
user, so they get P1's. fastai brings its own: `fine_tune` trains the head in the first of the
epochs, then everything, one cycle each. Keras has no Lite0 of its own. Its `keras` trains
MobileNetV2 from random weights with its guide's optimizer, so only its time counts; that network
needs a fifth fewer FLOPs than Lite0. `keras_wrapped` trains the PyTorch network itself, as a layer
of Keras, so its accuracy counts too: two thirds of the epochs the head, then everything, as its
guide does. It runs on torch, because on TensorFlow it first traced its graph for half a minute and
then was no faster.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
import os
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from tutorial import BATCH, BIG_BATCH, LR, MOMENTUM, sgd

RATE = LR * BIG_BATCH / BATCH
Loop = Callable[[nn.Module, Tensor, Tensor, int], nn.Module]  # model, images, labels, epochs


def plain(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    """Train by hand; nothing is read from the device."""
    optimizer, schedule = sgd(model, RATE)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(y), device=y.device).split(BIG_BATCH):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    return model


def fastai(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    learner = _learner(model, x, y)
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(epochs - 1, freeze_epochs=1)
    return learner.model


def fastai_whole(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    """Train everything in every epoch, by SGD: as much work as the other loops."""
    from fastai.optimizer import SGD

    learner = _learner(model, x, y, opt_func=functools.partial(SGD, mom=MOMENTUM))
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(epochs, RATE)
    return learner.model


def _learner(model: nn.Module, x: Tensor, y: Tensor, **options: Any) -> Any:
    from fastai.callback import schedule  # noqa: F401  (gives a learner its fine_tune)
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner

    pairs = list(zip(x, y, strict=True))
    data = DataLoaders.from_dsets(
        pairs, pairs[:1], bs=BIG_BATCH, drop_last=False, num_workers=0, device=y.device
    )

    def body_and_head(model: nn.Sequential) -> list[list[nn.Parameter]]:
        return [list(part.parameters()) for part in model]

    return Learner(data, model, loss_func=F.cross_entropy, splitter=body_and_head, **options)


def skorch(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    from skorch import NeuralNetClassifier

    net = NeuralNetClassifier(
        model,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        optimizer__momentum=MOMENTUM,
        lr=RATE,
        max_epochs=epochs,
        batch_size=BIG_BATCH,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )
    return net.fit(x, y).module_


def lightning(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    import pytorch_lightning as pl

    class Module(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def training_step(self, batch: list[Tensor], _: int) -> Tensor:
            images, labels = batch
            return F.cross_entropy(self.model(images), labels)

        def configure_optimizers(self) -> tuple[list[object], list[object]]:
            optimizer, schedule = sgd(self.model, RATE)
            return [optimizer], [schedule]

    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    off = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
    trainer = pl.Trainer(max_epochs=epochs, accelerator="cpu", **dict.fromkeys(off, False))
    trainer.fit(Module(), DataLoader(TensorDataset(x, y), BIG_BATCH, shuffle=True))
    return model


def keras(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    """Train MobileNetV2 instead; return `model` as it was."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    shape = (*x.shape[2:], 3)
    body = keras.applications.MobileNetV2(shape, include_top=False, weights=None, pooling="avg")
    inputs = keras.Input(shape)
    features = body(inputs, training=False)  # the guide keeps BatchNorm still
    net = keras.Model(inputs, keras.layers.Dense(int(y.max()) + 1)(features))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(1e-5), loss)
    images = x.permute(0, 2, 3, 1).numpy()
    net.fit(images, y.numpy(), batch_size=BIG_BATCH, epochs=epochs, verbose=0)
    return model


def keras_wrapped(model: nn.Sequential, x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    class Still(keras.layers.TorchModuleWrapper):
        def call(self, images: Tensor) -> Tensor:  # the guide keeps BatchNorm still
            return super().call(images, training=False)

    head, frozen = model[1], round(epochs * 2 / 3)
    body = Still(model[0], output_shape=(None, head.in_features))
    answer = keras.layers.TorchModuleWrapper(head, output_shape=(None, head.out_features))
    inputs = keras.Input(x.shape[1:])
    net = keras.Model(inputs, answer(body(inputs)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for trainable, rate, n in ((False, 1e-3, frozen), (True, 1e-5, epochs - frozen)):
        body.trainable = trainable
        model[0].requires_grad_(trainable)  # Keras alone would compute gradients and drop them
        net.compile(keras.optimizers.Adam(rate), loss)
        net.fit(x.numpy(), y.numpy(), batch_size=BIG_BATCH, epochs=n, verbose=0)
    return model


PEERS: dict[str, tuple[str, Loop]] = {
    "fastai": ("fastai", fastai),
    "skorch": ("skorch", skorch),
    "lightning": ("pytorch_lightning", lightning),
    "keras": ("keras", keras),
}


def present() -> tuple[dict[str, Loop], dict[str, str]]:
    """Return the loops that can run here, and why the others cannot."""
    here = {
        name: loop
        for name, (module, loop) in PEERS.items()
        if importlib.util.find_spec(module) is not None
    }
    return here, {name: "not installed" for name in PEERS if name not in here}
