"""A shelf: pictures on disk, in one folder for each class; what comes in is looked at first."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tlteach.base import atomic_write, one_of
from tlteach.data.found import folders_in, images_below
from tlteach.data.images import read_image
from tlteach.data.names import LONGEST, fault_of, one_form

FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp"}
MOST_BYTES = 8_000_000  # of one picture: Jupyter cuts the connection at 10 MB a message
MOST_PIXELS = 50_000_000  # decoded they take 150 MB
THUMB = 96  # pixels


class Shelf:
    """Class folders with pictures in them.

    Parameters
    ----------
    root : path
        Is made where it is not there.
    classes : sequence of str, optional
        Default: the folders that are there.

    Examples
    --------
    >>> import tempfile
    >>> shelf, picture = Shelf(tempfile.mkdtemp(), ["cup", "pen"]), io.BytesIO()
    >>> Image.new("RGB", (40, 30), "red").save(picture, format="png")
    >>> shelf.add("cup", "red one.png", picture.getvalue())
    'red one.png'
    >>> shelf.counts()
    {'cup': 1, 'pen': 0}
    """

    def __init__(self, root: str | Path, classes: Sequence[str] | None = None) -> None:
        self.root = Path(root).expanduser().resolve()
        if self.root.exists() and not self.root.is_dir():
            msg = f"folder must be a folder; {self.root.name} is a file"
            raise NotADirectoryError(msg)
        self.classes = _checked(_there(self.root) if classes is None else classes)
        there = {one_form(name): name for name in _there(self.root)}  # from a Mac: accents apart
        self._folders = {label: self.root / there.get(label, label) for label in self.classes}
        self._removed: list[tuple[str, str, bytes]] = []
        for folder in self._folders.values():
            folder.mkdir(parents=True, exist_ok=True)

    def files(self, label: str) -> dict[str, Path]:
        """Return the images of a class by name, in natural order, those of sub-folders too."""
        folder = self._folders[one_of("class", label, self.classes)]
        return {file.name: file.path for file in images_below(folder).files}

    def newest(self, label: str) -> list[str]:
        """Return the names of a class's images, the one written last first."""
        known = self.files(label)
        return sorted(known, key=lambda name: known[name].stat().st_mtime_ns, reverse=True)

    def counts(self) -> dict[str, int]:
        """Return how many images each class has."""
        return {label: len(self.files(label)) for label in self.classes}

    def add(self, label: str, name: str, data: bytes) -> str:
        """Write a picture into a class; return the name that it got.

        Raises
        ------
        ValueError
            For an unknown class, a name with a path in it, what is no picture, is too large, or
            is there already.
        """
        one_of("class", label, self.classes)
        if any(c in "/\\" or ord(c) < 32 for c in name):
            msg = f"the name of a picture must be a name without a path; got {name!r}"
            raise ValueError(msg)
        ending = _ending(name, data)
        self._refuse_copy(name, data)
        stem = re.sub(r"[^\w\- ]+", "_", one_form(Path(name).stem)).strip(" _")[: LONGEST - 20]
        stem = "picture" if fault_of(stem) else stem
        path = self._free(self._folders[label], stem, ending)
        with atomic_write(path) as temporary:
            temporary.write_bytes(data)
        return path.name

    def remove(self, label: str, name: str) -> None:
        """Delete a picture of a class; `undo` brings it back.

        Raises
        ------
        ValueError
            For a name that is none of the class's pictures.
        """
        path = self._path(label, name)
        self._removed.append((label, name, path.read_bytes()))
        path.unlink()

    def undo(self) -> tuple[str, str]:
        """Bring back the picture deleted last; return its class and name.

        Raises
        ------
        ValueError
            If none was deleted, or another file has its name now.
        """
        if not self._removed:
            msg = "nothing was deleted here, so nothing can be brought back"
            raise ValueError(msg)
        label, name, data = self._removed[-1]
        path = self._folders[label] / name
        if path.exists():
            msg = f"another picture is called {name} now: delete or rename it first"
            raise ValueError(msg)
        with atomic_write(path) as temporary:
            temporary.write_bytes(data)
        self._removed.pop()
        return label, name

    def thumb(self, label: str, name: str) -> bytes:
        """Return a small WebP of a picture; nothing for one that cannot be read."""
        try:
            small = read_image(self._path(label, name), THUMB)
        except (OSError, ValueError, Image.DecompressionBombError):
            return b""
        buffer = io.BytesIO()
        Image.fromarray(small.permute(1, 2, 0).numpy()).save(buffer, format="webp", quality=80)
        return buffer.getvalue()

    def _path(self, label: str, name: str) -> Path:
        known = self.files(label)
        if name not in known:
            msg = f"{label} has no picture {name!r}"
            raise ValueError(msg)
        return known[name]

    def _refuse_copy(self, name: str, data: bytes) -> None:
        for label in self.classes:
            for known, path in self.files(label).items():
                if path.stat().st_size == len(data) and path.read_bytes() == data:
                    msg = f"{name} is there already, as {label}/{known}: a copy teaches nothing new"
                    raise ValueError(msg)

    @staticmethod
    def _free(folder: Path, stem: str, ending: str) -> Path:
        """Return a path where nothing is: of this name, or with the first number that is free."""
        path, i = folder / f"{stem}{ending}", 1
        while path.exists() or path.is_symlink():
            i += 1
            path = folder / f"{stem}_{i}{ending}"
        return path


def _there(root: Path) -> list[str]:
    return [folder.name for folder in folders_in(root)] if root.is_dir() else []


def _checked(classes: Sequence[str]) -> tuple[str, ...]:
    if isinstance(classes, str) or len(classes) < 2:
        msg = f"classes must be at least 2 names, such as ['cup', 'pen']; got {classes!r}"
        raise ValueError(msg)
    for name in classes:
        if not isinstance(name, str) or (why := fault_of(name)):
            why = why if isinstance(name, str) else "is no text"
            msg = f"classes become folders, which cannot be called {name!r}: it {why}"
            raise ValueError(msg)
    if len({one_form(name).casefold() for name in classes}) < len(classes):
        msg = f"classes must differ by more than upper case; got {', '.join(classes)}"
        raise ValueError(msg)
    return tuple(one_form(name) for name in classes)


def _ending(name: str, data: bytes) -> str:
    """Return the ending for a picture's format, after it was decoded whole."""
    if len(data) > MOST_BYTES:
        most = MOST_BYTES / 1e6
        msg = f"{name} has {len(data) / 1e6:.1f} MB, the most is {most:.0f} MB: save it smaller"
        raise ValueError(msg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on tags
            with Image.open(io.BytesIO(data), formats=[*FORMATS]) as image:
                wide, high = image.size
                if wide * high <= MOST_PIXELS:
                    image.load()
                ending = FORMATS[str(image.format)]
    except Exception as error:  # decoders raise nearly anything on damaged files
        kinds = ", ".join(FORMATS)
        msg = f"{name} is no picture that can be read ({kinds}): {type(error).__name__}"
        raise ValueError(msg) from error
    if wide * high > MOST_PIXELS:
        msg = f"{name} has {wide} x {high} pixels, the most is {MOST_PIXELS:,}: save it smaller"
        raise ValueError(msg)
    return ending
