"""What notebook 08 asks for: functions, right ones and typical wrong ones, and cards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlteach.base import rng
from tlteach.measures import judge

Groups = Sequence[Mapping[str, Any]]
FIELDS = {
    "data": ("what", "source", "licence", "who is missing", "known faults"),
    "model": ("intended use", "not for", "source data", "licence", "groups", "limits"),
}
COLUMNS = ("group", "n", "accuracy", "ci_low", "ci_high")
LICENCES = ("Apache-2.0", "CC BY 4.0", "MIT")


def worst(hits: dict[str, int], counts: dict[str, int], least: int) -> str:
    """Return the group with the lowest accuracy among those with enough images."""
    shares = {group: hits[group] / counts[group] for group in counts if counts[group] >= least}
    if not shares:
        return "none"
    return min(shares, key=lambda group: shares[group])


def groups_of_images() -> list[tuple[dict[str, int], dict[str, int], int]]:
    """Return right answers and images by group, and the least number of images."""
    random = rng(0, "test")
    names = ("bird", "building", "face", "plant")
    found: list[tuple[dict[str, int], dict[str, int], int]] = [
        ({"bird": 1, "face": 30}, {"bird": 5, "face": 50}, 60),
        ({"bird": 3, "face": 20}, {"bird": 10, "face": 50}, 10),
        ({"bird": 0}, {"bird": 1}, 1),
        ({"face": 20, "bird": 9}, {"bird": 10, "face": 50}, 10),  # in another order
    ]
    for least in 4 * (1, 10, 20, 30):
        counts = [least, *random.integers(5, 60, 3).tolist()]
        hits = [int(random.integers(0, n + 1)) for n in counts]
        shares = [hit / n for hit, n in zip(hits, counts, strict=True)]
        if len(set(shares)) == len(shares):  # of two that are equally bad, either is right
            found.append(
                (dict(zip(names, hits, strict=True)), dict(zip(names, counts, strict=True)), least)
            )
    return found


GROUPS = (
    ({"bird": 0, "face": 4, "plant": 3}, {"bird": 1, "face": 10, "plant": 5}, 5),
    ({"bird": 1, "face": 8}, {"bird": 5, "face": 10}, 5),
    ({"bird": 1}, {"bird": 4}, 5),
)


def whatever_small(hits: dict[str, int], counts: dict[str, int], least: int) -> str:
    """Forget the least number of images."""
    return worst(hits, counts, 1)


def fewest_hits(hits: dict[str, int], counts: dict[str, int], least: int) -> str:
    """Take the group with the fewest right answers."""
    return min((g for g in counts if counts[g] >= least), key=lambda g: hits[g], default="none")


def best(hits: dict[str, int], counts: dict[str, int], least: int) -> str:
    """Take the group with the highest accuracy."""
    return worst({group: counts[group] - hits[group] for group in counts}, counts, least)


def strictly_more(hits: dict[str, int], counts: dict[str, int], least: int) -> str:
    """Leave out a group with just enough images."""
    return worst(hits, counts, least + 1)


def paired_error(ours: list[float], theirs: list[float]) -> float:
    """Return the standard error of the mean difference of two paired lists."""
    gaps = np.subtract(ours, theirs).tolist()
    mean = sum(gaps) / len(gaps)
    variance = sum((gap - mean) ** 2 for gap in gaps) / (len(gaps) - 1)
    return float((variance / len(gaps)) ** 0.5)


def things_drawn_twice() -> list[tuple[list[float], list[float]]]:
    """Return shares of right answers for the same things in two styles."""
    random = rng(1, "test")
    found = [([1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.5]), ([0.5, 0.75], [0.5, 0.75])]
    for n in (2, 3, 5, 8, 12):
        easy = random.random(n)
        ours, theirs = (np.clip(easy + random.normal(0.1, 0.2, n), 0, 1) for _ in range(2))
        found.append((ours.round(2).tolist(), (theirs / 2).round(2).tolist()))
    return found


TWICE = (([1.0, 0.75, 0.5, 0.25], [0.5, 0.25, 0.0, 0.25]),)


def unpaired(ours: list[float], theirs: list[float]) -> float:
    """Add the two variances, as if other things had been drawn."""
    return float(np.sqrt((np.var(ours, ddof=1) + np.var(theirs, ddof=1)) / len(ours)))


def spread(ours: list[float], theirs: list[float]) -> float:
    """Return how far single things lie apart, not their mean."""
    return float(np.std(np.subtract(ours, theirs), ddof=1))


def by_n(ours: list[float], theirs: list[float]) -> float:
    """Divide the squares by n."""
    return float(np.std(np.subtract(ours, theirs)) / np.sqrt(len(ours)))


def helped(gains: pd.DataFrame, level: float) -> int:
    """Count the rows whose gains, one for each seed, are told to help."""
    return sum(judge(row, level)[0] == "helps" for row in gains.to_numpy())


def corrected(gains: pd.DataFrame) -> int:
    """Count them at a level that allows for the number of rows."""
    return helped(gains, 1 - 0.05 / len(gains))


def gains_example() -> Mapping[str, Any]:
    """Return what five seeds gained in twelve classes, made up and clear-cut."""
    wobble = np.array([-0.02, -0.01, 0.0, 0.01, 0.02])
    means = [0.2, 0.15, 0.025, 0.024, 0.023, 0.01, 0.008, 0.006, 0.0, -0.002, -0.01, -0.2]
    return {"gains": pd.DataFrame([mean + wobble for mean in means])}


def intact(data: bytes, expected: str) -> bool:
    """Return whether the SHA-256 of bytes starts with eight or more expected digits."""
    digest = hashlib.sha256(data).hexdigest()
    return len(expected) >= 8 and digest.startswith(expected)


def files() -> list[tuple[bytes, str]]:
    """Return bytes, and the digits that their hash should start with."""
    data = b"weights"
    digest = hashlib.sha256(data).hexdigest()
    wanted = [digest, digest[:8], digest[:12], digest[:7], "", digest[8:20], "0" * 64, "0" * 8]
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    wanted += [digest + "0", md5, digest[:8] + "0000", digest[1:9], digest[-8:]]
    return [(data, one) for one in wanted] + [(b"weighty", digest), (b"", digest[:9])]


HASHES = ((b"", "e3b0c442"), (b"", "e3b0c44"), (b"", "98fc1c14"))


def any_start(data: bytes, expected: str) -> bool:
    """Let nothing at all, or one digit, pass for a hash."""
    return hashlib.sha256(data).hexdigest().startswith(expected)


def anywhere(data: bytes, expected: str) -> bool:
    """Look for the digits anywhere."""
    return len(expected) >= 8 and expected in hashlib.sha256(data).hexdigest()


def whole(data: bytes, expected: str) -> bool:
    """Ask for all 64 digits."""
    return hashlib.sha256(data).hexdigest() == expected


def another_hash(data: bytes, expected: str) -> bool:
    """Use MD5."""
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return len(expected) >= 8 and digest.startswith(expected)


class Cards(dict[str, dict[str, Any]]):
    """Two cards that are told in a few words, for pages where whole cards have no room."""

    def __repr__(self) -> str:
        return f"two cards, {complaint(self) or 'whole'}"


class CardPair:
    """A data card and a model card: a dict with "data" and "model", each a dict of fields."""

    def attempted(self, answer: Any) -> bool:
        """Return whether anything is there."""
        return answer is not None and answer is not ...

    def fault(self, answer: Any) -> str:
        """Return whether these are no two cards."""
        if isinstance(answer, dict) and all(isinstance(answer.get(one), dict) for one in FIELDS):
            return ""
        return f"the answer is a dict of two dicts, 'data' and 'model'; got {str(answer)[:80]}"

    def agrees(self, answer: Any, wanted: Any) -> bool:
        """Compare what is wrong with both first; with good cards that is nothing."""
        return complaint(answer) == complaint(wanted)


def complaint(cards: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what is wrong with two cards first, in a word, or nothing.

    Examples
    --------
    >>> complaint({"data": {}, "model": {}}), complaint(good_cards([example_row()] * 2))
    ('a field missing', '')
    """
    if any(name not in cards[one] for one, names in FIELDS.items() for name in names):
        return "a field missing"
    model, data = cards["model"], cards["data"]
    texts = [card[name] for card in (data, model) for name in card if name != "groups"]
    if any(not isinstance(text, str) or len(text.strip()) < 3 for text in texts):
        return "a field empty"
    if any(licence not in data["licence"] for licence in LICENCES):
        return "licences not named"
    if "imagenet" not in model["source data"].lower():
        return "source not named"
    groups = model["groups"]
    if not isinstance(groups, list) or len(groups) < 2:
        return "groups in one average"
    if any(name not in row for row in groups for name in COLUMNS):
        return "groups without intervals"
    return "hardly a word on what it is not for" if len(model["not for"].split()) < 4 else ""


def example_row() -> dict[str, Any]:
    """Return a row of the table of groups, made up."""
    return {"group": "noto", "n": 224, "accuracy": 0.4, "ci_low": 0.35, "ci_high": 0.45}


def groups_example() -> Mapping[str, Any]:
    """Return the rows of two groups, made up."""
    row = example_row()
    return {"groups": [row, row | {"group": "twemoji", "accuracy": 0.41}]}


def good_cards(groups: Groups) -> Cards:
    """Return two cards with nothing missing, around the numbers of a run."""
    data = {
        "what": "Drawings of 12 kinds of thing in four styles, 64 pixels wide.",
        "source": "Noto, Twemoji and Fluent emoji, from npm packages.",
        "licence": "Apache-2.0 (Noto), CC BY 4.0 (Twemoji), MIT (Fluent). Name the authors.",
        "who is missing": "People. Faces are cartoons; photographs are missing altogether.",
        "known faults": "Faces are many and birds are few; siblings may stand on both sides.",
    }
    model = {
        "intended use": "To learn in class what pretrained weights bring along.",
        "not for": "Decisions about people, photographs, or any other style of drawing.",
        "source data": "ImageNet-1k: photographs, hardly any class of people.",
        "licence": "Apache-2.0 for the weights; terms of the photographs are others.",
        "groups": list(groups),
        "limits": "Ten labels per class; one set of test images; classes of few things.",
    }
    return Cards(data=data, model=model)


def spoilt(card: str, field: str, value: Any) -> Callable[[Groups], Cards]:
    """Return a way to write good cards with one field spoilt; None takes it away."""

    def cards(groups: Groups) -> Cards:
        found = good_cards(groups)
        if value is None:
            del found[card][field]
        else:
            found[card][field] = value
        return found

    return cards


def without_intervals(groups: Groups) -> Cards:
    """Leave out the intervals."""
    return good_cards([{"group": row["group"], "accuracy": row["accuracy"]} for row in groups])
