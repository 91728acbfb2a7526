"""Tasks whose data do not ship: read from a folder of yours or downloaded, own splits kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from tlteach.base import in_range, one_of, rng, warn_caller
from tlteach.data.card import Card
from tlteach.data.medical import pathmnist, pcam
from tlteach.data.names import count, some
from tlteach.data.own import FolderNote
from tlteach.data.sound import log_mel, mu_law, read_clip
from tlteach.data.subset import divided, one_in_five, places
from tlteach.data.task import Split, Task

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
RECORDING = re.compile(r"(\d)_(\w+)_(\d+)\.(?i:wav)")
SOUNDS = {".wav", ".mp3", ".m4a", ".ogg", ".opus", ".flac", ".aac", ".aif", ".aiff", ".wma"}
BOTH_SIDES = (
    "Every speaker stands on both sides of the split, so the accuracy is that for voices that were "
    'heard in training. groups="speaker" keeps them apart.'
)
APART = "Speakers are kept apart: nobody heard in training is tested on."
TESTED = 5  # recordings 0 to 4 of each digit and speaker are test, as the data set's authors say


def fsdd(name: str, root: Path | None, groups: str | None = None) -> Task:
    """Return recordings of spoken digits as log-mel spectrograms, like those of `spoken`.

    Parameters
    ----------
    name : str
        The task's.
    root : Path
        Folder of files named digit_speaker_index.wav, as in the Free Spoken Digit Dataset. Other
        files of sound are passed over and named.
    groups : {"speaker"}, optional
        Keep speakers apart: of about one in five all recordings are test, so the accuracy is that
        for voices never heard. By default recordings 0 to 4 are test, as the data set's authors
        say, and every speaker stands on both sides.

    Raises
    ------
    ValueError
        For no folder, no such files, files that cannot be read, all of them named, digits
        without recordings on either side of the split, or fewer than three speakers to keep apart.

    Warns
    -----
    FolderNote
        Naming the files of sound whose names do not fit.
    """
    return _recorded(name, root, lambda clip: log_mel(clip)[None], groups)


def fsdd_waves(name: str, root: Path | None, groups: str | None = None) -> Task:
    """Return the same recordings as sound: bytes of `sound.mu_law`, for "torchaudio:NAME"."""
    return _recorded(name, root, as_wave, groups)


def as_wave(clip: np.ndarray) -> np.ndarray:
    """Return a clip as a row of a task of waves: bytes of shape (1, 1, samples)."""
    row: np.ndarray = mu_law(clip / np.abs(clip).max())[None, None]
    return row


def _recorded(
    name: str, root: Path | None, see: Callable[[np.ndarray], np.ndarray], groups: str | None
) -> Task:
    one_of("groups", groups, (None, "speaker"))
    files, others = _recordings(name, root)
    inputs, bad = [], []
    for path in files:
        try:
            inputs.append(see(read_clip(path)))
        except ValueError as error:
            bad.append(str(error))
    if bad:
        msg = f"{len(bad)} of {len(files)} recordings cannot be used: " + "; ".join(bad)
        raise ValueError(msg)
    parts = [RECORDING.fullmatch(path.name) for path in files]
    digits, speakers, numbers = zip(*(part.groups() for part in parts if part), strict=True)
    known = sorted(set(speakers))
    n = torch.arange(len(files))
    spoke = torch.tensor([known.index(speaker) for speaker in speakers])
    rows = Split(
        torch.from_numpy(np.stack(inputs)),
        torch.tensor([int(digit) for digit in digits]),
        spoke,
        spoke if groups else n,
        n,
    )
    test = np.array([int(number) < TESTED for number in numbers])
    sides = ("test (index 0 to 4)", "training (index 5 on)")
    if groups:
        in_range("number of speakers to keep apart", len(known), 3)
        order = places(spoke.numpy(), rng(0, "test"))
        test, sides = one_in_five(rows.labels.tolist(), order.tolist()), ("test", "training")
    for side, mask in zip(sides, (test, ~test), strict=True):
        missing = sorted({*range(10)} - set(rows.labels[torch.from_numpy(mask)].tolist()))
        if missing:
            msg = f"every digit needs {side} recordings; there are none of {missing}"
            raise ValueError(msg)
    text = f"# {name}\n\nRecordings from your own folder: see its owner for source and licence.\n"
    text += f"\n{APART if groups else BOTH_SIDES}\n"
    if others:
        note = f"{count(len(others), 'file')} of sound not named digit_speaker_index.wav, left out"
        note = f"{note}: {some(others)}"
        text += f"\n{note}\n"
        warn_caller(f"{name}: {note}", FolderNote)
    card = Card("Recorded digits", "your own folder", "not stated", "not stated", text)
    return divided(name, DIGITS, tuple(known), rows, test=test, card=card)


def _recordings(name: str, root: Path | None) -> tuple[list[Path], list[str]]:
    """Return the files whose names fit, and the names of other files of sound."""
    if root is None or not root.is_dir():
        msg = f"task {name!r} needs root, a folder of digit_speaker_index.wav files; got {root}"
        raise ValueError(msg)
    heard = sorted(path for path in root.rglob("*") if path.suffix.lower() in SOUNDS)
    heard = [path for path in heard if path.is_file() and not path.name.startswith(".")]
    files = [path for path in heard if RECORDING.fullmatch(path.name)]
    if not files:
        msg = f"no file in {root.name} is named digit_speaker_index.wav, such as 7_anna_0.wav"
        raise ValueError(msg)
    return files, [path.relative_to(root).as_posix() for path in heard if path not in files]


SPOKEN = ("fsdd", "fsdd_waves")  # whose speakers can be kept apart
ELSEWHERE: dict[str, Callable[..., Task]] = {
    "fsdd": fsdd,
    "fsdd_waves": fsdd_waves,
    "pathmnist": pathmnist,
    "pcam": pcam,
}
