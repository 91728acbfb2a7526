"""A cell of a comparison on digits, what is searched in it, and what its rows say."""

import torch

import tlteach as tlt
from tlteach.experiment import Search
from tlteach.experiment.cells import Cell


def both(task, describe):
    """What `run_logistic` wants, of features that depend on no setting."""
    return lambda blend: (describe(task.labelled.images), describe(task.test.images))


CPU = torch.device("cpu")
BASE = tlt.TrainConfig(updates=12, until="flat", batch_size=8, precision="fp32")
SEARCH = Search(3, 1, 4, 4)
GRID = [(5, 1), (2, 0), (10, 0), (5, 0)]


def cell(name="fine_tune", *, search=SEARCH, net=True, base=BASE):
    backbone = tlt.load_backbone("small_cnn", seed=0) if net else None
    return Cell(name, tlt.REGIMES[name], backbone, base, search, "0123456789ab")


def values(rows, split):
    return {row["metric"]: row["value"] for row in rows if row["split"] == split}
