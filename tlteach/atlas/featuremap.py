"""A map of features under domain mismatch: where images lie, clean and moved, on two fixed axes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from tlteach.atlas.runs import atlas_backbone
from tlteach.atlas.shifted import SEVERITIES, moved
from tlteach.base import rng
from tlteach.measures import mmd
from tlteach.models import extract_features
from tlteach.training import adapt

WAYS = ("none", "statistics", "coral")
MAPPED = 40  # test images that are drawn, of the first seed


def run_map(path: Path | None, task: str, backbone: str, dial: str) -> pd.DataFrame:
    """Return where test images lie, clean and moved, with each way to adapt the frozen features.

    The axes are the first two principal components of all clean test features, unadapted, and
    stay: what moves on the map are the images.
    """
    clean, net = moved(task, dial, 0.0), atlas_backbone(backbone, 0)
    middle, axes, share = principal(extract_features(net, clean.test.inputs, precision="fp32"))
    rows = torch.from_numpy(rng(0, "test").permutation(len(clean.test))[:MAPPED])
    tables = []
    for severity in SEVERITIES:
        there = moved(task, dial, severity)
        for way in WAYS:
            fitted = adapt(net, there, way, precision="fp32")
            near = fitted.labelled(clean.test.inputs)
            far = extract_features(fitted.backbone, there.test.inputs, precision="fp32")
            known, seen = ((x[rows] - middle) @ axes for x in (near, far))
            table = pd.DataFrame(
                {
                    "image": range(len(rows)),
                    "label": clean.test.labels[rows].numpy(),
                    "clean_x": known[:, 0].numpy(),
                    "clean_y": known[:, 1].numpy(),
                    "moved_y": seen[:, 1].numpy(),
                    "value": seen[:, 0].numpy(),  # the moved image along the first axis
                    "mmd": mmd(near, far, permutations=1, seed=0)[0],
                }
            )
            tables.append(table.assign(severity=severity, adaptation=way))
    place = {"task": task, "backbone": backbone, "dial": dial}
    return pd.concat(tables, ignore_index=True).assign(**place, share=share)


def principal(features: Tensor) -> tuple[Tensor, Tensor, float]:
    """Return the mean, the first two principal axes and their share of the variance.

    Examples
    --------
    >>> line = torch.tensor([[0.0, 0.0, 0.0], [1.0, 2.0, 0.0], [2.0, 4.0, 0.0]])
    >>> middle, axes, share = principal(line)
    >>> middle.tolist(), axes.shape, round(share, 3)
    ([1.0, 2.0, 0.0], torch.Size([3, 2]), 1.0)
    """
    middle = features.mean(0)
    _, sizes, axes = torch.linalg.svd(features - middle, full_matrices=False)
    axes = axes[:2] * axes[:2].sum(1, keepdim=True).sign()  # a sign that no library chooses
    return middle, axes.T, float((sizes[:2] ** 2).sum() / (sizes**2).sum())
