"""The arms of a comparison, read from its results: what they searched, chose and started from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch

from tlteach.base import checked, one_of
from tlteach.data import Task, all_labels, few_shot
from tlteach.experiment.baselines import RANDOM, redrawn
from tlteach.experiment.chosen import config_of
from tlteach.measures.once import RUN, each_once
from tlteach.models import Backbone, load_backbone
from tlteach.training import Regime, Run, TrainConfig, train
from tlteach.training.settings import Knob


@dataclass(frozen=True)
class Candidate:
    """One arm at one number of shots, with its rows and what its provenance tells."""

    label: str
    backbone: str
    shots: int
    rows: pd.DataFrame
    settings: Mapping[str, Any]

    @property
    def regime(self) -> Regime:
        """How it trains."""
        told = dict(self.settings["regime"])
        knob = told["knob"] and Knob(**told["knob"])
        return Regime(**told | {"knob": knob, "weight_decays": tuple(told["weight_decays"])})

    @property
    def accuracy(self) -> float:
        """Mean accuracy on validation; NaN where there was none."""
        rows = self.rows[(self.rows["split"] == "val") & (self.rows["metric"] == "accuracy")]
        return float(rows["value"].mean())

    @property
    def cost(self) -> tuple[float, ...]:
        """What it takes, the weightiest first; no times, which change from run to run."""
        learned = self.rows[self.rows["metric"] == "parameters_trained"]["value"]
        columns = (self.rows["updates"], self.rows["images"], learned)
        return tuple(float(column.mean()) for column in columns)

    def setting(self) -> tuple[int, dict[str, Any]]:
        """Return the middle seed, and the setting that its search chose.

        Seeds are ranked by the searched setting, learning rate or C; the lower median's whole
        setting is taken, since it was tried and chosen together. One lucky seed out of few
        validation images does not decide. Between seeds that chose alike: the better validated.
        """
        chosen = self._table("search")
        by = chosen[self.regime.searched].sort_values(kind="stable")
        alike = chosen.index[chosen[self.regime.searched] == by.iloc[(len(by) - 1) // 2]]
        scores = self._table("val")
        if len(scores):
            ranked = scores.loc[alike].sort_values(
                ["accuracy", "log_loss"], ascending=[False, True], kind="stable"
            )
            alike = ranked.index
        seed = int(alike.tolist()[0])
        return seed, self.chosen_by(seed)

    def chosen_by(self, seed: int) -> dict[str, Any]:
        """Return what the search of one seed chose, as fields of `TrainConfig`."""
        rows = self.rows[(self.rows["split"] == "search") & (self.rows["seed"] == seed)]
        return config_of(dict(zip(rows["metric"], rows["value"], strict=True)))

    def _table(self, split: str) -> pd.DataFrame:
        rows = self.rows[self.rows["split"] == split]
        return rows.pivot_table(index="seed", columns="metric", values="value")


def arms_of(
    results: pd.DataFrame, task: Task, backbone: str | None, shots: int | None
) -> list[Candidate]:
    """Return the arms to choose from: of this task, at one number of shots."""
    configs = results.attrs.get("provenance", {}).get("configs")
    if configs is None:
        msg = (
            "results must carry their settings in attrs['provenance'], as compare returns them; "
            "of a table read from a file, take the JSON file beside it"
        )
        raise ValueError(msg)
    rows = results[results["task"] == one_of("task", task.name, results["task"].unique())]
    if backbone is not None:
        one_of("backbone", backbone, rows["backbone"].unique())
        rows = rows[rows["backbone"].isin([backbone, "none"])]  # what needs none stands beside
    tried = sorted(rows["shots"].unique().tolist())
    k = tried[-1] if shots is None else one_of("shots", shots, tried)
    each_once(rows, [name for name in RUN if name not in ("task", "seed")])
    groups = rows[rows["shots"] == k].groupby(["regime", "backbone", "config"])
    return [Candidate(label, net, k, of, configs[config]) for (label, net, config), of in groups]


def network_of(arm: Candidate, asked: str | Backbone | None, *, random: bool = False) -> Backbone:
    """Return what the arm started from, and make sure of it; of weights only if they count."""
    told = arm.settings["backbone"]
    if isinstance(asked, Backbone):
        net = asked
    else:
        try:
            net = load_backbone(
                arm.backbone.removesuffix(RANDOM), size=told["preprocessing"]["size"]
            )
        except ValueError:
            net = None
    alike = net is not None and net.preprocessing.settings() == told["preprocessing"]
    if (
        net is None
        or not alike
        or (arm.regime.pretrained and not random and net.fingerprint() != told.get("weights"))
    ):
        given = (
            "the backbone given" if isinstance(asked, Backbone) else "load_backbone by that name"
        )
        msg = (
            f"the comparison started from {arm.backbone!r} with other weights or preprocessing "
            f"than {given} has; pass the network that was compared: backbone=..."
        )
        raise ValueError(msg)
    return net


@checked
def rerun(
    results: pd.DataFrame,
    task: Task,
    regime: str,
    *,
    shots: int,
    seed: int,
    backbone: str | Backbone | None = None,
    device: str | torch.device | None = None,
) -> Run:
    """Train one run of a comparison again, with the setting its search chose, and test it.

    For what the results do not keep, such as the answer to each test image: see
    ``predictions["test"]``.

    Parameters
    ----------
    results : DataFrame
        From `compare`, with the provenance in its ``attrs``.
    task : Task
        The one that was compared.
    regime : str
        A value of the column "regime", of an arm with a network.
    shots, seed : int
        Which run.
    backbone : str or Backbone, optional
        As in `train_best`; of "frozen_random" the network whose weights are drawn anew.
    device : str or torch.device, optional
        Default: the best one here.

    Returns
    -------
    Run
        Of gradient regimes on the same machine the same bits; a head that is solved for its one C
        differs from one that came there by way of others, by the solver's tolerance.

    Raises
    ------
    ValueError
        For a regime or a seed that the results do not have.

    Examples
    --------
    >>> import tlteach as tlt
    >>> task = tlt.load_task("digits")
    >>> results = tlt.compare(task, backbone="small_cnn", regimes=["scratch"], shots=[2],
    ...                       seeds=[0], search="smoke", baselines=False, progress=False)
    >>> run = rerun(results, task, "scratch", shots=2, seed=0)
    >>> tested = results[(results.split == "test") & (results.metric == "accuracy")]
    >>> run.test_scores[0]["accuracy"] == tested.value.item()
    True
    """
    name = backbone.card.name if isinstance(backbone, Backbone) else backbone
    random = regime == "frozen_random"
    if name is not None and random:
        name = name.removesuffix(RANDOM) + RANDOM
    arms = [arm for arm in arms_of(results, task, name, shots) if arm.settings["backbone"]]
    one_of("regime", regime, [arm.label for arm in arms])
    arm = next(arm for arm in arms if arm.label == regime)
    one_of("seed", seed, sorted(arm.rows["seed"].unique().tolist()))
    few = few_shot(task, shots, seed=seed)
    config = TrainConfig(**arm.settings["base"] | arm.chosen_by(seed))
    net = network_of(arm, backbone, random=random)
    if random:
        net = redrawn(net, seed=seed)  # each seed draws its own
    run = train(net, all_labels(few), arm.regime, config, seed=seed, device=device)
    run.test(few, device=device)
    return run
