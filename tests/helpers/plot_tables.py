"""Small tables of every kind that figures take."""

import numpy as np
import pandas as pd
import torch

from tlteach.data import Card, Split, Task

CLASSES = ["sea, reptile and bug", "bird", "meal"]
THREE = ["scratch", "frozen", "fine_tune"]


def split(n, size=8):
    images = (torch.arange(n * 3 * size * size) % 251).to(torch.uint8).reshape(n, 3, size, size)
    row = torch.arange(n)
    return Split(images, row % 3, torch.zeros_like(row), row, row)


def small_task(n):
    """Return a task of three classes in turn with `n` test images."""
    few, none = split(3), split(3).select(torch.tensor([], dtype=torch.int64))
    card = Card("title", "source", "licence", "attribution", "text")
    return Task("t", tuple(CLASSES), ("d",), few, none, split(n), none, card)


def summary(regimes=THREE, shots=(5, 20), **columns):
    rows = [
        {
            "task": "emoji",
            "backbone": "lite0",
            "regime": regime,
            "shots": k,
            "split": "test",
            "metric": "accuracy",
            "mean": 0.2 + 0.1 * i + 0.005 * k,
            "ci_low": 0.17 + 0.1 * i + 0.005 * k,
            "ci_high": 0.24 + 0.1 * i + 0.005 * k,
            "n_seeds": 5,
            "over": "seeds and images",
        }
        for i, regime in enumerate(regimes)
        for k in shots
    ]
    return pd.DataFrame(rows).assign(**columns)


def results(regimes=THREE, seeds=3):
    rows = [
        {
            "task": "emoji",
            "backbone": "lite0",
            "regime": regime,
            "shots": 20,
            "seed": seed,
            "split": split_name,
            "metric": "accuracy",
            "value": 0.2 + 0.1 * i + 0.01 * seed + 0.5 * (split_name == "val"),
        }
        for i, regime in enumerate(regimes)
        for seed in range(seeds)
        for split_name in ("test", "val")
    ]
    return pd.DataFrame(rows)


def pairs(**columns):
    row = {
        "task": "emoji",
        "shots": 20,
        "metric": "accuracy",
        "a": "frozen",
        "b": "scratch",
        "difference": 0.103,
        "ci_low": 0.071,
        "ci_high": 0.135,
        "n_seeds": 5,
        "won": 4,
        "verdict": "helps",
        "seeds_low": 0.08,
        "seeds_high": 0.126,
        "over": "seeds and images",
        "reason": "",
        "note": "",
    }
    return pd.DataFrame([row | columns])


def history():
    step = np.arange(1, 41)
    train = pd.DataFrame({"step": step, "split": "train", "metric": "loss", "value": 40.0 / step})
    val = train[train["step"] % 10 == 0].assign(split="val", value=2.5)
    return pd.concat([train, val, val.assign(metric="accuracy", value=0.625)])


def reliability():
    return pd.DataFrame(
        {
            "bin_low": [0.0, 0.5, 0.75],
            "bin_high": [0.5, 0.75, 1.0],
            "n": [0, 40, 160],
            "confidence": [np.nan, 0.6, 0.9],
            "accuracy": [np.nan, 0.55, 0.7],
        }
    )


def counts():
    return pd.DataFrame([[9, 1, 0], [3, 7, 0], [0, 2, 8]], index=CLASSES, columns=CLASSES)
