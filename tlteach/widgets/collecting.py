"""`collect`: pictures by camera, drag and drop, file chooser or paste, into class folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import traitlets

from tlteach.base import checked
from tlteach.widgets._shelf import Shelf
from tlteach.widgets._talking import Talking, script

MOST_SHOWN = 200  # thumbnails of a class, the newest


class Collect(Talking):
    """Take pictures into class folders, look at them, delete them.

    Pictures and thumbnails travel as messages, never as saved state: a notebook that is handed in
    holds none of them.

    Parameters
    ----------
    folder : str or Path
        Is made where it is not there.
    classes : sequence of str, optional
        A folder each; default the folders that are there.

    Attributes
    ----------
    folder : Path
        Read it with `from_folder` when there are enough.
    counts : dict
        Pictures per class.
    said : str
        The last thing that was said to the user.

    Examples
    --------
    >>> import tempfile
    >>> Collect(tempfile.mkdtemp(), ["cup", "pen"]).counts
    {'cup': 0, 'pen': 0}
    """

    _esm = script("collect")
    counts: traitlets.Dict[str, int] = traitlets.Dict().tag(sync=True)

    def __init__(self, folder: str | Path, classes: Sequence[str] | None = None) -> None:
        self._shelf = Shelf(folder, classes)
        super().__init__(classes=list(self._shelf.classes), counts=self._shelf.counts())

    @property
    def folder(self) -> Path:
        """Where the class folders are."""
        return self._shelf.root

    def __repr__(self) -> str:
        told = ", ".join(f"{label} {n}" for label, n in self.counts.items())
        return f"<collect into {self.folder.name}: {told}>"

    def add(self, label: str, name: str, data: bytes) -> str:
        """Add a picture as a click would; return the name that its file got.

        Parameters
        ----------
        label : str
            One of the classes.
        name : str
            What to call it.
        data : bytes
            Of a JPEG, PNG, WebP, GIF or BMP file.

        Raises
        ------
        ValueError
            For an unknown class, a path in the name, what is no picture, too large or a copy.
        """
        written = self._shelf.add(label, name, data)
        self._changed("added", label, written, f"{label}: {written} is in.")
        return written

    def remove(self, label: str, name: str) -> None:
        """Delete a picture; `undo` brings it back.

        Raises
        ------
        ValueError
            If the class has no such picture.
        """
        self._shelf.remove(label, name)
        self._changed("removed", label, name, f"{label}: {name} is deleted; Undo brings it back.")

    def undo(self) -> None:
        """Bring back the picture that was deleted last.

        Raises
        ------
        ValueError
            If there is none.
        """
        label, name = self._shelf.undo()
        self._changed("added", label, name, f"{label}: {name} is back.")

    def _changed(self, what: str, label: str, name: str, said: str) -> None:
        self.counts = self._shelf.counts()
        thumb = [self._shelf.thumb(label, name)] if what == "added" else []
        self.send({"do": what, "label": label, "name": name}, thumb)
        self._say(said)

    def _show(self) -> None:
        """Send every class's thumbnails to a view that has just appeared."""
        self.counts = self._shelf.counts()
        for label in self.classes:
            names = self._shelf.newest(label)[:MOST_SHOWN]
            thumbs = [self._shelf.thumb(label, name) for name in names]
            self.send({"do": "shown", "label": label, "names": names}, thumbs)

    def _do(self, content: dict[str, Any], buffers: Sequence[Any]) -> bool:
        match content:
            case {"do": "list"}:
                self._show()
            case {"do": "add", "label": str(label), "name": str(name)} if buffers:
                self.add(label, name, bytes(buffers[0]))
            case {"do": "remove", "label": str(label), "name": str(name)}:
                self.remove(label, name)
            case {"do": "undo"}:
                self.undo()
            case _:
                return False
        return True


@checked
def collect(folder: str | Path, classes: Sequence[str] | None = None) -> Collect:
    """Collect pictures of your own, by camera, drag and drop, file chooser or paste.

    What the camera or a file shows is written as JPEG of at most 1024 pixels a side, without the
    place and time that a phone writes beside it, so that no class differs from another by its kind
    of file. Pictures go from the browser to the machine that runs Python, and nowhere else. Each
    file is written beside its place and then renamed, so that no half of one is ever found.

    Number keys take a picture into the class of that number, Delete deletes the picture that has
    the focus.

    Parameters
    ----------
    folder : path
        Is made where it is not there; pictures in it are shown.
    classes : sequence of str, optional
        A folder each. Default: the folders that are there.

    Returns
    -------
    Collect
        A widget; its `folder` is what `from_folder` reads.

    Raises
    ------
    ValueError
        For fewer than two classes, or names that cannot be folders on every system.

    Examples
    --------
    >>> import tempfile
    >>> collect(f"{tempfile.mkdtemp()}/desk", classes=["cup", "pen"])
    <collect into desk: cup 0, pen 0>
    """
    return Collect(folder, classes)
