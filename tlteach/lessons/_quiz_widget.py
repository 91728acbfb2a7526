"""A question on the page: native radio buttons, for keyboard and screen reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

STATIC = Path(__file__).resolve().parent / "static"


class QuizWidget(anywidget.AnyWidget):
    """Radio buttons, and what there is to say of the one chosen.

    ipywidgets has radio buttons too, but JupyterLab takes their arrow keys.

    Attributes
    ----------
    choice : str
        Empty for nothing yet.
    said : str
    """

    _esm = STATIC / "quiz.js"
    _css = STATIC / "quiz.css"
    ask = traitlets.Unicode().tag(sync=True)
    options: traitlets.List[str] = traitlets.List().tag(sync=True)
    choice = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        ask: str,
        options: Sequence[str],
        answer: Callable[[str], str],
        *,
        choice: str = "",
        said: str = "",
    ) -> None:
        super().__init__(ask=ask, options=list(options), choice=choice, said=said)
        self._answer = answer
        self.observe(self._chosen, "choice")

    def _chosen(self, change: dict[str, Any]) -> None:
        self.said = self._answer(change["new"])
