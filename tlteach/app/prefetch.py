"""`tlteach prefetch`: what the notebooks compute, kept in one folder that many may read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tlteach.base import course_folder, one_of

TIERS = ("class", "full", "smoke")


class Filled(NamedTuple):
    """What the run of one notebook left in the folder.

    Attributes
    ----------
    notebook : str
        Its name.
    files : int
        How many files it added.
    size : int
        Bytes in the folder.
    """

    notebook: str
    files: int
    size: int

    def __str__(self) -> str:
        return f"{self.notebook}: {self.files} files more, {self.size / 1e6:.0f} MB in all"


def prefetch(
    folder: str | Path, notebooks: Sequence[str] = (), *, tier: str = "class"
) -> Iterator[Filled]:
    """Run solved notebooks, and keep in a folder what they put into the cache.

    Set `TLTEACH_SHARED` to that folder: it is looked into before anything is computed, and nothing
    is written there. No notebook needs a network, so all of it is computed.

    Parameters
    ----------
    folder : str or Path
        Made where it is missing; what is there is used, so a second run is quicker.
    notebooks : sequence of str
        Numbers or names; default all.
    tier : {"class", "full", "smoke"}
        `TLTEACH_TIER` of those who will read it. Others read what the tiers have in common.

    Yields
    ------
    Filled
        After each notebook.

    Raises
    ------
    ValueError
        For an unknown notebook or tier, a file in the folder's place, or a notebook that fails.

    Examples
    --------
    >>> next(prefetch("shared", ["99"]))
    Traceback (most recent call last):
        ...
    ValueError: notebook must be one of '00', ...; got '99'
    """
    from tlteach.classroom.kit_run import run
    from tlteach.lessons.course import TITLES, number_of

    place = Path(folder)
    if place.exists() and not place.is_dir():
        msg = f"prefetch needs a folder; got the file {place}"
        raise ValueError(msg)
    one_of("tier", tier, TIERS)
    chosen = [number_of(name) for name in notebooks or TITLES]
    place.mkdir(parents=True, exist_ok=True)
    for number in chosen:
        before = len(_sizes(place))
        solved = course_folder() / "solutions" / f"{number}_{TITLES[number]}.ipynb"
        run(solved, tier, home=place)
        after = _sizes(place)
        yield Filled(solved.stem, len(after) - before, sum(after))


def _sizes(place: Path) -> list[int]:
    return [path.stat().st_size for path in place.rglob("*") if path.is_file()]
