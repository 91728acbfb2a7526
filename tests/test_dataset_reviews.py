"""The shipped reviews: card, counts, texts, splits without leaks; test_datasets.py has the rest."""

import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent / "datasets" / "reviews"
DOMAINS = ["tweets", "films", "products", "editorials"]
ARCHIVE = "pip/vaderSentiment-3.3.2.tar.gz"


@cache
def arrays() -> dict[str, np.ndarray]:
    with np.load(ROOT / "reviews.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


@cache
def texts() -> list[str]:
    return [row.tobytes().rstrip(b"\0").decode("utf-8") for row in arrays()["images"]]


@cache
def card() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def sides(mask: np.ndarray) -> list[int]:
    return np.bincount(arrays()["split"][mask], minlength=2).tolist()


def test_arrays_have_the_shapes_and_types_of_the_card():
    found = arrays()
    n = len(found["labels"])
    assert found["images"].shape == (n, 256)
    assert found["groups"].dtype == np.int32
    for key in ("images", "labels", "domains", "split"):
        assert found[key].dtype == np.uint8
    for key in ("domains", "groups", "split", "ratings", "ids"):
        assert found[key].shape == (n,)
    assert found["classes"].tolist() == ["negative", "positive"]
    assert found["domain_names"].tolist() == DOMAINS
    assert f"{n:,} short English texts" in card()


def test_card_fields():
    fields = dict(re.findall(r"^\*\*(\w+):\*\* (.+?)\n\n", card(), re.MULTILINE | re.DOTALL))
    assert "vaderSentiment 3.3.2" in fields["Source"]
    assert fields["Licence"].startswith("MIT")
    assert "Copyright (c) 2016 C.J. Hutto" in (ROOT / "LICENSE").read_text()
    assert re.search(
        r"Hutto and E\.E\. Gilbert \(2014\).*changed here", fields["Attribution"], re.S
    )
    for heading in ("Where labels come from", "Rights and care", "Known faults"):
        assert f"\n## {heading}\n" in card()


def test_card_counts_match_the_data():
    found = arrays()
    everything = np.ones(len(found["labels"]), bool)
    for label, name in enumerate(found["classes"]):
        train, test = sides(found["labels"] == label)
        assert f"| {name} | {train} | {test} |" in card()
    assert "| all | {} | {} |".format(*sides(everything)) in card()
    for domain, name in enumerate(DOMAINS):
        of_domain = found["domains"] == domain
        negative, positive = (sides(of_domain & (found["labels"] == label)) for label in (0, 1))
        cells = [negative[0], positive[0], negative[1], positive[1], *sides(of_domain)]
        assert f"| {name} | {' | '.join(map(str, cells))} |" in card()


def test_labels_are_the_signs_of_ratings_away_from_neutral():
    ratings = arrays()["ratings"]
    assert np.array_equal(arrays()["labels"] == 1, ratings > 0)
    assert np.abs(ratings).min() >= 1
    assert np.abs(ratings).max() <= 4


def test_texts_are_whole_and_tidy():
    assert min(len(text) for text in texts()) >= 4
    for row, text in zip(arrays()["images"], texts(), strict=True):
        assert np.count_nonzero(row) == len(text.encode())
        assert "\0" not in text
        assert text == " ".join(text.split())
        assert not re.search(r"&(amp|lt|gt|quot|#\d+);", text)
        assert not re.search(r"\d{3}[-. ]\d{3}[-. ]\d{4}", text)
    assert not any(re.search(r"(?<!\w)@(?!anonymous)[A-Za-z]\w+", text) for text in texts())


def test_test_split_is_stratified_by_class_and_domain():
    found = arrays()
    assert (found["split"] == 1).sum() >= 1_000
    for domain in range(len(DOMAINS)):
        of_domain = found["domains"] == domain
        train, test = sides(of_domain)
        assert test == min(1_000, round(0.3 * (train + test)))
        whole = found["labels"][of_domain].mean()
        assert found["labels"][of_domain & (found["split"] == 1)].mean() == pytest.approx(
            whole, abs=0.002
        )


@pytest.mark.parametrize("domain", ["products", "editorials"])
def test_snippets_of_one_review_or_article_share_a_group(domain):
    rows = np.flatnonzero(arrays()["domains"] == DOMAINS.index(domain))
    of_origin = defaultdict(set)
    for row in rows:
        of_origin[arrays()["ids"][row].split("_")[0]].add(arrays()["groups"][row])
    assert len(of_origin) > 200
    assert all(len(groups) == 1 for groups in of_origin.values())


def fives(text: str) -> frozenset[str]:
    """Every five letters or digits in a row, or the whole text where there are fewer."""
    for word in ("@anonymous", "http://url_removed"):
        text = text.lower().replace(word, "")
    text = re.sub(r"\brt\b", "", text)
    letters = re.sub(r"[\W_]", "", text)
    if len(letters) < 5:
        return frozenset(["".join(text.split())])
    return frozenset(letters[i : i + 5] for i in range(len(letters) - 4))


def closest(least: float, wanted: list[int]) -> list[tuple[int, int]]:
    """Pairs (wanted row, other row) with a Jaccard similarity of at least `least`.

    Two such sets share one of the rarest members of either, so only these are looked up.
    """
    sets = [fives(text) for text in texts()]
    common = Counter(member for one in sets for member in one)
    holders = defaultdict(list)
    for row, one in enumerate(sets):
        for member in one:
            holders[member].append(row)
    found = []
    for row in wanted:
        one = sets[row]
        rarest = sorted(one, key=lambda member: (common[member], member))
        rarest = rarest[: int((1 - least) * len(one)) + 1]
        for other in {holder for member in rarest for holder in holders[member]} - {row}:
            shared = len(one & sets[other])
            if shared / (len(one) + len(sets[other]) - shared) >= least:
                found.append((row, other))
    return found


@pytest.mark.slow
def test_no_near_duplicates():
    assert closest(0.8, list(range(len(texts())))) == []


@pytest.mark.slow
def test_similar_texts_never_stand_in_two_splits():
    split, groups = arrays()["split"], arrays()["groups"]
    pairs = closest(0.4, np.flatnonzero(split == 1).tolist())
    assert len(pairs) > 10  # the check does find similar texts, within the test split
    assert all(groups[row] == groups[other] for row, other in pairs)


def test_every_row_has_its_own_number_in_the_package():
    keys = set(zip(arrays()["domains"].tolist(), arrays()["ids"].tolist(), strict=True))
    assert len(keys) == len(texts())
    assert all(re.fullmatch(r"\d+" if domain < 2 else r"\d+_\d+", key) for domain, key in keys)
