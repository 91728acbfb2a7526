"""A small comparison on digits, and how its tables are read."""

import tlteach as tlt
from tlteach.models import ModelCard

BASE = tlt.TrainConfig(updates=3, batch_size=8, precision="fp32")
REGIMES = ("scratch", "frozen", "fine_tune", "lp_ft", "bn_only")
BASELINES = {"majority", "raw_pixels", "frozen_random", "small_cnn"}
SHOTS, SEEDS = (2, 5), (0, 1)


def taught():
    """A small backbone that counts as pretrained: it names a source."""
    net = tlt.load_backbone("small_cnn", seed=7)
    net.card = ModelCard("taught", source="somewhere")
    return net


def compare(task, **changes):
    asked = {
        "backbone": taught(), "regimes": REGIMES, "shots": SHOTS, "seeds": SEEDS,
        "search": "smoke", "config": BASE, "progress": False, "device": "cpu",
    }  # fmt: skip
    return tlt.compare(task, **asked | changes)


def without(table, *columns):
    return table.drop(columns=["seconds", *columns])


def of(table, split, metric):
    rows = table[(table["split"] == split) & (table["metric"] == metric)]
    return rows.set_index(["regime", "shots", "seed"])["value"]
