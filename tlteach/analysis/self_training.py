"""Self-training of a whole network: it names the pool, and learns again from what it is sure of."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from tlteach.base import checked, in_range
from tlteach.data import Task, all_labels
from tlteach.models import Backbone, predict
from tlteach.training import Regime, TrainConfig, get_regime, train

__all__ = ["self_train"]


@checked
def self_train(
    few: Task,
    backbone: Backbone,
    regime: str | Regime,
    config: TrainConfig,
    *,
    threshold: float = 0.95,
) -> pd.DataFrame:
    """Train on few labels, give pseudo-labels to the pool, and train anew on both (Lee 2013).

    Both trainings start alike, take the same settings and learn from all labels that were paid
    for: validation images too, since nothing is chosen. Where every weight learns, so do the
    features; on frozen ones see `scarce.pseudo_label`.

    Parameters
    ----------
    few : Task
        From `few_shot`, whose seed also sets order and augmentation: its pool is unlabelled.
    backbone : Backbone
        What both trainings start from.
    regime : str or Regime
        How it learns, such as "fine_tune".
    config : TrainConfig
        All settings.
    threshold : float, default 0.95
        Pool images with a larger confidence get the answer as their label.

    Returns
    -------
    DataFrame
        One row is one metric: task, regime (its name, then "pseudo_label"), shots, seed, split,
        metric, value. Split "pool" holds "added", the number of pseudo-labels, and "correct", the
        share of them that is right.

    Raises
    ------
    ValueError
        For a threshold outside 0 to 1, an empty pool, or a task that is not from `few_shot`.

    Examples
    --------
    >>> import tlteach as tlt
    >>> few = tlt.few_shot(tlt.load_task("digits"), 2, seed=0)
    >>> net, plan = tlt.load_backbone("small:glyphs"), tlt.TrainConfig(lr=0.05, updates=5)
    >>> results = self_train(few, net, "fine_tune", plan, threshold=0)
    >>> only_added = results[results["metric"] == "added"]
    >>> only_added["value"].tolist(), len(few.pool)
    ([777.0], 777)
    """
    in_range("threshold", threshold, 0, 1)
    in_range("number of pool images", len(few.pool), 1, because="few_shot fills the pool")
    seed = int(in_range("seed of the task", few.seed, 0, because="few_shot sets it"))
    known, name = all_labels(few), get_regime(regime).name
    first = train(backbone, known, regime, config, seed=seed)
    confidence, answer = predict(first.model, few.pool.inputs).softmax(1).max(1)
    sure = confidence > threshold
    named = replace(few.pool.select(sure), labels=answer[sure])
    both = replace(known, train=known.train.joined(named), pool=few.pool.select(~sure))
    again = train(backbone, both, regime, config, seed=seed)
    right = (few.pool.labels[sure] == answer[sure]).double().mean().item()
    rows = [("pseudo_label", "pool", "added", float(sure.sum()))]
    rows += [("pseudo_label", "pool", "correct", right)]
    for regime_name, run in ((name, first), ("pseudo_label", again)):
        rows += [(regime_name, "test", metric, v) for metric, v in run.test(few).items()]
    found = pd.DataFrame(rows, columns=["regime", "split", "metric", "value"])
    return found.assign(task=few.name, shots=few.shots, seed=seed)
