"""How often intervals miss the truth: over seeds alone, two-way, and two rivals of the two-way one.

    python benchmarks/intervals.py

writes results/intervals.json and the tables of docs/intervals.md. Three parts. Made answers: two
methods, drawn with things, images and seeds that are new each time, equal on the population, so
that every interval without zero is a false word; then two that differ, and one method's accuracy.
Real answers: four classifiers of digits and emoji, each trained on 200 few-shot subsets. Their
subsets and all test images are the population, so the truth is known; tests of any size are drawn
from it, things with replacement, all images of a thing together. Normal parts: what formulas do
where nothing is skewed or discrete, at the corners.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import RESULTS, arguments, machine, save
from table import written

# isort: split
import numpy as np
import torch
import torch.nn.functional as F
from scipy.special import stdtrit

import tlteach as tlt
from tlteach.measures import fit_probes, two_way

PAGE = Path(__file__).resolve().parents[1] / "docs" / "intervals.md"
MARKS = "<!-- intervals -->", "<!-- /intervals -->"
BASE, BETTER = 0.45, 0.60  # what a method gets right of an average image; the better one
THING, IMAGE, RUN = 1.0, 0.7, 0.6  # spread in logits: of things, of images, of one run on one image
ATTEMPTS, SHOTS = 200, 5  # subsets behind the real answers, labels per class in each
KINDS = {"equal": (BASE, BASE), "differ": (BETTER, BASE), "one": (BETTER,)}
PENALTIES = (1e-3, 1.0)  # values of C of the two logistic regressions
CERTAIN = 0.975  # the quantile behind 95 %
NAMES = ("seeds alone", "two-way", "plain sum", "crossed effects")


@dataclass(frozen=True)
class Setting:
    """What answers look like: seeds x (things x images of each), and spreads in logits."""

    name: str
    seeds: int
    things: int
    images: int
    seed: float
    own: float  # what one method knows of one thing and the other does not


SETTINGS = (
    Setting("as emoji: 5 seeds, 251 things x 4 images", 5, 251, 4, 0.05, 0.35),
    Setting("10 seeds, the same", 10, 251, 4, 0.05, 0.35),
    Setting("as digits: 5 seeds, 1,000 images", 5, 1000, 1, 0.1, 0.5),
    Setting("as photographs: 5 seeds, 130 images", 5, 130, 1, 0.1, 0.5),
    Setting("5 seeds, 54 images", 5, 54, 1, 0.1, 0.5),
    Setting("5 seeds, 12 images", 5, 12, 1, 0.1, 0.5),
    Setting("3 seeds, 130 images (no word)", 3, 130, 1, 0.1, 0.5),
    Setting("5 seeds that differ much, 130 images", 5, 130, 1, 0.4, 0.3),
    Setting("5 seeds that differ much, 1,000 images", 5, 1000, 1, 0.4, 0.5),
    Setting("10 seeds that differ much, 251 things x 4", 10, 251, 4, 0.4, 0.35),
)
REAL = (  # task, first and second method, seeds, groups in the test
    ("digits", "C=0.001", "C=1", 5, 54),
    ("digits", "C=0.001", "C=1", 5, 1000),
    ("digits", "class means", "nearest", 10, 250),
    ("digits", "C=0.001", None, 5, 250),
    ("emoji", "C=0.001", "C=1", 5, 251),
    ("emoji", "class means", "nearest", 5, 251),
    ("emoji", "class means", "nearest", 10, 251),
    ("emoji", "C=0.001", "class means", 5, 54),
    ("emoji", "C=0.001", None, 5, 251),
)
NORMAL = (  # seeds, groups, variances of the mean: from seeds alone, images alone, both
    ("5 seeds, only seeds matter", 5, 251, 1, 0, 0),
    ("5 seeds, seeds matter four times as much as images", 5, 251, 4, 1, 0),
    ("5 seeds, both matter alike", 5, 251, 1, 1, 0),
    ("5 seeds, images matter four times as much", 5, 251, 1, 4, 0),
    ("5 seeds, seeds, images and their meeting alike", 5, 251, 1, 1, 1),
    ("5 seeds, only their meeting matters", 5, 251, 0, 0, 1),
    ("3 seeds, seeds matter four times as much", 3, 251, 4, 1, 0),
    ("5 seeds, 12 groups, both matter alike", 5, 12, 1, 1, 0),
)


def drawn(random: np.random.Generator, setting: Setting, rates: Sequence[float]) -> Any:
    """Return bool (methods, seeds, images): what methods with these rates get right."""
    G, m, S = setting.things, setting.images, setting.seeds

    def normal(spread: float, *shape: int) -> Any:
        return np.float32(spread) * random.standard_normal(shape, np.float32)

    thing, right = normal(THING, 1, G, 1), []
    for rate in rates:
        z = np.float32(np.log(rate / (1 - rate))) + thing
        z = z + normal(setting.own, 1, G, 1) + normal(IMAGE, 1, G, m)
        z = z + normal(setting.seed, S, 1, 1) + normal(RUN, S, G, m)
        right.append(random.random((S, G, m), np.float32) * (1 + np.exp(-z)) < 1)
    return np.reshape(right, (len(rates), S, G * m))


def accuracy(setting: Setting, rate: float) -> float:
    """Return the accuracy on the population: the logistic curve's mean over all that is drawn."""
    spread = np.sqrt(THING**2 + setting.own**2 + IMAGE**2 + setting.seed**2 + RUN**2)
    x, weight = np.polynomial.hermite_e.hermegauss(80)
    z = np.log(rate / (1 - rate)) + spread * x
    return float(weight @ (1 / (1 + np.exp(-z))) / weight.sum())


def halves(seeds: Any, images: Any, both: Any, a: int, b: int) -> Any:
    """Return the half-widths of the four intervals, in the order of NAMES in a last axis.

    From the three squared standard errors, and the degrees of freedom of seeds and of images.
    """
    total = seeds + images
    apart = np.maximum(total - both, np.maximum(seeds, images))
    free = total**2 / (seeds**2 / a + images**2 / b)
    parted = apart**2 / (seeds**2 / a + images**2 / b + both**2 / (a * b))
    t_seeds, t_images = stdtrit([a, b], CERTAIN)
    squared = (
        t_seeds**2 * seeds,
        t_seeds**2 * seeds + t_images**2 * np.maximum(images - both, 0),
        stdtrit(free, CERTAIN) ** 2 * total,
        stdtrit(np.maximum(parted, min(a, b)), CERTAIN) ** 2 * apart,
    )
    return np.sqrt(np.stack(squared, -1))


def told(errors: Any, widths: Any) -> dict[str, Any]:
    """Return in % how often each interval misses the truth, and mean half-widths in points.

    Where there is no interval nothing is missed, and `none` says how often that was.
    """
    missed = 100 * (np.abs(errors)[:, None] > widths).mean(0)
    half = 100 * np.nanmean(widths, axis=0)
    none = 100 * np.isnan(widths[:, 1]).mean()
    found = {name: [round(missed[i], 2), round(half[i], 2)] for i, name in enumerate(NAMES)}
    return found | {"none": round(none, 3)}


def misses(draws: Iterable[tuple[Any, Any]], truth: float) -> dict[str, Any]:
    """Return what is told of matrices with their groups; the two-way interval is the package's."""
    found = [two_way(d, groups) for d, groups in draws]
    parts = np.array([(one.se_seeds, one.se_images, one.se_both) for one in found]).T ** 2
    widths = halves(*parts, found[0].df_seeds, found[0].df_images)
    widths[:, 1] = [one.high - one.mean for one in found]
    return told(np.array([one.mean for one in found]) - truth, widths)


def all_normal(draws: int) -> dict[str, dict[str, Any]]:
    """Return the misses where all parts are normal: variances are then chi-squared, independent."""
    rows = {}
    for place, (name, S, G, seeds, images, both) in enumerate(NORMAL):
        random = np.random.default_rng([2028, place])
        a, b = S - 1, G - 1
        drawn_parts = [
            expected * random.chisquare(free, draws) / free
            for expected, free in ((seeds + both, a), (images + both, b), (both, a * b))
        ]
        errors = random.normal(0, np.sqrt(seeds + images + both), draws)
        rows[name] = told(errors, halves(*drawn_parts, a, b))
    return rows


def made(
    random: np.random.Generator, setting: Setting, rates: Sequence[float], draws: int
) -> Iterator[tuple[Any, Any]]:
    """Yield made matrices with their groups: the first method less the second, if there is one."""
    groups = np.arange(setting.things).repeat(setting.images)
    for _ in range(draws):
        first, *second = drawn(random, setting, rates).astype(np.int8)
        yield first - sum(second), groups


def all_made(draws: int) -> dict[str, dict[str, Any]]:
    """Return each setting's misses: for equal methods, for unequal ones, for one method."""
    rows: dict[str, dict[str, Any]] = {}
    for place, setting in enumerate(SETTINGS):
        random = np.random.default_rng([2026, place])
        rows[setting.name] = {}
        for kind, rates in KINDS.items():
            first, *second = (accuracy(setting, rate) for rate in rates)
            truth = first - sum(second)
            rows[setting.name][kind] = misses(made(random, setting, rates, draws), truth)
    return rows


def answers(name: str, attempts: int) -> tuple[dict[str, Any], Any]:
    """Return what four classifiers get right, bool (attempts, images) each, and the groups."""
    task = tlt.load_task(name)

    def features(split: tlt.Split) -> torch.Tensor:
        return F.adaptive_avg_pool2d(split.images.float(), 8).flatten(1)

    few = [tlt.few_shot(task, SHOTS, seed=seed).labelled for seed in range(attempts)]
    x, y = torch.cat([features(split) for split in few]), torch.cat([split.labels for split in few])
    rows = torch.arange(len(y)).view(attempts, -1)
    asked, truth = features(task.test), task.test.labels
    probes = fit_probes(x, y, list(rows), PENALTIES, n_classes=task.n_classes)
    methods = {
        f"C={c:g}": probes.logits(asked)[:, i].argmax(-1) for i, c in enumerate(PENALTIES)
    } | {"class means": [], "nearest": []}
    for mine in rows:
        centres = torch.stack([x[mine][y[mine] == k].mean(0) for k in range(task.n_classes)])
        methods["class means"].append(torch.cdist(asked, centres).argmin(1))
        methods["nearest"].append(y[mine][torch.cdist(asked, x[mine]).argmin(1)])
    right = {key: (torch.stack([*said]) == truth).numpy() for key, said in methods.items()}
    return right, np.unique(task.test.groups.numpy(), return_inverse=True)[1]


def tests(
    random: np.random.Generator, d: Any, groups: Any, seeds: int, n_groups: int, draws: int
) -> Iterator[tuple[Any, Any]]:
    """Yield matrices as tests of this size would give them, with their groups."""
    order = np.argsort(groups, kind="stable")
    images = np.split(order, np.cumsum(np.bincount(groups))[:-1])
    for _ in range(draws):
        taken = [images[k] for k in random.integers(0, len(images), n_groups)]
        rows = random.choice(len(d), seeds, replace=False)
        new = np.repeat(np.arange(n_groups), [len(one) for one in taken])
        yield d[rows][:, np.concatenate(taken)], new


def all_real(draws: int, attempts: int) -> dict[str, dict[str, Any]]:
    """Return the misses of tests drawn from real answers."""
    held = {name: answers(name, attempts) for name in ("digits", "emoji")}
    rows = {}
    for place, (name, a, b, seeds, n_groups) in enumerate(REAL):
        right, groups = held[name]
        d = right[a].astype(np.int8) - (right[b] if b else 0)
        random = np.random.default_rng([2027, place])
        methods = f"{a} against {b}" if b else f"accuracy of {a}"
        drawn_tests = tests(random, d, groups, seeds, n_groups, draws)
        line = f"{name}, {methods}: {seeds} seeds, {n_groups:,} groups"
        rows[line] = misses(drawn_tests, float(d.mean()))
    return rows


def table(found: Mapping[str, Any]) -> str:
    """Return the tables in Markdown, and how many draws are behind a cell."""
    lines = [f"| made answers | {' | '.join(NAMES)} | one is better | one accuracy |"]
    lines.append("|---" * 7 + "|")
    for name, row in found["made"].items():
        others = [f"{row[kind]['two-way'][0]:.1f}" for kind in ("differ", "one")]
        lines.append(f"| {name} | {' | '.join([*_cells(row['equal']), *others])} |")
    lines += ["", f"| real answers | {' | '.join(NAMES)} |", "|---" * 5 + "|"]
    lines += [f"| {name} | {' | '.join(_cells(row))} |" for name, row in found["real"].items()]
    lines += ["", _draws(found["draws"])]
    lines += ["", f"| normal parts | {' | '.join(NAMES)} |", "|---" * 5 + "|"]
    for name, row in found["normal"].items():
        lines.append(f"| {name} | {' | '.join(f'{row[one][0]:.1f}' for one in NAMES)} |")
    return "\n".join([*lines, "", _draws(found["normal draws"])])


def _draws(n: int) -> str:
    return f"{n:,} draws a cell: 5.0 means 5.0 +- {196 * np.sqrt(0.05 * 0.95 / n):.1f}."


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [f"{row[name][0]:.1f} ({row[name][1]:.1f})" for name in NAMES]


def main() -> None:
    options = arguments("How often intervals miss the truth", draws=4_000)
    draws, attempts = (20, 12) if options.quick else (options.draws, ATTEMPTS)
    found: dict[str, Any] = {"draws": draws, "normal draws": 25 * draws}
    found |= {"made": all_made(draws), "real": all_real(draws, attempts)}
    found["normal"] = all_normal(25 * draws)
    print(table(found))
    save("intervals", machine(), found, options.out)
    if options.out == RESULTS:
        PAGE.write_text(written(PAGE.read_text(), table(found), *MARKS))


if __name__ == "__main__":
    main()
