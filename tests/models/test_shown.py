"""What a notebook shows of a backbone: its card, and its stages with what of them learns."""

from torch import nn

import tlteach as tlt
from tests.helpers.shown import HOSTILE, SAFE, sound
from tlteach.models import Backbone, ModelCard, Preprocessing


def test_the_card_and_every_stage_are_shown(small):
    frozen = tlt.load_backbone("small_cnn", seed=0).freeze(["stage1", "stage2"])
    page = sound(frozen)
    assert page.texts("caption") == ["Backbone 'small_cnn'", "4 stages, first to last"]
    sizes = {
        n: sum(p.numel() for m in parts for p in m.parameters())
        for n, parts in frozen.stages.items()
    }
    for name, size in sizes.items():
        learns = 0 if name in ("stage1", "stage2") else size
        assert page.facts[name] == [f"{size:,}", f"{learns:,}"]
    free = sizes["stage3"] + sizes["stage4"]
    assert page.facts["parameters"] == [f"{sum(sizes.values()):,}, of which {free:,} may learn"]
    assert page.facts["fingerprint"] == [f"{frozen.fingerprint()[:16]}…"]
    assert page.facts["gives"] == ["96 features"]
    assert page.facts["licence"] == [frozen.card.licence]


def test_the_source_of_real_weights_is_shown():
    page = sound(tlt.load_backbone("lite0"))
    assert page.facts["trained on"] == ["ImageNet-1k, 1,000 classes"]
    assert page.facts["takes"] == ["inputs of 96 px, by its Preprocessing"]
    assert page.facts["origin"] == [tlt.load_backbone("lite0").card.origin]


def test_a_card_that_means_harm_is_text_and_deep_networks_stay_short():
    net = nn.Sequential(*(nn.Linear(3, 3) for _ in range(300)))
    card = ModelCard(HOSTILE, source=HOSTILE, licence="long " * 999, origin=HOSTILE)
    stages = {f"{HOSTILE}{i}": [part] for i, part in enumerate(net)}
    page = sound(Backbone(net, Preprocessing(size=8), card, 3, stages=stages))
    assert page.facts["trained on"] == page.facts["origin"] == [SAFE]
    assert page.facts["and 276 more"] == [f"{276 * 12:,}"] * 2
    assert f"{SAFE}0" in page.facts


def test_a_network_without_stages_is_shown():
    card = ModelCard("mine")
    page = sound(Backbone(nn.Flatten(), Preprocessing(size=8), card, 192, stages={}))
    assert page.facts["parameters"] == ["0, of which 0 may learn"]
    assert len(page.all("table")) == 1
