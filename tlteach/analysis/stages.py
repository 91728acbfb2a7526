"""What each stage of a network says of images, and what a probe on it reads there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import pandas as pd
import torch
from torch import Tensor, nn

from tlteach.base import checked, in_range, one_of
from tlteach.data import Split, Task, few_shot
from tlteach.measures import Probes, accuracy, fit_probes
from tlteach.models import Backbone, extract_features, predict
from tlteach.models.inference import BATCH, reading

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # values of C that a probe on a stage may choose from
SEEN = 500  # test images, about: enough to tell stages apart
T = TypeVar("T")


@checked
def stage_features(backbone: Backbone, inputs: Tensor) -> dict[str, Tensor]:
    """Return what each stage says of images or texts, averaged over places or tokens.

    Parameters
    ----------
    backbone : Backbone
        Its mode and statistics stay as they are.
    inputs : uint8 tensor
        A split's `inputs`. Texts go in one at a time, so that no padding gets into a mean.

    Returns
    -------
    dict of str to float32 tensor of shape (n, width)
        By stage, in the order in which inputs pass.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> images = torch.zeros(3, 1, 8, 8, dtype=torch.uint8)
    >>> {name: x.shape[1] for name, x in stage_features(load_backbone("small_cnn"), images).items()}
    {'stage1': 16, 'stage2': 32, 'stage3': 64, 'stage4': 96}
    """
    backbone.to(memory_format=torch.channels_last)  # as `predict` does: the same bits
    seen = watch(backbone, inputs, _averaged)
    ends = {name: stage[-1] for name, stage in backbone.stages.items() if stage[-1] in seen}
    return {name: torch.cat(seen[module]).cpu() for name, module in ends.items()}


@checked
def feature_maps(backbone: Backbone, images: Tensor, stage: str) -> Tensor:
    """Return the last map of a stage, before pooling: features of each place of each image.

    Parameters
    ----------
    backbone : Backbone
        Its mode and statistics stay as they are. Load it with the size of the images, so that
        nothing is enlarged or made smaller.
    images : uint8 tensor of shape (n, 1 or 3, height, width)
        Any number.
    stage : str
        One of the backbone's stages.

    Returns
    -------
    float32 tensor of shape (n, width of the stage, rows, columns)
        On the CPU.

    Raises
    ------
    ValueError
        For an unknown stage, or one without a map.

    Examples
    --------
    >>> from tlteach import load_backbone
    >>> images = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    >>> feature_maps(load_backbone("small_cnn"), images, "stage3").shape
    torch.Size([2, 64, 4, 4])
    """
    modules = backbone.stages[one_of("stage", stage, backbone.stages)]
    seen = watch(backbone, images, lambda out: out.float().cpu().clone(), [stage])
    maps = [
        seen[module]
        for module in modules
        if module in seen and seen[module][0].ndim == 4 and "Pool" not in type(module).__name__
    ]
    if not maps:
        msg = f"stage must be one that gives maps; got {stage!r}, which gives none"
        raise ValueError(msg)
    return torch.cat(maps[-1])


def _averaged(out: Tensor) -> Tensor:
    """Average maps over their places, sequences over their tokens."""
    places = {4: (2, 3), 3: (1,)}.get(out.ndim)
    return out.mean(places) if places else out.flatten(1)


def watch(
    net: Backbone,
    inputs: Tensor,
    see: Callable[[Tensor], T],
    stages: Iterable[str] | None = None,
) -> dict[nn.Module, list[T]]:
    """Return what `see` makes of the output of each module of some or all stages, by batch."""
    seen: dict[nn.Module, list[T]] = defaultdict(list)

    def hook(module: nn.Module, _: object, output: Tensor | tuple[Tensor, ...]) -> None:
        seen[module].append(see(output if torch.is_tensor(output) else output[0]))

    chosen = net.stages if stages is None else stages
    handles = [m.register_forward_hook(hook) for name in chosen for m in net.stages[name]]
    where, at_once = next(net.parameters()).device, 1 if inputs.ndim == 2 else BATCH
    try:
        with reading(net):
            for batch in inputs.split(at_once):
                net(batch.to(where))
    finally:
        for handle in handles:
            handle.remove()
    return seen


@checked
def probe_stages(
    backbone: Backbone, task: Task, *, seeds: Iterable[int], shots: int = 10
) -> pd.DataFrame:
    """Fit a linear probe on every stage of a network, and test it.

    Stages have different widths, so each probe chooses its penalty, on validation images out of
    its labels; it is then fitted again on all labels. About 500 test images measure.

    Parameters
    ----------
    backbone : Backbone
        Frozen: nothing in it changes.
    task : Task
        What is asked of the stages.
    seeds : iterable of int
        Each draws its labels.
    shots : int, default 10
        Labels per class, those of validation included.

    Returns
    -------
    DataFrame
        task, stage, seed, val and test: the accuracies of a probe.

    Examples
    --------
    >>> import tlteach as tlt
    >>> net, digits = tlt.load_backbone("small_cnn"), tlt.load_task("digits")
    >>> probe_stages(net, digits, seeds=[0])["stage"].tolist()
    ['stage1', 'stage2', 'stage3', 'stage4']
    """
    fews = {seed: few_shot(task, shots, seed=seed) for seed in seeds}
    test = task.test.select(torch.arange(0, len(task.test), max(1, len(task.test) // SEEN)))
    index = torch.cat([few.labelled.index for few in fews.values()]).unique()
    known = task.labelled.select(torch.searchsorted(task.labelled.index, index))
    features = stage_features(backbone, torch.cat([known.inputs, test.inputs]))
    rows = []
    for stage, x in features.items():
        for seed, few in fews.items():
            found = _read(x[: len(index)], index, few, x[len(index) :], test)
            rows.append((task.name, stage, seed, *found))
    return pd.DataFrame(rows, columns=["task", "stage", "seed", "val", "test"])


def _read(x: Tensor, index: Tensor, few: Task, test_x: Tensor, test: Split) -> tuple[float, float]:
    """Return validation and test accuracy of a probe, its penalty chosen on validation."""

    def at(split: Split) -> Tensor:
        return x[torch.searchsorted(index, split.index)]

    def fit(split: Split) -> Probes:
        rows = [torch.arange(len(split))]
        return fit_probes(at(split), split.labels, rows, PENALTIES, n_classes=few.n_classes)

    said = fit(few.train).logits(at(few.val))[0]
    val = [accuracy(one, few.val.labels) for one in said]
    final = fit(few.labelled).logits(test_x)[0, val.index(max(val))]
    return max(val), accuracy(final, test.labels)


@checked
def probe_accuracies(
    task: Task,
    learnt: Backbone,
    tested: Backbone | None = None,
    *,
    seeds: Sequence[int],
    shots: int = 10,
    c: float = 0.01,
) -> pd.Series[float]:
    """Learn heads on what one network says of clean images; test them on what another says.

    Parameters
    ----------
    task : Task
        Its labels teach, its test images are asked.
    learnt, tested : Backbone
        The networks of either side; by default one for both.
    seeds : sequence of int
        Each draws its labels; all heads are solved at once.
    shots : int, default 10
        Labels per class.
    c : float, default 0.01
        The strength of the head, fixed.

    Returns
    -------
    Series
        Test accuracy by seed, so that differences of two are paired.

    Raises
    ------
    ValueError
        Without seeds.

    Examples
    --------
    >>> import tlteach as tlt
    >>> net, digits = tlt.load_backbone("small_cnn"), tlt.load_task("digits")
    >>> probe_accuracies(digits, net, seeds=[0, 1]).index.tolist()
    [0, 1]
    """
    in_range("number of seeds", len(seeds), 1)
    labelled = task.labelled
    known = extract_features(learnt, labelled.inputs)
    asked = predict(learnt if tested is None else tested, task.test.inputs)
    fews = [few_shot(task, shots, seed=seed).labelled for seed in seeds]
    rows = [torch.searchsorted(labelled.index, few.index) for few in fews]
    heads = fit_probes(known, labelled.labels, rows, [c], n_classes=task.n_classes)
    said = heads.logits(asked)[:, 0]
    found = [accuracy(one, task.test.labels) for one in said]
    return pd.Series(found, pd.Index([*seeds], name="seed"), name="value")
