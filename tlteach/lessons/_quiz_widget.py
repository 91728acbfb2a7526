"""A question on the page: native radio buttons, for keyboard and screen reader."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

WAIT = 3000  # milliseconds that live buttons have to come
BELOW = """
<div class="tlt-still-{still}" id="tlt-quiz-{still}"><p><strong>{ask}</strong></p>
<ul>{options}</ul><p>{said}</p><p>To answer, run this cell.</p></div>
<script type="module">
const box = document.getElementById("tlt-quiz-{still}");
setTimeout(() => {{
  const above = box.offsetParent && box.closest(".jp-OutputArea-child")?.previousElementSibling;
  if (above && !above.querySelector(".tlt-quiz")) above.style.display = "none";
}}, {wait});
</script>
"""
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
    still = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        ask: str,
        options: Sequence[str],
        answer: Callable[[str], str],
        *,
        choice: str = "",
        said: str = "",
    ) -> None:
        still = uuid4().hex[:12]
        super().__init__(ask=ask, options=list(options), choice=choice, said=said, still=still)
        self._answer = answer
        self.observe(self._chosen, "choice")

    def below(self) -> str:
        """Return HTML for a notebook that is reopened: JupyterLab says "Loading widget..." then."""
        options = "".join(f"<li>{html.escape(option)}</li>" for option in self.options)
        return BELOW.format(
            still=self.still,
            ask=html.escape(self.ask),
            options=options,
            said=html.escape(self.said),
            wait=WAIT,
        )

    def _chosen(self, change: dict[str, Any]) -> None:
        self.said = self._answer(change["new"])
