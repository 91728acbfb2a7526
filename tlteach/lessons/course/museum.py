"""The functions that notebook 09 asks for: right ones, typical wrong ones, and cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import torch
from torch import nn

from tlteach.base import rng


class Toy(nn.Module):
    """A backbone with BatchNorm and a head with dropout; equal where the same things would move."""

    def __init__(self, width: int, *, training: bool) -> None:
        super().__init__()
        layers = nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU()
        self.backbone = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(), nn.Linear(width, 2))
        self.train(training)

    def moves(self) -> tuple[list[bool], list[bool]]:
        """Return which layers are in train mode, of those that care, and which numbers learn."""
        modes = [self.backbone[1].training, self.head[0].training]
        return modes, [parameter.requires_grad for parameter in self.parameters()]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Toy) and self.moves() == other.moves()

    __hash__ = nn.Module.__hash__

    def __repr__(self) -> str:
        (norm, dropout), learns = self.moves()
        parts = ("backbone", norm, any(learns[:4])), ("head", dropout, any(learns[4:]))
        told = (
            f"{name} in {'train' if mode else 'eval'} mode, {'learns' if moves else 'no gradient'}"
            for name, mode, moves in parts
        )
        return f"<model: {'; '.join(told)}>"


def freeze(model: Any) -> Any:
    """Let the head learn, and nothing in the backbone move."""
    model.train(True)
    model.backbone.train(False)
    model.head.requires_grad_(True)
    model.backbone.requires_grad_(False)
    return model


def toys() -> list[tuple[Toy]]:
    """Return small models in either mode, in which everything may learn."""
    with torch.random.fork_rng(devices=[]):
        return [(Toy(width, training=training),) for width in (2, 3) for training in (True, False)]


def as_met(model: Any) -> Any:
    """Forget the mode."""
    model.backbone.requires_grad_(False)
    return model.train()


def all_in_eval(model: Any) -> Any:
    """Take the head out of train mode, too."""
    model.backbone.requires_grad_(False)
    return model.eval()


def mode_alone(model: Any) -> Any:
    """Forget the gradients."""
    model.train()
    model.backbone.eval()
    return model


def head_too(model: Any) -> Any:
    """Stop the gradients of the head, too."""
    model.requires_grad_(False)
    return mode_alone(model)


def overall(accuracies: list[float], sizes: list[int]) -> float:
    """Return the accuracy over all images, from accuracies and sizes of batches."""
    return sum(accuracies[i] * sizes[i] for i in range(len(sizes))) / sum(sizes)


def batches() -> list[tuple[list[float], list[int]]]:
    """Return accuracies of batches, the last one short."""
    random = rng(3, "test")
    found: list[tuple[list[float], list[int]]] = [
        ([0.5, 0.5, 1.0], [32, 32, 11]),
        ([0.5], [2]),
        ([1.0, 0.0], [1, 1]),
    ]
    for _ in range(20):
        sizes = [32] * int(random.integers(1, 5)) + [int(random.integers(1, 31))]
        right = [int(random.integers(0, size + 1)) for size in sizes]
        found.append(([k / size for k, size in zip(right, sizes, strict=True)], sizes))
    return found


BATCHES = (([0.5, 1.0], [3, 1]),)


def mean_of_means(accuracies: list[float], sizes: list[int]) -> float:
    """Give every batch the same weight."""
    return sum(accuracies) / len(accuracies)


def last_dropped(accuracies: list[float], sizes: list[int]) -> float:
    """Leave the short batch out."""
    return overall(accuracies[:-1], sizes[:-1])


def all_full(accuracies: list[float], sizes: list[int]) -> float:
    """Count every batch as full, over the images that are there."""
    return sum(accuracies) * sizes[0] / sum(sizes)


def per_batch(accuracies: list[float], sizes: list[int]) -> float:
    """Count hits, and divide by batches."""
    return overall(accuracies, sizes) * sum(sizes) / len(sizes)


def curves() -> Mapping[str, Any]:
    """Return curves on two sets of images, made up: two seeds, four moments."""
    values = {
        "pool": ([0.50, 0.60, 0.70, 0.65], [0.50, 0.70, 0.60, 0.66]),
        "test 200": ([0.50, 0.70, 0.66, 0.61], [0.52, 0.64, 0.62, 0.68]),
    }
    rows = [
        {"seed": seed, "step": step, "watched": watched, "value": value}
        for watched, seeds in values.items()
        for seed, curve in enumerate(seeds)
        for step, value in enumerate(curve)
    ]
    return {"results": pd.DataFrame(rows)}


def ways() -> Mapping[str, Any]:
    """Return validation accuracies of ways without a source, made up."""
    values = {"frozen_random": 0.7, "raw_pixels": 0.85, "scratch": 0.9}
    rows = [
        {"regime": regime, "seed": seed, "split": "val", "metric": "accuracy", "value": value}
        for regime, value in values.items()
        for seed in range(3)
    ]
    return {"results": pd.DataFrame(rows)}
