"""Build spoken.npz: synthetic spoken words in twenty accents, by Debian's espeak-ng."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sound
from accents import DOMAINS, WORDS, Domain

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common

VERSION = "1.51+dfsg-10+deb12u2"
PACKAGES = ("espeak-ng", "espeak-ng-data", "libespeak-ng1")
PER_CELL, TEST_PER_CELL = 16, 6  # clips of one word in one domain
SPEEDS, PITCHES = (125, 220), (20, 83)  # espeak-ng's -s (words per minute) and -p (0 to 99)
SIZES, DECIBELS = (95, 105), (5, 25)  # vocal tract in percent; word over noise
ONSET = sound.RATE // 10  # a word starts in the first tenth of a second
BABBLE_TRACKS, BABBLE_SECONDS = 13, 15  # one track per English voice


class Settings(NamedTuple):
    """Everything one clip is made from, besides its word, its domain and its number."""

    speed: int
    pitch: int
    size: int
    decibels: int
    noise: int
    test: bool


def main() -> None:
    options = common.arguments(__file__, __doc__)
    check_version()
    babble, filters = babble_tracks(), sound.mel_filters()
    cells = [(d, w) for d in range(len(DOMAINS)) for w in range(len(WORDS))]
    images, settings = [], []
    for d, w in cells:
        for i, chosen in enumerate(plan(DOMAINS[d], WORDS[w])):
            images.append(clip(DOMAINS[d], w, i, chosen, babble[int(chosen.test)], filters))
            settings.append(chosen)
    write(options.out, cells, np.stack(images)[:, None], settings, filters)


def check_version() -> None:
    """Stop unless espeak-ng is there in the version that the data file was made with."""
    query = ["dpkg-query", "--show", "--showformat", "${Version}\n", *PACKAGES]
    found: list[str] = []
    if shutil.which("dpkg-query"):  # else this is not Debian
        found = subprocess.run(query, check=False, capture_output=True, text=True).stdout.split()
    if found != [VERSION] * len(PACKAGES):
        sys.exit(
            f"{', '.join(PACKAGES)} must be version {VERSION}; got {found or 'none'}; "
            "on Debian 12: apt-get install espeak-ng"
        )


def stream(*names: object) -> np.random.RandomState:
    """Return random numbers named by `names`; RandomState never changes between versions."""
    key = hashlib.sha256("/".join(map(str, ("spoken", *names))).encode()).digest()
    return np.random.RandomState(np.frombuffer(key, "<u4"))


def plan(domain: Domain, word: str) -> list[Settings]:
    """Draw the settings of a cell's clips: one speed and one pitch from each sixteenth."""
    random = stream(domain.name, word)

    def spread(low: int, high: int) -> list[int]:
        slice_ = (high - low + 1) // PER_CELL
        return (low + slice_ * random.permutation(PER_CELL) + random.randint(slice_)).tolist()

    columns = [
        spread(*SPEEDS),
        spread(*PITCHES),
        random.randint(SIZES[0], SIZES[1] + 1, PER_CELL).tolist(),
        random.randint(DECIBELS[0], DECIBELS[1] + 1, PER_CELL).tolist(),
        random.randint(len(sound.NOISES), size=PER_CELL).tolist(),
        (random.permutation(PER_CELL) < TEST_PER_CELL).tolist(),
    ]
    return [Settings(*row) for row in zip(*columns, strict=True)]


def clip(
    domain: Domain,
    word: int,
    number: int,
    chosen: Settings,
    babble: np.ndarray,
    filters: np.ndarray,
) -> np.ndarray:
    """Speak one word, set it into noise at a random onset and return its spectrogram."""
    random = stream(domain.name, WORDS[word], number)
    spoken = sound.speak(domain.voice, domain.texts[word], chosen.speed, chosen.pitch)
    spoken = sound.resampled(spoken, chosen.size / 100)
    if len(spoken) + ONSET > sound.SAMPLES:
        msg = f"{WORDS[word]} of {domain.name} is too long: {len(spoken) / sound.RATE:.3f} s"
        raise ValueError(msg)
    around = sound.noise(sound.NOISES[chosen.noise], babble, random)
    onset = random.randint(ONSET + 1)
    return sound.log_mel(sound.mixed(spoken, around, onset, chosen.decibels), filters)


def babble_tracks() -> np.ndarray:
    """Return (2, tracks, samples) of people reading: row 0 for training clips, row 1 for test."""
    voices = [domain.voice for domain in DOMAINS if domain.language.startswith("en")]
    tracks = np.zeros((2, BABBLE_TRACKS, BABBLE_SECONDS * sound.RATE))
    for side in (common.TRAIN, common.TEST):
        random = stream("babble", side)
        for track in range(BABBLE_TRACKS):
            speed, pitch = random.randint(*SPEEDS), random.randint(*PITCHES)
            voice = voices[track % len(voices)]
            read = sound.resampled(sound.speak(voice, sound.BABBLE_TEXT, speed, pitch), 1.0)
            tracks[side, track] = np.resize(read / np.sqrt(np.mean(read**2)), tracks.shape[2])
    return tracks


def write(
    out: Path,
    cells: list[tuple[int, int]],
    images: np.ndarray,
    settings: list[Settings],
    filters: np.ndarray,
) -> None:
    """Write the data file: rows in the order of domain, word and clip."""
    domains, labels = (np.repeat(column, PER_CELL) for column in np.array(cells, np.uint8).T)
    columns = {key: np.array([getattr(s, key) for s in settings]) for key in Settings._fields}
    split = columns["test"].astype(np.uint8)
    if not common.distinct(images, labels, split).all():
        msg = "two clips are equal"
        raise ValueError(msg)
    arrays = {
        "images": images,
        "labels": labels,
        "domains": domains,
        "groups": np.arange(len(labels), dtype=np.int32),
        "split": split,
        "classes": np.array(WORDS),
        "domain_names": np.array([domain.name for domain in DOMAINS]),
        **{key: columns[key].astype(np.uint8) for key in Settings._fields if key != "test"},
        "noise_names": np.array(sound.NOISES),
        "mel_filters": filters,
    }
    common.write(out, "spoken", arrays)


if __name__ == "__main__":
    main()
