"""What an audit finds with a frozen network: labels that may be wrong, outliers, shortcuts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler

from tlteach.data import UNKNOWN
from tlteach.data.album import Album
from tlteach.data.findings import Finding, about
from tlteach.measures import label_suspects, outlyingness

FOLDS, REPEATS = 5, 3
ABLE = 0.85  # right out of fold: below, a hard image and a wrong label look alike
SHARE = 0.15  # of the images: what is told, as notes, where the head is not able
FAR = 3.5  # robust deviations
ALARM = 0.9  # the lower end of a class's area under the ROC curve

Numbers = NDArray[np.float64]


def out_of_fold(
    values: Numbers,
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    *,
    c: float,
    seed: int,
    repeats: int = REPEATS,
) -> Numbers | None:
    """Return what logistic regression says of rows that it did not learn from.

    The mean over divisions into five folds (fewer where a class has fewer groups), groups whole.
    None where a class has fewer than two groups.

    Parameters
    ----------
    values : (n, width) array
        Standardised inside, over all rows: that looks at no label.
    labels, groups : (n,) array of int
    c : float
        Inverse strength of the penalty.
    seed : int
        Deals the folds.
    repeats : int, default 3

    Returns
    -------
    (n, n_classes) array of probabilities, or None
    """
    n_classes = int(labels.max()) + 1
    owners = min(len(np.unique(groups[labels == j])) for j in range(n_classes))
    if owners < 2:
        return None
    said, folds = np.zeros((len(labels), n_classes)), min(FOLDS, owners)
    values = _rotated(StandardScaler().fit_transform(values))
    for repeat in range(repeats):
        deal = StratifiedGroupKFold(folds, shuffle=True, random_state=repeats * seed + repeat)
        for learnt, held in deal.split(values, labels, groups):
            if len(np.unique(labels[learnt])) < 2:
                return None
            head = LogisticRegression(C=c, max_iter=1000, tol=1e-3)
            head.fit(values[learnt], labels[learnt])
            said[np.ix_(held, head.classes_)] += head.predict_proba(values[held]) / repeats
    return said


def _rotated(values: Numbers) -> Numbers:
    """Return rows in as few columns as hold them: the same answers, several times sooner."""
    if values.shape[1] <= len(values):
        return values
    left, size, _ = np.linalg.svd(values, full_matrices=False)
    return np.asarray(left * size)


def wrong_labels(
    album: Album, features: NDArray[np.float32], groups: NDArray[np.int64], seed: int
) -> list[Finding]:
    """Name labels that may be wrong, by confident learning on a head over frozen features.

    Where the head is not able, its count of wrong labels says little: then every image that it
    names otherwise is a suspect (the paper's baseline, "confusion"), the least likely label first.
    """
    rows = np.flatnonzero(album.labels != UNKNOWN)
    labels = album.labels[rows]
    said = out_of_fold(features[rows].astype(float), labels, groups[rows], c=0.1, seed=seed)
    if said is None:
        what = "not looked for: a class has one group of images, which leaves nothing to learn from"
        return [Finding("note", "wrong label", what, "take images of more things of each class")]
    right = float((said.argmax(1) == labels).mean())
    suspects, severity, found = label_suspects(said, labels), "warning", []
    if right < ABLE:
        against = np.flatnonzero(said.argmax(1) != labels)
        order = said[against, labels[against]].argsort(kind="stable")
        severity, suspects = "note", against[order][: max(1, round(SHARE * len(rows)))]
        what = (
            f"a head on frozen features names {right:.0%} right out of fold, so a wrong label and "
            f"a hard image look alike to it: {len(suspects)} are listed, the least likely first"
        )
        found.append(Finding("note", "wrong label", what, "look at them, expect few to be wrong"))
    for k in suspects.tolist():
        own = said[k, labels[k]]
        other = int(np.where(np.arange(said.shape[1]) == labels[k], -1, said[k]).argmax())
        suggests = album.classes[other]
        what = f"looks like {suggests} ({said[k, other]:.0%}), is labelled {own:.0%} likely"
        do = "look at it; change the label only if you can see that it is wrong"
        found.append(
            Finding(
                severity, "wrong label", what, do, **about(album, rows[k]), suggests=suggests,
                score=float(1 - own),
            )
        )  # fmt: skip
    return found


def outliers(album: Album, features: NDArray[np.float32]) -> list[Finding]:
    """Name images that are unlike all others, a duplicate or a class of one among them."""
    if len(features) <= FOLDS:
        return []
    far = outlyingness(features)
    do = "see whether it belongs here: a drawing, a screenshot, the wrong file?"
    return [
        Finding(
            "warning", "outlier", "unlike every other image here", do, **about(album, i),
            score=float(far[i]),
        )
        for i in np.argsort(-far, kind="stable")
        if far[i] > FAR
    ]  # fmt: skip


def trivial(album: Album) -> pd.DataFrame:
    """Return a few numbers of each image that say nothing about what it shows.

    Colours, contrast and border of the square, and of files size, shape, bytes and type.

    Examples
    --------
    >>> import tlteach as tlt
    >>> numbers = trivial(Album.of(tlt.load_task("digits")))
    >>> numbers.shape, round(float(numbers["brightest part"].max()))
    ((1797, 11), 255)
    """
    rows = []
    for image in album.images:
        rgb = image.numpy().astype(np.float32)
        if len(rgb) == 1:
            rgb = np.repeat(rgb, 3, 0)
        width = max(1, rgb.shape[1] // 20)
        border = np.ones(rgb.shape[1:], bool)
        border[width:-width, width:-width] = False
        grey, edge = rgb.mean(0), rgb[:, border]
        low, high = np.percentile(grey, (1, 99))
        rows.append(
            [*rgb.mean((1, 2)), grey.std(), low, high, *edge.mean(1), edge.std(), _colour(rgb)]
        )
    names = [
        "red", "green", "blue", "contrast", "darkest part", "brightest part", "red of the border",
        "green of the border", "blue of the border", "contrast of the border", "colourfulness",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=names, dtype=float)
    if len(album.facts):
        facts = album.facts
        table["width"], table["height"] = (np.log(facts[s].to_numpy()) for s in ("width", "height"))
        table["shape"] = table["width"] - table["height"]
        pixels = facts["width"].to_numpy() * facts["height"].to_numpy()
        table["bytes per pixel"] = np.log(facts["bytes"].to_numpy() / pixels)
        for kind in sorted(facts["format"].unique())[1:]:
            table[f"file type {kind}"] = (facts["format"] == kind).to_numpy(dtype=float)
    return table


def _colour(rgb: NDArray[np.float32]) -> float:
    return float((rgb.max(0) - rgb.min(0)).mean())


def shortcuts(album: Album, groups: NDArray[np.int64], seed: int) -> list[Finding]:
    """Tell whether trivial numbers predict the class out of fold, and which class they give away.

    A class is alarming where the 95 % interval of its area under the ROC curve (Hanley and
    McNeil, 1982) lies above 0.9. All classes together are a note where the share of right answers
    is above that of the largest class by Wilson's 95 % interval.
    """
    rows = np.flatnonzero(album.labels != UNKNOWN)
    labels, numbers = album.labels[rows], trivial(album).iloc[rows]
    said = out_of_fold(numbers.to_numpy(), labels, groups[rows], c=1.0, seed=seed, repeats=1)
    if said is None:
        return []
    do = "if that is the background, the camera or the file, take images that differ in it alone"
    found = []
    for j, name in enumerate(album.classes):
        mine = labels == j
        area = float(roc_auc_score(mine, said[:, j]))
        low = area - 1.96 * _error(area, int(mine.sum()), int((~mine).sum()))
        if low > ALARM:
            which = _telling(numbers, mine)
            what = (
                f"trivial numbers tell it from the rest: area {area:.2f}, at least {low:.2f} "
                f"(95 % interval); most of all {which}"
            )
            found.append(Finding("warning", "shortcut", what, do, "", name, score=area))
    right = int((said.argmax(1) == labels).sum())
    low = binomtest(right, len(labels)).proportion_ci(method="wilson").low
    chance = float(np.bincount(labels).max() / len(labels))
    if low > chance and not found:
        what = (
            f"trivial numbers name {right / len(labels):.0%} of the classes right out of fold, at "
            f"least {low:.0%} (95 % interval); the largest class alone: {chance:.0%}"
        )
        do = "colour may belong to the thing: compare with the baseline raw_pixels"
        found.append(Finding("note", "shortcut", what, do, score=right / len(labels)))
    return found


def _error(area: float, n: int, m: int) -> float:
    """Return the standard error of an area under the ROC curve of n against m rows."""
    area = min(area, 1 - 0.5 / (n * m))  # an area of 1 has no error by the formula
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (n - 1) * (one - area**2) + (m - 1) * (two - area**2)
    return float(np.sqrt(max(variance, 0) / (n * m)))


def _telling(numbers: pd.DataFrame, mine: NDArray[np.bool_]) -> str:
    """Name the number that alone tells a class best, and to which side."""
    areas = {name: float(roc_auc_score(mine, numbers[name])) for name in numbers.columns}
    name = max(areas, key=lambda name: abs(areas[name] - 0.5))
    return f"{name} ({'higher' if areas[name] > 0.5 else 'lower'})"
