"""Pretraining: the same command gives the same bits, and what ships is what the cards say."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from tlteach.base import sha256
from tlteach.data import load_task, shipped_data
from tlteach.experiment import compare
from tlteach.models import SOURCES, load_backbone, load_small, load_source, small_file
from tlteach.models.small import SPEECH, small_sources
from tlteach.training import pretrain_all
from tlteach.training.pretrain import RECIPE, SEEDS, describe, pretrain

SHIPPED = shipped_data() / "weights"
CARDS = json.loads((SHIPPED / "cards.json").read_text())
SHORT = replace(RECIPE, updates=20)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    cards = [pretrain("fashion_0_4", seed=s, config=SHORT, out=folder) for s in (0, 1)]
    return folder, cards


def test_same_command_same_bits_other_seed_other_bits(made, tmp_path):
    _, (first, second) = made
    again = pretrain("fashion_0_4", seed=0, config=SHORT, out=tmp_path)
    assert again["sha256"] == first["sha256"] != second["sha256"]


def test_what_is_written_is_what_was_trained(made):
    folder, (card, _) = made
    model = load_small("fashion_0_4", seed=0, folder=folder)
    source = load_source("fashion_0_4")
    with torch.no_grad():
        right = model(source.test.images).argmax(1) == source.test.labels
    assert float(right.float().mean()) == pytest.approx(card["accuracy"], abs=1e-3)
    assert model.backbone.card.classes == source.classes
    assert not model.training


def test_side_by_side_loses_no_card(tmp_path):
    # two sources at once, each writing the same list of cards; the recipe itself is tested above
    cards = pretrain_all(["emoji_noto"], range(2), out=tmp_path, n_jobs=2, config=SHORT)
    kept = json.loads((tmp_path / "cards.json").read_text())
    assert sorted(kept) == sorted(card["file"] for card in cards)
    assert (tmp_path / "README.md").read_text() == describe(kept)


def test_all_sources_ship_with_all_seeds():
    pictures = sorted(SOURCES.keys() - SPEECH.keys())
    assert small_sources() == {name: list(SEEDS) for name in pictures}
    for name in SPEECH:
        assert all(load_small(name, seed=seed).head.out_features == 20 for seed in SEEDS)
    assert (SHIPPED / "README.md").read_text() == describe(CARDS)
    files = {path.name for path in SHIPPED.glob("*.safetensors")}
    assert files == set(CARDS)


@pytest.mark.parametrize("name", CARDS)
def test_shipped_weights_are_those_on_the_card(name):
    path, card = SHIPPED / name, CARDS[name]
    assert path.stat().st_size <= 1.5e6
    assert sha256(path) == card["sha256"]
    assert load_source(card["source"], seed=card["seed"]).fingerprint == card["data"]
    assert all(tensor.isfinite().all() for tensor in load_file(path).values())


@pytest.mark.parametrize("source", ["glyphs", "fashion", "emoji_noto"])
def test_shipped_weights_still_give_the_card_s_accuracy(source):
    card = CARDS[small_file(source, 3)]
    model, task = load_small(source, seed=3), load_source(source)
    with torch.no_grad():
        right = torch.cat([model(part).argmax(1) for part in task.test.images.split(200)])
    # a processor that rounds differently may turn an image or two
    assert float((right == task.test.labels).float().mean()) == pytest.approx(
        card["accuracy"], abs=0.003
    )


def test_load_backbone_knows_them_by_name():
    backbone = load_backbone("small:glyphs", seed=2)
    assert backbone.card.name == "small:glyphs"
    assert backbone.card.source == "glyphs"
    assert "A" in backbone.card.classes
    assert backbone.fingerprint() == load_small("glyphs", seed=2).backbone.fingerprint()
    assert backbone.fingerprint() != load_backbone("small:glyphs", seed=1).fingerprint()
    random = load_backbone("small:glyphs-random", seed=2)
    assert random.card.source == "none"
    assert random.fingerprint() == load_backbone("resnet8", seed=2).fingerprint()


def test_errors_say_what_is_there(tmp_path):
    with pytest.raises(ValueError, match=r"source must be one of .*'glyphs'.*got 'imagenet'"):
        load_backbone("small:imagenet")
    with pytest.raises(ValueError, match="seed must be one of 0, 1, 2, 3, 4; got 9"):
        load_backbone("small:glyphs", seed=9)
    with pytest.raises(ValueError, match=r"source must be one of 'glyphs'.*got 'numbers'"):
        pretrain("numbers", seed=0, out=tmp_path)


def test_a_changed_file_is_refused(made):
    folder, _ = made
    path = folder / small_file("fashion_0_4", 1)
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(ValueError, match="is not the expected file: SHA-256 should be"):
        load_small("fashion_0_4", seed=1, folder=folder)


def test_overlap_of_names_with_a_target_is_told(digits):
    table = compare(
        digits,
        backbone="small:glyphs",
        regimes=["frozen"],
        shots=[5],
        seeds=[0],
        search="smoke",
        baselines=False,
        progress=False,
    )
    told = table.attrs["provenance"]["overlap"]
    assert told["small:glyphs"].startswith("Overlap with the source glyphs: 0 of 10 class names;")
    same = load_backbone("small:emoji_noto").card.overlap(load_task("emoji").classes)
    assert "12 of 12 class names (mammal, bird," in same
    assert "not known" in load_backbone("small_cnn").card.overlap(digits.classes)
