"""Adapting features to a domain of which there are images but no labels.

The transductive setting (Pan & Yang 2010): labels come from a source domain, unlabelled images
from the domain of the test. Each domain's images are described by what was fitted to that
domain, and the head learns on the source's descriptions. Passing both domains through the
target's BatchNorm statistics would align nothing: both would move alike.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from tlteach.base import checked, in_range, one_of
from tlteach.data import Split, Task
from tlteach.models import Backbone, extract_features
from tlteach.models.inference import BATCH, reading

Map = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Adapted:
    """What describes the images of either side.

    Attributes
    ----------
    backbone : Backbone
        For images of the test's domain.
    labelled : callable
        Turns labelled uint8 images into float32 features of shape (n, n_features), on the CPU.
    """

    backbone: Backbone
    labelled: Map


@checked
def adapt(
    backbone: Backbone, task: Task, how: str, *, blend: float = 1.0, precision: str = "auto"
) -> Adapted:
    """Fit a frozen backbone's features to the domains of a task, without labels.

    Parameters
    ----------
    backbone : Backbone
        Stays as it is.
    task : Task
        Its pool and its labelled images are looked at without their labels. Where labelled
        images and test share their domains, both sides are fitted to the same images.
    how : {"none", "statistics", "coral"}
        "statistics": BatchNorm statistics of each side's own images (AdaBN, Li et al. 2016).
        "coral": labelled features get the target's mean and covariance, estimated with shrinkage
        (Sun et al. 2016; Ledoit & Wolf 2004).
    blend : float, default 1.0
        0 for no adaptation, 1 for all of it.
    precision : {"auto", "fp32", "bf16"}
        Of the features.

    Returns
    -------
    Adapted
        The backbone for the target's images, and `labelled`, which gives the features of others.

    Raises
    ------
    ValueError
        For an unknown `how`, a backbone without BatchNorm statistics where they are needed, or a
        task without unlabelled images of the test's domains.

    Examples
    --------
    >>> import tlteach as tlt
    >>> task, net = tlt.load_task("digits"), tlt.load_backbone("small_cnn")
    >>> adapt(net, task, "statistics").backbone.fingerprint() == net.fingerprint()
    False
    """
    one_of("adapt", how, ("none", "statistics", "coral"))

    def described(net: Backbone) -> Map:
        return lambda images: extract_features(net, images, precision=precision)

    plain = described(backbone)
    if how == "none":
        return Adapted(backbone, plain)
    source, target = _beside(task.labelled, task), unlabelled(task)
    if how == "statistics":
        ours = theirs = reestimate_statistics(backbone, target, blend=blend)
        if not source.equal(target):
            theirs = reestimate_statistics(backbone, source, blend=blend)
        return Adapted(ours, described(theirs))
    aligned = coral(plain(source), plain(target), blend=blend)
    return Adapted(backbone, lambda images: aligned(plain(images)))


@checked
def unlabelled(task: Task) -> Tensor:
    """Return the images of the test's domains in the pool and among the labelled images.

    The same for every subset that `few_shot` takes.

    Parameters
    ----------
    task : Task
        Of images.

    Returns
    -------
    uint8 tensor of shape (n, channels, height, width)
        In the order of the data file.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> import tlteach as tlt
    >>> task = tlt.load_task("digits")
    >>> torch.equal(unlabelled(task), unlabelled(tlt.few_shot(task, 5, seed=0)))
    True
    """
    images = _beside(task.test, task)
    if not len(images):
        domains = ", ".join(task.domains[i] for i in task.test.domains.unique())
        msg = "adapting needs images of the test's domains in the pool or among the labelled images"
        msg += f"; task {task.name!r} is tested on {domains} and holds no other image of it"
        raise ValueError(msg)
    return images


def _beside(split: Split, task: Task) -> Tensor:
    """Return the pool's and the labelled images of the domains that are in `split`."""
    rows = task.labelled.joined(task.pool)
    rows = rows.select(torch.isin(rows.domains, split.domains.unique()))
    return rows.inputs[rows.index.argsort(stable=True)]


@checked
def reestimate_statistics(backbone: Backbone, images: Tensor, *, blend: float = 1.0) -> Backbone:
    """Return a copy whose BatchNorm statistics come from `images` (Schneider et al. 2020).

    In one pass, each layer normalises a batch by that batch's own statistics; what it meets in
    all batches is pooled exactly, into the mean and the unbiased variance over all images and
    places. Images are dealt to batches like cards: a file sorted by class gives mixed batches.

    Parameters
    ----------
    backbone : Backbone
        Stays as it is.
    images : uint8 tensor of shape (n, channels, height, width)
        From the domain to adapt to; fewer than about 16, or of few classes, do harm.
    blend : float, default 1.0
        Weight of the new means and variances against the backbone's own.

    Returns
    -------
    Backbone
        Where the given one is; with the same weights.

    Raises
    ------
    ValueError
        Without images, without BatchNorm statistics, or with `blend` outside 0 to 1.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> net = load_backbone("small_cnn", seed=0)
    >>> images = torch.randint(0, 256, (64, 3, 32, 32), dtype=torch.uint8)
    >>> adapted = reestimate_statistics(net, images)
    >>> net.net[0][1].running_mean.unique(), adapted.net[0][1].running_mean.unique().shape
    (tensor([0.]), torch.Size([16]))
    """
    in_range("blend", blend, 0, 1)
    in_range("number of images", len(images), 1)
    twin = copy.deepcopy(backbone)
    sums = {
        norm: torch.zeros(3, norm.num_features, dtype=torch.float64) for norm in tracked_norms(twin)
    }
    if not sums:
        msg = f"backbone must have BatchNorm statistics to adapt; {backbone.card.name!r} has none"
        raise ValueError(msg)

    def use_the_batch(norm: _BatchNorm, inputs: tuple[Tensor]) -> None:
        values = inputs[0].transpose(0, 1).flatten(1)  # (channels, images x places)
        variance, mean = torch.var_mean(values, 1, correction=0)
        for buffer, value in zip(_statistics(norm), (mean, variance), strict=True):
            buffer.copy_(value)
        mean, variance = mean.cpu().double(), variance.cpu().double()
        moments = torch.stack([torch.ones_like(mean), mean, variance + mean.square()])
        sums[norm] += values.shape[1] * moments

    hooks = [norm.register_forward_pre_hook(use_the_batch) for norm in sums]
    where = next(twin.parameters()).device
    n_batches = math.ceil(len(images) / BATCH)
    with reading(twin):
        for first in range(n_batches):
            twin(images[first::n_batches].to(where))
    for hook in hooks:
        hook.remove()
    for norm, before in zip(sums, tracked_norms(backbone), strict=True):
        n, total, squares = sums[norm]
        mean = total / n
        variance = (squares / n - mean.square()) * n / (n - 1).clamp(min=1)
        old_and_new = zip(_statistics(norm), _statistics(before), (mean, variance), strict=True)
        for buffer, old, new in old_and_new:
            buffer.copy_(old.lerp(new.to(old), blend))
    return twin


@checked
def tracked_norms(backbone: Backbone) -> list[_BatchNorm]:
    """Return the norm layers that keep running statistics.

    Parameters
    ----------
    backbone : Backbone
        With BatchNorm layers, or without.

    Returns
    -------
    list of nn.Module
        In the order of the network's modules.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> len(tracked_norms(load_backbone("small_cnn")))
    4
    """
    found = [m for m in backbone.modules() if isinstance(m, _BatchNorm)]
    return [norm for norm in found if norm.track_running_stats]


def _statistics(norm: _BatchNorm) -> tuple[Tensor, Tensor]:
    return norm.get_buffer("running_mean"), norm.get_buffer("running_var")


def coral(source: Tensor, target: Tensor, *, blend: float = 1.0) -> Map:
    """Return the map that gives source features the target's mean and covariance.

    They are whitened by the source's covariance and coloured by the target's (Sun et al. 2016).
    Both covariances are shrunk as Ledoit & Wolf (2004) prescribe: with fewer images than
    features they could not be inverted.

    Parameters
    ----------
    source, target : float tensors of shape (n, d) and (m, d)
        Features of unlabelled images of either domain, at least 2 each.
    blend : float, default 1.0
        Share of the aligned features; the rest is the features as they were.

    Returns
    -------
    callable
        Takes features of shape (k, d) of source images; returns float32 of the same shape.

    Examples
    --------
    >>> source = torch.tensor([[0.0], [2.0], [4.0]])
    >>> coral(source, 5 * source + 1)(source).flatten().round(decimals=3).tolist()
    [1.0, 11.0, 21.0]
    """
    in_range("blend", blend, 0, 1)
    for name, features in (("source", source), ("target", target)):
        in_range(f"number of {name} images", len(features), 2)
    centre, aim = source.double().mean(0), target.double().mean(0)
    recolour = _power(_covariance(source), -0.5) @ _power(_covariance(target), 0.5)
    grain = float(target.abs().max().clamp(min=1e-30)) * torch.finfo(torch.float32).eps

    def align(features: Tensor) -> Tensor:
        aligned = (features.double() - centre) @ recolour + aim
        # a feature that is constant must stay so: standardising would blow up what rounding left
        aligned = (aligned / grain).round() * grain
        return torch.lerp(features.float(), aligned.float(), blend)

    return align


def _covariance(features: Tensor) -> Tensor:
    from sklearn.covariance import ledoit_wolf  # slow to import

    covariance, _ = ledoit_wolf(features.double().numpy())
    return torch.from_numpy(covariance)


def _power(covariance: Tensor, exponent: float) -> Tensor:
    """Return a power of a symmetric matrix; what rounding left near zero is lifted."""
    values, vectors = torch.linalg.eigh(covariance)
    lifted = values.clamp(min=float(values[-1]) * 1e-10)
    power: Tensor = vectors * lifted**exponent @ vectors.T
    return power
