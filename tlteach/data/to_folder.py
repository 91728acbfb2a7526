"""A task of images written out, a folder of files for each class: `from_folder` reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tlteach.base import atomic_write, checked, in_range, one_of
from tlteach.data.names import fault_of
from tlteach.data.task import Split, Task

PARTS = ("train", "val", "test")


@checked
def to_folder(task: Task, folder: str | Path, *, splits: Sequence[str] = PARTS) -> Path:
    """Write the images of a task as PNG files, a folder for each class.

    To practise on: what ships becomes a folder such as people have, with the pixels as they are.
    Images of one group share a sub-folder, so that `from_folder` keeps them together. The data
    card goes along as ``card.md``, since licence and source belong to the images.

    Parameters
    ----------
    task : Task
        Of images.
    folder : path
        New or empty.
    splits : sequence of {"train", "val", "test"}
        Whose images to write; `from_folder` will draw splits of its own.

    Returns
    -------
    Path
        `folder`.

    Raises
    ------
    FileExistsError
        If something is in the folder.
    TypeError, ValueError
        For a task of texts, unknown splits, splits without an image, and class names that cannot
        be folders.

    Examples
    --------
    >>> import tempfile
    >>> import tlteach as tlt
    >>> photos = tlt.load_task("photos")
    >>> folder = to_folder(photos, f"{tempfile.mkdtemp()}/photos", splits=["val"])
    >>> sorted(path.name for path in folder.iterdir())[:3]
    ['bird', 'card.md', 'coin']
    >>> len(list(folder.rglob("*.png"))) == len(photos.val)
    True
    """
    folder = Path(folder).expanduser()
    for split in splits:
        one_of("split", split, PARTS)
    for name in task.classes:
        if why := fault_of(name):
            msg = f"class {name!r} cannot be a folder: it {why}"
            raise ValueError(msg)
    if folder.exists() and any(folder.iterdir()):
        msg = f"{folder.name} must be new or empty, so that no files are mixed"
        raise FileExistsError(msg)
    parts = [getattr(task, split) for split in splits]
    in_range("number of images", sum(map(len, parts)), 1)
    number = 0
    for part in parts:
        for image, where in zip(part.images, _places(task, part), strict=True):
            number += 1
            target = folder / where / f"{Path(where).parts[0]}_{number:05d}.png"
            with atomic_write(target) as temporary:
                pixels = image.permute(1, 2, 0).squeeze(2).numpy()
                Image.fromarray(pixels).save(temporary, format="png")
    (folder / "card.md").write_text(task.card.text, encoding="utf-8")
    return folder


def _places(task: Task, part: Split) -> list[str]:
    """Return the folder of each image: its class, and in it its group where that has several."""
    known, counts = part.groups.unique(return_counts=True)
    several = set(known[counts > 1].tolist())
    labels, groups = part.labels.tolist(), part.groups.tolist()
    return [
        f"{task.classes[label]}/group_{group:05d}" if group in several else task.classes[label]
        for label, group in zip(labels, groups, strict=True)
    ]
