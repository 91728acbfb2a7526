"""Tasks from a learner's own recordings of words: a folder for each word."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import torch

from tlteach.base import checked, one_of
from tlteach.data.archives import is_archive, stem, unpacked
from tlteach.data.elsewhere import SOUNDS, as_wave
from tlteach.data.folder import SPLIT_NAMES
from tlteach.data.found import File, Found, folders_in, is_junk, look_beside, loose_in, walk
from tlteach.data.from_memory import groups_of
from tlteach.data.names import natural, one_form, told_forms
from tlteach.data.own import Photos, make_task
from tlteach.data.sound import log_mel, read_clip
from tlteach.data.task import Task

WAV = {".wav"}
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
    them with `groups`, or else the test asks for voices that were heard in training. A single
    folder around the words is entered; ``train`` and ``val`` or ``test`` folders around them are
    kept, as `from_folder` does.

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
    found = _found(root)
    inputs, bad = [], dict(found.bad)
    for file in found.files:
        try:
            inputs.append(see(read_clip(file.path)))
        except ValueError as error:
            bad[file.name] = str(error)
    told = "".join(f"\n  {file}: {why}" for file, why in bad.items())
    of = f"{len(bad)} of {len(found.files) + len(found.bad)} files are not usable recordings"
    if bad and not (skip_bad and inputs):
        msg = f"{of}; repair or remove them, or pass skip_bad=True:{told}"
        raise ValueError(msg)
    left = [f"{of} and left out:{told}"] if bad else []
    files = [file for file in found.files if file.name not in bad]
    photos = Photos(
        torch.from_numpy(np.stack(inputs)),
        np.array([found.classes.index(file.label) for file in files]),
        found.classes,
        np.array([file.part for file in files], dtype=str),
        tuple(file.name for file in files),
        groups_of(files, groups),
        found.notes + left,
    )
    return make_task(name, photos, seed=seed, source=f"folder {name}", near_copies=False)


def _found(root: Path) -> Found:
    """Return the recordings in the folders of words, and notes on what was left out."""
    if not root.is_dir():
        msg = f"{root} is not a folder, nor a zip or tar archive"
        raise NotADirectoryError(msg)
    found = Found(root, wanted=WAV)
    top = _entered(found)
    folders = folders_in(top)
    parts = {SPLIT_NAMES.get(folder.name.lower(), ""): folder for folder in folders}
    if "train" not in parts or "" in parts or not 2 <= len(parts) == len(folders):
        parts = {"": top}  # a word may be "test"
    words: dict[str, list[str]] = {}
    for part, around in parts.items():
        words[part] = [word.name for word in folders_in(around)]
        for word in folders_in(around):
            found.files += _said(found, word, part)
        look_beside(around, found)
        _count_beside(found, around)
    every = [name for names in words.values() for name in names]
    found.classes = tuple(sorted(set(map(one_form, every)), key=natural))
    if len(found.classes) < 2:
        msg = (
            f"{root.name} must hold at least 2 folders of WAV files, one for each word; got "
            f"{len(found.classes)}: {', '.join(found.classes) or 'none'}"
        )
        raise ValueError(msg)
    for ending in SOUNDS - WAV:
        if n := found.passed.pop(ending, 0):
            found.passed[f"{ending}, to be saved as WAV"] = n
    found.notes += told_forms(every) + found.told_passed("a recording")
    return found


def _entered(found: Found) -> Path:
    """Return the folder that holds those of the words: the first with several folders inside."""
    at = found.root
    while len(inner := folders_in(at)) == 1 and not loose_in(at, WAV):
        look_beside(at, found)
        at = inner[0]
    if at == found.root or not inner:
        return found.root
    found.notes.append(f"the words are those of {found.name(at)}, the only folder with recordings")
    return at


def _said(found: Found, word: Path, part: str) -> list[File]:
    """Return the recordings of one word; a sub-folder of its folder is a group."""
    files, bad = [], len(found.bad)
    for path in walk(word, found):
        inner = path.relative_to(word).parts
        group = inner[0] if len(inner) > 1 else None
        files.append(File(path, found.name(path), one_form(word.name), part, group))
    if not files and bad == len(found.bad):
        msg = f"the folder {found.name(word)} of a word holds no WAV file: save them as WAV"
        raise ValueError(msg)
    return files


def _count_beside(found: Found, folder: Path) -> None:
    """Count the files that lie beside the folders of words."""
    for path in folder.iterdir():
        if path.is_file() and not is_junk(path.name):
            ending = path.suffix.lower()
            beside = " beside the class folders" if ending in WAV else ""
            found.passed[f"{ending or path.name}{beside}"] += 1
