"""`tlteach notebooks`: the learners' copies in a folder of their own, where nothing is lost."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tlteach.base import atomic_write, course_folder, sha256, wrapped

NOTE = ".tlteach-notebooks.json"  # what was copied, by name, with its hash
FOLDER = Path("tlteach-notebooks")  # where `tlteach lab` puts them
FIRST = "00_start.ipynb"


@dataclass
class Copied:
    """What a copy did, by file names relative to the folder.

    Attributes
    ----------
    folder : Path
        Where to.
    copied : list of str
        Written, where no file was.
    updated : list of str
        Replaced by what is newer here; the learner had not changed them.
    newer : list of str
        Left as they are, although newer here; the learner has not changed them.
    changed : list of str
        Left as they are: the learner's own, and something newer is here.
    own : list of str
        Left as they are: the learner's own, and nothing is newer here.
    other : list of str
        Left as they are: other files of these names, which were not copied from here.
    same : list of str
        As in the package.
    """

    folder: Path
    copied: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = {
            "copied": "copied",
            "updated": "updated, for you had not changed them",
            "newer": "newer here, unchanged by you: left as they are, --update takes the newer",
            "changed": "newer here, changed by you: left as they are; to have both, rename yours "
            "and say this again",
            "own": "changed by you, nothing newer here: left as they are",
            "other": "not copied from here, and different: left as they are",
            "same": "as they are here",
        }
        told = [
            f"{about} ({len(names)}): {', '.join(names)}"
            for kind, about in said.items()
            if (names := getattr(self, kind))
        ]
        return "\n".join([f"in {self.folder}:", *map(wrapped, told)])


def copy_notebooks(
    folder: str | Path, *, solved: bool = False, update: bool = False, course: Path | None = None
) -> Copied:
    """Copy notebooks and glossary into a folder, and overwrite nothing that a learner changed.

    The hashes of what was copied are kept in a small file beside them. So what a learner changed
    is told from what is merely older than the package.

    Parameters
    ----------
    folder : str or Path
        Made where it is missing.
    solved : bool, default False
        The solved notebooks, too, into ``solutions``.
    update : bool, default False
        Replace what is newer here and was not changed since it was copied.
    course : Path, optional
        Where from; default the `course_folder`.

    Returns
    -------
    Copied
        What was done with each file; its text says it.

    Raises
    ------
    ValueError
        For a file in the folder's place.
    FileNotFoundError
        Where the package lies without its course.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> copy_notebooks(folder).copied[:2]
    ['00_start.ipynb', '01_three_ways.ipynb']
    >>> _ = (folder / "00_start.ipynb").write_text("mine")
    >>> copy_notebooks(folder).own
    ['00_start.ipynb']
    """
    place, source = Path(folder), course or course_folder()
    if place.exists() and not place.is_dir():
        msg = f"notebooks must go into a folder; got the file {place}"
        raise ValueError(msg)
    known, told = _known(place), Copied(place)
    for path in _files(source, solved=solved):
        name = path.relative_to(source).as_posix()
        here, kind = sha256(path), _state(place / name, path, known.get(name))
        if kind == "newer" and update:
            kind = "updated"
        if kind in ("copied", "updated"):
            with atomic_write(place / name) as temporary:
                temporary.write_bytes(path.read_bytes())
        if kind in ("copied", "updated", "same"):
            known[name] = here
        getattr(told, kind).append(name)
    with atomic_write(place / NOTE) as temporary:
        temporary.write_text(json.dumps(known, indent=1), encoding="utf-8")
    logging.getLogger(__name__).info(
        "copied %s, left %s", told.copied, told.own + told.changed + told.other
    )
    return told


def holds_notebooks(folder: Path) -> bool:
    """Return whether a folder holds the notebooks."""
    return (folder / FIRST).is_file()


def _files(source: Path, *, solved: bool) -> Iterator[Path]:
    yield from sorted(source.glob("[0-9][0-9]_*.ipynb"))
    yield source / "glossary.md"
    if solved:
        yield from sorted((source / "solutions").glob("[0-9][0-9]_*.ipynb"))


def _state(mine: Path, theirs: Path, before: str | None) -> str:
    """Return which list of `Copied` a file belongs to; `before` is the hash of its last copy."""
    if not mine.exists():
        return "copied"
    held, here = sha256(mine), sha256(theirs)
    if held == here:
        return "same"
    if held == before:
        return "newer"
    if before is None:
        return "other"
    return "own" if before == here else "changed"


def _known(place: Path) -> dict[str, str]:
    """Return the hashes of what was copied before; without a readable note nothing was."""
    try:
        noted = json.loads((place / NOTE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {str(k): str(v) for k, v in noted.items()} if isinstance(noted, dict) else {}
