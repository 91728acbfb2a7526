"""Networks for spectrograms: shapes, an independent forward pass, shipped weights, masks."""

import json

import pytest
import torch
import torch.nn.functional as F

import tlteach as tlt
from tlteach.data import shipped_data
from tlteach.data.augment import mask
from tlteach.data.sound import FRAMES, MELS
from tlteach.models import load_source
from tlteach.models.small import SPEECH
from tlteach.models.speech import AROUND, deepspeech_mini
from tlteach.models.waves import torchaudio_model

NAMES = list(SPEECH)


@pytest.fixture(scope="module")
def accents():
    return load_source("speech_cnn")


@pytest.mark.parametrize("name", NAMES)
def test_shipped_networks_know_the_source_accents(name, accents):
    cards = json.loads((shipped_data() / "weights" / "cards.json").read_text())
    few = tlt.few_shot(accents, 20, seed=0)
    pretrained, random = (tlt.load_backbone(f"{name}{end}", seed=1) for end in ("", "-random"))
    known = tlt.train(pretrained, few, "frozen", seed=0).test(few)["accuracy"]
    fresh = tlt.train(random, few, "frozen", seed=0).test(few)["accuracy"]
    card = cards[f"small-{name}-1.safetensors"]
    assert known > card["accuracy"] - 0.1 > fresh + 0.2
    assert pretrained.card.source == "spoken_source"
    assert pretrained.card.name == name


@pytest.mark.parametrize("name", NAMES)
def test_stages_hold_every_parameter_once(name):
    net = tlt.load_backbone(name)
    inside = [p for stage in net.stages.values() for m in stage for p in m.parameters()]
    assert len(inside) == len(set(inside)) == len(list(net.parameters()))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("regime", ["scratch", "fine_tune", "partial", "bitfit", "gradual"])
def test_they_train_in_every_regime_and_repeat(name, regime, accents):
    few = tlt.few_shot(accents, 2, seed=0)
    config = tlt.TrainConfig(updates=3, batch_size=8, precision="fp32", augment="mask")
    net = tlt.load_backbone(name)
    first, same, other = (tlt.train(net, few, regime, config, seed=s) for s in (1, 1, 2))
    assert first.predictions["train"].equal(same.predictions["train"])
    assert not first.predictions["train"].equal(other.predictions["train"])


def test_deepspeech_in_miniature_equals_plain_layers():
    net = tlt.load_backbone("deepspeech_mini").eval()
    rows = torch.randint(0, 256, (2, 1, MELS, FRAMES), generator=torch.Generator().manual_seed(0))
    x = rows[:, 0].float() / 127.5 - 1
    columns = [x[:, :, min(max(t, 0), FRAMES - 1)] for t in range(-AROUND, FRAMES + AROUND)]
    wide = 2 * AROUND + 1
    frames = torch.stack(
        [torch.stack(columns[t : t + wide], 2).flatten(1) for t in range(FRAMES)], 1
    )
    layers = net.net
    h = frames
    for name in ("dense1", "dense2", "dense3"):
        linear, norm, _ = getattr(layers, name)
        h = F.relu(F.layer_norm(linear(h), (128,), norm.weight, norm.bias))
    h, _ = layers.recurrent.rnn(h)
    linear, norm, _ = layers.dense5
    h = F.relu(F.layer_norm(linear(h), (128,), norm.weight, norm.bias))
    found = tlt.predict(net, rows.byte(), precision="fp32")
    torch.testing.assert_close(found, h.mean(1).detach(), atol=1e-5, rtol=1e-4)


def test_what_is_no_spectrogram_is_refused():
    net = deepspeech_mini()
    for rows in (torch.zeros(2, 3, 40, 48), torch.zeros(2, 1, 28, 28)):
        with pytest.raises(ValueError, match=r"spectrograms must be .* \(n, 1, 40, frames\); got"):
            net(rows.byte())


def test_masks_are_bands_of_at_most_a_quarter_that_take_the_mean():
    rows = torch.randint(0, 200, (300, 1, MELS, FRAMES), generator=torch.Generator().manual_seed(0))
    rows = rows.byte()
    hidden, targets = mask(rows, torch.eye(300), torch.Generator().manual_seed(0))
    assert targets.equal(torch.eye(300))
    mean = rows.float().mean((1, 2, 3)).round()
    for before, after, value in zip(rows[:, 0], hidden[:, 0], mean, strict=True):
        at = after == value
        whole_rows, whole_columns = at.all(1).nonzero()[:, 0], at.all(0).nonzero()[:, 0]
        for places, size in ((whole_rows, MELS), (whole_columns, FRAMES)):
            assert len(places) <= size // 4 + 1
            if len(places):
                assert places.equal(torch.arange(int(places[0]), int(places[-1]) + 1))
        kept = ~at.all(1)[:, None] & ~at.all(0)[None]
        assert before[kept].equal(after[kept])
    assert (hidden != rows).flatten(1).any(1).float().mean() > 0.9


def test_torchaudio_is_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torchaudio", None)
    with pytest.raises(ImportError, match="WAV2VEC2_BASE needs torchaudio; run: pip install"):
        tlt.load_backbone("torchaudio:WAV2VEC2_BASE")


def test_a_torchaudio_model_is_the_mean_of_its_last_layer(monkeypatch, tmp_path):
    torchaudio = pytest.importorskip("torchaudio", reason="no torchaudio for this torch here")
    bundle = torchaudio.pipelines.WAV2VEC2_BASE
    small = bundle._params | {"encoder_embed_dim": 24, "encoder_num_layers": 9}
    small |= {
        "encoder_num_heads": 2,
        "encoder_ff_interm_features": 48,
        "encoder_pos_conv_groups": 2,
    }
    monkeypatch.setattr(bundle, "_params", small)
    net = torchaudio_model("torchaudio:WAV2VEC2_BASE", None).eval()
    assert list(net.stages) == ["embeddings", *(f"layer{i}" for i in range(1, 10))]
    rows = torch.randint(0, 256, (2, 1, 1, 15_552)).byte()
    with torch.no_grad():
        layers, _ = net.net.model.extract_features(net.preprocessing(rows))
    found = tlt.predict(net, rows, precision="fp32")
    torch.testing.assert_close(found, layers[-1].mean(1), atol=1e-5, rtol=1e-4)
    inside = {p for stage in net.stages.values() for m in stage for p in m.parameters()}
    assert inside == {p for n, p in net.net.model.named_parameters() if not n.startswith("aux")}
    monkeypatch.setenv("TLTEACH_OFFLINE", "1")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(ConnectionError, match=r"TLTEACH_OFFLINE is set and wav2vec2.* not in"):
        tlt.load_backbone("torchaudio:WAV2VEC2_BASE")
    with pytest.raises(ValueError, match=r"must be a Wav2Vec2Bundle.* got 'torchaudio:NONE'"):
        tlt.load_backbone("torchaudio:NONE")
