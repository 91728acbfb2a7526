"""Networks that learnt a share of a source: which images, and that all of it is what ships."""

import json

import pandas as pd
import pytest
import torch

from tlteach import atlas
from tlteach.atlas.plan import PAIRS, SHARES, SOURCE_SEEDS
from tlteach.atlas.sized import learnt, share_of
from tlteach.data import Task
from tlteach.measures import on_test
from tlteach.models import load_small, load_source
from tlteach.training import TrainConfig

SETTINGS = ["task", "source", "share", "regime", "seed"]


@pytest.fixture(scope="module")
def sizes() -> pd.DataFrame:
    return atlas.load("sizes")


@pytest.mark.parametrize("source", PAIRS.values())
def test_a_share_holds_as_many_of_every_class_and_the_smaller_shares(source):
    whole = load_source(source)
    fewest = int(torch.bincount(whole.train.labels).min())
    known: set[int] = set()
    for share in SHARES[:-1]:
        part = share_of(source, share, seed=1)
        counts = torch.bincount(part.train.labels, minlength=whole.n_classes)
        assert set(counts.tolist()) == {round(share * fewest)}
        assert len(part.val) == 0
        assert known < (known := set(part.train.index.tolist()))
    assert known != set(share_of(source, SHARES[-2], seed=2).train.index.tolist())
    assert share_of(source, 1, seed=1).fingerprint == whole.fingerprint


def test_a_share_lies_between_nothing_and_all():
    with pytest.raises(ValueError, match="share must be between 0 and 1; got 2"):
        share_of("glyphs", 2, seed=0)


def test_all_of_a_source_is_the_network_that_ships():
    net, seconds = learnt(load_source("glyphs"), "glyphs", 1, 3)
    assert seconds == 0
    assert net.fingerprint() == load_small("glyphs", seed=3).backbone.fingerprint()


def test_a_network_of_a_share_says_so_on_its_card(monkeypatch):
    monkeypatch.setattr("tlteach.atlas.sized.RECIPE", TrainConfig(updates=2, precision="fp32"))
    part: Task = share_of("fashion_0_4", 1 / 16, seed=0)
    net, seconds = learnt(part, "fashion_0_4", 1 / 16, 0)
    assert seconds > 0
    assert net.card.source == "fashion_0_4"
    assert net.card.origin.endswith(f"seed 0, {len(part.train)} images")


def test_every_share_meets_every_target(sizes):
    rows = on_test(sizes)
    assert len(rows) == len(PAIRS) * len(SHARES) * 2 * SOURCE_SEEDS
    assert not rows.duplicated(SETTINGS).any()
    assert (sizes["pretrain_seconds"].eq(0) == sizes["share"].eq(1)).all()


def test_all_of_a_source_gives_the_rows_of_transfer(sizes):
    """The same weights, labels and search: on the machine that built both, the same accuracy."""
    made = json.loads((atlas.store.shipped_data() / "atlas" / "provenance.json").read_text())
    if made["sizes"]["machine"] != made["transfer"]["machine"]:
        pytest.skip("the two parts were built on other processors")
    keys = ["task", "source", "regime", "shots", "seed"]
    whole = on_test(sizes[sizes["share"] == 1]).set_index(keys)["value"]
    there = on_test(atlas.load("transfer")).set_index(keys)["value"]
    assert whole.tolist() == there.loc[whole.index].tolist()


def test_the_leads_are_those_of_the_rows(sizes):
    transfer = atlas.load("transfer")
    told = atlas.by_size(sizes, transfer)
    assert len(told) == len(PAIRS) * len(SHARES) * 2
    assert set(told.loc[told["share"] == 1, "against_all"]) == {""}
    one = told[(told["task"] == "digits") & (told["regime"] == "frozen")].iloc[0]
    ours = on_test(sizes[(sizes["task"] == "digits") & (sizes["share"] == one["share"])])
    ours = ours[ours["regime"] == "frozen"]["value"].mean()
    bare = on_test(transfer[(transfer["task"] == "digits") & (transfer["shots"] == 10)])
    bare = bare[(bare["regime"] == "scratch") & (bare["backbone"] == "resnet8")]
    bare = bare[bare["seed"] < SOURCE_SEEDS]["value"].mean()
    assert one["difference"] == pytest.approx(ours - bare)
