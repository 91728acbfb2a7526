"""Tasks from a learner's own files: a folder or an archive of them, or a table that lists them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import pandas as pd

from tlteach.base import checked, in_range, one_of
from tlteach.data.album import facts_of
from tlteach.data.archives import is_archive, stem, unpacked
from tlteach.data.columns import groups_in, read_table, refuse_empty
from tlteach.data.folder import find_images
from tlteach.data.from_memory import grouped, groups_of, numbered
from tlteach.data.images import SIZE, Read, read_images
from tlteach.data.names import count, told_forms
from tlteach.data.own import Photos, make_task
from tlteach.data.task import UNKNOWN, Task


@checked
def from_folder(
    path: str | Path,
    *,
    size: int = SIZE,
    fit: str = "crop",
    seed: int = 0,
    groups: Callable[[str], Hashable | None] | None = None,
    near_copies: bool = True,
    skip_bad: bool = False,
    domains: bool | None = None,
) -> Task:
    """Make a task from a folder, or a zip or tar archive, with one folder of images per class.

    ``train`` and ``val`` or ``test`` folders around the class folders are understood: without
    ``test``, the images in ``val`` are the test split. Without such folders about one image in
    five, of every class, is for testing. What belongs together never stands in two splits that
    are drawn here: files with the same pixels, near copies such as bursts, and the images of one
    sub-folder of a class (an object, a patient, a visit; of that name in any class).

    One image in five of a few is very few: `resolvable` says how small a difference they can tell,
    and with `resplit` every seed of a comparison draws test images of its own.

    Class names that look the same are an error; those that differ by case
    alone are a note, since A and a may be letters. Names are in natural order, img2 before img10.

    A single folder around the class folders is entered, ``cat.0.jpg dog.12.jpg`` in one folder
    are classes too, and a folder ``test`` or ``unlabelled`` of loose images beside the class
    folders is the pool, with label -1. Hidden files, what systems leave behind, and annotations,
    films and texts beside the images are passed over and told. An audit's one line is printed, of
    all that needs no network: files, sizes, balance, copies. `tlt.audit` looks closer: at labels
    that may be wrong, outliers and shortcuts, which takes some seconds.

    Parameters
    ----------
    path : path
        ``~`` is your home. An archive is unpacked into the cache, unless it holds links or files
        that would land elsewhere.
    size : int, default 128
        Side of the square RGB images, in pixels. 1,000 images take 49 MB of memory at 128, 12 MB
        at 64, 151 MB at 224, and as much again for their splits. Beyond 1 GB (20,000 images at
        128) they are kept in a file of the cache instead, which ends with the task, and read where
        they are needed. Images smaller than what a backbone looks at are blown up and lose what
        they showed.
    fit : str, default "crop"
        "crop" scales the short side and cuts out the middle, "pad" scales the long side and adds
        white, "squish" scales both.
    seed : int, default 0
        Draws the splits.
    groups : function, optional
        From a file's path, relative and with forward slashes, to whatever names its group, instead
        of the sub-folders: ``lambda file: file.split("_")[0]``. None stands alone, so
        ``lambda file: None`` makes no groups.
    near_copies : bool, default True
        Look for near copies (see `copies.near_pairs`) and keep them together.
    skip_bad : bool, default False
        Go on without files that cannot be read, and name them in a note.
    domains : bool, optional
        Whether the folders are places, such as hospitals, with a folder for each class inside:
        their names become the task's domains. Default: whether every folder holds at least two
        folders of the same names, without numbers in them; a note tells that it was taken so.

    Returns
    -------
    Task
        Its `files` are relative to `path`; `Task.files_of` names those of a split.

    Raises
    ------
    NotADirectoryError
        If there is neither a folder nor an archive.
    MemoryError
        If the images are too many for this machine at that size.
    ValueError
        Naming every file that is not a readable image, or what else is wrong with the folder.

    Warns
    -----
    FolderNote
        What was passed over, taken for granted or looks odd; all of it in one warning.
    UserWarning
        If images of the test folder stand in the other folders too.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> folder = Path(tempfile.mkdtemp()) / "pets"
    >>> for i, name in enumerate(["cat", "cat", "cat", "dog", "dog", "dog"]):
    ...     (folder / name).mkdir(parents=True, exist_ok=True)
    ...     Image.new("RGB", (90, 60), (40 * i, 0, 0)).save(folder / name / f"{i}.png")
    >>> from_folder(folder)
    pets: 6 images, 0 errors, 8 warnings, 0 notes; tlt.audit looks closer
    Task 'pets'
      2 classes: cat, dog
      domains: pets
      images: train 2, val 2, test 2, pool 0; each (3, 128, 128) torch.uint8
      differences cannot be told (2 test images or groups, 5 seeds)
    """
    in_range("size", size, 1)
    path = Path(path).expanduser().resolve()
    name = stem(path) if is_archive(path) else path.name
    found = find_images(unpacked(path) if is_archive(path) else path, domains=domains)
    read = _read([(file.path, file.name) for file in found.files], found.bad, size, fit, skip_bad)
    files = [file for file in found.files if file.name not in read.bad]
    number = {label: i for i, label in enumerate(found.classes)} | {"": UNKNOWN}
    photos = Photos(
        read.images,
        np.array([number[file.label] for file in files]),
        found.classes,
        np.array([file.part for file in files], dtype=str),
        tuple(file.name for file in files),
        groups_of(files, groups),
        found.notes + read.notes,
        read.looks,
        fit,
        [file.domain or name for file in files],
        facts_of(file.path for file in files),
        found.bad | read.bad,
    )
    return make_task(name, photos, seed=seed, source=f"folder {name}", near_copies=near_copies)


@checked
def from_table(
    table: pd.DataFrame | str | Path,
    path_column: str,
    label_column: str,
    root: str | Path | None = None,
    group_column: str | None = None,
    *,
    size: int = SIZE,
    fit: str = "crop",
    seed: int = 0,
    near_copies: bool = True,
    skip_bad: bool = False,
) -> Task:
    """Make a task from a table with a row for each image file.

    Parameters
    ----------
    table : DataFrame or path of a CSV file
        A CSV file is read as text: "01" and "NA" are names like others.
    path_column, label_column : str
        Columns with the file, relative to `root`, and with the name of its class.
    root : path, optional
        Default the folder of the CSV file, or the current one.
    group_column : str, optional
        Column that says what belongs together, kept in one split; an empty cell stands alone.
    size : int, default 128
        Side of the square RGB images, in pixels.
    fit : str, default "crop"
        See `from_folder`.
    seed : int, default 0
        Draws the splits.
    near_copies, skip_bad : bool
        See `from_folder`.

    Returns
    -------
    Task
        Its `files` are those of the table.

    Raises
    ------
    ValueError
        For unknown columns, empty cells, a file with two labels, and files that are not there or
        not readable, all of them named.

    Warns
    -----
    FolderNote
        What was passed over or looks odd.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> root = Path(tempfile.mkdtemp())
    >>> for i in range(6):
    ...     Image.new("RGB", (90, 60), (40 * i, 0, 0)).save(root / f"{i}.png")
    >>> rows = {"file": [f"{i}.png" for i in range(6)], "what": ["cat", "dog"] * 3}
    >>> task = from_table(pd.DataFrame(rows), "file", "what", root)
    tmp...: 6 images, 0 errors, 8 warnings, 0 notes; tlt.audit looks closer
    >>> task.classes, sorted(task.files_of(task.test))
    (('cat', 'dog'), ['...png', '...png'])
    """
    in_range("size", size, 1)
    if isinstance(table, pd.DataFrame):
        rows, given = table, None
    else:
        given = Path(table).expanduser()
        rows = read_table(given)
    for column in filter(None, (path_column, label_column, group_column)):
        one_of("column", column, list(rows.columns))
    folder = Path(root).expanduser() if root is not None else given.parent if given else Path()
    rows, notes = _told_apart(rows, path_column, label_column)
    names = [str(name).replace("\\", "/") for name in rows[path_column]]
    gone = {name: "is not there" for name in names if not (folder / name).is_file()}
    there = [(folder / name, name) for name in names if name not in gone]
    read = _read(there, gone, size, fit, skip_bad)
    bad = gone | read.bad
    rows = rows[[name not in bad for name in names]]
    written = rows[label_column].astype(str).to_numpy(object)
    numbers, classes = numbered(written, None)
    groups = groups_in(rows[group_column]) if group_column else None
    photos = Photos(
        read.images, numbers, classes, np.full(len(rows), ""),
        tuple(name for _, name in there if name not in read.bad), grouped(groups, len(rows)),
        notes + told_forms(written) + read.notes, read.looks, fit,
        facts=facts_of(folder / name for name in names if name not in bad), bad=bad,
    )  # fmt: skip
    name = given.stem if given else folder.resolve().name
    return make_task(name, photos, seed=seed, source=f"table {name}", near_copies=near_copies)


def _told_apart(
    rows: pd.DataFrame, path_column: str, label_column: str
) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows that name a file for the first time, once none contradicts another."""
    refuse_empty(rows, path_column, label_column)
    kinds = rows.groupby(path_column)[label_column].nunique()
    if twice := list(map(str, kinds[kinds > 1].index)):
        msg = f"each file must have one label; these have several: {', '.join(twice)}"
        raise ValueError(msg)
    again = rows[path_column].duplicated()
    note = f"{count(int(again.sum()), 'row')} naming a file again: taken once"
    return rows[~again], [note] if again.any() else []


def _read(
    files: list[tuple[Path, str]], lost: dict[str, str], size: int, fit: str, skip_bad: bool
) -> Read:
    """Read files; name all that are lost or bad, in an error or, where they may be, in a note."""
    read = read_images(files, size, fit)
    bad = lost | read.bad
    told = "".join(f"\n  {file}: {why}" for file, why in bad.items())
    of = f"{len(bad)} of {len(files) + len(lost)} files are not readable images"
    if bad and not (skip_bad and len(read.images)):  # something must be left to learn from
        msg = f"{of}; repair or remove them, or pass skip_bad=True:{told}"
        raise ValueError(msg)
    notes = read.notes + ([f"{of} and left out:{told}"] if bad else [])
    return read._replace(notes=notes)
