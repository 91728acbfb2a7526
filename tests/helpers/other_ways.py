"""Another right way for every asked function, and what is drawn to compare both."""

import hashlib

import numpy as np
import pandas as pd
from hypothesis import strategies as st

SHARE = st.integers(0, 8).map(lambda eighths: eighths / 8)  # few of them, so that many are equal
SMALL = st.integers(1, 5)
RUN = st.tuples(st.sampled_from("abcd"), SHARE, st.integers(0, 3))
INF = float("inf")


def lists(least=1, most=6, of=SHARE):
    return st.lists(of, min_size=least, max_size=most)


def pairs(least=1, one=SHARE, other=SHARE):
    """Draw two lists of the same length."""
    return st.lists(st.tuples(one, other), min_size=least, max_size=6).map(
        lambda found: tuple(map(list, zip(*found, strict=True)))
    )


def tables(least=1):
    """Draw lists of the same length by name."""
    return st.integers(least, 4).flatmap(
        lambda n: st.dictionaries(st.sampled_from("abcd"), lists(n, n), min_size=1)
    )


def stop(losses, patience):
    place = np.arange(len(losses))
    lowest_before = np.minimum.accumulate([INF, *losses])[:-1]
    best = np.maximum.accumulate(np.where(np.array(losses) < lowest_before, place, 0))
    ends = np.flatnonzero(place - best >= patience)
    return best[ends[0] if len(ends) else -1]


def rate(stage, stages, lr, decay):
    return lr if stage == stages - 1 else decay * rate(stage + 1, stages, lr, decay)


def setting(same_classes, same_images, seen):
    if not same_classes:
        return {"labels": "inductive"}.get(seen, "neither")
    words = {"labels": "supervised adaptation", "images": "transductive"}
    return "no transfer" if same_images else words.get(seen, "domain generalisation")


def choose(found, alone, margin):
    kept = pd.Series(found)
    kept = kept[kept - alone > margin]
    return "none" if kept.empty else kept.idxmax()


def rescue(gain_low, left_low, left_high):
    words = {(1, 1): "helps now", (-1, -1): "less harm"}
    sides = int(np.sign(left_low)), int(np.sign(left_high))
    return "not shown" if not gain_low > 0 else words.get(sides, "harm may be left")


def worst(hits, counts, least):
    table = pd.DataFrame({"hits": hits, "n": counts}).query("n >= @least")
    return "none" if table.empty else (table["hits"] / table["n"]).idxmin()


def hide(picture, start, width, level):
    hidden = np.array(picture)
    hidden[:, start : start + width] = level
    return hidden


def standardise(train, value):
    spread = np.std(train)
    return (value - np.mean(train)) / (spread if spread > 1e-9 else 1)


def of_shares(drawn):
    """Return hits and counts, unless two groups are equally bad."""
    hits = {name: min(one, n) for name, (one, n) in drawn.items()}
    return hits, {name: n for name, (_, n) in drawn.items()}


def no_two_alike(values):
    values = list(values)
    return len(set(values)) == len(values)


def starts(data):
    """Draw beginnings of a hash, and what is none."""
    digest = hashlib.sha256(data).hexdigest()
    whole = st.integers(0, 64).map(lambda n: digest[:n])
    parts = st.integers(1, 50).map(lambda n: digest[n : n + 10])
    return st.tuples(st.just(data), whole | parts | whole.map(lambda text: f"{text}0"))


ROWS = st.lists(lists(3, 3), min_size=1, max_size=5)
STAGES = SMALL.flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n)))
GROUPS = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 9), st.integers(1, 9)))
PICTURES = st.lists(lists(6, 6, st.integers(0, 9)), min_size=1, max_size=3)
MIXED = pairs(2).filter(lambda two: all(len(set(one)) > 1 for one in two))
DISTINCT = st.dictionaries(st.sampled_from("abcd"), SHARE, min_size=1).filter(
    lambda found: no_two_alike(found.values())
)
# by exercise: what is drawn, and another right way
OTHER = {
    "00.3": (
        st.tuples(lists(of=st.integers(0, 3))),
        lambda labels: pd.Series(labels).value_counts(normalize=True).iloc[0],
    ),
    "01.3": (
        st.tuples(SHARE, SHARE, st.integers(1, 9)).map(
            lambda t: (min(t[:2]) - 0.5, max(t[:2]) - 0.5, t[2])
        ),
        lambda low, high, n: (
            ("hurts", "cannot tell", "helps")[1 + (low > 0) - (high < 0)] if n > 4 else ""
        ),
    ),
    "02.2": (st.tuples(lists(1, 9), SMALL), stop),
    "02.3": (
        st.tuples(lists(), st.integers(1, 8)).map(
            lambda t: ([15 * i for i in range(len(t[0]))], t[0], t[1] / 8)
        ),
        lambda steps, values, final: next(
            (s for s, v in zip(steps, values, strict=True) if v / final >= 0.9), INF
        ),
    ),
    "03.1": (
        st.tuples(st.dictionaries(st.sampled_from("abcd"), lists(), min_size=1)),
        lambda validation: pd.Series({s: np.mean(v) for s, v in validation.items()}).idxmax(),
    ),
    "03.3": (
        st.tuples(STAGES, SHARE, SHARE).map(lambda t: (*t[0], 0.1 + t[1], 0.5 + t[2] / 2)),
        rate,
    ),
    "04.1": (
        st.tuples(st.booleans(), st.booleans(), st.sampled_from(("labels", "images", "nothing"))),
        setting,
    ),
    "04.3": (
        st.tuples(SHARE, MIXED).map(lambda t: (t[0], *t[1])),
        lambda value, source, target: (
            (value - np.mean(source)) / np.std(source) * np.std(target) + np.mean(target)
        ),
    ),
    "05.2": (
        st.tuples(lists(), tables()),
        lambda with_source, without: np.mean(with_source) - pd.DataFrame(without).mean().max(),
    ),
    "05.4": (st.tuples(DISTINCT, SHARE, SHARE.map(lambda share: share - 0.5)), choose),
    "05.5": (
        st.tuples(SHARE, SHARE, SHARE).map(
            lambda t: (t[0] - 0.5, min(t[1:]) - 0.5, max(t[1:]) - 0.5)
        ),
        rescue,
    ),
    "06.2": (
        st.tuples(ROWS.filter(lambda rows: all(r.count(max(r)) == 1 for r in rows)), SHARE),
        lambda rows, threshold: [
            (i, np.argmax(row)) for i, row in enumerate(rows) if np.max(row) > threshold
        ],
    ),
    "06.4": (
        st.tuples(
            ROWS.filter(lambda rows: no_two_alike(sorted(r)[-1] - sorted(r)[-2] for r in rows)),
            st.integers(0, 1),
        ),
        lambda rows, n: np.argsort(np.diff(np.sort(rows))[:, -1])[:n],
    ),
    "07.1": (
        pairs(other=st.booleans()),
        lambda heat, inside: np.average(inside, weights=heat) if any(heat) else 0,
    ),
    "07.3": (
        pairs(one=SMALL, other=st.tuples(SHARE, SHARE)).map(
            lambda t: (t[0], [a for a, _ in t[1]], [b for _, b in t[1]])
        ),
        lambda counts, confidence, accuracy: np.average(
            np.abs(np.subtract(confidence, accuracy)), weights=counts
        ),
    ),
    "08.1": (
        st.tuples(GROUPS.map(of_shares), st.integers(1, 9))
        .filter(lambda t: no_two_alike(t[0][0][g] / t[0][1][g] for g in t[0][0]))
        .map(lambda t: (*t[0], t[1])),
        worst,
    ),
    "08.2": (pairs(2), lambda ours, theirs: pd.Series(ours).sub(theirs).sem()),
    "08.4": (
        st.binary(max_size=3).flatmap(starts),
        lambda data, expected: (
            bool(expected[7:]) and hashlib.sha256(data).hexdigest()[: len(expected)] == expected
        ),
    ),
    "09.3": (pairs(other=SMALL), lambda accuracies, sizes: np.average(accuracies, weights=sizes)),
    "11.4": (
        pairs(one=st.integers(0, 3), other=st.integers(0, 2)),
        lambda answers, labels: pd.Series(np.equal(answers, labels)).groupby(labels).mean().mean(),
    ),
    "12.1": (
        st.tuples(st.integers(0, 15).map(lambda steps: 17 * steps)),
        lambda value: np.interp(value, [0, 255], [-60, 0]),
    ),
    "12.2": (
        st.tuples(tables()),
        lambda by_accent: pd.DataFrame(by_accent).mean().pipe(lambda m: m.mean() - m.min()),
    ),
    "12.5": (st.tuples(PICTURES, st.integers(0, 3), st.integers(0, 3), st.just(17)), hide),
    "13.1": (st.tuples(lists(), SHARE), standardise),
    "13.3": (
        st.tuples(lists(2), SMALL, SMALL),
        lambda scores, n_train, n_test: (
            (np.var(scores, ddof=1) * (1 / len(scores) + n_test / n_train)) ** 0.5
        ),
    ),
    "14.4": (
        st.tuples(lists(), lists(), SHARE),
        lambda healthy, sick, specificity: np.mean(
            np.array(sick) > np.quantile(healthy, specificity, method="inverted_cdf")
        ),
    ),
    "14.5": (
        st.tuples(SHARE, SHARE, SHARE).filter(lambda t: t[0] > 0 and t[2] > 0),
        lambda sensitivity, specificity, prevalence: (
            1 / (1 + (1 - specificity) * (1 - prevalence) / (sensitivity * prevalence))
        ),
    ),
    "15.1": (
        pairs(1, st.integers(0, 5), SMALL),
        lambda right, counts: np.mean(np.array(right) / np.array(counts)),
    ),
    "15.3": (
        st.lists(RUN, min_size=1, max_size=6, unique_by=lambda run: run[1:]).map(lambda r: (r,)),
        lambda runs: min(runs, key=lambda run: (-run[1], run[2]))[0],
    ),
    "15.4": (
        st.tuples(lists(), SHARE),
        lambda confidences, sure: np.sum(1 - np.array(confidences)[np.array(confidences) >= sure]),
    ),
    "16.1": (
        pairs(1, st.booleans(), st.booleans()).filter(lambda two: any(map(any, two))),
        lambda found, true: np.logical_and(found, true).sum() / np.logical_or(found, true).sum(),
    ),
    "16.3": (
        st.tuples(lists(of=SMALL), SMALL),
        lambda ranks, k: np.mean(np.array(ranks) < k + 1),
    ),
    "16.4": (
        st.tuples(lists(of=st.integers(1, 8).map(lambda eighths: eighths / 8))),
        lambda chances: -np.log2(np.prod(chances)) / len(chances),
    ),
}
