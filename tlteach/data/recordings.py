"""Tasks from a learner's own recordings of words: a folder for each word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import torch

from tlteach.base import checked, one_of
from tlteach.data.archives import is_archive, stem, unpacked
from tlteach.data.elsewhere import SOUNDS, as_wave
from tlteach.data.names import JUNK, count, natural, one_form
from tlteach.data.own import Photos, make_task
from tlteach.data.sound import log_mel, read_clip
from tlteach.data.task import Task

SEEN: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "log_mel": lambda clip: log_mel(clip)[None],
    "waves": as_wave,
}


@checked
def from_recordings(
    path: str | Path,
    *,
    seen: str = "log_mel",
    seed: int = 0,
    groups: Callable[[str], Hashable | None] | None = None,
    skip_bad: bool = False,
) -> Task:
    """Make a task from a folder, or a zip or tar archive, with a folder of WAV files per word.

    About one recording in five, of every word, is for testing. What belongs together never stands
    in two splits: recordings that are the same, and those of one sub-folder of a word (a speaker;
    of that name under any word). Put each speaker into a sub-folder, ``yes/anna/1.wav``, or name
    them with `groups`, or else the test asks for voices that were heard in training.

    Parameters
    ----------
    path : path
        Such as one that holds ``yes/*.wav no/*.wav``.
    seen : {"log_mel", "waves"}, default "log_mel"
        Spectrograms, as those of the task "spoken" ("speech_cnn", "small:speech_cnn"), or sound
        itself for "torchaudio:NAME". See `sound.read_clip` for which second of it is taken.
    seed : int, default 0
        Draws the splits.
    groups : function, optional
        From a file's path, relative and with forward slashes, to whatever names its group, instead
        of the sub-folders: ``lambda file: file.split("_")[1]``. None stands alone.
    skip_bad : bool, default False
        Go on without files that cannot be read, and name them in a note.

    Returns
    -------
    Task
        With `files`.

    Raises
    ------
    NotADirectoryError
        If there is neither a folder nor an archive.
    ValueError
        Naming every file that is no readable recording, or what else is wrong.

    Warns
    -----
    FolderNote
        What was passed over, taken for granted or looks odd.

    Examples
    --------
    >>> import tempfile
    >>> from scipy.io import wavfile
    >>> folder = Path(tempfile.mkdtemp()) / "words"
    >>> for i, word in enumerate(["yes", "no"] * 15):
    ...     (folder / word).mkdir(parents=True, exist_ok=True)
    ...     tone = np.sin(np.arange(9_000) * (0.1 + 0.01 * i))
    ...     wavfile.write(folder / word / f"{i}.wav", 16_000, tone.astype(np.float32))
    >>> task = from_recordings(folder)
    >>> task.classes, len(task.labelled), len(task.test), tuple(task.test.inputs.shape[1:])
    (('no', 'yes'), 24, 6, (1, 40, 48))
    """
    see = SEEN[one_of("seen", seen, SEEN)]
    path = Path(path).expanduser().resolve()
    name = stem(path) if is_archive(path) else path.name
    root = unpacked(path) if is_archive(path) else path
    files, notes = _found(root)
    inputs, bad = [], {}
    for file in files:
        try:
            inputs.append(see(read_clip(root / file)))
        except ValueError as error:
            bad[file] = str(error)
    told = "".join(f"\n  {file}: {why}" for file, why in bad.items())
    of = f"{len(bad)} of {len(files)} files are not usable recordings"
    if bad and not (skip_bad and inputs):
        msg = f"{of}; repair or remove them, or pass skip_bad=True:{told}"
        raise ValueError(msg)
    notes += [f"{of} and left out:{told}"] if bad else []
    files = [file for file in files if file not in bad]
    words = [one_form(file.split("/")[0]) for file in files]
    classes = tuple(sorted(set(words), key=natural))
    photos = Photos(
        torch.from_numpy(np.stack(inputs)),
        np.array([classes.index(word) for word in words]),
        classes,
        np.full(len(files), ""),
        tuple(files),
        [_folder(file) if groups is None else groups(file) for file in files],
        notes,
    )
    return make_task(name, photos, seed=seed, source=f"folder {name}", near_copies=False)


def _found(root: Path) -> tuple[list[str], list[str]]:
    """Return the recordings in class folders, and notes on what was left out."""
    if not root.is_dir():
        msg = f"{root} is not a folder, nor a zip or tar archive"
        raise NotADirectoryError(msg)
    files, passed = [], Counter[str]()
    for path in sorted(root.rglob("*"), key=lambda path: natural(path.as_posix())):
        inner = path.relative_to(root)
        if path.is_dir() or any(p.startswith(".") or p.lower() in JUNK for p in inner.parts):
            continue
        if path.suffix.lower() == ".wav" and len(inner.parts) > 1:
            files.append(inner.as_posix())
        else:
            other = path.suffix.lower() in SOUNDS - {".wav"}
            beside = path.suffix.lower() == ".wav"
            why = " beside the class folders" * beside + ", to be saved as WAV" * other
            passed[f"{path.suffix.lower() or path.name}{why}"] += 1
    words = {file.split("/")[0] for file in files}
    if len(words) < 2:
        msg = (
            f"{root.name} must hold at least 2 folders of WAV files, one for each word; got "
            f"{len(words)}: {', '.join(sorted(words)) or 'none'}"
        )
        raise ValueError(msg)
    kinds = ", ".join(f"{n} {kind}" for kind, n in passed.most_common())
    total = count(passed.total(), "file")
    return files, [f"passed over {total}: {kinds}"] if passed else []


def _folder(file: str) -> str | None:
    """Return the sub-folder of a word's folder that a file lies in."""
    parts = file.split("/")
    return parts[1] if len(parts) > 2 else None
