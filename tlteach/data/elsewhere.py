"""Tasks whose data do not ship: read from a folder of yours or downloaded, own splits kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from tlteach.data.medical import pathmnist, pcam
from tlteach.data.sound import log_mel, mu_law, read_clip
from tlteach.data.subset import divided
from tlteach.data.task import Card, Split, Task

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
RECORDING = re.compile(r"(\d)_(\w+)_(\d+)\.wav")
TESTED = 5  # recordings 0 to 4 of each digit and speaker are test, as the data set's authors say


def fsdd(name: str, root: Path | None) -> Task:
    """Return recordings of spoken digits as log-mel spectrograms, like those of `spoken`.

    Parameters
    ----------
    name : str
        The task's.
    root : Path
        Folder of files named digit_speaker_index.wav, as in the Free Spoken Digit Dataset. Other
        names are passed over.

    Raises
    ------
    ValueError
        For no folder, no such files, files that cannot be read, all of them named, or digits
        without recordings on either side of the split.
    """
    return _recorded(name, root, lambda clip: log_mel(clip)[None])


def fsdd_waves(name: str, root: Path | None) -> Task:
    """Return the same recordings as sound: bytes of `sound.mu_law`, for "torchaudio:NAME"."""
    return _recorded(name, root, lambda clip: mu_law(clip / np.abs(clip).max())[None, None])


def _recorded(name: str, root: Path | None, see: Callable[[np.ndarray], np.ndarray]) -> Task:
    files = _recordings(name, root)
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
    rows = Split(
        torch.from_numpy(np.stack(inputs)),
        torch.tensor([int(digit) for digit in digits]),
        torch.tensor([known.index(speaker) for speaker in speakers]),
        n,
        n,
    )
    test = np.array([int(number) < TESTED for number in numbers])
    for side, mask in (("test (index 0 to 4)", test), ("training (index 5 on)", ~test)):
        missing = sorted({*range(10)} - set(rows.labels[torch.from_numpy(mask)].tolist()))
        if missing:
            msg = f"every digit needs {side} recordings; there are none of {missing}"
            raise ValueError(msg)
    text = f"# {name}\n\nRecordings from your own folder: see its owner for source and licence.\n"
    card = Card("Recorded digits", "your own folder", "not stated", "not stated", text)
    return divided(name, DIGITS, tuple(known), rows, test=test, card=card)


def _recordings(name: str, root: Path | None) -> list[Path]:
    if root is None or not root.is_dir():
        msg = f"task {name!r} needs root, a folder of digit_speaker_index.wav files; got {root}"
        raise ValueError(msg)
    files = sorted(path for path in root.rglob("*.wav") if RECORDING.fullmatch(path.name))
    if not files:
        msg = f"no file in {root.name} is named digit_speaker_index.wav, such as 7_anna_0.wav"
        raise ValueError(msg)
    return files


ELSEWHERE: dict[str, Callable[[str, Path | None], Task]] = {
    "fsdd": fsdd,
    "fsdd_waves": fsdd_waves,
    "pathmnist": pathmnist,
    "pcam": pcam,
}
