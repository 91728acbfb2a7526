"""Look inside a model: where it looks, what lies near an image, how alike two networks are.

Grad-CAM and integrated gradients come from captum (extra `explain`), imported when first used.
They read the model in eval mode and take gradients at maps and pixels, never at parameters: a
frozen backbone is explained like any other, and modes, `requires_grad` and `grad` stay as they are.
Images are uint8 tensors (n, 1 or 3, height, width); `target` is the class to explain: one for
all, an int64 tensor (n,), or None for the predicted ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.stats import binomtest
from torch import Tensor, nn

from tlteach.analysis.stages import stage_features, watch
from tlteach.base import adding, checked, derive, in_range, one_of, same_length
from tlteach.measures import cka
from tlteach.models import Backbone, Classifier, predict
from tlteach.models.inference import BATCH, reading

SMALLEST_MAP = 4  # positions a side: with fewer, Grad-CAM tells little more than left from right
FEW = 10  # images: with fewer, an interval says next to nothing
Target = int | Tensor | None


@checked
def grad_cam(
    model: Classifier, images: Tensor, *, target: Target = None, stage: str | None = None
) -> Tensor:
    """Return where in each image the evidence for a class stands.

    ReLU of the sum of a stage's maps, each weighed by the mean gradient of the class's logit
    (Selvaraju et al. 2017, equations 1 and 2), enlarged bilinearly.

    Parameters
    ----------
    stage : str, optional
        A name from `map_sizes`; default the last whose map is at least 4 x 4. On small images
        the last of all is often 2 x 2 or 1 x 1, which says nothing about a place.

    Returns
    -------
    float32 tensor of shape (n, height, width)
        In [0, 1]; the largest of each image is 1, or 0 where nothing speaks for the class.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> model = Classifier(load_backbone("small_cnn"), 10, seed=0)
    >>> grad_cam(model, torch.zeros(2, 1, 28, 28, dtype=torch.uint8), target=3).shape
    torch.Size([2, 28, 28])
    """
    maps = _maps(model.backbone)
    if stage is None:
        sides = {name: min(size) for name, (_, size) in maps.items()}
        reason = "load the backbone with a larger size, or choose a stage"
        in_range(
            "side of the largest map", max(sides.values(), default=0), SMALLEST_MAP, because=reason
        )
        stage = [name for name, side in sides.items() if side >= SMALLEST_MAP][-1]
    layer, _ = maps[one_of("stage", stage, maps)]
    method = _captum().LayerGradCam(_logits(model), layer)

    def explain(x: Tensor, classes: Tensor) -> Tensor:
        small = method.attribute(x, classes, relu_attributions=True).detach()
        large = F.interpolate(small, images.shape[2:], mode="bilinear")[:, 0]
        return large / large.amax((1, 2), keepdim=True).clamp(min=1e-30)

    return _explained(model, images, target, explain, BATCH)


@checked
def map_sizes(backbone: Backbone) -> dict[str, tuple[int, ...]]:
    """Return height and width of the last map of each stage that has one, before pooling.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> map_sizes(load_backbone("small_cnn"))
    {'stage1': (16, 16), 'stage2': (8, 8), 'stage3': (4, 4), 'stage4': (2, 2)}
    """
    return {stage: size for stage, (_, size) in _maps(backbone).items()}


@checked
def integrated_gradients(
    model: Classifier, images: Tensor, *, target: Target = None, steps: int = 32, baseline: int = 0
) -> Tensor:
    """Return how much each pixel moves a class's logit.

    The gradient times the way, averaged along the straight line to the image from a plain one
    (Sundararajan et al. 2017, equation 1). So the values of an image add up to the difference of
    the two logits, and a pixel of the plain image's colour gets 0: `baseline` matters.

    Parameters
    ----------
    steps : int, default 32
        Points on the line; the more, the more exact the sum.
    baseline : int, default 0
        Grey level of the plain image, 0 (black) to 255 (white).

    Returns
    -------
    float32 tensor of shape (n, size, size)
        Signed, summed over channels, at the size that the network is fed.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> model = Classifier(load_backbone("small_cnn"), 10, seed=0)
    >>> float(integrated_gradients(model, torch.zeros(1, 1, 28, 28, dtype=torch.uint8)).abs().max())
    0.0
    """
    in_range("steps", steps, 1)
    plain = torch.full((1, 3, 8, 8), in_range("baseline", baseline, 0, 255), dtype=torch.uint8)
    method = _captum().IntegratedGradients(_logits(model))

    def explain(x: Tensor, classes: Tensor) -> Tensor:
        start = model.backbone.preprocessing(plain.to(x.device))
        found: Tensor = method.attribute(x, start, classes, n_steps=steps)
        return found.detach().sum(1)

    return _explained(model, images, target, explain, max(1, 4 * BATCH // steps))


@checked
def nearest(features_query: Tensor, features_train: Tensor, k: int = 5) -> tuple[Tensor, Tensor]:
    """Return row numbers and cosines, (n, k) each, of the k most similar training images.

    The most similar comes first; of equals the first row.

    Examples
    --------
    >>> indices, similarities = nearest(torch.tensor([[2.0, 0.0]]), torch.eye(2), k=2)
    >>> indices.tolist(), similarities.tolist()
    ([[0, 1]], [[1.0, 0.0]])
    """
    in_range("k", k, 1, len(features_train), because="the number of training images")
    cosines = F.normalize(features_query) @ F.normalize(features_train).T
    similarities, indices = cosines.sort(descending=True, stable=True)
    return indices[:, :k], similarities[:, :k]


@checked
def feature_map(features: Tensor, *, method: str = "pca", seed: int) -> NDArray[np.float64]:
    """Return a place in the plane for each image, (n, 2): to look at, not to measure.

    Parameters
    ----------
    features : float tensor of shape (n, d)
        At least 4 images and 2 features.
    method : {"pca", "tsne"}
        Principal components; or t-SNE that starts from them, with a perplexity of 30 at most.
    seed : int
        Of t-SNE (stream "init"); principal components need none.

    Examples
    --------
    >>> feature_map(torch.eye(4), seed=0).shape
    (4, 2)
    """
    one_of("method", method, ("pca", "tsne"))
    in_range("number of images", len(features), 4)
    in_range("number of features", features.shape[1], 2)
    if method == "pca":
        from sklearn.decomposition import PCA

        model = PCA(2, svd_solver="full")
    else:
        from sklearn.manifold import TSNE

        perplexity = min(30, (len(features) - 1) / 3)
        state = derive(seed, "init") % 2**32
        model = TSNE(2, perplexity=perplexity, init="pca", random_state=state)
    return np.asarray(model.fit_transform(features.detach().cpu().double().numpy()), dtype=float)


@checked
def layer_cka(model_a: Backbone, model_b: Backbone, images: Tensor) -> pd.DataFrame:
    """Return how alike the stages of two networks are: debiased linear CKA on these images.

    One row per stage of `model_a`, one column per stage of `model_b`; maps are averaged over
    their positions. In [-1, 1]: 1 is equal up to rotation and scale, about 0 unrelated.

    Examples
    --------
    >>> from tlteach import load_backbone, load_task
    >>> net, images = load_backbone("small_cnn"), load_task("digits").train.images[:20]
    >>> float(layer_cka(net, net, images).loc["stage1", "stage1"].round(3))
    1.0
    """
    a, b = stage_features(model_a, images), stage_features(model_b, images)
    values = [[cka(x, y) for y in b.values()] for x in a.values()]
    return pd.DataFrame(values, pd.Index(a, name="stage_a"), pd.Index(b, name="stage_b"))


@checked
def subgroup_accuracy(
    logits: Tensor, labels: Tensor, groups: Tensor, names: Sequence[str]
) -> pd.DataFrame:
    """Return the accuracy in each group of images, with its 95 % Wilson interval.

    `groups`, an int64 tensor (n,), points into `names`: for example an image's domain. The columns
    are group, n, accuracy, ci_low, ci_high and few: under 10 images, no ground for a claim. Names
    without images are left out.

    Examples
    --------
    >>> table = subgroup_accuracy(torch.eye(2), torch.tensor([0, 0]), torch.tensor([1, 1]), [*"ab"])
    >>> table.round(2).to_dict("records")
    [{'group': 'b', 'n': 2, 'accuracy': 0.5, 'ci_low': 0.09, 'ci_high': 0.91, 'few': True}]
    """
    same_length(logits=logits, labels=labels, groups=groups)
    in_range("smallest group", int(groups.min()), 0)
    in_range("largest group", int(groups.max()), 0, len(names) - 1)
    right = logits.argmax(1) == labels
    rows = []
    for group in groups.unique().tolist():
        hits, n = int(right[groups == group].sum()), int((groups == group).sum())
        low, high = binomtest(hits, n).proportion_ci(method="wilson")
        rows.append((names[group], n, hits / n, low, high, n < FEW))
    return pd.DataFrame(rows, columns=["group", "n", "accuracy", "ci_low", "ci_high", "few"])


def _captum() -> Any:
    try:
        return import_module("captum.attr")
    except ImportError as error:
        msg = f"this needs captum: {adding('explain')}"
        raise ImportError(msg) from error


def _logits(model: Classifier) -> Callable[[Tensor], Tensor]:
    """Return the model without its preprocessing, through which no gradient flows."""
    return lambda x: model.head(model.backbone.net(x).flatten(1))


def _explained(
    model: Classifier,
    images: Tensor,
    target: Target,
    explain: Callable[[Tensor, Tensor], Tensor],
    batch_size: int,
) -> Tensor:
    """Run ``explain(preprocessed pixels, classes)`` batch by batch."""
    if target is None:
        target = predict(model, images, precision="fp32").argmax(1)
    classes = torch.as_tensor(target, device=next(model.parameters()).device)
    classes = classes.expand(len(images)) if classes.ndim == 0 else classes
    same_length(images=images, target=classes)
    in_range("smallest target", int(classes.min()), 0)
    in_range("largest target", int(classes.max()), 0, model.head.out_features - 1)
    answers = []
    with reading(model), torch.inference_mode(mode=False):
        for some, wanted in zip(images.split(batch_size), classes.split(batch_size), strict=True):
            x = model.backbone.preprocessing(some.to(wanted.device))
            answers.append(explain(x, wanted).float().cpu())
    return torch.cat(answers)


def _maps(net: Backbone) -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    """Return each stage's last module that gives a map, and the map's size."""
    seen = watch(net, torch.zeros(1, 3, 8, 8, dtype=torch.uint8), lambda out: out.shape[2:])
    return {
        name: (module, tuple(seen[module][0]))
        for name, stage in net.stages.items()
        for module in stage
        if module in seen and len(seen[module][0]) == 2 and "Pool" not in type(module).__name__
    }
