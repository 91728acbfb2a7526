"""What the atlas holds: the entries of its grids, each computed in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tlteach.atlas.curves import run_memorised, run_overfitting, run_progress
from tlteach.atlas.featuremap import run_map
from tlteach.atlas.runs import SOURCE_SEEDS, run_layers, run_scores, run_transfer
from tlteach.atlas.shifted import run_answers, run_mismatch
from tlteach.atlas.sized import run_sizes
from tlteach.data.shift import DIALS
from tlteach.models.small import SPEECH

SEEDS = tuple(range(10))
SHOTS = (1, 2, 5, 10, 20, 50, 100)
SPARSE = (1, 5, 10, 50)  # where gradient steps are taken beside the first pair
CONTROLS = ("fashion_0_4_permuted", "fashion_0_4_shuffled", "fashion_0_4_conflict")
SOURCES_OF = {
    "fashion_5_9": ("fashion_0_4", "glyphs", "emoji_noto", *CONTROLS),
    "digits": ("glyphs", "fashion", "emoji_noto"),
    "emoji": ("glyphs", "fashion"),
    "emoji_fluent_flat": ("emoji_noto", "glyphs", "emoji_twemoji", "emoji_fluent_color", "fashion"),
}
LITE0_TARGETS = ("photos", "emoji", "digits", "fashion", "glyphs")
LITE0_TUNED = {"photos": (5, 10), "emoji": (10,), "digits": (10,)}
# where small_cnn from scratch is held against: Lite0, and a source's fine_tune once
ALONE = {"photos": SPARSE, "fashion": (5, 10, 50), "glyphs": (5, 10, 50), "fashion_5_9": (50,)}
OVERFIT_SHOTS = (2, 5, 20, 50)
# regime, and the width of small_cnn in units of its own; fine-tuned is a net of the middle's size
OVERFIT_NETS = (("scratch", 0.5), ("scratch", 1.0), ("scratch", 2.0), ("fine_tune", 1.0))
DECAYS = (0.0, 5e-3)
SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)  # of a source
PAIRS = {"fashion_5_9": "fashion_0_4", "digits": "glyphs"}  # target and source of other parts
LAYER_SHOTS, PROGRESS_SHOTS, STATISTICS_SHOTS = (5, 20), (5, 10, 50), (5, 50)
CHEAP = ("majority", "raw_pixels")
FILMS = "films"
REVIEWS = ("tweets", FILMS, "products", "editorials")
WORDS = ("majority", "bag_of_words")
WORDLESS = (*CHEAP, "frozen_random")
TEXT_SHOTS, TUNED_SHOTS = (1, 2, 5, 10, 20, 50, 100, 200), (20,)
TUNED_SEEDS = SEEDS[:5]  # where runs take long, or are many
SPEECH_SHOTS = (1, 5, 20)
MISMATCH = {
    ("fashion_5_9", "small:fashion_0_4"): ("scratch", "frozen", "fine_tune"),
    ("emoji_noto", "lite0"): ("frozen",),
    ("photos", "lite0"): ("frozen",),
}

PHOTO_DIALS = ("rotation", "blur", "noise", "contrast")  # what a camera in a hand does
MAPPED_DIALS = ("style", "contrast", "noise")  # where Lite0 looks, which takes its time


@dataclass(frozen=True)
class Entry:
    """A piece of a grid that is computed in one go, and a name for its file."""

    name: str
    work: Callable[..., pd.DataFrame]
    settings: tuple[object, ...]

    def run(self, path: Path) -> pd.DataFrame:
        """Compute the rows; `path` lets long work keep what it has."""
        return self.work(path, *self.settings)


def transfer() -> Iterator[Entry]:
    """Yield the grid of sources, targets, regimes, shots and seeds.

    Frozen features are cheap and meet every number of shots. What takes gradient steps does so
    at fewer, from the first two or three sources of a target, and from controls at two; Lite0 at
    10 shots and five seeds, on its first three targets.
    """
    for name, sources in SOURCES_OF.items():
        for s in range(SOURCE_SEEDS):
            yield _transfer(name, "resnet8", s, ("scratch",), stepped(name), CHEAP)
            yield _transfer(name, "resnet8", s, ("frozen",))
            for source in sources:
                net = f"small:{source}"
                yield _transfer(name, net, s, ("frozen",))
                if shots := tuned(name, source):
                    yield _transfer(name, net, s, ("fine_tune",), shots)
    for name, shots in ALONE.items():
        for s in range(SOURCE_SEEDS):
            yield _transfer(name, "small_cnn", s, ("scratch",), shots)
    for name in LITE0_TARGETS:
        yield _transfer(name, "lite0", None, ("frozen",), SHOTS, CHEAP)
    for name, shots in LITE0_TUNED.items():
        yield from _tuned(name, "lite0", "fine_tune", shots, ("frozen_random",))


def stepped(name: str) -> tuple[int, ...]:
    """Return the shots at which gradient steps are taken on a target."""
    return SHOTS if name == "fashion_5_9" else SPARSE


def tuned(name: str, source: str) -> tuple[int, ...]:
    """Return the shots at which a source is fine-tuned for a target.

    Examples
    --------
    >>> tuned("fashion_5_9", "fashion_0_4_shuffled"), tuned("digits", "glyphs")
    ((5, 50), (1, 5, 10, 50))
    """
    if source in CONTROLS:
        return (5, 50)
    if source not in SOURCES_OF[name][: 3 if name == "fashion_5_9" else 2]:
        return ()
    return SHOTS if PAIRS.get(name) == source == "fashion_0_4" else SPARSE


def statistics() -> Iterator[Entry]:
    """Yield what fine-tuning brings where statistics stay, and where they move: five seeds."""
    for name, source in PAIRS.items():
        for regime in ("fine_tune_still", "fine_tune_moving"):
            yield from _tuned(name, f"small:{source}", regime, STATISTICS_SHOTS)


def _transfer(
    name: str,
    backbone: str,
    s: int | None,
    regimes: tuple[str, ...],
    shots: tuple[int, ...] = SHOTS,
    baselines: tuple[str, ...] = (),
) -> Entry:
    seeds = SEEDS if s is None else SEEDS[s::SOURCE_SEEDS]
    label = "-".join([name, backbone.replace(":", "-"), *regimes, "all" if s is None else str(s)])
    settings = (name, backbone, seeds, regimes, shots, baselines)
    return Entry(label, run_transfer, settings)


def _tuned(
    name: str,
    backbone: str,
    regime: str,
    shots: tuple[int, ...],
    baselines: tuple[str, ...] = (),
) -> Iterator[Entry]:
    """Yield runs of one regime that takes gradient steps: five seeds, one at a time."""
    net = backbone.replace(":", "-")
    for seed in TUNED_SEEDS:
        settings = (name, backbone, (seed,), (regime,), shots, baselines)
        yield Entry(f"{name}-{net}-{regime}-seed{seed}", run_transfer, settings)


def sizes() -> Iterator[Entry]:
    """Yield networks that learnt a share of a source, on its target: five seeds."""
    for name, source in PAIRS.items():
        for share in SHARES:
            for s in range(SOURCE_SEEDS):
                label = f"{name}-{source}-{share}-seed{s}"
                yield Entry(label, run_sizes, (name, source, share, s))


def scores() -> Iterator[Entry]:
    """Yield the transferability scores of every source for every target."""
    for name, sources in SOURCES_OF.items():
        for source in sources:
            yield Entry(f"{name}-{source}", run_scores, (name, f"small:{source}", SEEDS))
    for name in LITE0_TARGETS:
        yield Entry(f"{name}-lite0", run_scores, (name, "lite0", SEEDS))


def overfitting() -> Iterator[Entry]:
    """Yield the grid of shots, capacity, augmentation and weight decay, with its curves."""
    for regime, *setting in _settings():
        label = "-".join(map(str, (regime, *setting)))
        yield Entry(label, run_overfitting, ("pool", *setting, SEEDS, regime))
    for watched in ("test 200", "test rest"):
        label = f"selection-{watched.replace(' ', '-')}"
        yield Entry(label, run_overfitting, (watched, 20, 1.0, "none", 0.0, SEEDS))


def memorised() -> Iterator[Entry]:
    """Yield, for the first seed of every curve, the loss of its training images at the end."""
    for regime, *setting in _settings():
        label = "-".join(map(str, (regime, *setting)))
        yield Entry(label, run_memorised, (*setting, regime))


def _settings() -> Iterator[tuple[object, ...]]:
    for regime, width in OVERFIT_NETS:
        for shots in OVERFIT_SHOTS:
            for augment in ("none", "shift"):
                for decay in DECAYS:
                    yield regime, shots, width, augment, decay


def layers() -> Iterator[Entry]:
    """Yield how many stages learn, from none to all: five seeds."""
    for name, source in PAIRS.items():
        for s in range(SOURCE_SEEDS):
            settings = (name, f"small:{source}", (s,), LAYER_SHOTS)
            yield Entry(f"{name}-{source}-seed{s}", run_layers, settings)


def progress() -> Iterator[Entry]:
    """Yield accuracy against updates, from scratch and from a source."""
    for name, source in PAIRS.items():
        for regime in ("scratch", "frozen", "fine_tune"):
            net = "resnet8" if regime == "scratch" else f"small:{source}"
            for shots in PROGRESS_SHOTS:
                for s in range(SOURCE_SEEDS):
                    label = f"{name}-{regime}-{shots}-{s}"
                    settings = (name, net, regime, shots, SEEDS[s::SOURCE_SEEDS])
                    yield Entry(label, run_progress, settings)


def mismatch() -> Iterator[Entry]:
    """Yield the grid of dials, severities, regimes and ways to adapt."""
    for (name, backbone), regimes in MISMATCH.items():
        for regime in regimes:
            for dial in dials_of(name):
                label = f"{name}-{backbone.replace(':', '-')}-{regime}-{dial}"
                yield Entry(label, run_mismatch, (name, backbone, regime, dial, SEEDS))


def answers() -> Iterator[Entry]:
    """Yield what the first seed of "mismatch" says of a dozen test images."""
    for (name, backbone), regimes in MISMATCH.items():
        for regime in regimes:
            for dial in dials_of(name):
                label = f"{name}-{backbone.replace(':', '-')}-{regime}-{dial}"
                yield Entry(label, run_answers, (name, backbone, regime, dial))


def feature_map() -> Iterator[Entry]:
    """Yield where test images lie in the features: every dial, or a few where Lite0 looks."""
    for name, backbone in MISMATCH:
        here = dials_of(name)
        for dial in [d for d in MAPPED_DIALS if d in here] if backbone == "lite0" else here:
            label = f"{name}-{backbone.replace(':', '-')}-{dial}"
            yield Entry(label, run_map, (name, backbone, dial))


def dials_of(name: str) -> list[str]:
    """Return the dials that move a target: only emoji have styles, and grey images no colour.

    Photographs are moved as a camera would move them.

    Examples
    --------
    >>> set(dials_of("emoji_noto")) - set(dials_of("fashion_5_9")) == {"grey", "style"}
    True
    >>> dials_of("photos")
    ['rotation', 'blur', 'noise', 'contrast']
    """
    if name == "photos":
        return [*PHOTO_DIALS]
    return ["style", *DIALS] if name.startswith("emoji") else [d for d in DIALS if d != "grey"]


def text() -> Iterator[Entry]:
    """Yield the regimes on reviews: all kinds frozen and from scratch, films tuned too."""
    for kind in REVIEWS:
        name = f"reviews_{kind}"
        beside = WORDLESS[-1:] if kind == FILMS else ()  # ten MiniLMs of random weights take long
        yield _transfer(name, "minilm", None, ("frozen",), TEXT_SHOTS, (*WORDS, *beside))
        for s in range(SOURCE_SEEDS):
            yield _transfer(name, "small_text", s, ("scratch",), (*SPARSE, 20, 100))
    for regime in ("partial", "fine_tune", "lora"):
        yield from _tuned(f"reviews_{FILMS}", "minilm", regime, TUNED_SHOTS)


def speech() -> Iterator[Entry]:
    """Yield the regimes on spoken words: mild and strong accents."""
    for name in ("spoken_mild", "spoken_strong"):
        for s in range(SOURCE_SEEDS):
            for net in SPEECH:
                yield _transfer(name, net, s, ("frozen",), SPEECH_SHOTS, WORDLESS)
            yield _transfer(name, "speech_cnn", s, ("scratch", "fine_tune"), SPEECH_SHOTS)
            yield _transfer(name, "small_cnn", s, ("scratch",), SPEECH_SHOTS)


PARTS: dict[str, Callable[[], Iterator[Entry]]] = {
    "transfer": transfer,
    "sizes": sizes,
    "scores": scores,
    "overfitting": overfitting,
    "mismatch": mismatch,
    "answers": answers,
    "map": feature_map,
    "layers": layers,
    "progress": progress,
    "statistics": statistics,
    "memorised": memorised,
    "text": text,
    "speech": speech,
}
