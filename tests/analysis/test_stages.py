"""What a probe reads from each stage, and from one network after learning on another."""

import pandas as pd
import pytest
import torch

import tlteach as tlt
from tlteach.analysis import feature_maps, probe_accuracies, probe_stages, stage_features
from tlteach.measures import fit_probes
from tlteach.models.inference import reading


@pytest.fixture(scope="module")
def digits():
    return tlt.load_task("digits")


@pytest.fixture(scope="module")
def net():
    return tlt.load_backbone("small:glyphs")


def test_the_last_stage_is_what_features_are_made_of(net, digits):
    images = digits.test.images[:70]  # more than a batch
    found = stage_features(net, images)
    assert list(found) == list(net.stages)
    whole = tlt.extract_features(net, images, precision="fp32", cached=False)
    torch.testing.assert_close([*found.values()][-1], whole, rtol=1e-4, atol=1e-5)


def test_stage_features_leave_the_network_as_it_was(net, digits):
    before = {name: value.clone() for name, value in net.state_dict().items()}
    net.train()
    stage_features(net, digits.test.images[:8])
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    net.eval()


def test_a_stage_is_probed_by_its_own_labels_alone(net, digits):
    alone = probe_stages(net, digits, seeds=[1], shots=5)
    beside = probe_stages(net, digits, seeds=[0, 1], shots=5)
    again = beside[beside["seed"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, again, rtol=0.02)  # batches of another size round apart
    assert alone[["val", "test"]].stack().between(0, 1).all()


def test_heads_are_those_of_a_plain_probe(net, digits):
    few = tlt.few_shot(digits, 5, seed=3).labelled
    x = tlt.extract_features(net, few.images)
    heads = fit_probes(x, few.labels, [torch.arange(len(x))], [0.01], n_classes=10)
    said = heads.logits(tlt.predict(net, digits.test.images))[0, 0]
    found = probe_accuracies(digits, net, seeds=[3], shots=5)
    assert found.loc[3] == pytest.approx(tlt.accuracy(said, digits.test.labels), abs=0.01)


def test_a_head_that_is_tested_on_another_network_loses(net, digits):
    other = tlt.load_backbone("small:glyphs-random", seed=0)
    own = probe_accuracies(digits, net, seeds=range(3), shots=5)
    lost = own - probe_accuracies(digits, net, other, seeds=range(3), shots=5)
    assert (lost > 0.1).all()


def test_no_seed_is_refused(net, digits):
    with pytest.raises(ValueError, match="number of seeds"):
        probe_accuracies(digits, net, seeds=[])


def test_what_stages_say_is_what_their_modules_give(digits):
    """Against the network taken apart by hand: module after module, averaged over places."""
    small, images = tlt.load_backbone("small_cnn", seed=0), digits.train.images[:20]
    found = stage_features(small, images)
    x = small.preprocessing(images)
    with torch.no_grad(), reading(small):
        for name, stage in small.stages.items():
            for module in stage:
                x = module(x)
            assert torch.allclose(found[name], x.mean((2, 3)) if x.ndim == 4 else x, atol=1e-5)
    assert not any(module._forward_hooks for module in small.modules())


def test_a_text_says_the_same_alone_and_beside_a_longer_one():
    net, texts = tlt.load_backbone("small_text"), tlt.load_task("reviews").test.inputs[:6]
    together = stage_features(net, texts)
    for name, said in together.items():
        assert torch.equal(said[2:3], stage_features(net, texts[2:3])[name])
        assert said.shape[0] == 6


def test_stages_say_the_same_bits_before_and_after_a_prediction(digits):
    net, images = tlt.load_backbone("small:fashion", seed=1), digits.test.images[:8]
    first = stage_features(net, images)
    tlt.predict(net, images)  # changes how weights lie in memory
    again = stage_features(net, images)
    assert all(torch.equal(x, again[name]) for name, x in first.items())


def test_maps_averaged_over_places_are_the_features_of_a_stage(net, digits):
    images = digits.test.images[:70]  # more than a batch
    for stage, wanted in stage_features(net, images).items():
        found = feature_maps(net, images, stage)
        assert found.ndim == 4
        torch.testing.assert_close(found.mean((2, 3)), wanted, rtol=1e-4, atol=1e-5)


def test_maps_are_what_timm_gives():
    import timm

    net = tlt.load_backbone("lite0", size=64)
    images = tlt.load_task("photos").test.images[:2]
    plain = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    plain.load_state_dict(net.net.state_dict(), strict=False)
    with torch.inference_mode():
        x = plain.bn1(plain.conv_stem(net.preprocessing(images)))
        for block in plain.blocks[:5]:
            x = block(x)
    torch.testing.assert_close(feature_maps(net, images, "blocks.4"), x, rtol=1e-4, atol=1e-4)


def test_a_stage_without_maps_is_told(net, digits):
    with pytest.raises(ValueError, match="stage must be one of"):
        feature_maps(net, digits.test.images[:1], "nowhere")
    texts = tlt.load_task("reviews", domains=["films"]).test.inputs[:1]
    with pytest.raises(ValueError, match="one that gives maps; got 'mix', which gives none"):
        feature_maps(tlt.load_backbone("small_text"), texts, "mix")
