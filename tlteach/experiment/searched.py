"""One run by hand: a search on validation images, then a training on every label."""

from __future__ import annotations

from tlteach.base import checked, warn_caller
from tlteach.data import Task, all_labels
from tlteach.experiment.alive import learnt, train_alive
from tlteach.experiment.cells import choose
from tlteach.experiment.race import score
from tlteach.models import Backbone
from tlteach.training import (
    DivergedWarning,
    Regime,
    Run,
    TrainConfig,
    draw_configs,
    get_regime,
)
from tlteach.training.run import attempt


@checked
def train_searched(
    backbone: Backbone,
    few: Task,
    regime: str | Regime,
    config: TrainConfig,
    *,
    search: int,
    seed: int,
) -> Run:
    """Try settings on validation images, then train with the best one on all labels.

    What `compare` does for each run, by hand, where a model is to be looked at or tested
    elsewhere. Every setting is trained for all updates. As there, a training on all labels that
    stays at guessing, where the search had learnt, goes again at half the rate.

    Parameters
    ----------
    backbone : Backbone
        What the training starts from.
    few : Task
        From `few_shot`; its validation images choose.
    regime : str or Regime
        A key of `REGIMES`, or one of your own.
    config : TrainConfig
        What the search does not settle.
    search : int
        Settings to try.
    seed : int
        Draws the settings, and sets fresh weights, order and augmentation.

    Returns
    -------
    Run
        Its `config` tells the settings chosen.

    Examples
    --------
    >>> import tlteach as tlt
    >>> few = tlt.few_shot(tlt.load_task("digits"), 5, seed=0)
    >>> config = tlt.TrainConfig(updates=2)
    >>> net = tlt.load_backbone("small_cnn")
    >>> train_searched(net, few, "scratch", config, search=2, seed=0).regime.name
    'scratch'
    """
    configs = draw_configs(get_regime(regime), config, search, seed=seed)
    runs = [attempt(backbone, few, regime, one, seed=seed) for one in configs]
    best = choose([score(run.predictions["val"], few.val.labels) for run in runs], search)
    whole, learns = all_labels(few), learnt(runs[best], few.n_classes)
    run = train_alive(backbone, whole, regime, configs[best], learns=learns, seed=seed)[-1]
    if run.diverged is not None:
        warn_caller(run.told_diverged(), DivergedWarning)
    return run
