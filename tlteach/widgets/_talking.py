"""Widgets that are asked by messages and say what came of it: nothing they are sent is saved."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets
from PIL import Image

from tlteach.widgets._bundle import STATIC


class Talking(anywidget.AnyWidget):
    """A widget whose views ask by messages; what cannot be done is said there, and raises nothing.

    Attributes
    ----------
    said : str
        The last thing that was said to the user.
    """

    _css = STATIC / "camera.css"
    classes: traitlets.List[str] = traitlets.List().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._heard)

    @abstractmethod
    def _do(self, content: dict[str, Any], buffers: Sequence[Any]) -> bool:
        """Do what a view asks for; return whether it was understood."""

    def _say(self, text: str, *, fault: bool = False) -> None:
        self.said = text
        self.send({"do": "said", "text": text, "fault": fault})

    def _heard(self, _: object, content: dict[str, Any], buffers: Sequence[Any]) -> None:
        try:
            if not self._do(content, buffers):
                self._say("That was not understood.", fault=True)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            self._say(f"Not done: {error}", fault=True)


def script(name: str) -> str:
    """Return the front end of a widget with a camera: what all of them share, then its own."""
    return "".join((STATIC / f"{part}.js").read_text("utf-8") for part in ("camera", name))
